"""The header and the summary line below the list, as pieces of text.

Both are made for a width and leave out the least important parts until they fit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.model.units import counted
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.view.board import View
from tui_downloader.ui.view.cells import cut, cut_front, resample, spark
from tui_downloader.ui.view.phrases import clock_time
from tui_downloader.ui.view.pieces import width_of
from tui_downloader.ui.view.reasons import reason_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece

_GRAPH_FROM_WIDTH = 140
_GRAPH_WIDTH = 40
_LONGEST_FOLDER = 30

# By view: the word for what it is about, and the words for what else is in it.
_COUNTED = {
    # Thousands of small files have all their bytes long before the disk has them.
    View.ACTIVE: ("active", {Status.WAITING: "waiting", Status.VERIFYING: "finishing"}),
    View.QUEUED: ("queued", {Status.PAUSED: "paused"}),
}


class _Part(NamedTuple):
    """A group of pieces in the header.

    Attributes:
        pieces: what is shown.
        gap: spaces before it.
        rank: parts of the highest rank go first when there is no room; 0 never goes.
        is_right: it and what follows stand at the right edge of a wide window.
        shorter: takes its place when it has to go.
    """

    pieces: tuple[Piece, ...]
    gap: int = 2
    rank: int = 0
    is_right: bool = False
    shorter: _Part | None = None

    @property
    def width(self) -> int:
        return self.gap + width_of(self.pieces)


def header_pieces(
    board: Board,
    context: Context,
    glyphs: Glyphs,
    width: int,
    *,
    rates: Sequence[float] = (),
    note: str = "",
) -> list[Piece]:
    """Compose the header: total speed, limit, counts, time left, free space, clock.

    Args:
        rates: total throughput, one value a second, for the graph of wide windows.
        note: a state of the program worth telling, such as "quits when done".
    """
    is_wide = width >= 100
    parts = [
        _speed(board, context, glyphs),
        *_limit(board, context),
        *_header_graph(rates, glyphs, width),
        *_counts(board, is_wide=is_wide, dot=context.dot),
        *_note(note),
        *_time_left(board, context, is_wide=is_wide),
        *_free_space(board, context, is_wide=is_wide),
        *_clock(context, is_wide=is_wide),
    ]
    while sum(part.width for part in parts) > width and any(part.rank for part in parts):
        place = parts.index(max(parts, key=lambda part: part.rank))
        shorter = parts.pop(place).shorter
        if shorter is not None:
            parts.insert(place, shorter)
    # A wide window has the numbers of the queue at its right edge.
    spare = width - 1 - sum(part.width for part in parts) if width >= _GRAPH_FROM_WIDTH else 0
    pieces: list[Piece] = []
    for part in parts:
        gap = part.gap + max(0, spare) * part.is_right
        pieces += [(" " * gap, "text"), *part.pieces]
    return pieces


def _speed(board: Board, context: Context, glyphs: Glyphs) -> _Part:
    rate = context.figures.rate(board.snapshot.bytes_per_s)
    role = "accent" if board.snapshot.bytes_per_s > 0 else "muted"
    return _Part(((f"{glyphs.down} ", role), (f"{rate:>9}", "strong")), gap=1)


def _limit(board: Board, context: Context) -> list[_Part]:
    limit = board.snapshot.limit_bytes_per_s
    if limit is None:
        return [_Part((("limit off", "muted"),), rank=5)]
    return [_Part((("limit ", "muted"), (context.figures.rate(limit), "warning")))]


def _header_graph(rates: Sequence[float], glyphs: Glyphs, width: int) -> list[_Part]:
    if width < _GRAPH_FROM_WIDTH or not glyphs.levels:
        return []
    columns = resample(rates, _GRAPH_WIDTH, _GRAPH_WIDTH)
    return [_Part(((spark(columns, _GRAPH_WIDTH, glyphs), "spark"),), rank=6)]


def count_words(board: Board, view: View) -> tuple[str, str]:
    """Say how many downloads a view shows: "5 active (2 waiting)", and the same without detail.

    The number is the one that stands beside the view's title.
    """
    if view is View.FAILED:
        return _failed_words(board)
    word, others_in_it = _COUNTED[view]
    total = board.count(view)
    counts = {other: board.counts.get(status, 0) for status, other in others_in_it.items()}
    if view is View.QUEUED:
        counts["scheduled"] = board.snapshot.scheduled
    others = [f"{count} {state}" for state, count in counts.items() if count]
    if total == sum(counts.values()) and others:
        return ", ".join(others), ", ".join(others)
    brief = f"{total} {word}"
    return f"{brief} ({', '.join(others)})" if others else brief, brief


def _failed_words(board: Board) -> tuple[str, str]:
    """Count failed, cancelled and skipped downloads apart, although one view shows them all."""
    words = [f"{count} {word}" for word, count in board.unsuccessful]
    return ", ".join(words), words[0] if words else ""


def _counts(board: Board, *, is_wide: bool, dot: str) -> list[_Part]:
    parts = [_count(board, View.ACTIVE, "text", ranks=(5, 3))]
    if board.count(View.QUEUED):
        parts.append(_count(board, View.QUEUED, "muted", ranks=(8, 4), dot=dot))
    if board.counts.get(Status.FAILED):
        parts.append(_count(board, View.FAILED, "error", ranks=(5, 0), dot=dot))
    elif board.count(View.FAILED):
        parts.append(_count(board, View.FAILED, "muted", ranks=(5, 4), dot=dot))
    if is_wide and (done := board.count(View.DONE)):
        parts.append(_Part(((f"{dot}{done} done", "muted"),), gap=0, rank=6))
    return parts


def _count(board: Board, view: View, role: str, *, ranks: tuple[int, int], dot: str = "") -> _Part:
    """The number of a view; when there is no room, its detail is left out first."""
    long, brief = (
        _Part(((dot, "muted"), *_named(words, role)), 0 if dot else 3, rank, is_right=not dot)
        for words, rank in zip(count_words(board, view), ranks, strict=True)
    )
    return long._replace(shorter=brief)


def _named(words: str, role: str) -> tuple[Piece, ...]:
    """What failed stands out, but not what was only cancelled or skipped."""
    if role != "error":
        return ((words, role),)
    failed, comma, others = words.partition(",")
    return (failed, role), (f"{comma}{others}", "muted")


def _note(note: str) -> list[_Part]:
    return [_Part(((note, "warning"),), gap=3, rank=2)] if note else []


def _time_left(board: Board, context: Context, *, is_wide: bool) -> list[_Part]:
    eta_s, is_least = board.snapshot.told_eta_s, board.snapshot.is_eta_least
    if eta_s is None or not board.running:
        return []
    left = context.figures.duration(eta_s)
    about, short = ("at least", f">{left}") if is_least else ("about", left)
    return [_Part(((f"{about} {left} left" if is_wide else short, "text"),), gap=3, rank=7)]


def _free_space(board: Board, context: Context, *, is_wide: bool) -> list[_Part]:
    """The free space and its folder; when there is no room, the folder is left out first."""
    free, folder = board.snapshot.free_bytes, board.snapshot.free_folder
    if free is None:
        return []
    words = f"{context.figures.size(free)} free"
    brief = _Part(((words, "muted"),), gap=3, rank=9)
    if not (is_wide and folder):
        return [brief]
    place = cut_front(short_folder(clean(folder, 200)), _LONGEST_FOLDER)
    return [_Part(((f"{words} on {place}", "muted"),), gap=3, rank=10, shorter=brief)]


def _clock(context: Context, *, is_wide: bool) -> list[_Part]:
    if not is_wide:
        return []
    return [_Part(((clock_time(context.now, context.now), "muted"),), gap=3, rank=11)]


def summary_pieces(snapshot: Snapshot | None, context: Context, width: int) -> list[Piece]:
    """Compose the line under the list about the highlighted download."""
    if snapshot is None:
        return []
    facts = [snapshot.name]
    if snapshot.failure is not None:
        # The row has no room for what went wrong where the name is long.
        facts = [cut_front(snapshot.name, width // 2)]
        facts.append(snapshot.failure.message or reason_for(snapshot.failure).words)
        if snapshot.failure.hint:
            facts.append(snapshot.failure.hint)
    else:
        if snapshot.status is Status.COMPLETED and snapshot.total_bytes is not None:
            facts.append(context.figures.size(snapshot.total_bytes).strip())  # its row has no room
        facts.append(host_of(snapshot.url))
        if snapshot.connections:
            facts.append(counted(snapshot.connections, "conn"))
        facts.append(short_folder(snapshot.folder))
    text = context.dot.join(filter(None, facts))
    return [(" " + cut(text, width - 2), "muted")]
