"""What lines of text are made of: pieces with roles, and places that can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable

# A text and its role, such as "muted" or "error"; widgets turn roles into colours.
Piece = tuple[str, str]


class Target(NamedTuple):
    """Cells of a line that do something when clicked."""

    start: int
    end: int
    value: str


def width_of(line: Iterable[Piece]) -> int:
    """The cells that the pieces of a line fill."""
    return sum(cell_len(text) for text, _ in line)


def text_of(line: Iterable[Piece]) -> str:
    """What a line says, without colours."""
    return "".join(text for text, _ in line)
