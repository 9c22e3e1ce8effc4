"""kill -9 when half of the file is here, then the same command again: how much is fetched twice?"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measuring import (
    TIMEOUT_S,
    Failed,
    Run,
    Series,
    Tool,
    environment,
    fresh_folder,
    run_once,
)
from tests.benchmarks.metered import Shape
from tests.benchmarks.servers import MeteredSite, metered_site
from tests.benchmarks.table import Outcome
from tests.benchmarks.tools import OURS, aria2c, axel, curl, installed, ours
from tests.benchmarks.work import Results, Target, check_files, make_files, tidy

_SIZE = 256 << 20
_LINE = 4 << 20  # bytes per second of each connection
_CONNECTIONS = 8
_LOOK_S = 0.005
_FILE = "killed.bin"
_AGAIN = "fetched again"


def fetched_again(results: Results) -> float:
    """Percent of the file that ours fetched twice."""
    return results[OURS].median(lambda run: run.counts[_AGAIN])


_TARGET = Target("fetched again", 1.0, fetched_again, " %")


def _tools(url: str) -> Sequence[Tool]:
    tuned = aria2c(url, _CONNECTIONS, "-c", "--auto-save-interval=1")
    return [
        ours(f"-x{_CONNECTIONS}", url),
        aria2c(url, _CONNECTIONS, "-c"),
        Tool(f"{tuned.name}, saving each s", tuned.command),
        axel(url, _CONNECTIONS),
        curl(url, "-C", "-"),
    ]


def measure(parent: Path, runs: int) -> Outcome:
    """Kill and repeat every tool `runs` times."""
    root = fresh_folder(parent)
    digests = make_files(root, {_FILE: _SIZE})
    with metered_site(root, Shape(line=_LINE)) as site:
        series = {tool.name: Series(tool) for tool in installed(_tools(site.url(_FILE)))}
        for _ in range(runs):
            for one in series.values():
                _measure_once(one, site, fresh_folder(parent), digests)
    notes = [
        f"{one.tool.name:27}{one.median(lambda run: run.counts[_AGAIN]):9.2f} % fetched again"
        for one in series.values()
        if one.runs
    ]
    title = f"kill -9 at half of 256 MiB, {_CONNECTIONS} connections of 4 MiB/s (times: second run)"
    return Outcome(title, series, [_TARGET.judge(series)], notes=notes)


def _measure_once(series: Series, site: MeteredSite, folder: Path, digests: dict[str, str]) -> None:
    if series.failure:
        return
    tool = Tool(
        series.tool.name, series.tool.command, series.tool.kind, fresh_folder(folder.parent)
    )
    try:
        site.reset()
        _kill_at_half(tool, site, folder)
        first_bytes = site.counts()["sent_bytes"]
        site.reset()
        run = run_once(tool, folder)
        again_bytes = first_bytes + site.counts()["sent_bytes"] - _SIZE
        check_files(folder, digests, compare=True)
    except Failed as failed:
        series.failure = str(failed)
    else:
        counts = {_AGAIN: 100 * again_bytes / _SIZE}
        series.runs.append(Run(run.wall_s, run.cpu_s, run.rss_mb, counts=counts))
    finally:
        tidy(folder)


def _kill_at_half(tool: Tool, site: MeteredSite, folder: Path) -> None:
    """Start a tool and kill it when half of the bytes were sent.

    Raises:
        Failed: it ended before.
    """
    assert tool.home is not None
    process = subprocess.Popen(
        tool.command,
        cwd=folder,
        env=environment(tool.home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    give_up_at = time.monotonic() + TIMEOUT_S
    while site.counts()["sent_bytes"] < _SIZE / 2:
        if process.poll() is not None or time.monotonic() > give_up_at:
            break
        time.sleep(_LOOK_S)
    ended = process.poll()
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if ended is not None:
        raise Failed(f"ended with {ended} before half was here")
