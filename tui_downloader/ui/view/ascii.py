"""Replaces every other character by an ASCII one, for terminals that can draw nothing else.

Our own lines use ASCII signs already (`glyphs`); borders, scrollbars and the toolkit's lists do
not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

# Each keeps its one cell.
_INSTEAD = {
    "-": "─━┄┅╌╍═▔·–—",
    "|": "│┃┆┇╎╏║▌▍▎▏▐▕",
    "_": "▁▂",
    "#": "█▉▊▋▀▃▄▅▆▇▒▓■",
    ".": "░",
    "+": "┌┐└┘├┤┬┴┼┏┓┗┛╭╮╰╯╔╗╚╝╋╸╹╺╻✓",
    "*": "•●",
    "~": "…",
    "<": "←◀",
    ">": "→▶▸",
    "^": "↑▲⏎",
    "v": "↓▼",
    "!": "✗",
    "x": "×⊘",
}
_TABLE = str.maketrans({sign: plain for plain, signs in _INSTEAD.items() for sign in signs})


class AsciiFilter(LineFilter):
    """Replaces signs in everything that is painted; letters of names stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        del background
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(_TABLE), segment.style, segment.control)
            for segment in segments
        ]
