"""What a row says instead of numbers: each state's message from long to tiny (ux.md section 3)."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import LAST_PLACE, Assurance
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.speed import is_of_whole
from tui_downloader.model.start_times import start_words
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS, Keymap
from tui_downloader.ui.view.fates import Fates, fate_forms, fate_of
from tui_downloader.ui.view.reasons import BROKEN_OFF, is_wrong, reason_for, steps_for, tellings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.view.reasons import Step

STALLED_AFTER_S = 5.0
_RECONNECT_AFTER_S = 30  # the engine drops a connection that is silent for so long
_PASSED_AFTER_S = 3  # the engine lets others start that wait for its slot
_UNCONNECTED = frozenset({"DNS", "TCP", "TLS"})
_PHASES = {"TLS": "TLS handshake"}
_MANY_DAYS_S = 20 * 3600.0


@dataclass(frozen=True, slots=True)
class Context:
    """What messages depend on besides the download.

    Attributes:
        now: wall clock, seconds.
        figures: how numbers are written.
        dot: stands between the parts of a message, with its spaces.
        keymap: which keys messages name.
        at_once: how many downloads run, when that is why no other starts; else 0.
        fates: finished files that are not as they were.
    """

    now: float
    figures: Figures
    dot: str = " · "
    keymap: Keymap = DEFAULT_KEYS
    at_once: int = 0
    fates: Fates = field(default_factory=dict)


def silent_s(snapshot: Snapshot, now: float) -> float:
    """Seconds without a byte of a download that should receive some; 0 for all others.

    While the program itself takes nothing, because of a limit say, nobody is silent.
    """
    if snapshot.status is not Status.DOWNLOADING:
        return 0.0
    heard_at = max(snapshot.last_byte_at or 0.0, snapshot.held_at or 0.0, snapshot.phase_since)
    return max(0.0, now - heard_at)


def is_stalled(snapshot: Snapshot, now: float) -> bool:
    """No byte came for 5 seconds."""
    return silent_s(snapshot, now) >= STALLED_AFTER_S


def is_looked_at_again(snapshot: Snapshot) -> bool:
    """The file of a download that has ended is hashed once more; the phase says how far."""
    return snapshot.status.is_ended and bool(snapshot.phase)


def message_forms(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Return the message of a row, the longest form first; empty when its numbers say it all."""
    if is_looked_at_again(snapshot):
        name, _, percent = digest_name(snapshot.phase).partition(" ")
        return (f"checking {name}{context.dot}{percent}", f"{name} {percent}", percent)
    if snapshot.disk_silent_since is not None:
        return _waiting_for_disk(snapshot, context, snapshot.disk_silent_since)
    if (fate := fate_of(snapshot, context.fates)) is not None:
        return fate_forms(fate, context.dot, context.keymap)
    return _FORMS[snapshot.status](snapshot, context)


def _waiting_for_disk(snapshot: Snapshot, context: Context, since: float) -> tuple[str, ...]:
    seconds = f"{context.dot}{max(0, int(context.now - since))} s"
    words = "waiting for the disk"
    place = short_folder(clean(snapshot.folder, 200))
    return (f"{words} at {place}{seconds}", f"{words}{seconds}", words, "disk hangs")


