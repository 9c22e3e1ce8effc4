"""Copying to the clipboard, also within tmux, which by default does not pass on OSC 52."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PATIENCE_S = 5.0
# With -w tmux hands it on to the terminal's clipboard; a tmux before 3.2 does not know that.
_WAYS = (("load-buffer", "-w", "-"), ("load-buffer", "-"))


class ClipboardApp(App[None]):
    """Copies to the terminal's clipboard, and within tmux to its buffer, too."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text without waiting for tmux."""
        super().copy_to_clipboard(text)
        if not self.is_headless and os.environ.get("TMUX"):
            fill = threading.Thread(target=fill_tmux_buffer, args=(text, os.environ), daemon=True)
            fill.start()


def fill_tmux_buffer(
    text: str,
    environ: Mapping[str, str],
    run: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run,
) -> None:
    """Put a text, which may be secret, into tmux's buffer; blocks.

    If there is no such program, or it fails, nothing happens.

    Args:
        run: runs a program, called like `subprocess.run`.
    """
    tmux = shutil.which("tmux", path=environ.get("PATH"))
    if tmux is None:
        return
    for way in _WAYS:
        try:
            done = run(
                [tmux, *way],
                input=text.encode(errors="replace"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(environ),
                start_new_session=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return
        if done.returncode == 0:
            return
