"""What a download does after a fault, and while its host allows no requests: wait, or give up."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, NoReturn

from tui_downloader.engine.clock import ends_in, on_the_wall, steady
from tui_downloader.engine.network.network import NO_NETWORK
from tui_downloader.engine.transfer.download_log import retry_words, turn_words
from tui_downloader.engine.transfer.tools import Deferred, Tools
from tui_downloader.model.errors import (
    ChecksumMismatch,
    DiskError,
    DownloadError,
    FileChanged,
    HostBusy,
    NetworkError,
    Unreachable,
)
from tui_downloader.model.http import LONGEST_RETRY_AFTER_S
from tui_downloader.model.request_rate import may_be_too_soon
from tui_downloader.model.slowness import Cause
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.recorder import Recorder
    from tui_downloader.model.deadline import Deadline
    from tui_downloader.model.retry import Retry

WAIT_IN_PLACE_S = 5.0
# Who was told that its host wants no request tries again after those that wait with it: else one
# file that the host never serves would close it again and again before the others had a turn.
OTHERS_FIRST_S = 1.0
_TOLD = "the host asked for it (Retry-After)"
_FOR_OTHERS = "others use the host, and it takes no more at once"
_AFTER_FAULT = "the last try failed"
_CHANCE = random.SystemRandom()  # spreads the retries of many clients


class Waiting:
    """The waits of one run of a download.

    Args:
        download: nobody else changes it meanwhile.
        tools: the engine's.
        asking: knows which address is in use, and whether it ever answered.
        recorder: what is here is on record before a wait begins.
    """

    def __init__(
        self, download: Download, tools: Tools, asking: Asking, recorder: Recorder
    ) -> None:
        self._download = download
        self._tools = tools
        self._asking = asking
        self._recorder = recorder
        self._gave_way: DownloadError | None = None  # why the address before this one was left

    async def respect_host(self) -> None:
        """Wait for as long as the host has told another download to wait.

        Raises:
            Deferred: the wait is long; the engine starts the download again when it is over.
        """
        # What held before a wait is not known to hold now.
        self._download.progress.slowed_by = Cause()
        try:
            self._tools.hosts.check(self._asking.primary_url)
        except HostBusy as busy:
            await self._until_wanted(busy)

    async def _until_wanted(self, busy: HostBusy) -> None:
        """Wait until a host wants requests; nothing is wrong with the download."""
        self._download.note(time.time(), busy.message)
        self._download.failure = busy.failure
        self._download.retry = None
        self._asking.place.leave()
        await self._wait(busy.until, _TOLD, in_place_s=WAIT_IN_PLACE_S, busy_host=busy.host)

    async def out(self, error: DownloadError) -> None:
        """Wait for the next try as far as the budget allows, else raise the error.

        Raises:
            DownloadError: `error`; trying again makes no sense.
            Deferred: the wait is long; the engine starts the download again when it is over.
        """
        download, asking = self._download, self._asking
        asking.plan.note_progress()
        if isinstance(error, HostBusy):
            await self._until_wanted(error)
            return
        is_crowded = asking.place.is_taken(error)
        retry = self._next_try(error, is_excused=is_crowded)
        if isinstance(error, NetworkError) and (cut_off := self._cut_off(is_final=retry is None)):
            download.note(time.time(), f"{error.message}; there is no network, waits for it")
            self._defer_to_network(cut_off)
        if self._fail_over(error, is_final=retry is None):
            return
        if retry is None:
            # Before what is told of the part that stays, when the run ends.
            download.note(time.time(), error.message)
            if isinstance(error, Unreachable):
                self._tools.outages.silent.give_up(error.host)
            raise error
        download.failure = error.failure
        words = turn_words if is_crowded else retry_words
        download.note(time.time(), words(error.message, retry))
        download.retry = None if is_crowded else retry
        until, why = ends_in(retry.wait_s), _FOR_OTHERS if is_crowded else _AFTER_FAULT
        has_begun = asking.was_answered or not isinstance(error, Unreachable)
        if isinstance(error, Unreachable) and not is_crowded:
            download.led_to(error.host)
            self._tools.outages.silent.lost(error.host, until, download.download_id)
        busy = self._tools.hosts.heed(error)
        if busy is not None:
            download.note(time.time(), busy.message)
            until, why = ends_in(min(retry.wait_s + OTHERS_FIRST_S, LONGEST_RETRY_AFTER_S)), _TOLD
        # For what has not begun, or has no place, the next one in line need not wait.
        in_place_s = WAIT_IN_PLACE_S if has_begun and not is_crowded else 0.0
        busy_host = "" if busy is None else busy.host
        await self._wait(until, why, in_place_s=in_place_s, busy_host=busy_host)

    def _next_try(self, error: DownloadError, *, is_excused: bool) -> Retry | None:
        """Return when to ask this address again; None when that makes no sense.

        Args:
            is_excused: it was refused for others of its host that are served.
        """
        if may_be_too_soon(error) and self._was_another_served():
            self._download.grant_tries()
        elif is_excused:
            self._download.budget.excuse()
        retry = self._download.budget.after(error, _CHANCE.random())
        is_down = self._tools.outages.offline.is_down(self._asking.primary_url)
        is_cut_off = is_down and isinstance(error, NetworkError)
        return None if is_cut_off or self._is_in_vain(error) else retry

    def _was_another_served(self) -> bool:
        """Tell whether its host serves our requests, if one after the other: that is progress."""
        rates, url = self._tools.hosts.rates, self._asking.primary_url
        return rates.has_served_others(url, self._download.download_id)

    def _is_in_vain(self, error: DownloadError) -> bool:
        """Tell whether other downloads have already tried this unreachable host often enough."""
        if not isinstance(error, Unreachable) or self._asking.was_answered:
            return False
        return self._tools.outages.silent.is_given_up(error.host)

    def _fail_over(self, error: DownloadError, *, is_final: bool) -> bool:
        """Go on with a mirror when an address fails; the download does not stop for that."""
        is_ours = isinstance(error, (DiskError, FileChanged, ChecksumMismatch))
        is_useless = is_final or not self._asking.was_answered
        if is_ours or not is_useless or not self._asking.fail_over(error.message):
            return False
        self._gave_way = error
        self._download.budget.turn_to(self._asking.primary_url)
        if self._download.status is not Status.CONNECTING:
            self._tools.step(self._download, Event.START)
        return True

    def leave_mirror(self) -> None:
        """Drop a mirror that took over and turned out to have another file.

        Raises:
            DownloadError: no address is left; what was wrong with the one before it.
        """
        if not self._asking.fail_over("it has another file"):
            raise self._gave_way or FileChanged("no mirror has the file that is partly here")

    def _cut_off(self, *, is_final: bool) -> str:
        """Return the address to whose host there is no route any more, "" where a mirror may do."""
        offline, asking = self._tools.outages.offline, self._asking
        if any(map(offline.is_up, asking.sources.others)):
            return ""
        if offline.is_down(asking.primary_url):
            return asking.primary_url
        # A mirror took over from it, and is of no use.
        asked_url = self._download.request.url
        return asked_url if is_final and offline.is_down(asked_url) else ""

    def _defer_to_network(self, url: str) -> NoReturn:
        """Wait for a route to the host of `url`; that spends no retry and occupies no task."""
        self._download.grant_tries()
        self._download.failure = NO_NETWORK
        self._download.retry = None
        self._download.progress.slowed_by = Cause("waiting: there is no network")
        self._tools.step(self._download, Event.WAIT)
        self._tools.outages.offline.add(self._download, url)
        raise Deferred

    async def _wait(
        self, until: Deadline, why: str, *, in_place_s: float, busy_host: str = ""
    ) -> None:
        """Show WAITING; keep the task for a wait shorter than `in_place_s`, so never with 0.

        Raises:
            Deferred: it would be longer. With 0 the download stands in line again, also where the
                wait is over by now.
        """
        words = f"waiting until {_clock(on_the_wall(until))}: {why}"
        self._download.progress.slowed_by = Cause(words)
        self._tools.step(self._download, Event.WAIT)
        self._download.wait_end, self._download.busy_host = until, busy_host
        self._download.changed()
        wait_s = until.left_s(steady())
        await self._recorder.save()
        if wait_s >= in_place_s:
            raise Deferred
        await asyncio.sleep(until.left_s(steady()))
        self._tools.step(self._download, Event.START)


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))
