"""The output of the line mode: one sentence, or one JSON object, per line.

Events are reported once each; the progress of a download at every tenth, or every half minute.
Nothing here moves a cursor or uses colours.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tui_downloader.cli.reporting import (
    activity,
    ended_facts,
    ended_line,
    error_facts,
    first_scheduled,
    held_words,
    json_line,
    start_phrase_of,
    start_time,
    waits_for_space,
)
from tui_downloader.engine import EventKind
from tui_downloader.model.start_times import start_stamp
from tui_downloader.model.status import Status
from tui_downloader.model.units import format_bytes, format_duration, format_eta, format_rate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tui_downloader.engine import EngineEvent
    from tui_downloader.model.download import QueueSnapshot, Snapshot
    from tui_downloader.model.errors import Failure

PROGRESS_S = 30.0
_PROGRESS_PERCENT = 10
_FEW_LINES = 100
_MINUTE_S = 60
_SCHEDULED = "scheduled"
# Asked of ten thousand downloads at each look; looking a member up costs a call in Python 3.11.
_DOWNLOADING, _WAITING, _QUEUED = Status.DOWNLOADING, Status.WAITING, Status.QUEUED
_NOTES = frozenset({EventKind.NOTE, EventKind.MOVED, EventKind.DISCARDED, EventKind.MIRROR})
_WORDS = {
    EventKind.ADDED: "added",
    EventKind.STARTED: "started",
    EventKind.PAUSED: "paused",
    EventKind.REMOVED: "removed",
}


class Teller:
    """Turns events and snapshots of the queue into lines.

    Args:
        say: prints one line.
        as_json: JSON objects instead of sentences.
        encoding: of what is printed to.
        waiting: how many lines have not been taken yet; nobody hears of progress behind many.
    """

    def __init__(
        self,
        say: Callable[[str], object],
        *,
        as_json: bool,
        encoding: str = "utf-8",
        waiting: Callable[[], int] = lambda: 0,
    ) -> None:
        self._say = say
        self._encoding = encoding
        self._waiting_lines = waiting
        self._as_json = as_json
        self._progress: dict[int, tuple[int, float]] = {}  # tenth and time that were told last
        self._waiting: dict[int, float | None] = {}  # end of the wait that was told; None: unknown
        self._last: dict[int, EventKind] = {}
        self._held: set[int] = set()  # by a full disk, as was told
        self._awaited: float | None = None  # the minute that was told to be waited for

    def look(self, events: Sequence[EngineEvent], queue: QueueSnapshot) -> None:
        """Report what has happened, then the progress.

        Args:
            events: what came since the last look, oldest first.
            queue: taken after them.
        """
        by_id = {download.download_id: download for download in queue.downloads}
        for event in events:
            self._event(event, by_id.get(event.download_id), queue.taken_at)
        for download in queue.downloads:
            status = download.status
            if status is _DOWNLOADING:
                self._tell_progress(download, queue.taken_at)
            elif status is _WAITING:
                self._tell_wait(download, queue.taken_at)
            elif status is _QUEUED:  # its next start or stop is reported, too
                self._last.pop(download.download_id, None)
        self._tell_awaited(queue)

    def _event(self, event: EngineEvent, download: Snapshot | None, now: float) -> None:
        kind = event.kind.name.lower()
        if event.kind not in _NOTES:
            if self._last.get(event.download_id) is event.kind:
                return  # reported again when its task ended
            self._last[event.download_id] = event.kind
        if event.kind in _NOTES:
            self.note(f"{event.name}: {event.message}" if event.name else event.message)
        elif download is not None and download.status.is_ended and event.kind not in _WORDS:
            self._waiting.pop(download.download_id, None)
            self._put(
                f"{download.download_id}: {ended_line(download)}",
                {"event": kind, **_identity(download), **ended_facts(download)},
            )
        elif event.kind in _WORDS:
            self._tell_turn(event, download, now)

    def _tell_turn(self, event: EngineEvent, download: Snapshot | None, now: float) -> None:
        """Report a change of status that is no end; for a full disk, why and until when."""
        number, name = event.download_id, event.name
        facts = _identity(download) if download is not None else {"id": number, "name": name}
        verb, why = _WORDS[event.kind], ""
        if event.kind is EventKind.STARTED:
            verb = self._start_word(number)
        self._held.discard(number)
        self._waiting.pop(number, None)
        if event.kind is EventKind.PAUSED and download is not None and waits_for_space(download):
            assert download.failure is not None
            self._held.add(number)
            why = f": {held_words(download.failure)}"
            facts["error"] = error_facts(download.failure)
        if event.kind is EventKind.ADDED and download is not None and download.start_at is not None:
            why = f", starts {start_phrase_of(download, now)}"
        self._put(f"{number}: {verb} {name}{why}", {"event": event.kind.name.lower(), **facts})

    def _start_word(self, number: int) -> str:
        """The word for a start, or for the end of a reported wait."""
        if number in self._held or self._waiting.get(number, 0.0) is None:
            return "goes on with"
        return "retrying" if number in self._waiting else _WORDS[EventKind.STARTED]

    def _tell_progress(self, download: Snapshot, now: float) -> None:
        key, tenth = download.download_id, _tenth(download)
        told_tenth, told_at = self._progress.setdefault(key, (0, now))
        if self._waiting_lines() > _FEW_LINES:
            return
        if tenth > told_tenth or now - told_at >= PROGRESS_S:
            self._progress[key] = tenth, now
            self._put(
                f"{key}: {progress_words(download)}",
                {"event": "progress", **_identity(download), **_amounts(download)},
            )

    def _tell_wait(self, download: Snapshot, now: float) -> None:
        key, failure, retry = download.download_id, download.failure, download.retry
        if failure is None or self._waiting.get(key, 0.0) == download.resume_at:
            return
        self._waiting[key] = download.resume_at
        self._last.pop(key, None)
        wait_s = None if download.resume_at is None else max(0.0, download.resume_at - now)
        self._put(
            f"{key}: {_wait_words(download, failure, wait_s)}",
            {
                "event": "waiting",
                **_identity(download),
                "attempt": retry.attempt if retry else 0,
                "attempts": retry.attempts if retry else 0,
                "wait_s": None if wait_s is None else round(wait_s, 1),
                "error": error_facts(failure),
            },
        )

    def _tell_awaited(self, queue: QueueSnapshot) -> None:
        """Say until when nothing happens, if only scheduled downloads are left."""
        is_awaited = queue.scheduled and not any(map(_goes_on, queue.downloads))
        first = first_scheduled(queue) if is_awaited else None
        # To the minute, as it is told: the same time in other words, or a second later, is no news.
        minute = None if first is None else (first.start_at or 0.0) // _MINUTE_S
        if first is not None and minute != self._awaited:
            count = sum(download.start_at is not None for download in queue.downloads)
            self.note(f"waiting until {start_time(first, queue.taken_at)}: {count} scheduled")
        self._awaited = minute

    def added(self, ids: Sequence[int]) -> None:
        """Report many added downloads in one sentence."""
        self._put(
            f"added {len(ids)} downloads, {ids[0]} to {ids[-1]}",
            {"event": "added", "ids": list(ids)},
        )

    def note(self, sentence: str) -> None:
        """Report something that concerns no single download."""
        self._put(sentence, {"event": "note", "message": sentence})

    def summary(self, queue: QueueSnapshot) -> None:
        """Report the state of everything: totals, what runs, what failed, how many others."""
        if self._as_json:
            downloads = [_standing(download) for download in queue.downloads]
            self._put("", {"event": "summary", "downloads": downloads})
            return
        for sentence in _summary_words(queue):
            self._say(sentence)

    def _put(self, sentence: str, facts: Mapping[str, object]) -> None:
        self._say(json_line(facts, self._encoding) if self._as_json else sentence)


def _identity(download: Snapshot) -> dict[str, object]:
    number, start_at = download.download_id, download.start_at
    facts: dict[str, object] = {"id": number, "name": download.name, "url": download.url}
    return facts if start_at is None else facts | {"start_at": start_stamp(start_at)}


def _wait_words(download: Snapshot, failure: Failure, wait_s: float | None) -> str:
    """Say what is waited for, and how long if that is known."""
    if wait_s is None:
        return f"{failure.message}; {failure.hint}".rstrip("; ")
    attempt = f" {retry.attempt} of {retry.attempts}" if (retry := download.retry) else ""
    when = f"in {format_duration(wait_s)}" if round(wait_s) else "now"
    return f"{failure.message}, retry{attempt} {when}"


def _goes_on(download: Snapshot) -> bool:
    """It runs, or will without a time that was set."""
    is_in_line = download.status is Status.QUEUED and download.start_at is None
    return is_in_line or download.stage.is_running or waits_for_space(download)


def _amounts(download: Snapshot) -> dict[str, object]:
    return {
        "done_bytes": download.done_bytes,
        "total_bytes": download.total_bytes,
        "bytes_per_s": round(download.bytes_per_s),
        "eta_s": None if download.eta_s is None else round(download.eta_s),
    }


def _standing(download: Snapshot) -> dict[str, object]:
    return {**_identity(download), "status": download.stage.name, **_amounts(download)}


def _tenth(download: Snapshot) -> int:
    total = download.total_bytes
    return download.done_bytes * 100 // total // _PROGRESS_PERCENT if total else 0


def progress_words(download: Snapshot) -> str:
    """How far a download is: "40 percent of 1.20 GB, 2.10 MB/s, 5:42 left"."""
    done = format_bytes(download.done_bytes)
    if download.total_bytes is None:
        return f"{done} so far, size not told"
    percent = download.done_bytes * 100 // max(1, download.total_bytes)
    words = f"{percent} percent of {format_bytes(download.total_bytes)}"
    if download.status is not Status.DOWNLOADING:
        return words
    left = "" if download.eta_s is None else f", {format_eta(download.eta_s)} left"
    return f"{words}, {format_rate(download.bytes_per_s)}{left}"


def _summary_words(queue: QueueSnapshot) -> Iterator[str]:
    yield _total_words(queue)
    downloads = queue.downloads
    for download in downloads:
        if download.stage.is_running:
            yield f"{download.download_id}: {_running_words(download, queue.taken_at)}"
    for download in downloads:
        if download.standing is Status.FAILED:
            number = download.download_id
            # A file that is there is not resumed.
            key = "" if download.is_wrong else f"; r {number} tries again"
            yield f"{number}: {ended_line(download)}{key}"
    rest = Counter(
        _standing_words(download)
        for download in downloads
        if not (download.stage.is_running or download.standing is Status.FAILED)
    )
    if (first := first_scheduled(queue)) is not None:
        count = rest.pop(_SCHEDULED)
        rest[f"{_SCHEDULED} from {start_time(first, queue.taken_at)} on"] = count
    if rest:
        yield "Besides: " + ", ".join(f"{count} {state}" for state, count in rest.items())


def _standing_words(download: Snapshot) -> str:
    if waits_for_space(download):
        return "paused by a full disk"
    if download.is_skipped:
        return "skipped"
    return download.status.name.lower() if download.start_at is None else _SCHEDULED


def _running_words(download: Snapshot, now: float) -> str:
    if download.status is Status.WAITING or download.disk_silent_since is not None:
        return activity(download, now)
    words = progress_words(download) if download.done_bytes else ""
    return f"{download.name}, {download.stage.name.lower()} {words}".rstrip()


def _total_words(queue: QueueSnapshot) -> str:
    if not queue.downloads:
        return "The queue is empty."
    ended = sum(download.stage.is_ended for download in queue.downloads)
    words = f"{ended} of {len(queue.downloads)} ended, {format_rate(queue.bytes_per_s)}"
    if not queue.told_eta_s:
        return words
    least = "at least " if queue.is_eta_least else ""
    return f"{words}, {least}{format_eta(queue.told_eta_s)} left"
