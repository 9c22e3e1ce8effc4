"""The end of the log file, as lines that can be shown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 400_000
_LONGEST_LINE = 2000


def tail(path: Path) -> list[str]:
    """Return the last lines, the newest last; a file that is not there has none. Blocks.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = max(0, os.fstat(file.fileno()).st_size - _BYTES)
            file.seek(start)
            data = file.read(_BYTES)
    except FileNotFoundError:
        return []
    lines = data.decode("utf-8", "replace").splitlines()
    # The first line of a later part is cut at its start.
    return [clean(line, _LONGEST_LINE) for line in (lines[1:] if start else lines)]
