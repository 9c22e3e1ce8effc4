"""What is retried, how often and after how long: the rows of table C."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.errors import (
    ChecksumMismatch,
    DiskError,
    DownloadError,
    FileChanged,
    FramingError,
    InternalError,
    NetworkError,
    RangeError,
    RedirectError,
    TlsError,
    TruncatedError,
    UrlError,
    WebPageError,
)
from tui_downloader.model.retry import REFILL_BYTES, Retry, RetryBudget
from tui_downloader.model.statuses import status_error

NEVER_AGAIN = [
    TlsError, RangeError, FramingError, FileChanged, WebPageError, RedirectError,
    ChecksumMismatch, DiskError, UrlError, InternalError,
]  # fmt: skip
CHANCE = st.floats(0, 1, exclude_max=True)
RESET = NetworkError("reset")


def waits(budget: RetryBudget, error: DownloadError) -> list[Retry]:
    """Fail until the budget is spent."""
    granted = []
    while (retry := budget.after(error, 0.5)) is not None:
        granted.append(retry)
        assert len(granted) < 100, "no end"
    return granted


@pytest.mark.parametrize("code", ["connection", "timeout", "dns", "connect"])
def test_a_broken_connection_is_tried_ten_times(code: str) -> None:
    granted = waits(RetryBudget(), NetworkError("broken", code=code))
    assert [retry.attempt for retry in granted] == list(range(1, 11))
    assert {retry.attempts for retry in granted} == {10}
    assert not any(retry.host_wide for retry in granted)


def test_a_short_body_is_tried_ten_times() -> None:
    assert len(waits(RetryBudget(), TruncatedError("short"))) == 10


def test_another_address_has_tries_of_its_own_but_once() -> None:
    budget = RetryBudget()
    counts = []
    for address in ("b", "c", "b", "c"):
        counts.append(len(waits(budget, RESET)))
        budget.turn_to(address)
    assert counts == [10, 10, 10, 0]
    budget.progressed(REFILL_BYTES)
    waits(budget, RESET)
    budget.turn_to("b")
    assert len(waits(budget, RESET)) == 10, "progress gives it another turn"


def test_waits_double_from_half_a_second_to_thirty() -> None:
    seconds = [retry.wait_s for retry in waits(RetryBudget(), RESET)]
    assert seconds == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30]


def test_what_is_excused_costs_no_try_and_is_waited_for_ever_longer() -> None:
    budget, busy, seconds = RetryBudget(), status_error(503), []
    for _ in range(20):
        budget.excuse()
        retry = budget.after(busy, 0.5)
        assert retry is not None
        seconds.append(retry.wait_s)
    assert seconds == [0.5, 1, 2, 4, 8, 16] + 14 * [30]
    assert len(waits(budget, busy)) == 5, "all but the last one"


@given(CHANCE, st.integers(0, 9))
def test_chance_spreads_the_waits(chance: float, earlier: int) -> None:
    budget = RetryBudget()
    for _ in range(earlier):
        budget.after(RESET, 0.5)
    retry = budget.after(RESET, chance)
    assert retry is not None
    middle = min(30, 0.5 * 2**earlier)
    assert 0.75 * middle <= retry.wait_s <= 1.25 * middle
    assert retry.wait_s == pytest.approx(middle * (0.75 + 0.5 * chance))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 527, 202])
def test_a_busy_server_is_asked_six_times(status: int) -> None:
    granted = waits(RetryBudget(), status_error(status))
    assert len(granted) == 6
    assert [retry.wait_s for retry in granted[:3]] == [0.5, 1, 2]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_when_is_asked_twenty_times_and_by_the_whole_host(status: int) -> None:
    granted = waits(RetryBudget(), status_error(status, retry_after_s=17.0))
    assert len(granted) == 20
    assert {(retry.wait_s, retry.host_wide) for retry in granted} == {(17.0, True)}


@pytest.mark.parametrize(("told_s", "wait_s"), [(0, 1), (0.2, 1), (1, 1), (5000, 5000)])
def test_what_the_server_says_counts_but_at_least_a_second(told_s: float, wait_s: float) -> None:
    retry = RetryBudget().after(status_error(503, told_s), 0.9)
    assert retry == Retry(wait_s, 1, 20, host_wide=True)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 410, 412, 451, 501, 505])
def test_other_refusals_are_final(status: int) -> None:
    assert waits(RetryBudget(), status_error(status, retry_after_s=5.0)) == []


@pytest.mark.parametrize("kind", NEVER_AGAIN)
def test_what_trying_again_cannot_mend_is_final(kind: type[DownloadError]) -> None:
    assert waits(RetryBudget(), kind("no")) == []


def test_progress_refills_the_budget() -> None:
    assert REFILL_BYTES == 256 * 1024
    budget = RetryBudget()
    waits(budget, RESET)
    budget.progressed(REFILL_BYTES - 1)
    assert budget.after(RESET, 0.5) is None
    budget.progressed(1)
    assert budget.after(RESET, 0.5) == Retry(0.5, 1, 10)


def test_a_byte_now_and_then_does_not_retry_for_ever() -> None:
    budget = RetryBudget()
    granted = 0
    while budget.after(RESET, 0.5) is not None:
        budget.progressed(1)
        granted += 1
    assert granted == 10


def test_the_word_of_the_user_refills_the_budget() -> None:
    budget = RetryBudget()
    waits(budget, RESET)
    budget.progressed(1000)
    budget.reset()
    assert budget == RetryBudget()


def test_each_kind_of_fault_has_its_own_budget_and_all_lengthen_the_wait() -> None:
    budget = RetryBudget()
    assert len(waits(budget, status_error(500))) == 6
    granted = waits(budget, RESET)
    assert len(granted) == 10
    assert granted[0].wait_s == 30
    assert len(waits(budget, status_error(503, retry_after_s=2))) == 20


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (
            RESET,
            "a connection that fails is tried again up to 10 times in a row",
        ),
        (status_error(500), "a busy server is tried again up to 6 times in a row"),
        (
            status_error(503, retry_after_s=2),
            "a server that says how long to wait is tried again up to 20 times in a row",
        ),
    ],
)
def test_a_rule_says_what_is_counted(error: DownloadError, what: str) -> None:
    budget = RetryBudget()
    assert budget.rule == ""
    budget.after(error, 0.5)
    assert budget.rule == f"{what}; with every 256 KiB that arrive the count starts anew"


@given(st.lists(st.sampled_from([RESET, status_error(500), status_error(503, 3.0), TlsError("x")])))
def test_every_budget_ends(faults: list[DownloadError]) -> None:
    budget = RetryBudget()
    granted = [budget.after(fault, 0.5) for fault in faults]
    assert sum(retry is not None for retry in granted) <= 10 + 6 + 20
    assert all(retry is None or 0.5 <= retry.wait_s <= 30 for retry in granted)
