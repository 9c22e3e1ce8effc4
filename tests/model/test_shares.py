"""Fair parts of a bounded number of connections."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.shares import Bound, Shares


def test_one_download_alone_may_use_everything() -> None:
    shares = Shares(64, 16)
    shares.enter(1, "a")
    assert shares.allowed(1) == 16


def test_who_comes_later_gets_its_part_and_the_other_gives_back() -> None:
    shares = Shares(64, 16)
    shares.enter(1, "a")
    shares.use(1, 16)
    shares.enter(2, "a")
    assert shares.allowed(2) == 8
    shares.use(2, 8)
    assert shares.allowed(1) == 8


def test_what_nobody_uses_may_be_used() -> None:
    shares = Shares(64, 16)
    shares.enter(1, "a")
    shares.enter(2, "a")
    shares.use(2, 1)
    shares.use(1, 8)
    assert shares.allowed(1) == 15


def test_hosts_do_not_disturb_each_other_below_the_total() -> None:
    shares = Shares(20, 16)
    shares.enter(1, "a")
    shares.use(1, 16)
    shares.enter(2, "b")
    assert shares.allowed(2) == 10
    shares.leave(1)
    assert shares.allowed(2) == 16


def test_who_is_led_elsewhere_counts_there_with_all_that_is_open() -> None:
    shares = Shares(64, 16)
    shares.move(1, "b")  # it uses nothing yet
    shares.enter(1, "a")
    shares.use(1, 10)
    shares.enter(2, "b")
    shares.move(1, "b")
    assert (shares.at("a"), shares.at("b")) == ((0, 0), (2, 10))
    assert shares.allowed(2) == 8
    shares.move(1, "b")
    assert shares.at("b") == (2, 10)
    shares.leave(1)
    assert shares.allowed(2) == 16


def test_everyone_may_have_one() -> None:
    shares = Shares(4, 2)
    for number in range(20):
        shares.enter(number, "a")
        shares.use(number, 1)
    assert {shares.allowed(number) for number in range(20)} == {1}


def test_the_bound_that_leaves_the_least_is_named() -> None:
    shares = Shares(20, 16)
    shares.enter(1, "a")
    assert shares.bound(1) == Bound(16, 16, of_host=True, others=0)
    shares.enter(2, "b")
    shares.use(2, 10)
    assert shares.bound(1) == Bound(10, 20, of_host=False, others=1)


def test_the_host_is_named_where_it_leaves_as_little_as_the_program() -> None:
    shares = Shares(8, 8)
    for number in (1, 2):
        shares.enter(number, "a")
    assert shares.bound(1) == Bound(8, 8, of_host=True, others=1)


@given(
    st.integers(1, 64),
    st.integers(1, 32),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 80)), min_size=1, max_size=12),
)
def test_when_all_keep_to_it_the_bounds_hold(
    total: int, per_host: int, wishes: list[tuple[str, int]]
) -> None:
    shares = Shares(total, per_host)
    for number, (host, _) in enumerate(wishes):
        shares.enter(number, host)
    is_open = dict.fromkeys(range(len(wishes)), 0)
    # Who comes late gets what another one gives back by and by, one at a time at the worst.
    for _ in range(total + per_host):
        before = dict(is_open)
        for number, (_, wanted) in enumerate(wishes):
            is_open[number] = min(wanted, shares.allowed(number))
            shares.use(number, is_open[number])
        if is_open == before:
            break
    assert is_open == before, "they settle"
    assert sum(is_open.values()) <= max(total, len(wishes))
    for host in "abc":
        here = [is_open[number] for number, (name, _) in enumerate(wishes) if name == host]
        assert sum(here) <= max(per_host, len(here))
    assert all(count >= 1 for count in is_open.values())


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["enter", "move", "leave", "use"]), st.integers(1, 4),
        st.sampled_from("ab"), st.integers(0, 9),
    )
)  # fmt: skip


@given(_STEPS)
def test_what_was_counted_on_the_way_is_what_counting_everyone_finds(
    steps: list[tuple[str, int, str, int]],
) -> None:
    shares = Shares(12, 7)
    hosts, opened = dict[int, str](), dict[int, int]()
    for step, key, host, connections in steps:
        if step == "enter":
            shares.enter(key, host)
            hosts[key], opened[key] = host, 0
        elif step == "move":
            shares.move(key, host)
            hosts.update({key: host} if key in hosts else {})
        elif step == "leave":
            shares.leave(key)
            hosts.pop(key, None)
            opened.pop(key, None)
        else:
            shares.use(key, connections)
            if key in hosts:
                opened[key] = connections
    for key, host in hosts.items():
        neighbours = [other for other in hosts if hosts[other] == host]

        def part(bound: int, sharing: list[int], key: int = key) -> int:
            free = bound - sum(opened[other] for other in sharing)
            return max(1, bound // len(sharing), opened[key] + free)

        over_all, at_host = part(12, list(hosts)), part(7, neighbours)
        assert shares.allowed(key) == min(over_all, at_host)
        others = len(neighbours if at_host <= over_all else hosts) - 1
        assert shares.bound(key).others == others
