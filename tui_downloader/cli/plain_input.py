"""The input of the line mode."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading

_READ_BYTES = 65_536


async def whole_line(lines: asyncio.Queue[str | None]) -> str | None:
    """Return the next line, joined with its continuation lines, as copied commands have."""
    line = await lines.get()
    while line is not None and line.rstrip("\r").endswith("\\"):
        more = await lines.get()
        if more is None:
            lines.put_nowait(None)
            return line
        line += f"\n{more}"
    return line


def lines_of_input() -> asyncio.Queue[str | None]:
    """Return the lines of standard input as they come, None at its end.

    It may be a terminal, a pipe, a file or closed; not all of them can be waited for by the loop,
    so a thread reads.
    """
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        # By descriptor: a thread inside a buffered reader would hang the interpreter at its end.
        rest = b""
        while data := _read(descriptor):
            *whole, rest = (rest + data).split(b"\n")
            for line in whole:
                _hand_over(line.decode("utf-8", "replace"))
        if rest:
            _hand_over(rest.decode("utf-8", "replace"))
        _hand_over(None)

    def _hand_over(line: str | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(lines.put_nowait, line)

    descriptor = sys.stdin.fileno()
    threading.Thread(target=read, name="input", daemon=True).start()
    return lines


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _READ_BYTES)
    except OSError:
        return b""  # the terminal is gone
