"""The log file: rotating, without secrets, created with its first line."""

from __future__ import annotations

import logging
import os
import re
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import TextIOWrapper
    from pathlib import Path
    from typing import TextIO

_LARGEST_BYTES = 1_000_000
_KEPT_FILES = 3
_USERINFO = re.compile(r"(\w://)[^\s/?#]+@")
_SECRET_FIELD = re.compile(
    r"\b(authorization|proxy-authorization|cookie|set-cookie)(['\"]?\s*[:=,]\s*).*", re.IGNORECASE
)
# Signed addresses: whoever has the value has the file.
_SECRET_PARAMETER = re.compile(
    r"([?&;][^=&\s]*(?:token|sig|key|pass|pwd|auth|secret|credential|session)[^=&\s]*=)[^&#\s'\"]+",
    re.IGNORECASE,
)


class _Private(RotatingFileHandler):
    """Readable by the user alone."""

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT, 0o600))
        return super()._open()


class _Redacted(logging.Formatter):
    """Takes logins, secret header fields and tokens out of all that is logged, tracebacks too."""

    def format(self, record: logging.LogRecord) -> str:
        text = _USERINFO.sub(r"\1***@", super().format(record))
        text = _SECRET_PARAMETER.sub(r"\1***", text)
        return "\n".join(_SECRET_FIELD.sub(r"\1\2***", line) for line in text.split("\n"))


def open_log(path: Path) -> None:
    """Send what the program logs to `path`, and nowhere else."""
    handler = _Private(
        path, maxBytes=_LARGEST_BYTES, backupCount=_KEPT_FILES, encoding="utf-8", delay=True
    )
    _send_to(handler, logging.INFO, "%(asctime)s %(levelname)s %(message)s")


def tell_faults(stream: TextIO) -> None:
    """Send faults of the program to `stream`, without a log file; failures are told elsewhere."""
    _send_to(logging.StreamHandler(stream), logging.ERROR, "%(message)s")


def _send_to(handler: logging.Handler, level: int, line: str) -> None:
    handler.setFormatter(_Redacted(line))
    logger = logging.getLogger("tui_downloader")
    logger.setLevel(level)
    logger.propagate = False
    logger.addHandler(handler)
