"""The engine's record of one download: its request, its status and its progress.

The only mutable record of a download. The status changes through `apply` alone; whatever is shown
or saved is a frozen copy made of it (`showing`, `details`, `entries`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.engine.transfer import download_log
from tui_downloader.engine.transfer.facts import Facts
from tui_downloader.engine.transfer.progress import Progress
from tui_downloader.engine.transfer.verdict import judged_anew
from tui_downloader.model.download import Assurance, DownloadRequest, Snapshot
from tui_downloader.model.naming import choose_name
from tui_downloader.model.proxy import host_by
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.retry import RetryBudget
from tui_downloader.model.speed import average, share_of
from tui_downloader.model.status import Event, Status, next_status
from tui_downloader.model.text import clean, redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.deadline import Deadline
    from tui_downloader.model.errors import Failure
    from tui_downloader.model.identity import KeptFile
    from tui_downloader.model.retry import Retry

# By these it goes well, or stands in line like any other: what went wrong before is in the log.
_HEALS = frozenset({Event.ANSWERED, Event.RECEIVED, Event.REQUEUE})
_WISHES = frozenset({Event.RESUME, Event.RESTART})
_UNCHECKED = Assurance.UNCHECKED  # looking a member up costs a call in Python 3.11
# Of what the server was not asked yet, and of what never ran; never changed.
_NOTHING_KNOWN, _NOTHING_DONE = Facts(), Progress()


class Download:
    """The engine's record of one download. Times are wall clock, in seconds.

    There may be thousands, and most only wait: objects that a run needs are made on demand.

    Args:
        download_id: stable and never used again.
        request: what the user asked for.
        added_at: when.
    """

    __slots__ = (
        "_active_since", "_budget", "_facts", "_guess", "_host", "_led_to", "_progress", "active_s",
        "added_at", "assurance", "busy_host", "checked_by", "disk_silent_since", "download_id",
        "failure", "finished_at", "from_zero", "kept_as", "kept_bytes", "log", "may_find_room",
        "moving_to", "name", "other_path", "parts_go_at", "phase", "phase_since", "position",
        "received_bytes", "request", "retry", "set_aside_bytes", "shown", "shown_url", "status",
        "tell_change", "total_bytes", "version", "wait_end", "wished_at",
    )  # fmt: skip

    def __init__(self, download_id: int, request: DownloadRequest, added_at: float) -> None:
        self.download_id = download_id
        self.request = request
        self.added_at = added_at
        self.wished_at = steady()  # when the user last wished anything that makes it go on
        self.status = Status.QUEUED
        self.phase = ""
        self.phase_since = added_at
        self.name = ""
        self.total_bytes: int | None = None  # of the file; None while unknown
        self._facts: Facts | None = None
        # Since it was added or started again from 0; the time is up to the last change of status.
        self.received_bytes, self.active_s = 0, 0.0
        self.failure: Failure | None = None
        self.retry: Retry | None = None  # the last one granted; None: it waits for something else
        self.wait_end: Deadline | None = None  # of WAITING, where a time is known
        self.busy_host = ""  # who asked for that wait, be it where a redirect leads to
        self.finished_at: float | None = None
        self.assurance: Assurance | None = None
        self.checked_by = ""
        self.kept_bytes = 0
        self.set_aside_bytes = 0  # of an earlier part that stays until the new one has more
        self.parts_go_at: float | None = None  # unless it goes on before
        self.disk_silent_since: float | None = None  # it waits for a disk that does not answer
        self.kept_as: tuple[KeptFile, ...] = ()  # files with a wrong digest, the latest last
        self.may_find_room = False  # at a host that refuses more than it serves; others stay away
        self.from_zero = False  # what is here is not to be gone on with
        self.moving_to = ""  # the folder, while its files are copied or linked there
        self.other_path = ""  # while it is moved: the final path where it may have files as well
        self.position = 0
        self.log: download_log.Log = ()
        self._active_since: float | None = None
        self._progress: Progress | None = None
        self._budget: RetryBudget | None = None
        self.version = 0  # of what is shown of it
        self.shown: Snapshot | None = None  # as of the last snapshot, None when changed since
        self.tell_change: Callable[[], None] | None = None  # marks copies as outdated
        self.shown_url = redact(request.url)
        self._guess = ""
        self._host = ""
        self._led_to = ""

    def __repr__(self) -> str:
        return f"<Download {self.download_id} {self.status.name} {self.shown_name!r}>"

    @property
    def facts(self) -> Facts:
        """What is known of the file."""
        if self._facts is None:
            self._facts = Facts()
        return self._facts

    @facts.setter
    def facts(self, facts: Facts) -> None:
        self._facts = facts

    @property
    def known_facts(self) -> Facts:
        """The same, read-only: makes no object for downloads that never reached a server."""
        return self._facts or _NOTHING_KNOWN

    @property
    def progress(self) -> Progress:
        """Bytes and speeds of the current run."""
        if self._progress is None:
            self._progress = Progress()
        return self._progress

    @property
    def known_progress(self) -> Progress:
        """The same, read-only: makes no object for downloads that never ran."""
        return self._progress or _NOTHING_DONE

    @property
    def budget(self) -> RetryBudget:
        """Which faults are still to be tried again."""
        if self._budget is None:
            self._budget = RetryBudget()
        return self._budget

    @property
    def has_bytes(self) -> bool:
        """Some of the file is on disk, be it in an earlier part that was set aside."""
        here_bytes = self.kept_bytes or self.set_aside_bytes
        return bool(here_bytes or (self._progress and self._progress.done.total))

    @property
    def shown_name(self) -> str:
        """The final name, or the best guess before the server answered."""
        if self.name:
            return self.name
        if not self._guess:
            url = self.request.url
            self._guess = choose_name(
                wanted=self.request.name, disposition=None, final_url=url, first_url=url
            )
        return self._guess

    @property
    def host(self) -> str:
        """Name and port of its address, with the proxy of its own, if any (see `host_by`)."""
        if not self._host:
            self._host = sys.intern(host_by(self.request.url, self.request.proxy))  # few differ
        return self._host

    @property
    def needed_host(self) -> str:
        """The host (name and port) that must be reachable: the last redirect's target, if any."""
        return self._led_to or self.host

    def led_to(self, host: str) -> None:
        """Note the host that a redirect leads to, or that could not be reached on the way."""
        self._led_to = sys.intern(host)

    @property
    def clean_name(self) -> str:
        """`shown_name`, safe to display."""
        return clean(self.shown_name)

    @property
    def final_path(self) -> str:
        """Where the finished file is or will be; "" before its name is known."""
        return os.path.join(self.request.folder, self.name) if self.name else ""

    def apply(self, event: Event, now: float) -> None:
        """Change the status by the transition table.

        Raises:
            IllegalTransition: the event does not fit; nothing has changed.
        """
        before, self.status = self.status, next_status(self.status, event)
        self.phase = ""
        self.phase_since = now
        self.parts_go_at = None
        if self.status is not Status.WAITING:
            self.wait_end, self.busy_host = None, ""
        if event in _HEALS:
            self.failure = None
        self._count_time(now)
        if event in _WISHES:
            self.wished_at = steady()
            if event is Event.RESTART or (before is Status.CANCELLED and not self.has_bytes):
                self._begin_anew()
        self.changed()
        if line := self._step_line(event):
            self.log = download_log.with_line(self.log, now, line)

    def _step_line(self, event: Event) -> download_log.Line:
        """Return the log line for a change of status, "" when another line says it."""
        if event is Event.ANSWERED:
            done_bytes = self.progress.done.total
            return download_log.Answered(self.total_bytes, done_bytes, self.facts.resumed_by)
        if event is Event.FINISHED:
            came = self.total_bytes or 0, self.received_bytes, self.active_s
            return download_log.Finished(*came, self.assurance is _UNCHECKED)
        return download_log.STEPS.get(event, "")

    def _count_time(self, now: float) -> None:
        if self._active_since is not None:
            self._skip_gap(now)
            self.active_s = self.active_s_at(now)
        self._active_since = now if self.status is Status.DOWNLOADING else None
        if self._progress is not None:
            self._progress.is_carried_out(now, is_running=self.status.is_running)

    def _skip_gap(self, now: float) -> None:
        if self._active_since is not None:
            self._active_since += self.progress.gap_s(self._active_since, now)

    def _begin_anew(self) -> None:
        """Reset the figures of the whole download: it starts again from byte 0."""
        self.received_bytes, self.active_s = 0, 0.0
        self.assurance, self.checked_by = None, ""
        # Thousands that never ran may be brought back by one key: no object is made for them.
        if self._progress is not None:
            self._progress.forget_speeds()
        if self._facts is not None:
            self._facts.computed = ""

    def changed(self) -> None:
        """Mark the last snapshot as outdated."""
        self.shown = None
        if self.tell_change is not None:
            self.tell_change()

    def set_phase(self, phase: str, now: float) -> None:
        """Set what CONNECTING or VERIFYING is doing, or how its file is checked again."""
        self.phase = phase
        self.phase_since = now
        self.changed()

    def looked_after(self, now: float) -> None:
        """Count the time until now as spent receiving, whether anything has come or not."""
        self._skip_gap(now)
        self.progress.looked_at = now

    def received(self, n_bytes: int, now: float) -> None:
        """Count new bytes, which are on disk and in `progress.done`."""
        progress = self.progress
        self._skip_gap(now)
        progress.received(n_bytes, now)
        self.received_bytes += n_bytes
        if progress.done.total > progress.most_bytes:
            self.budget.progressed(progress.done.total - progress.most_bytes)
            progress.most_bytes = progress.done.total

    def count_afresh(self) -> None:
        """What comes from now on is progress, even if that much was here before."""
        if self._progress is not None:
            self._progress.most_bytes = 0

    def grant_tries(self) -> None:
        """Every fault may be tried again as often as at first."""
        if self._budget is not None:
            self._budget.reset()

    def forget_bytes(self) -> None:
        """Nothing of the file is on disk any more."""
        self.set_aside_bytes = 0
        self.lose_part()

    def lose_part(self) -> None:
        """The current part is gone; an earlier one that was set aside may remain."""
        self.kept_bytes = 0
        if self._progress is not None:
            self._progress.done = RangeSet()
        self.condemn_parts(None)

    def condemn_parts(self, at: float | None) -> None:
        """Set when its parts are deleted, unless it goes on before; None keeps them."""
        self.parts_go_at = at
        self.changed()

    def ask(self, request: DownloadRequest, now: float) -> None:
        """Replace the request; the engine sees to what follows from that."""
        if words := download_log.edit_words(self.request, request):
            self.note(now, words)
        if self.status is Status.COMPLETED and request.checksum != self.request.checksum:
            self.assurance, self.checked_by = judged_anew(request.checksum, self.known_facts)
        if request.url != self.request.url and self._facts is not None:
            self._facts.final_url, self._facts.resumable = "", None  # it was not asked yet
        is_limited_anew = request.limit_bytes_per_s != self.request.limit_bytes_per_s
        first_host = self.host
        self.request, self.wished_at = request, steady()
        if is_limited_anew:
            self.limits_changed(now, share_of(request.limit_bytes_per_s, self.rate(now)))
        self.shown_url = redact(request.url)
        self._guess = self._host = self._led_to = ""
        if self.host != first_host:
            self.may_find_room = False  # that was at the other one
        self.changed()

    def limits_changed(self, now: float, share: float) -> None:
        """A speed limit changed; `share` is the fraction of the current speed that it leaves."""
        if self._progress is not None:
            self._progress.limits_changed(now, share)

    def note(self, now: float, words: str) -> None:
        """Add a line to the log of this download."""
        self.log = download_log.with_line(self.log, now, clean(words, 300))

    @property
    def is_checked_again(self) -> bool:
        """See `Snapshot.is_checked_again`."""
        return bool(self.phase) and self.status.is_ended

    @property
    def done_bytes(self) -> int:
        """Bytes on disk, or hashed while a digest is compared."""
        if self.status is Status.VERIFYING or self.is_checked_again:
            return self.progress.hashed_bytes
        if self.status is Status.COMPLETED:
            return self.total_bytes or 0
        if self.status.is_running:
            return max(self.progress.done.total, self.kept_bytes)
        return self.kept_bytes

    def rate(self, now: float) -> float:
        return self.progress.rate(now) if self.status is Status.DOWNLOADING else 0.0

    def active_s_at(self, now: float) -> float:
        since = self._active_since
        if since is None:
            return self.active_s  # the same object: thousands are shown at once
        return self.active_s + max(0.0, now - since)

    def max_bytes_per_s(self, now: float) -> float:
        """Return the highest speed; never below the average, as a second may begin at any time."""
        highest = 0.0 if self._progress is None else self._progress.max_bytes_per_s
        return max(highest, average(self.received_bytes, self.active_s_at(now)))

    def pace(self, now: float) -> float:
        """Return the expected bytes per second: those of the last 10 s, within its own limit.

        0 when nothing came in the period that the shown speed covers.
        """
        if not self.rate(now):
            return 0.0
        measured = self.progress.throughput.expected.rate(now)
        return min(measured, self.request.limit_bytes_per_s or measured)
