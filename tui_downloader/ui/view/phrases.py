"""Phrases that messages are made of: times, places in line, keys that help, errors."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.model.errors import is_skip
from tui_downloader.model.status import Status
from tui_downloader.ui.view.reasons import BROKEN_OFF, tellings

if TYPE_CHECKING:
    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.errors import Failure
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.reasons import Step

# Where rows, views and filters have a word of their own for a state.
_STATES = {Status.COMPLETED: "done", Status.VERIFYING: "checking"}
_MANY_DAYS_S = 20 * 3600.0


def clock_time(at: float, now: float) -> str:
    """Local time of day, or day and month if that is long past; both are wall clock."""
    moment = time.localtime(at)
    if abs(now - at) < _MANY_DAYS_S:
        return time.strftime("%H:%M", moment)
    return f"{moment.tm_mday} {time.strftime('%b', moment)}"


def state_word(status: Status, failure: Failure | None) -> str:
    """Name a state as its row, its view and the filter do."""
    if status is Status.CANCELLED and is_skip(failure):
        return "skipped"
    return _STATES.get(status) or status.value.lower()


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, ..."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10)
    return f"{number}{suffix or 'th'}"


def tellings_of(snapshot: Snapshot, context: Context) -> list[str]:
    """The error in words, in forms from long to short."""
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


def keys_phrase(
    steps: tuple[Step, ...], snapshot: Snapshot, context: Context, most: int = 1
) -> str:
    """Name the keys that help, as "key what", behind a dot; "" when there is none."""
    offered = context.keymap.keys_for(steps, snapshot)[:most]
    return context.dot + "  ".join(offered) if offered else ""


def key_phrase(steps: tuple[Step, ...], snapshot: Snapshot, context: Context) -> str:
    """Name the key that helps best by itself, behind a dot; "" when there is none."""
    offered = context.keymap.keys_for(steps, snapshot)
    return context.dot + offered[0].partition(" ")[0] if offered else ""


def falling(*forms: str) -> tuple[str, ...]:
    """Keep the forms that are shorter than all before them, as no other can be the first to fit."""
    kept: list[str] = []
    for form in forms:
        if not kept or cell_len(form) < cell_len(kept[-1]):
            kept.append(form)
    return tuple(kept)
