"""How many connections: more while they pay, fewer when they do not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from tui_downloader.model.ramp import Ramp

MB = 1_000_000
TICK_S = 0.01


def drive(ramp: Ramp, rate_of: Callable[[int], float], seconds: float = 3.0) -> list[int]:
    """Let a server of the given sum of throughput work; return every number that was wanted."""
    now, received = 100.0, 0.0
    seen = [ramp.wanted]
    while now < 100.0 + seconds:
        now += TICK_S
        received += rate_of(ramp.wanted) * TICK_S
        ramp.observe(now, int(received), ramp.wanted, 0.002)
        if ramp.wanted != seen[-1]:
            seen.append(ramp.wanted)
    return seen


def test_a_limit_of_each_connection_is_answered_with_all_that_are_allowed() -> None:
    assert drive(Ramp(16), lambda n: 4 * MB * n) == [1, 4, 8, 16]


def test_all_are_there_within_an_eighth_of_a_second() -> None:
    assert drive(Ramp(16), lambda n: 4 * MB * n, seconds=0.125)[-1] == 16


@pytest.mark.parametrize("round_trip_s", [0.001, 0.1, 30.0])
def test_it_is_looked_at_often_within_a_window_and_no_oftener(round_trip_s: float) -> None:
    ramp, now = Ramp(16), 100.0
    looks = 0
    while ramp.wanted == 1:
        now += ramp.look_s
        looks += 1
        ramp.observe(now, int((now - 100) * 4 * MB), 1, round_trip_s)
    assert 8 <= looks <= 12


def test_a_slow_head_is_no_reason_to_wait_longer_than_a_second() -> None:
    ramp, now = Ramp(16), 100.0
    while ramp.wanted == 1:
        now += TICK_S
        ramp.observe(now, int((now - 100) * 4 * MB), 1, round_trip_s=30.0)
    assert now < 101.2


def test_few_bytes_are_judged_as_well() -> None:
    assert drive(Ramp(16), lambda n: 10_000 * n)[-1] == 16


def test_nothing_is_learnt_while_nothing_comes() -> None:
    ramp = Ramp(16)
    for tick in range(500):
        ramp.observe(100.0 + tick * TICK_S, 0, 0, 0.002)
    assert (ramp.wanted, ramp.is_settled) == (1, False)


@pytest.mark.parametrize(("busy_share", "wanted"), [(0.5, 16), (0.7, 1)])
def test_no_more_are_tried_when_the_program_itself_is_what_is_slow(
    busy_share: float, wanted: int
) -> None:
    ramp, now, received = Ramp(16), 100.0, 0.0
    while now < 100.3:
        now += TICK_S
        received += 4 * MB * ramp.wanted * TICK_S
        ramp.observe(now, int(received), ramp.wanted, 0.002, busy_s=busy_share * now)
    assert ramp.wanted == wanted


def test_a_program_that_is_slow_only_with_several_may_have_more() -> None:
    ramp, now, received, busy_s = Ramp(16), 100.0, 0.0, 0.0
    while now < 100.3:
        now += TICK_S
        received += 4 * MB * ramp.wanted * TICK_S
        busy_s += TICK_S * (0.1 if ramp.wanted == 1 else 0.9)
        ramp.observe(now, int(received), ramp.wanted, 0.002, busy_s=busy_s)
    assert ramp.wanted == 16


def wanted_by(
    ramp: Ramp, rate_at: Callable[[float], float], total_bytes: float
) -> dict[int, float]:
    """Let a near server get quicker by itself; return when each number was wanted first."""
    step_s, received, wanted_at = 0.002, 0.0, {1: 0.0}
    for step in range(1, 150):
        received += rate_at(step * step_s) * step_s
        left = total_bytes - received
        ramp.observe(100.0 + step * step_s, int(received), ramp.wanted, 0.002, left)
        wanted_at.setdefault(ramp.wanted, step * step_s)
    return wanted_at


def test_a_near_server_that_is_not_yet_at_its_speed_is_looked_at_longer() -> None:
    def rate_at(seconds: float) -> float:
        return 1500 * MB * min(1.0, seconds / 0.04)

    assert wanted_by(Ramp(16), rate_at, total_bytes=2000 * MB).keys() == {1}


def test_one_look_in_a_window_is_enough() -> None:
    ramp = Ramp(16)
    ramp.observe(100.0, 0, 1, 0.002)
    ramp.observe(100.1, MB, 1, 0.002)
    assert ramp.wanted == 4


def test_what_further_connections_bring_is_judged_while_they_still_get_quicker() -> None:
    ramp, received, more_at = Ramp(16), 0.0, {1: 0.0}
    for step in range(100):
        now = step * 0.001
        since_s = now - max(more_at.values())
        received += 4000 * (1.0 if ramp.wanted == 1 else 1 + 400 * since_s)
        ramp.observe(100.0 + now, int(received), ramp.wanted, 0.002)
        more_at.setdefault(ramp.wanted, now)
    assert more_at[8] - more_at[4] < 0.025


def test_a_first_look_at_nothing_says_nothing_of_more_connections() -> None:
    ramp, received = Ramp(16), 0.0
    for tick in range(120):
        received += 0 if tick < 60 else ramp.wanted * MB * TICK_S
        ramp.observe(100.0 + tick * TICK_S, int(received), ramp.wanted, 0.002)
    assert ramp.wanted == 16


def test_while_more_are_tried_the_best_is_the_last_that_paid() -> None:
    ramp, received, best_at = Ramp(16), 0.0, {1: 1}
    for tick in range(50):
        received += 4 * MB * ramp.wanted * TICK_S
        ramp.observe(100.0 + tick * TICK_S, int(received), ramp.wanted, 0.002)
        best_at.setdefault(ramp.wanted, ramp.best)
    assert best_at == {1: 1, 4: 1, 8: 4, 16: 8}


def tries(ramp: Ramp, seconds: int) -> list[tuple[float, float]]:
    """Let a shared bottleneck work; return when two were tried instead of one, from and to."""
    found, since = list[tuple[float, float]](), None
    for tick in range(seconds * 10):
        now = tick / 10
        ramp.observe(now, int(now * 10 * MB), ramp.wanted, 0.002)
        if ramp.wanted == 2 and since is None:
            since = now
        elif ramp.wanted == 1 and since is not None:
            found.append((since, now))
            since = None
    return found


def test_later_tries_take_a_second_and_come_at_last_every_few_minutes() -> None:
    found = tries(Ramp(16), seconds=2000)
    assert all(end - start >= 1.0 for start, end in found)
    gaps_s = [after[0] - before[1] for before, after in pairwise(found)]
    assert min(gaps_s) >= 10.0
    assert max(gaps_s) < 170.0
    assert len([gap_s for gap_s in gaps_s if gap_s > 150.0]) > 5


def test_what_comes_unevenly_is_at_its_speed_when_both_halves_bring_as_much() -> None:
    ramp, received = Ramp(16), 0
    ramp.observe(100.0, received, 1, 0.002)
    for step, pieces in enumerate((0, 2, 1, 1, 1, 1, 0, 2), start=1):
        received += pieces * MB
        ramp.observe(100.0 + step * 0.002, received, 1, 0.002)
    assert ramp.wanted == 4


def test_one_that_gets_quicker_without_end_is_not_waited_for() -> None:
    def rate_at(seconds: float) -> float:
        return 8 * MB * 2 ** (seconds / 0.01)

    assert 0.05 < wanted_by(Ramp(16), rate_at, total_bytes=1e30)[4] < 0.13


def test_a_shared_bottleneck_gets_four_for_a_moment_and_two_later() -> None:
    assert drive(Ramp(16), lambda _: 10 * MB) == [1, 4, 1, 2, 1]


def test_a_first_look_that_misled_is_looked_at_again() -> None:
    """A server that sends each connection's first second at once, then keeps to its limit."""
    ramp = Ramp(16)
    now, opened = 100.0, {0: 100.0}
    while now < 112.0:
        now += TICK_S
        for number in range(ramp.wanted):
            opened.setdefault(number, now)
        received = sum(MB * (1 + now - at) for at in opened.values())
        ramp.observe(now, int(received), ramp.wanted, 0.002)
        for number in range(ramp.wanted, len(opened)):
            del opened[number]
    assert ramp.wanted == 16


