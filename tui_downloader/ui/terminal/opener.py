"""Opens files and folders with the desktop's default program, never in this terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

GONE = "cannot open it: it was moved or deleted"
_REFUSES_WITHIN_S = 1.0
_NOTHING_OPENS = "cannot open it: the desktop has no program for it, or there is no desktop"


class Process(Protocol):
    """The part of `subprocess.Popen` that is used here."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit status when it has ended.

        Raises:
            subprocess.TimeoutExpired: it runs longer than `timeout` seconds.
        """


def opener_command(path: str, platform: str = sys.platform) -> list[str]:
    """Return the command that opens a path on a platform."""
    if platform == "darwin":
        return ["open", path]
    if platform == "win32":
        return ["explorer", path]
    return ["xdg-open", path]


def open_detached(path: str, start: Callable[..., Process] = subprocess.Popen) -> str:
    """Open an absolute path or a page; blocks until a program was started, or for a moment.

    Args:
        path: a file, a folder, or the address of a page.
        start: starts a program, called like `subprocess.Popen`.

    Returns:
        "" when the opener was started, else a sentence why not.
    """
    command = opener_command(path)
    if "://" not in path and not os.path.lexists(path):
        return GONE  # not every opener says so
    if shutil.which(command[0]) is None:
        return f"cannot open it: {command[0]} is not installed"
    nothing = subprocess.DEVNULL
    try:
        process = start(
            command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )
    except OSError as error:
        return f"cannot open it: {error.strerror or error}"
    try:
        status = process.wait(_REFUSES_WITHIN_S)
    except subprocess.TimeoutExpired:
        # Somebody has to collect the opener's exit status; it may never end.
        threading.Thread(target=process.wait, name="opener", daemon=True).start()
        return ""
    # Explorer returns 1 even when all is well.
    return _NOTHING_OPENS if status and command[0] != "explorer" else ""
