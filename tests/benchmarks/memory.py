"""Peak memory of `get`: one large file, many connections, a long queue."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
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
from tests.benchmarks.servers import MeteredSite, Site, metered_site, nginx_site
from tests.benchmarks.table import Outcome
from tests.benchmarks.tools import aria2c, aria2c_list, curl, installed, list_file, ours
from tests.benchmarks.work import Results, Target, make_files, tidy

_SIZE = 2 << 30
_FILE = "large.bin"
_QUEUED = 10_000
_AT_ONCE = 16
_LOOK_S = 0.05
_SETTLED_S = 3.0
_ONE, _MANY, _LONG = "ours, 2 GiB", "ours, 2 GiB, -x16", "ours, 10,000 queued"


def _peak_mb(name: str) -> Callable[[Results], float]:
    return lambda results: results[name].rss_mb


_TARGETS = (
    Target("peak, one 2 GiB file", 64, _peak_mb(_ONE), " MB"),
    Target("peak, 16 connections", 90, _peak_mb(_MANY), " MB"),
    Target("peak, 10,000 queued", 80, _peak_mb(_LONG), " MB"),
)


def measure(parent: Path, runs: int) -> Outcome:
    """Measure each case; the peak of all runs counts."""
    root, prefix = fresh_folder(parent), fresh_folder(parent)
    make_files(root, {_FILE: _SIZE})
    with nginx_site(root, prefix) as site:
        series = {tool.name: Series(tool) for tool in installed(_tools(site))}
        for _ in range(runs):
            for one in series.values():
                _record(one, partial(_run_whole, one.tool, fresh_folder(parent)))
    with metered_site(root, Shape(hold=True)) as holding:
        queued = {tool.name: Series(tool) for tool in installed(_queue_tools(holding, prefix))}
        for _ in range(runs):
            for one in queued.values():
                _record(one, partial(_run_held, one.tool, holding, fresh_folder(parent)))
    series |= queued
    title = "peak memory (CPU and times of 10,000 queued: until it was stopped)"
    return Outcome(title, series, [target.judge(series) for target in _TARGETS])


def _tools(site: Site) -> Sequence[Tool]:
    url = site.url(_FILE)
    return [
        ours(url, name=_ONE),
        ours("-x16", url, name=_MANY),
        curl(url),
        aria2c(url, 16),
    ]


def _queue_tools(site: Site, folder: Path) -> Sequence[Tool]:
    links = list_file([site.url(f"queued/{n:05}.bin") for n in range(_QUEUED)], folder)
    rival = aria2c_list(links, _AT_ONCE)
    return [
        ours("-i", str(links), f"-j{_AT_ONCE}", name=_LONG),
        replace(rival, name="aria2c, 10,000 queued"),
    ]


def _record(series: Series, run: Callable[[], Run]) -> None:
    if series.failure:
        return
    try:
        series.runs.append(run())
    except Failed as failed:
        series.failure = str(failed)


def _run_whole(tool: Tool, folder: Path) -> Run:
    try:
        return run_once(tool, folder)
    finally:
        tidy(folder)


def _run_held(tool: Tool, site: MeteredSite, folder: Path) -> Run:
    """Start a tool, wait until it has asked for as much as it may and settled, and look."""
    site.reset()
    began_at = time.monotonic()
    process = subprocess.Popen(
        tool.command,
        cwd=folder,
        env=environment(fresh_folder(folder.parent)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while site.counts()["answering_now"] < _AT_ONCE:
            if process.poll() is not None or time.monotonic() > began_at + TIMEOUT_S:
                raise Failed("it did not ask for 16 files")
            time.sleep(_LOOK_S)
        time.sleep(_SETTLED_S)
        peak_mb = _peak_of(process.pid)
    finally:
        process.kill()
        process.wait()
    return Run(time.monotonic() - began_at, 0.0, peak_mb)


def _peak_of(pid: int) -> float:
    """The largest resident set of a running process so far, in 10^6 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024 / 1e6
