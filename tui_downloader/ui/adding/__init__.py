"""From pasted text to requests; and edits of requests.

Modules:
    intake, adding              the way from a paste; what is wanted of the queue
    giving                      how the engine is asked for it
    add_plan, planning          what it means for the list; how that is found out
    queue_index, add_question   what the list has already; what is asked about that
    asked_again                 the same where nobody can be asked
    preview_rows, link_sizes    what the preview says; how large its links are
    editing                     the fields of the edit dialogs
"""
