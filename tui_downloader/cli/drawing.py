"""Whether a stream leads to a terminal in which text can be overwritten."""

from __future__ import annotations

import os
from typing import Protocol

# Terminals, such as the shell of an editor, that put one line below the other and nothing else.
_LINES_ONLY = ("dumb", "unknown")


class Stream(Protocol):
    """A stream that may lead to a terminal."""

    def isatty(self) -> bool:
        """Tell whether it does."""


def can_be_drawn_on(stream: Stream) -> bool:
    """Tell whether it leads to a terminal, and to one that draws."""
    return stream.isatty() and os.environ.get("TERM", "").lower() not in _LINES_ONLY
