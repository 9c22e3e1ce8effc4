"""Whose turn it is where no connection comes about, without any engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.counting import calls_of
from tui_downloader.engine import clock
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.network.network import Network
from tui_downloader.engine.options import EngineOptions
from tui_downloader.engine.queue import silent_hosts
from tui_downloader.engine.queue.line import Turn
from tui_downloader.engine.queue.outages import Outages
from tui_downloader.engine.queue.roster import Roster
from tui_downloader.engine.queue.silent_hosts import BETWEEN_S, GIVEN_UP_S, SilentHosts
from tui_downloader.engine.queue.slow_connects import SlowConnects
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.deadline import Deadline
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.retry import Retry
from tui_downloader.model.status import Event

if TYPE_CHECKING:
    from collections.abc import Callable

DEAD = "dead.invalid:8000"


class Stage:
    """Downloads of a silent host and of another one, and a clock.

    Attributes:
        now: what the clock shows, seconds.
    """

    def __init__(self, jobs: int = 1) -> None:
        self.now = 100.0
        self.roster = Roster(jobs, Hosts(EngineOptions()))
        self.slow = SlowConnects(self.roster)
        self.silent = SilentHosts(self.roster, self.slow)

    def add(self, host: str, attempt: int = 0, mirrors: tuple[str, ...] = ()) -> Download:
        key = len(self.roster.downloads) + 1
        request = DownloadRequest(url=f"http://{host}/{key}", folder="/tmp", mirrors=mirrors)
        download = Download(key, request, 0.0)
        download.retry = Retry(1.0, attempt, 5) if attempt else None
        self.roster.join([download], first=False)
        return download

    def lost(self, wait_s: float) -> None:
        self.silent.lost(DEAD, Deadline(wait_s, self.now, self.now), download_id=0)

    def turn(self, download: Download) -> Turn:
        return self.silent.turn_of(download, self.silent.tried())

    def start_next(self) -> Download | None:
        """As the dispatcher does it."""
        tried = self.silent.tried()
        scheduler = self.roster.scheduler
        key = scheduler.next_to_start((), lambda each: self.silent.turn_of(each, tried))
        if key is None:
            return None
        download = self.roster.downloads[key]
        self.silent.started(download)
        download.apply(Event.START, 0.0)
        scheduler.note(download, has_task=True)
        return download

    def end(self, download: Download) -> None:
        download.apply(Event.PAUSE, 0.0)
        self.roster.scheduler.note(download, has_task=False)


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    for module in (silent_hosts, clock):
        monkeypatch.setattr(module, "steady", lambda: stage.now)
    return stage


def test_an_end_that_is_to_come_is_not_brought_forward(stage: Stage) -> None:
    newcomer = stage.add(DEAD)
    stage.lost(30.0)
    stage.now += 1.0
    stage.lost(0.5)
    stage.now += 5.0
    assert stage.turn(newcomer) is Turn.HELD
    assert stage.silent.next_end_s() == 24.0
    stage.now += 24.0
    assert stage.turn(newcomer) is not Turn.HELD
    assert stage.silent.next_end_s() is None


def test_who_tries_at_times_of_its_own_does_not_put_off_the_rest_for_ever(stage: Stage) -> None:
    newcomer = stage.add(DEAD)
    stage.lost(10.0)
    for _ in range(3):
        stage.now += 3.0
        stage.lost(10.0)
    stage.now += 1.0
    assert stage.turn(newcomer) is not Turn.HELD


def test_one_at_a_time_tries_a_silent_host(stage: Stage) -> None:
    stage.roster.scheduler.jobs = 3
    stage.lost(0.0)
    first, second = stage.add(DEAD), stage.add(DEAD, attempt=2)
    assert stage.start_next() is first
    assert stage.start_next() is None
    assert stage.silent.closed() == {DEAD}
    stage.end(first)
    assert stage.silent.closed() == set()
    assert stage.start_next() is second


def test_who_has_another_address_is_not_concerned(stage: Stage) -> None:
    stage.roster.scheduler.jobs = 3
    stage.lost(60.0)
    mirrored = stage.add(DEAD, mirrors=("http://alive.invalid/f",))
    retrying = stage.add(DEAD, attempt=1)
    assert stage.start_next() is mirrored
    assert stage.start_next() is retrying


def test_who_is_led_to_a_silent_host_waits_for_it_as_well(stage: Stage) -> None:
    stage.roster.scheduler.jobs = 3
    led, late, direct = stage.add("alive.invalid"), stage.add("alive.invalid"), stage.add(DEAD)
    assert [stage.start_next(), stage.start_next()] == [led, late]
    assert stage.silent.lets_on(led, DEAD)  # nobody knows better yet
    stage.lost(10.0)
    assert not stage.silent.lets_on(late, DEAD)
    stage.end(late)
    stage.now += 10.0
    assert stage.turn(late) is stage.turn(direct) is Turn.HELD  # `led` still tries it
    stage.end(led)
    assert stage.turn(late) is not Turn.HELD
    assert stage.turn(direct) is not Turn.HELD


def test_who_is_led_elsewhere_the_next_time_is_concerned_no_more(stage: Stage) -> None:
    led = stage.add("alive.invalid")
    assert stage.start_next() is led
    stage.lost(600.0)
    assert not stage.silent.lets_on(led, DEAD)
    assert stage.silent.lets_on(led, "other.invalid")
    assert stage.turn(led) is Turn.IN_ORDER


def test_others_go_first_but_not_for_ever(stage: Stage) -> None:
    stage.lost(0.0)
    dead = [stage.add(DEAD, attempt=1), stage.add(DEAD)]
    alive = [stage.add("alive.invalid") for _ in range(3)]
    order = []
    for _ in range(2):
        download = stage.start_next()
        assert download is not None
        order.append(download)
        stage.end(download)
    assert order == [dead[0], alive[0]]
    stage.now += BETWEEN_S
    for _ in range(3):
        download = stage.start_next()
        assert download is not None
        order.append(download)
        stage.end(download)
    assert order == [dead[0], alive[0], dead[1], *alive[1:]]


def test_nobody_else_in_line_is_no_reason_to_wait(stage: Stage) -> None:
    stage.lost(0.0)
    dead = [stage.add(DEAD), stage.add(DEAD)]
    for each in dead:
        assert stage.start_next() is each
        stage.end(each)


@pytest.mark.parametrize("happens", [SilentHosts.answered, SilentHosts.try_now])
def test_a_host_that_answers_is_free_for_all(
    stage: Stage, happens: Callable[[SilentHosts, str], None]
) -> None:
    stage.roster.scheduler.jobs = 3
    stage.lost(60.0)
    stage.silent.give_up(DEAD)
    dead = [stage.add(DEAD), stage.add(DEAD)]
    assert stage.start_next() is None
    happens(stage.silent, DEAD)
    assert [stage.start_next(), stage.start_next()] == dead
    assert not stage.silent.is_given_up(DEAD)


def test_a_host_that_answers_ends_the_waits_of_those_that_still_need_it(stage: Stage) -> None:
    waiting, stopped, edited = (stage.add(DEAD, attempt=1) for _ in range(3))
    for each in (waiting, stopped, edited):
        for event in (Event.START, Event.WAIT):
            each.apply(event, 0.0)
        each.wait_end = Deadline(60.0, stage.now, stage.now)
        stage.silent.lost(DEAD, each.wait_end, each.download_id)
    stage.end(stopped)
    edited.ask(DownloadRequest(url="http://alive.invalid/f", folder="/tmp"), 0.0)
    stage.silent.answered(DEAD)
    assert waiting.wait_end is not None
    assert not waiting.wait_end.left_s(stage.now)
    assert stopped.wait_end is None
    assert edited.wait_end is not None
    assert edited.wait_end.left_s(stage.now)


def test_a_host_that_was_given_up_is_tried_as_ever_after_a_while(stage: Stage) -> None:
    stage.silent.give_up(DEAD)
    stage.now += GIVEN_UP_S - 1
    assert stage.silent.is_given_up(DEAD)
    stage.now += 1
    assert not stage.silent.is_given_up(DEAD)


def test_the_host_that_may_be_tried_first_is_the_next_to_look_at(stage: Stage) -> None:
    stage.lost(30.0)
    stage.silent.lost("other.invalid", Deadline(10.0, stage.now, stage.now), download_id=0)
    assert stage.silent.next_end_s() == 10.0


def test_who_tries_a_host_again_behind_a_redirect_does_not_wait_for_itself(stage: Stage) -> None:
    led = stage.add("alive.invalid")
    assert stage.start_next() is led
    assert stage.silent.lets_on(led, DEAD)
    stage.lost(10.0)
    stage.now += 10.0
    assert stage.silent.lets_on(led, DEAD)


def test_thousands_of_a_silent_host_are_passed_quickly(stage: Stage) -> None:
    """Each time that another one ends, those behind them are found."""
    outages = Outages(stage.roster, Network(), lambda *_: None)
    outages.silent.lost(DEAD, Deadline(60.0, stage.now, stage.now), download_id=0)
    for _ in range(1000):
        stage.add(DEAD)
    behind = stage.add("other.invalid").download_id
    found: list[int | None] = []

    def look() -> None:
        found.append(stage.roster.scheduler.next_to_start((), outages.turns()))

    look()
    calls = calls_of(look)
    assert found == [behind] * 2
    assert calls <= 5 * 1000
