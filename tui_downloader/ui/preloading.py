"""Imports what dialogs need while the program is idle, so that the first one opens fast.

The start does without them: the first picture comes sooner.
"""

from __future__ import annotations

import asyncio
import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from tui_downloader.ui import screens

if TYPE_CHECKING:
    from textual.app import App
    from textual.css.stylesheet import Stylesheet

    from tui_downloader.runs.garbage_collector import GarbageCollector

# After the list is shown, and before the user begins to type.
PRELOAD_AT_S = 0.5
_FOLDER = Path(screens.__file__).parent


async def preload(app: App[None], collector: GarbageCollector) -> None:
    """Import the modules of the dialogs in a thread, then parse their styles piece by piece.

    A style sheet that is met only when its dialog opens has all others parsed again with it.
    """
    names = sorted(path.stem for path in _FOLDER.glob("[a-z]*.py"))
    await asyncio.to_thread(_import, names)
    for path in sorted(_FOLDER.glob("*.tcss")):
        if read_styles(app.stylesheet, path):
            # Keys and pictures come between two files.
            await asyncio.sleep(0)
    if not app.is_headless:
        collector.keep()


def read_styles(stylesheet: Stylesheet, path: Path) -> bool:
    """Parse a style sheet unless that was done before; tell whether it was done now."""
    if stylesheet.has_source(str(path), ""):
        return False
    stylesheet.read(path)
    stylesheet.parse()
    return True


def _import(names: list[str]) -> None:
    for name in names:
        importlib.import_module(f"{screens.__name__}.{name}")
