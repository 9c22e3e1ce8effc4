"""What limits a download, or keeps it from going on, with the key that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.errors import DiskFull, code_of
from tui_downloader.model.slowness import Remedy
from tui_downloader.model.status import Status
from tui_downloader.ui.view.cells import NO_BREAK

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.slowness import Cause
    from tui_downloader.ui.view.context import Context

SLOWED_BY = "slowed by"  # stands before the sentence

# The command, and what pressing its key is for.
_STEPS = {
    Remedy.OWN_LIMIT: ("edit", "to change it"),
    Remedy.PROGRAM_LIMIT: ("limit", "to change it"),
    Remedy.OWN_CONNECTIONS: ("more_connections", "for more"),
    Remedy.SHARED_CONNECTIONS: ("settings", "to change it"),
}


def with_remedy(cause: Cause, context: Context) -> str:
    """Write the sentence, and the key that helps, if any, behind a dot; to be wrapped."""
    words = cause.written(context.figures.rate)
    if cause.remedy is None:
        return words
    # In one line: a comma at its end would look like the sentence's own.
    step = _press(*_STEPS[cause.remedy], context).replace(" ", NO_BREAK)
    return f"{words}{context.dot}{step}"


def _press(command_id: str, purpose: str, context: Context) -> str:
    return f"press {context.keymap.key_of(command_id)} {purpose}"


def queue_remedy(snapshot: Snapshot, context: Context) -> str:
    """How to start a download that only waits for others to end; "" if it waits for more."""
    is_in_line = snapshot.status is Status.QUEUED and snapshot.queue_place and not snapshot.hold
    if not (is_in_line and context.at_once):
        return ""
    step = _press("settings", "to change it", context)
    return f"how many run at once is a setting{context.dot}{step}"


def room_remedy(snapshot: Snapshot, context: Context) -> str:
    """What of its own helps to fill the disk that stopped it, and how to be rid of that; or ""."""
    if code_of(snapshot.failure) != DiskFull.code or not snapshot.set_aside_bytes:
        return ""
    size = context.figures.size(snapshot.set_aside_bytes).strip()
    step = _press("cancel", "to delete both", context)
    return f"{size} there are an earlier part of it{context.dot}{step}"
