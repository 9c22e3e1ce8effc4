"""Progress noted on the partial itself: only for this kernel, only for this very file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_downloader.store import progress_notes

DONE = ((0, 10), (4096, 1 << 40))


@pytest.fixture
def fd(tmp_path: Path) -> Iterator[int]:
    path = tmp_path / "file.part"
    path.touch()
    opened = os.open(path, os.O_RDWR)
    if not progress_notes.write(opened, "boot", DONE):
        pytest.skip("this file system has no extended attributes")
    yield opened
    os.close(opened)


def test_what_was_noted_is_read(fd: int) -> None:
    assert progress_notes.read(fd, "boot").as_tuple() == DONE


def test_after_a_restart_of_the_machine_it_does_not_count(fd: int) -> None:
    assert progress_notes.read(fd, "another boot").as_tuple() == ()


def test_on_a_copy_it_does_not_count(fd: int, tmp_path: Path) -> None:
    copy = shutil.copy2(tmp_path / "file.part", tmp_path / "copy.part")
    assert progress_notes.NAME in os.listxattr(copy)
    copied = os.open(copy, os.O_RDONLY)
    assert progress_notes.read(copied, "boot").as_tuple() == ()
    os.close(copied)


def test_a_renamed_file_keeps_it(fd: int, tmp_path: Path) -> None:
    os.rename(tmp_path / "file.part", tmp_path / "other.part")
    moved = os.open(tmp_path / "other.part", os.O_RDONLY)
    assert progress_notes.read(moved, "boot").as_tuple() == DONE
    os.close(moved)


def test_it_can_be_taken_off(fd: int) -> None:
    progress_notes.erase(fd)
    assert progress_notes.read(fd, "boot").as_tuple() == ()
    progress_notes.erase(fd)


@pytest.mark.parametrize("text", [b"", b"1", b"1 boot 0 0-1", b"1 boot x 0-1", b"\xff", b"2 a b c"])
def test_rubbish_does_not_count(fd: int, text: bytes) -> None:
    os.setxattr(fd, progress_notes.NAME, text)
    assert progress_notes.read(fd, "boot").as_tuple() == ()


@pytest.mark.parametrize("ranges", ["5-5", "9-3", "a-b", "1", "1-2-3"])
def test_ranges_that_are_none_do_not_count(fd: int, ranges: str) -> None:
    text = f"1 boot {os.fstat(fd).st_ino} {ranges}".encode()
    os.setxattr(fd, progress_notes.NAME, text)
    assert progress_notes.read(fd, "boot").as_tuple() == ()


def test_more_than_an_attribute_holds_is_not_noted(fd: int) -> None:
    many = ((n * 100, n * 100 + 1) for n in range(1000))
    assert not progress_notes.write(fd, "boot", many)
