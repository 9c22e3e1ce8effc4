"""The snapshot of the queue: what changed is in it, and nothing else is looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_downloader.engine import Engine
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.options import EngineOptions, Move
from tui_downloader.engine.queue.roster import Roster
from tui_downloader.engine.queue.snapshots import Snapshots
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.download import LAST_PLACE, DownloadRequest, Hold
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_downloader.model.download import QueueSnapshot

HOST = "host.example"


def asked(number: int) -> Download:
    return Download(number, DownloadRequest(f"http://{HOST}/{number}.bin", "/downloads"), 0.0)


def filled(count: int) -> Roster:
    """A list whose first download runs."""
    roster = Roster(1, Hosts(EngineOptions()))
    roster.join([asked(number) for number in range(1, count + 1)], first=False)
    roster.downloads[1].apply(Event.START, 0.0)
    return roster


def taken(
    roster: Roster, now: float = 1.0, holds: Mapping[str, Hold] | None = None
) -> QueueSnapshot:
    return roster.snapshots.take(roster.downloads.values(), now, None, holds or {})


class Untouched:
    """Downloads that must not be looked at."""

    def __iter__(self) -> NoReturn:
        pytest.fail("all downloads were looked at")


def test_an_engine_that_has_not_begun_has_a_picture_too() -> None:
    assert Engine(EngineOptions()).snapshot().downloads == ()


def test_a_file_that_is_checked_again_is_looked_at_as_what_runs_and_lacks_nothing() -> None:
    """How long that takes is reckoned by how fast it is hashed, and nothing of it is to come."""
    roster = filled(1)
    checked = roster.downloads[1]
    checked.total_bytes = 1000
    for event in (Event.ANSWERED, Event.RECEIVED, Event.FINISHED):
        checked.apply(event, 0.0)
    checked.set_phase("sha-256", 0.0)
    for hashed_bytes, now, eta_s in ((200, 2.0, 8.0), (500, 4.0, 4.0)):
        checked.progress.hashed_bytes = hashed_bytes
        snapshot = taken(roster, now)
        assert (snapshot.downloads[0].done_bytes, snapshot.eta_s) == (hashed_bytes, eta_s)
    checked.set_phase("", 5.0)
    assert taken(roster, 5.0).downloads[0].done_bytes == 1000


def test_a_list_that_was_emptied_is_another_edition() -> None:
    roster = filled(1)
    before = taken(roster)
    roster.leave(roster.downloads[1])
    assert taken(roster).edition > before.edition


def test_places_are_told_as_far_as_anybody_counts() -> None:
    downloads = taken(filled(LAST_PLACE + 2)).downloads
    assert [each.queue_place for each in downloads[-3:]] == [LAST_PLACE - 1] + [LAST_PLACE] * 2


def test_only_what_runs_is_looked_at_while_nothing_else_changes() -> None:
    roster = filled(3)
    before = taken(roster)
    roster.downloads[1].phase = "TLS"
    after = roster.snapshots.take(Untouched(), 2.0, None, {})
    assert after.edition == before.edition != 0
    assert after.downloads[0].phase == "TLS"
    assert after.downloads[1:] == before.downloads[1:]
    assert before.downloads[0].phase == ""


def leave(roster: Roster) -> None:
    roster.leave(roster.downloads[2])


def join(roster: Roster) -> None:
    roster.join([asked(4)], first=False)


def join_in_front(roster: Roster) -> None:
    roster.join([asked(4)], first=True)


def join_and_leave(roster: Roster) -> None:
    roster.join([asked(4), asked(5)], first=False)
    roster.leave(roster.downloads[4])


def join_and_start(roster: Roster) -> None:
    join(roster)
    roster.downloads[4].apply(Event.START, 1.0)


def bring_back(roster: Roster) -> None:
    roster.bring_back(asked(4))


def put_back(roster: Roster) -> None:
    gone = roster.downloads[2]
    roster.leave(gone)
    taken(roster)
    roster.put_back([gone])
    roster.downloads[2].apply(Event.PAUSE, 1.0)


def move(roster: Roster) -> None:
    roster.move([3], Move.TOP)


def pause(roster: Roster) -> None:
    roster.downloads[1].apply(Event.PAUSE, 1.0)


def start(roster: Roster) -> None:
    roster.downloads[2].apply(Event.START, 1.0)


def ask(roster: Roster) -> None:
    roster.downloads[2].ask(DownloadRequest(f"http://{HOST}/new.bin", "/downloads"), 1.0)


CHANGES = [
    leave,
    join,
    join_in_front,
    join_and_leave,
    join_and_start,
    bring_back,
    put_back,
    move,
    pause,
    start,
    ask,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_in_the_next_picture(change: Callable[[Roster], None]) -> None:
    roster = filled(3)
    before = taken(roster)
    change(roster)
    after = taken(roster)
    assert after.downloads != before.downloads
    assert after.edition > before.edition
    fresh = Snapshots().take(roster.downloads.values(), 1.0, None, {})
    assert [(row.download_id, row.status, row.url, row.queue_place) for row in after.downloads] == [
        (row.download_id, row.status, row.url, row.queue_place) for row in fresh.downloads
    ]


# What is brought back has its place from the disk.
@pytest.mark.parametrize("change", [each for each in CHANGES if each is not bring_back])
def test_positions_grow_along_the_list(change: Callable[[Roster], None]) -> None:
    """What is added last finds its own by that of its neighbour."""
    roster = filled(3)
    change(roster)
    roster.join([asked(8)], first=True)
    roster.join([asked(9)], first=False)
    positions = [each.position for each in roster.downloads.values()]
    assert positions == sorted(set(positions))


_MANY = 300
_EVENTS = {
    Status.QUEUED: (Event.START, Event.PAUSE, Event.CANCEL),
    Status.CONNECTING: (Event.REQUEUE, Event.PAUSE),
    Status.PAUSED: (Event.RESUME, Event.CANCEL),
    Status.CANCELLED: (Event.RESUME,),
}
_steps = st.lists(st.tuples(st.integers(0, _MANY - 1), st.integers(0, 4)), max_size=6)


def step(roster: Roster, which: int, choice: int) -> None:
    """Let something happen to one of many: a change of its status, its leave, another place."""
    download = list(roster.downloads.values())[which % len(roster.downloads)]
    events = _EVENTS[download.status]
    if choice < len(events):
        download.apply(events[choice], 1.0)
    elif choice == 3:
        roster.leave(download)
    else:
        roster.move([download.download_id], Move.TOP)


@settings(max_examples=60)
@given(st.lists(_steps, min_size=1, max_size=4))
def test_whatever_happens_to_many_the_picture_is_right(rounds: list[list[tuple[int, int]]]) -> None:
    roster = filled(_MANY)
    for steps in rounds:
        picture = taken(roster)
        before = {row.download_id: row for row in picture.downloads}
        for which, choice in steps:
            step(roster, which, choice)
        later = taken(roster)
        after = later.downloads
        assert (later.edition == picture.edition) is (not steps)
        assert [row.download_id for row in after] == list(roster.downloads)
        line = 0
        for row, download in zip(after, roster.downloads.values(), strict=True):
            line += download.status is Status.QUEUED
            place = line if download.status is Status.QUEUED else 0
            assert (row.status, row.queue_place) == (download.status, place)
            is_same = download.shown is before[row.download_id]
            assert is_same is (row is before[row.download_id])


def test_what_changes_has_its_neighbours_alone_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    holds = {"other.example": Hold(1, 1)}
    roster = filled(_MANY)
    taken(roster, holds=holds)
    looked_at: list[int] = []

    def host(download: Download) -> str:
        looked_at.append(download.download_id)
        return HOST

    monkeypatch.setattr(Download, "host", property(host))
    roster.downloads[_MANY].apply(Event.PAUSE, 1.0)
    after = roster.snapshots.take(Untouched(), 2.0, None, holds)
    assert after.downloads[-1].status is Status.PAUSED
    assert _MANY - 1 in looked_at
    assert 2 not in looked_at


def test_only_those_are_looked_at_that_came_to_the_end() -> None:
    roster = filled(3)
    taken(roster)
    scheduled = asked(6)
    scheduled.ask(replace(scheduled.request, start_at=100.0), 1.0)
    roster.join([asked(4)], first=False)
    roster.join([asked(5), scheduled], first=False)
    for _ in range(2):
        after = roster.snapshots.take(Untouched(), 2.0, None, {})
        assert [row.queue_place for row in after.downloads] == [0, 1, 2, 3, 4, 0]
        assert after.scheduled == 1
    roster.downloads[2].apply(Event.PAUSE, 3.0)
    assert [row.queue_place for row in taken(roster).downloads] == [0, 0, 1, 2, 3, 0]


def test_why_a_host_keeps_downloads_waiting_is_in_the_next_picture() -> None:
    roster = filled(3)
    assert taken(roster).downloads[1].hold is None
    free = taken(roster)
    held = taken(roster, holds={HOST: Hold(1, 1)})
    assert held.edition > free.edition
    assert [row.hold for row in held.downloads] == [None, Hold(1, 1), Hold(1, 1)]
    again = roster.snapshots.take(Untouched(), 2.0, None, {HOST: Hold(1, 1)})
    assert again.downloads[1:] == held.downloads[1:]
    assert taken(roster).downloads[1].hold is None


def test_what_waits_for_a_time_stands_in_line_from_then_on() -> None:
    roster = filled(4)
    second = roster.downloads[2]
    second.ask(replace(second.request, start_at=100.0), 80.0)
    look_at_the_clock(roster, 80.0)
    assert line_of(taken(roster, now=80.0)) == [(0, None), (0, 100.0), (1, None), (2, None)]
    assert taken(roster, now=80.0).scheduled == 1
    look_at_the_clock(roster, 100.0)
    assert line_of(taken(roster, now=100.0)) == [(0, None), (1, None), (2, None), (3, None)]
    assert taken(roster, now=100.0).scheduled == 0
    look_at_the_clock(roster, 80.0)  # the clock was put back
    assert line_of(taken(roster, now=80.0)) == [(0, None), (0, 100.0), (1, None), (2, None)]


def test_a_picture_before_the_scheduler_woke_is_right_too() -> None:
    roster = filled(3)
    second = roster.downloads[2]
    second.ask(replace(second.request, start_at=100.0), 80.0)
    taken(roster, now=80.0)
    roster.snapshots.outdate()
    assert line_of(taken(roster, now=100.0)) == [(0, None), (1, None), (2, None)]


@pytest.mark.parametrize("event", [Event.PAUSE, Event.CANCEL, Event.START])
def test_only_what_is_queued_waits_for_a_time(event: Event) -> None:
    roster = filled(2)
    second = roster.downloads[2]
    second.ask(replace(second.request, start_at=100.0), 80.0)
    second.apply(event, 80.0)
    assert line_of(taken(roster, now=80.0)) == [(0, None), (0, None)]


def look_at_the_clock(roster: Roster, now: float) -> None:
    """As the engine does."""
    roster.scheduler.admit(now)
    roster.scheduler.next_due_s(now, 0.0)


def line_of(snapshot: QueueSnapshot) -> list[tuple[int, float | None]]:
    """Places in the line, and times that are waited for."""
    return [(row.queue_place, row.start_at) for row in snapshot.downloads]


def test_the_time_left_counts_what_runs_and_what_stands_in_line() -> None:
    roster = filled(4)
    running, waiting, paused, scheduled = roster.downloads.values()
    scheduled.ask(replace(scheduled.request, start_at=100.0), 80.0)
    for download in roster.downloads.values():
        download.total_bytes = 1000
    paused.apply(Event.PAUSE, 0.0)
    running.apply(Event.ANSWERED, 0.0)
    for second in range(1, 11):
        running.progress.done.add(second * 10, second * 10 + 10)
        running.received(10, float(second))
    snapshot = taken(roster, now=10.0)
    assert waiting.status is Status.QUEUED
    assert snapshot.bytes_per_s > 0
    assert snapshot.eta_s == pytest.approx(1900 / running.pace(10.0))


def receiving(roster: Roster, total_bytes: int, rates: Mapping[int, int], seconds: int) -> None:
    """Let downloads run at rates, in bytes per second, from second 0 on."""
    for key, rate in rates.items():
        download = roster.downloads[key]
        download.total_bytes = total_bytes
        if download.status is Status.QUEUED:
            download.apply(Event.START, 0.0)
        download.apply(Event.ANSWERED, 0.0)
        receive(download, rate, range(1, seconds + 1))


def receive(download: Download, rate: int, seconds: range) -> None:
    for second in seconds:
        done = download.progress.done.total
        download.progress.done.add(done, done + rate)
        download.received(rate, float(second))


def eta_of(snapshot: QueueSnapshot, place: int = 0) -> float:
    found = snapshot.downloads[place].eta_s
    assert found is not None
    return found


def test_the_row_and_the_whole_queue_tell_one_time_left() -> None:
    roster = filled(1)
    receiving(roster, 10_000, {1: 100}, 8)
    receive(roster.downloads[1], 10, range(9, 12))  # slower of late
    snapshot = taken(roster, now=11.0)
    assert snapshot.eta_s == pytest.approx(eta_of(snapshot))


@pytest.mark.parametrize("total_bytes", [10_000, 800])
def test_while_nothing_comes_nobody_knows_how_long_it_takes(total_bytes: int) -> None:
    roster = filled(1)
    receiving(roster, total_bytes, {1: 100}, 8)
    snapshot = taken(roster, now=12.0)
    assert snapshot.downloads[0].bytes_per_s == snapshot.bytes_per_s == 0
    assert snapshot.downloads[0].eta_s is snapshot.eta_s is None


@pytest.mark.parametrize("is_in_line", [True, False])
@pytest.mark.parametrize("sizes", [(10_000, 10_000), (None, 10_000), (10_000, None), (None, None)])
def test_where_a_size_is_not_told_the_time_left_is_the_least_and_unknown_where_none_is(
    sizes: tuple[int | None, int | None], is_in_line: bool
) -> None:
    """Whether the second one runs, too, or stands in line."""
    roster = filled(2)
    receiving(roster, 10_000, {1: 100} if is_in_line else {1: 100, 2: 100}, 8)
    for download, total_bytes in zip(roster.downloads.values(), sizes, strict=True):
        download.total_bytes = total_bytes
    snapshot = taken(roster, now=8.0)
    assert snapshot.is_eta_least is (None in sizes)
    assert (snapshot.eta_s is None) is (set(sizes) == {None})


def test_a_limit_counts_from_the_moment_it_is_set() -> None:
    roster = filled(1)
    receiving(roster, 10_000, {1: 100}, 10)
    limited = roster.snapshots.take(roster.downloads.values(), 10.0, 30, {})
    assert limited.eta_s == pytest.approx(9000 / 30)
    assert eta_of(limited) == pytest.approx(9000 / 30)


def test_a_limit_is_shared_as_the_speeds_are() -> None:
    roster = filled(2)
    receiving(roster, 10_000, {1: 300, 2: 100}, 10)
    limited = roster.snapshots.take(roster.downloads.values(), 10.0, 40, {})
    assert eta_of(limited, 0) == pytest.approx(7000 / 30)
    assert eta_of(limited, 1) == pytest.approx(9000 / 10)
    assert limited.eta_s == eta_of(limited, 1)  # no sooner than the slower one


def test_all_together_are_done_no_sooner_than_what_is_left_takes() -> None:
    roster = filled(2)
    receiving(roster, 10_000, {1: 300, 2: 300}, 10)
    roster.downloads[1].total_bytes = 4000
    snapshot = taken(roster, now=10.0)
    assert (snapshot.eta_s or 0.0) == pytest.approx(eta_of(snapshot, 1))
    assert (snapshot.eta_s or 0.0) > (1000 + 7000) / 600


def checking(roster: Roster, key: int, hashed_bytes: int, total_bytes: int, since: float) -> None:
    """Have all of a download here, and so much of it hashed."""
    download = roster.downloads[key]
    download.total_bytes = total_bytes
    for event in (Event.START, Event.ANSWERED, Event.RECEIVED):
        if event is not Event.START or download.status is Status.QUEUED:
            download.apply(event, since)
    download.set_phase("sha-512", since)
    download.progress.hashed_bytes = hashed_bytes


def test_bytes_that_are_still_to_be_hashed_are_not_still_to_come() -> None:
    roster = filled(2)
    receiving(roster, 2000, {1: 100}, 10)
    checking(roster, 2, 4 * 10**9, 10 * 10**9, since=8.0)
    snapshot = taken(roster, now=10.0)
    assert eta_of(snapshot, 1) == pytest.approx(3.0)
    assert snapshot.eta_s == pytest.approx(eta_of(snapshot, 0))


def test_a_check_that_takes_longer_than_what_comes_is_waited_for() -> None:
    roster = filled(2)
    receiving(roster, 1200, {1: 100}, 10)
    checking(roster, 2, 10**9, 10 * 10**9, since=8.0)
    snapshot = taken(roster, now=10.0)
    assert snapshot.eta_s == eta_of(snapshot, 1) == pytest.approx(18.0)


@pytest.mark.parametrize(("others", "eta_s"), [({}, 18.0), ({2: None}, 18.0), ({2: 1000}, None)])
def test_while_nothing_comes_a_check_takes_its_time(
    others: dict[int, int | None], eta_s: float | None
) -> None:
    """What is in line is of unknown size at best: else nobody knows when that comes."""
    roster = filled(1 + len(others))
    checking(roster, 1, 10**9, 10 * 10**9, since=8.0)
    for key, total_bytes in others.items():
        roster.downloads[key].total_bytes = total_bytes
    snapshot = taken(roster, now=10.0)
    assert snapshot.eta_s == (None if eta_s is None else pytest.approx(eta_s))
    assert snapshot.is_eta_least is (None in others.values())


@pytest.mark.parametrize(("hashed_bytes", "now"), [(0, 20.0), (10**9, 8.5)])
def test_how_long_a_check_takes_is_not_known_at_first(hashed_bytes: int, now: float) -> None:
    roster = filled(1)
    checking(roster, 1, hashed_bytes, 10 * 10**9, since=8.0)
    snapshot = taken(roster, now=now)
    assert snapshot.downloads[0].eta_s is snapshot.eta_s is None


def test_who_comes_after_a_new_limit_has_a_fair_share_of_it() -> None:
    roster = filled(2)
    receiving(roster, 10_000, {1: 400}, 10)
    roster.downloads[1].limits_changed(10.1, share=40 / 400)
    receiving(roster, 10_000, {2: 20}, 0)
    for second in (11, 12):
        for each in roster.downloads.values():
            receive(each, 20, range(second, second + 1))
    snapshot = roster.snapshots.take(roster.downloads.values(), 12.0, 40, {})
    assert eta_of(snapshot, 1) == pytest.approx((10_000 - 40) / 20, rel=0.5)


def test_its_own_limit_counts_too() -> None:
    roster = filled(1)
    receiving(roster, 10_000, {1: 100}, 10)
    download = roster.downloads[1]
    download.ask(replace(download.request, limit_bytes_per_s=20), 10.0)
    snapshot = taken(roster, now=10.0)
    assert snapshot.eta_s == eta_of(snapshot) == pytest.approx(9000 / 20)


@pytest.mark.parametrize("is_its_own", [True, False])
def test_how_slow_it_was_under_a_limit_that_is_gone_counts_no_more(is_its_own: bool) -> None:
    roster = filled(1)
    download = roster.downloads[1]
    if is_its_own:
        download.ask(replace(download.request, limit_bytes_per_s=10), 0.0)
    receiving(roster, 10_000, {1: 10}, 10)
    if is_its_own:
        download.ask(replace(download.request, limit_bytes_per_s=None), 10.1)
    else:
        download.limits_changed(10.1, share=1.0)
    receive(download, 1000, range(11, 13))
    left = 10_000 - 100 - 2000
    assert eta_of(taken(roster, now=12.0)) == pytest.approx(left / 1000, rel=0.3)


SMALL_BYTES = 10_000


def small_files_ended(count: int, now: float) -> Roster:
    """A list whose downloads came in no time, all but the last one, which is asked for."""
    roster = filled(count + 1)
    for download in list(roster.downloads.values())[:count]:
        if download.status is Status.QUEUED:
            download.apply(Event.START, now)
        download.apply(Event.ANSWERED, now)
        download.progress.done.add(0, SMALL_BYTES)
        download.received(SMALL_BYTES, now)
        download.total_bytes = SMALL_BYTES
        download.apply(Event.RECEIVED, now)
        roster.snapshots.ended.note(download, now)
        download.apply(Event.FINISHED, now)
        roster.snapshots.ended.note(download, now)
    roster.downloads[count + 1].apply(Event.START, now)
    return roster


def test_small_files_that_ended_a_moment_ago_are_throughput_of_the_queue() -> None:
    roster = small_files_ended(50, 10.0)
    queue = taken(roster, 11.0)
    assert [each.bytes_per_s for each in queue.downloads] == [0.0] * 51
    assert queue.bytes_per_s == 50 * SMALL_BYTES
    assert taken(roster, 13.1).bytes_per_s == 0.0


def test_nothing_that_runs_is_no_throughput() -> None:
    roster = small_files_ended(50, 10.0)
    roster.downloads[51].apply(Event.PAUSE, 11.0)
    assert taken(roster, 11.0).bytes_per_s == 0.0


def test_the_time_left_goes_by_what_small_files_took() -> None:
    roster = small_files_ended(50, 10.0)
    rest = asked(52)
    rest.total_bytes = 10 * 50 * SMALL_BYTES
    roster.downloads[51].total_bytes = 0
    roster.join([rest], first=False)
    assert taken(roster, 11.0).eta_s == pytest.approx(10, rel=0.1)


def test_what_ended_before_a_limit_counts_no_more_than_the_limit_leaves() -> None:
    roster = small_files_ended(50, 10.0)
    before = taken(roster, 10.5).bytes_per_s
    roster.snapshots.ended.limits_changed(10.5, 0.1)
    assert taken(roster, 10.5).bytes_per_s == pytest.approx(before * 0.1)


def test_a_digest_that_is_checked_is_no_second_throughput() -> None:
    roster = small_files_ended(1, 10.0)
    download = roster.downloads[2]
    download.apply(Event.ANSWERED, 10.0)
    download.progress.done.add(0, SMALL_BYTES)
    download.received(SMALL_BYTES, 10.0)
    before = taken(roster, 11.0).bytes_per_s
    download.apply(Event.RECEIVED, 11.0)
    for _ in range(2):
        roster.snapshots.ended.note(download, 11.0)
    assert before == taken(roster, 11.0).bytes_per_s == 2 * SMALL_BYTES


@pytest.mark.parametrize("limit_share", [1.0, 0.1])
def test_what_is_fetched_once_more_counts_as_its_row_has_it(limit_share: float) -> None:
    roster = small_files_ended(1, 10.0)
    download = roster.downloads[2]
    download.apply(Event.ANSWERED, 10.0)
    download.received(50 * SMALL_BYTES, 10.0)
    for event in (Event.RECEIVED, Event.START, Event.ANSWERED):  # its digest differs
        download.apply(event, 10.5)
        roster.snapshots.ended.note(download, 10.5)
        roster.snapshots.ended.limits_changed(10.5, limit_share)
    download.received(7 * SMALL_BYTES, 10.7)
    queue = taken(roster, 10.8)
    (row,) = (each.bytes_per_s for each in queue.downloads if each.bytes_per_s)
    assert queue.bytes_per_s == pytest.approx(row + SMALL_BYTES * limit_share**3)
