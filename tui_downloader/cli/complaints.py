"""Error messages on standard error that keep the program from running, and exit codes."""

from __future__ import annotations

import sys
from contextlib import suppress

FAILED, WRONG_USAGE = 1, 2


def say(sentence: str) -> None:
    """Print a sentence in the program's name."""
    with suppress(OSError):  # there may be nobody to tell
        print(f"tui-downloader: {sentence}", file=sys.stderr, flush=True)


def complain(sentence: str, code: int) -> int:
    """Print why the program ends; return the exit code."""
    say(sentence)
    return code


def complain_of_output(problem: OSError | ValueError | None) -> int:
    """Print why standard output took no more; return the exit code, 0 when its reader just left."""
    if isinstance(problem, OSError) and not isinstance(problem, BrokenPipeError):
        return complain(f"cannot write to standard output: {problem.strerror}", FAILED)
    return 0
