"""Speed beside the rivals, in one run: `python -m tests.benchmarks [WORK ...] [--runs N]`.

Every line is a ratio from interleaved runs on this machine against a local nginx; absolute times
are noisy, so medians are quoted. Rivals that are not installed are left out.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.nginx import Nginx
from tests.server_certificates import Certificates

GET = [sys.executable, "-m", "tui_downloader", "get", "-q"]
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Run:
    """One run of one tool: wall and processor seconds, largest resident set in MiB."""

    wall_s: float
    cpu_s: float
    rss_mib: float


@dataclass(frozen=True)
class Work:
    """Something that several tools do.

    Attributes:
        tools: name and command; the command is given a fresh folder to work in.
        files: sizes of the files it needs on the server, by path.
    """

    title: str
    files: dict[str, int]
    tools: Callable[[Nginx, Path], dict[str, list[str]]]


def one_large(nginx: Nginx, _: Path) -> dict[str, list[str]]:
    url = nginx.url("/2g.bin")
    return {
        "tui-downloader": [*GET, "-x", "1", url],
        "curl": ["curl", "-sO", url],
        "aria2c": ["aria2c", "-q", "-x1", "--file-allocation=none", url],
        "wget2": ["wget2", "-q", "--max-threads=1", "--chunk-size=0", url],
        "axel": ["axel", "-q", "-n1", url],
    }


def many_small(nginx: Nginx, work: Path) -> dict[str, list[str]]:
    listed = work / "list.txt"
    listed.write_text("".join(f"{nginx.url(f'/small/{n:04}.bin')}\n" for n in range(2000)))
    return {
        "tui-downloader": [*GET, "-i", str(listed), "-j", "16"],
        "aria2c": ["aria2c", "-q", "-j16", "-i", str(listed)],
        "wget2": ["wget2", "-q", "--max-threads=16", "-i", str(listed)],
    }


def one_byte(nginx: Nginx, _: Path) -> dict[str, list[str]]:
    url = nginx.url("/1.bin")
    return {
        "tui-downloader": [*GET, url],
        "curl": ["curl", "-sO", url],
        "aria2c": ["aria2c", "-q", url],
    }


WORKS = {
    "large": Work("2 GiB over one connection", {"2g.bin": 2 << 30}, one_large),
    "small": Work(
        "2,000 files of 10 KiB, 16 at once",
        {f"small/{n:04}.bin": 10 << 10 for n in range(2000)},
        many_small,
    ),
    "byte": Work("one byte, start to end", {"1.bin": 1}, one_byte),
}


def make_files(root: Path, files: dict[str, int]) -> None:
    """Fill the server's folder with random bytes."""
    for name, size in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for start in range(0, size, _BLOCK):
                file.write(os.urandom(min(_BLOCK, size - start)))


@contextmanager
def fresh_folder(parent: Path) -> Iterator[Path]:
    """A new empty folder, deleted afterwards."""
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def run_once(command: list[str], folder: Path) -> Run:
    """Run a command in a folder and measure it."""
    environment = os.environ | {"TUI_DOWNLOADER_HOME": str(folder.parent / "home")}
    own = command[0] == sys.executable
    before = time.perf_counter()
    process = subprocess.Popen(
        [*command, "-d", str(folder)] if own else command, cwd=folder, env=environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - before
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} exited with {process.returncode}")
    return Run(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(work: Work, parent: Path, runs: int) -> None:
    """Interleave the tools and print medians and ratios to ours."""
    root = parent / "root"
    make_files(root, work.files)
    with Nginx(root, Certificates(parent)) as nginx:
        tools = {k: v for k, v in work.tools(nginx, parent).items() if shutil.which(v[0])}
        results: dict[str, list[Run]] = {name: [] for name in tools}
        for _ in range(runs + 1):
            for name, command in tools.items():
                with fresh_folder(parent) as folder:
                    results[name].append(run_once(command, folder))
    print(f"\n{work.title} (median of {runs}, after one run to warm up)")
    ours = statistics.median(run.wall_s for run in results["tui-downloader"][1:])
    for name, measured in results.items():
        kept = measured[1:]
        wall_s = statistics.median(run.wall_s for run in kept)
        print(
            f"  {name:15} {wall_s:7.3f} s wall   {statistics.median(r.cpu_s for r in kept):6.2f} s"
            f" CPU   {max(r.rss_mib for r in kept):6.1f} MiB   ours / it: {ours / wall_s:5.2f}"
        )
    shutil.rmtree(root)


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("works", nargs="*", choices=[*WORKS, []], help="default: all")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dir", type=Path, help="where to work (default: a temporary folder)")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    parent = Path(tempfile.mkdtemp(dir=arguments.dir))
    try:
        for name in arguments.works or WORKS:
            measure(WORKS[name], parent, arguments.runs)
    finally:
        shutil.rmtree(parent)


if __name__ == "__main__":
    main()
