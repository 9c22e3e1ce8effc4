"""Text that waited in the dialog that adds links when the program ended without asking about it.

Headers and logins may be in it, so only the user may read it; it is kept for one start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.store.atomic import write_atomic

if TYPE_CHECKING:
    from pathlib import Path


def save(file: Path, text: str) -> None:
    """Keep a text for the next start. Blocks.

    Raises:
        OSError: it cannot be written.
    """
    write_atomic(str(file), text.encode("utf-8", "replace"))


def take(file: Path) -> str:
    """Return the text that was kept, "" for none, and keep it no longer. Blocks."""
    try:
        text = file.read_bytes().decode("utf-8", "replace")
        file.unlink()
    except OSError:
        return ""
    return text
