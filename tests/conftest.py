"""What every test may ask for: servers, certificates, and a clean environment."""

from __future__ import annotations

import gc
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.nginx import Nginx, nginx_binary
from tests.server import Server
from tests.server.certificates import Certificates
from tui_downloader.model import retry

_PROXIES = (
    "http_proxy",
    "https_proxy",
    "ftp_proxy",
    "ws_proxy",
    "wss_proxy",
    "all_proxy",
    "no_proxy",
)

# nohup lets what it starts ignore hang-ups, and so do these what they start in turn.
if os.name == "posix" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
# So it is with interrupts and what a script starts in the background.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes tells of the machine and of what runs beside it.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_collection_finish() -> None:
    """Spare the collector of garbage what stays until the end: thousands of tests and modules."""
    gc.collect()
    gc.freeze()
    # Interfaces come and go by the hundred thousand objects.
    gc.set_threshold(10_000)


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that nobody has used, one after the other."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, homes: Iterator[Path]) -> None:
    """Keep the developer's own settings, queue, proxies and terminal out of every test."""
    home = next(homes)
    home.mkdir()
    monkeypatch.setenv("TUI_DOWNLOADER_HOME", str(home))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are real but short."""
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(retry, "LONGEST_BACKOFF_S", 0.05)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """The misbehaving server over plain HTTP."""
    async with Server() as running:
        yield running


@pytest.fixture
async def other_server() -> AsyncIterator[Server]:
    """The same host at another port: another origin."""
    async with Server() as started:
        yield started


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """An authority, a good certificate for this machine, and bad ones."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
async def tls_server(certificates: Certificates) -> AsyncIterator[Server]:
    """The misbehaving server over TLS."""
    async with Server(tls=certificates.server_context()) as running:
        yield running


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Nginx]:
    """A real nginx; put files into its `root`."""
    if nginx_binary() is None:
        pytest.skip("nginx is not installed (Debian package: nginx-light)")
    with Nginx(tmp_path_factory.mktemp("nginx"), certificates) as running:
        yield running
