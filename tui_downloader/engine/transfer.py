"""One download carried out: ask, judge, stream, record, verify, finish.

A `Transfer` is one run of a download's task. It ends by returning (the download is COMPLETED), by
raising a `DownloadError` (FAILED), `Deferred` (WAITING without a worker) or by being cancelled
(paused, cancelled, quit); in every case the partial and its passport are sound when it is over.
"""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine import opening
from tui_downloader.engine.access import sendable
from tui_downloader.engine.asking import Asking
from tui_downloader.engine.belongings import finished_earlier
from tui_downloader.engine.commits import SMALL_BYTES
from tui_downloader.engine.finishing import Finishing
from tui_downloader.engine.fleet import Fleet
from tui_downloader.engine.lane import Reconsider
from tui_downloader.engine.partial import SUFFIX, UNTIL_WHOLE, Partial
from tui_downloader.engine.place import Place
from tui_downloader.engine.receiving import Early, Splice, begin
from tui_downloader.engine.recorder import Recorder
from tui_downloader.engine.room import reserve
from tui_downloader.engine.samples import OverlapDiffers
from tui_downloader.engine.scout import is_worth_scouting, scout
from tui_downloader.engine.waiting import Waiting
from tui_downloader.model.answers import (
    AllHere,
    AskAgain,
    Changed,
    Refuse,
    StartOver,
    Take,
    Verdict,
)
from tui_downloader.model.errors import DownloadError, FileChanged, WebPageError
from tui_downloader.model.http import Validators, begins_like_web_page
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.status import Event, Status
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from tui_downloader.engine.client import Answer
    from tui_downloader.engine.download import Download
    from tui_downloader.engine.tools import Tools

_MOST_RESTARTS = 3
_SCOUT_PATIENCE_S = 2.0
_NOTHING = Early()


