"""Where two versions of a file met, nothing is recorded that a sample contradicts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tui_downloader.engine.disk.part_files import create
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.samples import OverlapDiffers
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
