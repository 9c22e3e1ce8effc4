"""The log file: rotating, readable by the user alone, created with its first line."""

from __future__ import annotations

import contextlib
import logging
import os
from itertools import pairwise
from typing import TYPE_CHECKING

from tui_downloader.cli.log import send_to

if TYPE_CHECKING:
    from io import TextIOWrapper
    from pathlib import Path

_LARGEST_BYTES = 1_000_000
_KEPT_FILES = 3


class _Private(logging.FileHandler):
    """A handler whose file only the user can read; it begins another one when that is full.

    The standard library has such a handler, among others that need 0.3 MB and milliseconds.
    """

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # no place for the line; see `handleError`
            self._see_to_file()
            super().emit(record)

    def _see_to_file(self) -> None:
        """Begin a new file where the old one is full or was deleted."""
        try:
            size = os.stat(self.baseFilename).st_size
        except FileNotFoundError:
            size = None
        if size is not None and size < _LARGEST_BYTES:
            return
        stream, self.stream = self.stream, None
        if stream is not None:
            stream.close()
        if size is not None:
            self._set_aside()

    def _set_aside(self) -> None:
        """Number the file, and those before it one higher; the oldest goes."""
        names = [self.baseFilename, *(f"{self.baseFilename}.{n + 1}" for n in range(_KEPT_FILES))]
        for newer, older in reversed(list(pairwise(names))):
            with contextlib.suppress(FileNotFoundError):
                os.replace(newer, older)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Drop a line on a full disk; `logging` would print the error over the screen."""
        del record

    def _open(self) -> TextIOWrapper:
        os.makedirs(os.path.dirname(self.baseFilename), mode=0o700, exist_ok=True)
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT, 0o600))
        return super()._open()


def open_log(path: Path) -> None:
    """Send the program's log to `path` only."""
    handler = _Private(path, encoding="utf-8", delay=True)
    send_to(handler, logging.INFO, "%(asctime)s %(levelname)s %(message)s")
