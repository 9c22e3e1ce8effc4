"""For how much of the time speed limits and the disk held a download back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from tui_downloader.engine.transfer.throttling import Throttling

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.connection import Connection


@dataclass
class Flow:
    """What a connection tells of the way to the disk."""

    is_backed_up: bool = False


@dataclass
class Download:
    """A download's connections, and for how long its limits have held it: its own, the common."""

    held: list[float] = field(default_factory=lambda: [0.0, 0.0])
    flows: list[Flow] = field(default_factory=lambda: [Flow(), Flow()])

    def held_s(self) -> tuple[float, float]:
        own, common = self.held
        return own, common

    def throttling(self) -> Throttling:
        return Throttling(cast("list[Connection]", self.flows), cast("Asking", self), 100.0)


def test_what_nothing_holds_back_is_not_limited() -> None:
    download = Download([5.0, 7.0])  # before it was looked at
    throttling = download.throttling()
    assert [throttling.look(100.0 + second) for second in range(9)] == [False] * 9
    assert not throttling.is_limited
    shares = throttling.disk, throttling.own_limit, throttling.common_limit
    assert [share.value for share in shares] == [0, 0, 0]


@pytest.mark.parametrize("which", [0, 1])
def test_a_limit_that_holds_it_most_of_the_time_is_known_by_name(which: int) -> None:
    download = Download()
    throttling = download.throttling()
    for step in range(1, 9):
        download.held[which] += 0.3  # of half a second
        assert throttling.look(100.0 + step / 2)
    limits = throttling.own_limit, throttling.common_limit
    assert throttling.is_limited
    assert limits[which].value == pytest.approx(0.6, abs=0.01)
    assert limits[not which].value == 0
    for step in range(9, 15):
        assert not throttling.look(100.0 + step / 2)
    assert not throttling.is_limited


def test_a_limit_that_just_ended_a_long_wait_held_it_all_the_time() -> None:
    download = Download()
    throttling = download.throttling()
    download.held[0] = 60.0
    throttling.look(101.0)
    assert throttling.own_limit.value == 1


def test_what_waits_for_the_disk_counts_when_it_does_so_for_seconds() -> None:
    download = Download()
    throttling = download.throttling()
    download.flows[1].is_backed_up = True
    assert throttling.look(101.0)
    assert 0 < throttling.disk.value < 0.5
    assert all(throttling.look(101.0 + second) for second in range(1, 5))
    assert throttling.disk.is_most
    assert not throttling.is_limited


def test_two_looks_at_once_count_no_time() -> None:
    download = Download()
    throttling = download.throttling()
    download.held[0] = 1.0
    assert throttling.look(100.0)
    assert throttling.own_limit.value == 0
