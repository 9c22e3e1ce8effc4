"""Screens and dialogs, each with its stylesheet.

Modules:
    main                        the list: lays its widgets out, turns keys into commands
    dialog, backdrop, cover     the base of all dialogs; the darkened screen behind them; what
                                hides them in a window that is too small
    form                        the base of those with several fields
    add                         the dialog that adds links
    edit, new_url, checksum     one download wanted differently; at another address; compared
    limit, path, ask            one field for a limit; for a path; a question with its keys
    menu                        the second key of a command that has two
    listing, history, log       a full list with a filter; what ended; the program's log
    settings                    groups, entries, what one means
    filtered, help, themes      a list that words narrow; all keys; the themes
"""
