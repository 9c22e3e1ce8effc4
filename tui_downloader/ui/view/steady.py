"""Writes emoji so that all terminals agree on how many cells they take.

Some count a skin tone as a sign of its own, the letters of a flag as one or two cells each, and
disagree on what a variation selector adds. Where they differ, everything behind it is shifted. So
skin tones are left out, flags are written as the letters that they are made of, and a sign that is
made an emoji by a selector is drawn as the plain one. Each takes the cells it was reckoned with.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.filter import LineFilter

if TYPE_CHECKING:
    from textual.color import Color

_FLAG_LETTERS = {0x1F1E6 + n: chr(ord("A") + n) for n in range(26)}
_SKIN_TONES = dict.fromkeys(range(0x1F3FB, 0x1F400))
_PLAIN = _FLAG_LETTERS | _SKIN_TONES
_UNSTEADY = re.compile("[\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\ufe0f]")
_SELECTED = re.compile("([^\ufe0f]?)\ufe0f+")


def steady(text: str) -> str:
    """Return the text in signs of undisputed width; it is reckoned as wide as before."""
    if _UNSTEADY.search(text) is None:
        return text
    plain = _SELECTED.sub(_without_selector, text.translate(_PLAIN))
    # Of a longer sequence, such as a keycap, the signs alone do not tell.
    return plain + " " * (cell_len(text) - cell_len(plain))


def _without_selector(match: re.Match[str]) -> str:
    return match[1] + " " * (cell_len(match[0]) - cell_len(match[1]))


class SteadyFilter(LineFilter):
    """Does so in everything that is painted; the names themselves stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        del background
        return [
            segment
            if segment.text.isascii()
            else Segment(steady(segment.text), segment.style, segment.control)
            for segment in segments
        ]
