"""Lending ranges: no byte lost, none owned twice, none asked beyond the end."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.segments import ALIGN_BYTES, Lease, Segments

MIB = 1 << 20


def by_size(lease: Lease) -> float:
    """All connections are equally fast."""
    return float(lease.remaining or 0)


def fresh(total: int | None) -> Segments:
    return Segments(RangeSet(), total)


class Speeds:
    """How long leases take at the speeds that are said of them."""

    def __init__(self) -> None:
        self._known: list[tuple[Lease, float]] = []

    def of(self, lease: Lease, speed: float) -> Lease:
        self._known.append((lease, speed))
        return lease

    def seconds_left(self, lease: Lease) -> float:
        return (lease.remaining or 0) / next(by for each, by in self._known if each is lease)


def test_the_first_claim_is_the_whole_file() -> None:
    lease = fresh(10 * MIB).claim(MIB, by_size)
    assert lease is not None
    assert (lease.position, lease.end) == (0, 10 * MIB)


def test_the_next_claim_takes_half_of_the_largest_rest() -> None:
    segments = fresh(16 * MIB)
    first = segments.claim(MIB, by_size)
    second = segments.claim(MIB, by_size)
    assert first is not None
    assert second is not None
    assert (first.end, second.position, second.end) == (8 * MIB, 8 * MIB, 16 * MIB)


def test_of_what_is_free_the_first_range_is_lent_first() -> None:
    segments = fresh(4 * MIB)
    segments.claim_at(MIB, 2 * MIB)
    lent = [segments.claim(MIB, by_size) for _ in range(2)]
    ranges = [(lease.position // MIB, (lease.end or 0) // MIB) for lease in lent if lease]
    assert ranges == [(0, 1), (2, 4)]


def test_what_is_left_is_all_that_is_not_on_disk() -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim_at(MIB, 4 * MIB)
    segments.advance(lease, 3 * MIB)
    assert segments.left_bytes == 2 * MIB
    assert fresh(None).left_bytes == math.inf


@pytest.mark.parametrize(
    ("others", "kept"),
    [
        ([29], 1 / 30),
        ([3], 1 / 4),
        ([3, 3, 90], 1 / 4),  # one that is unlike the others does not count
        ([1], 1 / 2),
        ([0.5, 0.5], 1 / 2),  # who is faster than others keeps no more
    ],
)
def test_a_slow_lease_keeps_only_what_it_can_do_in_the_same_time(
    others: list[float], kept: float
) -> None:
    starts = [60 * MIB + number * ALIGN_BYTES for number in range(len(others) + 1)]
    segments, speeds = fresh(starts[-1]), Speeds()
    victim = speeds.of(segments.claim_at(0, starts[0]), 1)
    for (start, end), speed in zip(pairwise(starts), others, strict=True):
        speeds.of(segments.claim_at(start, end), speed)
    assert segments.claim(ALIGN_BYTES, speeds.seconds_left) is not None
    assert victim.end == pytest.approx(60 * MIB * kept, abs=ALIGN_BYTES)


def test_however_slow_a_lease_keeps_what_is_worth_its_request() -> None:
    segments, speeds = fresh(31 * MIB), Speeds()
    slow = speeds.of(segments.claim_at(0, 30 * MIB), 0.001)
    speeds.of(segments.claim_at(30 * MIB, 31 * MIB), 1)
    assert segments.claim(4 * MIB, speeds.seconds_left) is not None
    assert slow.end == 4 * MIB


@pytest.mark.parametrize(
    ("arrived", "taken"), [(0, 8 * MIB), (10 * MIB, 13 * MIB), (15 * MIB, None)]
)
def test_what_has_come_and_is_on_its_way_to_disk_is_not_lent_again(
    arrived: int, taken: int | None
) -> None:
    segments = fresh(16 * MIB)
    segments.claim_at(0, 16 * MIB).arrived = arrived
    thief = segments.claim(MIB, by_size)
    assert (thief and thief.position) == taken


def test_a_part_is_taken_of_what_would_end_last_and_not_of_the_largest() -> None:
    segments, speeds = fresh(16 * MIB), Speeds()
    speeds.of(segments.claim_at(0, 12 * MIB), 12)
    slow = speeds.of(segments.claim_at(12 * MIB, 16 * MIB), 1)
    thief = segments.claim(ALIGN_BYTES, speeds.seconds_left)
    assert thief is not None
    assert (slow.end, thief.end) == (thief.position, 16 * MIB)


def test_no_part_is_larger_than_the_largest_piece() -> None:
    segments = fresh(16 * MIB)
    first = segments.claim(ALIGN_BYTES, by_size, 3 * MIB)
    second = segments.claim(ALIGN_BYTES, by_size, 3 * MIB)
    assert first is not None
    assert second is not None
    assert (first.end, second.position, second.end) == (13 * MIB, 13 * MIB, 16 * MIB)


def test_what_was_shortened_before_is_shortened_again_before_any_other() -> None:
    """It is closed before its end in any case, and the others are read to theirs."""
    segments = fresh(16 * MIB)
    parts = [segments.claim(MIB, by_size) for _ in range(4)]
    ranges = [(lease.position // MIB, (lease.end or 0) // MIB) for lease in parts if lease]
    assert ranges == [(0, 2), (8, 16), (4, 8), (2, 4)]
    last = segments.claim(2 * MIB, by_size)
    assert last is not None
    assert last.position == 12 * MIB, "of the largest, as the first has nothing to give"


def test_nothing_smaller_than_two_floors_is_split() -> None:
    segments = fresh(2 * MIB - 1)
    assert segments.claim(MIB, by_size) is not None
    assert segments.claim(MIB, by_size) is None


def test_two_floors_are_worth_two_requests() -> None:
    segments = fresh(2 * MIB)
    parts = [segments.claim(MIB, by_size) for _ in range(3)]
    assert [lease and lease.remaining for lease in parts] == [MIB, MIB, None]


def test_a_file_that_is_smaller_than_two_pages_is_cut_between_them() -> None:
    segments = fresh(100_000)
    parts = [segments.claim(10_000, by_size) for _ in range(2)]
    assert [lease and lease.remaining for lease in parts] == [50_000, 50_000]


def test_what_is_given_back_is_lent_again() -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim(MIB, by_size)
    assert lease is not None
    segments.advance(lease, MIB)
    segments.give_back(lease)
    again = segments.claim(MIB, by_size)
    assert again is not None
    assert (again.position, again.end) == (MIB, 4 * MIB)


def test_a_lease_goes_on_into_a_free_range_behind_it_but_not_beyond_its_answer() -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim_at(0, MIB)
    segments.advance(lease, MIB)
    assert segments.extend(lease, 3 * MIB)
    assert lease.end == 3 * MIB


def test_a_lease_goes_on_to_the_end_when_nobody_knows_where_its_answer_ends() -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim_at(0, MIB)
    segments.advance(lease, MIB)
    assert segments.extend(lease, None)
    assert lease.end == 4 * MIB


def test_a_lease_whose_answer_ends_with_it_does_not_go_on() -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim_at(0, MIB)
    segments.advance(lease, MIB)
    assert not segments.extend(lease, MIB)
    assert lease.is_over


def test_a_lease_does_not_go_on_into_what_is_lent() -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim_at(0, MIB)
    segments.claim_at(MIB, 3 * MIB).is_answered = True
    segments.advance(lease, MIB)
    assert not segments.extend(lease, 4 * MIB), "nor beyond it"


@pytest.mark.parametrize(
    ("reach", "goes_on_to", "left_bytes"),
    [(4 * MIB, 3 * MIB, 0), (2 * MIB, 2 * MIB, 0), (MIB, None, 2 * MIB), (None, 3 * MIB, 0)],
)
def test_a_lease_goes_on_into_what_is_lent_but_not_answered(
    reach: int | None, goes_on_to: int | None, left_bytes: int
) -> None:
    segments = fresh(4 * MIB)
    lease, waiting = segments.claim_at(0, MIB), segments.claim_at(MIB, 3 * MIB)
    segments.claim_at(3 * MIB, 4 * MIB)
    segments.advance(lease, MIB)
    assert segments.extend(lease, reach) is (goes_on_to is not None)
    assert lease.end == (goes_on_to or MIB)
    assert waiting.remaining == left_bytes
    segments.give_back(waiting)
    end = goes_on_to or MIB
    assert segments.free() == ([(end, 3 * MIB)] if end < 3 * MIB else [])


def test_a_lease_does_not_go_on_into_what_is_raced_or_has_no_known_end() -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim_at(0, MIB)
    segments.claim_at(MIB, 4 * MIB)
    segments.advance(lease, MIB)
    assert segments.race(lambda _: True) is not None
    assert not segments.extend(lease, 4 * MIB)


@pytest.mark.parametrize(
    ("bridge_bytes", "reach", "goes_on_to"),
    [(1000, 4 * MIB, 3 * MIB), (1000, 2 * MIB, 2 * MIB), (999, 4 * MIB, None), (1000, MIB, None)],
)
def test_a_lease_goes_on_behind_the_little_that_is_done_already(
    bridge_bytes: int, reach: int, goes_on_to: int | None
) -> None:
    segments = fresh(4 * MIB)
    lease = segments.claim_at(0, MIB - 1000)
    other = segments.claim_at(MIB - 1000, 3 * MIB)
    segments.claim_at(3 * MIB, 4 * MIB).is_answered = other.is_answered = True
    segments.advance(other, MIB)
    segments.advance(lease, MIB - 1000)
    assert not segments.extend(lease, reach, bridge_bytes), "it is lent"
    segments.give_back(other)
    assert segments.extend(lease, reach, bridge_bytes) is (goes_on_to is not None)
    assert lease.end == goes_on_to or (goes_on_to is None and lease.end == MIB - 1000)
    assert lease.position == (MIB - 1000 if goes_on_to is None else MIB)


def test_the_racer_wins_once_it_is_ahead() -> None:
    segments = fresh(MIB)
    slow = segments.claim_at(0, MIB)
    racer = segments.race(lambda _: True)
    assert racer is not None
    assert segments.advance(slow, 1000) == 1000
    assert not racer.is_over
    assert segments.advance(racer, 500) == 0
    assert segments.advance(racer, 2000) == 1000
    assert slow.is_over
    assert (slow.rival, racer.rival) == (None, None)


def test_all_that_is_not_on_disk_yet_is_raced() -> None:
    segments = fresh(MIB)
    slow = segments.claim_at(0, MIB)
    slow.arrived = 2000
    racer = segments.race(lambda _: True)
    assert racer is not None
    segments.advance(racer, 1)
    assert slow.is_over, "what was on its way is the racer's to bring"
    segments.advance(racer, MIB)
    assert segments.is_complete


def test_the_raced_wins_when_it_finishes_first() -> None:
    segments = fresh(MIB)
    slow = segments.claim_at(0, MIB)
    racer = segments.race(lambda _: True)
    segments.advance(slow, MIB)
    assert racer is not None
    assert racer.is_over
    assert segments.is_complete


def test_the_most_of_what_is_worth_it_is_raced() -> None:
    segments = fresh(16 * MIB)
    leases = [segments.claim_at(a * MIB, b * MIB) for a, b in [(0, 2), (2, 6), (6, 9), (9, 16)]]
    fast = leases[-1]
    racer = segments.race(lambda lease: lease is not fast)
    assert racer is not None
    assert racer.rival is leases[1]


def test_nobody_is_raced_who_is_not_worth_it_or_has_nothing_left() -> None:
    segments = fresh(MIB)
    lease = segments.claim_at(0, MIB)
    assert segments.race(lambda _: False) is None
    segments.advance(lease, MIB)
    assert segments.race(lambda _: True) is None


def test_nobody_is_raced_twice() -> None:
    segments = fresh(MIB)
    segments.claim_at(0, MIB)
    assert segments.race(lambda _: True) is not None
    assert segments.race(lambda _: True) is None


def test_a_raced_lease_given_back_leaves_the_rest_to_its_rival() -> None:
    segments = fresh(MIB)
    slow = segments.claim_at(0, MIB)
    racer = segments.race(lambda _: True)
    segments.give_back(slow)
    assert segments.free() == []
    assert racer is not None
    assert racer.rival is None


def test_an_unknown_size_is_lent_once_to_its_end() -> None:
    segments = fresh(None)
    segments.claim_at(0, None)
    assert segments.claim(MIB, by_size) is None
    assert not segments.is_complete


class Borrowing(RuleBasedStateMachine):
    """Connections that claim, advance, race, break off and go on in any order."""

    TOTAL = 3 * MIB + 12345

    def __init__(self) -> None:
        super().__init__()
        self.segments = fresh(self.TOTAL)
        self.speeds: dict[int, float] = {}

    def seconds_left(self, lease: Lease) -> float:
        return (lease.remaining or 0) / self.speeds.get(id(lease), 1.0)

    @property
    def lent(self) -> tuple[Lease, ...]:
        return tuple(self.segments._leases)

    @rule(floor=st.integers(1, MIB), speed=st.floats(0.01, 100), most=st.integers(1, TOTAL))
    def claim(self, floor: int, speed: float, most: int) -> None:
        is_free, before = bool(self.segments.free()), self.lent
        lease = self.segments.claim(floor, self.seconds_left, most)
        if lease is None:
            return
        self.speeds[id(lease)] = speed
        if not is_free:
            here = (each for each in before if each.end == lease.position)
            (victim,) = (each for each in here if not each.is_over)
            self.check_cut(victim, lease, floor)

    def check_cut(self, victim: Lease, lease: Lease, floor: int) -> None:
        assert victim.end is not None
        kept = victim.end - max(victim.position, victim.arrived)
        assert kept > 0, "what has come stays, and one byte to come"
        assert kept > floor - ALIGN_BYTES
        assert (lease.remaining or 0) >= floor
        assert floor < ALIGN_BYTES or not lease.position % ALIGN_BYTES

    @precondition(lambda self: self.lent)
    @rule(data=st.data())
    def arrive(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.lent))
        if lease.end is not None and not lease.is_over:
            lease.is_answered = True
            lease.arrived = data.draw(st.integers(lease.position + 1, lease.end))

    @precondition(lambda self: self.lent)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.lent)).is_answered = True

    @rule()
    def race(self) -> None:
        self.segments.race(lambda _: True)

    @precondition(lambda self: self.lent)
    @rule(data=st.data())
    def advance(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.lent))
        if lease.end is not None and not lease.is_over:
            end = data.draw(st.integers(lease.position + 1, lease.end))
            lease.is_answered = True
            missing = self.missing(lease.position, end)
            assert self.segments.advance(lease, end) == missing

    def missing(self, start: int, end: int) -> int:
        gaps = self.segments.done.gaps(self.TOTAL)
        return sum(max(0, min(end, b) - max(start, a)) for a, b in gaps)

    @precondition(lambda self: self.lent)
    @rule(data=st.data(), reach=st.integers(0, TOTAL), bridge=st.integers(0, TOTAL))
    def extend(self, data: st.DataObject, reach: int, bridge: int) -> None:
        lease = data.draw(st.sampled_from(self.lent))
        if lease.end is not None and not lease.is_over:
            self.segments.advance(lease, lease.end)
        if lease.end is not None and reach >= lease.end:
            before = lease.end
            if self.segments.extend(lease, reach, bridge):
                assert before <= lease.position < lease.end <= reach
                assert lease.position - before <= bridge
                assert self.missing(before, lease.position) == 0
            else:
                assert lease.end == before

    @precondition(lambda self: self.lent)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        self.segments.give_back(data.draw(st.sampled_from(self.lent)))

    @invariant()
    def no_byte_is_lost_or_owned_twice(self) -> None:
        owners = [lease for lease in self.lent if not lease.is_over and not self.is_racer(lease)]
        owned = [(lease.position, lease.end or 0) for lease in owners]
        pieces = sorted([*self.segments.free(), *owned])
        for (_, end), (start, _) in pairwise(pieces):
            assert end <= start, self.segments
        covered = self.segments.done.copy()
        for start, end in pieces:
            covered.add(start, end)
        assert covered.as_tuple() == ((0, self.TOTAL),)
        for start, end in self.segments.free():
            assert self.missing(start, end) == end - start

    @invariant()
    def nothing_is_less_than_over(self) -> None:
        assert all((lease.remaining or 0) >= 0 for lease in self.lent)

    def is_racer(self, lease: Lease) -> bool:
        rival = lease.rival
        return rival is not None and self.lent.index(lease) > self.lent.index(rival)


TestBorrowing = Borrowing.TestCase
TestBorrowing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


@given(st.integers(1, 1 << 40), st.integers(1, 64), st.integers(1, 1 << 22))
def test_claims_cover_the_file_whatever_its_size(total: int, connections: int, floor: int) -> None:
    segments = fresh(total)
    leases = [lease for _ in range(connections) if (lease := segments.claim(floor, by_size))]
    covered = RangeSet()
    for lease in leases:
        assert lease.end is not None
        covered.add(lease.position, lease.end)
    assert covered.as_tuple() == ((0, total),)
    assert sum(lease.remaining or 0 for lease in leases) == total