def test_the_speed_of_a_first_look_is_not_that_of_the_rest() -> None:
    """As above, while the program has much else to do: one connection seems to be all it bears."""
    ramp, now, begun = Ramp(16), 100.0, 100.0
    opened: dict[int, float] = {}
    while now < 110.0:
        now += TICK_S
        for number in range(ramp.wanted):
            opened.setdefault(number, now)
        ages_s = [now - at for at in opened.values()]
        received = int(sum(MB * (min(1.0, age_s / 0.05) + age_s) for age_s in ages_s))
        busy_s = min(now - begun, 0.1)
        ramp.observe(now, received, ramp.wanted, 0.002, 60 * MB - received, busy_s)
    assert ramp.wanted > 1


def test_it_stops_where_more_brings_nothing() -> None:
    assert drive(Ramp(16), lambda n: MB * min(n, 4)) == [1, 4, 8, 4, 8, 4]


def test_a_small_gain_is_kept_but_not_followed() -> None:
    assert drive(Ramp(16), lambda n: 10 * MB * (1.0 if n == 1 else 1.2)) == [1, 4, 8, 4]


def test_it_tries_again_later_and_ever_more_rarely() -> None:
    tries = drive(Ramp(16), lambda _: 10 * MB, seconds=120.0).count(2)
    assert 3 < tries < 8


