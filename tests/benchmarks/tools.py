"""How each program is asked for the same thing. None reads a configuration of the user's."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.benchmarks.measuring import Kind, Tool

OURS = "tui-downloader"
_BARE_LOOP = str(Path(__file__).with_name("bare_loop.py"))
# pypdl has no command line.
_PYPDL = """\
import sys
from pypdl import Pypdl
found = Pypdl().start(url=sys.argv[1], segments=int(sys.argv[2]), display=False)
sys.exit(not found)
"""


def ours(*arguments: str, name: str = OURS, home: Path | None = None) -> Tool:
    """`tui-downloader get` into the current folder."""
    command = [sys.executable, "-m", "tui_downloader", "get", "-q", "-d", ".", *arguments]
    return Tool(name, command, Kind.OURS, home)


def ours_with_queue(*arguments: str) -> Tool:
    """Our line mode: with a queue on disk like the interface's, it ends when all is done."""
    command = [sys.executable, "-m", "tui_downloader", "--plain", "-d", ".", *arguments]
    return Tool(f"{OURS} --plain", command, Kind.OURS)


def bare_loop(url: str, *arguments: str) -> Tool:
    """The floor for one connection."""
    return Tool("bare loop", [sys.executable, _BARE_LOOP, url, *arguments], Kind.FLOOR)


def curl(url: str, *arguments: str) -> Tool:
    return Tool("curl", ["curl", "-q", "-sSO", *arguments, url])


def curl_parallel(urls: Sequence[str], at_once: int, folder: Path) -> Tool:
    """curl --parallel; the addresses go into a file in `folder`."""
    config = folder / "curl.txt"
    config.write_text("".join(f'url = "{url}"\nremote-name\n' for url in urls))
    options = ["-sS", "--parallel", "--parallel-max", str(at_once), "-K", str(config)]
    return Tool("curl --parallel", ["curl", "-q", *options])


def aria2c(url: str, connections: int, *arguments: str) -> Tool:
    split = [f"-x{connections}", f"-s{connections}", "-k1M"]
    return Tool(f"aria2c -x{connections}", [*_ARIA2C, *split, *arguments, url])


def aria2c_list(list_file: Path, at_once: int) -> Tool:
    return Tool(f"aria2c -j{at_once}", [*_ARIA2C, f"-j{at_once}", "-i", str(list_file)])


_ARIA2C = ("aria2c", "--no-conf", "-q", "--file-allocation=none")


def wget2(url: str, *arguments: str) -> Tool:
    return Tool("wget2", ["wget2", "--no-config", "-q", "--max-threads=1", *arguments, url])


def wget2_list(list_file: Path, at_once: int) -> Tool:
    options = ["-q", f"--max-threads={at_once}", "-i", str(list_file)]
    return Tool("wget2", ["wget2", "--no-config", *options])


def axel(url: str, connections: int, *arguments: str) -> Tool:
    command = ["axel", "-q", "-N", f"-n{connections}", *arguments, url]
    return Tool(f"axel -n{connections}", command)


def pypdl(url: str, connections: int) -> Tool:
    return Tool(f"pypdl {connections}", [sys.executable, "-c", _PYPDL, url, str(connections)])


def installed(tools: Iterable[Tool]) -> list[Tool]:
    """Leave out what is not on this machine."""
    has_pypdl = importlib.util.find_spec("pypdl") is not None
    return [
        tool
        for tool in tools
        if shutil.which(tool.command[0]) and (has_pypdl or _PYPDL not in tool.command)
    ]


def list_file(urls: Sequence[str], folder: Path) -> Path:
    """Write addresses to a file, one a line."""
    path = folder / "links.txt"
    path.write_text("".join(f"{url}\n" for url in urls))
    return path
