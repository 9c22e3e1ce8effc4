"""Full blocks are written out early, and nothing is remembered of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tui_downloader.engine.disk.part_files import create
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.written import Writeback
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
BLOCK = 2 * MIB

pytestmark = pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="no such hints here")


@pytest.fixture
def hints(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Where and how much the system was told to write out."""
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda _fd, at, size, _why: told.append((at, size)))
    return told


def test_each_block_is_written_out_when_its_last_byte_is_there(
    hints: list[tuple[int, int]],
) -> None:
    writeback = Writeback()
    writeback.wrote(0, MIB, BLOCK + MIB)
    assert hints == []
    writeback.wrote(0, 0, MIB)
    assert hints == [(0, BLOCK)]
    writeback.wrote(0, BLOCK + MIB, 3 * BLOCK)
    assert hints == [(0, BLOCK), (BLOCK, BLOCK), (2 * BLOCK, BLOCK)]


def test_of_a_huge_file_little_is_remembered(hints: list[tuple[int, int]]) -> None:
    writeback = Writeback()
    for n in range(1000):
        writeback.wrote(0, n * BLOCK, (n + 1) * BLOCK)
    assert len(hints) == 1000
    assert not writeback._filled


def test_a_part_is_written_out_while_it_comes_and_what_is_thrown_away_does_not_count(
    hints: list[tuple[int, int]], tmp_path: Path
) -> None:
    part = Partial(str(tmp_path), "file", create(str(tmp_path / f"file{SUFFIX}")))
    part.write(bytes(MIB), 0)
    part.empty()
    part.write(bytes(MIB), MIB)
    assert hints == []
    part.write(bytes(MIB), 0)
    assert hints == [(0, BLOCK)]
    part.close()
