"""What the interface costs: the same download in a terminal and with `get`; how long it blocks.

The interface takes processor time, not disk: files go to memory where there is room, for the moods
of a disk are many times larger than what is looked for.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.measuring import (
    TIMEOUT_S,
    Failed,
    Kind,
    Run,
    Series,
    Tool,
    environment,
    fresh_folder,
    run_once,
)
from tests.benchmarks.table import Outcome, Verdict
from tests.benchmarks.terminal import terminal
from tests.benchmarks.tools import ours
from tests.benchmarks.work import Results, Target, make_files, tidy
from tests.nginx import Nginx
from tests.server.certificates import Certificates

_SIZE = 2 << 30
_FILE = "large.bin"
_LOOK_S = 0.02
_COLUMNS, _ROWS = 160, 45
_GET, _SHOWN = "get", "interface"
_TAKEN = "transfer_s"
_ROUNDS = 2  # for each run asked for: a small difference wants more of them
_MEMORY = Path("/dev/shm")
_WATCHED = str(Path(__file__).with_name("watched.py"))


def lost_percent(results: Results) -> float:
    """Percent of the throughput of `get` that the interface takes away."""
    get_s, shown_s = (results[name].median(_transfer_s) for name in (_GET, _SHOWN))
    return 100 * (1 - get_s / shown_s)


def _transfer_s(run: Run) -> float:
    return run.counts[_TAKEN]


_LOST = Target("throughput lost", 3.0, lost_percent, " %")


def measure(parent: Path, runs: int) -> Outcome:
    """Run both, interleaved; then once more with a watch on the event loop."""
    root, prefix = fresh_folder(parent), fresh_folder(parent)
    make_files(root, {_FILE: _SIZE})
    with Nginx(prefix, Certificates(prefix), root=root) as nginx, _quick_folder(parent) as quick:
        url = nginx.url(f"/{_FILE}")
        series = {
            _GET: Series(ours(url, name=_GET)),
            _SHOWN: Series(Tool(_SHOWN, [sys.executable, "-m", "tui_downloader", url], Kind.OURS)),
        }
        for round_no in range(_ROUNDS * runs + 1):
            for one in series.values():
                _measure_once(one, nginx, fresh_folder(quick), round_no)
        blocked, longest = _watch(url, fresh_folder(quick))
    title = f"2 GiB with the interface on top ({_COLUMNS}x{_ROWS} terminal)"
    notes = [
        f"{name:27}{one.median(_transfer_s):9.3f} s from the first request to the final name"
        for name, one in series.items()
        if one.runs
    ]
    notes += [f"longest callback: {longest}", f"files written to {quick.parent}"]
    return Outcome(title, series, [_LOST.judge(series), *blocked], notes=notes)


@contextmanager
def _quick_folder(parent: Path) -> Iterator[Path]:
    """A folder in memory where the system has one with room, else on the disk of the others."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 2 * _SIZE
    with tempfile.TemporaryDirectory(dir=_MEMORY if has_room else parent) as folder:
        yield Path(folder)


def _measure_once(series: Series, nginx: Nginx, folder: Path, round_no: int) -> None:
    if series.failure:
        return
    answered = len(nginx.sent_bytes(f"/{_FILE}"))
    try:
        if series.tool.name == _GET:
            run = run_once(series.tool, folder)
        else:
            run = _run_shown(series.tool.command, folder)
    except Failed as failed:
        series.failure = str(failed)
        return
    # The change of a file's names is its last act; both clocks are the wall's.
    took_s = (folder / _FILE).stat().st_ctime - nginx.began_at(f"/{_FILE}", answered)
    tidy(folder)
    if round_no:
        series.runs.append(replace(run, counts={_TAKEN: took_s}))


def _run_shown(command: Sequence[str], folder: Path) -> Run:
    """Run the interface until the file has its final name, then ask it to leave."""
    began_at = time.monotonic()
    environ = environment(fresh_folder(folder.parent))
    with terminal([*command, "-d", str(folder)], folder, environ, _COLUMNS, _ROWS) as running:
        while not (folder / _FILE).exists():
            if running.process.poll() is not None or time.monotonic() > began_at + TIMEOUT_S:
                raise Failed("the interface did not finish the file")
            time.sleep(_LOOK_S)
        wall_s = time.monotonic() - began_at
        status = Path(f"/proc/{running.process.pid}/status").read_text()
    peak_kib = next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]
    return Run(wall_s, 0.0, int(peak_kib) * 1024 / 1e6)


def _watch(url: str, folder: Path) -> tuple[list[Verdict], str]:
    """Measure how long the loop is kept by one callback; also say by which.

    What leaving takes, once the file is here, is not counted.
    """
    report = fresh_folder(folder.parent) / "report.json"
    began_at = time.perf_counter()
    try:
        run = _run_shown([sys.executable, _WATCHED, str(report), url], folder)
    except Failed:
        return [Verdict("longest callback", 25, None, " ms")], "unknown"
    finally:
        tidy(folder)
    done_at = began_at + run.wall_s
    found = json.loads(report.read_text())
    taken_s = sorted(taken_s for at, taken_s, _ in found["all"] if at < done_at)
    verdicts = [
        Verdict("longest callback", 25, taken_s[-1] * 1000, " ms"),
        Verdict(
            "99th percentile of callbacks", 12, taken_s[int(len(taken_s) * 0.99)] * 1000, " ms"
        ),
    ]
    long = [(taken_s, name) for at, taken_s, name in found["long"] if at < done_at]
    return verdicts, max(long, default=(0.0, "none over 10 ms"))[1]
