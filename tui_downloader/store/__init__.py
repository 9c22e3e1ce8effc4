"""What is on disk besides the downloads themselves. Nothing here knows the event loop.

Downloads:
    queue, entry, queue_rows    queue.db, the list and the history; a row of it; its columns
    passports, progress_notes   NAME.part.json; what is noted on the partial between two of them
    identities, file_systems    which file has a name; what its file system keeps
    finished_files              what became of them since
    recovery, list_files        partials and lists found in folders: what they ask for
    link_requests               a link of a text as a request on this machine

The program:
    settings, setting_kinds     settings.toml; what a setting may be
    settings_checks             settings of the right form that cannot be used here
    folders                     whether files can be put into a folder
    host_memory                 hosts.json: what was learnt of hosts
    paths, lock, atomic         where all that lies; one program at a time; files replaced whole
    log_tail                    the last lines of the log
"""
