"""The terminal interface. Everything that knows Textual is in here.

`screens` has what fills a window or lies over the list, `widgets` what they are made of.

The application:
    app, run, parts             joins everything; one run of it; what the main screen is given
    engine_life, early_command  the engine entered and left; commands wished for before it is there
    feed                        snapshots of the queue at a bounded rate
    garbage_collector           kept away from what stays
    preloading                  what dialogs need, loaded while nobody waits
    background, crash, quitting work beside; a failure in good order; leaving, however it is wanted

What is shown:
    board, lens                 the queue at one moment, as the user looks at it
    filtering, patterns         the filter language; regular expressions in bounded time
    sorting, sort_keys, marks   orders; what they are called; which downloads are marked
    frame, bars, viewline       the lines around the list: widgets, their words, the views
    rows, columns, words        a row of the list; where its columns stand; its message
    reasons, remedies           failures and what holds back, in words with the keys that help
    details_lines               the panel, tab by tab
    details_facts, details_graph, details_parts    its tabs of facts, its graph, what both share
    cells, figures, rates       text measured in cells; numbers; the last speeds, for graphs
    glyphs, ascii, hyperlinks   the characters; none but ASCII; text that opens an address
    theme, contrast, toasts     colours; that can be read; short messages
    dialog                      a screen over the list

Commands:
    command, commands           what a command is; all of them, for keys, footer, palette and help
    list_commands, window_commands    the two halves of the table
    situation, keymap           when each applies; the user's own keys
    refusals                    what its key says when it does not
    palette, search_words       commands found by words, also by other words
    actions                     what they do, all together; runs one that applies
    list_actions, panel_actions what they do to the view of the list; to the panel
    download_actions            to downloads
    losing_actions              to their bytes
    edit_actions                to how one of them is asked for
    connection_actions          to their numbers of connections
    action_support              what these need: questions, words, undo
    limit_actions               to speed limits
    desktop_actions             copying and opening
    record_actions              history, log, lists in files
    program_actions             help, settings, themes
    selection, copying          what a command is about, in words; what can be copied
    diagnostics                 facts for a report
    undo, restorer              what can be taken back; how the engine is asked for it
    whereabouts, trusted_hosts  where it is seen from now on; hosts that need not prove who they are

Adding, editing, settings:
    intake, adding              the way from a paste; what is wanted of the queue
    add_plan, planning          what it means for the list; how that is found out
    queue_index, add_question   what the list has already; what is asked about that
    preview_rows, link_sizes    what the preview says; how large its links are
    editing                     the fields of the edit dialogs
    preferences, live_settings  settings checked and saved; those that hold at once
    setting_entries, log_tail   lines of the settings screen and of the log

Keys and the terminal:
    driver, own_terminal        Textual's driver, patient; what the terminal is told besides
    terminal_kind               which terminal it is
    escape_key, paste_guard     what comes from it: escape by itself, pastes without control signs
    input_clock, key_burst      when keys came; pastes that come as keys
    key_turns, mouse            one key after the other; the left button alone
    terminal_status, window_title    what is told to it besides the picture; the title
    taskbar, notices, opener    progress; notifications; the desktop's own programs
    clipboard                   copying, also into tmux's buffer
"""

import os

# Textual reads this once, when it is first imported: keys are painted sooner at 120 than at 60.
os.environ.setdefault("TEXTUAL_FPS", "120")
