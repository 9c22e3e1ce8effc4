"""When a command applies, and how its title changes with the situation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.errors import EXISTS, WebPageError, code_of
from tui_downloader.model.status import Event, Status, allows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.model.download import Snapshot
    from tui_downloader.store.finished_files import Fate


class Situation(NamedTuple):
    """What decides whether a command applies.

    Attributes:
        highlighted: the download under the highlight.
        marked: the states of all marked downloads, which commands are about instead.
        has_marked_scheduled: some of them wait for a time.
        going_on: what it is called to go on with those of them that were stopped.
        has_gone: some of what a command is about is done, and its file is not there any more.
        fate: what became of the finished file of the highlighted download since.
        rows: rows in the current view.
        is_queue_order: they stand in the order of the queue.
        downloads: entries in the whole list.
        running: how many of them are being carried out.
        done: how many of them are.
        is_ready: the engine can take wishes.
        has_panel: the details are on the screen.
        is_full: the details have the whole screen.
        can_undo: what was done last can be taken back.
        final: what was done last, if it cannot, else "".
    """

    highlighted: Snapshot | None = None
    marked: frozenset[Status] = frozenset()
    has_marked_scheduled: bool = False
    going_on: frozenset[str] = frozenset()
    has_gone: bool = False
    fate: Fate | None = None
    rows: int = 0
    is_queue_order: bool = True
    downloads: int = 0
    running: int = 0
    done: int = 0
    is_ready: bool = True
    has_panel: bool = False
    is_full: bool = False
    can_undo: bool = False
    final: str = ""

    @property
    def chosen(self) -> frozenset[Status]:
        """The states of the downloads that a command applies to; none before the engine runs."""
        if not self.is_ready:
            return frozenset()
        if self.marked or self.highlighted is None:
            return self.marked
        return frozenset({self.highlighted.status})

    @property
    def has_scheduled(self) -> bool:
        """Some of the downloads that a command applies to wait for a start time."""
        if not self.is_ready:
            return False
        if self.marked or self.highlighted is None:
            return self.has_marked_scheduled
        return self.highlighted.start_at is not None


Test = Callable[[Situation], bool]

_STOPPED = frozenset({Status.PAUSED, Status.CANCELLED})


def always(_: Situation) -> bool:
    return True


def never(_: Situation) -> bool:
    return False


def with_done(situation: Situation) -> bool:
    """Something that a command is about has a finished file, which may be gone by now."""
    return Status.COMPLETED in situation.chosen


def with_rows(situation: Situation) -> bool:
    return situation.rows > 0


def with_highlight(situation: Situation) -> bool:
    return situation.highlighted is not None


def with_highlight_or_marks(situation: Situation) -> bool:
    return situation.highlighted is not None or bool(situation.marked)


def ready(situation: Situation) -> bool:
    return situation.is_ready


def ready_with_highlight(situation: Situation) -> bool:
    return situation.is_ready and situation.highlighted is not None


def ready_with_chosen(situation: Situation) -> bool:
    return bool(situation.chosen)


def ready_with_done(situation: Situation) -> bool:
    return situation.is_ready and situation.done > 0


def ready_with_downloads(situation: Situation) -> bool:
    return situation.is_ready and situation.downloads > 0


def status_of(situation: Situation) -> Status | None:
    if situation.highlighted is None or not situation.is_ready:
        return None
    return situation.highlighted.status


def failed_by(situation: Situation) -> str:
    """The error code of the highlighted download; "" if it has not failed."""
    shown = situation.highlighted
    return "" if shown is None or shown.status is not Status.FAILED else code_of(shown.failure)


def any_allows(situation: Situation, event: Event) -> bool:
    return any(allows(status, event) for status in situation.chosen)


def can_pause_or_resume(situation: Situation) -> bool:
    return any_allows(situation, Event.PAUSE) or Status.PAUSED in situation.chosen


def can_cancel(situation: Situation) -> bool:
    return any_allows(situation, Event.CANCEL)


def can_retry(situation: Situation) -> bool:
    """Also scheduled downloads, which start now, and finished ones whose file is gone."""
    if situation.is_ready and situation.has_gone:
        return True
    return situation.has_scheduled or any_allows(situation, Event.RESUME)


def can_restart(situation: Situation) -> bool:
    """Also running downloads, which are stopped first."""
    running = any(status.is_running for status in situation.chosen)
    return running or any_allows(situation, Event.RESTART)


def can_undo(situation: Situation) -> bool:
    return situation.is_ready and situation.can_undo


def has_something_left(situation: Situation) -> bool:
    """There is something left to transfer."""
    return status_of(situation) not in (None, Status.COMPLETED)


def can_connect(situation: Situation) -> bool:
    """The same for any download that a command applies to."""
    return not situation.chosen <= {Status.COMPLETED}


def can_open(situation: Situation) -> bool:
    """The finished file, or the web page that came instead of it."""
    return status_of(situation) is Status.COMPLETED or failed_by(situation) == WebPageError.code


def details_title(situation: Situation) -> str:
    """The same key opens and closes them."""
    return "Close" if situation.is_full else "Details"


def has_panel(situation: Situation) -> bool:
    return situation.has_panel


def pause_title(situation: Situation) -> str:
    is_resuming = Status.PAUSED in situation.chosen and not any_allows(situation, Event.PAUSE)
    if not is_resuming:
        return "Pause"
    return "From 0" if starts_over(situation) else "Resume"


def starts_over(situation: Situation) -> bool:
    """The highlighted download has to start again from 0."""
    shown = None if situation.marked else situation.highlighted
    return shown is not None and shown.resumable is False and shown.kept_bytes > 0


def retry_title(situation: Situation) -> str:
    shown = situation.highlighted
    if shown is not None and not situation.marked:
        if failed_by(situation) in (EXISTS, WebPageError.code):
            return "Choose"
        if shown.status is Status.WAITING:
            return "Retry now"
        if situation.has_gone:
            return "Fetch again"
    if situation.has_scheduled and not any_allows(situation, Event.RESUME):
        return "Start now"
    left = situation.chosen - {Status.COMPLETED}  # whose files are there stay as they are
    if situation.has_gone or not (left and left <= _STOPPED):
        return "Retry"
    if starts_over(situation):
        return "From 0"
    titles = (
        going_on_titles([shown] if shown and not situation.marked else ()) or situation.going_on
    )
    return next(iter(titles)) if len(titles) == 1 else "Retry"


def going_on_titles(downloads: Iterable[Snapshot]) -> frozenset[str]:
    """Return what it is called to go on with those of them that were stopped."""
    return frozenset(
        "Restart" if each.status is Status.CANCELLED and not each.kept_bytes else "Resume"
        for each in downloads
        if each.status in _STOPPED
    )
