"""Blocks of a large file are set aside at once, and nothing is written for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.room import reserve

SIZE = 64 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="fallocate without filling is Linux's own")
def test_blocks_are_set_aside_and_the_size_stays(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "file.part", os.O_RDWR | os.O_CREAT)
    partial = Partial(str(tmp_path), "file", fd)
    reserve(partial, SIZE)
    facts = os.fstat(fd)
    partial.close()
    assert facts.st_size == 0
    assert facts.st_blocks * 512 in (0, *range(SIZE, SIZE + (1 << 20)))


def test_a_small_file_is_left_alone(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "file.part", os.O_RDWR | os.O_CREAT)
    partial = Partial(str(tmp_path), "file", fd)
    reserve(partial, 1 << 20)
    assert os.fstat(fd).st_blocks == 0
    partial.close()
