"""One sentence that says why it is not faster."""

from __future__ import annotations

from typing import Any

import pytest

from tui_downloader.model.shares import Bound
from tui_downloader.model.slowness import Cause, Conditions, Remedy, Share, cause_of

MB = 1_000_000
WIDE = Bound(64, 64, of_host=True, others=0)
ALONE = Bound(16, 16, of_host=True, others=0)


def running(**facts: Any) -> Conditions:
    """The conditions of a download that receives something."""
    return Conditions(**{"bytes_per_s": MB, **facts})


def part(allowed: int, *, of_host: bool = False, others: int = 4) -> Bound:
    return Bound(allowed, 16, of_host=of_host, others=others)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"silent_s": 7.4}, "the server or the way to it: nothing has come for 7 s"),
        ({"silent_s": 7.4, "backed_up": 0.7}, "the disk: received bytes wait to be written"),
        ({"bytes_per_s": 1.9 * MB, "own_limit": 2 * MB}, "its own speed limit of 2.00 MB/s"),
        (
            {"bytes_per_s": MB, "total_bytes_per_s": 4.5 * MB, "global_limit": 5 * MB},
            "the speed limit of the whole program, 5.00 MB/s",
        ),
        ({"backed_up": 0.7}, "the disk: received bytes wait to be written"),
        ({"has_ranges": False}, "the server: it sends the file in one piece only"),
        (
            {"is_told_to_wait": True, "connections": 1, "wanted": 4},
            "the server: it has asked for no more requests for now (Retry-After)",
        ),
        (
            {"is_told_to_wait": True, "wanted": 1, "is_settled": False},
            "the server: it has asked for no more requests for now (Retry-After)",
        ),
        ({"refused_above": 4, "connections": 4}, "the server: it allows 4 connections at once"),
        ({"refused_above": 1, "connections": 1}, "the server: it allows 1 connection at once"),
        (
            {"share": part(3, of_host=True), "wanted": 8, "connections": 3, "bytes_per_s": 6 * MB},
            "the limit of 16 connections to one host, shared by 5 downloads: 3 here, "
            "2.00 MB/s each",
        ),
        (
            {"share": part(2, others=1), "wanted": 8, "connections": 2, "bytes_per_s": 6 * MB},
            "the limit of 16 connections in all, shared by 2 downloads: 2 here, 3.00 MB/s each",
        ),
        (
            {"share": Bound(1, 1, of_host=True, others=0), "wanted": 8, "bytes_per_s": MB},
            "the limit of 1 connection to one host, with 1.00 MB/s each",
        ),
        ({"is_settled": False}, "nothing yet: it is finding out how many connections pay"),
        ({"connections": 1, "most": 1}, "the one connection that is allowed"),
        (
            {"connections": 8, "most": 8, "is_named": True, "bytes_per_s": 8 * MB},
            "the 8 connections that were asked for, with 1.00 MB/s each",
        ),
        (
            {"connections": 16, "bytes_per_s": 64 * MB, "share": WIDE},
            "the connections that are allowed: all 16 are open, with 4.00 MB/s each",
        ),
        (
            {"connections": 16, "wanted": 16, "bytes_per_s": 64 * MB, "share": ALONE},
            "the limit of 16 connections to one host, with 4.00 MB/s each",
        ),
        (
            {"connections": 16, "most": 16, "is_named": True, "bytes_per_s": 64 * MB},
            "the limit of 16 connections to one host, with 4.00 MB/s each",
        ),
        (
            {"connections": 2, "wanted": 8},
            "what is left of the file: it is too little for more connections",
        ),
        ({"connections": 2}, "the network or the server: more connections bring nothing"),
    ],
)
def test_the_likeliest_cause_is_named(facts: dict[str, Any], words: str) -> None:
    assert cause_of(running(**facts)).words == words


def test_a_limit_that_is_far_away_is_no_cause() -> None:
    assert "limit" not in cause_of(running(own_limit=50 * MB)).words


@pytest.mark.parametrize("facts", [{}, {"bytes_per_s": 0.0}, {"silent_s": 9.0}])
@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({"own_held": 0.9, "own_limit": 9 * MB}, "its own speed limit of 9.00 MB/s"),
        (
            {"global_held": 0.6, "global_limit": 9 * MB},
            "the speed limit of the whole program, 9.00 MB/s",
        ),
    ],
)
def test_a_limit_that_takes_no_more_is_the_cause_however_little_comes(
    held: dict[str, Any], words: str, facts: dict[str, Any]
) -> None:
    share = Bound(1, 16, of_host=True, others=2)
    assert cause_of(running(**held, **facts, share=share, wanted=8)).words == words


