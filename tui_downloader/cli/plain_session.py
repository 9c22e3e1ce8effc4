"""The line mode at work: carries out commands, and collects what to report."""

from __future__ import annotations

import asyncio
import os
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.cli.plain_answers import RESUMED, Answers
from tui_downloader.cli.reporting import waits_for_space
from tui_downloader.engine import EventKind
from tui_downloader.model.download import OnConflict
from tui_downloader.model.links.addresses import is_magnet
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.start_times import parse_start, start_phrase
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.model.text import clean, redact
from tui_downloader.model.units import parse_whole
from tui_downloader.runs.garbage_collector import GarbageCollector
from tui_downloader.runs.signals import INTERRUPTED, leave_soon
from tui_downloader.store.link_requests import request_for
from tui_downloader.store.list_files import read_links
from tui_downloader.ui.adding.asked_again import compared
from tui_downloader.ui.file_looks import fates_now
from tui_downloader.ui.view.fates import fate_clause, fate_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tui_downloader.cli.plain_teller import Teller
    from tui_downloader.engine import Engine, EngineEvent
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.store.finished_files import Fate
    from tui_downloader.ui.view.fates import Fates

HELP = (
    "Commands: a URL or a path of a list adds, p N pauses, r N resumes, retries, starts now or "
    "fetches again what is gone or was changed, s N TIME schedules, x N cancels and keeps the "
    "part, Enter summarises, q quits. N is the number of a download, or several."
)
_HELP_WORDS = ("?", "h", "help")
# Numbers of downloads, and a time such as 02:00, 2026-11-27 02:00 or in 2h.
_SCHEDULE = re.compile(r"(?P<numbers>\d+(?:\s+\d+)*)\s+(?P<time>(?!\d+(?:\s|$)).+)")
_TOLD_ONE_BY_ONE = 20
_EXCERPT = 60


