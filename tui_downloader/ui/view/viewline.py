"""The line under the header: the views with their counts, and how the list is shown.

Filter, order and marks stand at its right edge. What is as usual gives way first, then the counts
of other views than the current one, which the header tells too, then these views; what is unusual
about the list is never left out, only shortened. A filter that is not understood says why. How
many rows match stands before the filter, as far as there is room for more than titles; while the
filter is typed it has a field of its own behind the line, and what matches outranks the titles.
What was cancelled or skipped is shown with what failed, but not counted as that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui_downloader.model.status import Status
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS
from tui_downloader.ui.view.board import View
from tui_downloader.ui.view.cells import cut
from tui_downloader.ui.view.columns import heads, heads_text
from tui_downloader.ui.view.pieces import Target, width_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.columns import Columns
    from tui_downloader.ui.view.filtering import Filter
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece
    from tui_downloader.ui.view.sort_keys import Sort

_TITLES = {view: view.value for view in View}
_SHORT_TITLES = {
    View.ALL: "All",
    View.ACTIVE: "Act",
    View.QUEUED: "Que",
    View.DONE: "Done",
    View.FAILED: "Fail",
}
_SHORT = 4  # letters of a title
_GAP = 3
_LONGEST_FILTER = 40


class _Layout(NamedTuple):
    """How much of the line is written.

    Attributes:
        titles: of the views; without any, only the current one is there.
        counts_all: views that are not the current one have their counts, too.
        has_usual: the order is there, although it is the queue's.
        is_tight: with less room between the views.
        sort_form, marks_form: 0 is the longest.
        least_filter: cells that the filter has at least, if it is so long.
    """

    titles: Mapping[View, str] | None
    counts_all: bool = True
    has_usual: bool = False
    is_tight: bool = False
    sort_form: int = 0
    marks_form: int = 0
    least_filter: int = _LONGEST_FILTER


class Marked(NamedTuple):
    """How many downloads are marked.

    Attributes:
        total: all of them.
        hidden: those that the view or the filter leaves out.
        is_drawing: a range follows the highlight.
    """

    total: int = 0
    hidden: int = 0
    is_drawing: bool = False

    def words(self, key: str, *, is_long: bool) -> str:
        """ "12 marked (4 hidden)", or "12 marked"; `key` ends a range."""
        words = f"{self.total} marked"
        if is_long and self.hidden:
            words += f" ({self.hidden} hidden)"
        return f"{words}, {key} ends" if is_long and self.is_drawing else words


def arrow_of(sort: Sort, glyphs: Glyphs) -> str:
    """The sign of a direction."""
    return glyphs.descending if sort.descends else glyphs.ascending


def views_pieces(
    board: Board,
    marked: Marked,
    glyphs: Glyphs,
    width: int,
    keymap: Keymap = DEFAULT_KEYS,
    *,
    is_filtering: bool = False,
) -> tuple[list[Piece], list[Target]]:
    """Compose the line, and where it can be clicked.

    Args:
        is_filtering: the filter is being typed, behind this line.
    """
    for layout in _LAYOUTS:
        pieces, targets = _views(board, layout, keymap)
        used = width_of(pieces)
        # The last cell stays free, as in the header.
        room = width - 1 - used
        others = [*_sort_notes(board, glyphs, layout), *_mark_notes(marked, layout, keymap)]
        compose = _while_typed if is_filtering else _with_filter
        notes, does_fit = compose(board, others, glyphs, layout, room)
        if does_fit:
            break
    start = used + room - _width_of(notes)
    pieces.append((" " * (start - used), "text"))
    for (text, role), command_id in notes:
        start += _GAP
        pieces += [(" " * _GAP, "text"), (text, role)]
        end = start + cell_len(text)
        targets += [Target(start, end, command_id)] if command_id else []
        start = end
    return pieces, targets


def heads_pieces(sort: Sort, columns: Columns, glyphs: Glyphs) -> tuple[list[Piece], list[Target]]:
    """Compose the line of column heads; a click on one sorts by its column."""
    arrow = arrow_of(sort, glyphs)
    targets = [
        Target(head.start, head.end, f"sort_{head.sorts_by}")
        for head in heads(columns, sort.key.value, arrow)
        if head.sorts_by
    ]
    return [(heads_text(columns, sort.key.value, arrow), "muted")], targets


_Note = tuple["Piece", str]


def _views(board: Board, layout: _Layout, keymap: Keymap) -> tuple[list[Piece], list[Target]]:
    pieces: list[Piece] = []
    targets: list[Target] = []
    position = 0
    gap = " " if layout.counts_all and not layout.is_tight else ""
    for view in View:
        is_current = view is board.view
        if layout.titles is None and not is_current:
            continue
        titles = _TITLES if is_current or layout.titles is None else layout.titles
        words = _view_words(board, view, titles, has_count=is_current or layout.counts_all)
        text = f"{keymap.key_of(view.command_id)} {words}"
        entry: list[Piece] = (
            [(" ", "accent"), (f"[{text}]", "tab")]
            if is_current
            else [("  ", "muted"), *_named(text, board, view), (gap, "muted")]
        )
        end = position + width_of(entry)
        targets.append(Target(position, end, view.command_id))
        position = end
        pieces += entry
    return pieces, targets


def _view_words(board: Board, view: View, titles: Mapping[View, str], *, has_count: bool) -> str:
    """The title of a view, and how many it shows."""
    title, count, others = titles[view], board.count(view), ""
    if view is View.FAILED and board.unsuccessful:
        (word, count), *more = board.unsuccessful
        is_long = titles is _TITLES
        title = word.capitalize() if is_long else word[:_SHORT].capitalize()
        others = "".join(f", {word} {number}" for word, number in more) if is_long else ""
    return f"{title} {count}{others}" if has_count and board.is_read else title


def _named(text: str, board: Board, view: View) -> list[Piece]:
    """What failed stands out, but not what was only cancelled or skipped."""
    if view is not View.FAILED or not board.counts.get(Status.FAILED):
        return [(text, "muted")]
    failed, comma, others = text.partition(",")
    return [(failed, "error"), (f"{comma}{others}", "muted")]


def _with_filter(
    board: Board, others: list[_Note], glyphs: Glyphs, layout: _Layout, room: int
) -> tuple[list[_Note], bool]:
    """Put the filter before what else is unusual; also tell whether that has room."""
    room -= _width_of(others)
    if not board.wanted:
        return others, room >= 0
    (text, role), least = _filter_piece(board.wanted, glyphs, layout)
    room -= _GAP
    matches = _match_notes(board, room - cell_len(text))
    is_lacking = bool(board.wanted.tests) and not matches and layout.counts_all
    shown = cut(text, room, glyphs.ellipsis)
    notes = [*matches, ((shown, role), "filter"), *others]
    return notes, room >= min(cell_len(text), least) and not is_lacking


def _while_typed(
    board: Board, others: list[_Note], _: Glyphs, __: _Layout, room: int
) -> tuple[list[_Note], bool]:
    """The same where the filter follows in its own field."""
    room -= _width_of(others)
    matches = _match_notes(board, room)
    return [*others, *matches], room >= 0 and (bool(matches) or not board.wanted.tests)


def _match_notes(board: Board, room: int) -> list[_Note]:
    """ "12 of 300", shortened or left out; nothing where the filter lets everything through."""
    matching, of = board.matching, board.count(board.view)
    forms = (f"{matching} of {of}", f"{matching}/{of}") if board.wanted.tests else ()
    return next(([((form, "accent"), "")] for form in forms if len(form) + _GAP <= room), [])


def _filter_piece(wanted: Filter, glyphs: Glyphs, layout: _Layout) -> tuple[Piece, int]:
    """The filter, and how many cells it needs; one that lets everything through says why."""
    text = "/ " + cut(wanted.text, _LONGEST_FILTER, glyphs.ellipsis)
    if not wanted.problem:
        return (text, "accent"), layout.least_filter
    # What is said of a pattern begins with it.
    rest = wanted.problem.removeprefix(wanted.text.removeprefix("!"))
    told = text + (f": {rest}" if rest == wanted.problem else rest)
    return (told, "warning"), layout.least_filter if layout.titles is None else cell_len(told)


def _sort_notes(board: Board, glyphs: Glyphs, layout: _Layout) -> list[_Note]:
    is_usual = board.sort.is_queue_order
    if is_usual and not layout.has_usual:
        return []
    arrow = arrow_of(board.sort, glyphs)
    words = f"{board.sort.key.value} {arrow}"
    form = (f"sort: {words}", words, arrow)[layout.sort_form]
    return [((form, "muted" if is_usual else "accent"), "sort")]


def _mark_notes(marked: Marked, layout: _Layout, keymap: Keymap) -> list[_Note]:
    if not marked.total:
        return []
    key = keymap.key_of("mark_range")
    words = (marked.words(key, is_long=True), marked.words(key, is_long=False), f"*{marked.total}")
    return [((words[layout.marks_form], "mark"), "")]


def _width_of(notes: list[_Note]) -> int:
    return sum(cell_len(text) + _GAP for (text, _), _ in notes)


# From wide to narrow; the last one takes whatever room there is.
_LAYOUTS = (
    _Layout(_TITLES, has_usual=True),
    _Layout(_TITLES),
    _Layout(_SHORT_TITLES),
    _Layout(_SHORT_TITLES, sort_form=1, least_filter=22),
    _Layout(_SHORT_TITLES, is_tight=True, sort_form=1, least_filter=22),
    _Layout(_SHORT_TITLES, counts_all=False, sort_form=1, least_filter=14),
    _Layout(None, counts_all=False, sort_form=1, least_filter=14),
    _Layout(None, counts_all=False, sort_form=1, marks_form=1, least_filter=14),
    _Layout(None, counts_all=False, sort_form=2, marks_form=2, least_filter=0),
)
