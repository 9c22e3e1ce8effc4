"""Keys of one read came together, however long the program took to hand them on."""

from __future__ import annotations

from tui_downloader.ui.terminal.input_clock import InputClock


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def test_keys_of_one_read_have_the_same_time() -> None:
    time = Time()
    clock = InputClock(time)
    assert not clock.is_set()
    time.now += 1
    first = clock.stamp()
    time.now += 0.3  # the program was busy
    assert clock.stamp() == first
    assert clock.is_reading


def test_between_reads_only_the_waiting_counts() -> None:
    time = Time()
    clock = InputClock(time)
    clock.is_set()
    first = clock.stamp()
    time.now += 0.3
    clock.stamp()
    clock.is_set()
    assert not clock.is_reading
    time.now += 0.02
    assert round(clock.stamp() - first, 6) == 0.02


def test_it_still_ends_the_reading_thread() -> None:
    clock = InputClock()
    clock.set()
    assert clock.is_set()
    clock.clear()
    assert not clock.is_set()
