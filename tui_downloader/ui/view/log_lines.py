"""Lines of the log, and the sentences in them, from long to short: what was said is cut last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui_downloader.ui.view.cells import fitting

if TYPE_CHECKING:
    from collections.abc import Sequence

_LINE = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d)(:\d\d)\S* ([A-Z]+) (.*)")
_FOLDERS = re.compile(r"(?<!\S)~?/\S*/(?=[^/\s])")
_PLACE = re.compile(r"^~?/.*?, (?=line \d+: )")
_NARROW = 50  # cells


def sentence_forms(text: str) -> list[str]:
    """The text, then with the names of files alone, then without the file that it begins with."""
    return [text, _FOLDERS.sub("", text), _FOLDERS.sub("", _PLACE.sub("", text))]


def log_row(line: str, latest: str, width: int) -> str:
    """Return a line of the log in one row; the day of the latest line goes without saying."""
    if (parts := _LINE.match(line)) is None:
        return fitting((line,), width)
    day, minute, second, level, text = parts.groups()
    date = "" if latest.startswith(day) else f"{day} "
    begin = f"{date[5:]}{minute} " if width < _NARROW else f"{date}{minute}{second} {level} "
    return fitting([begin + form for form in sentence_forms(text)], width)


def latest_of(lines: Sequence[str]) -> str:
    """The newest line with a time, "" for none."""
    return next((line for line in reversed(lines) if _LINE.match(line)), "")
