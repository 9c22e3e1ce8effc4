"""The single lines around the list, as widgets, and the text of an empty list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.ui.view.bars import header_pieces, summary_pieces
from tui_downloader.ui.view.board import View
from tui_downloader.ui.view.chart import total_lines
from tui_downloader.ui.view.columns import columns_for
from tui_downloader.ui.view.footer import filter_help, footer_pieces
from tui_downloader.ui.view.viewline import Marked, heads_pieces, views_pieces
from tui_downloader.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.commands.situation import Situation
    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.filtering import Filter
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.sort_keys import Sort


_READING = "Reading the list…"
_NO_MATCH = "Nothing matches"
_NOTHING_IN = {
    View.ALL: "Nothing is in the list",
    View.ACTIVE: "Nothing is being downloaded",
    View.QUEUED: "Nothing is queued or paused",
    View.DONE: "Nothing is done yet",
    View.FAILED: "Nothing has failed or was cancelled",
}


def how_to_begin(keymap: Keymap) -> tuple[str, ...]:
    """What stands in an empty list, long and short."""
    add, keys = keymap.key_of("add"), keymap.key_of("help")
    return (
        f"Paste links here (Ctrl+Shift+V, Cmd+V or Shift+middle click), press {add}, or drop a "
        f"text file of links. {keys} shows all keys.",
        f"Paste links here, or press {add}. {keys} shows all keys.",
        f"Paste links, or press {add}",
    )


def nothing_here(board: Board, keymap: Keymap) -> tuple[str, ...]:
    """What stands where no row is, long and short: why, and what shows some."""
    if not board.is_read:
        return (_READING,)
    if not board.snapshot.downloads:
        return how_to_begin(keymap)
    why = _NO_MATCH if board.wanted.tests and board.count(board.view) else _NOTHING_IN[board.view]
    return (f"{why}; {keymap.key_of('back')} shows all", why)


class Frame:
    """Puts texts into the lines; each is told the width of the window, or knows its own.

    Args:
        glyphs: what is drawn with.
    """

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs = glyphs
        self.header, self.views, self.heads = Lines("header"), Lines("views"), Lines("heads")
        self.summary, self.footer, self.small = Lines("summary"), Lines("footer"), Lines("small")
        self.chart = Lines("chart")

    def show_header(
        self, board: Board, words: Context, width: int, rates: Sequence[float], note: str
    ) -> None:
        """Show totals and counts; `rates` is the total throughput of the last seconds."""
        pieces = header_pieces(board, words, self._glyphs, width, rates=rates, note=note)
        self.header.show(pieces)

    def show_chart(self, rates: tuple[float, ...], words: Context) -> None:
        """Show the total throughput of the last minutes, where a short list leaves room for it."""
        width, height = self.chart.size
        if height:
            self.chart.show(*total_lines(rates, words.figures, self._glyphs, (width, height)))

    def show_views(
        self, board: Board, marked: Marked, keymap: Keymap, *, is_filtering: bool
    ) -> None:
        """Show the views, and what is unusual about the list; a filter being typed shows itself."""
        # Before the first layout the line knows no width; it will have all of the window's.
        width = self.views.size.width or self.views.app.size.width
        pieces, targets = views_pieces(
            board, marked, self._glyphs, width, keymap, is_filtering=is_filtering
        )
        self.views.show(pieces, targets={0: targets})

    def show_heads(self, sort: Sort, list_width: int) -> None:
        """Show the column heads, once it is known how wide the list is."""
        if not list_width:
            return
        pieces, targets = heads_pieces(sort, columns_for(list_width), self._glyphs)
        self.heads.show(pieces, targets={0: targets})

    def show_summary(self, snapshot: Snapshot | None, words: Context, width: int) -> None:
        """Show the line about the highlighted download."""
        self.summary.show(summary_pieces(snapshot, words, width))

    def show_footer(self, situation: Situation, words: Context, width: int) -> None:
        """Show the keys that apply."""
        pieces, targets = footer_pieces(situation, self._glyphs, width, words.keymap)
        self.footer.show(pieces, targets={0: targets})

    def show_filter_help(self, wanted: Filter, width: int) -> None:
        """Show in the footer's place how filters are written, or what is wrong with this one."""
        self.footer.show(filter_help(wanted, self._glyphs, width))

    def show_too_small(self, words: str) -> None:
        """Say why nothing else is shown."""
        self.small.show([(words, "warning")])
