"""Who waits until a host that serves no more downloads has room, without any engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tui_downloader.engine.clock import ends_in, steady
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.options import EngineOptions
from tui_downloader.engine.queue.crowded_hosts import CrowdedHosts
from tui_downloader.engine.queue.line import Turn
from tui_downloader.engine.queue.roster import Roster
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.crowd import Crowd
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Event

FULL, OTHER = "full.invalid:8000", "other.invalid"


class Stage:
    """Downloads, of which the first is served by the host `FULL`."""

    def __init__(self) -> None:
        self.roster = Roster(5, Hosts(EngineOptions()))
        self.crowded = CrowdedHosts(self.roster)
        self.crowd = Crowd()
        self.served = self.add()
        self.crowd.serve(self.served.download_id, 1)
        self.step(self.served, Event.START, Event.ANSWERED)

    def add(self, host: str = FULL, mirrors: tuple[str, ...] = ()) -> Download:
        key = len(self.roster.downloads) + 1
        request = DownloadRequest(url=f"http://{host}/{key}", folder="/tmp", mirrors=mirrors)
        download = Download(key, request, 0.0)
        self.roster.join([download], first=False)
        return download

    def step(self, download: Download, *events: Event) -> None:
        for event in events:
            download.apply(event, 0.0)
            has_task = event not in (Event.WAIT, Event.PAUSE, Event.REQUEUE)
            self.roster.scheduler.note(download, has_task=has_task)

    def refused(self) -> Download:
        """Add a download that waits."""
        download = self.add()
        self.step(download, Event.START)
        self.refuse(download)
        download.wait_end = ends_in(1000.0)
        self.step(download, Event.WAIT)
        download.wait_end = ends_in(1000.0)
        return download

    def refuse(self, download: Download) -> None:
        self.crowd.ask(download.download_id)
        assert self.crowd.refuse(download.download_id)
        self.crowded.refused(download, self.crowd)

    def woken(self) -> list[int]:
        """Return who asks again now."""
        return self.roster.scheduler.due(steady())

    def may_ask(self, download: Download) -> bool:
        return self.crowded.may_ask(download, self.crowded.hosts())

    def next_to_start(self) -> int | None:
        """Return the id of the download that starts next."""

        def turn_of(download: Download) -> Turn:
            return Turn.IN_ORDER if self.may_ask(download) else Turn.HELD

        return self.roster.scheduler.next_to_start((), turn_of)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_others_of_such_a_host_stay_in_the_queue(stage: Stage) -> None:
    newcomer, waiting = stage.add(), stage.refused()
    assert stage.may_ask(newcomer)  # a single one may be a file that is never served
    stage.refused()
    assert stage.crowded.hosts() == {FULL}
    assert not stage.may_ask(newcomer)
    assert stage.may_ask(waiting)
    assert stage.may_ask(stage.add(OTHER))
    assert stage.may_ask(stage.add(mirrors=(f"http://{OTHER}/",)))


def test_until_one_at_most_of_those_that_were_refused_is_not_served(stage: Stage) -> None:
    newcomer, first, second, _ = stage.add(), stage.refused(), stage.refused(), stage.refused()
    stage.crowded.forget(first)
    assert not stage.may_ask(newcomer)
    stage.crowded.forget(second)
    assert stage.may_ask(newcomer)


@pytest.mark.parametrize("event", [Event.PAUSE, Event.CANCEL])
def test_or_want_nothing_any_more(stage: Stage, event: Event) -> None:
    newcomer, waiting, _ = stage.add(), stage.refused(), stage.refused()
    assert not stage.may_ask(newcomer)
    stage.step(waiting, event)
    assert stage.may_ask(newcomer)


def test_or_the_host_serves_nobody(stage: Stage) -> None:
    newcomer, _, _ = stage.add(), stage.refused(), stage.refused()
    assert not stage.may_ask(newcomer)
    stage.step(stage.served, Event.PAUSE)
    assert stage.may_ask(newcomer)
    stage.step(stage.add(), Event.START)  # which is not served yet
    assert stage.may_ask(newcomer)


def test_nobody_is_held_while_who_was_refused_waits_for_a_start_of_its_own(stage: Stage) -> None:
    newcomer, waiting, _ = stage.add(), stage.refused(), stage.refused()
    stage.step(waiting, Event.REQUEUE)
    assert not stage.may_ask(newcomer)
    stage.roster.scheduler.left(waiting.download_id)
    assert stage.may_ask(newcomer)


def test_the_user_may_try_one_at_once(stage: Stage) -> None:
    newcomer, behind = stage.add(), stage.add()
    stage.crowded.try_now(newcomer)
    assert not stage.crowded.hosts()
    stage.refused()
    stage.refused()
    stage.crowded.try_now(newcomer)
    assert stage.may_ask(newcomer)
    assert not stage.may_ask(behind)


def test_who_is_tried_at_once_starts_before_those_that_stood_in_line_with_it(stage: Stage) -> None:
    newcomer, behind = stage.add(), stage.add()
    assert stage.next_to_start() == newcomer.download_id
    stage.refused()
    stage.refused()
    assert stage.next_to_start() is None
    stage.crowded.try_now(behind)
    assert stage.next_to_start() == behind.download_id


@pytest.mark.parametrize("was_refused", [False, True])
def test_no_wish_of_the_user_makes_a_host_one_that_refuses_any(
    stage: Stage, was_refused: bool
) -> None:
    """Nor where one was refused once that has been served since."""
    if was_refused:
        stage.crowded.forget(stage.refused())
    newcomer, tried = stage.add(), [stage.add(), stage.add()]
    for each in tried:
        stage.crowded.try_now(each)
    assert stage.may_ask(newcomer)


def test_the_first_that_was_refused_goes_on_when_there_is_room(stage: Stage) -> None:
    paused, first, second = stage.refused(), stage.refused(), stage.refused()
    stage.step(paused, Event.PAUSE)
    changed: list[Download] = []
    first.tell_change = lambda: changed.append(first)
    stage.crowded.freed(OTHER)
    due = stage.roster.scheduler.due
    assert not due(steady())
    assert not changed
    stage.crowded.freed(FULL)
    assert due(steady()) == [first.download_id]
    assert changed
    stage.step(first, Event.REQUEUE)
    stage.crowded.freed(FULL)
    assert due(steady()) == [second.download_id]


def test_as_many_as_have_ended_at_once_go_on(stage: Stage) -> None:
    first, second, _ = stage.refused(), stage.refused(), stage.refused()
    stage.crowded.freed(FULL)
    stage.crowded.freed(FULL)
    assert stage.woken() == [first.download_id, second.download_id]


def test_the_longer_they_are_refused_the_more_others_may_ask(stage: Stage) -> None:
    """They may be files that are never served."""
    first, _, newcomer = stage.refused(), stage.refused(), stage.add()
    assert not stage.may_ask(newcomer)
    stage.refuse(first)
    assert stage.may_ask(newcomer)
    stage.refused()
    assert not stage.may_ask(newcomer)
    stage.refuse(first)
    assert stage.may_ask(newcomer)


def test_but_not_without_end(stage: Stage) -> None:
    waiting, newcomer = [stage.refused() for _ in range(8)], stage.add()
    for _ in range(20):
        stage.refuse(waiting[0])
    assert not stage.may_ask(newcomer)


def test_nobody_is_held_for_those_beside_which_the_host_serves_more(stage: Stage) -> None:
    newcomer, _, _ = stage.add(), stage.refused(), stage.refused()
    assert not stage.may_ask(newcomer)
    stage.crowd.serve(newcomer.download_id, 1)
    assert stage.may_ask(newcomer)


def test_room_goes_to_others_than_those_beside_which_the_host_serves_more(stage: Stage) -> None:
    never = stage.refused()
    served = stage.add()
    stage.step(served, Event.START, Event.ANSWERED)
    stage.crowd.serve(served.download_id, 1)
    waiting = stage.refused()
    stage.crowded.freed(FULL)
    assert stage.woken() == [waiting.download_id]
    stage.step(waiting, Event.REQUEUE)
    stage.crowded.freed(FULL)
    assert stage.woken() == [never.download_id]


def test_who_has_another_address_now_waits_for_the_host_of_that_as_all_others_do(
    stage: Stage,
) -> None:
    stage.refused()
    stage.refused()
    moved = stage.add(OTHER)
    stage.crowded.try_now(moved)
    stage.crowded.refused(moved, stage.crowd)
    assert stage.may_ask(moved)
    moved.ask(replace(moved.request, url=f"http://{FULL}/moved"), 0.0)
    assert not stage.may_ask(moved)


def test_who_has_another_address_now_neither_holds_up_nor_needs_room_at_the_first(
    stage: Stage,
) -> None:
    newcomer, moved, waiting = stage.add(), stage.refused(), stage.refused()
    assert not stage.may_ask(newcomer)
    moved.ask(replace(moved.request, url=f"http://{OTHER}/moved"), 0.0)
    assert stage.may_ask(newcomer)
    stage.crowded.freed(FULL)
    assert stage.woken() == [waiting.download_id]


def test_who_has_another_address_of_its_host_keeps_its_place(stage: Stage) -> None:
    stage.refused()
    waiting = stage.refused()
    waiting.ask(replace(waiting.request, url=f"http://{FULL}/other"), 0.0)
    assert stage.may_ask(waiting)


def test_who_is_refused_where_there_is_room_leaves_it_to_the_next_one(stage: Stage) -> None:
    never, served = stage.refused(), stage.add()
    stage.step(served, Event.START, Event.ANSWERED)
    stage.crowd.serve(served.download_id, 1)
    waiting = stage.refused()
    stage.crowd.leave(served.download_id)
    stage.step(never, Event.REQUEUE, Event.START)
    assert not stage.woken()
    stage.refuse(never)
    assert stage.woken() == [waiting.download_id]