class Opened(NamedTuple):
    """An accepted answer of which the first bytes were looked at."""

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
        self._place = Place.of(download, tools.names)
        self._recorder = Recorder(download, tools.disk)
        self._finishing = Finishing(download, tools, self._place, self._recorder)
        self._asking = Asking(download, tools)
        self._waiting = Waiting(download, tools, self._asking, self._recorder)
        self._ended = False  # a body of unknown length came to its end
        self._restarts = 0
        self._suggested = ""  # the name that the answer suggests
        self._opened: Opened | None = None  # the answer to go on with, begun already

    async def run(self) -> None:
        """Carry the download out; see the module's docstring for how it ends."""
        try:
            if await self._find_partial():
                return
            while True:
                try:
                    if await self._fetch() or await self._finishing.run():
                        return
                    # The digest was wrong: once more from byte 0, from elsewhere if possible.
                    self._forget_version()
                    self._asking.fail_over("the digest differs")
                    self._step(Event.START)
                except DownloadError as error:
                    await self._waiting.out(error)
        except DownloadError:
            self._tell_of_old_part()
            raise
        finally:
            if self._opened is not None:
                self._opened.answer.body.close()
            await self._recorder.put_down()

    # What is here already.

    async def _find_partial(self) -> bool:
        """Go on with a partial of an earlier run; True when even the finishing was done."""
        disk = self._tools.disk
        path = self._download.final_path or await self._orphan()
        if not path:
            return False
        await self._tools.settle(path)
        finished = await disk.run(path, finished_earlier, path)
        # When it is wanted again from byte 0, the finished file is the one from before.
        if finished is not None and not self._download.from_zero:
            self._finishing.completed_earlier(path, finished)
            return True
        part_path = path + SUFFIX
        # What has our name is ours, though the address may be a new one since.
        url = None if self._download.name else self._request.url
        await disk.acquire(part_path, self._own, lambda: opening.adopt(part_path, self._place, url))
        await self._heed_restart()
        return False

    async def _orphan(self) -> str | None:
        """Return where an earlier run would have put this file, if its partial is still there."""
        part_path = await self._tools.orphans.take(self._request.folder, self._request.url)
        if part_path is None:
            return None
        path = part_path.removesuffix(SUFFIX)
        wanted = self._request.name
        return path if wanted is None or os.path.basename(path) == wanted else None

    def _own(self, partial: Partial | None) -> None:
        """Take an opened partial as ours, with what its passport knows."""
        self._recorder.partial = partial
        download, facts = self._download, self._download.facts
        download.kept_bytes = 0
        if partial is None:
            # What was counted is finished or gone.
            download.progress.done = RangeSet()
            return
        download.name = partial.name
        download.progress.done = partial.done
        record = partial.record
        if record is not None:
            facts.total_bytes = record.total_bytes
            # Validators are one server's words; another address is judged by size and bytes.
            is_same = self._request.url in record.urls
            known = (record.etag, record.last_modified) if is_same else (None, None)
            facts.validators = Validators(*known)
            facts.content_encoding = record.content_encoding
            facts.announced = facts.published = record.checksum
            held = format_bytes(partial.done.total)
            download.note(time.time(), f"goes on with {held} from before")
        download.changed()

    async def _heed_restart(self) -> None:
        """The user wants it again from byte 0; once that is begun, what comes may be kept."""
        if not self._download.from_zero:
            return
        if self._download.progress.done.total:
            await self._start_over(UNTIL_WHOLE)
        self._download.from_zero = False
        await self._tools.record(self._download)

    async def _start_over(self, keep_until_bytes: int) -> None:
        """A new partial from byte 0; the old one stays until the new one has so many bytes."""
        partial = self._recorder.partial
        assert partial is not None
        known = self._recorder.passport()
        await self._tools.disk.run(
            partial.part_path, partial.start_over, known, keep_until_bytes=keep_until_bytes
        )
        self._download.progress.done = partial.done
        self._forget_version()
        await self._recorder.save()  # a partial without a record would be nobody's
        self._tell_of_old_part()

    def _tell_of_old_part(self) -> None:
        """Say where the bytes of before are, while they are kept beside the new ones."""
        partial = self._recorder.partial
        if partial is not None and (words := partial.old_words()):
            self._download.note(time.time(), words)

    def _forget_version(self) -> None:
        self._asking.forget_version()
        self._ended = False

    # Asking.

    async def _fetch(self) -> bool:
        """Ask until every byte is here; True when a small file is even finished."""
        while not self._all_here():
            await self._waiting.respect_host()
            if await self._one_answer():
                return True
        return False

    def _all_here(self) -> bool:
        total = self._download.facts.total_bytes
        if self._recorder.partial is None:
            return False
        if total is None:
            return self._ended
        return self._download.progress.done.total == total

    async def _one_answer(self) -> bool:
        """Send one request and carry out the verdict; True when a small file was finished."""
        if self._opened is not None:
            return await self._go_on(self._opened)
        answer, verdict = await self._asking.next_answer()
        self._download.connections = 1
        try:
            if isinstance(verdict, AllHere):
                self._download.facts.total_bytes = self._download.progress.done.total
            elif isinstance(verdict, AskAgain):
                self._asking.change_way(verdict)
            elif isinstance(verdict, Changed):
                answer.body.close()  # a server may allow no second one beside it
                await self._file_changed(verdict)
            elif isinstance(verdict, Refuse):
                raise verdict.error
            else:
                return await self._receive(answer, verdict)
            return False
        finally:
            answer.body.close()
            self._download.connections = 0

    async def _file_changed(self, verdict: Changed) -> None:
        """Table B: start again by ourselves when little is lost, else it is the user's decision."""
        if self._asking.is_on_mirror:
            self._waiting.leave_mirror()
            return
        words = f"the file changed on the server (was {verdict.was}, is {verdict.now})"
        lost_bytes = self._download.progress.done.total
        if lost_bytes >= self._tools.restart_below_bytes or self._restarts >= _MOST_RESTARTS:
            raise FileChanged(words)
        self._download.note(time.time(), f"{words}; starting again from 0")
        answer, first = await self._asking.another_version()
        try:
            await self._take_another_version(answer, first)
        except BaseException:
            answer.body.close()
            raise

    async def _take_another_version(self, answer: Answer, verdict: Verdict) -> None:
        """Only now that the other version really comes is the part of this one set aside."""
        if isinstance(verdict, Refuse):
            raise verdict.error
        if not isinstance(verdict, Take):
            answer.body.close()
            await self._reconsider(verdict)
            return
        early = await self._first_bytes(answer)
        if early.fault is not None and not early.data:
            raise early.fault
        self._restarts += 1
        await self._start_over(UNTIL_WHOLE)
        self._download.facts.published = None
        self._download.progress.most_bytes = 0  # every byte of it is progress
        self._opened = Opened(answer, verdict, early)

    # Receiving.

    async def _go_on(self, opened: Opened) -> bool:
        """Receive the answer that was begun before; True when it was a small file, now finished."""
        self._opened = None
        self._download.connections = 1
        try:
            return await self._receive(opened.answer, opened.take, opened.early)
        finally:
            opened.answer.body.close()
            self._download.connections = 0

    async def _receive(
        self, answer: Answer, verdict: Take | StartOver, early: Early = _NOTHING
    ) -> bool:
        """Stream the body of an accepted answer; True when it was a small file, now finished."""
        if isinstance(verdict, StartOver):
            early = await self._first_bytes(answer)
            await self._start_over(self._download.progress.done.total)
            verdict = Take(0, 0, verdict.total_bytes, verdict.total_bytes, ranges=False)
        self._settle_facts(answer, verdict)
        if self._download.status is Status.CONNECTING:
            self._step(Event.ANSWERED)
        if not (early.data or self._download.progress.done.total):
            small_bytes = verdict.total_bytes if self._is_small(verdict) else None
            early = await self._first_bytes(answer, small_bytes)
        if self._recorder.partial is None:
            if early.is_whole(verdict.total_bytes) and self._is_small(verdict):
                await self._commit_small(early.data)
                return True
            await self._create_partial(verdict)
            if self._download.progress.done.total:
                return False  # a partial of this address was here: go on from there instead
        await self._pump(Splice(answer, verdict, early))
        return False

    async def _first_bytes(self, answer: Answer, small_bytes: int | None = None) -> Early:
        """Read the beginning of a file, all of a small one; a web page goes no further.

        Raises:
            WebPageError: it is one, and the name promises something else.
        """
        early = await begin(answer.body, small_bytes)
        name = self._download.name or answer.suggested_name(self._request)
        if begins_like_web_page(early.data, name):
            raise WebPageError.instead_of(name, answer.head.content_type)
        return early

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
        await self._heed_restart()
        self._download.progress.done.add(0, len(data))
        self._download.received(len(data), time.time())
        await self._tools.commits.room(self._place.folder)
        await self._finishing.commit_small(self._suggested, data)

    async def _create_partial(self, take: Take) -> None:
        disk, folder, url = self._tools.disk, self._request.folder, self._request.url
        name = self._download.name or self._suggested
        await self._tools.settle(os.path.join(folder, name))
        here = os.path.join(folder, "")
        n_bytes = take.total_bytes or 0
        await disk.acquire(
            here, self._own, lambda: opening.open_new(name, self._place, url, n_bytes)
        )
        await self._heed_restart()
        partial = self._recorder.partial
        if partial is not None and not partial.done.total:
            if take.total_bytes is not None:
                self._download.facts.total_bytes = take.total_bytes
                await disk.run(partial.part_path, reserve, partial, take.total_bytes)
            await self._recorder.save()
        self._tools.report(self._download)

    async def _pump(self, first: Splice) -> None:
        """Fetch the rest of the file, beginning with an answer that is open already."""
        before = self._download.progress.received_bytes
        scouting = self._start_scouting()
        try:
            await Fleet(self._download, self._tools, self._asking, self._recorder).run(first)
        except OverlapDiffers:
            await self._file_changed(Changed("other bytes", "different ones"))
        except Reconsider as reason:
            await self._reconsider(reason.verdict)
        else:
            # Behind a part of an untold whole there may be more, until nothing new comes.
            is_part = first.take.ranges and self._download.progress.received_bytes > before
            self._ended = first.take.total_bytes is None and not is_part
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
        """An answer to one of several connections was about the whole download."""
        if isinstance(verdict, Changed):
            await self._file_changed(verdict)
        elif isinstance(verdict, AskAgain):
            self._asking.change_way(verdict)

    def _step(self, event: Event) -> None:
        self._download.apply(event, time.time())
        self._tools.report(self._download)
