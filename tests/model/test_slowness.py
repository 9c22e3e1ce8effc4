"""One sentence that says why it is not faster."""

from __future__ import annotations

from typing import Any

import pytest

from tui_downloader.model.slowness import Conditions, limited_by

MB = 1_000_000


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"silent_s": 7.4}, "the server: it has sent nothing for 7 s"),
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
            {"allowed": 3, "wanted": 8},
            "other downloads: 3 of the program's connections are left for this one",
        ),
        ({"is_settled": False}, "nothing yet: it is finding out how many connections pay"),
        ({"connections": 1, "most": 1}, "one connection is allowed; + allows more"),
        (
            {"connections": 8, "most": 8, "is_named": True, "bytes_per_s": 8 * MB},
            "the number of connections that was asked for, 8, with 1.00 MB/s each",
        ),
        (
            {"connections": 16, "bytes_per_s": 64 * MB},
            "the server: 4.00 MB/s for each connection, and all 16 that may be open are",
        ),
        ({"connections": 2}, "the network or the server: more connections bring nothing"),
    ],
)
def test_the_likeliest_cause_is_named(facts: dict[str, Any], words: str) -> None:
    assert limited_by(Conditions(**facts)) == words


def test_a_limit_that_is_far_away_is_no_cause() -> None:
    assert "limit" not in limited_by(Conditions(bytes_per_s=MB, own_limit=50 * MB))