@pytest.mark.parametrize("facts", [{"has_ranges": False}, {"connections": 16}, {"share": part(1)}])
def test_before_anything_comes_nothing_is_blamed(facts: dict[str, Any]) -> None:
    assert cause_of(Conditions(**facts)) == Cause()


def test_when_nothing_comes_any_more_no_bound_of_ours_is_blamed() -> None:
    conditions = Conditions(silent_s=3.4, connections=1, share=part(1), wanted=8)
    assert cause_of(conditions).words == "the server or the way to it: nothing has come for 3 s"


def lasting(share: Share, *spans: tuple[float, float]) -> float:
    for seconds, part in spans:
        share.passed(seconds, part)
    return share.value


def test_what_is_so_from_the_beginning_is_known_soon() -> None:
    assert lasting(Share(1.0, 0.25), (0.25, 1)) == pytest.approx(0.5)
    assert lasting(Share(1.0, 0.0), (0.1, 1)) == 1
    assert lasting(Share(1.0, 1.0), (0.25, 1)) == pytest.approx(0.25)


def test_how_often_it_is_looked_at_makes_no_difference() -> None:
    assert lasting(Share(1.0, 0.25), *[(0.01, 0.5)] * 50) == pytest.approx(1 / 3, abs=0.01)
    assert lasting(Share(1.0, 0.25), (0.5, 0.5)) == pytest.approx(1 / 3)


def test_what_is_over_is_forgotten() -> None:
    share = Share(1.0, 0.25)
    lasting(share, (5.0, 1))
    assert share.is_most
    assert lasting(share, *[(0.1, 0)] * 30) < 0.1
    assert not share.is_most


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        # The server serves two: what others leave is more than it would take anyway.
        ({"refused_above": 2, "connections": 2, "wanted": 8}, "the server: it allows 2"),
        # More would bring nothing: no bound of ours is to blame.
        ({"connections": 2, "wanted": 2}, "the network or the server"),
        # The part is not even used.
        ({"connections": 1, "wanted": 8}, "what is left of the file"),
        ({"connections": 2, "wanted": 8, "global_limit": 10, "total_bytes_per_s": 10}, "the speed"),
        # It refused four once, and serves five now.
        ({"connections": 5, "wanted": 5, "refused_above": 4}, "the network or the server"),
    ],
)
def test_other_downloads_are_named_only_when_their_part_is_missing(
    facts: dict[str, Any], words: str
) -> None:
    share = part(5 if facts["connections"] == 5 else 2, of_host=True)
    assert cause_of(running(share=share, **facts)).words.startswith(words)


@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        ({"bytes_per_s": MB, "own_limit": MB}, Remedy.OWN_LIMIT),
        ({"total_bytes_per_s": MB, "global_limit": MB}, Remedy.PROGRAM_LIMIT),
        ({"share": part(1), "wanted": 8}, Remedy.SHARED_CONNECTIONS),
        # More for this download would not be let through.
        ({"connections": 16, "share": ALONE}, Remedy.SHARED_CONNECTIONS),
        ({"connections": 16, "most": 16, "is_named": True}, Remedy.SHARED_CONNECTIONS),
        ({"most": 1, "share": part(1)}, Remedy.SHARED_CONNECTIONS),
        ({"most": 1}, Remedy.OWN_CONNECTIONS),
        ({"connections": 8, "most": 8, "is_named": True}, Remedy.OWN_CONNECTIONS),
        ({"connections": 16, "share": WIDE}, Remedy.OWN_CONNECTIONS),
        # There cannot be more.
        ({"connections": 64, "most": 64, "share": WIDE}, None),
        # Nobody here can do anything about these.
        ({"has_ranges": False}, None),
        ({"refused_above": 1}, None),
        ({"backed_up": 0.7}, None),
        ({"silent_s": 7.4}, None),
        ({"is_settled": False}, None),
        ({"connections": 2}, None),
    ],
)
def test_what_the_user_can_change_is_told(facts: dict[str, Any], remedy: Remedy | None) -> None:
    assert cause_of(running(**facts)).remedy is remedy
