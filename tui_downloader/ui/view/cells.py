"""Text measured in terminal cells: cutting, padding, breaking, bars, sparks and graphs.

Everything here is pure and knows nothing of downloads. Widths are cells, never characters: a CJK
character takes two, a combining mark none.
"""

from __future__ import annotations

import re
import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells, split_graphemes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_downloader.ui.view.glyphs import Glyphs


# "10 MB", "9 s", "8 here": of a number without the word behind it nobody knows what it is of.
_BEFORE_WORD = re.compile(r"(?<=\d) (?=[a-zA-Z])")
NO_BREAK = "\xa0"  # a space that ends no line where that can be helped
_UNBROKEN = re.compile(rf"[\S{NO_BREAK}]+")

# From so many cells on, a name that is cut shows its beginning whatever that costs.
_WITH_HEAD = 24


def pad(text: str, width: int) -> str:
    """Fill `text` with spaces on the right; text that is longer stays as it is."""
    return text + " " * (width - cell_len(text))


def pad_left(text: str, width: int) -> str:
    """Fill `text` with spaces on the left; text that is longer stays as it is."""
    return " " * (width - cell_len(text)) + text


def _head(text: str, width: int) -> str:
    """Return the longest beginning of at most `width` cells that splits no character."""
    used = 0
    for start, _, cells in split_graphemes(text)[0]:
        used += cells
        if used > width:
            return text[:start]
    return text


