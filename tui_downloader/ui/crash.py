"""What is said when the program itself fails: where, but nothing of what it was working with.

The variables and the message of an exception may hold addresses with tokens, headers, passwords.
A terminal is copied into reports; the log, which has the message, takes secrets out.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import App

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

_log = logging.getLogger("tui_downloader")
_DEEPEST_FRAMES = 6


class CrashApp(App[None]):
    """An application that tells its own crash.

    Attributes:
        log_file: where there is more, None for nowhere.
    """

    log_file: Path | None = None
    _has_crashed = False

    def _fatal_error(self) -> None:
        """Textual's own shows all variables: addresses, headers and logins among them."""
        error = sys.exc_info()[1]
        if error is not None and not self._has_crashed:
            self._has_crashed = True
            log_crash(error)
            self.panic(Text(crash_words(error, self.log_file), overflow="fold"))


class Raised(AbstractContextManager[None]):
    """Raises what goes wrong inside where it ends the interface; the loop would only log it.

    A screen that does not change any more looks like downloads that do not.

    Args:
        call_later: calls something with arguments, in the course of the interface.
    """

    def __init__(self, call_later: Callable[..., object]) -> None:
        self._call_later = call_later

    def __exit__(self, _: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, Exception):
            self._call_later(_raise, error)
        return isinstance(error, Exception)


def _raise(error: Exception) -> None:
    raise error


def crash_words(error: BaseException, log_file: Path | None) -> str:
    """Say in which lines of the program an exception came up, and of which kind it is."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    lines = traceback.format_tb(error.__traceback__, limit=-_DEEPEST_FRAMES)
    where = f" The log has more: {log_file}" if log_file is not None else ""
    return (
        f"{''.join(lines)}{type(error).__name__}\n\n"
        "tui-downloader failed and has ended. Everything received is kept, and the next start "
        f"goes on with it.{where}"
    )


def log_crash(error: BaseException) -> None:
    """Keep an exception with its message."""
    _log.critical("the program failed", exc_info=error)


def tell_crashes(log_file: Path) -> None:
    """From now on what ends the program is told in these words, too, on standard error."""

    def tell(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
        log_crash(error)
        sys.stderr.write(f"{crash_words(error, log_file)}\n")

    sys.excepthook = tell
