"""What the line mode says of samples of the queue that a test makes up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.ui.fake_engine import NOW
from tui_downloader.cli.plain_teller import Teller
from tui_downloader.engine import EngineEvent, EventKind
from tui_downloader.model.download import QueueSnapshot

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot

# What happened since the last look, the downloads of this one, and its time in seconds.
Look = tuple[list["EngineEvent"], list["Snapshot"], float]


def happened(kind: EventKind) -> EngineEvent:
    return EngineEvent(kind, 1, "a.bin", "")


def told(*looks: Look, as_json: bool = False) -> str:
    """Everything that is said about these samples."""
    said: list[str] = []
    teller = Teller(said.append, as_json=as_json)
    for events, downloads, at in looks:
        scheduled = sum(each.start_at is not None for each in downloads)
        queue = QueueSnapshot(tuple(downloads), scheduled=scheduled, taken_at=NOW + at)
        teller.look(events, queue)
    return "\n".join(said)
