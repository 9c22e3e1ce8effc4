"""Passports: what is written is read, and what cannot be trusted is told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.sample_passport import PASSPORT, TOTAL
from tui_downloader.model.digests import Checksum
from tui_downloader.model.identity import Identity
from tui_downloader.model.passport import (
    FORMAT_VERSION,
    Flaw,
    Passport,
    PassportError,
    sound_ranges,
)
from tui_downloader.model.ranges import LARGEST_BYTES, RangeSet

ANY_TEXT = st.text(st.characters(exclude_categories=()))
RANGES = st.lists(
    st.tuples(st.integers(0, TOTAL - 1), st.integers(1, 50)).map(
        lambda pair: (pair[0], min(TOTAL, sum(pair)))
    )
).map(lambda pairs: RangeSet.from_pairs(pairs).as_tuple())
PASSPORTS = st.builds(
    Passport,
    urls=st.lists(ANY_TEXT.filter(lambda text: "@" not in text)).map(tuple),
    final_name=ANY_TEXT,
    total_bytes=st.none() | st.integers(TOTAL, LARGEST_BYTES),
    etag=st.none() | ANY_TEXT,
    last_modified=st.none() | ANY_TEXT,
    date=st.none() | ANY_TEXT,
    done=RANGES,
    durable=RANGES,
    checksum=st.sampled_from([None, PASSPORT.checksum, Checksum("md5", "0" * 32, "Digest")]),
    boot_id=ANY_TEXT,
    finishing=st.booleans(),
    content_encoding=st.sampled_from(["", "gzip", "br"]),
    decoded=st.booleans(),
    seal=ANY_TEXT,
    mount=ANY_TEXT,
    server=ANY_TEXT,
    file=st.none()
    | st.integers(0).map(Identity)
    | st.tuples(st.integers(0), st.integers(0), st.integers()).map(lambda each: Identity(*each)),
)


def with_field(name: str, value: Any) -> str:
    """The JSON of `PASSPORT` with one field replaced."""
    return json.dumps(json.loads(PASSPORT.to_json()) | {name: value})


def flaw_of(text: str) -> Flaw:
    with pytest.raises(PassportError) as refused:
        Passport.from_json(text)
    return refused.value.flaw


@given(PASSPORTS)
def test_what_is_written_is_read(passport: Passport) -> None:
    text = passport.to_json()
    assert text.isascii()
    assert Passport.from_json(text) == passport


def test_the_fields_are_those_of_the_readme() -> None:
    assert json.loads(PASSPORT.to_json()) == {
        "version": 1,
        "urls": ["https://host.example/file.bin", "https://mirror.example/file.bin"],
        "final_name": "file.bin",
        "total_bytes": 1000,
        "etag": '"v1"',
        "last_modified": "Sat, 14 Mar 2026 10:00:00 GMT",
        "done": [[0, 400], [500, 600]],
        "durable": [[0, 300]],
        "checksum": {"algorithm": "sha-256", "hexdigest": "ab" * 32, "source": "you"},
        "boot_id": "boot-1",
        "finishing": False,
        "content_encoding": "",
        "decoded": False,
        "seal": "5ea1",
        "file": [7, 600, 1_790_000_000_000_000_000],
        "sample": "cd" * 32,
        "date": "Sat, 14 Mar 2026 10:00:30 GMT",
        "mount": "31-41",
        "server": "files.example:8080",
    }


def test_no_login_is_written() -> None:
    passport = PASSPORT._replace(urls=("https://user:s3cret@host.example/file.bin",))
    text = passport.to_json()
    assert "s3cret" not in text
    assert "user" not in text
    assert Passport.from_json(text).urls == ("https://host.example/file.bin",)


def test_no_login_is_taken_from_a_passport_of_somebody_else() -> None:
    foreign = with_field("urls", ["https://user:s3cret@host.example/file.bin"])
    assert Passport.from_json(foreign).urls == ("https://host.example/file.bin",)


@pytest.mark.parametrize("kept", [0, 0.1, 0.5, 0.99])
def test_a_torn_passport(kept: float) -> None:
    text = PASSPORT.to_json()
    assert flaw_of(text[: int(len(text) * kept)]) is Flaw.TORN


@pytest.mark.parametrize("text", ["", "\0" * 500, '{"ver\0\0', '{"version": ' + "[" * 100_000])
def test_what_a_power_cut_leaves_is_torn(text: str) -> None:
    assert flaw_of(text) is Flaw.TORN


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 99, 10**30])
def test_a_newer_passport_is_not_guessed_at(version: int) -> None:
    fields = {"version": version, "urls": 1, "final_name": 2, "done": 3, "anything": "else"}
    assert flaw_of(json.dumps(fields)) is Flaw.NEWER
    assert flaw_of(with_field("version", version)) is Flaw.NEWER


@pytest.mark.parametrize(
    "text",
    [
        *("[]", "1", "null", '"text"', "{}", "NaN", "{'a': 1}", "[" * 100_000, "9" * 5000),
        *('{"my": "own data"}', '{"version": 1}', '{"version": 3, "urls": [], "done": []}'),
    ],
)
def test_what_has_nothing_of_a_passport_is_somebody_elses(text: str) -> None:
    assert flaw_of(text) is Flaw.FOREIGN


# Fields that the first passports had not.
LATER: dict[str, Any] = {
    "content_encoding": "",
    "decoded": False,
    "seal": "",
    "file": None,
    "sample": "",
    "date": None,
    "mount": "",
    "server": "",
}
CHECKSUM = {"algorithm": "sha-256", "hexdigest": "ab" * 32, "source": "you"}
NONSENSE: dict[str, list[Any]] = {
    "version": [0, -1, None, "1", 1.0, True],
    "urls": [None, "https://host", [1], {"a": 1}, [None]],
    "final_name": [None, 1, []],
    "total_bytes": [-1, 1.5, "1000", True, [], 599],
    "etag": [1, [], True],
    "last_modified": [1, {}],
    "date": [1, {}],
    "done": [
        *(None, {}, "", [0, 1], [[0]], [[0, 1, 2]], [["0", "1"]], [[0, 1.5]]),
        *([[5, 5]], [[6, 5]], [[-1, 5]], [[0, 1001]]),
    ],
    "durable": [None, [[0, 1001]], [[True, 5]], "[[0, 5]]"],
    "checksum": [
        *(1, "sha-256", [], {}, {"algorithm": "sha-256"}),
        CHECKSUM | {"hexdigest": "ab"},
        CHECKSUM | {"hexdigest": "xy" * 32},
        CHECKSUM | {"hexdigest": "AB" * 32},
        CHECKSUM | {"algorithm": "rot13"},
        CHECKSUM | {"algorithm": "sha256"},
        CHECKSUM | {"source": None},
    ],
    "boot_id": [None, 1],
    "finishing": [None, 1, "true", []],
    "content_encoding": [None, 1, []],
    "decoded": [None, 1, "true", []],
    "seal": [None, 1, []],
    "mount": [None, 1, []],
    "server": [None, 1, []],
    "file": [1, "", {}, [], [1, 2], [1, 2, 3, 4], [1, 2, "3"], [1, 2, None], ["1", None, None]],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in NONSENSE.items() for value in values]
)
def test_a_field_against_the_format_is_nonsense(name: str, value: Any) -> None:
    assert flaw_of(with_field(name, value)) is Flaw.NONSENSE


def test_a_range_beyond_every_file_system_is_nonsense() -> None:
    fields = json.loads(PASSPORT.to_json()) | {"total_bytes": None}
    assert flaw_of(json.dumps(fields | {"done": [[0, 1 << 63]]})) is Flaw.NONSENSE


@pytest.mark.parametrize("total", [-1, 1 << 63, 1.5, "1000", True, False, [], {}])
def test_a_size_that_is_none_is_nonsense_without_ranges_too(total: Any) -> None:
    fields = json.loads(PASSPORT.to_json()) | {"done": [], "durable": []}
    assert Passport.from_json(json.dumps(fields | {"total_bytes": 0})).total_bytes == 0
    assert flaw_of(json.dumps(fields | {"total_bytes": total})) is Flaw.NONSENSE


@pytest.mark.parametrize("name", sorted(json.loads(PASSPORT.to_json()).keys() - LATER.keys()))
def test_a_record_that_misses_a_field_is_not_trusted(name: str) -> None:
    fields = json.loads(PASSPORT.to_json())
    del fields[name]
    is_mark = name in ("urls", "final_name", "done")
    assert flaw_of(json.dumps(fields)) is (Flaw.FOREIGN if is_mark else Flaw.NONSENSE)


def test_a_passport_from_before_a_field_was_kept_has_none_of_it() -> None:
    fields = json.loads(PASSPORT.to_json())
    older = {name: value for name, value in fields.items() if name not in LATER}
    assert Passport.from_json(json.dumps(older)) == PASSPORT._replace(**LATER)


def test_what_is_wrong_is_said_in_words() -> None:
    with pytest.raises(PassportError, match=r"newer version 7$"):
        Passport.from_json(with_field("version", 7))
    with pytest.raises(PassportError, match="makes no sense: "):
        Passport.from_json(with_field("done", None))


def test_a_field_of_somebody_else_is_ignored() -> None:
    assert Passport.from_json(with_field("note", "hello")) == PASSPORT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inside: st.lists(inside) | st.dictionaries(ANY_TEXT, inside),
    max_leaves=5,
)


@given(st.sampled_from(sorted(json.loads(PASSPORT.to_json()))), JSON)
def test_whatever_a_field_holds_it_is_read_or_refused(name: str, value: Any) -> None:
    try:
        passport = Passport.from_json(with_field(name, value))
    except PassportError:
        return
    assert Passport.from_json(passport.to_json()) == passport


# What may be trusted.


def test_after_a_crash_of_the_program_done_bytes_are_sound() -> None:
    assert sound_ranges(PASSPORT, "boot-1", "", TOTAL).as_tuple() == PASSPORT.done


def test_after_a_reboot_only_synced_bytes_are_sound() -> None:
    assert sound_ranges(PASSPORT, "boot-2", "", TOTAL).as_tuple() == PASSPORT.durable
    assert sound_ranges(PASSPORT._replace(durable=()), "boot-2", "", TOTAL).total == 0


@pytest.mark.parametrize(
    ("was_on", "is_on", "counts"),
    [("31-41", "31-41", True), ("31-41", "31-59", False), ("31-41", "", True), ("", "31", True)],
)
def test_on_a_disk_that_came_back_only_synced_bytes_are_sound(
    was_on: str, is_on: str, counts: bool
) -> None:
    passport = PASSPORT._replace(mount=was_on)
    sound = passport.done if counts else passport.durable
    assert sound_ranges(passport, "boot-1", is_on, TOTAL).as_tuple() == sound


@pytest.mark.parametrize(
    ("part_bytes", "sound"),
    [
        (TOTAL, ((0, 400), (500, 600))),
        (600, ((0, 400), (500, 600))),
        (550, ((0, 400), (500, 550))),
        (500, ((0, 400),)),
        (1, ((0, 1),)),
        (0, ()),
    ],
)
def test_what_was_cut_off_is_not_sound(part_bytes: int, sound: tuple[tuple[int, int], ...]) -> None:
    assert sound_ranges(PASSPORT, "boot-1", "", part_bytes).as_tuple() == sound


@given(RANGES, RANGES, st.booleans(), st.integers(0, TOTAL + 10))
def test_sound_bytes_are_on_record_and_in_the_file(
    done: tuple[tuple[int, int], ...],
    durable: tuple[tuple[int, int], ...],
    is_same_boot: bool,
    part_bytes: int,
) -> None:
    passport = PASSPORT._replace(done=done, durable=durable)
    sound = sound_ranges(passport, "boot-1" if is_same_boot else "boot-2", "", part_bytes)
    recorded = {n for pair in (done if is_same_boot else durable) for n in range(*pair)}
    assert {n for pair in sound for n in range(*pair)} == recorded & set(range(part_bytes))
