"""What a row says instead of numbers: each state's message from long to tiny (ux.md section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import LAST_PLACE
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.speed import average
from tui_downloader.model.start_times import start_words
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.view.ended_words import cancelled, completed, failed
from tui_downloader.ui.view.fates import fate_forms, fate_of
from tui_downloader.ui.view.phrases import (
    clock_time,
    falling,
    key_phrase,
    keys_phrase,
    ordinal,
    tellings_of,
)
from tui_downloader.ui.view.reasons import reason_for, steps_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.context import Context

STALLED_AFTER_S = 5.0
_RECONNECT_AFTER_S = 30  # the engine drops a connection that is silent for so long
_PASSED_AFTER_S = 3  # the engine lets others start that wait for its slot
_UNCONNECTED = frozenset({"DNS", "TCP", "TLS"})
_PHASES = {"TLS": "TLS handshake"}


def silent_s(snapshot: Snapshot, now: float) -> float:
    """Seconds without a byte of a download that should receive some; 0 for all others.

    While the program itself takes nothing, because of a limit say, nobody is silent.
    """
    if snapshot.status is not Status.DOWNLOADING:
        return 0.0
    heard_at = max(snapshot.heard_at or 0.0, snapshot.phase_since)
    return max(0.0, now - heard_at)


def is_stalled(snapshot: Snapshot, now: float) -> bool:
    """No byte came for 5 seconds."""
    return silent_s(snapshot, now) >= STALLED_AFTER_S


def message_forms(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Return the message of a row, the longest form first; empty when its numbers say it all."""
    if snapshot.is_checked_again:
        return _verifying(snapshot, context)
    if snapshot.disk_silent_since is not None:
        return _waiting_for_disk(snapshot, context, snapshot.disk_silent_since)
    if snapshot.moving_to:
        place = short_folder(clean(snapshot.moving_to, 200))
        return (f"moving to {place}", "moving")
    if (fate := fate_of(snapshot, context.fates)) is not None:
        return fate_forms(fate, context.dot, context.keymap)
    return _FORMS[snapshot.status](snapshot, context)


def _waiting_for_disk(snapshot: Snapshot, context: Context, since: float) -> tuple[str, ...]:
    seconds = f"{context.dot}{max(0, int(context.now - since))} s"
    words = "waiting for the disk"
    place = short_folder(clean(snapshot.folder, 200))
    return (f"{words} at {place}{seconds}", f"{words}{seconds}", words, "disk hangs")


