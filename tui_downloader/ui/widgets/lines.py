"""A few fixed lines of text: header, views, heads, summary, footer, the title of the panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_downloader.ui.view.pieces import text_of, width_of
from tui_downloader.ui.widgets.roles import Styles

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.events import Click
    from textual.geometry import Size

    from tui_downloader.ui.view.pieces import Piece, Target


class Lines(Widget):
    """Shows the lines it is given and says when one of their targets was clicked."""

    DEFAULT_CSS = "Lines { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    @dataclass
    class Clicked(Message):
        """A target was clicked.

        Attributes:
            value: what the target stands for.
        """

        value: str

    def __init__(self, widget_id: str) -> None:
        super().__init__(id=widget_id)
        self._styles = Styles(self)
        self._lines: list[list[Piece]] = []
        self._targets: Mapping[int, Sequence[Target]] = {}

    def show(
        self,
        *lines: list[Piece],
        targets: Mapping[int, Sequence[Target]] | None = None,
    ) -> None:
        """Replace the lines; what looks the same is not painted again.

        Args:
            targets: what can be clicked, by line.
        """
        self._targets = targets or {}
        before = self._lines
        self._lines = list(lines)
        for y in range(max(len(before), len(lines))):
            if before[y : y + 1] != self._lines[y : y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    @property
    def text(self) -> str:
        """What is shown, without colours."""
        return "\n".join(text_of(line) for line in self._lines)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """The widest line, where the stylesheet asks for `width: auto`."""
        del container, viewport
        return max((width_of(line) for line in self._lines), default=0)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        pieces = self._lines[y] if y < len(self._lines) else []
        return self._styles.strip(pieces, width)

    def on_click(self, event: Click) -> None:
        for target in self._targets.get(event.y, ()):
            if target.start <= event.x < target.end:
                event.stop()
                self.post_message(self.Clicked(target.value))
