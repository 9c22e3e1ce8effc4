"""Buffers of a connection: few, reused, and no larger than its speed asks for."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from tui_downloader.engine.network.buffers import (
    BUFFERS,
    LARGEST_BYTES,
    SHARED_BYTES,
    Buffers,
    Memory,
)


def test_no_more_than_two_are_in_use() -> None:
    buffers = Buffers(Memory())
    taken = [buffers.take() for _ in range(BUFFERS + 1)]
    assert [buffer is not None for buffer in taken] == [True, True, False]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into Linux's books")
def test_what_nothing_has_arrived_in_takes_no_memory() -> None:
    def resident_bytes() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE

    before = resident_bytes()
    taken = [Buffers(Memory()).take() for _ in range(1000)]
    grown = resident_bytes() - before
    assert grown < sum(len(each) for each in taken if each is not None) / 4


def test_a_buffer_that_came_back_is_used_again() -> None:
    buffers = Buffers(Memory())
    first = buffers.take()
    assert first is not None
    buffers.give_back(first)
    assert buffers.take() is first


def test_a_slow_connection_keeps_small_buffers() -> None:
    buffers = Buffers(Memory())
    for _ in range(100):
        buffer = buffers.take()
        assert buffer is not None
        assert len(buffer) <= LARGEST_BYTES // 8
        buffers.give_back(buffer)


def test_a_quick_connection_soon_has_large_ones() -> None:
    buffers = Buffers(Memory())
    sizes = []
    for _ in range(7):
        buffer = buffers.take()
        assert buffer is not None
        sizes.append(len(buffer))
        buffers.grow()
        buffers.give_back(buffer)
    assert sizes == sorted(sizes)
    assert sizes[-1] == LARGEST_BYTES


def quick(memory: Memory) -> Buffers:
    """Buffers that grew as far as they may."""
    buffers = Buffers(memory)
    for _ in range(10):
        buffers.grow()
    return buffers


def size_of(buffers: Buffers) -> int:
    buffer = buffers.take()
    assert buffer is not None
    return len(buffer)


def test_many_quick_connections_share_the_memory() -> None:
    memory = Memory()
    connections = [Buffers(memory) for _ in range(32)]
    for _ in range(10):
        for connection in connections:
            connection.grow()
    sizes = [size_of(connection) for connection in connections]
    first = size_of(Buffers(Memory()))
    assert BUFFERS * sum(size - first for size in sizes) <= SHARED_BYTES
    assert min(sizes) > first


def test_what_a_closed_connection_had_is_free_for_others() -> None:
    memory = Memory(BUFFERS * LARGEST_BYTES)
    first = quick(memory)
    assert size_of(quick(memory)) < LARGEST_BYTES
    first.close()
    first.close()
    assert size_of(quick(memory)) == LARGEST_BYTES
