"""The file that most laws are tried on, and what is to be there of it in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.running import names_in, sha256
from tests.server import Pattern
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Content
    from tui_downloader.model.download import Snapshot

SIZE = 2_000_000
HALF = SIZE // 2
FILE = Pattern(SIZE)
OTHER = Pattern(SIZE, seed=9)


def assert_whole(folder: Path, download: Snapshot, content: Content = FILE) -> None:
    """The download is complete, and its file alone is in the folder, with this content."""
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(folder / "file.bin") == content.sha256()
    assert names_in(folder) == ["file.bin"]
