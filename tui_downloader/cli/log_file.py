"""The log file: rotating, readable by the user alone, created with its first line."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from tui_downloader.cli.log import send_to

if TYPE_CHECKING:
    from io import TextIOWrapper
    from pathlib import Path

_LARGEST_BYTES = 1_000_000
_KEPT_FILES = 3


class _Private(RotatingFileHandler):
    """A handler whose file only the user can read, recreated if it is deleted."""

    def emit(self, record: logging.LogRecord) -> None:
        if self.stream is not None and not os.path.exists(self.baseFilename):
            self.stream.close()
            self.stream = None
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Drop a line on a full disk; `logging` would print the error over the screen."""
        del record

    def _open(self) -> TextIOWrapper:
        os.makedirs(os.path.dirname(self.baseFilename), mode=0o700, exist_ok=True)
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT, 0o600))
        return super()._open()


def open_log(path: Path) -> None:
    """Send the program's log to `path` only."""
    handler = _Private(
        path, maxBytes=_LARGEST_BYTES, backupCount=_KEPT_FILES, encoding="utf-8", delay=True
    )
    send_to(handler, logging.INFO, "%(asctime)s %(levelname)s %(message)s")
