"""What one download asks of the server, and what the answers have told of the file so far."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui_downloader.engine.access import Access
from tui_downloader.engine.client import Way
from tui_downloader.engine.download_log import limit_words
from tui_downloader.engine.events import EventKind
from tui_downloader.engine.hosts import host_of
from tui_downloader.engine.limiter import Limits, TokenBucket
from tui_downloader.engine.sources import Source, Sources, duplicates
from tui_downloader.engine.tools import Deferred
from tui_downloader.model import digests
from tui_downloader.model.answers import (
    MAY_HAVE_EXPIRED,
    Ask,
    AskAgain,
    Changed,
    Known,
    StartOver,
    Take,
    Verdict,
    judge,
)
from tui_downloader.model.http import Validators
from tui_downloader.model.status import Event, Status
from tui_downloader.model.text import clean, redact

if TYPE_CHECKING:
    from tui_downloader.engine.client import Answer
    from tui_downloader.engine.download import Download
    from tui_downloader.engine.tools import Tools

_log = logging.getLogger(__name__)

OVERLAP_BYTES = 64 * 1024
# Within one run the server was met moments ago: a strong ETag suffices, else a short look back.
_SHORT_OVERLAP_BYTES = 4 * 1024
_PART = 206


class Asking:
    """Plans requests, sends them and judges the answers, for one run of a download.

    Args:
        download: its request says what to ask for; its facts are what is known.
        tools: the engine's.

    Attributes:
        sources: every address of the file.
        may_scout: look for a published checksum.
        was_met: bytes on disk were compared with the server in this run, or came in it.
        was_answered: the server has answered in this run.
        round_trip_s: how long the last head took.
    """

    def __init__(self, download: Download, tools: Tools) -> None:
        self._download = download
        self._tools = tools
        request = download.request
        self._told_limit = tools.limiter.rate
        self._own_limit = TokenBucket(asyncio.get_running_loop(), request.limit_bytes_per_s)
        self._limits = Limits(self._own_limit, tools.limiter)
        self._way = Way(
            access=Access(request),
            limit=self._limits,
            on_phase=self._on_phase,
            on_hop=self._on_hop,
            insecure_host=urlsplit(request.url).netloc if request.insecure else "",
        )
        self.sources = Sources((request.url, *request.mirrors))
        self._is_plain = False
        self._is_unconditional = False
        self._range_faults = 0
        self._other_etag: str | None = None  # differed while everything else agreed
        self.may_scout = tools.checksum_scout
        self.was_met = False
        self.was_answered = False
        self._received_before = download.progress.received_bytes
        self.round_trip_s = 0.0

    @property
    def primary_url(self) -> str:
        """The address in use."""
        return self.sources.primary.url

    def held_s(self) -> tuple[float, float]:
        """Return for how long its own speed limit and the program's kept it from receiving."""
        return self._limits.held_s(self._own_limit), self._limits.held_s(self._tools.limiter)

    def _on_phase(self, phase: str) -> None:
        if self._download.status is Status.CONNECTING:
            self._download.set_phase(phase, time.time())

    def _on_hop(self, here: str, there: str) -> None:
        """Learn where the download is led before that host is asked.

        Raises:
            Deferred: nobody gets through to it, and another download finds out when that is over.
        """
        download, outages = self._download, self._tools.outages
        if download.status is not Status.CONNECTING:
            return  # it has begun, and this is not about all of it
        outages.reached(here)
        host = host_of(there)
        if not outages.silent.lets_on(download, host):
            words = f"{clean(host, 120)} cannot be reached; waits in line until it can"
            download.note(time.time(), f"redirected to {redact(there)}: {words}")
            download.apply(Event.REQUEUE, time.time())
            self._tools.report(download)
            raise Deferred

    def heed_limit(self) -> None:
        """Take over a speed limit that was changed while the download runs; tell of the common."""
        wanted = self._download.request.limit_bytes_per_s
        if wanted != self._own_limit.rate:
            self._own_limit.set_rate(wanted)
        if (common := self._tools.limiter.rate) != self._told_limit:
            self._told_limit = common
            self._download.note(time.time(), f"for all downloads: {limit_words(common)}")

    # Asking.

    async def next_answer(self) -> tuple[Answer, Verdict]:
        """Ask for the first bytes that are missing, and judge the answer.

        Raises:
            DownloadError: there was no answer.
        """
        answer, verdict = await self._ask(self.sources.primary.url, self._plan(), self._known())
        self._learn(answer)
        return answer, verdict

    async def another_version(self) -> tuple[Answer, Verdict]:
        """Ask for the file from byte 0, whatever was known of it, and judge the answer.

        Raises:
            DownloadError: there was no answer.
        """
        ask = Ask(plain=self._is_plain)
        known = Known(
            file_name=self._download.shown_name,
            asked_plain=self._is_plain,
            range_faults=self._range_faults,
        )
        answer, verdict = await self._ask(self.sources.primary.url, ask, known)
        self._learn(answer)
        return answer, verdict

    async def part(self, start: int, end: int, source: Source) -> tuple[Answer, Verdict]:
        """Ask for the bytes [start, end) beside other connections, and judge the answer.

        The place where the first answer came from is asked straight; behind a redirect it may have
        expired, and then the way there is taken again.

        Raises:
            DownloadError: there was no answer.
        """
        facts, known = self._download.facts, self._known()
        is_primary = source is self.sources.primary
        # Without a strong ETag some bytes before are compared, as soon as they are here too.
        is_sure = facts.validators.is_strong and is_primary
        overlap = 0 if is_sure else min(start, _SHORT_OVERLAP_BYTES)
        end_asked = None if end == facts.total_bytes else end
        ask = Ask(start - overlap, end_asked, overlap=overlap)
        # Bytes of this version are on their way even when none is on disk yet.
        known = known._replace(done_bytes=max(1, known.done_bytes))
        known = known if is_primary else _without_words(known)
        answer, verdict = await self._ask(source.final_url or source.url, ask, known)
        if answer.head.status in MAY_HAVE_EXPIRED and source.final_url not in ("", source.url):
            answer.body.close()
            answer, verdict = await self._ask(source.url, ask, known)
        self.round_trip_s = answer.head_s
        return answer, verdict

    async def sample(self, start: int, end: int, source: Source) -> tuple[Answer, Verdict]:
        """Ask a mirror for bytes that are on disk, to compare them.

        Raises:
            DownloadError: there was no answer.
        """
        known = _without_words(self._known())
        answer, verdict = await self._ask(source.url, Ask(start, end), known)
        source.final_url = answer.url
        return answer, verdict

    async def _ask(self, url: str, ask: Ask, known: Known) -> tuple[Answer, Verdict]:
        """Send a request and judge its answer.

        One that does not fit may be left over from another request, if its connection had served
        one before: it is asked again, on another connection. In the end there is a new one.

        Raises:
            DownloadError: there was no answer.
        """
        while True:
            answer = await self._tools.client.open(url, ask, self._way)
            verdict = _judged(ask, known, answer)
            if _goes_too_far(verdict, answer):
                answer.retire()
            if not _is_doubtful(verdict, known, answer):
                return answer, verdict
            answer.retire()
            if not answer.is_reused:
                return answer, verdict
            answer.body.close()

    def is_of_another_date(self, answer: Answer) -> bool:
        """Tell whether a mirror's file was changed at another time; with a digest it may be."""
        ours = self._download.facts.validators.last_modified
        theirs = answer.head.validators.last_modified
        return not self._has_digest and bool(ours and theirs and ours != theirs)

    def is_vouched(self, answer: Answer) -> bool:
        """Tell whether more than a sample speaks for a mirror's file: a digest, or its ETag."""
        ours, theirs = self._download.facts.validators, answer.head.validators
        return self._has_digest or (ours.is_strong and ours.etag == theirs.etag)

    @property
    def _has_digest(self) -> bool:
        facts, request = self._download.facts, self._download.request
        return request.checksum is not None or facts.announced is not None

    async def beside(self, url: str) -> Answer:
        """Ask for something small on the host of the file.

        Raises:
            DownloadError: there was no answer.
        """
        return await self._tools.client.open(url, Ask(plain=True), self._way)

    def _plan(self) -> Ask:
        """Choose the next request: the first gap, with some bytes before it to compare."""
        done = self._download.progress.done
        total = self._download.facts.total_bytes
        gap = done.first_gap(total)
        if self._is_plain or not done.total or gap is None:
            return Ask(plain=self._is_plain)
        start, end = gap
        validators = self._download.facts.validators
        overlap = OVERLAP_BYTES
        if self.was_met:
            overlap = 0 if validators.is_strong else _SHORT_OVERLAP_BYTES
        ask = self._from(start, None if end == total else end, overlap)
        return ask if self._is_unconditional else ask._replace(if_range=validators.if_range)

    def _from(self, start: int, end: int | None, overlap: int) -> Ask:
        done = self._download.progress.done
        while overlap and not done.covers(max(0, start - overlap), start):
            overlap //= 2
        return Ask(max(0, start - overlap), end, overlap=min(start, overlap))

    def _known(self) -> Known:
        facts, done = self._download.facts, self._download.progress.done
        return Known(
            total_bytes=facts.total_bytes,
            validators=facts.validators,
            done_bytes=done.total,
            file_name=self._download.shown_name,
            range_faults=self._range_faults,
            asked_plain=self._is_plain,
            other_etag=self._other_etag,
            etags_flap=self._etags_flap,
        )

    @property
    def _etags_flap(self) -> bool:
        return self._tools.hosts.etags_flap(self._download.request.url)

    # Learning.

    def _learn(self, answer: Answer) -> None:
        download = self._download
        self.was_answered = True
        outages = self._tools.outages
        outages.reached(answer.url, answer.peer_address)
        if answer.url != self.primary_url:
            outages.reached(self.primary_url)
        self.round_trip_s = answer.head_s
        self.sources.primary.final_url = download.facts.final_url = answer.url
        download.facts.server = answer.server_facts()
        for hop in answer.hops:
            download.note(time.time(), f"redirected to {hop}")

    def change_way(self, verdict: AskAgain) -> None:
        """Ask differently the next time."""
        self._download.note(time.time(), verdict.why)
        if verdict.plain:
            self._is_plain = True
        elif verdict.range_fault:
            self._range_faults += 1
        else:
            self._is_unconditional = True
            self._other_etag = verdict.other_etag
            self.was_met = self.was_met and verdict.other_etag is None  # compare much

    def settle(self, answer: Answer, take: Take) -> None:
        """Note what an accepted answer says of the file."""
        facts, head = self._download.facts, answer.head
        facts.total_bytes = take.total_bytes
        facts.resumable = take.ranges or facts.resumable or False
        if head.validators.etag or head.validators.last_modified:
            facts.validators = head.validators.after(facts.validators)
        if self._other_etag or self._etags_flap:
            facts.validators = facts.validators._replace(etag=None)
        facts.content_encoding = head.content_encoding
        self.sources.add(duplicates(answer.response.headers.getall("Link", ()), answer.url))
        is_whole = take.at == 0 and take.limit == take.total_bytes
        told = digests.from_headers(answer.response.headers, of_whole=is_whole)
        before = None if take.at == 0 else facts.announced
        facts.announced = told or before or facts.published

    def met(self) -> None:
        """The server's bytes agreed with those on disk, if there were any to compare."""
        self.was_met = True
        if self._other_etag is not None:
            self._tools.hosts.drop_etags(self._download.request.url)
            self._download.note(time.time(), "the host's ETags change without the file: ignored")
            self._other_etag = None

    @property
    def is_on_mirror(self) -> bool:
        """Another address than the one that was asked for is in use."""
        return self.primary_url != self._download.request.url

    def fail_over(self, why: str) -> bool:
        """Go on with the next address, if there is one; what is here is judged anew."""
        failed = redact(self.sources.primary.url)
        if not self.sources.fail_over():
            return False
        words = f"{failed} failed ({why}); going on with {redact(self.sources.primary.url)}"
        self._tools.tell(self._download, words, EventKind.MIRROR)
        _log.info("download %s, %s", self._download.download_id, words)
        self._download.facts.validators = Validators()
        self.was_met = self._is_plain = self._is_unconditional = False
        self._range_faults = 0
        self._received_before = self._download.progress.received_bytes
        return True

    def note_progress(self) -> None:
        """Bytes that came in this run, from this address, have met the server."""
        received = self._download.progress.received_bytes > self._received_before
        self.was_met = self.was_met or received

    def forget_version(self) -> None:
        """Whatever was known of the file is of no use any more."""
        facts = self._download.facts
        facts.total_bytes = None
        facts.validators = Validators()
        self.was_met = False


def _without_words(known: Known) -> Known:
    """Validators are one server's words: a mirror is judged by size and bytes."""
    return known._replace(validators=Validators(), other_etag=None)


def _goes_too_far(verdict: Verdict, answer: Answer) -> bool:
    """Tell whether an answer has more behind what was asked for."""
    length = answer.head.content_length
    if not isinstance(verdict, Take) or verdict.limit is None or length is None:
        return False
    return length > verdict.skip + verdict.limit


def _is_doubtful(verdict: Verdict, known: Known, answer: Answer) -> bool:
    """Tell whether an answer contradicts the question, or what is known of the file."""
    is_contradiction = isinstance(verdict, (AskAgain, Changed, StartOver))
    return is_contradiction and (known.done_bytes > 0 or answer.head.status == _PART)


def _judged(ask: Ask, known: Known, answer: Answer) -> Verdict:
    """Judge an answer; one that cannot be judged does not stay open."""
    try:
        return judge(ask, known, answer.head)
    except BaseException:
        answer.body.close()
        raise
