"""The line mode: one sentence per event, no cursor movement, for screen readers, logs and pipes."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from typing import TYPE_CHECKING

from tui_downloader.engine import EventKind
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.links import parse_links
from tui_downloader.model.status import Status
from tui_downloader.model.units import format_bytes, format_eta, format_rate
from tui_downloader.reporting import ended_json, ended_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine import Engine, EngineEvent, EventFeed
    from tui_downloader.model.download import Snapshot

_HELP = (
    "Commands: a URL adds; p N pauses, r N resumes or retries, x N cancels and keeps the part, "
    "Enter summarises, q quits. N is the number of a download."
)
_TICK_S = 1.0
_PROGRESS_S = 30.0
_PROGRESS_PERCENT = 10


class PlainSession:
    """Reads lines, tells events.

    Args:
        engine: entered.
        folder: where added links go.
        say: prints one line.
        as_json: JSON objects about what ended instead of sentences.
    """

    def __init__(
        self, engine: Engine, folder: str, say: Callable[[str], None], *, as_json: bool
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._say = say
        self._as_json = as_json
        self._told: dict[int, tuple[int, float]] = {}
        self.quit = asyncio.Event()

    def command(self, line: str) -> None:
        """Carry out one line of input."""
        words = line.split(maxsplit=1)
        if not words:
            self._summarise()
            return
        name, rest = words[0].lower(), words[1] if len(words) > 1 else ""
        wishes: dict[str, Callable[[list[int]], None]] = {
            "p": self._engine.pause,
            "r": self._engine.resume,
            "x": self._cancel,
        }
        if name == "q":
            self.quit.set()
        elif name == "a":
            self.add(rest)
        elif name in wishes and rest.strip().isdigit():
            wishes[name]([int(rest)])
        elif "://" in line:
            self.add(line)
        else:
            self._say(_HELP)

    def _cancel(self, ids: list[int]) -> None:
        self._engine.cancel(ids, keep=True)

    def add(self, text: str) -> None:
        """Add every link in a text."""
        parsed = parse_links(text)
        self._engine.add(
            [
                DownloadRequest(link.url, self._folder, credentials=link.credentials)
                for link in parsed.links
            ]
        )
        for refused in parsed.refused:
            self._say(f"not added: {refused.reason}")

    def event(self, event: EngineEvent) -> None:
        """Tell one event."""
        number = event.download_id
        found = self._find(number)
        if found is not None and found.status.is_ended:
            self._say(ended_json(found) if self._as_json else f"{number}: {ended_line(found)}")
        elif not self._as_json and event.kind in _SENTENCES:
            self._say(f"{number}: {_SENTENCES[event.kind]} {event.name}")

    def progress(self) -> None:
        """Tell every tenth, or every half minute, of each running download."""
        now = self._engine.snapshot().taken_at
        for download in self._engine.snapshot().downloads:
            if download.status is not Status.DOWNLOADING:
                continue
            tenth = _tenth(download)
            last, at = self._told.setdefault(download.download_id, (tenth, now))
            if not self._as_json and (tenth > last or now - at >= _PROGRESS_S):
                self._told[download.download_id] = tenth, now
                self._say(f"{download.download_id}: {_progress_words(download)}")

    def _summarise(self) -> None:
        queue = self._engine.snapshot()
        for download in queue.downloads:
            words = _progress_words(download) if download.done_bytes else ""
            state = download.status.name.lower()
            self._say(f"{download.download_id}: {download.name}, {state} {words}".rstrip())
        if not queue.downloads:
            self._say("The queue is empty. " + _HELP)

    def _find(self, download_id: int) -> Snapshot | None:
        downloads = self._engine.snapshot().downloads
        return next((d for d in downloads if d.download_id == download_id), None)


_SENTENCES = {
    EventKind.ADDED: "added",
    EventKind.STARTED: "started",
    EventKind.PAUSED: "paused",
    EventKind.REMOVED: "removed",
}


async def run_plain(
    engine: Engine,
    requests: Sequence[DownloadRequest],
    notices: Sequence[str],
    folder: str,
    as_json: bool,
) -> int:
    """Run the line mode until `q`, or until the input has ended and everything is done."""
    for notice in notices:
        print(notice, file=sys.stderr, flush=True)
    async with engine:
        session = PlainSession(engine, folder, _print, as_json=as_json)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, session.quit.set)
        events = engine.events()
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        threading.Thread(target=_read_lines, args=(loop, lines), daemon=True).start()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_tell(events, session)), group.create_task(_tick(session))]
            engine.add(requests)
            work = group.create_task(_obey(lines, session, engine))
            leave = group.create_task(session.quit.wait())
            await asyncio.wait({work, leave}, return_when=asyncio.FIRST_COMPLETED)
            events.close()
            for task in (*tasks[1:], work, leave):
                task.cancel()
    downloads = engine.snapshot().downloads
    if session.quit.is_set():
        return 0
    return 0 if all(d.status is Status.COMPLETED for d in downloads) else 1


async def _tell(events: EventFeed, session: PlainSession) -> None:
    async for event in events:
        session.event(event)


async def _tick(session: PlainSession) -> None:
    while True:
        await asyncio.sleep(_TICK_S)
        session.progress()


async def _obey(lines: asyncio.Queue[str | None], session: PlainSession, engine: Engine) -> None:
    """Carry out lines; at the end of the input, wait for what was asked."""
    while (line := await lines.get()) is not None:
        session.command(line)
    await engine.wait_idle()


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str | None]) -> None:
    """Read standard input in a thread of its own: it may be a terminal, a pipe or a file."""
    for raw in sys.stdin.buffer:
        loop.call_soon_threadsafe(lines.put_nowait, raw.decode("utf-8", "replace"))
    loop.call_soon_threadsafe(lines.put_nowait, None)


def _print(line: str) -> None:
    print(line, flush=True)


def _tenth(download: Snapshot) -> int:
    total = download.total_bytes
    return download.done_bytes * 100 // total // _PROGRESS_PERCENT if total else 0


def _progress_words(download: Snapshot) -> str:
    done = format_bytes(download.done_bytes)
    if download.total_bytes is None:
        return f"{done} so far, size not told"
    percent = download.done_bytes * 100 // max(1, download.total_bytes)
    words = f"{percent} percent of {format_bytes(download.total_bytes)}"
    if download.status is not Status.DOWNLOADING:
        return words
    return f"{words}, {format_rate(download.bytes_per_s)}, {format_eta(download.eta_s)} left"
