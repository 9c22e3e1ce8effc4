"""What a shell starts: builds the parts that the command line asks for, and joins them.

Start-up stays lean: a run loads only what it uses.

The start:
    program, arguments          one run; what the command line says
    invocation, complaints      all that a run was started with; why it could not be

What runs:
    with_queue                  the interface or the line mode, on a queue that is on disk
    get, get_report             downloads without a queue; what they say
    plain, plain_input          the line mode; the lines that it is given
    plain_session, plain_teller carries them out; what it says

What they share:
    reporting                   downloads as lines of text and of JSON
    drawing                     whether what is written can be written over
    log, log_file               what is logged, without secrets; where
"""

from tui_downloader.cli.program import main

__all__ = ["main"]
