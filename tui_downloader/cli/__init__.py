"""The program as the shell starts it: the command line, and the runs that it can ask for.

Start-up stays lean: a run loads only what it uses.

The start:
    program, arguments          one run; parsing the command line
    invocation, complaints      arguments and settings together; errors and exit codes

What runs:
    with_queue                  the interface or the line mode, on a queue that is on disk
    get, get_report             downloads without a queue; their output
    plain, plain_input          the line mode; its input
    plain_session, plain_teller carries out its commands; its output
    plain_answers               that each command is answered, in its turn

What they share:
    reporting                   downloads as lines of text and of JSON
    drawing                     whether output can be overwritten
    log, log_file               logging without secrets; the log file
"""

from tui_downloader.cli.program import main

__all__ = ["main"]
