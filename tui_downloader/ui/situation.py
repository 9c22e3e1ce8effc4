"""When a command applies, and how its title changes with the situation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_downloader.model.status import Event, Status, allows

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether a command applies now.

    Attributes:
        highlighted: the download under the highlight.
        rows: rows in the current view.
        downloads: entries in the whole list.
        running: how many of them are being carried out.
        is_ready: the engine can take wishes.
        has_panel: the details are on the screen.
        is_limited: a global speed limit is set.
    """

    highlighted: Snapshot | None = None
    rows: int = 0
    downloads: int = 0
    running: int = 0
    is_ready: bool = True
    has_panel: bool = False
    is_limited: bool = False


Test = Callable[[Situation], bool]


def always(_: Situation) -> bool:
    return True


def with_rows(situation: Situation) -> bool:
    return situation.rows > 0


def with_highlight(situation: Situation) -> bool:
    return situation.highlighted is not None


def ready(situation: Situation) -> bool:
    return situation.is_ready


def ready_with_highlight(situation: Situation) -> bool:
    return situation.is_ready and situation.highlighted is not None


def ready_with_downloads(situation: Situation) -> bool:
    return situation.is_ready and situation.downloads > 0


def status_of(situation: Situation) -> Status | None:
    if situation.highlighted is None or not situation.is_ready:
        return None
    return situation.highlighted.status


def failed_by(situation: Situation) -> str:
    """The code of what the highlighted download failed with; "" when it did not."""
    shown = situation.highlighted
    if shown is None or shown.failure is None or shown.status is not Status.FAILED:
        return ""
    return shown.failure.code


def can_pause_or_resume(situation: Situation) -> bool:
    status = status_of(situation)
    return status is not None and (status is Status.PAUSED or allows(status, Event.PAUSE))


def can_cancel(situation: Situation) -> bool:
    status = status_of(situation)
    return status is not None and allows(status, Event.CANCEL)


def can_retry(situation: Situation) -> bool:
    status = status_of(situation)
    return status is not None and allows(status, Event.RESUME)


def can_restart(situation: Situation) -> bool:
    """Also while it runs: then it is stopped first."""
    status = status_of(situation)
    return status is not None and (status.is_running or allows(status, Event.RESTART))


def can_change_url(situation: Situation) -> bool:
    """There is something left to transfer."""
    return status_of(situation) not in (None, Status.COMPLETED)


def can_open(situation: Situation) -> bool:
    """The finished file, or the web page that came instead of it."""
    return status_of(situation) is Status.COMPLETED or failed_by(situation) == "web-page"


def can_toggle_limit(situation: Situation) -> bool:
    return situation.is_ready


def has_panel(situation: Situation) -> bool:
    return situation.has_panel


def pause_title(situation: Situation) -> str:
    return "Resume" if status_of(situation) is Status.PAUSED else "Pause"


def retry_title(situation: Situation) -> str:
    shown = situation.highlighted
    if shown is None:
        return "Retry"
    if failed_by(situation) in ("exists", "web-page"):
        return "Choose"
    if shown.status is Status.WAITING:
        return "Retry now"
    return "Resume" if shown.status in (Status.PAUSED, Status.CANCELLED) else "Retry"
