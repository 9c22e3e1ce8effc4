"""Makes text colours readable on their backgrounds, by the contrast of WCAG 2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.color import BLACK, WHITE, Color

if TYPE_CHECKING:
    from collections.abc import Sequence

ENOUGH = 4.5
_STEPS = 20


def contrast(one: Color, other: Color) -> float:
    """Return how much two colours differ in brightness, from 1 to 21."""
    dark, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in color.normalized
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def readable(color: Color, grounds: Sequence[Color]) -> Color:
    """Return a colour, moved towards black or white as far as is needed to be readable.

    Args:
        color: of a text; one that lets its ground through becomes what that looks like.
        grounds: what it may stand on, the usual one first.
    """

    def least(candidate: Color) -> float:
        return min(contrast(candidate, ground) for ground in grounds)

    solid = grounds[0] + color
    end = max((WHITE, BLACK), key=least)
    steps = (solid.blend(end, step / _STEPS) for step in range(_STEPS + 1))
    return next((candidate for candidate in steps if least(candidate) >= ENOUGH), end)
