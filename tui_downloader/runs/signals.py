"""Signals that end the program in good order, where the platform has them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED = 130  # the exit code of who was told to end
# Saving takes milliseconds; a disk that takes longer must not keep the program. What is on record
# by then is true, and the next run goes on from there.
_GRACE_S = 2.5
_PATIENCE_S = 5.0
_STDERR = 2
DISK_WORDS = (
    "a disk does not answer, so not all is saved; what is on it stays, and goes on next time"
)
HURRIED_WORDS = "left before all was saved; what is on disk stays, and goes on next time"
# Windows has no SIGHUP, and no handlers on its loop.
_NAMES = ("SIGTERM", "SIGHUP", "SIGINT")


def catch_signals(handler: Callable[[], None]) -> None:
    """Call back, on the running loop, when the program is told to end.

    What nohup started hears nothing of its terminal's end.
    """
    loop = asyncio.get_running_loop()
    for name in _NAMES:
        with contextlib.suppress(AttributeError, NotImplementedError):
            number = getattr(signal, name)
            is_ignored = signal.getsignal(number) is signal.SIG_IGN
            if not (is_ignored and name == "SIGHUP"):
                loop.add_signal_handler(number, handler)


def leave_soon() -> None:
    """End the program as interrupted, should it not have ended by itself in a moment."""
    asyncio.get_running_loop().call_later(_GRACE_S, leave_now, INTERRUPTED)


def leave_at_last(code: int) -> asyncio.TimerHandle:
    """The same for who only has to save and was not told to end: a disk gets more time."""
    return asyncio.get_running_loop().call_later(_PATIENCE_S, leave_now, code)


def leave_now(code: int, words: str = DISK_WORDS) -> None:
    """End the program with this code and a word, whatever a thread may be stuck in."""
    with contextlib.suppress(OSError):  # the terminal may be gone
        os.write(_STDERR, f"tui-downloader: {words}\n".encode())
    os._exit(code)


def release_signals() -> None:
    """Let those signals end the program by themselves again."""
    loop = asyncio.get_running_loop()
    for name in _NAMES:
        with contextlib.suppress(AttributeError, NotImplementedError):
            loop.remove_signal_handler(getattr(signal, name))
