"""Blocks of a large file are set aside at once; and what is said of one that has no room."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

import pytest

from tests.engine.running import names_in
from tui_downloader.engine.disk import room
from tui_downloader.engine.disk.destination import Destination
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.opening import open_new
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError

SIZE = 64 << 20
ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="fallocate without filling is Linux's own"
)


def begun(folder: Path, n_bytes: int) -> os.stat_result:
    """What there is of a file of so many bytes when it is begun."""
    destination = Destination(1, str(folder), OnConflict.RENAME, Names())
    partial = open_new("file", destination, "http://host.test/file", n_bytes)
    facts = os.fstat(partial.fd)
    partial.close()
    return facts


@pytest.mark.parametrize(
    ("needed_bytes", "free_bytes", "words"),
    [
        (1_200_000_000, 300_000_000, "disk full: needs 1.20 GB, 300 MB free"),
        (1_200_000_000, 0, "disk full: needs 1.20 GB, 0 B free"),
        (500_000, 800_000, "disk full: needs 500 kB, 800 kB free, 800 kB of them kept back"),
        (500_000, 1_200_000, "disk full: needs 500 kB, 1.20 MB free, 1.05 MB of them kept back"),
        (500_000, 500_000 + room.RESERVE_BYTES, "disk full: needs 500 kB"),  # by a quota
        (500_000, None, "disk full: needs 500 kB"),
        (None, 300_000, "disk full: 300 kB free"),
        (0, 300_000, "disk full: 300 kB free"),  # it lacks room for a name, or for its record
        (None, 300_000_000, "disk full"),
        (None, None, "disk full"),
    ],
)
def test_a_full_disk_is_told_with_figures_that_do_not_contradict_it(
    needed_bytes: int | None, free_bytes: int | None, words: str
) -> None:
    assert room.full_words("disk full", needed_bytes, free_bytes) == words


@ON_LINUX
def test_blocks_are_set_aside_and_the_size_stays(tmp_path: Path) -> None:
    facts = begun(tmp_path, SIZE)
    assert facts.st_size == 0
    assert facts.st_blocks * 512 in (0, *range(SIZE, SIZE + (1 << 20)))


def test_a_small_file_is_left_alone(tmp_path: Path) -> None:
    assert begun(tmp_path, 1 << 20).st_blocks == 0


class Refusing:
    """A C library whose fallocate fails."""

    def __init__(self, number: int) -> None:
        self.number = number

    def fallocate(self, *_: object) -> int:
        ctypes.set_errno(self.number)
        return -1


@ON_LINUX
def test_a_file_that_is_too_large_for_its_file_system_is_refused_before_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT, say, has no files of 4 GiB."""
    monkeypatch.setattr(room, "_c_library", lambda: Refusing(errno.EFBIG))
    with pytest.raises(DiskError, match=r"67\.1 MB are more than .* can hold in one file"):
        begun(tmp_path, SIZE)
    assert names_in(tmp_path) == []


@ON_LINUX
@pytest.mark.parametrize("number", [errno.EOPNOTSUPP, errno.ENOSPC, errno.EINTR])
def test_a_file_system_that_sets_no_blocks_aside_gets_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(room, "_c_library", lambda: Refusing(number))
    begun(tmp_path, SIZE)
    assert names_in(tmp_path) == ["file.part"]
