"""The lines of the list, drawn: rows, and what stands where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.cache import FIFOCache
from textual.strip import Strip

from tui_downloader.ui.view.cells import even_lines, fitting
from tui_downloader.ui.view.columns import columns_for
from tui_downloader.ui.view.rows import Looks, row_pieces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.context import Context
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.widgets.roles import Styles

_StripKey = tuple[int, int, str, int, int, bool]
# What is seen now, and before the last keys; the seconds in a row make older lines worthless.
_SCREENS_KEPT = 3
_MOST_EMPTY_LINES = 4


class RowStrips:
    """Draws lines, and keeps those of the last screens.

    Args:
        styles: of the list.
        words: formats of numbers, names of keys and the time.
    """

    def __init__(self, styles: Styles, glyphs: Glyphs, words: Context) -> None:
        self.words = words
        self._styles = styles
        self._glyphs = glyphs
        self._strips: FIFOCache[_StripKey, Strip] = FIFOCache(_SCREENS_KEPT)

    def clear(self) -> None:
        """Draw everything anew: rows look different from now on."""
        self._strips.clear()

    def resize(self, rows: int) -> None:
        """So many rows fit on the screen from now on."""
        self._strips = FIFOCache(_SCREENS_KEPT * max(1, rows))

    def row(
        self, row: Snapshot, rates: Sequence[float], width: int, under: str, *, is_marked: bool
    ) -> Strip:
        """Draw a download.

        Args:
            rates: its last speeds.
            under: the role of the highlight on it, "" where there is none.
        """
        # Seconds count up and down in some messages; nothing shown changes more often by itself.
        second = int(self.words.now)
        key = (row.download_id, row.version, under, width, second, is_marked)
        if (strip := self._strips.get(key)) is None:
            pieces = row_pieces(
                row,
                Looks(columns_for(width), self._glyphs),
                self.words,
                is_highlighted=bool(under),
                is_marked=is_marked,
                rates=rates,
            )
            strip = self._strips[key] = self._styles.strip(pieces, width, under)
        return strip

    def blank(self, width: int) -> Strip:
        """Draw a line below the last row."""
        return self._styles.strip((), width)

    def empty(self, texts: tuple[str, ...], line: int, size: Size, width: int) -> Strip:
        """Draw a line of an empty list.

        Args:
            texts: what stands in its middle, long and short.
            line: which of its `size.height` lines.
        """
        lines = self._empty_lines(texts, width - 2, size.height)
        place = line - max(0, (size.height - len(lines)) // 2)
        if not 0 <= place < len(lines):
            return self.blank(width)
        return self._styles.strip([(lines[place].center(width), "muted")], width)

    def _empty_lines(self, texts: tuple[str, ...], width: int, height: int) -> list[str]:
        """Break the long form into a few lines; if they are too many, use a form for one line."""
        lines = even_lines(texts[0], max(1, width))
        if len(lines) <= min(_MOST_EMPTY_LINES, height):
            return lines
        return [fitting(texts, width, self._glyphs.ellipsis)]
