"""Runs the program and measures how long each callback keeps its event loop.

    python watched.py REPORT [ARGUMENT ...]

At the end REPORT holds, as JSON, the seconds of the longest callback and of the 99th percentile,
how many there were, and for all of them when they began, by `time.perf_counter`, how long they took
and how much of that the processor worked for them; the long ones with their names. The first second
is left out: nobody types before there is a screen.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from array import array
from asyncio import events
from pathlib import Path

_STARTED_S = 1.0
_LONG_S = 0.01
_STEP = "_run"


class Watch:
    """Durations of callbacks."""

    def __init__(self) -> None:
        self._began_at = array("d")
        self._taken_s = array("d")
        self._worked_s = array("d")
        self._long: list[tuple[float, float, str]] = []
        self._from = time.perf_counter() + _STARTED_S

    def install(self) -> None:
        """Measure every callback of every loop from now on."""
        run = events.Handle._run

        def timed(handle: events.Handle) -> None:
            began_at, worked_s = time.perf_counter(), time.thread_time()
            run(handle)
            taken_s = time.perf_counter() - began_at
            if began_at >= self._from:
                self._began_at.append(began_at)
                self._taken_s.append(taken_s)
                self._worked_s.append(time.thread_time() - worked_s)
                if taken_s > _LONG_S:
                    self._long.append((began_at, taken_s, repr(handle)))

        setattr(events.Handle, _STEP, timed)

    def save(self, report: Path) -> None:
        """Write what was found."""
        ordered = sorted(self._taken_s)
        found = {
            "callbacks": len(ordered),
            "longest_s": ordered[-1] if ordered else 0.0,
            "p99_s": ordered[int(len(ordered) * 0.99)] if ordered else 0.0,
            "long": self._long,
            "all": list(zip(self._began_at, self._taken_s, self._worked_s, strict=True)),
        }
        report.write_text(json.dumps(found))


def main() -> None:
    """Run the command line behind the name of the report."""
    from tui_downloader.cli import main as run

    gc.disable()  # as the program's own entry does
    watch = Watch()
    watch.install()
    try:
        code = run(sys.argv[2:])
    finally:
        watch.save(Path(sys.argv[1]))
    sys.exit(code)


if __name__ == "__main__":
    main()
