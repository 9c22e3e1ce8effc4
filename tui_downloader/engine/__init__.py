"""Downloads carried out; what is named here is all that other layers use.

Importing this package does not load aiohttp: entering an `Engine` does, in a thread.

    engine, options     wishes and snapshots; what a run of the program is told at its start
    parts               all parts, joined, from start to end
    events, clock       rare facts for others; the clock that waits go by

Rooms, each of which imports only from those below it:

    queue               all downloads: which are wanted, who is next, who is held back by what
    transfer            one download, from its first request to its last byte
    disk                partials, names, small files, threads for what blocks
    network             one client, bodies, limits, what is known of hosts
"""

from tui_downloader.engine.engine import Engine
from tui_downloader.engine.events import EventFeed
from tui_downloader.engine.options import EngineOptions, Move
from tui_downloader.model.events import EngineEvent, EventKind

__all__ = ["Engine", "EngineEvent", "EngineOptions", "EventFeed", "EventKind", "Move"]
