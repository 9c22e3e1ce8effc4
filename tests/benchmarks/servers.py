"""The servers of the benchmark, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from tests.benchmarks.far_line import Line, far_end
from tests.benchmarks.metered import Shape
from tests.nginx import Nginx
from tests.server.certificates import Certificates

_REPOSITORY = Path(__file__).parents[2]


class Site(Protocol):
    """Something that serves the files of a work."""

    def url(self, path: str) -> str:
        """Return the address of a file."""

    def reset(self) -> None:
        """Begin to count anew."""

    def counts(self) -> dict[str, float]:
        """Return what was counted since `reset`; empty when nothing is counted."""


class NginxSite:
    """nginx over plain HTTP or TLS; it counts nothing."""

    def __init__(self, nginx: Nginx, *, tls: bool) -> None:
        self.ca_file = nginx.ca_file
        self._url = nginx.tls_url if tls else nginx.url

    def url(self, path: str) -> str:
        return self._url(f"/{path}")

    def reset(self) -> None:
        """Nothing to reset."""

    def counts(self) -> dict[str, float]:
        return {}


class MeteredSite:
    """The server of `metered.py`."""

    def __init__(self, port: int) -> None:
        self._origin = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def url(self, path: str) -> str:
        return f"{self._origin}/{path}"

    def reset(self) -> None:
        self._opener.open(f"{self._origin}/.reset").close()

    def counts(self) -> dict[str, float]:
        with self._opener.open(f"{self._origin}/.counts") as answer:
            counted: dict[str, float] = json.load(answer)
        return counted


@contextmanager
def nginx_site(root: Path, prefix: Path, *, tls: bool = False) -> Iterator[NginxSite]:
    """Serve a folder with nginx."""
    with Nginx(prefix, Certificates(prefix), root=root) as nginx:
        yield NginxSite(nginx, tls=tls)


@contextmanager
def far_site(root: Path, prefix: Path, line: Line) -> Iterator[NginxSite]:
    """Serve a folder with nginx at the far end of a line.

    Raises:
        Unavailable: this machine has no such lines.
    """
    with (
        far_end(line) as listening,
        Nginx(prefix, Certificates(prefix), root=root, listening=listening) as nginx,
    ):
        yield NginxSite(nginx, tls=False)


@contextmanager
def metered_site(root: Path, shape: Shape) -> Iterator[MeteredSite]:
    """Serve a folder over lines of this shape."""
    options = [f"--{key}={value}" for key, value in asdict(shape).items() if value is not False]
    options = [option.removesuffix("=True") for option in options]
    command = [sys.executable, "-m", "tests.benchmarks.metered", str(root), *options]
    with subprocess.Popen(command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield MeteredSite(int(process.stdout.readline()))
        finally:
            process.kill()
