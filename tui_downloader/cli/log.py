"""Logging without secrets; loads little, as a plain download writes no file (log_file.py)."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

# Compiled when something is logged, which few runs do.
_USERINFO = r"(\w://)[^\s/?#]+@"
_PRIVATE_FIELD = r"(?i)\b(authorization|proxy-authorization|cookie|set-cookie)(['\"]?\s*[:=,]\s*).*"
# Signed addresses: whoever has the value has the file.
_PRIVATE_PARAMETER = (
    r"(?i)([?&;][^=&\s]*(?:token|sig|key|pass|pwd|auth|secret|credential|session)[^=&\s]*=)"
    r"[^&#\s'\"]+"
)


class _Redacted(logging.Formatter):
    """Removes logins, secret header fields and tokens from everything logged, also tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        text = re.sub(_USERINFO, r"\1***@", super().format(record))
        text = re.sub(_PRIVATE_PARAMETER, r"\1***", text)
        return "\n".join(re.sub(_PRIVATE_FIELD, r"\1\2***", line) for line in text.split("\n"))


def tell_faults(stream: SupportsWrite[str]) -> None:
    """Log faults of the program to `stream`, without a file; failures are reported elsewhere."""
    send_to(logging.StreamHandler(stream), logging.ERROR, "%(message)s")


def send_to(handler: logging.Handler, level: int, line: str) -> None:
    """Send the program's log to a handler only, with secrets removed.

    Args:
        line: the format of a line, as `logging` wants it.
    """
    handler.setFormatter(_Redacted(line))
    logger = logging.getLogger("tui_downloader")
    logger.setLevel(level)
    logger.propagate = False
    logger.addHandler(handler)
