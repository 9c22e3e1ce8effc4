"""Commands: the table of all of them, their keys, and when each applies.

Modules:
    command, commands           one; all of them, for keys, footer, palette and help
    list_commands, window_commands    the two halves of the table
    situation, keymap           when each applies; the user's own keys
    refusals                    what its key says when it does not
    palette, search_words       commands found by words, also by other words
"""
