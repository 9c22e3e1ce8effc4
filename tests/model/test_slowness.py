"""One sentence that says why it is not faster."""

from __future__ import annotations

from typing import Any

import pytest

from tui_downloader.model.shares import Bound
from tui_downloader.model.slowness import Conditions, limited_by

MB = 1_000_000


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
        ({"refused_above": 4, "connections": 4}, "the server: it allows 4 connections at once"),
        ({"refused_above": 1, "connections": 1}, "the server: it allows 1 connection at once"),
        (
            {"share": part(3, of_host=True), "wanted": 8, "connections": 3, "bytes_per_s": 6 * MB},
            "the limit of 16 connections to one host, shared with 4 other downloads: "
            "3 for this one, with 2.00 MB/s each",
        ),
        (
            {"share": part(2, others=1), "wanted": 8, "connections": 2, "bytes_per_s": 6 * MB},
            "the limit of 16 connections of the whole program, shared with 1 other download: "
            "2 for this one, with 3.00 MB/s each",
        ),
        (
            {"share": Bound(1, 1, of_host=True, others=0), "wanted": 8, "bytes_per_s": MB},
            "the limit of 1 connection to one host, with 1.00 MB/s each",
        ),
        ({"is_settled": False}, "nothing yet: it is finding out how many connections pay"),
        ({"connections": 1, "most": 1}, "one connection is allowed; + allows more"),
        (
            {"connections": 8, "most": 8, "is_named": True, "bytes_per_s": 8 * MB},
            "the number of connections that was asked for, 8, with 1.00 MB/s each",
        ),
        (
            {"connections": 16, "bytes_per_s": 64 * MB},
            "the number of connections: all 16 that may be open are, with 4.00 MB/s each",
        ),
        (
            {"connections": 2, "wanted": 8},
            "what is left of the file: it is too little for more connections",
        ),
        ({"connections": 2}, "the network or the server: more connections bring nothing"),
    ],
)
def test_the_likeliest_cause_is_named(facts: dict[str, Any], words: str) -> None:
    assert limited_by(Conditions(**facts)) == words


def test_a_limit_that_is_far_away_is_no_cause() -> None:
    assert "limit" not in limited_by(Conditions(bytes_per_s=MB, own_limit=50 * MB))


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
    assert limited_by(Conditions(share=share, **facts)).startswith(words)
