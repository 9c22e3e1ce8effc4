"""Sends the requests of one download and judges the answers."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, NoReturn

from tui_downloader.engine.network.access import Access
from tui_downloader.engine.network.client import Way
from tui_downloader.engine.network.limiter import Limits, TokenBucket
from tui_downloader.engine.transfer.download_log import limit_words
from tui_downloader.engine.transfer.place import Place
from tui_downloader.engine.transfer.request_plan import RequestPlan
from tui_downloader.engine.transfer.request_steps import RequestSteps
from tui_downloader.engine.transfer.sources import Source, Sources, duplicates
from tui_downloader.engine.transfer.turns import Turns
from tui_downloader.model.answers import (
    Ask,
    AskAgain,
    Changed,
    Known,
    StartOver,
    Take,
    Verdict,
    judge,
)
from tui_downloader.model.errors import RedirectError
from tui_downloader.model.events import EventKind
from tui_downloader.model.http import Validators
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.proxy import host_by
from tui_downloader.model.statuses import MAY_HAVE_EXPIRED
from tui_downloader.model.text import redact

if TYPE_CHECKING:
    from tui_downloader.engine.network.answer import Answer
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools

_log = logging.getLogger(__name__)

_PART = 206
# So many answers in a row may be left over from other requests.
_MOST_LEFT_OVER = 3
_MOST_MACHINES = 6
_NOT_THERE = frozenset({404, 410})


class Asking:
    """Sends requests and judges the answers, for one run of a download.

    Args:
        download: its request says what to ask for; its facts are what is known.
        tools: the engine's.

    Attributes:
        sources: every address of the file.
        plan: what to ask of them, and what they have told so far.
        turns: when to ask the address in use.
        place: among those that its host serves.
        may_scout: look for a published checksum.
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
        steps = RequestSteps(download, tools)
        self._way = Way(
            access=Access(request),
            limit=self._limits,
            on_phase=steps.on_phase,
            on_hop=steps.on_hop,
            proxy=request.proxy,
        )
        self.sources = Sources((request.url, *request.mirrors))
        self.plan = RequestPlan(download, tools.hosts)
        self.turns = Turns(tools.hosts, steps.on_phase)
        self.place = Place(download, tools)
        self.may_scout = tools.checksum_scout
        self.was_answered = False
        self.round_trip_s = 0.0

    @property
    def primary_url(self) -> str:
        """The address in use."""
        return self.sources.primary.url

    @property
    def serving_url(self) -> str:
        """Where the address in use has led: further connections go there."""
        return self.sources.primary.final_url or self.primary_url

    @property
    def serving_host(self) -> str:
        """Name and port of that, with the proxy of its own, if any (see `host_by`)."""
        return host_by(self.serving_url, self._download.request.proxy)

    @property
    def turn_s(self) -> float:
        """How often a request may be sent to the host, 0 for at any time."""
        return self.turns.every_s(self.primary_url, self.serving_host)

    def held_s(self) -> tuple[float, float]:
        """Return for how many seconds its own and the program's speed limit have held it back."""
        return self._limits.held_s(self._own_limit), self._limits.held_s(self._tools.limiter)

    def heed_limit(self) -> None:
        """Apply a speed limit that was changed during the run, and tell of the program's limit."""
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
        plan = self.plan
        ask, known = plan.next_gap(), plan.known()
        self.place.ask(self.primary_url)
        answer, verdict = await self._ask_in_turn(self.primary_url, ask, known, is_alone=True)
        self._learn(answer)
        return answer, verdict

    async def again(self, start: int, end: int) -> tuple[Answer, Verdict]:
        """Ask for the bytes [start, end), which are on disk, to compare them, and judge the answer.

        Raises:
            DownloadError: there was no answer.
        """
        ask, known = Ask(start, end, overlap=end - start), self.plan.known()
        self.place.ask(self.primary_url)
        answer, verdict = await self._ask_in_turn(self.primary_url, ask, known, is_alone=True)
        self._learn(answer)
        return answer, verdict

    async def another_version(self) -> tuple[Answer, Verdict]:
        """Ask for the file from byte 0, whatever was known of it, and judge the answer.

        Raises:
            DownloadError: there was no answer.
        """
        ask, known = self.plan.from_zero(), self.plan.known_of_server()
        answer, verdict = await self._ask_in_turn(self.primary_url, ask, known, is_alone=True)
        self._learn(answer)
        return answer, verdict

    async def part(self, start: int, end: int, source: Source) -> tuple[Answer, Verdict]:
        """Ask for the bytes [start, end) on a further connection, and judge the answer.

        This goes straight to where the first answer came from. If that was the target of a redirect
        and has expired, the redirect is followed again.

        Raises:
            DownloadError: there was no answer.
        """
        is_primary = source is self.sources.primary
        ask, known = self.plan.part(start, end, of_primary=is_primary), self.plan.known()
        # Bytes of this version are on their way even when none is on disk yet.
        known = known._replace(done_bytes=max(1, known.done_bytes))
        known = known if is_primary else _without_words(known)
        send = self._ask_in_turn if is_primary else self._ask
        answer, verdict = await send(source.final_url or source.url, ask, known)
        if answer.head.status in MAY_HAVE_EXPIRED and source.final_url not in ("", source.url):
            answer.body.close()
            answer, verdict = await self._ask(source.url, ask, known)
            if isinstance(verdict, Take):
                source.final_url = answer.url
        self.round_trip_s = answer.head_s
        return answer, verdict

    async def sample(self, start: int, end: int, source: Source) -> tuple[Answer, Verdict]:
        """Ask a mirror for bytes that are on disk, to compare them.

        Raises:
            DownloadError: there was no answer.
        """
        known = _without_words(self.plan.known())
        answer, verdict = await self._ask(source.url, Ask(start, end), known)
        source.final_url = answer.url
        return answer, verdict

    async def _ask_in_turn(
        self, url: str, ask: Ask, known: Known, *, is_alone: bool = False
    ) -> tuple[Answer, Verdict]:
        """As `_ask`, of the address in use or where that led, and no sooner than its host serves.

        Raises:
            DownloadError: there was no answer.
        """
        primary_url = self.primary_url
        sent_at = await self.turns.take(primary_url)
        answer, verdict = await self._ask(url, ask, known, is_alone=is_alone)
        is_beside_others = self.place.is_beside_others
        self.turns.heard(
            primary_url, sent_at, verdict, is_alone=is_alone, is_beside_others=is_beside_others
        )
        return answer, verdict

    async def _ask(
        self, url: str, ask: Ask, known: Known, *, is_alone: bool = False
    ) -> tuple[Answer, Verdict]:
        """Send a request and judge its answer.

        Where the file is partly here, and is now said to be another one or not to be there, that
        may be true of one machine only: if there are more behind that name, they are asked, too. So
        is the same address, if what it served moments ago is not there, or has only another date,
        as may have much of what is here: a balancer of load may have chosen another machine.

        Args:
            is_alone: it is the only connection: it cannot be refused as one too many.

        Raises:
            DownloadError: there was no answer.
        """
        tried = set[str]()
        was_redated = False
        for left in reversed(range(_MOST_MACHINES)):
            answer, verdict = await self._ask_machine(url, ask, known)
            if was_redated and isinstance(verdict, Take):
                self._note_alternation()
            if not (left and known.done_bytes and _may_be_elsewhere(verdict, answer)):
                break
            tried.add(answer.peer_address)
            is_redated = isinstance(verdict, Changed) and verdict.is_same_size
            is_much = known.done_bytes >= self._tools.restart_below_bytes
            was_redated = is_redated and (self.plan.is_told or is_much)
            was_here = self.plan.is_told and is_alone and answer.head.status in _NOT_THERE
            if not (self._tools.client.elsewhere(answer, tried) or was_redated or was_here):
                break
            answer.retire()
            answer.body.close()
        return answer, verdict

    def _note_alternation(self) -> None:
        if not self.plan.alternates:
            self.plan.alternates = True
            words = "machines behind this address date the file differently: one date is kept to"
            self._download.note(time.time(), words)

    async def _ask_machine(self, url: str, ask: Ask, known: Known) -> tuple[Answer, Verdict]:
        """Send a request and judge its answer.

        On a reused connection, an answer that does not fit may be what is left of an earlier one:
        the request is sent again on another connection. After a few tries that is a new one, unless
        a redirect leads back to the same host, whose connection is then always a reused one.

        Raises:
            DownloadError: there was no answer.
        """
        for left in reversed(range(_MOST_LEFT_OVER + 1)):
            answer = await self._tools.client.open(url, ask, self._way)
            verdict = _judged(ask, known, answer)
            if _goes_too_far(verdict, answer):
                answer.retire()
            if not _is_doubtful(verdict, known, answer):
                break
            answer.retire()
            if not (left and answer.is_reused):
                break
            answer.body.close()
        return answer, verdict

    def is_of_another_date(self, answer: Answer) -> bool:
        """Tell whether a mirror's file has another date, which does not matter with a digest."""
        ours = self._download.facts.validators.last_modified
        theirs = answer.head.validators.last_modified
        return not self._has_digest and bool(ours and theirs and ours != theirs)

    def is_vouched(self, answer: Answer) -> bool:
        """Tell whether a digest or an equal ETag confirms a mirror's file, besides a sample."""
        ours, theirs = self._download.facts.validators, answer.head.validators
        return self._has_digest or (ours.is_strong and ours.etag == theirs.etag)

    @property
    def _has_digest(self) -> bool:
        facts, request = self._download.facts, self._download.request
        return request.checksum is not None or facts.announced is not None

    async def beside(self, url: str) -> Answer:
        """Ask for something small on the host of the file, with a single request.

        Raises:
            DownloadError: there was no answer, or it leads elsewhere.
        """
        return await self._tools.client.open(
            url, Ask(plain=True), self._way._replace(on_hop=_stay_here)
        )

    # Learning.

    def _learn(self, answer: Answer) -> None:
        download = self._download
        self.was_answered = True
        self._heed_reached(answer)
        self.round_trip_s = answer.head_s
        self.sources.primary.final_url = download.facts.final_url = answer.url
        download.facts.server = answer.server_facts()
        download.facts.sent = answer.sent_headers()
        for hop in answer.hops:
            download.note(time.time(), f"redirected to {hop}")

    def _heed_reached(self, answer: Answer) -> None:
        outages = self._tools.outages
        if answer.proxy_host:
            outages.silent.answered(answer.proxy_host)
        if self._download.request.proxy is None:
            outages.reached(answer.url, answer.peer_address)
            if not self.is_on_mirror:  # where it led before, it may lead no more
                self._download.led_to(host_of(answer.url))

    def settle(self, answer: Answer, take: Take) -> None:
        """Note what an accepted answer says of the file, and of its mirrors."""
        self.place.serve()
        self.plan.settle(answer, take)
        self.sources.add(duplicates(answer.response.headers.getall("Link", ()), answer.url))

    @property
    def is_on_mirror(self) -> bool:
        """Another address than the one that was asked for is in use."""
        return self.primary_url != self._download.request.url

    def fail_over(self, why: str) -> bool:
        """Go on with the next address, if there is one; the bytes here are checked against it."""
        failed = redact(self.sources.primary.url)
        if not self.sources.fail_over():
            return False
        words = f"{failed} failed ({why}); going on with {redact(self.sources.primary.url)}"
        self._tools.tell(self._download, words, EventKind.MIRROR)
        _log.info("download %s, %s", self._download.download_id, words)
        self.plan.turn_to_another()
        return True


