"""Who runs next, without any engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.engine.options import Move
from tui_downloader.engine.queue.line import Turn
from tui_downloader.engine.queue.queue_order import moved
from tui_downloader.engine.queue.scheduler import Scheduler
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.deadline import Deadline
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.shares import Shares
from tui_downloader.model.status import Event, Status

PLENTY = Shares(total=99, per_host=99)


def queue(n: int) -> dict[int, Download]:
    request = DownloadRequest(url="http://a.invalid/x", folder="/tmp")
    return {key: Download(key, request, 0.0) for key in range(1, n + 1)}


def in_order(_: Download) -> Turn:
    return Turn.IN_ORDER


def start(scheduler: Scheduler, downloads: dict[int, Download]) -> int | None:
    key = scheduler.next_to_start(set(), in_order)
    if key is not None:
        downloads[key].apply(Event.START, 0.0)
        scheduler.note(downloads[key], has_task=True)
    return key


def test_slots_are_filled_in_queue_order_and_no_further() -> None:
    downloads = queue(5)
    scheduler = Scheduler(downloads, 2, PLENTY)
    assert scheduler.at_once == 0
    assert [start(scheduler, downloads) for _ in range(3)] == [1, 2, None]
    assert scheduler.at_once == 2


def test_verifying_frees_the_slot() -> None:
    downloads = queue(2)
    scheduler = Scheduler(downloads, 1, PLENTY)
    start(scheduler, downloads)
    downloads[1].apply(Event.RECEIVED, 0.0)
    scheduler.note(downloads[1], has_task=True)
    assert start(scheduler, downloads) == 2


def test_who_fetches_its_file_again_takes_a_slot_again() -> None:
    """Its digest was wrong."""
    downloads = queue(2)
    scheduler = Scheduler(downloads, 1, PLENTY)
    start(scheduler, downloads)
    for event in (Event.RECEIVED, Event.START):
        downloads[1].apply(event, 0.0)
        scheduler.note(downloads[1], has_task=True)
    assert start(scheduler, downloads) is None


def test_who_is_put_down_only_to_go_on_keeps_the_slot() -> None:
    downloads = queue(2)
    scheduler = Scheduler(downloads, 1, PLENTY)
    start(scheduler, downloads)
    downloads[1].apply(Event.REQUEUE, 0.0)
    scheduler.note(downloads[1], has_task=True)
    assert start(scheduler, downloads) is None
    scheduler.note(downloads[1], has_task=False)
    assert start(scheduler, downloads) == 1


def test_who_only_has_its_files_moved_takes_no_slot() -> None:
    downloads = queue(2)
    scheduler = Scheduler(downloads, 1, PLENTY)
    scheduler.note(downloads[1], has_task=True)
    assert scheduler.next_to_start({1}, in_order) == 2


def test_of_those_that_join_later_only_who_is_queued_stands_in_line() -> None:
    downloads = queue(1)
    scheduler = Scheduler(downloads, 5, PLENTY)
    assert start(scheduler, downloads) == 1
    paused, queued = (Download(key, downloads[1].request, 0.0) for key in (2, 3))
    paused.apply(Event.PAUSE, 0.0)
    downloads |= {2: paused, 3: queued}
    scheduler.joined([paused, queued])
    assert [start(scheduler, downloads) for _ in range(2)] == [3, None]


def test_who_left_is_waited_for_no_more() -> None:
    downloads = queue(3)
    at_noon = replace(downloads[2].request, start_at=1000.0)
    downloads[2] = Download(2, at_noon, 0.0)
    scheduler = Scheduler(downloads, 1, PLENTY)
    assert start(scheduler, downloads) == 1
    downloads[1].apply(Event.WAIT, 0.0)
    downloads[1].wait_end = Deadline(5.0, 0.0, 0.0)
    scheduler.note(downloads[1], has_task=False)
    assert scheduler.next_due_s(now=0.0, steady=0.0) is not None
    for key in (1, 2, 3):
        del downloads[key]
        scheduler.left(key)
    assert scheduler.next_due_s(now=0.0, steady=0.0) is None
    assert scheduler.due(steady=10.0) == []
    assert scheduler.is_done
    assert scheduler.next_to_start(set(), in_order) is None


def test_who_is_passed_over_takes_no_slot_and_nobody_else_goes_where_it_is() -> None:
    downloads = queue(5)
    elsewhere = DownloadRequest(url="http://a.invalid/x", folder="/elsewhere")
    for key in (3, 4, 5):
        downloads[key] = Download(key, elsewhere, 0.0)
    scheduler = Scheduler(downloads, 1, PLENTY)
    assert [start(scheduler, downloads) for _ in range(2)] == [1, None]
    scheduler.pass_over({1}, {"/tmp"})
    assert [start(scheduler, downloads) for _ in range(2)] == [3, None]
    scheduler.pass_over((), ())
    assert start(scheduler, downloads) is None
    for key in (1, 3):
        downloads[key].apply(Event.PAUSE, 0.0)
        scheduler.note(downloads[key], has_task=False)
    assert start(scheduler, downloads) == 2


def test_who_has_no_connection_yet_takes_no_slot_until_it_has_one() -> None:
    downloads = queue(4)
    scheduler = Scheduler(downloads, 1, PLENTY)
    assert [start(scheduler, downloads) for _ in range(2)] == [1, None]
    scheduler.let_pass({1})
    assert [start(scheduler, downloads) for _ in range(2)] == [2, None]
    scheduler.let_pass(())
    for key in (1, 2):
        assert start(scheduler, downloads) is None  # two run, and each would keep one from starting
        downloads[key].apply(Event.PAUSE, 0.0)
        scheduler.note(downloads[key], has_task=False)
    assert start(scheduler, downloads) == 3


def test_who_left_the_list_is_waited_for_no_more_though_its_task_ends_later() -> None:
    downloads = queue(1)
    scheduler = Scheduler(downloads, 1, PLENTY)
    start(scheduler, downloads)
    left = downloads.pop(1)
    scheduler.left(1)
    left.apply(Event.WAIT, 0.0)
    scheduler.note(left, has_task=False)
    assert scheduler.is_done


def test_there_are_never_more_slots_than_connections() -> None:
    downloads = queue(3)
    scheduler = Scheduler(downloads, 5, Shares(total=1, per_host=9))
    assert start(scheduler, downloads) == 1
    assert scheduler.at_once == 1
    scheduler.pass_over({1}, {"/elsewhere"})
    assert start(scheduler, downloads) is None


def test_who_still_puts_files_down_is_passed_over() -> None:
    downloads = queue(2)
    scheduler = Scheduler(downloads, 2, PLENTY)
    assert scheduler.next_to_start({1}, in_order) == 2


def test_a_host_whose_connections_are_used_is_passed_over() -> None:
    downloads = queue(3)
    elsewhere = DownloadRequest(url="http://b.invalid/x", folder="/tmp")
    downloads[3] = Download(3, elsewhere, 0.0)
    scheduler = Scheduler(downloads, 5, Shares(total=9, per_host=1))
    assert [start(scheduler, downloads) for _ in range(3)] == [1, 3, None]
    assert scheduler.full_hosts() == {"a.invalid": 1, "b.invalid": 1}
    downloads[1].apply(Event.RECEIVED, 0.0)
    scheduler.note(downloads[1], has_task=True)
    assert start(scheduler, downloads) == 2


def test_who_is_known_to_be_led_to_a_host_whose_connections_are_used_is_passed_over() -> None:
    urls = {1: "http://a.invalid/1", 2: "http://b.invalid/2", 3: "http://c.invalid/3"}
    requests = {key: DownloadRequest(url=url, folder="/d") for key, url in urls.items()}
    downloads = {key: Download(key, request, 0.0) for key, request in requests.items()}
    for key in (1, 2):
        downloads[key].led_to("x.invalid")
    scheduler = Scheduler(downloads, 5, Shares(total=9, per_host=1))
    assert start(scheduler, downloads) == 1
    assert scheduler.full_hosts() == {"a.invalid": 1, "x.invalid": 1}
    assert start(scheduler, downloads) == 3
    assert start(scheduler, downloads) is None


def test_there_are_no_more_slots_than_connections() -> None:
    downloads = queue(2)
    scheduler = Scheduler(downloads, 5, Shares(total=1, per_host=9))
    assert [start(scheduler, downloads) for _ in range(2)] == [1, None]


def test_a_long_wait_holds_no_slot_and_comes_due() -> None:
    downloads = queue(2)
    scheduler = Scheduler(downloads, 1, PLENTY)
    start(scheduler, downloads)
    downloads[1].apply(Event.WAIT, 0.0)
    downloads[1].wait_end = Deadline(100.0, now=5000.0, steady=0.0)
    scheduler.note(downloads[1], has_task=False)
    assert start(scheduler, downloads) == 2
    assert (scheduler.due(99.0), scheduler.due(100.0)) == ([], [1])
    assert scheduler.next_due_s(5000.0, 80.0) == pytest.approx(20.0)
    assert scheduler.next_due_s(5000.0, 0.0) == 30.0  # timers do not count the machine's sleep
    assert not scheduler.is_done


def test_nothing_queued_and_nothing_waiting_is_done() -> None:
    downloads = queue(1)
    scheduler = Scheduler(downloads, 1, PLENTY)
    is_done = [scheduler.is_done]
    start(scheduler, downloads)
    is_done.append(scheduler.is_done)
    assert is_done == [False, True]
    assert scheduler.next_due_s(0.0, 0.0) is None


@given(
    st.lists(st.integers(0, 50), unique=True),
    st.frozensets(st.integers(0, 50)),
    st.sampled_from(list(Move)),
)
def test_moving_loses_nothing_and_keeps_the_order_on_both_sides(
    order: list[int], chosen: frozenset[int], where: Move
) -> None:
    result = moved(order, chosen, where)
    assert sorted(result) == sorted(order)
    assert [i for i in result if i in chosen] == [i for i in order if i in chosen]
    assert [i for i in result if i not in chosen] == [i for i in order if i not in chosen]


def test_an_illegal_event_changes_nothing() -> None:
    from tui_downloader.model.errors import IllegalTransition

    (download,) = queue(1).values()
    with pytest.raises(IllegalTransition):
        download.apply(Event.FINISHED, 1.0)
    assert (download.status, download.phase_since) == (Status.QUEUED, 0.0)


def scheduled(downloads: dict[int, Download], key: int, start_at: float) -> None:
    downloads[key].request = replace(downloads[key].request, start_at=start_at)


def test_what_is_scheduled_starts_at_its_time_and_holds_up_nobody() -> None:
    downloads = queue(3)
    scheduled(downloads, 1, 100.0)
    scheduler = Scheduler(downloads, 5, PLENTY)
    scheduler.admit(80.0)
    assert [start(scheduler, downloads) for _ in range(3)] == [2, 3, None]
    assert scheduler.next_due_s(80.0, 0.0) == 20.0
    assert not scheduler.is_done
    scheduler.admit(100.0)
    assert start(scheduler, downloads) == 1
    assert scheduler.next_due_s(100.0, 0.0) is None
    assert scheduler.is_done


def test_what_was_scheduled_for_the_past_starts_at_once_in_its_place() -> None:
    downloads = queue(2)
    scheduled(downloads, 1, 100.0)
    scheduler = Scheduler(downloads, 1, PLENTY)
    scheduler.admit(500.0)
    assert start(scheduler, downloads) == 1


def test_a_clock_that_is_put_back_lets_it_wait_again() -> None:
    downloads = queue(1)
    scheduled(downloads, 1, 100.0)
    scheduler = Scheduler(downloads, 1, PLENTY)
    scheduler.admit(100.0)
    assert scheduler.next_due_s(100.0, 0.0) is None
    scheduler.admit(90.0)
    assert start(scheduler, downloads) is None
    assert scheduler.next_due_s(90.0, 0.0) == 10.0


@pytest.mark.parametrize("event", [Event.PAUSE, Event.CANCEL])
def test_what_was_scheduled_and_stopped_waits_for_no_time(event: Event) -> None:
    downloads = queue(1)
    scheduled(downloads, 1, 100.0)
    scheduler = Scheduler(downloads, 1, PLENTY)
    assert scheduler.next_due_s(90.0, 0.0) == 10.0
    downloads[1].apply(event, 0.0)
    scheduler.note(downloads[1], has_task=False)
    assert scheduler.next_due_s(0.0, 0.0) is None
    assert scheduler.is_done


def test_a_far_time_is_looked_at_again_for_clocks_are_set_and_machines_sleep() -> None:
    downloads = queue(1)
    scheduled(downloads, 1, 9000.0)
    wait_s = Scheduler(downloads, 1, PLENTY).next_due_s(0.0, 0.0)
    assert wait_s is not None
    assert 10 <= wait_s <= 60
