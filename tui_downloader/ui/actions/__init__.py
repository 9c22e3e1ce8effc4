"""What commands do, one module for each topic.

    actions                     all together; runs one that applies
    list_actions, panel_actions to the view of the list; to the panel
    download_actions            to downloads
    losing_actions, deleting    to their bytes; to their files
    edit_actions                to how one of them is asked for
    connection_actions          to their numbers of connections
    limit_actions               to speed limits
    desktop_actions             copying and opening
    record_actions              history, log, lists in files
    program_actions             help, settings, themes

What they need:
    action_support              questions, words, undo
    selection, copying          what a command is about, in words; what can be copied
    known_files                 the files that it is about, in words
    diagnostics                 facts for a report
    undo, restorer              what can be taken back; how the engine is asked for it
    whereabouts, trusted_hosts  where it is seen from now on; hosts that need not prove who they are
"""
