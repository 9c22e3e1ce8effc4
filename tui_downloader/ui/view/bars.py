"""The single lines around the list: header, summary and footer, as pieces of text.

All of them are made for a width and leave out the least important parts until they fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.model.units import counted
from tui_downloader.store.finished_files import Fate
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.commands.command import Command, key_name
from tui_downloader.ui.commands.commands import (
    ALWAYS_IN_FOOTER,
    RANK_IF_GONE,
    RANK_IN_FULL,
    RANK_OF_STATUS,
    STAYS_FROM_WIDTH,
)
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS
from tui_downloader.ui.commands.situation import status_of
from tui_downloader.ui.view.board import View
from tui_downloader.ui.view.cells import cut, cut_front, fitting, resample, spark
from tui_downloader.ui.view.fates import STEP_OF_FATE
from tui_downloader.ui.view.phrases import clock_time
from tui_downloader.ui.view.reasons import reason_for, steps_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.commands.situation import Situation
    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.filtering import Filter
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.rows import Piece

_GRAPH_FROM_WIDTH = 140
_GRAPH_WIDTH = 40
_LONGEST_FOLDER = 30
_WHOLE_WORDS_FROM_WIDTH = 160

# By view: the word for what it is about, and the state and the word of what else is in it.
_COUNTED = {
    View.ACTIVE: ("active", Status.WAITING, "waiting"),
    View.QUEUED: ("queued", Status.PAUSED, "paused"),
}

_FILTER_HELP = (
    'words in name, URL, host, folder   !word   "two words"   state:failed   host:example   '
    "size:>1GB   /regex/",
    "words  !word  state:failed  host:x  size:>1GB  /regex/",
    "!word  state:  host:  size:>1GB  /regex/",
    "!word state: host: size:",
    "",
)


@dataclass(frozen=True, slots=True)
class Target:
    """Cells of a line that do something when clicked."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class _Part:
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
        return self.gap + sum(cell_len(text) for text, _ in self.pieces)


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
    word, other_status, other = _COUNTED[view]
    total, counts = board.count(view), {other: board.counts.get(other_status, 0)}
    if view is View.QUEUED:
        counts["scheduled"] = board.snapshot.scheduled
    others = [f"{count} {state}" for state, count in counts.items() if count]
    if total == sum(counts.values()) and others:
        return ", ".join(others), ", ".join(others)
    brief = f"{total} {word}"
    return f"{brief} ({', '.join(others)})" if others else brief, brief


def _failed_words(board: Board) -> tuple[str, str]:
    """What was cancelled did not fail, although the same view shows it."""
    counts = {"failed": Status.FAILED, "cancelled": Status.CANCELLED}
    words = [f"{n} {word}" for word, status in counts.items() if (n := board.counts.get(status))]
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
    """The number of a view, which goes without its detail before it goes."""
    long, brief = (
        _Part(((dot, "muted"), (words, role)), 0 if dot else 3, rank, is_right=not dot)
        for words, rank in zip(count_words(board, view), ranks, strict=True)
    )
    return replace(long, shorter=brief)


def _note(note: str) -> list[_Part]:
    return [_Part(((note, "warning"),), gap=3, rank=2)] if note else []


def _time_left(board: Board, context: Context, *, is_wide: bool) -> list[_Part]:
    eta_s = board.snapshot.eta_s
    if eta_s is None or not board.running:
        return []
    left = context.figures.duration(eta_s)
    about, short = ("at least", f">{left}") if board.snapshot.is_eta_least else ("about", left)
    return [_Part(((f"{about} {left} left" if is_wide else short, "text"),), gap=3, rank=7)]


def _free_space(board: Board, context: Context, *, is_wide: bool) -> list[_Part]:
    """What is free, and where, which goes before the number does."""
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


@dataclass(frozen=True, slots=True)
class _Entry:
    """A command in the footer, with the key and the title that it has there.

    Attributes:
        short: a title for where there is hardly any room, "" for none.
    """

    command_id: str
    key: str
    title: str
    short: str = ""

    @property
    def width(self) -> int:
        return cell_len(self.key) + cell_len(self.title) + 3


