"""Blocks that go to the disk past the page cache, and files that do without."""

from __future__ import annotations

import errno
import mmap
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.file_sizes import files_of_at_most, no_more_files
from tests.server import Pattern
from tui_downloader.engine.disk import direct_io
from tui_downloader.engine.disk.direct_io import DirectIO, PartlyWritten, Ways
from tui_downloader.engine.disk.part_files import create
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.network.tap import PAGE_BYTES
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK = bytes(Pattern(1 << 20))
BEFORE = b"\xff"


def placed(data: bytes, offset: int) -> memoryview:
    """The same bytes in memory whose pages are those of the file."""
    begin = offset % PAGE_BYTES
    memory = memoryview(mmap.mmap(-1, begin + len(data) + 1))
    memory[begin : begin + len(data)] = data
    return memory[begin : begin + len(data)]


def is_cached(fd: int, offset: int) -> bool:
    """Tell whether the system has this byte of a file in memory."""
    try:
        os.preadv(fd, [bytearray(1)], offset, os.RWF_NOWAIT)
    except BlockingIOError:
        return False
    return True


class PastTheCache(Ways):
    """Whatever is quicker."""

    def is_direct_next(self) -> bool:
        return True


class File:
    """A file that is written to by blocks, past the page cache where that can be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT)
        self.io = DirectIO(self.fd, PastTheCache())

    def write(self, data: bytes, offset: int = 0) -> None:
        self.io.write(placed(data, offset), offset)

    def is_cached(self, offset: int = 0) -> bool:
        return is_cached(self.fd, offset)

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
    try:
        past_it = os.open(file.path, os.O_WRONLY | os.O_DIRECT)
        with os.fdopen(past_it, "wb", buffering=0) as other:
            other.write(placed(BLOCK, 0))
    except OSError:
        pytest.skip("this file system does without")
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


def chosen(ways: Ways, blocks: int, cached_s: float, direct_s: float) -> list[bool]:
    """Write blocks that take so long on each way; tell which of them went past the page cache."""
    taken = []
    for _ in range(blocks):
        taken.append(ways.is_direct_next())
        ways.learn(len(BLOCK), direct_s if taken[-1] else cached_s, is_direct=taken[-1])
    return taken


@pytest.mark.parametrize(("cached_s", "direct_s"), [(0.001, 0.003), (0.003, 0.001)])
def test_the_quicker_way_is_taken_and_the_other_one_tried_now_and_then(
    cached_s: float, direct_s: float
) -> None:
    is_direct_quicker = direct_s < cached_s
    taken = chosen(Ways(), 100, cached_s, direct_s)
    assert taken[:2] == [False, True]
    others = [n for n in range(2, 100) if taken[n] is not is_direct_quicker]
    assert others == [31, 63, 95]


def test_a_way_that_gets_slow_is_left_for_the_other() -> None:
    ways = Ways()
    assert sum(chosen(ways, 100, 0.001, 0.002)) < 10
    assert sum(chosen(ways, 100, 0.010, 0.002)) > 90
    assert sum(chosen(ways, 200, 0.001, 0.002)) < 150


def test_one_slow_block_does_not_decide() -> None:
    ways = Ways()
    chosen(ways, 20, 0.002, 0.001)
    ways.learn(len(BLOCK), 0.004, is_direct=True)
    assert ways.is_direct_next()


def test_what_a_byte_takes_counts_however_large_the_blocks_are() -> None:
    ways = Ways()
    ways.learn(1 << 20, 0.002, is_direct=False)
    ways.learn(4 << 20, 0.004, is_direct=True)
    assert ways.is_direct_next()


def test_both_ways_are_tried_before_one_of_them_is_taken(direct: File) -> None:
    direct.io = DirectIO(direct.fd)
    for n in (1, 2):
        direct.write(BLOCK, n * len(BLOCK))
    assert [direct.is_cached(n * len(BLOCK)) for n in (1, 2)] == [True, False]


def test_both_ways_are_taken_for_one_file_and_it_is_whole(file: File) -> None:
    file.io = DirectIO(file.fd)
    for n in range(64):
        file.write(BLOCK[1:] + BLOCK[:1], n * len(BLOCK) + 7)
    assert file.path.read_bytes() == bytes(7) + (BLOCK[1:] + BLOCK[:1]) * 64


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


def test_where_no_more_files_can_be_opened_it_is_written_as_ever(direct: File) -> None:
    block, file = placed(BLOCK, len(BLOCK)), DirectIO(direct.fd, PastTheCache())
    with no_more_files():
        file.write(block, len(BLOCK))
    assert direct.path.read_bytes() == BLOCK * 2


@pytest.mark.parametrize("is_read_again", [True, False])
def test_what_is_read_again_stays_in_memory_whichever_way_is_quicker(
    direct: File, tmp_path: Path, is_read_again: bool
) -> None:
    partial = Partial(str(tmp_path), "again", create(str(tmp_path / f"again{SUFFIX}")))
    partial.is_read_again = is_read_again
    for n in range(3):  # one of them goes past the page cache where there is a choice
        partial.put(placed(BLOCK, n * len(BLOCK)), n * len(BLOCK))
    cached = [is_cached(partial.fd, n * len(BLOCK)) for n in range(3)]
    partial.close()
    assert all(cached) is is_read_again


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
    for n in range(3):
        file.write(BLOCK, n * len(BLOCK))
    file.close()
    assert len(os.listdir("/proc/self/fd")) == len(before)
