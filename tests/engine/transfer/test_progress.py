"""What is shown after the limits were changed: nothing of what came under others."""

from __future__ import annotations

import pytest

from tui_downloader.engine.transfer.progress import Progress

FAST, LIMIT = 50_000_000, 200_000


def fast(seconds: int) -> Progress:
    """A run that has received as much as no limit allowed, until second `seconds`."""
    progress = Progress()
    for tenth in range(seconds * 10):
        progress.received(FAST // 10, tenth / 10)
    return progress


def test_a_new_limit_is_never_exceeded_on_the_screen() -> None:
    progress = fast(5)
    progress.limits_changed(5.0, LIMIT / FAST)
    progress.received(3_000_000, 5.1)  # waited for the disk
    for tenth in range(3, 60):
        now = 5 + tenth / 10
        progress.received(LIMIT // 10, now)
        assert progress.throughput.shown.rate(now) <= LIMIT * 1.1
        assert progress.throughput.expected.rate(now) <= LIMIT * 1.1
    assert progress.throughput.shown.rate(11.0) == pytest.approx(LIMIT, rel=0.1)
    assert progress.received_bytes == 5 * FAST + 3_000_000 + 57 * LIMIT // 10


def test_the_time_left_is_what_the_limit_allows_from_the_moment_it_is_set() -> None:
    progress = fast(5)
    progress.limits_changed(5.0, LIMIT / FAST)
    for tenth in range(1, 20):
        progress.received(LIMIT // 10, 5 + tenth / 10)
        rate = progress.throughput.expected.rate(5 + tenth / 10)
        assert rate == pytest.approx(LIMIT, rel=0.4)


def test_what_came_too_early_counts_while_the_limit_makes_everyone_wait_for_it() -> None:
    progress = fast(5)
    progress.limits_changed(5.0, LIMIT / FAST)
    progress.received(LIMIT, 5.05)
    for tenth in range(1, 11):
        now = 5.05 + tenth / 10
        progress.rate(now)
        assert progress.throughput.expected.rate(now) == pytest.approx(LIMIT, rel=0.4)
    # Of a surplus that was far larger nothing counts for ever.
    progress.received(100 * LIMIT, 6.2)
    for tenth in range(60):
        assert progress.rate(6.2 + tenth / 10) <= 1.1 * LIMIT
    assert progress.rate(12.2) == 0


def test_what_comes_after_a_limit_is_gone_counts_at_once() -> None:
    progress = Progress()
    progress.received(1000, 0.0)
    progress.limits_changed(1.0, 1.0)
    progress.received(FAST, 1.1)
    assert progress.throughput.shown.rate(1.1) >= FAST / 2


def test_a_clock_that_is_put_back_does_not_stop_the_counting() -> None:
    progress = fast(5)
    progress.limits_changed(5000.0, LIMIT / FAST)
    progress.received(1000, 50.0)
    assert progress.throughput.shown.rate(50.0) > 0


@pytest.mark.parametrize(
    ("last_byte_at", "held_at", "heard_at"),
    [(None, None, None), (5.0, None, 5.0), (None, 6.0, 6.0), (5.0, 6.0, 6.0), (7.0, 6.0, 7.0)],
)
def test_who_is_kept_from_hearing_is_no_witness_of_silence(
    last_byte_at: float | None, held_at: float | None, heard_at: float | None
) -> None:
    assert Progress(last_byte_at=last_byte_at, held_at=held_at).heard_at == heard_at


def test_the_time_that_a_limit_held_it_is_no_sleep_of_the_machine() -> None:
    assert Progress(last_byte_at=0.0, held_at=99.0).gap_s(0.0, 100.0) == 0.0
    assert Progress(last_byte_at=0.0).gap_s(0.0, 100.0) == 100.0