class PlainSession:
    """Carries out commands and reports events.

    Args:
        engine: entered.
        folder: where added links go.
        teller: tells.
        quit_: set when it shall end.

    Attributes:
        is_told_to_end: by a signal: it is to be gone soon.
    """

    def __init__(
        self, engine: Engine, folder: str, teller: Teller, quit_: asyncio.Event | None = None
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._teller = teller
        self._answers = Answers(teller.note)
        self._feed = engine.events()
        self._events: list[EngineEvent] = []
        self._collector = GarbageCollector()
        self._told_together: set[int] = set()
        # What had ended before and is not wanted in this run.
        self._old = {d.download_id for d in self._snapshots() if d.status.is_ended}
        self.quit = asyncio.Event() if quit_ is None else quit_
        self.is_told_to_end = False

    def _snapshots(self) -> Sequence[Snapshot]:
        return self._engine.snapshot().downloads

    @property
    def went_well(self) -> bool:
        """Everything that was to be done in this run is done."""
        return all(
            download.status is Status.COMPLETED or download.is_skipped
            for download in self._snapshots()
            if download.download_id not in self._old
        )

    @property
    def is_unfinished(self) -> bool:
        """Something is left for the next run."""
        return any(download.status is Status.QUEUED for download in self._snapshots())

    def leave(self) -> None:
        """End properly; when called again, at once: the parts are valid as they are."""
        if self.quit.is_set():
            os._exit(INTERRUPTED)
        self.is_told_to_end = True
        self.quit.set()
        leave_soon()

    # Lines.

    async def command(self, line: str) -> None:
        """Carry out one line of input."""
        name, _, rest = line.strip().partition(" ")
        acts: dict[str, tuple[Event, str, Callable[[list[int]], None]]] = {
            "p": (Event.PAUSE, "paused", self._engine.pause),
            "r": (Event.RESUME, RESUMED, self._resume),
            "x": (Event.CANCEL, "cancelled", self._cancel),
        }
        if not name:
            self.look()
            self._teller.summary(self._engine.snapshot())
        elif name == "q" and not rest:
            self.quit.set()
        elif name.lower() in _HELP_WORDS and not rest:
            self._teller.note(HELP)
        elif name == "a" and rest:
            await self.add_text(rest)
        elif name in acts and (numbers := _numbers(rest)):
            await self._act(numbers, *acts[name])
        elif name == "s" and (wish := _SCHEDULE.fullmatch(rest.strip())) and _numbers(wish[1]):
            self._schedule(_numbers(wish[1]), wish["time"])
        elif "://" in line or is_magnet(line) or _means_links(line):
            await self.add_text(line)
        else:
            self._teller.note(
                f'not understood: "{clean(line.strip(), _EXCERPT)}"; ? lists the commands'
            )

    async def _act(
        self, numbers: list[int], event: Event, word: str, wish: Callable[[list[int]], None]
    ) -> None:
        fates = await self._fates(numbers) if event is Event.RESUME else {}
        for number, download in self._found(numbers):
            if event is Event.PAUSE and waits_for_space(download):
                wish([number])
                self._answers.answered(number, word, "stays paused when there is space")
            elif event is Event.RESUME and download.start_at is not None:
                self._start_at(number, None)
                self._answers.accepted(number, word)
            elif (fate := fate_of(download, fates)) is not None:
                self._fetch_again(number, fate)
            elif not allows(download.status, event):
                status = download.status.name.lower()
                self._answers.refused(number, f"{status}, cannot be {word}")
            else:
                wish([number])
                self._answers.accepted(number, word)

    async def _fates(self, numbers: Iterable[int]) -> Fates:
        wanted = set(numbers)
        return await fates_now(
            self._engine, (each for each in self._snapshots() if each.download_id in wanted)
        )

    def _fetch_again(self, number: int, fate: Fate) -> None:
        """Download a finished file again; what has its name by now is left alone."""
        self._old.discard(number)
        self._engine.restart([number])
        self._teller.note(f"{number}: {fate_clause(fate)}, fetching it again")
        self._answers.accepted(number, RESUMED)

    def _found(self, numbers: list[int]) -> Iterator[tuple[int, Snapshot]]:
        """Update, then yield the downloads with these numbers; report those that do not exist."""
        self.look()
        known = {download.download_id: download for download in self._snapshots()}
        for number in numbers:
            if number in known:
                yield from ((number, each) for each in self._engine.as_wished([known[number]]))
            else:
                self._teller.note(f"there is no download {number}")

    def _schedule(self, numbers: list[int], text: str) -> None:
        """Set a start time; stopped downloads will start then, too."""
        now = time.time()
        try:
            start_at = parse_start(text, now)
        except ValueError as error:
            self._teller.note(f"not scheduled: {error}")
            return
        assert start_at is not None
        for number, download in self._found(numbers):
            if download.status is Status.COMPLETED:
                self._answers.refused(number, "completed, cannot be scheduled")
            else:
                self._start_at(number, start_at)
                if allows(download.status, Event.RESUME):
                    self._resume([number])
                words = f"starts {start_phrase(start_at, now)}"
                self._answers.answered(number, "scheduled", words)

    def _start_at(self, number: int, start_at: float | None) -> None:
        request = self._engine.request_of(number)
        if request is not None:
            self._engine.edit(number, replace(request, start_at=start_at))

    def _resume(self, ids: Iterable[int]) -> None:
        self._old.difference_update(ids)
        self._engine.resume(ids)

    def _cancel(self, ids: list[int]) -> None:
        self._engine.cancel(ids, keep=True)

    async def add_text(self, text: str) -> None:
        """Add every link in a text, or in a list that it names; report the unusable ones."""
        # The list may be long, and on a slow disk: downloads go on meanwhile.
        parsed = await asyncio.to_thread(read_links, text)
        requests = []
        for link in parsed.links:
            try:
                requests.append(request_for(link, self._folder, (), OnConflict.RENAME))
            except ValueError as error:
                self._teller.note(f"not added: {clean(redact(link.url), 80)}: {error}")
        for refused in parsed.refused:
            self._teller.note(f"not added: {refused.reason}")
        for note in parsed.notes:
            self._teller.note(note)
        await self.add(requests)

    async def add(self, requests: Sequence[DownloadRequest]) -> None:
        """Queue downloads; what is in the list already, for the same folder, is left out.

        What has lost its file since is fetched again, and what failed and is asked for in another
        way, such as with a login, goes on in that.
        """
        asked = await compared(requests, self._engine)
        if asked.listed:
            self.look()
        self._old.difference_update(asked.listed)
        for number in asked.listed:
            if number not in asked.lost and number not in asked.otherwise:
                self._teller.note(f"in the list already: {number}")
        for number, (request, fate) in asked.lost.items():
            self._fetch_again(number, fate)
            self._engine.edit(number, request)
        for number, request in asked.otherwise.items():
            self._teller.note(f"{number}: asked for in another way now, tried again")
            self._resume([number])
            # Behind that: an edit reports how the download stands, and that is not how it failed.
            self._engine.edit(number, request)
            self._answers.accepted(number, RESUMED)
        ids = self._engine.add(asked.new)
        if len(ids) > _TOLD_ONE_BY_ONE:
            self._told_together.update(ids)
            self._teller.added(ids)
        if asked.repeated:
            self.look()
        for place in asked.repeated:
            self._teller.note(f"in the list already: {ids[place]}")

    # Telling.

    async def follow(self) -> None:
        """Collect events until the stream ends, or `listen_no_more`."""
        async for event in self._feed:
            self._collect(event)

    def listen_no_more(self) -> None:
        """Do not report any further events."""
        self._feed.close()

    def _collect(self, event: EngineEvent) -> None:
        if event.kind is not EventKind.ADDED or event.download_id not in self._told_together:
            self._events.append(event)
        self._answers.heard(event.kind, event.download_id)

    def look(self, *, is_last: bool = False) -> None:
        """Report what has happened since the last call, then what followed from it."""
        for event in self._feed.taken():
            self._collect(event)
        events, self._events = self._events, []
        queue = self._engine.snapshot()
        self._collector.look(len(queue.downloads))
        self._teller.look(events, queue)
        self._answers.tell(is_last=is_last)

    def look_again(self) -> None:
        """Report what has happened, and what a command could not bring about at once."""
        self.look()
        self._answers.tell_in_line(self._snapshots(), time.time())


def _means_links(line: str) -> bool:
    """Tell whether a line is an address without a scheme, or the path of a list."""
    parsed = parse_links(line, takes_files=True)
    return bool(parsed.links or parsed.files)


def _numbers(text: str) -> list[int]:
    """Parse "3", "3 4 5" or "3,4"; anything else is empty."""
    numbers = [parse_whole(word) for word in text.replace(",", " ").split()]
    known = [number for number in numbers if number is not None]
    return known if len(known) == len(numbers) else []
