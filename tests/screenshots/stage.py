"""The scene of the screenshots: real downloads that stand where a picture wants them.

Everything comes from the test server, which plays a proxy: addresses look as in life, and no
packet leaves this machine.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.server import Pattern, Resource, Server
from tests.waiting import PATIENCE_S
from tui_downloader.cli.log_file import open_log
from tui_downloader.engine import Engine, EngineOptions
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import DownloadRequest, Snapshot
from tui_downloader.model.status import Status
from tui_downloader.store.paths import resolve
from tui_downloader.store.queue import QueueStore
from tui_downloader.store.settings import Settings
from tui_downloader.ui.app import DownloaderApp
from tui_downloader.ui.screens.main import MainScreen

if TYPE_CHECKING:
    from textual.pilot import Pilot

MB = 1_000_000

ISO = "http://releases.example.org/26.04/"
BUSY = "http://mirror.example.org/"  # a host of its own: all of its downloads wait
DATA = "http://data.example.net/corpus/"
FILES = "http://files.example.com/get/"

_LOOK_S = 0.05
_BREATH_S = 0.7
_RUNNING = 4  # downloads until the last picture


@dataclass
class Stage:
    """A running interface on a running engine, and the server that it downloads from."""

    server: Server
    engine: Engine
    app: DownloaderApp
    pilot: Pilot[None]
    folder: str

    @property
    def main(self) -> MainScreen:
        """The main screen, whatever lies over it."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    def find(self, name: str) -> Snapshot:
        """The picture of the download of that name."""
        downloads = self.engine.snapshot().downloads
        return next(each for each in downloads if each.url.endswith("/" + name))

    async def until(self, condition: Callable[[], object]) -> None:
        """Let everything go on until a condition holds.

        Raises:
            TimeoutError: it never does.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"it never happened: {self.engine.snapshot().downloads}")
            await self.pilot.pause(_LOOK_S)

    async def until_is(self, status: Status, *names: str) -> None:
        """Wait until downloads are in a state."""
        await self.until(lambda: all(self.find(name).status is status for name in names))

    async def until_received(self, name: str, n_bytes: int) -> None:
        """Wait until so much of a download is here."""
        await self.until(lambda: self.find(name).done_bytes >= n_bytes)

    def put(self, url: str, megabytes: float, **behaviour: Any) -> Resource:
        """Serve so many megabytes at an address, and download them."""
        resource = self.serve(url, megabytes, **behaviour)
        self.add(url)
        return resource

    def put_single(self, url: str, megabytes: float, **behaviour: Any) -> Resource:
        """The same, over one connection."""
        resource = self.serve(url, megabytes, **behaviour)
        self.add(url, connections=1)
        return resource

    def serve(self, url: str, megabytes: float, **behaviour: Any) -> Resource:
        """Serve so many megabytes at an address."""
        return self.server.put(url, Pattern(round(megabytes * MB)), **behaviour)

    def add(self, url: str, **wanted: Any) -> None:
        """Add a download at the end of the queue."""
        self.engine.add([replace(DownloadRequest(url, self.folder), **wanted)])

    def ids(self, *names: str) -> list[int]:
        """The ids of downloads."""
        return [self.find(name).download_id for name in names]


@asynccontextmanager
async def stage(**settings: Any) -> AsyncIterator[Stage]:
    """Run the real interface on a real engine with an empty queue."""
    with TemporaryDirectory() as home:
        paths = resolve({"TUI_DOWNLOADER_HOME": home})._replace(
            download_dir=Path(home, "Downloads")
        )
        paths.download_dir.mkdir()
        open_log(paths.log_file)
        async with Server() as server:
            with (
                _environment(home, server),
                closing(QueueStore.open(paths.queue_file)) as queue,
            ):
                engine = Engine(EngineOptions(jobs=64), queue)
                folder = str(paths.download_dir)
                app = DownloaderApp(engine, Settings(**settings), add_folder=folder, paths=paths)
                try:
                    async with app.run_test(notifications=True) as pilot:
                        running = Stage(server, engine, app, pilot, folder)
                        await running.until(lambda: running.main.situation.is_ready)
                        yield running
                        app.quitting.leave()
                finally:
                    await app.life.finish()


@contextmanager
def _environment(home: str, server: Server) -> Iterator[None]:
    """The home folder of the pictures, and the proxy that knows every host."""
    before = dict(os.environ)
    os.environ |= {"HOME": home, "http_proxy": server.url("")}
    os.environ.pop("no_proxy", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


async def play(stage: Stage, seconds: float) -> None:
    """Bring the queue into every state, and let what runs go on for so long."""
    running = _start_running(stage)
    await _stop_some(stage)
    await _fail_some(stage)
    await _finish_some(stage)
    # Nothing more begins beside what was started first: the rest is queued.
    stage.engine.set_jobs(_RUNNING)
    for number in range(3, 30):
        stage.add(f"{DATA}dataset-part-{number:05}-of-00064.tar.zst")
    await breathe(stage, running, seconds)


def start_one(stage: Stage) -> dict[str, float]:
    """Start a single download; return its rate per connection."""
    url = f"{ISO}ubuntu-26.04-desktop-amd64.iso"
    stage.put(url, 1400, throttle_bytes_per_s=0.6 * MB)
    return {url: 0.6 * MB}


def start_some(stage: Stage) -> dict[str, float]:
    """Start others beside it."""
    rates = {
        f"{DATA}dataset-part-00001-of-00064.tar.zst": 0.2 * MB,
        f"{FILES}model-weights-q8.gguf": 0.3 * MB,
    }
    for url, rate in rates.items():
        stage.put(url, 520, throttle_bytes_per_s=rate)
    return rates


def _start_running(stage: Stage) -> dict[str, float]:
    """Start what still runs when the last picture is taken; return its rates per connection."""
    rates = {
        f"{ISO}ubuntu-26.04-desktop-amd64.iso": 0.5 * MB,
        f"{DATA}dataset-part-00001-of-00064.tar.zst": 0.2 * MB,
        f"{FILES}nightly-export.csv": 0.5 * MB,
    }
    iso, part, export = rates
    stage.put(iso, 1400, throttle_bytes_per_s=rates[iso])
    stage.put(part, 520, throttle_bytes_per_s=rates[part])
    stage.put(f"{DATA}dataset-part-00002-of-00064.tar.zst", 260, hold=True)
    stage.put(export, 80, throttle_bytes_per_s=rates[export], length="chunked", ranges="ignore")
    return rates


async def _stop_some(stage: Stage) -> None:
    """Pause, cancel, and a server that breaks off and is busy then."""
    backup, talk, image, linux = (
        "backup-2026-11-01.tar.gz",
        "talk-recording.mp4",
        "old-image.img",
        "linux-6.19.tar.xz",
    )
    stage.put_single(FILES + backup, 60, stall_after=43 * MB)
    stage.put_single(FILES + talk, 48, stall_after=4 * MB, ranges="ignore", accept_ranges=None)
    stage.put_single(FILES + image, 90, stall_after=31 * MB)
    busy = stage.put_single(BUSY + linux, 146, status=503, retry_after=95, fail_times=None)
    busy.first(status=None, close_after=48 * MB)
    await stage.until_received(backup, 43 * MB)
    await stage.until_received(talk, 4 * MB)
    await stage.until_received(image, 31 * MB)
    stage.engine.pause(stage.ids(backup, talk))
    stage.engine.cancel(stage.ids(image), keep=True)
    await stage.until_is(Status.PAUSED, backup, talk)
    await stage.until_is(Status.CANCELLED, image)
    await stage.until_is(Status.WAITING, linux)


async def _fail_some(stage: Stage) -> None:
    """A file that is gone, a web page in its place, a wrong digest."""
    gone, page, wrong = "report-final.pdf", "design-assets.zip", "photos-2026.zip"
    stage.put(FILES + gone, 1, status=404, fail_times=None)
    stage.put(FILES + page, 1, content_type="text/html", ranges="ignore")
    stage.server.put(FILES + wrong, Pattern(3 * MB))
    stage.add(FILES + wrong, checksum=parse_checksum("sha-256=" + "1a2b" * 16))
    await stage.until_is(Status.FAILED, gone, page, wrong)


async def _finish_some(stage: Stage) -> None:
    """One file whose digest fitted, and others."""
    firmware = Pattern(26 * MB)
    stage.server.put(f"{ISO}firmware-2.4.1.bin", firmware, throttle_bytes_per_s=12 * MB)
    checksum = parse_checksum(f"sha-256={firmware.sha256()}")
    stage.add(f"{ISO}firmware-2.4.1.bin", checksum=checksum)
    stage.put_single(f"{FILES}slides.pdf", 9, throttle_bytes_per_s=5 * MB)
    stage.put(f"{FILES}README.txt", 0.014)
    await stage.until_is(Status.COMPLETED, "firmware-2.4.1.bin", "slides.pdf", "README.txt")


async def breathe(stage: Stage, rates: dict[str, float], seconds: float) -> None:
    """Let the rates go up and down as those of real servers do."""
    chance = random.Random(26)
    shares = dict.fromkeys(rates, 1.0)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for url, rate in rates.items():
            shares[url] += (chance.uniform(0.5, 1.5) - shares[url]) / 2
            behaviour = stage.server.resources[url].behaviour
            behaviour.throttle_bytes_per_s = round(rate * shares[url])
        await stage.pilot.pause(_BREATH_S)
