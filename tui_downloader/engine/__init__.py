"""Downloads carried out; what is named here is all that other layers use.

Importing this package does not load aiohttp: entering an `Engine` does, in a thread.
"""

from tui_downloader.engine.engine import Engine
from tui_downloader.engine.events import EngineEvent, EventFeed, EventKind
from tui_downloader.engine.options import EngineOptions, Move

__all__ = ["Engine", "EngineEvent", "EngineOptions", "EventFeed", "EventKind", "Move"]
