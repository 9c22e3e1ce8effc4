"""A program in a pseudo-terminal, with somebody who types and looks at the clock."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measuring import Failed
from tests.benchmarks.terminal import Terminal

_READ_BYTES = 1 << 16
_PATIENCE_S = 30.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Typist(Terminal):
    """See the module's docstring; times are seconds of `time.perf_counter`."""

    def __init__(
        self, command: Sequence[str], folder: Path, environ: dict[str, str], columns: int, rows: int
    ) -> None:
        self.began_at = time.perf_counter()
        self._output = bytearray()
        self._arrivals: list[tuple[int, float]] = []  # length of the output, and when it was so
        self._came = threading.Condition()
        self._thawed = threading.Event()
        self._thawed.set()
        super().__init__(command, folder, environ, columns, rows)

    def _read(self) -> None:
        while True:
            self._thawed.wait()
            try:
                data = os.read(self._master, _READ_BYTES)
            except OSError:  # the program is gone
                return
            if not data:
                return
            with self._came:
                self._output += data
                self.written_bytes += len(data)
                self._arrivals.append((len(self._output), time.perf_counter()))
                self._came.notify_all()

    def press(self, text: str) -> tuple[float, int]:
        """Type; return when, and how much output there was before."""
        with self._came:
            mark = len(self._output)
        began_at = time.perf_counter()
        os.write(self._master, text.encode())
        return began_at, mark

    def paste(self, text: str) -> tuple[float, int]:
        """Paste, bracketed, from a thread: a pseudo-terminal takes a few KiB at a time."""
        with self._came:
            mark = len(self._output)
        began_at = time.perf_counter()
        data = f"\x1b[200~{text}\x1b[201~".encode()
        threading.Thread(target=self._write_all, args=(data,)).start()
        return began_at, mark

    def _write_all(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._master, data) :]

    def until(self, words: str, mark: int = 0) -> float:
        """Return when words were shown first after `mark`.

        Raises:
            Failed: they never were.
        """
        sought = words.encode()
        deadline = time.perf_counter() + _PATIENCE_S
        with self._came:
            while (at := self._output.find(sought, mark)) < 0:
                if not self._came.wait(max(0.0, deadline - time.perf_counter())):
                    raise Failed(f"{words!r} was never shown")
            end = at + len(sought)
            return next(arrived_at for length, arrived_at in self._arrivals if length >= end)

    def freeze(self, seconds: float) -> None:
        """Read nothing for a while."""
        self._thawed.clear()
        time.sleep(seconds)
        self._thawed.set()

    # What the process uses, from Linux's books.

    @property
    def cpu_s(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

    @property
    def peak_mb(self) -> float:
        """Largest resident set so far, in 10^6 bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024 / 1e6

    def over(self, seconds: float) -> tuple[float, float]:
        """Return processor seconds and bytes written in a while without a key."""
        cpu_s, written = self.cpu_s, self.written_bytes
        began_at = time.perf_counter()
        time.sleep(seconds)
        taken_s = time.perf_counter() - began_at
        return (self.cpu_s - cpu_s) / taken_s, (self.written_bytes - written) / taken_s
