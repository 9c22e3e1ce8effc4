"""The terminal: its keys, pastes and mouse, and what it is sent besides the picture.

Modules:
    driver, own_terminal        Textual's driver, patient; what the terminal is told besides
    terminal_kind               which terminal it is
    escape_key, paste_guard     what comes from it: escape by itself, pastes without control signs
    input_clock, key_burst      when keys came; pastes that come as keys
    line_paste                  pastes of several lines into fields of one
    key_turns, mouse            one key after the other; the left button alone
    terminal_status, window_title    what is told to it besides the picture; the title
    taskbar, notices, opener    progress; notifications; the desktop's own programs
    clipboard                   copying, also into tmux's buffer
"""
