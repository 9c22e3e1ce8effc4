"""The panel of the highlighted download: a title with tabs, and lines that can be scrolled."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_downloader.ui.view.details_lines import (
    Tab,
    lines_for,
    name_line,
    tabs_line,
    title_pieces,
)
from tui_downloader.ui.view.details_parts import Picture
from tui_downloader.ui.view.pieces import Target, text_of
from tui_downloader.ui.widgets.lines import Lines
from tui_downloader.ui.widgets.roles import Styles

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui_downloader.model.download import Details, Snapshot
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.details_parts import Line
    from tui_downloader.ui.view.glyphs import Glyphs

_SIDE_TITLE_LINES = 2


class DetailsLines(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows lines, and scrolls them with the keys of the list while it has the focus."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar = [
        Binding("j,down", "scroll_down", "Down", show=False),
        Binding("k,up", "scroll_up", "Up", show=False),
        Binding("g,home", "scroll_home", "First", show=False),
        Binding("G,end", "scroll_end", "Last", show=False),
        Binding("pagedown,ctrl+d", "page_down", "Page down", show=False),
        Binding("pageup,ctrl+u", "page_up", "Page up", show=False),
    ]
    DEFAULT_CSS = """
    DetailsLines {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    """

    def __init__(self, widget_id: str) -> None:
        super().__init__(id=widget_id)
        self._styles = Styles(self)
        self._lines: list[Line] = []

    def show(self, lines: list[Line], *, at_end: bool = False) -> None:
        """Replace the lines; what looks the same is not painted again.

        Args:
            at_end: the last ones are to be in sight.
        """
        before, self._lines = self._lines, lines
        if len(before) == len(lines):
            self._repaint(before)
        else:
            # Of no width: with all of its own, lines that just fit would leave a scroll bar there.
            self.virtual_size = Size(0, len(lines))
            self.refresh()
        if at_end:
            # Forced: that there is something to scroll is known only after the next layout.
            self.scroll_end(animate=False, immediate=True, force=True)

    def _repaint(self, before: list[Line]) -> None:
        lines = self._lines
        top = self.scroll_offset.y
        for y in range(top, min(top + self.size.height, len(lines))):
            if before[y] != lines[y]:
                self.refresh(Region(0, y - top, self.size.width, 1))

    @property
    def text(self) -> str:
        """All lines, without colours."""
        return "\n".join(text_of(line) for line in self._lines)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        index = y + self.scroll_offset.y
        pieces = self._lines[index] if index < len(self._lines) else []
        return self._styles.strip(pieces, self.scrollable_content_region.width)


class DetailsPanel(Vertical):
    """Shows one download, a tab at a time; it is given everything it shows."""

    DEFAULT_CSS = """
    DetailsPanel { display: none; }
    """

    def __init__(self, widget_id: str, glyphs: Glyphs) -> None:
        super().__init__(id=widget_id)
        self.tab = Tab.OVERVIEW
        self._glyphs = glyphs
        self._shown: tuple[int, Tab, Size] | None = None  # which download, and what of it
        self._title = Lines("panel-title")
        self._body = DetailsLines("panel-body")

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._body

    @property
    def text(self) -> str:
        """Everything in it, without colours."""
        return f"{self._title.text}\n{self._body.text}"

    def turn(self, by: int) -> None:
        """Go to the next tab, or back."""
        tabs = list(Tab)
        self.open(tabs[(tabs.index(self.tab) + by) % len(tabs)])

    def open(self, tab: Tab) -> None:
        """Go to a tab, scrolled to its top, or to the end of the log."""
        self.tab = tab
        self._body.scroll_to(y=0, animate=False, immediate=True)

    def show(self, snapshot: Snapshot | None, details: Details, context: Context) -> None:
        """Show a download, or nothing."""
        if snapshot is None:
            self._title.show()
            self._body.show([[(" nothing is highlighted", "muted")]])
            return
        width = self._title.size.width
        if not width:
            return  # not laid out yet
        size = self._body.scrollable_content_region
        picture = Picture(snapshot, details, context, self._glyphs, size.width, size.height)
        self._show_title(picture, width)
        before, self._shown = self._shown, (snapshot.download_id, self.tab, size.size)
        # The log goes on in sight, unless the user has gone back in it.
        is_opened = before != self._shown
        at_end = self.tab is Tab.LOG and (is_opened or self._body.is_vertical_scroll_end)
        self._body.show(lines_for(self.tab, picture), at_end=at_end)

    def _show_title(self, picture: Picture, width: int) -> None:
        is_side = self._title.size.height >= _SIDE_TITLE_LINES
        if is_side:
            tabs, places = tabs_line(self.tab, picture)
            lines = [name_line(picture), tabs]
        else:
            title, places = title_pieces(self.tab, picture, width)
            lines = [title]
        targets = [
            Target(start, end, f"tab_{tab.name.lower()}") for tab, (start, end) in places.items()
        ]
        self._title.show(*lines, targets={len(lines) - 1: targets})
