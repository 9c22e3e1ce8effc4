"""Downloads that wait for the network: that spends no retry, and ends when it is back."""

from __future__ import annotations

import asyncio
import time
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_downloader.engine.network.network import NO_NETWORK
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Container, Iterator

    from tui_downloader.engine.network.network import Network
    from tui_downloader.engine.queue.roster import Roster
    from tui_downloader.engine.transfer.download import Download

EVERY_S = 1.0


class Offline:
    """Knows which downloads wait for the network; `watch` is a task of the engine.

    Args:
        roster: all downloads.
        network: tells of the ways out.
        apply: changes the status of a download by an event, and reports it.
    """

    def __init__(
        self, roster: Roster, network: Network, apply: Callable[[Download, Event], None]
    ) -> None:
        self._roster = roster
        self._network = network
        self._apply = apply
        self._waiting: dict[int, tuple[Download, str]] = {}  # with the address that it asked
        self._busy = asyncio.Event()

    def is_down(self, url: str) -> bool:
        """Tell whether there was a route to the host of `url`, and is none any more."""
        return self._network.is_down(url)

    def is_up(self, url: str) -> bool:
        """Tell whether there is a route to the host of `url` now."""
        return self._network.is_up(url)

    def add(self, download: Download, url: str) -> None:
        """A download is WAITING for a route to the host of `url`."""
        self._waiting[download.download_id] = download, url
        self._busy.set()

    def note(self, download: Download) -> None:
        """The status or the request of a download changed, or it is in the list again."""
        key, request = download.download_id, download.request
        if download.status is not Status.WAITING or download.failure != NO_NETWORK:
            self._waiting.pop(key, None)
        elif key not in self._waiting or self._waiting[key][1] not in (
            request.url,
            *request.mirrors,
        ):
            self.add(download, request.url)

    @property
    def somebody_waits(self) -> bool:
        """A download will go on by itself when there is a network."""
        return bool(self._waiting)

    def hosts(self, among: Collection[str]) -> set[str]:
        """Return those of the hosts, name and port, whose route some download waits for.

        A name may stand for a host in the local network, so one says nothing of another.
        """
        names = {_name(url) for _, url in self._known()}
        return {host for host in among if _name(f"//{host}") in names} if names else set()

    def _known(self) -> Iterator[tuple[Download, str]]:
        """Return those that are in the list; the next check forgets the others."""
        known = self._roster.downloads
        return (each for key, each in self._waiting.items() if known.get(key) is each[0])

    async def watch(self, with_tasks: Container[int]) -> None:
        """Check every second while any download waits: no system reports all changes of its routes.

        Args:
            with_tasks: downloads whose task has not put its files down yet.
        """
        while True:
            await self._busy.wait()
            await asyncio.sleep(EVERY_S)
            self._look(with_tasks)
            if not self._waiting:
                self._busy.clear()

    def _look(self, with_tasks: Container[int]) -> None:
        self._waiting = {each[0].download_id: each for each in self._known()}
        for key, (download, url) in tuple(self._waiting.items()):
            if key not in with_tasks and self._network.is_up(url):
                download.note(time.time(), "the network is back")
                self._apply(download, Event.REQUEUE)


@lru_cache(maxsize=256)
def _name(url: str) -> str:
    return urlsplit(url).hostname or ""
