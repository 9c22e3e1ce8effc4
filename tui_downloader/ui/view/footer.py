"""The footer: the keys of the commands that apply now, or how a filter is written.

It is made for a width and leaves out the least important commands until it fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui_downloader.store.finished_files import Fate
from tui_downloader.ui.commands.command import Command, key_name
from tui_downloader.ui.commands.commands import (
    ALWAYS_IN_FOOTER,
    RANK_IF_EMPTY,
    RANK_IF_GONE,
    RANK_IF_SORTED,
    RANK_IN_FULL,
    RANK_OF_STATUS,
    STAYS_FROM_WIDTH,
    STAYS_IN_FULL,
)
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS
from tui_downloader.ui.commands.situation import status_of
from tui_downloader.ui.view.cells import cut, fitting
from tui_downloader.ui.view.fates import STEP_OF_FATE
from tui_downloader.ui.view.pieces import Target, width_of
from tui_downloader.ui.view.reasons import steps_for

if TYPE_CHECKING:
    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.commands.situation import Situation
    from tui_downloader.ui.view.filtering import Filter
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece

_WHOLE_WORDS_FROM_WIDTH = 160

_FILTER_HELP = (
    'words in name, URL, host, folder   !word   "two words"   state:failed   host:example   '
    "size:>1GB   /regex/",
    "words  !word  state:failed  host:x  size:>1GB  /regex/",
    "!word  state:  host:  size:>1GB  /regex/",
    "!word state: host: size:",
    "",
)


class _Entry(NamedTuple):
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
    """Compose the footer from what applies now, the most useful first, with its clickable places.

    Commands that help a download which has a problem come first, with the words of its row.
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
    """Leave out a command with the title of an earlier one: both resume a paused download."""
    by_title: dict[str, tuple[int, _Entry]] = {}
    for rank, entry in ranked:
        by_title.setdefault(entry.title, (rank, entry))
    return list(by_title.values())


def _rank(command: Command, situation: Situation, width: int) -> int:
    """How soon a command leaves a narrow footer; 0 if it is never in the footer."""
    stays = STAYS_IN_FULL if situation.is_full else STAYS_FROM_WIDTH
    if width >= stays.get(command.command_id, width + 1):
        return -1
    status = None if situation.marked else status_of(situation)
    ranks = {} if status is None else RANK_OF_STATUS.get(status, {})
    if situation.fate is Fate.GONE:
        ranks = ranks | RANK_IF_GONE
    if not situation.is_queue_order:
        ranks = ranks | RANK_IF_SORTED
    if not situation.downloads:
        ranks = RANK_IF_EMPTY
    rank = ranks.get(command.command_id, command.footer_rank)
    return RANK_IN_FULL.get(command.command_id, rank) if rank and situation.is_full else rank


def _with_room(ranked: list[tuple[int, _Entry]], room: int, *, is_wide: bool) -> dict[str, _Entry]:
    """Choose the commands that fit, by rank; short titles are used only if more commands fit then.

    A wide footer has so many commands that one more is not worth a shortened title.
    """
    shown = _fitting(ranked, room)
    if is_wide:
        return shown
    in_short = _fitting(
        [(rank, entry._replace(title=entry.short or entry.title)) for rank, entry in ranked], room
    )
    return in_short if len(in_short) > len(shown) else shown


def _fitting(ranked: list[tuple[int, _Entry]], room: int) -> dict[str, _Entry]:
    """Choose the commands that fit; once one has no room, no higher rank is considered."""
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
    """Compose the line that replaces the footer while a filter is typed."""
    keys: list[Piece] = [
        (f" {glyphs.enter} ", "key"), ("Keep ", "muted"), (" Esc ", "key"), ("Clear ", "muted"),
    ]  # fmt: skip
    room = width - width_of(keys) - 2
    if wanted.problem:
        return [*keys, (f"  {cut(wanted.problem, room, glyphs.ellipsis)}", "warning")]
    return [*keys, (f"  {fitting(_FILTER_HELP, room, glyphs.ellipsis)}", "muted")]


def _helping(situation: Situation, glyphs: Glyphs, keymap: Keymap) -> list[_Entry]:
    """Commands that help the highlighted download; none with marks, which come first."""
    shown = situation.highlighted
    if shown is None or situation.marked or not situation.is_ready:
        return []
    steps = steps_for(shown) if situation.fate is None else (STEP_OF_FATE[situation.fate],)
    found = keymap.helpers(steps, situation)
    return [
        _entry(command, situation, glyphs)._replace(title=what[:1].upper() + what[1:], short="")
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
