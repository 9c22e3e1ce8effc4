"""Progress noted on the partial itself: only for this kernel, only for this very file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_downloader.store import passports, progress_notes
from tui_downloader.store.progress_notes import Notes

DONE = ((0, 10), (4096, 8000))
SEAL = "5ea1"


@pytest.fixture
def fd(tmp_path: Path) -> Iterator[int]:
    path = tmp_path / "file.part"
    path.write_bytes(bytes(8000))
    try:
        os.setxattr(path, "user.tried", b"")
    except (AttributeError, OSError):
        pytest.skip("no extended attributes here")
    opened = os.open(path, os.O_RDWR)
    assert progress_notes.write(opened, "boot", DONE, [SEAL])
    yield opened
    os.close(opened)


def test_what_was_noted_is_read(fd: int) -> None:
    assert progress_notes.read(fd, "boot", SEAL).as_tuple() == DONE


def test_after_a_restart_of_the_machine_it_does_not_count(fd: int) -> None:
    assert progress_notes.read(fd, "another boot", SEAL).as_tuple() == ()


def test_on_a_copy_it_does_not_count(fd: int, tmp_path: Path) -> None:
    copy = shutil.copy2(tmp_path / "file.part", tmp_path / "copy.part")
    assert progress_notes.NAME in os.listxattr(copy)
    copied = os.open(copy, os.O_RDONLY)
    assert progress_notes.read(copied, "boot", SEAL).as_tuple() == ()
    os.close(copied)


def test_a_renamed_file_keeps_it(fd: int, tmp_path: Path) -> None:
    os.rename(tmp_path / "file.part", tmp_path / "other.part")
    moved = os.open(tmp_path / "other.part", os.O_RDONLY)
    assert progress_notes.read(moved, "boot", SEAL).as_tuple() == DONE
    os.close(moved)


def test_it_can_be_taken_off(fd: int) -> None:
    progress_notes.erase(fd)
    assert progress_notes.read(fd, "boot", SEAL).as_tuple() == ()
    progress_notes.erase(fd)


def test_with_another_passport_than_it_was_written_under_it_does_not_count(fd: int) -> None:
    for seal in ("", "another", SEAL + SEAL, f"{SEAL},"):
        assert progress_notes.read(fd, "boot", seal).as_tuple() == ()
    progress_notes.write(fd, "boot", DONE)
    assert progress_notes.read(fd, "boot", "").as_tuple() == ()


def test_what_was_written_right_after_the_note_is_the_writers_own(fd: int) -> None:
    noted_at_ns = os.fstat(fd).st_mtime_ns
    for later_s, counts in ((0, True), (1, True), (60, False), (-1, False)):
        os.utime(fd, ns=(noted_at_ns, noted_at_ns + later_s * 10**9))
        assert (progress_notes.read(fd, "boot", SEAL).as_tuple() == DONE) is counts


def test_the_time_of_the_last_write_that_was_noted_is_known(fd: int, tmp_path: Path) -> None:
    """Whatever the note is worth otherwise."""
    noted_at_ns = os.fstat(fd).st_mtime_ns
    os.utime(fd, ns=(0, noted_at_ns + 3600 * 10**9))
    assert progress_notes.last_written_ns(fd, "boot") == noted_at_ns
    assert progress_notes.last_written_ns(fd, "another boot") is None
    copied = os.open(shutil.copy2(tmp_path / "file.part", tmp_path / "copy.part"), os.O_RDONLY)
    assert progress_notes.last_written_ns(copied, "boot") is None
    os.close(copied)
    progress_notes.erase(fd)
    assert progress_notes.last_written_ns(fd, "boot") is None


def test_a_file_that_is_shorter_than_its_note_is_another_one(fd: int) -> None:
    noted_at_ns = os.fstat(fd).st_mtime_ns
    os.truncate(fd, 7999)
    os.utime(fd, ns=(noted_at_ns, noted_at_ns))
    assert progress_notes.read(fd, "boot", SEAL).as_tuple() == ()


def test_while_a_passport_is_replaced_the_note_counts_with_either(
    fd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_notes, "NOTE_S", 0)

    def counts_with(seal: str) -> bool:
        return progress_notes.read(fd, passports.boot_id(), seal).as_tuple() == DONE

    def note(notes: Notes) -> None:
        notes.heed(fd, DONE)

    notes = Notes(SEAL)
    with notes.sealing() as second:
        note(notes)
        assert counts_with(SEAL)
        assert counts_with(second)
    note(notes)
    assert counts_with(second)
    assert not counts_with(SEAL)
    with pytest.raises(OSError, match="no"), notes.sealing() as never_written:
        raise OSError("no")
    note(notes)
    assert counts_with(second)
    with notes.sealing() as third:
        note(notes)
        assert counts_with(second)
        assert counts_with(third)
        assert not counts_with(never_written)


def test_a_seal_that_is_not_ours_is_no_harm(fd: int) -> None:
    for seal in ("no one's", "ä", "\ud800"):
        progress_notes.write(fd, "boot", DONE, [seal])
        assert progress_notes.read(fd, "boot", seal).as_tuple() == ()


@pytest.mark.parametrize("text", [b"", b"2", b"2 boot 0 0-1", b"2 a b c d e", b"\xff"])
def test_rubbish_does_not_count(fd: int, text: bytes) -> None:
    os.setxattr(fd, progress_notes.NAME, text)
    assert progress_notes.read(fd, "boot", SEAL).as_tuple() == ()


@pytest.mark.parametrize("ranges", ["5-5", "9-3", "a-b", "1", "1-2-3"])
def test_ranges_that_are_none_do_not_count(fd: int, ranges: str) -> None:
    facts = os.fstat(fd)
    text = f"2 boot {facts.st_ino} {facts.st_mtime_ns} {SEAL} {ranges}".encode()
    os.setxattr(fd, progress_notes.NAME, text)
    assert progress_notes.read(fd, "boot", SEAL).as_tuple() == ()


def test_more_than_an_attribute_holds_is_not_noted(fd: int) -> None:
    many = ((n * 100, n * 100 + 1) for n in range(1000))
    assert not progress_notes.write(fd, "boot", many)
