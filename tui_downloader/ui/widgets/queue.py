"""The list of downloads: one widget that draws its visible rows line by line.

It is given snapshots and knows nothing of the engine. The highlight belongs to a download: while
others start, end or vanish around it, it stays there, on the same row of the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView

from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import UNICODE, Glyphs
from tui_downloader.ui.widgets.roles import Styles
from tui_downloader.ui.widgets.row_strips import RowStrips

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.events import Click, Resize
    from textual.strip import Strip

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.commands.keymap import Keymap

_MARK_CELL = 1


class QueueList(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows downloads, one line each, and moves a highlight over them.

    It has no keys of its own: the screen's commands move the highlight.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    QueueList {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
    }
    """

    # Its scrollbar is always there: with another number of rows everything stays in its place.
    virtual_size = Reactive(Size(0, 0), repaint=False)

    @dataclass
    class Highlighted(Message):
        """Another download is highlighted.

        Attributes:
            download_id: None when the list is empty.
        """

        download_id: int | None

    @dataclass
    class Opened(Message):
        """A download was double-clicked.

        Attributes:
            download_id: the one under the pointer.
        """

        download_id: int

    @dataclass
    class MarkClicked(Message):
        """The cell for marks was clicked.

        Attributes:
            download_id: of its row.
        """

        download_id: int

    def __init__(
        self, widget_id: str, *, figures: Figures, keymap: Keymap, glyphs: Glyphs = UNICODE
    ) -> None:
        super().__init__(id=widget_id)
        self._styles = Styles(self)
        words = Context(0.0, figures, glyphs.dot, keymap)
        self._strips = RowStrips(self._styles, glyphs, words)
        self._rows: Sequence[Snapshot] = ()
        self._ids: list[int] = []
        self._rates: dict[int, Sequence[float]] = {}
        self._marked: Collection[int] = ()
        self._highlighted_index: int | None = None
        self._chosen_id: int | None = None  # where the user put the highlight
        self._is_moving = False
        self._rows_before = 1  # rows that fitted before the window changed
        self._painted: dict[int, Strip] = {}  # by line of the screen
        self._empty_text: tuple[str, ...] = ("",)

    @property
    def highlighted_id(self) -> int | None:
        """The download under the highlight."""
        index = self._highlighted_index
        return None if index is None else self._ids[index]

    @property
    def highlighted(self) -> Snapshot | None:
        """The snapshot of the download under the highlight."""
        index = self._highlighted_index
        return None if index is None else self._rows[index]

    @property
    def highlighted_line(self) -> int | None:
        """The line of the widget with the highlight; None when it is scrolled out of sight."""
        index = self._highlighted_index
        line = -1 if index is None else index - self.scroll_offset.y
        return line if 0 <= line < self.page_rows else None

    @property
    def ids(self) -> list[int]:
        """The downloads shown, in their order."""
        return self._ids

    @property
    def in_sight(self) -> Sequence[Snapshot]:
        """The downloads whose rows are visible."""
        top = self.scroll_offset.y
        return self._rows[top : top + self.page_rows]

    @property
    def page_rows(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height)

    def _index_of(self, download_id: int | None) -> int | None:
        # Looked for when it is asked for: a table of ten thousand would be renewed again and again.
        return self._ids.index(download_id) if download_id in self._ids else None

    # What is shown.

    def reformat(self, words: Context) -> None:
        """Use other formats of numbers and names of keys from now on."""
        self._strips.words = words
        self._strips.clear()
        self.refresh()

    def show(
        self,
        rows: Sequence[Snapshot],
        now: float,
        *,
        at_once: int = 0,
        rates: dict[int, Sequence[float]] | None = None,
        empty_text: tuple[str, ...] = ("",),
        is_new_look: bool = False,
        merely_go_on: bool = False,
    ) -> None:
        """Replace the rows; only lines that look different are painted again.

        Args:
            now: wall clock, for what counts down or up.
            at_once: how many downloads run, when that is why no other starts.
            rates: the last speeds of running downloads, by id.
            empty_text: what stands in an empty list, long and short.
            is_new_look: the user chose another view, filter or order: the highlight returns to
                where the user had put it, if that download is shown again.
            merely_go_on: they are of the same downloads as before, in the same order.
        """
        strips = self._strips
        if at_once != strips.words.at_once:
            strips.clear()
        strips.words = replace(strips.words, now=now, at_once=at_once)
        self._rates = rates or {}
        self._rows = rows
        if empty_text != self._empty_text:
            self._empty_text = empty_text
            self.refresh()
        ids = self._ids if merely_go_on else [row.download_id for row in rows]
        if ids != self._ids:
            self._reorder(ids, is_new_look=is_new_look)
        self._paint_changes()

    def mark(self, marked: Collection[int]) -> None:
        """Show marks on these downloads and no others."""
        if marked != self._marked:
            self._marked = marked
            self._paint_changes()

    def watch_virtual_size(self, size: Size) -> None:
        self.vertical_scrollbar.window_virtual_size = size.height
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def expect_move(self) -> None:
        """The user moves downloads: let them change their lines, not the rows around them."""
        self._is_moving = True

    def _reorder(self, ids: list[int], *, is_new_look: bool) -> None:
        is_moving, self._is_moving = self._is_moving, False
        anchor = None if is_moving else self._anchor()
        before, highlighted, old_index = self._ids, self.highlighted_id, self._highlighted_index
        self._ids = ids
        self._highlighted_index = self._index_of(highlighted)
        if self._highlighted_index is None:
            self._highlighted_index = _heir(before, old_index, ids)
            if not is_new_look:
                self._chosen_id = self.highlighted_id
        if is_new_look and (chosen := self._index_of(self._chosen_id)) is not None:
            self._highlighted_index = chosen
        if self.highlighted_id != highlighted:
            self.post_message(self.Highlighted(self.highlighted_id))
        self.virtual_size = Size(self.scrollable_content_region.width, len(ids))
        if not len(ids) >= len(before) > 0:
            self.refresh()  # also where no row is
        if anchor is not None:
            anchor_id, line = anchor
            index = self._index_of(anchor_id)
            if index is None:
                index = self._highlighted_index
            if index is not None:
                self._scroll_at_once(index - line)
        if is_new_look or is_moving:
            self._reveal()

    def _anchor(self) -> tuple[int, int] | None:
        """Return the download that must keep its line on the screen, and that line."""
        if not self._ids:
            return None
        top = self.scroll_offset.y
        index = self._highlighted_index
        if index is None or not top <= index < top + self.page_rows:
            index = min(top, len(self._ids) - 1)
        return self._ids[index], index - top

    def _scroll_at_once(self, top: int) -> None:
        top = max(0, min(top, len(self._ids) - self.page_rows))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)

    def _paint_changes(self) -> None:
        width, size = self.scrollable_content_region.width, self.size
        changed: list[Region] = []
        for line in range(min(size.height, len(self._ids) - self.scroll_offset.y)):
            painted = self._painted.get(line)
            drawn = self._draw(line, width)
            if drawn is painted or drawn == painted:
                continue
            if changed and changed[-1].bottom == line:
                # Neighbours are one region: each costs about as much as drawing a line.
                changed[-1] = changed[-1].grow((0, 0, 1, 0))
            else:
                changed.append(Region(0, line, size.width, 1))
        if changed:
            self.refresh(*changed)

    def _paint_row(self, index: int | None) -> None:
        if index is not None:
            self.refresh(Region(0, index - self.scroll_offset.y, self.size.width, 1))

    # Drawing.

    def render_line(self, y: int) -> Strip:
        strip = self._painted[y] = self._draw(y, self.scrollable_content_region.width)
        return strip

    def _draw(self, line: int, width: int) -> Strip:
        index = line + self.scroll_offset.y
        if not self._rows:
            return self._strips.empty(self._empty_text, line, self.size, width)
        if index >= len(self._rows):
            return self._strips.blank(width)
        row = self._rows[index]
        under = ""
        if index == self._highlighted_index:
            under = "highlight" if self.has_focus else "highlight-blurred"
        rates = self._rates.get(row.download_id, ())
        is_marked = row.download_id in self._marked
        return self._strips.row(row, rates, width, under, is_marked=is_marked)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def on_resize(self, _: Resize) -> None:
        """Keep the highlighted row on its line of the screen, or at least visible.

        If the user had scrolled it out of sight, the visible rows stay.
        """
        index, top = self._highlighted_index, self.scroll_offset.y
        was_in_sight = index is not None and top <= index < top + self._rows_before
        self._rows_before = self.page_rows
        self._painted.clear()
        self._strips.resize(self.size.height)
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._ids))
        if was_in_sight:
            self._reveal()

    # The highlight.

    def move_by(self, rows: int) -> None:
        """Move the highlight down, or up when negative, and not beyond the ends."""
        index = self._highlighted_index
        self.move_to(rows if index is None else index + rows)

    def move_to(self, index: int) -> None:
        """Highlight a row by its place; negative counts from the end."""
        if not self._ids:
            return
        last = len(self._ids) - 1
        self._choose(max(0, min(last, index)))
        self._reveal()

    def move_to_id(self, download_id: int) -> None:
        """Highlight a download if it is in the list."""
        if (index := self._index_of(download_id)) is not None:
            self.move_to(index)

    def _choose(self, index: int) -> None:
        """Put the highlight there, as the user wants it."""
        self._chosen_id = self._ids[index]
        before, self._highlighted_index = self._highlighted_index, index
        if index != before:
            self._paint_row(before)
            self._paint_row(index)
            self.post_message(self.Highlighted(self._chosen_id))

    def _reveal(self) -> None:
        index = self._highlighted_index
        if index is None:
            return
        top = self.scroll_offset.y
        if index < top:
            self._scroll_at_once(index)
        elif index >= top + self.page_rows:
            self._scroll_at_once(index - self.page_rows + 1)

    def on_focus(self) -> None:
        self._paint_row(self._highlighted_index)

    def on_blur(self) -> None:
        self._paint_row(self._highlighted_index)

    def on_click(self, event: Click) -> None:
        index = event.y + self.scroll_offset.y
        if index >= len(self._ids) or event.x >= self.scrollable_content_region.width:
            return
        if event.x == _MARK_CELL:
            self.post_message(self.MarkClicked(self._ids[index]))
            return
        self._choose(index)
        if event.chain == 2:
            self.post_message(self.Opened(self._ids[index]))


def _heir(before: list[int], old_index: int | None, ids: list[int]) -> int | None:
    """Choose the next highlight when the highlighted download is gone: the one that followed it."""
    left = set(ids)
    if old_index is not None:
        for download_id in (*before[old_index:], *reversed(before[:old_index])):
            if download_id in left:
                return ids.index(download_id)
    return 0 if ids else None
