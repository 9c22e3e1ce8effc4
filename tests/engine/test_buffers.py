"""Buffers of a connection: few, reused, and no larger than its speed asks for."""

from __future__ import annotations

from tui_downloader.engine.buffers import BUFFERS, LARGEST_BYTES, Buffers


def test_no_more_than_three_are_in_use() -> None:
    buffers = Buffers()
    taken = [buffers.take() for _ in range(BUFFERS + 1)]
    assert [buffer is not None for buffer in taken] == [True, True, True, False]


def test_a_buffer_that_came_back_is_used_again() -> None:
    buffers = Buffers()
    first = buffers.take()
    assert first is not None
    buffers.give_back(first)
    assert buffers.take() is first


def test_a_slow_connection_keeps_small_buffers() -> None:
    buffers = Buffers()
    for _ in range(100):
        buffer = buffers.take()
        assert buffer is not None
        assert len(buffer) <= LARGEST_BYTES // 8
        buffers.give_back(buffer)


def test_a_quick_connection_soon_has_large_ones() -> None:
    buffers = Buffers()
    sizes = []
    for _ in range(6):
        buffer = buffers.take()
        assert buffer is not None
        sizes.append(len(buffer))
        buffers.grow()
        buffers.give_back(buffer)
    assert sizes == sorted(sizes)
    assert sizes[-1] == LARGEST_BYTES
