"""Sentences on standard error for what keeps the program from running, and its exit codes."""

from __future__ import annotations

import sys
from contextlib import suppress

FAILED, WRONG_USAGE = 1, 2


def say(sentence: str) -> None:
    """Print a sentence in the program's name."""
    with suppress(OSError):  # there may be nobody to tell
        print(f"tui-downloader: {sentence}", file=sys.stderr, flush=True)


def complain(sentence: str, code: int) -> int:
    """Say why it ends; return the exit code."""
    say(sentence)
    return code
