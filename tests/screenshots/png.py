"""Draws the SVG of a terminal as PNG with rsvg-convert (Debian package: librsvg2-bin).

Textual stretches each run of text to its cells by `textLength`, which rsvg does not know. Here
every character gets a place of its own, and blocks and lines fill their cells as in a terminal.
"""

from __future__ import annotations

import contextlib
import html
import re
import shutil
import subprocess
from pathlib import Path

from rich.cells import cell_len

_WIDTH, _HEIGHT = 12.2, 24.4  # of a cell
_ASCENT = 18.5  # from the top of a cell to the line that its text stands on
_STROKE = 1.8
_COLOURS = 256
_RUN = re.compile(
    r'<text class="(?P<look>[^"]*)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="[\d.]+">'
    r"(?P<text>[^<]*)</text>"
)
# A common font, at the size that makes its characters as wide as a cell.
_FONT = "font-family: Fira Code, monospace;\n        font-size: 20px;"
_GRID_FONT = "font-family: DejaVu Sans Mono, monospace;\n        font-size: 20.26px;"


Box = tuple[float, float, float, float]


def _boxes() -> dict[str, Box]:
    """What fills a part of its cell: left, top, width and height in shares of the cell."""
    eighths = [number / 8 for number in range(1, 9)]
    lower: dict[str, Box] = {
        block: (0, 1 - share, 1, share) for block, share in zip("▁▂▃▄▅▆▇█", eighths, strict=True)
    }
    left: dict[str, Box] = {
        block: (0, 0, share, 1) for block, share in zip("▏▎▍▌▋▊▉", eighths[:7], strict=True)
    }
    wide, high = _STROKE / _WIDTH, _STROKE / _HEIGHT
    others: dict[str, Box] = {
        "▀": (0, 0, 1, 0.5),
        "▐": (0.5, 0, 0.5, 1),
        "▔": (0, 0, 1, 1 / 8),
        "▕": (7 / 8, 0, 1 / 8, 1),
        "─": (0, 0.5 - high / 2, 1, high),
        "│": (0.5 - wide / 2, 0, wide, 1),
    }
    return lower | left | others


_BOXES = _boxes()


# Nothing sticks out of its line.
_LINE_CLIPS = re.compile(
    r' clip-path="url\(#[\w-]+-line-\d+\)"|<clipPath id="[\w-]+-line-\d+">.*?</clipPath>\s*',
    re.DOTALL,
)


def slim(svg: str) -> str:
    """Leave out what makes a third of Textual's picture and nothing of what is seen."""
    return _LINE_CLIPS.sub("", svg)


def can_draw() -> bool:
    """Whether rsvg-convert is there."""
    return shutil.which("rsvg-convert") is not None


def draw(svg: str, path: Path) -> None:
    """Draw a picture to a file."""
    grid = _RUN.sub(_characters, svg.replace(_FONT, _GRID_FONT))
    subprocess.run(["rsvg-convert", "-o", path], input=grid.encode(), check=True)


def shrink(path: Path) -> None:
    """Take a picture down to a palette, a third of its size, where Pillow is installed."""
    with contextlib.suppress(ImportError):
        from PIL import Image

        with Image.open(path) as image:
            # A rare colour is not mixed with its neighbours: the highlight stays orange.
            small = image.convert("RGB").quantize(_COLOURS, Image.Quantize.MAXCOVERAGE)
        small.save(path, optimize=True)


def _characters(run: re.Match[str]) -> str:
    """Set the characters of one run one by one."""
    x, y = float(run["x"]), float(run["y"])
    drawn = []
    for character in html.unescape(run["text"]):
        if not character.isspace():
            drawn.append(_drawn(character, x, y, run["look"]))
        x += cell_len(character) * _WIDTH
    return "".join(drawn)


def _drawn(character: str, x: float, y: float, look: str) -> str:
    box = _BOXES.get(character)
    if box is None:
        return f'<text class="{look}" x="{x:.1f}" y="{y:.1f}">{html.escape(character)}</text>'
    left, top, width, height = box
    return (
        f'<rect x="{x + left * _WIDTH:.2f}" y="{y - _ASCENT + top * _HEIGHT:.2f}" '
        f'width="{width * _WIDTH:.2f}" height="{height * _HEIGHT:.2f}" '
        f'shape-rendering="crispEdges" class="{look}"/>'
    )
