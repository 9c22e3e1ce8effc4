"""Blocks that go to the disk past the page cache, and files that do without."""

from __future__ import annotations

import errno
import mmap
import os
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.file_sizes import files_of_at_most
from tests.server import Pattern
from tui_downloader.engine.disk import direct_io
from tui_downloader.engine.disk.direct_io import DirectIO, PartlyWritten
from tui_downloader.engine.network.tap import PAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BLOCK = bytes(Pattern(1 << 20))
BEFORE = b"\xff"


def placed(data: bytes, offset: int) -> memoryview:
    """The same bytes in memory whose pages are those of the file."""
    begin = offset % PAGE_BYTES
    memory = memoryview(mmap.mmap(-1, begin + len(data) + 1))
    memory[begin : begin + len(data)] = data
    return memory[begin : begin + len(data)]


class File:
    """A file that is written to by blocks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT)
        self.io = DirectIO(self.fd)

    def write(self, data: bytes, offset: int = 0) -> None:
        self.io.write(placed(data, offset), offset)

    def is_cached(self, offset: int = 0) -> bool:
        """Tell whether the system has this byte in memory."""
        try:
            os.preadv(self.fd, [bytearray(1)], offset, os.RWF_NOWAIT)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self.io.close()
        os.close(self.fd)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[File]:
    file = File(tmp_path / "file")
    yield file
    file.close()


@pytest.fixture
def direct(file: File) -> File:
    """A file on a disk that can be written to past the page cache."""
    if not hasattr(os, "RWF_NOWAIT"):
        pytest.skip("nobody tells what is in the page cache")
    file.write(BLOCK)
    if file.is_cached():
        pytest.skip("this file system has its files in memory")
    return file


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    offset=st.integers(0, 3 * PAGE_BYTES) | st.sampled_from([0, PAGE_BYTES]),
    n_bytes=st.integers(0, 1 << 20) | st.sampled_from([1 << 19, (1 << 19) + 1, 1 << 20]),
    behind=st.integers(0, PAGE_BYTES),
)
def test_every_byte_gets_to_its_place_and_no_other_is_touched(
    file: File, offset: int, n_bytes: int, behind: int
) -> None:
    size = offset + n_bytes + behind
    os.ftruncate(file.fd, 0)
    os.pwrite(file.fd, BEFORE * size, 0)
    file.write(BLOCK[:n_bytes], offset)
    expected = BEFORE * offset + BLOCK[:n_bytes] + BEFORE * behind
    assert file.path.read_bytes() == expected


def test_whole_pages_take_no_memory_of_the_system(direct: File) -> None:
    direct.write(BLOCK, 3 * len(BLOCK) + 100)
    assert direct.is_cached(3 * len(BLOCK) + 100)
    assert not direct.is_cached(3 * len(BLOCK) + PAGE_BYTES)
    assert direct.is_cached(4 * len(BLOCK) + 99)


def test_little_is_gathered_in_the_page_cache(direct: File) -> None:
    direct.write(BLOCK[: 64 << 10], len(BLOCK))
    assert direct.is_cached(len(BLOCK))


def test_a_slow_disk_gets_the_page_cache_back(
    direct: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_io, "_SLOW_BYTES_PER_S", 1 << 60)
    for n in range(1, 20):
        direct.write(BLOCK, n * len(BLOCK))
    assert not direct.is_cached(len(BLOCK))
    assert direct.is_cached(19 * len(BLOCK))
    assert direct.path.read_bytes() == BLOCK * 20


def test_one_slow_write_among_others_changes_nothing(
    direct: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(1, 20):
        monkeypatch.setattr(direct_io, "_SLOW_BYTES_PER_S", 0 if n % 4 else 1 << 60)
        direct.write(BLOCK, n * len(BLOCK))
    assert not direct.is_cached(19 * len(BLOCK))


class SlowDisk:
    """A disk, and the clock that it takes its time by.

    Args:
        at_once: so many writes begin before the first one ends; the disk does them one by one.
    """

    def __init__(self, file: File, seconds: float, at_once: int = 1) -> None:
        self.now = 1000.0
        self._file, self._seconds, self._at_once = file, seconds, at_once
        self._offset = 0
        self._running = 0
        self._pwrite = os.pwrite

    def pwrite(self, fd: int, data: memoryview, offset: int) -> int:
        if fd != self._file.fd:
            self._running += 1
            if self._running < self._at_once:
                self.write()
            self._running -= 1
            self.now += self._seconds
        return self._pwrite(fd, data, offset)

    def write(self) -> None:
        self._offset += len(BLOCK)
        self._file.write(BLOCK, self._offset)

    @property
    def is_cached(self) -> bool:
        return self._file.is_cached(self._offset)


@pytest.fixture(name="slow_disk")
def _slow_disk(direct: File, monkeypatch: pytest.MonkeyPatch) -> Callable[..., SlowDisk]:
    def make(seconds: float, at_once: int = 1) -> SlowDisk:
        disk = SlowDisk(direct, seconds, at_once)
        monkeypatch.setattr(os, "pwrite", disk.pwrite)
        monkeypatch.setattr(time, "monotonic", lambda: disk.now)
        return disk

    return make


@pytest.mark.parametrize(("ms_a_write", "is_cached"), [(6, False), (10, True), (100, True)])
def test_a_disk_slower_than_a_quick_network_gets_the_page_cache_back(
    slow_disk: Callable[..., SlowDisk], ms_a_write: int, is_cached: bool
) -> None:
    disk = slow_disk(ms_a_write / 1000)
    for _ in range(10):
        disk.write()
    assert disk.is_cached is is_cached


@pytest.mark.parametrize(("ms_a_write", "is_cached"), [(6, False), (10, True)])
def test_what_several_threads_write_at_once_is_judged_together(
    slow_disk: Callable[..., SlowDisk], ms_a_write: int, is_cached: bool
) -> None:
    disk = slow_disk(ms_a_write / 1000, at_once=20)
    for _ in range(3):
        disk.write()
    disk.write()
    assert disk.is_cached is is_cached


def test_what_cannot_be_written_so_is_written_as_ever(direct: File) -> None:
    for offset in (len(BLOCK), 2 * len(BLOCK)):
        memory = memoryview(mmap.mmap(-1, len(BLOCK) + 1))[1:]  # no disk takes such an address
        memory[:] = BLOCK
        direct.io.write(memory, offset)
        assert direct.is_cached(offset + len(BLOCK) // 2)
    assert direct.path.read_bytes() == BLOCK * 3


def test_a_system_without_it_writes_as_ever(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_io, "_DIRECT", 0)
    DirectIO(file.fd).write(placed(BLOCK, 5), 5)
    assert file.path.read_bytes() == bytes(5) + BLOCK


@pytest.mark.parametrize("most", [0, 100, PAGE_BYTES, 600_000, 700 << 10, (1 << 20) + 99])
def test_what_a_file_has_taken_is_told_when_it_takes_no_more(file: File, most: int) -> None:
    offset = 100
    with files_of_at_most(most), pytest.raises(PartlyWritten) as refused:
        file.write(BLOCK, offset)
    assert refused.value.written_bytes == max(0, most - offset)
    written = file.path.read_bytes()[offset:]
    assert written == BLOCK[: refused.value.written_bytes]


def test_a_disk_that_fails_is_believed_the_first_time(
    direct: File, monkeypatch: pytest.MonkeyPatch
) -> None:
    pwrite = os.pwrite

    def failing(fd: int, data: memoryview, offset: int) -> int:
        if fd != direct.fd:
            raise OSError(errno.EIO, "no disk")
        return pwrite(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", failing)
    with pytest.raises(PartlyWritten, match="no disk") as refused:
        direct.write(BLOCK, 100)
    assert refused.value.written_bytes == PAGE_BYTES - 100


def test_its_descriptor_is_closed_with_the_file(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    file = File(tmp_path / "file")
    file.write(BLOCK)
    file.close()
    assert len(os.listdir("/proc/self/fd")) == len(before)
