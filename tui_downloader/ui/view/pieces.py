"""What lines of text are made of: pieces with roles, and places that can be clicked."""

from __future__ import annotations

from dataclasses import dataclass

# A text and its role, such as "muted" or "error"; widgets turn roles into colours.
Piece = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Target:
    """Cells of a line that do something when clicked."""

    start: int
    end: int
    value: str
