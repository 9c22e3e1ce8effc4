"""The characters the interface draws with: one set for UTF-8 terminals, one for everything else.

No emoji, nothing wider than one cell, nothing that needs a special font.
"""

from __future__ import annotations

import locale
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """One set of characters.

    Attributes:
        status: the sign of each state.
        bar_parts: a bar's cell filled more and more, the full one last; it leaves a gap to the bar
            of the row above.
        bar_rest: a bar's cell that is still to come.
        levels: columns of a graph, the full one last; empty where a spark cannot be drawn.
        map_done, map_partly, map_receiving, map_to_do, map_retrying: the file's map.
        scale, corner: the axis of a chart, where a number stands and where it ends.
        over, notched: a thin line at the top of an empty cell, and of a full one.
        dash: between two ends of a range.
        dot: between parts of a message, with its spaces.
        down: before the total speed.
        ascending, descending: behind what the list is sorted by.
        enter: the key's name in the footer.
        add, known, refused: signs of the preview in the add dialog.
    """

    status: Mapping[Status, str]
    bar_parts: str
    bar_rest: str
    levels: str
    map_done: str
    map_partly: str
    map_receiving: str
    map_to_do: str
    map_retrying: str
    dot: str
    ellipsis: str
    down: str
    ascending: str
    descending: str
    enter: str
    rule: str
    side: str
    scale: str
    corner: str
    over: str
    notched: str
    arrow: str
    dash: str
    add: str
    known: str
    refused: str


UNICODE = Glyphs(
    status={
        Status.QUEUED: "·",
        Status.CONNECTING: "◌",
        Status.DOWNLOADING: "↓",
        Status.WAITING: "↻",
        Status.VERIFYING: "≡",
        Status.PAUSED: "‖",
        Status.COMPLETED: "✓",
        Status.FAILED: "✗",
        Status.CANCELLED: "⊘",
    },
    bar_parts="▏▎▍▌▋▊▉▇",
    bar_rest="─",
    levels="▁▂▃▄▅▆▇█",
    map_done="█",
    map_partly="▒",
    map_receiving="▸",
    map_to_do="░",
    map_retrying="×",
    dot=" · ",
    ellipsis="…",
    down="▼",
    ascending="▲",
    descending="▼",
    enter="⏎",
    rule="─",
    side="│",
    scale="┤",
    corner="└",
    over="▔",
    notched="▇",
    arrow="→",
    dash="–",
    add="✓",
    known="=",
    refused="✗",
)

ASCII = Glyphs(
    status={
        Status.QUEUED: ".",
        Status.CONNECTING: "o",
        Status.DOWNLOADING: "v",
        Status.WAITING: "~",
        Status.VERIFYING: "?",
        Status.PAUSED: "=",
        Status.COMPLETED: "+",
        Status.FAILED: "!",
        Status.CANCELLED: "x",
    },
    bar_parts="#",
    bar_rest=".",
    levels="",
    map_done="#",
    map_partly=":",
    map_receiving=">",
    map_to_do=".",
    map_retrying="!",
    dot=" - ",
    ellipsis="~",
    down="v",
    ascending="^",
    descending="v",
    enter="Enter",
    rule="-",
    side="|",
    scale="|",
    corner="+",
    over="-",
    notched="=",
    arrow="->",
    dash="-",
    add="+",
    known="=",
    refused="!",
)


def choose_glyphs(*, ascii_setting: str, encoding: str, term: str) -> Glyphs:
    """Choose the set for a terminal.

    Args:
        ascii_setting: "always", "never", or "auto" to look at the other two.
        encoding: the output's encoding.
        term: the TERM variable; the Linux console's font has few of the characters.
    """
    if ascii_setting == "auto":
        is_utf8 = encoding.lower().replace("-", "") == "utf8"
        return UNICODE if is_utf8 and term != "linux" else ASCII
    return ASCII if ascii_setting == "always" else UNICODE


def glyphs_here(ascii_setting: str) -> Glyphs:
    """Choose the set for the terminal that this program runs in."""
    return choose_glyphs(
        ascii_setting=ascii_setting,
        encoding=_encoding_here(),
        term=os.environ.get("TERM", ""),
    )


def _encoding_here() -> str:
    """The terminal's encoding, as far as it is known: what is written, or what the locale says.

    Python writes UTF-8 unasked in the C locale, and from 3.15 on in every other too.
    """
    written = getattr(sys.__stdout__, "encoding", None) or "ascii"
    is_unasked = sys.flags.utf8_mode and "PYTHONUTF8" not in os.environ
    if sys.platform == "win32" or not is_unasked or written != "utf-8":
        return written
    return locale.getencoding() if sys.version_info >= (3, 15) else "ascii"
