"""How large requests are made, and what is raced, by how fast the connections were so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

from tui_downloader.engine.transfer.estimates import Estimates
from tui_downloader.model.segments import ALIGN_BYTES, Lease

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.connection import Connection

MB, MIB = 1_000_000, 1 << 20


@dataclass
class Flow:
    """What a connection tells of itself."""

    speed: float
    since_s: float = 9.0
    lease: Lease | None = None

    def bytes_per_s(self, _: float) -> float:
        return self.speed

    def receives_since_s(self, _: float) -> float:
        return self.since_s


@dataclass
class Far:
    """What the answers tell of the way to the server."""

    round_trip_s: float
    turn_s: float = 0.0


def estimates(*flows: Flow, round_trip_s: float = 0.1, turn_s: float = 0.0) -> Estimates:
    return Estimates(cast("list[Connection]", flows), cast("Asking", Far(round_trip_s, turn_s)))


def lease_of(n_bytes: int | None) -> Lease:
    return Lease(MB, MB, None if n_bytes is None else MB + n_bytes)


@pytest.mark.parametrize(
    ("speed", "round_trip_s", "least_bytes"),
    [
        (0, 0.1, ALIGN_BYTES),
        (MB, 0.001, ALIGN_BYTES),
        (MB, 0.1, 400_000),  # four round trips
        (10 * MB, 0.001, 500_000),  # a moment
        (50 * MB, 1.0, 4 * MIB),
        (100 * MB, 1.0, 5 * MB),
    ],
)
def test_a_request_is_worth_its_round_trips(
    speed: float, round_trip_s: float, least_bytes: int
) -> None:
    assert estimates(Flow(speed), round_trip_s=round_trip_s).floor_bytes() == least_bytes


@pytest.mark.parametrize(("turn_s", "least_bytes"), [(0.3, 400_000), (0.5, 500_000), (9, 4 * MIB)])
def test_a_request_is_worth_its_turn_where_they_may_not_come_too_soon(
    turn_s: float, least_bytes: int
) -> None:
    assert estimates(Flow(MB), turn_s=turn_s).floor_bytes() == least_bytes


def test_pieces_last_until_all_others_have_had_their_turns() -> None:
    its = estimates(Flow(MB), turn_s=0.5)
    assert its.piece_bytes(100 * MB, 2) == 4 * MB
    assert its.piece_bytes(400 * MB, 16) == 16 * MB


@pytest.mark.parametrize(
    ("speed", "round_trip_s", "n_bytes"),
    [(0, 1.0, 0), (MB, 0.1, 200_000), (100 * MB, 1.0, 4 * MIB)],
)
def test_what_comes_sooner_than_another_answer_is_received_again(
    speed: float, round_trip_s: float, n_bytes: int
) -> None:
    assert estimates(Flow(speed), round_trip_s=round_trip_s).bridge_bytes() == n_bytes


def test_the_median_counts_of_what_has_a_speed_already() -> None:
    speeds = (9 * MB, MB, 2 * MB, 8 * MB, MB, 0, 0)
    flows = [*(Flow(speed, since_s=0.26) for speed in speeds), Flow(90 * MB, since_s=0.25)]
    judging = estimates(*flows)
    assert judging.bridge_bytes() == 400_000
    for flow in flows:
        flow.speed = 0
    assert judging.bridge_bytes() == 400_000  # all have stalled: as it was


@pytest.mark.parametrize(
    ("speed", "round_trip_s", "left_bytes", "wanted", "n_bytes"),
    [
        (0, 0.1, 100 * MIB, 4, 4 * MIB),
        (0, 0.1, 10 * MIB, 4, 2.5 * MIB),
        (MB, 0.1, 100 * MB, 4, 4 * MB),  # four seconds
        (MB, 0.1, 100 * MB, 0, 4 * MB),
        (MB, 0.5, 100 * MB, 4, 5 * MB),  # ten round trips
        (MB, 0.1, 12 * MB, 4, 3 * MB),
    ],
)
def test_pieces_last_some_seconds_and_no_longer_than_the_file(
    speed: float, round_trip_s: float, left_bytes: float, wanted: int, n_bytes: float
) -> None:
    judging = estimates(Flow(speed), round_trip_s=round_trip_s)
    assert judging.piece_bytes(left_bytes, wanted) == n_bytes


@pytest.mark.parametrize(
    ("round_trip_s", "left_bytes", "wanted", "n_bytes"),
    [
        (0.01, 100 * MB, 4, 250_000),  # a second of all together
        (0.01, 100 * MB, 1, MB),
        (0.01, 100 * MB, 0, MB),
        (0.5, 100 * MB, 4, 1_250_000),  # ten round trips
        (0.01, 600_000, 4, 150_000),
    ],
)
def test_pieces_of_a_try_are_soon_over(
    round_trip_s: float, left_bytes: float, wanted: int, n_bytes: float
) -> None:
    judging = estimates(Flow(MB), round_trip_s=round_trip_s)
    assert judging.piece_bytes(left_bytes, wanted, is_a_try=True) == n_bytes


def test_a_lease_takes_as_long_as_its_own_connection_needs() -> None:
    quick, slow, new, unknown = (lease_of(6 * MB) for _ in range(4))
    flows = Flow(6 * MB, lease=quick), Flow(2 * MB, lease=slow), Flow(MB, 0.25, lease=new)
    judging = estimates(*flows, Flow(3 * MB))
    assert [judging.seconds_left(each) for each in (quick, slow, new, unknown)] == [1, 3, 2, 2]
    assert judging.seconds_left(lease_of(None)) == 0
    stalled = lease_of(500)
    assert estimates(Flow(0, lease=stalled)).seconds_left(stalled) == 500
    assert estimates().seconds_left(stalled) == 500


@pytest.mark.parametrize(
    ("speed", "n_bytes", "ends_soon"),
    [
        (MB, 6 * MB - 1, True),
        (MB, 6 * MB, False),
        (0, 4 * MIB, True),
        (0, 4 * MIB + 1, False),
        (0, None, True),
    ],
)
def test_what_ends_within_seconds_ends_soon(
    speed: float, n_bytes: int | None, ends_soon: bool
) -> None:
    assert estimates(Flow(speed)).ends_soon(lease_of(n_bytes)) is ends_soon


@pytest.mark.parametrize(
    ("own", "usual", "round_trip_s", "n_bytes", "is_worth"),
    [
        (0, 0, 0.01, MB, False),
        (MB, 4 * MB, 0.01, MB, True),
        (MB, MB, 0.01, MB, False),
        (MB, 4 * MB, 0.125, MB, False),  # 1 s left; 0.5 s by another, half of it on the way
        (MB, 4 * MB, 0.124, MB, True),
        (MB, 4 * MB, 0.001, 299_999, False),  # over before it pays
        (MB, 4 * MB, 0.001, 300_000, True),
    ],
)
def test_a_lease_is_raced_where_that_takes_half_the_time(
    own: float, usual: float, round_trip_s: float, n_bytes: int, is_worth: bool
) -> None:
    lease = lease_of(n_bytes)
    flows = Flow(own, lease=lease), Flow(usual), Flow(usual)
    assert estimates(*flows, round_trip_s=round_trip_s).is_worth_racing(lease) is is_worth
