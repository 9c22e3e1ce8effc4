"""Who has had no connection for too long, without any engine."""

from __future__ import annotations

import pytest

from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.options import EngineOptions
from tui_downloader.engine.queue import slow_connects
from tui_downloader.engine.queue.line import Turn
from tui_downloader.engine.queue.roster import Roster
from tui_downloader.engine.queue.slow_connects import EVERY_S, PATIENCE_S, SlowConnects
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Event


class Stage:
    """Two downloads, of which one may run, and a clock.

    Attributes:
        now: what both clocks show, seconds.
    """

    def __init__(self) -> None:
        self.now = 100.0
        self.roster = Roster(1, Hosts(EngineOptions()))
        self.slow = SlowConnects(self.roster)
        requests = [DownloadRequest(url=f"http://{n}.invalid/x", folder="/tmp") for n in range(2)]
        self.first, self.second = self.roster.add(requests, self.now, paused=False, first=False)

    def start_next(self) -> Download | None:
        """As the dispatcher does it."""
        self.slow.look()
        scheduler = self.roster.scheduler
        if (key := scheduler.next_to_start((), lambda _: Turn.IN_ORDER)) is None:
            return None
        download = self.roster.downloads[key]
        download.apply(Event.START, self.now)
        scheduler.note(download, has_task=True)
        return download

    def time(self) -> float:
        return self.now


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setattr(slow_connects, "steady", stage.time)
    monkeypatch.setattr(slow_connects, "time", stage)
    assert stage.start_next() is stage.first
    assert stage.start_next() is None
    return stage


@pytest.mark.parametrize("phase", ["DNS", "TCP", "TLS"])
def test_who_has_no_connection_for_long_is_passed(stage: Stage, phase: str) -> None:
    stage.first.set_phase(phase, stage.now)
    stage.now += PATIENCE_S - EVERY_S
    assert stage.start_next() is None
    assert stage.slow.next_look_s() == EVERY_S
    stage.now += EVERY_S
    assert stage.start_next() is stage.second
    assert stage.slow.hosts() == {"0.invalid"}
    assert stage.slow.hosts(but=stage.first) == set()


@pytest.mark.parametrize("phase", ["", "waiting for answer"])
def test_what_else_takes_its_time_holds_its_slot(stage: Stage, phase: str) -> None:
    stage.first.set_phase(phase, stage.now)
    stage.now += 10 * PATIENCE_S
    assert stage.start_next() is None
    assert stage.slow.hosts() == set()


def test_who_gets_a_connection_after_all_has_its_slot_again(stage: Stage) -> None:
    stage.roster.add([DownloadRequest(url="http://2.invalid/x", folder="/tmp")], 0.0,
                     paused=False, first=False)  # fmt: skip
    stage.first.set_phase("TCP", stage.now)
    stage.now += PATIENCE_S
    assert stage.start_next() is stage.second
    stage.first.set_phase("waiting for answer", stage.now)
    assert stage.start_next() is None
    assert stage.slow.hosts() == set()


def test_nobody_is_looked_at_while_nobody_waits_for_a_slot(stage: Stage) -> None:
    stage.first.set_phase("TCP", stage.now)
    stage.second.apply(Event.PAUSE, stage.now)
    stage.roster.scheduler.note(stage.second, has_task=False)
    stage.now += PATIENCE_S
    assert stage.start_next() is None
    assert stage.slow.next_look_s() is None
    assert stage.slow.hosts() == set()