def _tail(text: str, width: int) -> str:
    """Return the longest end of at most `width` cells that splits no character."""
    used = 0
    end_of_head = len(text)
    for start, _, cells in reversed(split_graphemes(text)[0]):
        used += cells
        if used > width:
            break
        end_of_head = start
    return text[end_of_head:]


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Shorten `text` at its end to at most `width` cells."""
    if cell_len(text) <= width:
        return text
    return _head(text, width - 1) + ellipsis if width > 0 else ""


def cut_front(text: str, width: int, ellipsis: str = "…") -> str:
    """Shorten `text` in its front quarter to at most `width` cells.

    The names of a batch differ at their ends, so the end is kept; nothing but the end if there are
    so few cells that the beginning would cost digits, as those are what differs. Only the name
    itself is considered: if its neighbours were, it would look different after each sorting.
    """
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    head = _head(text, width // 4)
    tail = _tail(text, width - 1 - cell_len(head))
    if width < _WITH_HEAD:
        alone = _tail(text, width - 1)
        if any(map(str.isdigit, alone.removesuffix(tail))):
            return ellipsis + alone
    return head + ellipsis + tail


def fitting(forms: Sequence[str], width: int, ellipsis: str = "…") -> str:
    """Return the first of `forms`, ordered from long to tiny, that fits; else the last one cut."""
    for form in forms:
        if cell_len(form) <= width:
            return form
    return cut(forms[-1], width, ellipsis) if forms else ""


def wrap(text: str, width: int) -> list[str]:
    """Break text into lines of at most `width` cells, at spaces where it can."""
    lines: list[str] = []
    for word in _words(text, width):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines += chop_cells(word, width)
    return [line.replace(NO_BREAK, " ") for line in lines]


def _words(text: str, width: int) -> Iterator[str]:
    """What may stand in lines of its own; words that shall not be parted are one if it fits."""
    for word in _UNBROKEN.findall(text):
        if cell_len(word) <= width:
            yield word
        else:
            yield from word.split()


def broken(text: str, width: int) -> list[str]:
    """Break text into lines, but not between a number and the word that says what it is of."""
    return wrap(_BEFORE_WORD.sub(NO_BREAK, text), width)


def whole_numbers(text: str, width: int) -> str:
    """Insert line breaks only where the text would break between a number and its word."""
    return "\n".join(_with_whole_numbers(line, width) for line in text.split("\n"))


def _with_whole_numbers(text: str, width: int) -> str:
    lines = broken(text, width)
    return text if lines == wrap(text, width) else "\n".join(lines)


def in_lines(facts: Sequence[str], width: int) -> list[str]:
    """Put as many facts beside each other as have room in a line."""
    lines: list[str] = []
    for each in facts:
        if lines and cell_len(lines[-1]) + 2 + cell_len(each) <= width:
            lines[-1] += f"  {each}"
        else:
            lines.append(each)
    return lines


@lru_cache(maxsize=4)  # each empty row asks
def even_lines(text: str, width: int) -> list[str]:
    """Break a text into lines of about the same length, as a single last word looks forgotten."""
    lines = textwrap.wrap(text, width)
    narrower = (textwrap.wrap(text, each) for each in range(1 + width // 2, width))
    return next((even for even in narrower if len(even) == len(lines)), lines)


def bar(fraction: float, width: int, glyphs: Glyphs) -> tuple[str, str]:
    """Draw a progress bar as its filled part and its rest, together `width` cells.

    A bar is full only when everything is there: 99.9 % leaves a gap.
    """
    steps = len(glyphs.bar_parts)
    filled_steps = int(max(0.0, min(1.0, fraction)) * width * steps)
    whole, part = divmod(filled_steps, steps)
    filled = glyphs.bar_parts[-1] * whole + (glyphs.bar_parts[part - 1] if part else "")
    return filled, glyphs.bar_rest * (width - len(filled))


def resample(values: Sequence[float], width: int, seconds: int) -> list[float]:
    """Squeeze the last `seconds` values, one a second, into `width` columns, newest on the right.

    A column shows the mean of what it covers; columns older than the record are 0.
    """
    padded = [0.0] * (seconds - len(values)) + list(values[-seconds:])
    columns = []
    for column in range(width):
        start = column * seconds // width
        covered = padded[start : max(start + 1, (column + 1) * seconds // width)]
        columns.append(sum(covered) / len(covered))
    return columns


def grouped(values: Sequence[float], width: int, each_s: int, until_s: int) -> list[float]:
    """Put `each_s` values, one a second, into each of `width` columns, newest on the right.

    A column is always of the same seconds: as time goes by it moves, but keeps its height. Only the
    newest one still changes, of which some seconds are to come: it has those before it instead, as
    a second by itself is not to be compared with what is the mean of several.

    Args:
        until_s: the second that follows the last value.
    """
    newest = (until_s - 1) % each_s + 1
    padded = [0.0] * (width * each_s - len(values)) + list(values)
    ends = range(len(padded) - newest, 0, -each_s)
    groups = [padded[-each_s:], *(padded[max(0, end - each_s) : end] for end in ends)]
    return [sum(group) / len(group) for group in reversed(groups[:width])]


def spark(values: Sequence[float], width: int, glyphs: Glyphs) -> str:
    """Draw the last `width` values in one line of block characters, scaled to their maximum."""
    if not glyphs.levels:
        return " " * width
    shown = values[-width:]
    top = max(shown, default=0.0)
    return pad_left("".join(_level(value, top, glyphs) for value in shown), width)


def _level(value: float, top: float, glyphs: Glyphs) -> str:
    if top <= 0 or value <= 0:
        return " "
    return glyphs.levels[min(len(glyphs.levels) - 1, int(value / top * len(glyphs.levels)))]


def graph(
    values: Sequence[float], height: int, glyphs: Glyphs, top: float | None = None
) -> list[str]:
    """Draw columns of block characters, `height` lines, top line first.

    Args:
        top: what the highest line ends with; the highest of the values by itself.
    """
    levels = glyphs.levels or glyphs.bar_parts
    top = max(values, default=0.0) if top is None else top
    steps = len(levels)
    heights = [round(value / top * height * steps) if top > 0 else 0 for value in values]
    lines = []
    for row in reversed(range(height)):
        left = [min(steps, tall - row * steps) for tall in heights]
        lines.append("".join(levels[step - 1] if step > 0 else " " for step in left))
    return lines
