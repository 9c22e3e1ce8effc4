"""A work that several tools do against one server, and what must come out of it."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.benchmarks.measuring import Failed, Kind, Run, Series, Tool, fresh_folder, run_once
from tests.benchmarks.servers import Site
from tests.benchmarks.table import Outcome, Verdict
from tests.benchmarks.tools import installed

_BLOCK = 1 << 20
# Larger folders are deleted after each run. Small files stay until the end: creating files is slow
# beside ones that were deleted a moment ago.
_KEPT_BYTES = 64 << 20

TRANSFER = "transfer_s"

Results = Mapping[str, Series]


@dataclass(frozen=True)
class Target:
    """What must be reached: `value` of the results at most `limit`."""

    words: str
    limit: float
    value: Callable[[Results], float]
    unit: str = ""

    def judge(self, results: Results) -> Verdict:
        """Measure it; a tool that is missing or failed leaves it unmeasured."""
        try:
            value = self.value({name: found for name, found in results.items() if found.runs})
        except (KeyError, ValueError):
            return Verdict(self.words, self.limit, None, self.unit)
        return Verdict(self.words, self.limit, value, self.unit)


@dataclass(frozen=True)
class Work:
    """See the module's docstring.

    Attributes:
        files: sizes of the files on the server, by path.
        site: opens the server; given the folder to serve and an empty one for itself.
        tools: given the site and a folder for lists and the like.
    """

    title: str
    files: Mapping[str, int]
    site: Callable[[Path, Path], AbstractContextManager[Site]]
    tools: Callable[[Site, Path], Sequence[Tool]]
    targets: Sequence[Target]
    shows_cpu_per_gb: bool = False

    def measure(self, parent: Path, runs: int) -> Outcome:
        """Run every tool `runs` times, after one run each to warm up.

        Each round has an order of its own: what a tool leaves behind, such as warm memory, is the
        luck of whoever comes next.
        """
        root, prefix = fresh_folder(parent), fresh_folder(parent)
        digests = make_files(root, self.files)
        with self.site(root, prefix) as site:
            series = {tool.name: Series(tool) for tool in installed(self.tools(site, prefix))}
            for round_no in range(runs + 1):
                for one in random.sample(list(series.values()), len(series)):
                    _measure_once(one, site, fresh_folder(parent), digests, round_no)
        shutil.rmtree(root)
        verdicts = [target.judge(series) for target in self.targets]
        n_bytes = sum(self.files.values()) if self.shows_cpu_per_gb else 0
        return Outcome(self.title, series, verdicts, n_bytes, _transfers(series))


def _transfers(series: Results) -> list[str]:
    """Say how long ours took without starting up, where the server tells."""
    return [
        f"{name}: {one.count(TRANSFER):.3f} s from its first request to its end"
        for name, one in series.items()
        if one.tool.kind is Kind.OURS and one.runs and TRANSFER in one.names
    ]


def make_files(root: Path, files: Mapping[str, int]) -> dict[str, str]:
    """Fill the server's folder with random bytes; return the SHA-256 of each file by its name."""
    digests = {}
    for name, size in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with path.open("wb") as file:
            for start in range(0, size, _BLOCK):
                block = os.urandom(min(_BLOCK, size - start))
                digest.update(block)
                file.write(block)
        digests[path.name] = digest.hexdigest()
    return digests


def _measure_once(
    series: Series, site: Site, folder: Path, digests: Mapping[str, str], round_no: int
) -> None:
    """Run one tool once; the first round warms up and is where the bytes are compared."""
    if series.failure:
        return
    os.sync()  # what others left to be written is not this tool's to wait for
    site.reset()
    try:
        run = with_counts(run_once(series.tool, folder), site)
        check_files(folder, digests, compare=round_no == 0)
    except Failed as failed:
        series.failure = str(failed)
        return
    finally:
        tidy(folder)
    if round_no:
        series.runs.append(run)


def with_counts(run: Run, site: Site) -> Run:
    """Add what the server counted, and the seconds from the first request to the end."""
    counts = site.counts()
    if not counts:
        return run
    return replace(run, counts=counts | {TRANSFER: run.ended_at - counts["first_request_at"]})


def check_files(folder: Path, digests: Mapping[str, str], *, compare: bool) -> None:
    """See that every file is there, and has the right bytes.

    Raises:
        Failed: it is not so.
    """
    missing = [name for name in digests if not (folder / name).is_file()]
    if missing:
        raise Failed(f"{len(missing)} files are missing, {missing[0]} for one")
    if not compare:
        return
    for name, digest in digests.items():
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise Failed(f"{name} has wrong bytes")


def tidy(folder: Path) -> None:
    """Empty a folder that takes much room."""
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > _KEPT_BYTES:
        shutil.rmtree(folder)
