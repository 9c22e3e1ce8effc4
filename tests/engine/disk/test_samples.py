"""Where two versions of a file met, nothing is recorded that a sample contradicts."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from tui_downloader.engine.disk.part_files import create
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.samples import (
    SAMPLE_BYTES,
    OverlapDiffers,
    telling_place,
    tells_versions_apart,
)
from tui_downloader.model.passport import Passport
from tui_downloader.store import passports, progress_notes
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = 1000
UNRECORDED = Passport(
    urls=("http://a.invalid/file",),
    final_name="file",
    total_bytes=None,
    etag=None,
    last_modified=None,
    done=(),
    durable=(),
    checksum=None,
    boot_id="",
)


@pytest.fixture
def partial(tmp_path: Path) -> Iterator[Partial]:
    partial = Partial(str(tmp_path), "file", create(str(tmp_path / f"file{SUFFIX}")))
    yield partial
    partial.close()


def of(letter: str) -> bytes:
    return letter.encode() * BLOCK


def test_what_is_there_is_compared_at_once(partial: Partial) -> None:
    partial.write(of("a"), 0)
    assert partial.agrees(100, b"a" * 50)
    assert not partial.agrees(100, b"a" * 49 + b"b")


def test_what_comes_later_is_compared_as_soon_as_it_is_whole(partial: Partial) -> None:
    assert partial.agrees(BLOCK // 2, b"a" * BLOCK)
    partial.write(of("a"), 0)  # only the first half of the sample
    with pytest.raises(OverlapDiffers):
        partial.write(of("b"), BLOCK)


def test_a_sample_that_agreed_is_done_with(partial: Partial) -> None:
    assert partial.agrees(0, of("a"))
    partial.write(of("a"), 0)
    os.pwrite(partial.fd, of("b"), 0)  # would be noticed if it were compared again
    partial.write(of("c"), BLOCK)


def test_no_record_says_that_a_mix_is_there(
    partial: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_notes, "NOTE_S", 0.0)
    if not progress_notes.write(partial.fd, passports.boot_id(), ()):
        pytest.skip("this file system keeps no extended attributes")
    partial.save(UNRECORDED)
    record = passports.read(partial.part_path)
    assert record is not None
    assert partial.agrees(BLOCK, of("b"))
    partial.write(of("b"), 2 * BLOCK)
    with pytest.raises(OverlapDiffers):
        partial.write(of("a") * 2, 0)
    at_once = progress_notes.read(partial.fd, passports.boot_id(), record.seal)
    partial.write(of("b"), 3 * BLOCK)
    later = progress_notes.read(partial.fd, passports.boot_id(), record.seal)
    for noted in (at_once, later):
        assert noted.covers(2 * BLOCK, 2 * BLOCK + 1)
        assert not noted.covers(BLOCK, BLOCK + 1)


def test_what_begins_anew_is_not_held_against_what_was(partial: Partial) -> None:
    assert partial.agrees(0, of("a"))
    partial.start_over(UNRECORDED, keep_until_bytes=0)
    partial.write(of("b"), 0)


NOISE = random.Random(5).randbytes(SAMPLE_BYTES)
SHORT = 4096


@pytest.mark.parametrize("size", [SHORT, SAMPLE_BYTES])
@pytest.mark.parametrize(
    ("sample", "tells"),
    [
        (bytes(SAMPLE_BYTES), False),
        (b"\xff" * SAMPLE_BYTES, False),
        (b"\xde\xad\xbe\xef" * (SAMPLE_BYTES // 4), False),
        (b"FREE BLOCK      " * (SAMPLE_BYTES // 16), False),
        (NOISE, True),
        (NOISE[:SHORT] + bytes(SAMPLE_BYTES - SHORT), True),
        (" ".join(map(str, range(SAMPLE_BYTES // 4))).encode(), True),
    ],
)
def test_a_run_of_zeros_or_of_a_pattern_tells_no_version_from_another(
    sample: bytes, tells: bool, size: int
) -> None:
    assert tells_versions_apart(sample[:size]) is tells


@pytest.mark.parametrize(
    ("noise_at", "floor", "n_bytes", "place"),
    [
        (15, 0, SHORT, None),  # those that are compared anyway
        (15, 0, SAMPLE_BYTES, None),
        (14, 0, SHORT, (14, 15)),
        (13, 0, SAMPLE_BYTES, (13, 14)),
        (12, 0, SAMPLE_BYTES, (0, 1)),  # the distance doubles, past this one: the beginning
        (11, 0, SHORT, (11, 12)),
        (0, 0, SAMPLE_BYTES, (0, 1)),
        (0, 3, SAMPLE_BYTES, (3, 4)),  # nothing before it is here
        (None, 0, SAMPLE_BYTES, (0, 1)),
    ],
)
def test_the_nearest_bytes_that_tell_something_are_compared_as_well(
    tmp_path: Path, noise_at: int | None, floor: int, n_bytes: int, place: tuple[int, int] | None
) -> None:
    """Counted in samples; there are sixteen."""
    data = bytearray(16 * SAMPLE_BYTES)
    if noise_at is not None:
        data[noise_at * SAMPLE_BYTES : (noise_at + 1) * SAMPLE_BYTES] = NOISE
    path = tmp_path / "file"
    path.write_bytes(data)
    with path.open("rb") as file:
        found = telling_place(file.fileno(), len(data), n_bytes, floor * SAMPLE_BYTES)
    expected = None if place is None else tuple(each * SAMPLE_BYTES for each in place)
    assert found == expected


@pytest.mark.parametrize("size", [1, SHORT, SAMPLE_BYTES])
def test_nothing_is_compared_twice(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(size))
    with path.open("rb") as file:
        assert telling_place(file.fileno(), size, size) is None
