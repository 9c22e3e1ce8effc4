"""Checks whether files can be put into a folder, by trying it. Blocks."""

from __future__ import annotations

import os

from tui_downloader.model.text import clean
from tui_downloader.store.paths import short_folder


def problem_with_folder(folder: str) -> str:
    """Create a folder if it is missing; say why no file can be put into it, "" if one can.

    Args:
        folder: absolute.
    """
    shown = clean(short_folder(folder), 200)
    try:
        os.makedirs(folder, exist_ok=True)
        can_write = os.access(folder, os.W_OK | os.X_OK)
    except OSError as error:
        return f"{shown} cannot be made: {error.strerror}"
    except ValueError:
        return f"no folder can be called {shown}"
    return "" if can_write else f"{shown} cannot be written to"
