"""The program in a real pseudo-terminal, seen and used as a person does.

    with Terminal("-d", folder, home=home) as terminal:
        terminal.paste("http://127.0.0.1/file.bin")
        terminal.until(lambda: "1 new" in terminal.text)
        terminal.press("F2")
        terminal.until(lambda: "done" in terminal.row("file.bin"))

Nothing is read from the terminal between two waits: while no wait runs, it is a frozen one.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import sys
import termios
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

_UNTIL_S = 60.0
_LOOK_S = 0.02
_READ_BYTES = 1 << 16
_ROW = re.compile(r"[> ][* ]\S (?P<name>\S+)")  # highlight, mark, state

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "F2": "\x1bOQ",
    "ctrl+u": "\x15",
    "ctrl+z": "\x1a",
}

ALTERNATE_SCREEN, BRACKETED_PASTE, FOCUS = 1049, 2004, 1004
MOUSE = (1000, 1002, 1003, 1006, 1015)
_SAVE_TITLE, _RESTORE_TITLE = b"\x1b[22;2t", b"\x1b[23;2t"


def eventually(condition: Callable[[], object], timeout_s: float = _UNTIL_S) -> None:
    """Wait for something that happens outside the terminal.

    Raises:
        AssertionError: it did not happen in time.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(_LOOK_S)


class Terminal:
    """One run of the program; leaving the `with` block kills what still runs.

    Args:
        arguments: the program's command line.
        home: where settings, queue and log are.
        columns, rows: the size of the terminal.
        program: what Python is to run, when it is not the program as it is.
        kind: what the terminal calls itself.

    Attributes:
        output: everything the program has written so far.
    """

    def __init__(
        self,
        *arguments: str,
        home: Path,
        columns: int = 80,
        rows: int = 24,
        program: Sequence[str] = ("-m", "tui_downloader"),
        kind: str = "xterm-256color",
    ) -> None:
        self.output = bytearray()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        environment = os.environ | {
            "TUI_DOWNLOADER_HOME": str(home),
            "TERM": kind,
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }
        # The last two would outrank the size of the window.
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        with warnings.catch_warnings():
            # Forking beside threads is safe here: the child only turns into the program.
            warnings.filterwarnings("ignore", message=".*multi-threaded", category=Warning)
            self._child = pexpect.spawn(
                sys.executable,
                [*program, *arguments],
                dimensions=(rows, columns),
                env=environment,
            )
        self._child.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.close(force=True)

    # What the user sees.

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, as of the last wait."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def title(self) -> str:
        """The title of the window."""
        return str(self._screen.title)

    @property
    def names(self) -> list[str]:
        """The files of the list from the top, as far as they are on the screen."""
        rows = (_ROW.match(line) for line in self.lines)
        return [row["name"] for row in rows if row]

    def row(self, name: str) -> str:
        """The line of the list that shows a file; "" when there is none."""
        rows = (_ROW.match(line) for line in self.lines)
        return next((row.string for row in rows if row and row["name"] == name), "")

    @property
    def highlighted(self) -> str:
        """The file that the highlight is on; "" when there is none."""
        return next((name for name in self.names if self.row(name).startswith(">")), "")

    # What the user does.

    def press(self, *keys: str) -> None:
        """Press keys at once, by name or by character."""
        self._child.send("".join(KEYS.get(key, key) for key in keys))

    def send_bytes(self, data: bytes) -> None:
        """Send what no keyboard can."""
        self._child.send(data)

    def type(self, keys: str, every_s: float = 0.03) -> None:
        """Press keys one after the other, so that each gets a picture of its own."""
        for key in keys:
            self.press(key)
            time.sleep(every_s)

    def paste(self, text: str) -> None:
        """Paste a text, bracketed as terminals do when asked to."""
        assert self.is_on(BRACKETED_PASTE), "the program did not ask for bracketed paste"
        self._child.send(f"\x1b[200~{text.replace(os.linesep, chr(13))}\x1b[201~")

    def highlight(self, name: str) -> None:
        """Move the highlight to a file of the first page, key by key from the top."""
        self.press("g")
        self.until(lambda: name in self.names and self.highlighted == self.names[0])
        self.press(*["j"] * self.names.index(name))
        self.until(lambda: self.highlighted == name)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, as the system has them."""
        rows, columns = self._child.getwinsize()
        return columns, rows

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self._screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    # Waiting.

    def until(self, condition: Callable[[], object], timeout_s: float = _UNTIL_S) -> None:
        """Read and show what the program writes until a condition holds.

        Raises:
            AssertionError: it did not in time, or the program ended; the screen is in the message.
        """
        deadline = time.monotonic() + timeout_s
        while not condition():
            is_late = time.monotonic() > deadline
            if is_late or not self._read():
                why = "not in time" if is_late else "the program has ended"
                raise AssertionError(f"{why}; the screen, {self.title!r}:\n{self.text}")

    def until_ended(self, timeout_s: float = _UNTIL_S) -> int:
        """Read to the end; return the exit code, negative for the signal that ended it."""
        deadline = time.monotonic() + timeout_s
        while self._read():
            assert time.monotonic() < deadline, f"it still runs; the screen:\n{self.text}"
        self._child.wait()
        if self._child.exitstatus is None:
            return -int(self._child.signalstatus)
        return int(self._child.exitstatus)

    def _read(self) -> bool:
        """Take what is there, waiting a moment for it; False at the end."""
        try:
            data = self._child.read_nonblocking(_READ_BYTES, timeout=_LOOK_S)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.output += data
        self._stream.feed(data)
        return True

    # What the program did to the terminal.

    def is_on(self, mode: int) -> bool:
        """Whether a private mode was switched on last, and not off."""
        switches = re.findall(rb"\x1b\[\?%d([hl])" % mode, self.output)
        return bool(switches) and switches[-1] == b"h"

    @property
    def is_restored(self) -> bool:
        """Everything that was switched on is off again, and the old title is back."""
        modes = (ALTERNATE_SCREEN, BRACKETED_PASTE, FOCUS, *MOUSE)
        is_title_back = self.output.count(_SAVE_TITLE) == self.output.count(_RESTORE_TITLE) == 1
        last_title = self.output.rfind(b"\x1b]2;")
        return (
            not any(self.is_on(mode) for mode in modes)
            and is_title_back
            and last_title < self.output.rfind(_RESTORE_TITLE)
        )

    @property
    def waiting_bytes(self) -> int:
        """What the program has written and nobody has read."""
        answer = fcntl.ioctl(self._child.child_fd, termios.FIONREAD, b"\0" * 4)
        return int(struct.unpack("i", answer)[0])

    # The process.

    @property
    def pid(self) -> int:
        """Its process id."""
        return int(self._child.pid)

    @property
    def is_stopped(self) -> bool:
        """It was stopped, and not continued since."""
        found = os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
        return found is not None

    def kill(self, signal_number: int) -> None:
        """Send it a signal."""
        self._child.kill(signal_number)

    def hang_up(self) -> None:
        """Close the terminal under it, as closing a window does."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, self._child.child_fd)  # its number stays taken for who closes it later
        os.close(nowhere)

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself in time, without anybody reading."""
        deadline = time.monotonic() + seconds
        while self._child.isalive():
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_S)
        return True