def _stay_here(here: str, target: str) -> NoReturn:
    raise RedirectError(f"{redact(here)} leads to {redact(target)}")


def _without_words(known: Known) -> Known:
    """Drop the validators: they belong to one server; a mirror is judged by size and bytes."""
    return known._replace(validators=Validators(), other_etag=None)


def _goes_too_far(verdict: Verdict, answer: Answer) -> bool:
    """Tell whether an answer announces more bytes than were asked for."""
    length = answer.head.content_length
    if not isinstance(verdict, Take) or verdict.limit is None or length is None:
        return False
    return length > verdict.skip + verdict.limit


def _may_be_elsewhere(verdict: Verdict, answer: Answer) -> bool:
    """Tell whether another machine may have the file, or the version, that this one has not."""
    return isinstance(verdict, Changed) or answer.head.status in _NOT_THERE


def _is_doubtful(verdict: Verdict, known: Known, answer: Answer) -> bool:
    """Tell whether an answer does not fit the request, or what is known of the file."""
    is_contradiction = isinstance(verdict, (AskAgain, Changed, StartOver))
    return is_contradiction and (known.done_bytes > 0 or answer.head.status == _PART)


def _judged(ask: Ask, known: Known, answer: Answer) -> Verdict:
    """Judge an answer, and close it when judging fails."""
    try:
        return judge(ask, known, answer.head)
    except BaseException:
        answer.body.close()
        raise
