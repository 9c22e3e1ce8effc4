"""Files of the program besides the downloads themselves. Nothing here knows the event loop.

Downloads:
    queue, entry, queue_rows    queue.db, the list and the history; a row of it; its columns
    passports, progress_notes   NAME.part.json; progress noted on the partial between two of them
    identities, file_systems    recognising files; what their file systems support
    finished_files              what became of finished files since
    recovery, list_files        requests from partials and lists found in folders
    link_requests               a request from a link of a text

The program:
    settings, setting_kinds     settings.toml; the kinds of settings
    settings_checks             valid settings that cannot be used on this machine
    folders                     whether files can be put into a folder
    host_memory, unsent         hosts.json: what was learnt of hosts; unsent.txt: links not added
    paths, lock, atomic         paths of all these; one program at a time; atomic replacement
    log_tail                    the last lines of the log
"""