@pytest.mark.parametrize(("finished_s", "tried_s"), [(0.0, 0.5), (0.8, 0.8), (9.0, 1.0)])
def test_those_that_did_not_pay_are_waited_for_but_not_longer_than_a_second(
    finished_s: float, tried_s: float
) -> None:
    ramp, now, seen = Ramp(16), 100.0, [1]
    while seen != [1, 4, 1]:
        now += TICK_S
        ramp.observe(now, int((now - 100) * 10 * MB), ramp.wanted, 0.002)
        seen += [ramp.wanted] if ramp.wanted != seen[-1] else []
    settled_at = now
    while ramp.is_settled:
        now += TICK_S
        receiving = 4 if now < settled_at + finished_s else 1
        ramp.observe(now, int((now - 100) * 10 * MB), receiving, 0.002)
    assert now - settled_at == pytest.approx(tried_s, abs=2 * TICK_S)


@pytest.mark.parametrize(("left_s", "is_tried"), [(3.0, False), (5.0, True)])
def test_shortly_before_the_end_nothing_is_tried(left_s: float, is_tried: bool) -> None:
    ramp = Ramp(16)
    drive(ramp, lambda _: 10 * MB, seconds=0.3)
    assert ramp.is_settled
    for tick in range(100):
        received = int((10.0 + tick * TICK_S) * 10 * MB)
        ramp.observe(101.0 + tick * TICK_S, received, 1, 0.002, left_s * 10 * MB)
    assert ramp.is_settled is not is_tried


def test_a_network_that_got_better_is_used() -> None:
    ramp = Ramp(16)
    drive(ramp, lambda _: 10 * MB)
    assert drive(ramp, lambda n: 10 * MB * n, seconds=24.0)[-1] == 16


def test_what_worked_before_is_where_it_starts() -> None:
    assert drive(Ramp(16, start=12), lambda n: 4 * MB * n)[:1] == [12]


@pytest.mark.parametrize(("start", "wanted"), [(0, 1), (12, 4)])
def test_where_nothing_is_known_it_starts_with_one_and_never_with_more_than_allowed(
    start: int, wanted: int
) -> None:
    assert Ramp(4, start=start).wanted == wanted


