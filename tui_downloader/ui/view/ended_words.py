"""The messages of ended downloads (completed, failed, cancelled), from long to tiny."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import Assurance
from tui_downloader.model.errors import is_skip
from tui_downloader.model.links.addresses import host_of, origin_of
from tui_downloader.model.speed import is_of_whole
from tui_downloader.model.text import clean
from tui_downloader.model.units import counted
from tui_downloader.ui.view.phrases import (
    clock_time,
    falling,
    key_phrase,
    keys_phrase,
    tellings_of,
)
from tui_downloader.ui.view.reasons import reason_for, steps_for

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.context import Context

_LONGEST_HOST = 120


def completed(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Return the forms of a completed one, the longest first."""
    finished_at = snapshot.finished_at
    done = "done" if finished_at is None else f"done {clock_time(finished_at, context.now)}"
    check = _check_words(snapshot)
    if snapshot.is_wrong:
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
    """The message of a finished file with a wrong digest, with the keys that help."""
    steps = steps_for(snapshot)
    two, one = (keys_phrase(steps, snapshot, context, most) for most in (2, 1))
    return falling(
        f"{check}{context.dot}{done}{two}",
        f"{check}{two}",
        f"{check}{one}",
        f"{check}{key_phrase(steps, snapshot, context)}",
        check,
    )


def _check_words(snapshot: Snapshot) -> str:
    if snapshot.checked_by:
        word = "differs" if snapshot.assurance is Assurance.DIFFERS else "ok"
        return f"{digest_name(snapshot.checked_by)} {word}"
    return "size not told" if snapshot.assurance is Assurance.UNCHECKED else ""


def failed(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Return the forms of a failed one, the longest first."""
    if snapshot.failure is None:
        return ("failed",)
    reason, steps = reason_for(snapshot.failure), steps_for(snapshot)
    told = tellings_of(snapshot, context)
    shorter = (*told, reason.short or reason.words)
    two, one = (keys_phrase(steps, snapshot, context, most) for most in (2, 1))
    key = key_phrase(steps, snapshot, context)
    host = _elsewhere(snapshot)
    with_host = told[:1] if reason.names_host or host else []
    with_host += [f"{host}: {reason.words}"] if host else []
    # A second key says more than most hosts, which stand below the list too; what a key does says
    # more than the rest of the words, and a key by itself is better than none.
    return falling(
        *(words + keys for words in with_host for keys in (two, one)),
        *(words + two for words in told),
        *(words + one for words in (*shorter, reason.tiny)),
        *(words + key for words in (*shorter, reason.tiny)),
        reason.tiny,
    )


def _elsewhere(snapshot: Snapshot) -> str:
    """Name the host that it failed at, where the link only leads there; "" for its own."""
    failed_at = "" if snapshot.failure is None else snapshot.failure.origin
    if not failed_at or origin_of(failed_at) == origin_of(snapshot.url):
        return ""
    return clean(host_of(failed_at), _LONGEST_HOST)


def cancelled(snapshot: Snapshot, context: Context) -> tuple[str, ...]:
    """Return the forms of a cancelled one, the longest first."""
    failure = snapshot.failure
    if failure is not None and is_skip(failure):
        return _skipped(snapshot, failure.message, context)
    steps, start = steps_for(snapshot), f"cancelled{context.dot}"
    keys, key = keys_phrase(steps, snapshot, context), key_phrase(steps, snapshot, context)
    words = _fate_of_parts(snapshot, context)
    is_going = _bytes_here(snapshot) and snapshot.parts_go_at is not None
    going = (f"{start}{words}", words) if is_going else ()
    return falling(
        f"{start}{words}{keys}",
        *going,
        f"cancelled{keys}",
        f"cancelled{key}",
        "cancelled",
    )


def _skipped(snapshot: Snapshot, message: str, context: Context) -> tuple[str, ...]:
    """The forms of one that nobody cancelled: its name was taken, and such are skipped."""
    steps = steps_for(snapshot)
    keys, key = keys_phrase(steps, snapshot, context), key_phrase(steps, snapshot, context)
    fate = f"{context.dot}{_fate_of_parts(snapshot, context)}" if _bytes_here(snapshot) else ""
    return falling(
        f"{message}{fate}{keys}",
        f"{message}{keys}",
        f"{message}{key}",
        f"skipped{keys}",
        f"skipped{key}",
        "skipped",
    )


def _bytes_here(snapshot: Snapshot) -> int:
    """Bytes of its parts, also of one that was set aside."""
    return snapshot.kept_bytes + snapshot.set_aside_bytes


def _fate_of_parts(snapshot: Snapshot, context: Context) -> str:
    """What happens to the bytes of a cancelled download."""
    kept, at = _bytes_here(snapshot), snapshot.parts_go_at
    if not kept:
        wrong = len(snapshot.kept_as)
        return f"{counted(wrong, 'wrong file')} kept" if wrong else "nothing kept"
    size = context.figures.size(kept)
    if at is None:
        return f"{size} kept"
    left_s = math.ceil(at - context.now)
    return f"{size} gone in {left_s} s" if left_s > 0 else f"deleting {size}"
