"""What the tabs of the panel share: the facts of one download, and lines of label and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui_downloader.model.status import Status
from tui_downloader.ui.view.cells import broken, cut, pad

if TYPE_CHECKING:
    from tui_downloader.model.download import Details, Snapshot
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece

Line = list["Piece"]

INDENT = 21  # of the tabs of facts
_ROOMY = 24  # lines
_WIDE = 99  # cells: a window of 100, without the scroll bar
_NARROW_INDENT, _NARROW = 13, 64  # the same in a panel of fewer cells


class Picture(NamedTuple):
    """One download as the panel shows it.

    Attributes:
        width: cells of a line.
        height: rows of the panel; it is scrolled when the lines are more.
    """

    snapshot: Snapshot
    details: Details
    context: Context
    glyphs: Glyphs
    width: int
    height: int

    @property
    def is_tall(self) -> bool:
        """There is room for a chart of the speed."""
        return self.height > 10

    @property
    def is_low(self) -> bool:
        """There is room for a chart as wide as the window, but not for everything below it."""
        return self.is_tall and self.is_wide and self.height < _ROOMY

    @property
    def is_wide(self) -> bool:
        """A line has room for the bar and all numbers."""
        return self.width >= _WIDE

    @property
    def is_roomy(self) -> bool:
        """There is room to put everything on lines of its own, below each other."""
        return self.is_tall and not self.is_low


def resume_words(picture: Picture) -> str:
    """Whether it can be resumed; "" for a complete file."""
    is_whole = picture.snapshot.status is Status.COMPLETED
    return "" if is_whole else picture.details.resume


def whole_size(picture: Picture) -> list[str]:
    """The size of a complete file, which has no bar that says it."""
    snapshot = picture.snapshot
    is_whole = snapshot.stage is Status.COMPLETED and snapshot.total_bytes is not None
    return [picture.context.figures.size(snapshot.total_bytes or 0).strip()] * is_whole


def fact(label: str, text: str, picture: Picture, indent: int = INDENT) -> list[Line]:
    """Label and text in two columns; a long text is continued below, indented.

    In a narrow panel a label that is wider than its column stands above the text.

    Args:
        indent: cells before the text.
    """
    if picture.width < _NARROW:
        indent = min(indent, _NARROW_INDENT)
    words = broken(text, max(10, picture.width - indent - 1)) or [""]
    below: list[Line] = [[(" " * indent, "muted"), (line, "text")] for line in words]
    if cell_len(label) > indent - 2:
        return [[(" " + cut(label, picture.width - 2), "muted")], *below]
    return [[(" " + pad(label, indent - 1), "muted"), (words[0], "text")], *below[1:]]
