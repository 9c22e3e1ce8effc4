"""A wait ends when it was to end, whatever the wall clock is set to."""

from __future__ import annotations

import pytest

from tui_downloader.model.deadline import Deadline


def test_what_is_left_follows_the_steady_clock() -> None:
    deadline = Deadline(10.0, now=1000.0, steady=50.0)
    assert [deadline.left_s(steady) for steady in (50.0, 53.0, 60.0, 99.0)] == [10.0, 7.0, 0.0, 0.0]


def test_what_is_shown_stays_while_both_clocks_go_on() -> None:
    deadline = Deadline(10.0, now=1000.0, steady=50.0)
    shown = {
        deadline.shown(now, now - 950.0 + 0.001 * (now - 1000.0))
        for now in (1000.0, 1003.0, 1009.0)
    }
    assert shown == {1010.0}


@pytest.mark.parametrize("moved_s", [-3600.0, 3600.0])
def test_what_is_shown_follows_a_clock_that_is_set(moved_s: float) -> None:
    deadline = Deadline(10.0, now=1000.0, steady=50.0)
    assert deadline.shown(1003.0 + moved_s, 53.0) == 1010.0 + moved_s
    assert deadline.shown(1004.0 + moved_s, 54.0) == 1010.0 + moved_s
