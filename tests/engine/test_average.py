"""The average: what came in this life of a download, over the time spent receiving it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.running import idle, running, seen, wanted
from tests.server import Pattern
from tests.waiting import eventually
from tui_downloader.engine.queue.entries import download_of, entry_of
from tui_downloader.engine.transfer import progress
from tui_downloader.engine.transfer.details import details_of
from tui_downloader.engine.transfer.download import Download
from tui_downloader.engine.transfer.showing import snapshot_of
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server
    from tui_downloader.engine import Engine

_RECEIVE = (Event.START, Event.ANSWERED)


def fresh() -> Download:
    return Download(1, DownloadRequest(url="http://a.invalid/x", folder="/tmp"), 0.0)


def receive(download: Download, n_bytes: int, start: float, seconds: float) -> None:
    for event in _RECEIVE:
        download.apply(event, start)
    download.received(n_bytes, start + seconds)
    download.apply(Event.PAUSE, start + seconds)


def average(download: Download) -> float:
    return snapshot_of(download, 9e9, 0).average_bytes_per_s


def test_pauses_do_not_count() -> None:
    download = fresh()
    receive(download, 1000, start=10.0, seconds=10.0)
    download.apply(Event.RESUME, 5000.0)
    receive(download, 3000, start=6000.0, seconds=10.0)
    assert average(download) == pytest.approx(200.0)


def test_the_time_a_stopped_program_or_a_sleeping_machine_stands_does_not_count() -> None:
    download = fresh()
    for event in _RECEIVE:
        download.apply(event, 100.0)
    download.received(1000, 110.0)
    download.received(1000, 28_910.0)
    download.received(1000, 28_920.0)
    assert snapshot_of(download, 28_920.0, 0).active_s == pytest.approx(20.0)
    download.apply(Event.PAUSE, 50_000.0)
    assert average(download) == pytest.approx(150.0)


@pytest.mark.parametrize("seconds", [29.0, 31.5])
def test_a_server_that_is_slow_to_send_counts(seconds: float) -> None:
    """As long as a silent connection is waited for, and until that is noticed."""
    download = fresh()
    receive(download, 1000, start=100.0, seconds=seconds)
    assert download.active_s == seconds


def test_a_stall_counts_however_long_it_is_looked_after() -> None:
    """When one connection has waited in vain, the next may."""
    download = fresh()
    for event in _RECEIVE:
        download.apply(event, 100.0)
    download.received(1000, 110.0)
    for second in range(111, 200):
        download.looked_after(float(second))
    download.received(1000, 200.0)
    assert snapshot_of(download, 200.0, 0).active_s == 100.0


def test_who_looks_first_after_a_stop_counts_none_of_it() -> None:
    """Such as whoever steers a download that a speed limit holds."""
    download = fresh()
    for event in _RECEIVE:
        download.apply(event, 100.0)
    download.looked_after(110.0)
    download.looked_after(28_910.0)
    download.progress.held_at = 28_910.0
    download.received(1000, 28_920.0)
    assert snapshot_of(download, 28_920.0, 0).active_s == pytest.approx(20.0)


async def test_a_running_download_is_looked_after_while_nothing_comes(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LONGEST_WAIT_S", 2.0)
    server.put("/large.bin", Pattern(2_000_000), stall_after=1000)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/large.bin"), tmp_path)])
        stalled = await seen(engine, lambda download: download.active_s > 2.5)
        engine.pause([key])
        paused = await seen(engine, lambda download: download.status is Status.PAUSED)
    assert paused.received_bytes == stalled.received_bytes == 1000
    assert paused.active_s >= stalled.active_s


def test_a_clock_that_is_put_back_makes_no_time_negative() -> None:
    download = fresh()
    receive(download, 1000, start=5000.0, seconds=10.0)
    download.apply(Event.RESUME, 5010.0)
    receive(download, 1000, start=5010.0, seconds=-3600.0)
    assert snapshot_of(download, 9e9, 0).active_s == 10.0


@pytest.mark.parametrize(("kept", "total_s"), [(0, 20.0), (1000, 30.0)])
def test_what_was_cancelled_begins_anew_where_nothing_of_it_was_kept(
    kept: int, total_s: float
) -> None:
    download = fresh()
    receive(download, 1000, start=10.0, seconds=10.0)
    download.apply(Event.CANCEL, 30.0)
    download.kept_bytes = kept
    download.apply(Event.RESUME, 40.0)
    receive(download, 3000, start=50.0, seconds=20.0)
    assert download.active_s == total_s
    assert download.received_bytes == 3000 + kept


def test_another_run_of_the_program_goes_on_counting() -> None:
    download = fresh()
    receive(download, 1000, start=10.0, seconds=10.0)
    again = download_of(entry_of(download))
    again.apply(Event.RESUME, 5000.0)
    receive(again, 3000, start=6000.0, seconds=10.0)
    assert average(again) == pytest.approx(200.0)


def test_again_from_byte_0_is_another_life() -> None:
    download = fresh()
    receive(download, 100_000, start=10.0, seconds=10.0)
    download.apply(Event.RESTART, 100.0)
    receive(download, 1000, start=200.0, seconds=10.0)
    assert average(download) == pytest.approx(100.0)


def highest(download: Download, now: float) -> float:
    return details_of(download, now).max_bytes_per_s


@pytest.mark.parametrize("seconds", [0.0, 0.004, 0.3, 2.0])
@pytest.mark.parametrize("is_looked_at", [True, False])
def test_the_highest_speed_is_never_below_the_average(seconds: float, is_looked_at: bool) -> None:
    download = fresh()
    for event in _RECEIVE:
        download.apply(event, 10.0)
    download.received(165_000, 10.0 + seconds)
    if is_looked_at:
        snapshot_of(download, 10.0 + seconds, 0)
    download.apply(Event.PAUSE, 10.0 + seconds)
    assert 0 < average(download) <= highest(download, 9e9) <= 165_000


def test_what_came_in_less_than_a_second_is_no_more_than_came_in_a_second() -> None:
    download = fresh()
    receive(download, 165_000, start=10.0, seconds=0.004)
    assert average(download) == highest(download, 9e9) == 165_000


def test_no_second_of_the_graph_is_above_the_highest_speed() -> None:
    download = fresh()
    for event in _RECEIVE:
        download.apply(event, 10.0)
    for second, n_bytes in enumerate((1000, 1000, 1000, 8000, 0, 0)):
        download.received(n_bytes, 10.5 + second)
        snapshot_of(download, 10.6 + second, 0)
    details = details_of(download, 16.0)
    assert max(details.throughput) == details.max_bytes_per_s == 8000
    assert int(details.max_at) == 13


def test_from_byte_0_again_the_graph_begins_with_its_highest_speed() -> None:
    download = fresh()
    receive(download, 100_000, start=10.0, seconds=1.0)
    download.apply(Event.RESTART, 20.0)
    receive(download, 1000, start=30.0, seconds=1.0)
    details = details_of(download, 32.0)
    assert details.throughput == (1000.0,)
    assert details.max_bytes_per_s == 1000


def test_the_highest_of_another_run_of_the_program_was_no_lower_than_the_average() -> None:
    download = fresh()
    receive(download, 1_000_000, start=10.0, seconds=10.0)
    again = download_of(entry_of(download))
    assert highest(again, 9e9) == pytest.approx(100_000)


def test_what_has_received_nothing_has_no_highest_speed() -> None:
    assert highest(fresh(), 9e9) == 0


async def test_small_files_that_came_and_went_are_throughput_of_the_queue(
    server: Server, tmp_path: Path
) -> None:
    names = [f"{n}.bin" for n in range(20)]
    for name in names:
        server.put(f"/{name}", bytes(10_000))
    server.put("/held.bin", b"x", hold=True)
    async with running() as engine:
        requests = [wanted(server.url(f"/{name}"), tmp_path) for name in ("held.bin", *names)]
        engine.add(requests)
        await eventually(lambda: throughput_without_row(engine) > 0)
        server.release()
        await idle(engine)
        assert engine.snapshot().bytes_per_s == 0


def throughput_without_row(engine: Engine) -> float:
    queue = engine.snapshot()
    return queue.bytes_per_s - sum(each.bytes_per_s for each in queue.downloads)
