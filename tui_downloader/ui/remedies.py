"""What holds a download back, running or in line, with the key that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.slowness import Remedy
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.slowness import Cause
    from tui_downloader.ui.words import Context

# The command, and what it does about it.
_STEPS = {
    Remedy.OWN_LIMIT: ("edit", "changes it"),
    Remedy.PROGRAM_LIMIT: ("limit", "changes it"),
    Remedy.OWN_CONNECTIONS: ("more_connections", "allows more"),
    Remedy.SHARED_CONNECTIONS: ("settings", "changes it"),
}


def with_remedy(cause: Cause, context: Context) -> str:
    """Write the sentence, and the key that helps behind a dot where there is one."""
    if cause.remedy is None:
        return cause.words
    command_id, what = _STEPS[cause.remedy]
    return f"{cause.words}{context.dot}{context.keymap.key_of(command_id)} {what}"


def queue_remedy(snapshot: Snapshot, context: Context) -> str:
    """What lets a download start that waits for others to end; "" when it waits for more."""
    is_in_line = snapshot.status is Status.QUEUED and snapshot.queue_place and not snapshot.hold
    if not (is_in_line and context.at_once):
        return ""
    key = context.keymap.key_of("settings")
    return f"how many run at once is a setting{context.dot}{key} changes it"
