"""One run of a download: request, judge, receive, record, verify, finish.

A `Transfer` ends by returning (the download is COMPLETED), by raising a `DownloadError` (FAILED) or
`Deferred` (WAITING, or in line again, without a task), or by being cancelled (paused, cancelled,
quit). However it ends, the partial and its passport are consistent.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.room import measured
from tui_downloader.engine.disk.samples import OverlapDiffers
from tui_downloader.engine.disk.set_aside import UNTIL_WHOLE
from tui_downloader.engine.disk.small_files import SMALL_BYTES
from tui_downloader.engine.network.access import sendable
from tui_downloader.engine.transfer.asking import Asking
from tui_downloader.engine.transfer.checksum_scout import is_worth_scouting, scout
from tui_downloader.engine.transfer.finishing import Finishing
from tui_downloader.engine.transfer.holdings import Holdings
from tui_downloader.engine.transfer.receiving import Early, Splice, begin
from tui_downloader.engine.transfer.recorder import Recorder
from tui_downloader.engine.transfer.waiting import Waiting
from tui_downloader.model.answers import (
    AllHere,
    AskAgain,
    Changed,
    Refuse,
    StartOver,
    Take,
    Verdict,
)
from tui_downloader.model.errors import DiskFull, DownloadError, FileChanged, WebPageError
from tui_downloader.model.http import (
    begins_like_web_page,
    cannot_be_web_page,
    is_page_instead,
    is_web_page,
)
from tui_downloader.model.status import Event, Status
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from tui_downloader.engine.network.answer import Answer
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools

_MOST_RESTARTS = 3
_SCOUT_PATIENCE_S = 2.0


class Opened(NamedTuple):
    """An accepted answer with its first bytes."""

    answer: Answer
    take: Take
    early: Early


class Transfer:
    """See the module's docstring.

    Args:
        download: CONNECTING; nobody else changes it while the transfer runs.
        tools: the engine's.

    Raises:
        UrlError: its address is none.
    """

    def __init__(self, download: Download, tools: Tools) -> None:
        sendable(download.request.url)
        self._download = download
        self._tools = tools
        self._request = download.request
        self._destination = tools.destination_of(download)
        self._recorder = Recorder(download, tools.disk)
        self._asking = Asking(download, tools)
        self._plan = self._asking.plan
        self._holdings = Holdings(
            download, tools, self._destination, self._recorder, self._plan.forget_version
        )
        self._finishing = Finishing(download, tools, self._destination, self._recorder)
        self._waiting = Waiting(download, tools, self._asking, self._recorder)
        self._restarts = 0
        self._suggested = ""  # the name that the answer suggests
        self._opened: Opened | None = None  # the answer to go on with, begun already

    async def run(self) -> None:
        """Carry the download out; see the module's docstring for how it ends."""
        try:
            if await self._was_finished():
                return
            while True:
                try:
                    if await self._fetch() or await self._finishing.run():
                        return
                    # The digest was wrong: once more from byte 0, from elsewhere if possible.
                    self._plan.forget_version()
                    self._asking.fail_over("the digest differs")
                    self._tools.step(self._download, Event.START)
                except DiskFull as error:
                    await self._waiting.out(await self._measured(error))
                except DownloadError as error:
                    await self._waiting.out(error)
        except DownloadError:
            self._holdings.tell_of_old_part()
            raise
        finally:
            if self._opened is not None:
                self._opened.answer.body.close()
            self._asking.place.leave()
            await self._recorder.put_down()

    async def _measured(self, error: DiskFull) -> DiskFull:
        """Return the error with what was still needed, and what is free, in its words."""
        if error.is_measured:
            return error
        total_bytes, folder = self._download.total_bytes, self._destination.folder
        done_bytes = self._download.progress.done.total
        needed_bytes = None if total_bytes is None else total_bytes - done_bytes
        here = os.path.join(folder, "")
        return await self._tools.disk.run(here, measured, error, folder, needed_bytes)

    # What is here already.

    async def _was_finished(self) -> bool:
        """Look for a partial; return True when an earlier run has even finished the file."""
        found = await self._holdings.find()
        if found is not None:
            self._finishing.completed_earlier(*found)
        return found is not None

    # Asking.

    async def _fetch(self) -> bool:
        """Send requests until every byte is here; True when a small file was also finished."""
        while not self._all_here():
            await self._waiting.respect_host()
            if await self._one_answer():
                return True
        return False

    def _all_here(self) -> bool:
        total = self._download.total_bytes
        if self._recorder.partial is None:
            return False
        if total is None:
            return self._plan.came_to_end
        return self._download.progress.done.total == total

    async def _one_answer(self) -> bool:
        """Send one request and carry out the verdict; True when a small file was finished."""
        if self._opened is not None:
            return await self._go_on(self._opened)
        try:
            if (doubt := await self._compared()) is not None:
                await self._ask_otherwise(doubt)
                return False
        except OverlapDiffers:
            await self._bytes_differ()
            return False
        answer, verdict = await self._asking.next_answer()
        self._download.progress.connections = 1
        try:
            if isinstance(verdict, Take | StartOver):
                return await self._receive(answer, verdict, Early())
            answer.body.close()  # a server may allow no second one beside it
            await self._ask_otherwise(verdict)
            return False
        finally:
            answer.body.close()
            self._download.progress.connections = 0

    async def _ask_otherwise(self, verdict: AllHere | AskAgain | Changed | Refuse) -> None:
        """Carry out the verdict on an answer of which nothing is received."""
        if isinstance(verdict, AllHere):
            self._download.total_bytes = self._download.progress.done.total
        elif isinstance(verdict, AskAgain):
            self._plan.change_way(verdict)
        elif isinstance(verdict, Changed):
            await self._file_changed(verdict)
        else:
            raise verdict.error

    async def _compared(self) -> AllHere | AskAgain | Changed | Refuse | None:
        """Compare more bytes before going on, where those before the gap tell too little.

        Returns:
            A verdict on that to carry out first, None to go on.

        Raises:
            OverlapDiffers: the server has others.
        """
        partial = self._recorder.partial
        if partial is None or not self._plan.rests_on_bytes(self._plan.next_gap()):
            return None
        # No first request waits for what only a part needs.
        from tui_downloader.engine.transfer.comparing import compare_further_back

        return await compare_further_back(self._asking, partial, self._tools.disk)

    async def _file_changed(self, verdict: Changed) -> None:
        """Start again if little would be lost, else let the user decide (laws.md, table B)."""
        if self._asking.is_on_mirror:
            self._waiting.leave_mirror()
            return
        words = f"the file changed on the server (was {verdict.was}, is {verdict.now})"
        lost_bytes = self._download.progress.done.total
        is_much = lost_bytes >= self._tools.restart_below_bytes
        refused = FileChanged(words) if is_much or self._restarts >= _MOST_RESTARTS else None
        if refused is not None and not verdict.is_called_page:
            raise refused
        next_step = "looks at what came" if verdict.is_called_page else "starting again from 0"
        self._download.note(time.time(), f"{words}; {next_step}")
        answer, first = await self._asking.another_version()
        try:
            await self._take_another_version(answer, first, refused)
        except BaseException:
            answer.body.close()
            raise

    async def _bytes_differ(self) -> None:
        """What a server has differs from what is on disk, although everything else agreed."""
        if not await self._holdings.disown_mirrors(self._asking.sources.disprove()):
            await self._file_changed(Changed("other bytes", "different ones"))

    async def _take_another_version(
        self, answer: Answer, verdict: Verdict, refused: FileChanged | None
    ) -> None:
        """Set the part aside only now that the other version has really begun to arrive.

        Args:
            refused: raised when it is one, and no web page.
        """
        if isinstance(verdict, Refuse):
            raise verdict.error
        if not isinstance(verdict, Take):
            answer.body.close()
            await self._reconsider(verdict)
            return
        early = await self._first_bytes(answer)
        if early.fault is not None and not early.data:
            raise early.fault
        if refused is not None:
            raise refused
        self._restarts += 1
        before = self._download.progress.done.total
        await self._holdings.start_over(UNTIL_WHOLE)
        if before:
            kept = f"the {format_bytes(before)} from before stay beside it until it is whole"
            self._tools.tell(self._download, f"it is another file now: starts from 0; {kept}")
        self._download.facts.published = None
        self._download.count_afresh()
        if self._restarts == _MOST_RESTARTS:
            # Where each answer is of another version, no two fit together: one alone may be whole.
            verdict = verdict._replace(ranges=False)
        self._opened = Opened(answer, verdict, early)

    # Receiving.

    async def _go_on(self, opened: Opened) -> bool:
        """Receive the answer that is open already; True when it was a small file, now finished."""
        self._opened = None
        self._download.progress.connections = 1
        try:
            return await self._receive(opened.answer, opened.take, opened.early)
        finally:
            opened.answer.body.close()
            self._download.progress.connections = 0

    async def _receive(self, answer: Answer, verdict: Take | StartOver, early: Early) -> bool:
        """Receive an accepted answer; return True when it was a small file, now finished."""
        if isinstance(verdict, StartOver):
            early = await self._first_bytes(answer)
            await self._holdings.start_over(self._download.progress.done.total)
            verdict = Take(0, 0, verdict.total_bytes, verdict.total_bytes, ranges=False)
        self._settle_facts(answer, verdict)
        small_bytes = verdict.total_bytes if self._is_small(verdict) else None
        if self._download.status is Status.CONNECTING:
            self._download.apply(Event.ANSWERED, time.time())
            # What is here already is reported as received, a moment later.
            if small_bytes is None or answer.body.arrived_bytes < small_bytes:
                self._tools.report(self._download)
        if not (early.data or self._download.progress.done.total):
            early = await self._first_bytes(answer, small_bytes)
        if self._recorder.partial is None:
            if small_bytes is not None and early.is_whole(small_bytes):
                await self._commit_small(early.data)
                return True
            await self._holdings.create(self._download.name or self._suggested, verdict.total_bytes)
            if self._download.progress.done.total:
                return False  # a partial of this address was here: go on from there instead
        await self._pump(Splice(answer, verdict, early))
        return False

    async def _first_bytes(self, answer: Answer, small_bytes: int | None = None) -> Early:
        """Read the beginning of a file, or all of a small one; refuse an unexpected web page.

        Raises:
            WebPageError: it is one, and the name, or what is here, promises something else.
        """
        early = await begin(answer.body, small_bytes)
        name = self._download.name or answer.suggested_name(self._request)
        content_type = answer.head.content_type
        is_called_page = is_web_page(content_type, self._download.shown_name)
        is_page = begins_like_web_page(early.data, name) or (
            is_called_page and not cannot_be_web_page(early.data, name)
        )
        if is_page or await self._is_page_instead(answer, early, name):
            raise WebPageError.instead_of(name, content_type)
        return early

    async def _is_page_instead(self, answer: Answer, early: Early, name: str) -> bool:
        """Tell whether a web page came instead of more of the file that is partly here."""
        if early.fault is not None and not early.data:
            return False
        here, head = await self._holdings.beginning(), answer.head
        data = b"" if head.content_encoding else early.data
        return is_page_instead(here, data, head.content_type, name)

    def _settle_facts(self, answer: Answer, take: Take) -> None:
        """Note what the accepted answer says of the file."""
        self._asking.settle(answer, take)
        if not self._download.name:
            self._suggested = answer.suggested_name(self._request)

    def _is_small(self, take: Take) -> bool:
        facts = self._download.facts
        plain = self._request.checksum is None and facts.announced is None
        fits = take.total_bytes is not None and take.total_bytes <= SMALL_BYTES
        return fits and plain and not facts.content_encoding and take.limit == take.total_bytes

    async def _commit_small(self, data: bytes) -> None:
        await self._holdings.heed_restart()
        self._download.progress.done.add(0, len(data))
        self._download.received(len(data), time.time())
        try:
            await self._tools.batches.room(self._destination.folder)
            await self._finishing.commit_small(self._download.name or self._suggested, data)
        except BaseException:
            self._download.forget_bytes()  # they were in memory
            raise

    async def _pump(self, first: Splice) -> None:
        """Fetch the rest of the file, starting with an answer that is open already."""
        # No first request waits for what comes behind it, and small files do without.
        from tui_downloader.engine.transfer.connection import Reconsider
        from tui_downloader.engine.transfer.connections import Connections

        before = self._download.progress.received_bytes
        self._recorder.expect_reading(first.take.total_bytes)
        connections = Connections(self._download, self._tools, self._asking, self._recorder, first)
        scouting = self._start_scouting()
        try:
            await connections.run()
        except OverlapDiffers:
            await self._bytes_differ()
        except Reconsider as reason:
            await self._reconsider(reason.verdict)
        else:
            # Behind a part of an untold whole there may be more, until nothing new comes.
            is_part = first.take.ranges and self._download.progress.received_bytes > before
            self._plan.came_to_end = first.take.total_bytes is None and not is_part
            if scouting is not None:
                await asyncio.wait({scouting}, timeout=_SCOUT_PATIENCE_S)
        finally:
            if scouting is not None:
                scouting.cancel()
                await asyncio.gather(scouting, return_exceptions=True)

    def _start_scouting(self) -> asyncio.Task[None] | None:
        """Look for a published checksum while the file is on its way, once in a run."""
        if not is_worth_scouting(self._download, self._asking):
            return None
        self._asking.may_scout = False
        return asyncio.create_task(scout(self._download, self._asking))

    async def _reconsider(self, verdict: Verdict) -> None:
        """Handle an answer to one of several connections that concerned the whole download."""
        if isinstance(verdict, Changed):
            await self._file_changed(verdict)
        elif isinstance(verdict, AskAgain):
            self._plan.change_way(verdict)
