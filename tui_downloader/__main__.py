"""The program's entry: `tui-downloader`, `python -m tui_downloader`."""

from __future__ import annotations

import contextlib
import gc
import os
import sys


def main() -> None:
    """Run the program and leave."""
    # What is made while starting up stays: nothing of it is worth looking for garbage in. Whoever
    # runs for longer switches the collector on again.
    gc.disable()
    from tui_downloader.cli import main as run

    _leave(run())


def _leave(code: int) -> None:
    """End the process at once: everything is closed, and what Python would now take apart piece by
    piece is a tenth of the time that a small download takes.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # whoever read it is gone
            if stream is not None:  # closed before the start
                stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