def test_a_named_number_is_there_at_once_and_stays() -> None:
    assert drive(Ramp(8, is_fixed=True), lambda _: 10 * MB) == [8]


def test_a_refusal_ends_the_growth() -> None:
    ramp = Ramp(16, start=8)
    ramp.refused(100.0, 4)
    assert (ramp.wanted, ramp.best, ramp.most) == (4, 4, 4)
    assert drive(ramp, lambda n: MB * n, seconds=0.9) == [4]


def test_a_refusal_leaves_one_though_none_works_now() -> None:
    ramp = Ramp(16, start=8)
    ramp.refused(100.0, 0)
    assert (ramp.wanted, ramp.most) == (1, 1)


def test_a_server_that_refused_is_asked_for_one_more_ever_more_rarely() -> None:
    ramp, asked_at = Ramp(16, start=8), []
    ramp.refused(0.0, 4)
    for second in range(1000):
        ramp.observe(second, second * 4 * MB, ramp.wanted, 0.002)
        if ramp.wanted > 4:
            asked_at.append(second)
            ramp.refused(second, 4)
    gaps_s = [after - before for before, after in pairwise([0, *asked_at])]
    assert gaps_s[0] == 1  # it may have been for another reason
    assert gaps_s[1] >= 60
    assert all(after >= 1.9 * before for before, after in pairwise(gaps_s[1:]))
    assert len(asked_at) > 3


def test_a_server_that_accepts_more_a_moment_later_is_asked_for_as_many_as_pay() -> None:
    ramp = Ramp(16, start=4)
    ramp.refused(0.0, 1)
    ramp.admitted(100.0)
    assert (ramp.wanted, ramp.most, ramp.was_refused) == (1, 16, False)
    assert drive(ramp, lambda n: 4 * MB * n, seconds=0.3) == [1, 4, 8, 16]


def test_a_number_that_is_named_is_there_at_once_when_it_is_accepted_after_all() -> None:
    ramp = Ramp(8, is_fixed=True)
    ramp.refused(0.0, 1)
    ramp.admitted(100.0)
    assert ramp.wanted == 8
    assert drive(ramp, lambda _: MB, seconds=30.0) == [8]


def test_fewer_that_paid_are_not_more_because_one_more_may_be_asked_for() -> None:
    ramp = Ramp(16, accepted=8)
    assert drive(ramp, lambda _: MB, seconds=9.0)[-1] == 1
    assert drive(ramp, lambda _: MB, seconds=9.0) == [1]


def test_what_is_recalled_of_a_host_is_tested_after_a_while() -> None:
    ramp = Ramp(16, start=4, accepted=4)
    assert drive(ramp, lambda n: MB * n, seconds=9.0) == [4]
    assert drive(ramp, lambda n: MB * n, seconds=30.0) == [4, 5]


def test_a_busy_moment_of_the_server_is_made_up_for() -> None:
    ramp = Ramp(8, is_fixed=True)
    ramp.refused(100.0, 5)
    assert ramp.wanted == 5
    assert drive(ramp, lambda n: MB * n, seconds=600.0) == [5, 6, 7, 8]


def test_at_full_speed_a_short_rest_is_left_to_one_connection() -> None:
    for left_s, wanted in ((1.0, 1), (8.0, 4)):
        ramp = Ramp(16)
        for tick in range(5):
            received = int(tick * TICK_S * 2000 * MB)
            ramp.observe(100.0 + tick * TICK_S, received, 1, 0.002, left_s * 2000 * MB)
        assert ramp.wanted == wanted


@pytest.mark.parametrize(("left_s", "wanted"), [(0.7, 1), (0.9, 2)])
def test_a_rest_that_is_over_before_a_far_server_gets_going_is_left_to_those_there_are(
    left_s: float, wanted: int
) -> None:
    ramp = Ramp(16)
    for tick in range(30):
        received = int(tick * TICK_S * 2 * MB)
        ramp.observe(100.0 + tick * TICK_S, received, 1, 0.1, left_s * 2 * MB)
    assert ramp.wanted == wanted


