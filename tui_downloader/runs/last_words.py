"""What is printed when the program itself crashes: where it happened, but no data.

Variables and messages of exceptions may contain addresses with tokens, headers or passwords, and
terminals are copied into bug reports. The log, which has the message, removes secrets.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_log = logging.getLogger(__name__)
_DEEPEST_FRAMES = 6


def crash_words(error: BaseException, log_file: Path | None, goes_on: str = "next start") -> str:
    """Say in which lines of the program an exception was raised, and of which kind it is.

    Args:
        goes_on: what goes on with what was received.
    """
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    lines = traceback.format_tb(error.__traceback__, limit=-_DEEPEST_FRAMES)
    where = f" The log has more: {log_file}" if log_file is not None else ""
    return (
        f"{''.join(lines)}{type(error).__name__}\n\n"
        f"tui-downloader failed and has ended. Everything received is kept, and the {goes_on} "
        f"goes on with it.{where}"
    )


def log_crash(error: BaseException) -> None:
    """Log an exception with its message."""
    _log.critical("the program failed", exc_info=error)


def tell_crashes(log_file: Path | None, goes_on: str = "next start") -> None:
    """Print these words to standard error for any exception that ends the program from now on.

    Args:
        log_file: where there is more, None for nowhere.
    """

    def tell(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        if log_file is not None:
            log_crash(error)
        sys.stderr.write(f"{crash_words(error, log_file, goes_on)}\n")

    sys.excepthook = tell
