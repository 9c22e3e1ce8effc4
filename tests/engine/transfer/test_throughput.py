"""The graph of a download: the last two minutes of its run, however long ago that was."""

from __future__ import annotations

import pytest

from tui_downloader.engine.transfer.details import details_of
from tui_downloader.engine.transfer.download import Download
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Event

_RECEIVE = (Event.START, Event.ANSWERED)


def receiving(start: float) -> Download:
    """A download that has got 100 bytes in each of its first three seconds."""
    download = Download(1, DownloadRequest(url="http://a.invalid/x", folder="/tmp"), start)
    for event in _RECEIVE:
        download.apply(event, start)
    for second in range(3):
        download.received(100, start + second)
    return download


def graph(download: Download, now: float) -> tuple[float, ...]:
    return details_of(download, now).throughput


@pytest.mark.parametrize(
    "ends", [(Event.RECEIVED, Event.FINISHED), (Event.PAUSE,), (Event.CANCEL,), (Event.FAIL,)]
)
def test_the_graph_of_what_has_stopped_stays_as_it_was_then(ends: tuple[Event, ...]) -> None:
    download = receiving(1000.0)
    for event in ends:
        download.apply(event, 1004.5)
    as_it_stopped = graph(download, 1004.5)
    assert as_it_stopped == (100.0, 100.0, 100.0, 0.0, 0.0)
    assert graph(download, 1007.0) == graph(download, 5000.0) == as_it_stopped
    assert [details_of(download, now).throughput_until for now in (1007.0, 5000.0)] == [1005] * 2


def test_while_it_runs_the_graph_tells_until_when_it_is() -> None:
    details = details_of(receiving(1000.0), 1005.5)
    assert details.throughput_until - len(details.throughput) == 1000


def test_a_later_look_at_a_finished_file_does_not_move_its_graph() -> None:
    download = receiving(1000.0)
    for event in (Event.RECEIVED, Event.FINISHED):
        download.apply(event, 1003.0)
    as_it_stopped = graph(download, 1003.0)
    download.set_phase("sha-256", 1090.0)
    assert graph(download, 1095.0) == as_it_stopped


def test_what_was_cancelled_after_a_pause_keeps_the_graph_of_its_run() -> None:
    download = receiving(1000.0)
    download.apply(Event.PAUSE, 1003.0)
    as_it_stopped = graph(download, 1003.0)
    download.apply(Event.CANCEL, 1060.0)
    assert graph(download, 1061.0) == as_it_stopped


def test_the_graph_moves_on_while_it_waits_and_once_it_runs_again() -> None:
    download = receiving(1000.0)
    download.apply(Event.WAIT, 1003.0)
    assert graph(download, 1006.0) == (100.0,) * 3 + (0.0,) * 3
    download.apply(Event.PAUSE, 1006.0)
    for event in (Event.RESUME, *_RECEIVE):
        download.apply(event, 1010.0)
    assert graph(download, 1011.0) == (100.0,) * 3 + (0.0,) * 8
