"""A terminal or pipe that may stop reading or go away: whoever writes to it notices neither."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

DRAIN_S = 1.0


class PatientFile:
    """Takes text at once and writes it from a thread of its own, for as long as that works.

    Args:
        file: what is written to.
        on_lost: called from that thread when nobody reads any more, or nothing can be written.

    Attributes:
        problem: why it was given up, None as long as it works.
    """

    def __init__(self, file: IO[str], on_lost: Callable[[], None] = lambda: None) -> None:
        self.problem: OSError | ValueError | None = None
        self._file = file
        self._on_lost = on_lost
        self._texts: deque[str] = deque()
        self._wake = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="terminal", daemon=True)
        self._thread.start()

    @property
    def waiting_writes(self) -> int:
        """Texts that have not been taken yet."""
        return len(self._texts)

    @property
    def is_closed(self) -> bool:
        """Nothing is written any more."""
        return self._is_closed

    def write(self, text: str) -> int:
        """Take a text; never blocks."""
        with self._wake:
            if not self._is_closed:
                self._texts.append(text)
                self._wake.notify()
        return len(text)

    def flush(self) -> None:
        """Nothing to do: the thread flushes when it has nothing to write."""

    @property
    def encoding(self) -> str | None:
        """How its text becomes bytes."""
        return getattr(self._file, "encoding", None)

    def fileno(self) -> int:
        """The descriptor behind it."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()

    def close(self, patience_s: float | None = DRAIN_S) -> None:
        """Write what is left and stop.

        Args:
            patience_s: a reader that takes longer is given up on, None for never.
        """
        with self._wake:
            self._is_closed = True
            self._wake.notify()
        self._thread.join(patience_s)

    def _run(self) -> None:
        while (text := self._next()) is not None:
            try:
                self._file.write(text)
                if self.waiting_writes == 1:
                    self._file.flush()
            except (OSError, ValueError) as error:
                # The terminal is gone; the program goes on until it is told to stop.
                with self._wake:
                    self.problem, self._is_closed = error, True
                    self._texts.clear()
                self._on_lost()
                return
            with self._wake:
                self._texts.popleft()

    def _next(self) -> str | None:
        with self._wake:
            self._wake.wait_for(lambda: self._texts or self._is_closed)
            return self._texts[0] if self._texts else None
