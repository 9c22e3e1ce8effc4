"""Commands that change the number of connections, of all marked downloads or this one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.links.link import MOST_AUTOMATIC, MOST_CONNECTIONS
from tui_downloader.model.status import Status
from tui_downloader.model.units import counted
from tui_downloader.ui.actions.restorer import Restorer
from tui_downloader.ui.actions.selection import ids_of, named

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.store.settings import Settings
    from tui_downloader.ui.desk import Desk


class ConnectionActions:
    """Carries them out; repeated keys count as one step for undo."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk = desk
        self._engine = engine
        self._back = Restorer(desk, engine)
        self.handlers: dict[str, Callable[[], None]] = {
            "more_connections": lambda: self._count(+1),
            "fewer_connections": lambda: self._count(-1),
        }

    def _count(self, by: int) -> None:
        settings = self._desk.preferences.settings
        chosen = [each for each in self._desk.chosen if each.status is not Status.COMPLETED]
        asked = self._back.asked_of(ids_of(chosen))
        chosen = [each for each in chosen if each.download_id in asked]
        wanted = {
            each.download_id: _wanted(each, asked[each.download_id], settings, by)
            for each in chosen
        }
        changed = {key: number for key, number in wanted.items() if number is not None}
        if not changed:
            self._desk.say_instead(self._why_not(chosen, settings, by))
            return
        before = {key: request.connections for key, request in asked.items()}
        self._want(changed)
        told = [each for each in chosen if each.download_id in changed]
        was_automatic = not settings.connections and any(before[key] == 0 for key in changed)
        words, note = _told(told, changed.values()), ", not automatic" * was_automatic
        topic = f"connections {hash(frozenset(asked))}"
        take_back = partial(self._want, before)
        self._desk.did(words, take_back, told=f"{words}{note}", topic=topic, is_burst=True)
        self._desk.wake()

    def _want(self, numbers: Mapping[int, int]) -> None:
        """Set these numbers of connections, 0 for automatic."""
        asked = self._back.asked_of(numbers)
        self._back.edit(
            {
                key: replace(request, connections=numbers[key])
                for key, request in asked.items()
                if request.connections != numbers[key]
            }
        )

    def _why_not(self, chosen: Sequence[Snapshot], settings: Settings, by: int) -> str:
        """Say which bound it is, and what changes that."""
        if by < 0:
            return f"{named(chosen)}: 1 connection is the least"
        if all(each.resumable is False for each in chosen):
            return f"{named(chosen)}: 1 connection, as the server sends whole files only"
        most, name = _bound(settings)
        if not name:
            return f"{most} connections for one file are the most"
        key, dot = self._desk.keymap.key_of("settings"), self._desk.glyphs.dot
        where = "to one host" if name == "connections_per_host" else "in all"
        return f"{most} connections {where} are the most{dot}setting {name} ({key})"


def _told(downloads: Sequence[Snapshot], numbers: Collection[int]) -> str:
    """Say how many connections they have now: "9 connections for a.iso", "3-9 for 2 downloads"."""
    least, most = min(numbers), max(numbers)
    number = counted(most, "connection") if least == most else f"{least}-{most} connections"
    return f"{number} for {named(downloads)}"


def _wanted(
    download: Snapshot, request: DownloadRequest, settings: Settings, by: int
) -> int | None:
    """Return the number that a key leads to, None at either end of the range.

    Automatic downloads count from the number they use. Those that do not run would use up to a
    bound of their own, so the first step up starts from there: it must not make them slower.
    """
    most, _ = _bound(settings)
    if download.resumable is False and by > 0:
        return None
    now = request.connections or settings.connections
    if not now:
        used = max(download.wanted_connections, download.connections)
        now = used if download.status.is_running and used else MOST_AUTOMATIC
    wanted = min(most, now) + by
    return wanted if 1 <= wanted <= most else None


def _bound(settings: Settings) -> tuple[int, str]:
    """Return the most connections for one download, and the setting that limits it, "" for none."""
    # The bounds make room for as many as one file is to have.
    bounds = {
        "connections_per_host": max(settings.connections, settings.connections_per_host),
        "connections_total": max(settings.connections, settings.connections_total),
    }
    name = min(bounds, key=lambda each: bounds[each])
    return (bounds[name], name) if bounds[name] < MOST_CONNECTIONS else (MOST_CONNECTIONS, "")
