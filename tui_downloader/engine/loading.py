"""What takes long to import, and is loaded while the interface is on the screen already."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tui_downloader.engine.trust import issuers_unread

if TYPE_CHECKING:
    from types import ModuleType


def import_client() -> ModuleType:
    """Return the module `client`, and with it aiohttp, which reads no issuers meanwhile. Blocks."""
    with issuers_unread():
        return importlib.import_module(f"{__package__}.client")
