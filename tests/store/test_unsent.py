"""A text that was not added is kept for one start, for its user alone."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from tui_downloader.store import unsent

if TYPE_CHECKING:
    from pathlib import Path

TEXT = "https://a.example/ü\ncurl -H 'Cookie: a=b' https://b.example/\n\udcff"


def test_a_text_is_there_at_the_next_start_and_only_then(tmp_path: Path) -> None:
    file = tmp_path / "unsent.txt"
    unsent.save(file, "before")
    unsent.save(file, TEXT)
    assert unsent.take(file) == TEXT.replace("\udcff", "?")
    assert unsent.take(file) == ""


@pytest.mark.skipif(os.name != "posix", reason="Windows has other permissions")
def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "unsent.txt"
    unsent.save(file, TEXT)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_cannot_be_read_is_none(tmp_path: Path) -> None:
    assert unsent.take(tmp_path) == ""
    assert unsent.take(tmp_path / "missing" / "unsent.txt") == ""