def footer_pieces(
    situation: Situation, glyphs: Glyphs, width: int, keymap: Keymap = DEFAULT_KEYS
) -> tuple[list[Piece], list[Target]]:
    """Compose the footer of what applies now, the most useful first, and its clickable places.

    What helps a download that is held up stands before everything else, with the words of its row.
    """
    last = [_entry(keymap.by_id[command_id], situation, glyphs) for command_id in ALWAYS_IN_FOOTER]
    helping = _helping(situation, glyphs, keymap)
    taken = {entry.command_id for entry in (*helping, *last)}
    others = [
        command
        for command in keymap.commands
        if _rank(command, situation, width)
        and command.command_id not in taken
        and command.applies(situation)
    ]
    ranked = [(0, entry) for entry in helping]
    ranked += [(_rank(each, situation, width), _entry(each, situation, glyphs)) for each in others]
    ranked = _without_twins(ranked)
    room = width - sum(entry.width for entry in last)
    shown = _with_room(ranked, room, is_wide=width >= _WHOLE_WORDS_FROM_WIDTH)
    offered = (shown.get(entry.command_id) for _, entry in ranked)
    return _footer([entry for entry in offered if entry is not None] + last)


def _without_twins(ranked: list[tuple[int, _Entry]]) -> list[tuple[int, _Entry]]:
    """Leave out what another key before it does as well: both resume what is paused."""
    by_title: dict[str, tuple[int, _Entry]] = {}
    for rank, entry in ranked:
        by_title.setdefault(entry.title, (rank, entry))
    return list(by_title.values())


def _rank(command: Command, situation: Situation, width: int) -> int:
    """How soon a command leaves a narrow footer; 0 for what is not in it at all."""
    if width >= STAYS_FROM_WIDTH.get(command.command_id, width + 1):
        return -1
    status = None if situation.marked else status_of(situation)
    ranks = {} if status is None else RANK_OF_STATUS.get(status, {})
    if situation.fate is Fate.GONE:
        ranks = ranks | RANK_IF_GONE
    rank = ranks.get(command.command_id, command.footer_rank)
    return RANK_IN_FULL.get(command.command_id, rank) if rank and situation.is_full else rank


def _with_room(ranked: list[tuple[int, _Entry]], room: int, *, is_wide: bool) -> dict[str, _Entry]:
    """Choose those that fit, by rank; words are short only where that makes room for more.

    A wide footer names so much that one key more is not worth a word cut short.
    """
    shown = _fitting(ranked, room)
    if is_wide:
        return shown
    in_short = _fitting(
        [(rank, replace(entry, title=entry.short or entry.title)) for rank, entry in ranked], room
    )
    return in_short if len(in_short) > len(shown) else shown


def _fitting(ranked: list[tuple[int, _Entry]], room: int) -> dict[str, _Entry]:
    """Choose those that fit; where one has no room, none of a higher rank has any."""
    shown: dict[str, _Entry] = {}
    last_rank = None
    for rank, entry in sorted(ranked, key=lambda each: each[0]):
        if last_rank is not None and rank > last_rank:
            break
        if entry.width > room:
            last_rank = rank
        else:
            room -= entry.width
            shown[entry.command_id] = entry
    return shown


def filter_help(wanted: Filter, glyphs: Glyphs, width: int) -> list[Piece]:
    """Compose what stands in the footer's place while a filter is typed."""
    keys: list[Piece] = [
        (f" {glyphs.enter} ", "key"), ("Keep ", "muted"), (" Esc ", "key"), ("Clear ", "muted"),
    ]  # fmt: skip
    room = width - sum(cell_len(text) for text, _ in keys) - 2
    if wanted.problem:
        return [*keys, (f"  {cut(wanted.problem, room, glyphs.ellipsis)}", "warning")]
    return [*keys, (f"  {fitting(_FILTER_HELP, room, glyphs.ellipsis)}", "muted")]


def _helping(situation: Situation, glyphs: Glyphs, keymap: Keymap) -> list[_Entry]:
    """What helps the highlighted download on; with marks, commands are not about it."""
    shown = situation.highlighted
    if shown is None or situation.marked or not situation.is_ready:
        return []
    steps = steps_for(shown) if situation.fate is None else (STEP_OF_FATE[situation.fate],)
    found = keymap.helpers(steps, situation)
    return [
        replace(_entry(command, situation, glyphs), title=what[:1].upper() + what[1:], short="")
        for command, what in found
    ]


def _entry(command: Command, situation: Situation, glyphs: Glyphs) -> _Entry:
    key = command.footer_key or key_name(command.keys[0], glyphs.enter)
    title = command.footer_title or command.shown_title(situation)
    return _Entry(command.command_id, key, title, command.footer_short)


def _footer(entries: list[_Entry]) -> tuple[list[Piece], list[Target]]:
    pieces: list[Piece] = []
    targets = []
    position = 0
    for entry in entries:
        end = position + entry.width
        targets.append(Target(position, end, entry.command_id))
        pieces += [(f" {entry.key} ", "key"), (f"{entry.title} ", "muted")]
        position = end
    return pieces, targets