def _queued(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    place, dot = snapshot.queue_place, context.dot
    if snapshot.start_at is not None:
        return _scheduled(snapshot, start_words(snapshot.start_at, context.now), context)
    if not place:
        return ("queued",)
    later, more = (" or later", "+") if place == LAST_PLACE else ("", "")
    line = f"queued{dot}{ordinal(place)}{later} in line"
    # Before all others there are only those that run; further back the place says enough.
    why = (f"{line}, {_at_once(context.at_once)}",) if place == 1 and context.at_once else ()
    return (*_held(snapshot, context), *why, line, f"queued {place}{more}")


def _at_once(number: int) -> str:
    return "one at a time" if number == 1 else f"{number} run at once"


def _scheduled(snapshot: Snapshot, at: str, context: Context) -> tuple[str, ...]:
    steps, words = steps_for(snapshot), f"scheduled {at}"
    keys = keys_phrase(steps, snapshot, context)
    start_at = context.now if snapshot.start_at is None else snapshot.start_at
    tiny = f"starts {clock_time(start_at, context.now)}"  # of a later day its date alone
    return falling(
        f"queued{context.dot}{words}{keys}", f"{words}{keys}", words, f"starts {at}", tiny
    )


def _held(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Why its host or disk keeps it waiting, which counts more than who is before it."""
    hold, start = snapshot.hold, f"queued{context.dot}"
    if hold is None:
        return ()
    if hold.is_disk:
        words, place = "waits for the disk", short_folder(clean(snapshot.folder, 200))
        return (f"{start}{words} at {place}", f"{start}{words}", f"{start}disk hangs")
    if hold.until is not None:
        until = clock_time(hold.until, context.now)
        words = f"waits for host until {until}"
        named = f"waits for {host_of(snapshot.url)} until {until}"
        return falling(f"{start}{named}", f"{start}{words}", words, f"{start}waits for host")
    if hold.is_offline:
        return (f"{start}no network",)
    if hold.is_silent:
        return (f"{start}host cannot be reached", f"{start}no host")
    if hold.is_crowded:
        return (f"{start}host serves no more at once", f"{start}host is full")
    limit = f"host limit {hold.running}/{hold.limit}"
    return (f"{start}waits for {limit}", f"{start}{limit}")


def _connecting(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    waited_s = max(0, int(context.now - snapshot.phase_since))
    seconds = f"{waited_s} s"
    short = (f"connecting {seconds}", "connecting")
    if not snapshot.phase:
        return (f"connecting{context.dot}{seconds}", *short)
    phase = _PHASES.get(snapshot.phase, snapshot.phase)
    long = f"connecting{context.dot}{phase}{context.dot}{seconds}"
    is_passed = snapshot.phase in _UNCONNECTED and waited_s > _PASSED_AFTER_S
    return (
        *((f"{long}{context.dot}others start meanwhile",) if is_passed else ()),
        long,
        f"connecting{context.dot}{snapshot.phase} {seconds}",
        *short,
    )


def _downloading(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    if is_stalled(snapshot, context.now):
        silence = int(silent_s(snapshot, context.now))
        long = f"no data for {silence} s"
        if silence < _RECONNECT_AFTER_S:
            long = f"{long}{context.dot}reconnects at {_RECONNECT_AFTER_S} s"
        return (long, f"no data for {silence} s", f"stalled {silence} s")
    if snapshot.total_bytes is None:
        so_far = context.figures.size(snapshot.done_bytes)
        rate = context.figures.rate(snapshot.bytes_per_s)
        return (
            f"{so_far} so far, size not told{context.dot}{rate}",
            f"{so_far} so far{context.dot}{rate}",
            f"{so_far}{context.dot}{rate}",
            f"{so_far} so far",
            so_far,
        )
    return ()


def _verifying(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    name = digest_name(snapshot.phase or "checksum")
    if not name.startswith(("sha", "md5", "crc")):
        return (name, "check")
    pace = _hashing_pace(snapshot, context)
    return (*((f"checking {name}{pace}",) if pace else ()), f"checking {name}", name)


def _hashing_pace(snapshot: Snapshot, context: Context) -> str:
    """How fast the file is hashed and how long that will take, behind dots; "" at first."""
    if snapshot.eta_s is None:
        return ""
    figures = context.figures
    rate = average(snapshot.done_bytes, context.now - snapshot.phase_since)
    return f"{context.dot}{figures.rate(rate)}{context.dot}{figures.left(snapshot.eta_s)}"


def _paused(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    if snapshot.failure is not None:
        reason = reason_for(snapshot.failure)
        steps, start = steps_for(snapshot), f"paused{context.dot}"
        keys, key = keys_phrase(steps, snapshot, context), key_phrase(steps, snapshot, context)
        told = tellings_of(snapshot, context)
        return falling(
            *(f"{start}{words}{keys}" for words in (*told, reason.words, reason.tiny)),
            f"{reason.tiny}{keys}",  # the sign says that it is paused
            f"{start}{reason.tiny}",
            f"{reason.tiny}{key}",
            f"paused{key}",
            "paused",
        )
    if snapshot.resumable is None or not snapshot.kept_bytes:
        return ("paused",)
    if snapshot.resumable:
        return (f"paused{context.dot}can resume", "paused")
    return (
        f"paused{context.dot}cannot resume, restarts at 0",
        f"paused{context.dot}no resume",
        "paused",
    )


def _waiting(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    told, tiny, with_host = ["host is busy"], "host busy", ""
    if snapshot.failure is not None:
        reason = reason_for(snapshot.failure)
        told, tiny = [*tellings_of(snapshot, context)], reason.tiny
        with_host = told[0] if reason.names_host else ""
        if len(reason.words) < len(told[-1]):
            told.append(reason.words)
    until = context.figures.left(max(0.0, (snapshot.resume_at or context.now) - context.now))
    retry = f"retry {snapshot.retry.which}" if snapshot.retry else "retry"
    keys = keys_phrase((("retry", "now"),), snapshot, context)
    long, short = f"{retry} in {until}", f"retry {until}"
    if snapshot.resume_at is None and snapshot.failure is not None:  # nobody knows until when
        long, short = "goes on by itself", "waits"
    behind_host = (long + keys, long, short)
    # What happened says more than which try this is, unless a number says it.
    uncounted = f"retry {until}" if snapshot.retry and not tiny.isdigit() else short
    # However little room there is: a time by itself does not say what it is until.
    return falling(
        *(f"{with_host}{context.dot}{each}" for each in behind_host if with_host),
        *(f"{words}{context.dot}{long}{keys}" for words in told),
        *(f"{told[-1]}{context.dot}{each}" for each in (long, uncounted)),
        f"{tiny}{context.dot}{long}",
        *(f"{tiny}{between}{short}" for between in (context.dot, " ")),
        short,
    )


_FORMS: dict[Status, Callable[[Snapshot, Context], tuple[str, ...]]] = {
    Status.QUEUED: _queued,
    Status.CONNECTING: _connecting,
    Status.DOWNLOADING: _downloading,
    Status.VERIFYING: _verifying,
    Status.WAITING: _waiting,
    Status.PAUSED: _paused,
    Status.COMPLETED: completed,
    Status.FAILED: failed,
    Status.CANCELLED: cancelled,
}
