"""A program in a pseudo-terminal whose other end reads everything at once and answers nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_READ_BYTES = 1 << 16
_STOP_S = 10.0


class Terminal:
    """A running program and its screen.

    Attributes:
        process: the program.
        written_bytes: what it has written to the screen so far.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, environ: dict[str, str], columns: int, rows: int
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.written_bytes = 0
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._master, _READ_BYTES)
            except OSError:  # the program is gone
                return
            if not data:
                return
            self.written_bytes += len(data)

    def stop(self) -> None:
        """Ask the program to leave, and see that it does."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_S)
        finally:
            self.process.kill()
            self.process.wait()
            self._reader.join()
            os.close(self._master)


@contextmanager
def terminal(
    command: Sequence[str], folder: Path, environ: dict[str, str], columns: int, rows: int
) -> Iterator[Terminal]:
    """Run a program in a terminal of this size for a while."""
    running = Terminal(command, folder, environ, columns, rows)
    try:
        yield running
    finally:
        running.stop()
