"""What a tool is, one run of it measured, and all its runs together."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

GB = 1e9
TIMEOUT_S = 90.0
_SPAWN = (sys.executable, "-I", "-S", str(Path(__file__).with_name("spawn.py")))
# Settings of whoever starts the benchmark that would slow down, speed up or misdirect one tool.
_LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "COLUMNS", "LINES")
_PROXY = "_proxy"


class Failed(Exception):
    """A tool did not do the work; the message says how."""


class Kind(Enum):
    """What a tool is in the comparison."""

    OURS = auto()
    RIVAL = auto()
    FLOOR = auto()


@dataclass(frozen=True)
class Tool:
    """A program that does the work.

    Attributes:
        name: as it is shown.
        command: what is run; its current folder is a fresh one, into which it downloads.
        kind: ours, a rival, or a floor that does less than either.
        home: where ours keeps settings and what it remembers of hosts; None for a fresh one.
    """

    name: str
    command: Sequence[str]
    kind: Kind = Kind.RIVAL
    home: Path | None = None


@dataclass(frozen=True)
class Run:
    """One run of one tool.

    Attributes:
        wall_s: from the start of the process until it was gone.
        cpu_s: user and system time.
        rss_mb: largest resident set, in 10^6 bytes.
        ended_at: when it was gone, by the monotonic clock.
        counts: what the server counted meanwhile, by name.
    """

    wall_s: float
    cpu_s: float
    rss_mb: float
    ended_at: float = 0.0
    counts: dict[str, float] = field(default_factory=dict)


@dataclass
class Series:
    """All runs of one tool that count; the first of all, which warms up, is not among them.

    Attributes:
        failure: why there are no more runs, "" when nothing went wrong.
    """

    tool: Tool
    runs: list[Run] = field(default_factory=list)
    failure: str = ""

    def median(self, of: Callable[[Run], float]) -> float:
        """The median of one figure."""
        return statistics.median(of(run) for run in self.runs)

    def span(self, of: Callable[[Run], float]) -> tuple[float, float]:
        """The smallest and the largest of one figure."""
        values = [of(run) for run in self.runs]
        return min(values), max(values)

    @property
    def wall_s(self) -> float:
        return self.median(lambda run: run.wall_s)

    @property
    def cpu_s(self) -> float:
        return self.median(lambda run: run.cpu_s)

    @property
    def rss_mb(self) -> float:
        return max(run.rss_mb for run in self.runs)

    def count(self, name: str) -> float:
        """The median of something that the server counted."""
        return self.median(lambda run: run.counts[name])

    @property
    def names(self) -> list[str]:
        """What the server counted."""
        return list(self.runs[0].counts)


def environment(home: Path) -> dict[str, str]:
    """What a tool sees of the environment: no proxies, nothing that changes Python's ways."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _LEFT_OUT and not name.lower().endswith(_PROXY)
    }
    return kept | {"TUI_DOWNLOADER_HOME": str(home)}


def fresh_folder(parent: Path) -> Path:
    """Make a new empty folder."""
    return Path(tempfile.mkdtemp(dir=parent))


def run_once(tool: Tool, folder: Path, timeout_s: float = TIMEOUT_S) -> Run:
    """Run a tool in a folder and measure it.

    Raises:
        Failed: it did not end well, or not in time.
    """
    home = tool.home or fresh_folder(folder.parent)
    told, words = _spawn(tool, folder, home, timeout_s)
    if not told:
        raise Failed(f"still running after {timeout_s:.0f} s")
    wall_s, cpu_s, peak_kib, code, ended_at = map(float, told.split())
    if code:
        raise Failed(f"exit code {code:.0f}: {words.strip()[-300:]}")
    return Run(wall_s, cpu_s, peak_kib * 1024 / 1e6, ended_at)


def _spawn(tool: Tool, folder: Path, home: Path, timeout_s: float) -> tuple[str, str]:
    """Return what `spawn.py` measured, "" when it had to be killed, and the tool's words."""
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [*_SPAWN, str(writing), *tool.command],
            cwd=folder,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            pass_fds=[writing],
            start_new_session=True,
        )
        os.close(writing)
        with os.fdopen(reading) as measured:
            _wait(process, timeout_s)
            told = measured.read()
        said.seek(0)
        return told, said.read().decode(errors="replace")


def _wait(process: subprocess.Popen[bytes], timeout_s: float) -> None:
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
