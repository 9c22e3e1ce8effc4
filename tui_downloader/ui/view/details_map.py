"""The map of a file: which parts of it are there, and what its signs mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.ui.view.pieces import width_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.ui.view.details_parts import Line, Picture
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.pieces import Piece

_INDENT = 6  # cells before the map
_BESIDE_FROM = 110  # cells; in a narrower panel the map has a line for itself


def map_lines(picture: Picture) -> list[Line]:
    """The map on one line, however little is of one cell's, with its legend where there is room.

    Of what is complete it would tell nothing.
    """
    total, glyphs, details = picture.snapshot.total_bytes, picture.glyphs, picture.details
    is_begun = bool(details.done_ranges or details.connections)
    if not total or not is_begun or picture.snapshot.status is Status.COMPLETED:
        return []
    legend = _legend(glyphs) if picture.width >= _BESIDE_FROM else []
    width = picture.width - _INDENT - 1 - width_of(legend)
    cells = [glyphs.map_to_do] * width
    for start, end in details.done_ranges:
        first, last = -(-start * width // total), end * width // total
        cells[first:last] = [glyphs.map_done] * (last - first)
        edges = {min(width - 1, byte * width // total) for byte in (start, end - 1)}
        for cell in edges:
            if not first <= cell < last:
                cells[cell] = glyphs.map_partly
    for each in details.connections:
        is_receiving = each.state == "receiving"
        sign = glyphs.map_receiving if is_receiving else glyphs.map_retrying
        cells[min(width - 1, each.position * width // total)] = sign
    roles = {sign: role for sign, role, _ in _signs(glyphs)}
    return [[(" map  ", "muted"), *_runs("".join(cells), roles), *legend]]


def legend_lines(picture: Picture) -> list[Line]:
    """What the signs mean, on a line of its own where it has no room beside the map."""
    legend = _legend(picture.glyphs)
    has_room = picture.is_tall and _INDENT + width_of(legend) < picture.width < _BESIDE_FROM
    return [[(" " * (_INDENT - 2), "muted"), *legend]] if map_lines(picture) and has_room else []


def _signs(glyphs: Glyphs) -> tuple[tuple[str, str, str], ...]:
    """Each sign, its role, and what it means."""
    return (
        (glyphs.map_done, "graph-3", "done"),
        (glyphs.map_partly, "graph-3", "in part"),
        (glyphs.map_receiving, "accent", "receiving"),
        (glyphs.map_to_do, "track", "to do"),
        (glyphs.map_retrying, "warning", "retrying"),
    )


def _legend(glyphs: Glyphs) -> Line:
    pieces = [[("  " + sign, role), (f" {words}", "muted")] for sign, role, words in _signs(glyphs)]
    return [piece for pair in pieces for piece in pair]


def _runs(text: str, roles: dict[str, str]) -> Iterable[Piece]:
    """Split into runs of the same character."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or text[end] != text[start]:
            yield text[start:end], roles[text[start]]
            start = end
