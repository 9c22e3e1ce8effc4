"""The filter language: what each part of a text lets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.fake_engine import download
from tui_downloader.model.download import Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.ui.view.filtering import Filter, Sieve, parse_filter

GB = 10**9

ROWS = (
    download(
        1,
        Status.DOWNLOADING,
        name="Ubuntu 26.04.iso",
        url="https://releases.ubuntu.com/26.04/u.iso",
        folder="/home/me/Downloads",
        total_bytes=5 * GB,
    ),
    download(
        2,
        Status.FAILED,
        name="report-final.pdf",
        url="http://intra.example:8080/r?id=7",
        folder="/srv/papers",
        total_bytes=1_000_000,
    ),
    download(
        3,
        Status.PAUSED,
        name="dataset-00001.tar.zst",
        url="https://data.example/set/1",
        folder="/srv/data set",
        total_bytes=1 * GB,
    ),
    download(
        4,
        Status.COMPLETED,
        name="ÄRGER.txt",
        url="https://data.example/set/2",
        folder="/srv/data set",
        total_bytes=0,
    ),
    download(
        5,
        Status.QUEUED,
        name="[b]odd[/b] $1.bin",
        url="https://odd.example/x",
        folder="/srv",
        start_at=9e9,
    ),
    download(
        6,
        Status.WAITING,
        name="file.bin",
        url="https://odd.example/iso",
        folder="/tmp",
    ),
)


def ids(text: str, rows: tuple[Snapshot, ...] = ROWS) -> list[int]:
    wanted = parse_filter(text)
    return [row.download_id for row in rows if wanted.lets_through(row)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [1, 2, 3, 4, 5, 6]),
        ("   ", [1, 2, 3, 4, 5, 6]),
        # Words, on name, address, host and folder.
        ("iso", [1, 6]),
        ("UBUNTU", [1]),
        ("ubuntu iso", [1]),
        ("releases.ubuntu.com", [1]),
        ("id=7", [2]),
        ("/srv/papers", [2]),
        ("downloads", [1]),
        ("https://data.example/set/2", [4]),
        ("ärger", [4]),
        ("[b]odd[/b]", [5]),
        ("$1", [5]),
        ('"data set"', [3, 4]),
        ('"data set', [3, 4]),
        ("nothing-has-this", []),
        # Not.
        ("!iso", [2, 3, 4, 5]),
        ("!iso !example", []),
        ("example !odd", [2, 3, 4]),
        ("!", [1, 2, 3, 4, 5, 6]),
        ('!"data set"', [1, 2, 5, 6]),
        # States.
        ("state:failed", [2]),
        ("state:fail", [2]),
        ("STATE:Failed", [2]),
        ("state:active", [1, 6]),
        ("state:done", [4]),
        ("state:completed", [4]),
        ("state:retrying", [6]),
        ("state:waiting", [6]),
        ("state:failed,paused", [2, 3]),
        ("state:queued", [5]),
        ("state:scheduled", [5]),
        ("state:failed,sched", [2, 5]),
        ("state:p", [3]),
        ("state:d", [1, 4]),
        ("!state:done", [1, 2, 3, 5, 6]),
        ("state:", [1, 2, 3, 4, 5, 6]),
        # Hosts.
        ("host:data", [3, 4]),
        ("host:8080", [2]),
        ("host:srv", []),
        ("!host:example", [1]),
        ("host:", [1, 2, 3, 4, 5, 6]),
        # Sizes; one that is not known fits none.
        ("size:>1GB", [1]),
        ("size:>=1GB", [1, 3]),
        ("size:1GB", [1, 3]),
        ("size:<1GB", [2, 4]),
        ("size:<=1GB", [2, 3, 4]),
        ("size:=0", [4]),
        ("size:>1.5g", [1]),
        ("size:<1MiB", [2, 4]),
        ("!size:>1GB", [2, 3, 4, 5, 6]),
        # Patterns.
        ("/^dataset-\\d+/", [3]),
        ("/iso$/", [1, 6]),
        ("/UBUNTU.*iso/", [1]),
        ("/^data\\.example$/", [3, 4]),
        ("/a b|ubuntu 26/", [1]),
        ("!/example/", [1]),
        ("/[a/", [1, 2, 3, 4, 5, 6]),
        # All together.
        ("example state:paused,failed size:<1GB", [2]),
    ],
)
def test_a_text_lets_through(text: str, expected: list[int]) -> None:
    assert ids(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ""),
        ("word", ""),
        ("size:>", "size:>1GB"),
        ("size:huge", "is not a size"),
        ("state:sleepy", "no state begins with sleepy"),
        ("/[a/", "/[a/ is no pattern"),
        ("/x/ /(/ /[/", "/(/ is no pattern"),
    ],
)
def test_what_is_not_understood_is_told(text: str, told: str) -> None:
    assert told in parse_filter(text).problem
    assert bool(told) is bool(parse_filter(text).problem)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("state:skipped", [8]),
        ("state:skip", [8]),
        ("state:cancelled", [7]),
        ("state:c,sk", [7, 8]),
        ("!state:cancelled", [8]),
        ("state:", [7, 8]),
    ],
)
def test_what_was_skipped_is_not_found_as_cancelled(text: str, expected: list[int]) -> None:
    taken = Failure("exists", "skipped: b.iso exists already")
    rows = (download(7, Status.CANCELLED), download(8, Status.CANCELLED, failure=taken))
    assert ids(text, rows) == expected


@pytest.mark.parametrize("text", ["size:>1", "size:>1G", "state:f", "state:failed", "/is", "/iso"])
def test_a_half_written_part_does_not_empty_the_list(text: str) -> None:
    for end in range(text.find(":") + 1, len(text) + 1):
        assert ids(text[:end]), text[:end]


@given(st.text(alphabet=st.sampled_from('ab !/\\"[](*+?){}:<>=,.$^|size:state:host:\u200b日')))
def test_no_text_is_too_odd(text: str) -> None:
    wanted = parse_filter(text)
    for row in ROWS:
        assert wanted.lets_through(row) in (True, False)
    assert wanted.text == clean(text).strip()


@given(st.text(alphabet=st.characters(categories=("L", "N", "S")), min_size=1, max_size=8))
def test_a_name_is_found_by_any_part_of_it(name: str) -> None:
    rows = (download(1, name=f"before {name} after"),)
    assert ids(f'"{name}"', rows) == [1]
    assert ids(f'!"{name}"', rows) == []


PARTS = ("iso", "!iso", "example", "/srv/", "state:failed,done", "!state:p", "size:<2GB", "host:o")


@given(st.lists(st.sampled_from(PARTS)))
def test_all_parts_must_fit(parts: list[str]) -> None:
    expected = {row.download_id for row in ROWS}.intersection(*(ids(part) for part in parts))
    assert set(ids(" ".join(parts))) == expected


def test_an_empty_filter_is_false() -> None:
    assert not Filter()
    assert not parse_filter("  ")
    assert parse_filter("size:")


def test_unchanged_pictures_are_judged_once() -> None:
    judged: list[int] = []

    def test(row: Snapshot) -> bool:
        judged.append(row.download_id)
        return row.download_id != 2

    sieve = Sieve(Filter("x", (test,)))
    assert [row.download_id for row in sieve.narrow(ROWS)] == [1, 3, 4, 5, 6]
    changed = (download(1, version=2), *ROWS[1:])
    assert sieve.narrow(changed) == (changed[0], *ROWS[2:])
    assert judged == [1, 2, 3, 4, 5, 6, 1]


def test_what_is_gone_is_forgotten() -> None:
    sieve = Sieve(parse_filter("example"))
    sieve.narrow(ROWS)
    assert sieve.narrow(ROWS[:1]) == ()
    assert len(sieve._judged) == 1


def test_a_state_that_is_still_to_be_typed_behind_a_comma_lets_nothing_more_through() -> None:
    rows = [download(1, Status.QUEUED), download(2, Status.FAILED)]
    for text in ("state:q", "state:q,"):
        wanted = parse_filter(text)
        assert [wanted.lets_through(row) for row in rows] == [True, False]