def clock_time(at: float, now: float) -> str:
    """Local time of day, or the day and month of what is long past; both are wall clock."""
    moment = time.localtime(at)
    if abs(now - at) < _MANY_DAYS_S:
        return time.strftime("%H:%M", moment)
    return f"{moment.tm_mday} {time.strftime('%b', moment)}"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, ..."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{suffix or 'th'}"


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
    keys = _keys(steps, snapshot, context)
    start_at = context.now if snapshot.start_at is None else snapshot.start_at
    tiny = f"starts {clock_time(start_at, context.now)}"  # of a later day its date alone
    return _falling(
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
        return _falling(f"{start}{named}", f"{start}{words}", words, f"{start}waits for host")
    if hold.is_offline:
        return (f"{start}no network",)
    if hold.is_silent:
        return (f"{start}host cannot be reached", f"{start}no host")
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
    rate = f"{context.dot}{context.figures.rate(snapshot.bytes_per_s)}"
    left = _hash_left(snapshot, context)
    if not snapshot.bytes_per_s:
        rate = ""
    return (f"checking {name}{rate}{left}", f"checking {name}", name)


def _hash_left(snapshot: Snapshot, context: Context) -> str:
    if snapshot.eta_s is None:
        return ""
    return context.dot + context.figures.left(snapshot.eta_s)


def _paused(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    if snapshot.failure is not None:
        reason = reason_for(snapshot.failure)
        steps, start = steps_for(snapshot), f"paused{context.dot}"
        keys, key = _keys(steps, snapshot, context), _key(steps, snapshot, context)
        told = _tellings(snapshot, context)
        return _falling(
            *(f"{start}{words}{keys}" for words in (*told, reason.words, reason.tiny)),
            f"{reason.tiny}{keys}",  # the sign says that it is paused
            f"{start}{reason.tiny}",
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
        told, tiny = [*_tellings(snapshot, context)], reason.tiny
        with_host = told[0] if reason.names_host else ""
        if len(reason.words) < len(told[-1]):
            told.append(reason.words)
    until = context.figures.left(max(0.0, (snapshot.resume_at or context.now) - context.now))
    retry = "retry"
    if snapshot.attempts:
        retry = f"retry {snapshot.attempt}/{snapshot.attempts}"
    keys = _keys((("retry", "now"),), snapshot, context)
    long, short = f"{retry} in {until}", f"retry {until}"
    if snapshot.resume_at is None and snapshot.failure is not None:  # nobody knows until when
        long, short = "goes on by itself", "waits"
    behind_host = (long + keys, long, short)
    # What happened says more than which try this is, unless a number says it.
    uncounted = f"retry {until}" if snapshot.attempts and not tiny.isdigit() else short
    # However little room there is: a time by itself does not say what it is until.
    return _falling(
        *(f"{with_host}{context.dot}{each}" for each in behind_host if with_host),
        *(f"{words}{context.dot}{long}{keys}" for words in told),
        *(f"{told[-1]}{context.dot}{each}" for each in (long, uncounted)),
        f"{tiny}{context.dot}{long}",
        *(f"{tiny}{between}{short}" for between in (context.dot, " ")),
        short,
    )


def _tellings(snapshot: Snapshot, context: Context) -> list[str]:
    """What went wrong, the longest telling first."""
    failure = snapshot.failure
    if failure is None:
        return []
    total, done = snapshot.total_bytes, max(snapshot.done_bytes, snapshot.kept_bytes)
    if failure.code in BROKEN_OFF and total and done:
        there, _, whole = context.figures.pair(done, total).partition("/")
        is_nearly_over = there == whole.partition(" ")[0]
        where = "just before the end" if is_nearly_over else f"at {there} of {whole}"
        return [f"connection lost {where}", "connection lost"]
    return list(tellings(failure))


def _completed(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    finished_at = snapshot.finished_at
    done = "done" if finished_at is None else f"done {clock_time(finished_at, context.now)}"
    check = _check_words(snapshot)
    if is_wrong(snapshot):
        return _wrong(snapshot, context, check, done)
    average, took = "", ""
    if snapshot.active_s >= 1.0 and snapshot.received_bytes:
        average = f"avg {context.figures.rate(snapshot.average_bytes_per_s)}"
        # A part that was here before took a time that nobody knows.
        is_all = is_of_whole(snapshot.received_bytes, snapshot.total_bytes or 0)
        took = context.figures.duration(snapshot.active_s) if is_all else ""
    choices = ((done, average, took, check), (done, average, check), (done, check), (done,))
    return tuple(context.dot.join(filter(None, parts)) for parts in choices)


def _wrong(snapshot: Snapshot, context: Context, check: str, done: str) -> tuple[str, ...]:
    """The finished file is another one than expected: that comes first, and the keys that help."""
    steps = steps_for(snapshot)
    two, one = (_keys(steps, snapshot, context, most) for most in (2, 1))
    return _falling(
        f"{check}{context.dot}{done}{two}",
        f"{check}{two}",
        f"{check}{one}",
        f"{check}{_key(steps, snapshot, context)}",
        check,
    )


def _check_words(snapshot: Snapshot) -> str:
    if snapshot.checked_by:
        word = "differs" if snapshot.assurance is Assurance.DIFFERS else "ok"
        return f"{digest_name(snapshot.checked_by)} {word}"
    return "size not told" if snapshot.assurance is Assurance.UNCHECKED else ""


def _failed(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    if snapshot.failure is None:
        return ("failed",)
    reason, steps = reason_for(snapshot.failure), steps_for(snapshot)
    told = _tellings(snapshot, context)
    shorter = (*told, reason.short or reason.words)
    two, one = (_keys(steps, snapshot, context, most) for most in (2, 1))
    key = _key(steps, snapshot, context)
    with_host = told[0] if reason.names_host else ""
    # A second key says more than most hosts, which stand below the list too; what a key does says
    # more than the rest of the words, and a key by itself is better than none.
    return _falling(
        *(f"{with_host}{keys}" for keys in (two, one) if with_host),
        *(words + two for words in told),
        *(words + one for words in (*shorter, reason.tiny)),
        *(words + key for words in (*shorter, reason.tiny)),
        reason.tiny,
    )


def _cancelled(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    steps, start = steps_for(snapshot), f"cancelled{context.dot}"
    keys, key = _keys(steps, snapshot, context), _key(steps, snapshot, context)
    words = _fate_of_parts(snapshot, context)
    going = () if snapshot.parts_go_at is None else (f"{start}{words}", words)
    return _falling(
        f"{start}{words}{keys}",
        *going,
        f"cancelled{keys}",
        f"cancelled{key}",
        "cancelled",
    )


def _fate_of_parts(snapshot: Snapshot, context: Context) -> str:
    """What is or will be of the bytes of a cancelled one."""
    kept, at = snapshot.kept_bytes, snapshot.parts_go_at
    if not kept:
        return "nothing kept"
    size = context.figures.size(kept)
    if at is None:
        return f"{size} kept"
    left_s = math.ceil(at - context.now)
    return f"{size} go in {left_s} s" if left_s > 0 else f"deleting {size}"


def _keys(steps: tuple[Step, ...], snapshot: Snapshot, context: Context, most: int = 1) -> str:
    """Name the keys that help, as "key what", behind a dot; "" when there is none."""
    offered = context.keymap.keys_for(steps, snapshot)[:most]
    return context.dot + "  ".join(offered) if offered else ""


def _key(steps: tuple[Step, ...], snapshot: Snapshot, context: Context) -> str:
    """Name the key that helps best by itself, behind a dot; "" when there is none."""
    offered = context.keymap.keys_for(steps, snapshot)
    return context.dot + offered[0].partition(" ")[0] if offered else ""


def _falling(*forms: str) -> tuple[str, ...]:
    """Keep those forms that are shorter than all before them: no other is ever the first to fit."""
    kept: list[str] = []
    for form in forms:
        if not kept or cell_len(form) < cell_len(kept[-1]):
            kept.append(form)
    return tuple(kept)


_FORMS: dict[Status, Callable[[Snapshot, Context], tuple[str, ...]]] = {
    Status.QUEUED: _queued,
    Status.CONNECTING: _connecting,
    Status.DOWNLOADING: _downloading,
    Status.VERIFYING: _verifying,
    Status.WAITING: _waiting,
    Status.PAUSED: _paused,
    Status.COMPLETED: _completed,
    Status.FAILED: _failed,
    Status.CANCELLED: _cancelled,
}
