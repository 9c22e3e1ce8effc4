"""A crash of the interface: ends it cleanly, with a message."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import App

from tui_downloader.runs.last_words import crash_words, log_crash

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType


class CrashApp(App[None]):
    """An application that reports its own crash.

    Attributes:
        log_file: where there is more, None for nowhere.
    """

    log_file: Path | None = None
    _has_crashed = False

    def _fatal_error(self) -> None:
        """Show a message, where Textual shows all variables: addresses, headers, logins."""
        error = sys.exc_info()[1]
        if error is not None and not self._has_crashed:
            self._has_crashed = True
            log_crash(error)
            self.panic(Text(crash_words(error, self.log_file), overflow="fold"))


class Raised(AbstractContextManager[None]):
    """Re-raises an exception where it ends the interface; the event loop would only log it.

    Otherwise the screen would simply stop changing, as if the downloads did.

    Args:
        call_later: calls a function within the interface.
    """

    def __init__(self, call_later: Callable[..., object]) -> None:
        self._call_later = call_later

    def __exit__(self, _: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, Exception):
            self._call_later(_raise, error)
        return isinstance(error, Exception)


def _raise(error: Exception) -> None:
    raise error
