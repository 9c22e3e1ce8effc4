"""Who is next, found among groups, is who a plain look at everybody would find."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.engine.queue.due_times import DueTimes
from tui_downloader.engine.queue.line import Turn
from tui_downloader.engine.queue.queue_order import reordered
from tui_downloader.engine.queue.scheduler import Scheduler
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.deadline import Deadline
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.retry import Retry
from tui_downloader.model.shares import Shares
from tui_downloader.model.status import Event, Status, allows

if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = st.integers(1, 8)
HOSTS, FOLDERS = st.sampled_from("ab"), st.sampled_from(["/x", "/y"])
TIMES = st.integers(0, 9)


@st.composite
def requests(draw: st.DrawFn) -> DownloadRequest:
    mirrors = draw(st.sampled_from([(), ("http://mirror.invalid/x",)]))
    start_at = draw(st.none() | TIMES)
    url = f"http://{draw(HOSTS)}.invalid/x"
    return DownloadRequest(url=url, folder=draw(FOLDERS), mirrors=mirrors, start_at=start_at)


class Queue:
    """Downloads as a roster would have them, with the plain answers beside."""

    def __init__(self, wanted: list[DownloadRequest]) -> None:
        self.downloads: dict[int, Download] = {}
        self.scheduler = Scheduler(self.downloads, 3, Shares(total=9, per_host=2))
        self.carried: set[int] = set()
        self.now = 0.0
        self.join(wanted)

    def join(self, wanted: list[DownloadRequest]) -> None:
        last = max((each.position for each in self.downloads.values()), default=0)
        new = []
        for request in wanted:
            download = Download(len(self.downloads) + 1, request, 0.0)
            download.position = last = last + 1
            self.downloads[download.download_id] = download
            new.append(download)
        self.scheduler.joined(new)

    def apply(self, key: int, event: Event, wait_s: float) -> None:
        download = self.downloads[key]
        if allows(download.status, event):
            download.apply(event, 0.0)
        if download.status is Status.WAITING:
            download.wait_end = Deadline(wait_s, 0.0, 0.0)
            download.retry = Retry(1.0, 1, 5)
            download.may_find_room = bool(wait_s % 2)
        if not download.status.is_running:
            self.carried.discard(key)
        self.scheduler.note(download, has_task=key in self.carried)

    def edit(self, key: int, request: DownloadRequest) -> None:
        self.downloads[key].ask(request, 0.0)
        self.scheduler.note(self.downloads[key], has_task=key in self.carried)

    def lead(self, key: int, host: str) -> None:
        self.downloads[key].led_to(host)
        self.scheduler.note(self.downloads[key], has_task=key in self.carried)

    def move_to_front(self, key: int) -> None:
        order = [key, *(each for each in self.downloads if each != key)]
        self.downloads, _ = reordered(self.downloads, order)
        self.scheduler.reorder(self.downloads)

    def tick(self, now: float) -> None:
        self.now = now
        self.scheduler.admit(now)

    def standing(self) -> list[Download]:
        return [each for each in self.downloads.values() if self._stands(each)]

    def _stands(self, download: Download) -> bool:
        start_at = download.request.start_at
        is_early = start_at is not None and start_at > self.now
        return download.status is Status.QUEUED and not is_early

    def plain_next(self, turn_of: Callable[[Download], Turn], busy: set[int]) -> int | None:
        """Look at everybody."""
        if self.scheduler.at_once:
            return None
        full, last = self.scheduler.full_hosts(), None
        for download in self.standing():
            hosts = {download.host, download.needed_host}
            if hosts & full.keys() or download.download_id in busy:
                continue
            if download.request.folder in self.scheduler.no_folders:
                continue
            turn = turn_of(download)
            if turn is Turn.IN_ORDER:
                return download.download_id
            if turn is Turn.LAST and last is None:
                last = download.download_id
        return last

    def plain_due_s(self) -> float | None:
        waits_s = [
            download.wait_end.at - self.now
            for key, download in self.downloads.items()
            if download.wait_end is not None and key not in self.carried
        ]
        waits_s += [
            start_at - self.now
            for each in self.downloads.values()
            if each.status is Status.QUEUED
            and (start_at := each.request.start_at) is not None
            and start_at > self.now
        ]
        return max(0.0, min(waits_s)) if waits_s else None


def turns(draw: st.DataObject) -> Callable[[Download], Turn]:
    """Any turns that depend on what the turns of outages depend on."""
    known: dict[tuple[object, ...], Turn] = {}

    def turn_of(download: Download) -> Turn:
        attempted, mirrored = download.retry is not None, bool(download.request.mirrors)
        may_find_room = download.may_find_room
        kind = (download.host, download.needed_host, attempted, may_find_room, mirrored)
        if kind not in known:
            known[kind] = draw.draw(st.sampled_from(list(Turn)), label=f"turn of {kind}")
        return known[kind]

    return turn_of


@given(st.data())
def test_the_choice_is_that_of_a_plain_look_at_everybody(data: st.DataObject) -> None:
    queue = Queue(data.draw(st.lists(requests(), min_size=8, max_size=8)))
    steps: list[tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]] = [
        (queue.apply, (KEYS, st.sampled_from(list(Event)), TIMES)),
        (queue.edit, (KEYS, requests())),
        (queue.lead, (KEYS, st.sampled_from(["b.invalid", "c.invalid"]))),
        (queue.move_to_front, (KEYS,)),
        (queue.tick, (TIMES,)),
    ]
    for _ in range(data.draw(st.integers(1, 12))):
        step, arguments = data.draw(st.sampled_from(steps))
        step(*map(data.draw, arguments))
        queue.scheduler.pass_over((), data.draw(st.frozensets(FOLDERS, max_size=1)))
        assert set(queue.scheduler.in_line) == {each.download_id for each in queue.standing()}
        assert queue.scheduler.hosts_in_line == {each.host for each in queue.standing()}
        assert queue.scheduler.next_due_s(queue.now, queue.now) == queue.plain_due_s()
        turn_of, busy = turns(data), data.draw(st.sets(KEYS, max_size=2))
        expected = queue.plain_next(turn_of, busy)
        assert queue.scheduler.next_to_start(busy, turn_of) == expected
        if expected is not None:
            queue.carried.add(expected)
            queue.apply(expected, Event.START, 0.0)


@given(st.lists(st.tuples(st.sampled_from(["put", "drop"]), st.integers(0, 5), TIMES)), TIMES)
def test_due_are_those_whose_latest_time_has_come(
    steps: list[tuple[str, int, int]], now: int
) -> None:
    times, plain = DueTimes(), dict[int, int]()
    for step, key, at in steps:
        if step == "put":
            times.put(key, at)
            plain[key] = at
        else:
            times.drop(key)
            plain.pop(key, None)
    assert sorted(times.due(now)) == sorted(key for key, at in plain.items() if at <= now)
    assert times.first() == min(plain.values(), default=None)
    assert (len(times), 3 in times) == (len(plain), 3 in plain)


def test_times_that_nobody_waits_for_any_more_take_no_room_for_ever() -> None:
    times = DueTimes()
    for at in range(10_000):
        times.put(1, at)
    assert len(times._heap) < 1000
    assert (times.first(), times.due(9998), times.due(9999)) == (9999, [], [1])


def test_a_wait_that_is_cut_short_is_over_then() -> None:
    queue = Queue([DownloadRequest(url="http://a.invalid/x", folder="/x")])
    queue.carried.add(1)
    queue.apply(1, Event.START, 0.0)
    queue.apply(1, Event.WAIT, 9.0)
    queue.carried.discard(1)
    download = queue.downloads[1]
    queue.scheduler.note(download, has_task=False)
    assert queue.scheduler.due(8.0) == []
    download.wait_end = Deadline(2.0, 0.0, 0.0)
    queue.scheduler.note_wait(download)
    assert queue.scheduler.due(2.0) == [1]


def test_nobody_is_looked_at_but_one_of_each_kind() -> None:
    """However many wait for one reason, who is next is found at once."""
    request = DownloadRequest(url="http://a.invalid/x", folder="/x")
    other = replace(request, url="http://b.invalid/x")
    queue = Queue([*[request] * 1000, other])
    asked = []

    def turn_of(download: Download) -> Turn:
        asked.append(download)
        return Turn.HELD if download.host == "a.invalid" else Turn.IN_ORDER

    assert queue.scheduler.next_to_start((), turn_of) == 1001
    assert len(asked) == 2


def test_whoever_has_the_place_before_goes_first_when_the_first_of_each_kind_cannot() -> None:
    request = DownloadRequest(url="http://a.invalid/x", folder="/x")
    other = replace(request, url="http://b.invalid/x")
    queue = Queue([request, other, request, other])
    assert queue.scheduler.next_to_start({1, 2}, lambda _: Turn.IN_ORDER) == 3
