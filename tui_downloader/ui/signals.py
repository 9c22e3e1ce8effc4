"""Signals that end the program in good order, where the platform has them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Windows has no SIGHUP, and no handlers on its loop.
_NAMES = ("SIGTERM", "SIGHUP", "SIGINT")


def catch_signals(handler: Callable[[], None]) -> None:
    """Call back, on the running loop, when the program is told to end."""
    loop = asyncio.get_running_loop()
    for name in _NAMES:
        with contextlib.suppress(AttributeError, NotImplementedError):
            loop.add_signal_handler(getattr(signal, name), handler)


def release_signals() -> None:
    """Let those signals end the program by themselves again."""
    loop = asyncio.get_running_loop()
    for name in _NAMES:
        with contextlib.suppress(AttributeError, NotImplementedError):
            loop.remove_signal_handler(getattr(signal, name))