def test_connections_that_do_not_come_up_are_not_waited_for_for_ever() -> None:
    ramp = Ramp(16, start=1)
    now, received, settled = 0.0, 0, 0
    while now < 20.0:
        now += TICK_S
        received += 40_000
        ramp.observe(now, received, 1, 0.002)
        settled += ramp.is_settled
        assert ramp.wanted <= 4
    assert settled > 100


@pytest.mark.parametrize("most", [1, 2, 5, 64])
def test_never_more_than_allowed(most: int) -> None:
    assert max(drive(Ramp(most), lambda n: MB * n)) == most


def test_the_user_may_change_the_most() -> None:
    ramp = Ramp(16, is_fixed=True)
    ramp.allow(3, is_fixed=True)
    assert ramp.wanted == 3
    ramp.allow(16, is_fixed=False)
    assert drive(ramp, lambda n: MB * n)[-1] == 16


def test_what_the_user_allows_is_not_outgrown_after_a_refusal() -> None:
    before, after = Ramp(16, start=8), Ramp(16, is_fixed=True)
    before.refused(100.0, 4)
    before.allow(4, is_fixed=True)
    after.allow(4, is_fixed=True)
    after.refused(100.0, 4)
    for ramp in (before, after):
        assert drive(ramp, lambda n: MB * n, seconds=600.0) == [4]


def test_a_refusal_of_more_is_no_reason_to_open_some() -> None:
    ramp = Ramp(16)
    ramp.refused(100.0, 4)
    assert ramp.wanted == 1


def test_a_number_that_is_found_out_again_begins_with_what_there_is() -> None:
    ramp = Ramp(3, is_fixed=True)
    ramp.allow(16, is_fixed=False)
    assert ramp.wanted == 3
    assert drive(ramp, lambda n: MB * n, seconds=0.4)[-1] == 16


def test_a_number_that_is_found_out_again_is_tried_again_when_the_network_got_better() -> None:
    ramp = Ramp(1, is_fixed=True)
    ramp.allow(16, is_fixed=False)
    drive(ramp, lambda _: 10 * MB)
    assert drive(ramp, lambda n: 10 * MB * n, seconds=24.0)[-1] == 16


def test_a_number_that_is_named_during_a_try_ends_it() -> None:
    ramp = Ramp(16)
    ramp.allow(8, is_fixed=True)
    assert (ramp.wanted, ramp.is_settled) == (8, True)


def test_what_was_better_before_the_user_allowed_fewer_is_no_goal() -> None:
    ramp, received = Ramp(16), 0.0
    for tick in range(300):
        received += 10 * MB * ramp.wanted * TICK_S
        ramp.observe(100.0 + tick * TICK_S, int(received), ramp.wanted, 0.002)
        if ramp.wanted == 8:
            ramp.allow(2, is_fixed=False)
        assert ramp.most == 16 or ramp.wanted <= 2
    assert ramp.most == 2


def test_what_came_before_a_change_is_not_judged_with_what_comes_after() -> None:
    ramp = Ramp(16)
    ramp.observe(100.0, 0, 1, 0.002)
    ramp.allow(8, is_fixed=False)
    ramp.observe(100.016, MB, 1, 0.002)
    assert ramp.wanted == 1
    ramp.observe(100.032, 2 * MB, 1, 0.002)
    assert ramp.wanted == 4


def test_connections_that_were_held_back_get_time_to_come_up() -> None:
    ramp = Ramp(16)
    drive(ramp, lambda _: 10 * MB, seconds=0.03)
    assert ramp.wanted == 4
    for second in (101.0, 102.0, 103.0):
        ramp.hold(second)
    for tick in range(100):
        ramp.observe(103.5 + tick * TICK_S, tick * MB, 1, 0.002)
    assert (ramp.wanted, ramp.is_settled) == (4, False)
