"""The program's entry: `tui-downloader`, `python -m tui_downloader`."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading

_DRAIN_S = 1.0


def main() -> None:
    """Run the program and leave."""
    # What is made while starting up stays: nothing of it is worth looking for garbage in. Whoever
    # runs for longer switches the collector on again.
    gc.disable()
    _open_what_is_closed()
    from tui_downloader.cli import main as run

    _leave(run())


def _open_what_is_closed() -> None:
    """Let no file get the number of a standard stream that was closed before the start.

    Words for the user would be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")


def _leave(code: int) -> None:
    """End the process at once: everything is closed, and what Python would now take apart piece by
    piece is a tenth of the time that a small download takes.
    """
    # A thread may be stuck in a terminal that takes nothing, and has the stream for itself.
    flush = threading.Thread(target=_flush, daemon=True)
    flush.start()
    flush.join(_DRAIN_S)
    os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # whoever read it is gone
            stream.flush()


if __name__ == "__main__":
    main()
