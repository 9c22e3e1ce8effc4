"""What limits a download or keeps it in the queue, with the key that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.slowness import Remedy
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.slowness import Cause
    from tui_downloader.ui.view.context import Context

SLOWED_BY = "slowed by"  # stands before the sentence

# The command, and what it does about it.
_STEPS = {
    Remedy.OWN_LIMIT: ("edit", "changes it"),
    Remedy.PROGRAM_LIMIT: ("limit", "changes it"),
    Remedy.OWN_CONNECTIONS: ("more_connections", "allows more"),
    Remedy.SHARED_CONNECTIONS: ("settings", "sets it"),
}


def with_remedy(cause: Cause, context: Context) -> str:
    """Write the sentence, and the key that helps, if any, behind a dot."""
    if cause.remedy is None:
        return cause.words
    command_id, what = _STEPS[cause.remedy]
    return f"{cause.words}{context.dot}{_key(command_id, context)} {what}"


def _key(command_id: str, context: Context) -> str:
    """Write a key within a sentence: a bare sign would look like punctuation."""
    key = context.keymap.key_of(command_id)
    return key if key.isalnum() else f"key {key}"


def queue_remedy(snapshot: Snapshot, context: Context) -> str:
    """How to start a download that only waits for others to end; "" if it waits for more."""
    is_in_line = snapshot.status is Status.QUEUED and snapshot.queue_place and not snapshot.hold
    if not (is_in_line and context.at_once):
        return ""
    key = _key("settings", context)
    return f"how many run at once is a setting{context.dot}{key} changes it"
