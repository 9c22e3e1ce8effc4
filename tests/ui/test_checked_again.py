"""A finished file whose digest is compared is as active as one that is compared the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.hashing import Hashing
from tests.server import Pattern, Server
from tests.ui.fake_engine import download
from tests.ui.real import Real, real, wanted
from tui_downloader.engine.transfer import checksum
from tui_downloader.model.status import Status
from tui_downloader.ui.actions.selection import received_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = Pattern(4 << 20)


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashing]:
    """Hashes a quarter of the file, and holds the rest."""
    monkeypatch.setattr(checksum, "_SLICE_BYTES", 1 << 20)
    held = Hashing(at=2)
    monkeypatch.setattr(checksum, "leave_cache", held.slow)
    yield held
    held.may_go_on.set()


async def begin_check(ui: Real) -> None:
    await ui.until_done()
    await ui.press("c")
    await ui.until_seen("Checksum")
    await ui.paste(f"sha256:{FILE.sha256()}")
    await ui.press("enter")
    await ui.until_seen("checking sha256")


async def test_it_stands_among_what_is_active_with_a_bar_and_a_time(
    server: Server, tmp_path: Path, hashing: Hashing
) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await begin_check(ui)
        # How fast it hashes and how long that takes is known after a second.
        await ui.until(lambda: any(each in ui.text for each in ("kB/s · 0:", "MB/s · 0:")))
        (row,) = [line for line in ui.lines if "file.bin" in line and "checking sha256 ·" in line]
        assert " 25% checking sha256 · " in row
        assert "1 finishing" in ui.lines[0]
        assert "about " in ui.lines[0]  # so long until all is done
        assert "2 Active 1" in ui.lines[1]
        assert "4 Done 0" in ui.lines[1]
        await ui.press("2")
        await ui.until(lambda: "[2 Active 1]" in ui.text)
        assert "Nothing is being downloaded" not in ui.text
        hashing.may_go_on.set()
        await ui.until(lambda: "4 Done 1" in ui.text)
        assert "2 Active 0" in ui.text


async def test_quitting_when_done_waits_for_it(
    server: Server, tmp_path: Path, hashing: Hashing
) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await begin_check(ui)
        await ui.press("q")
        await ui.until_seen("1 finishing. What runs goes on at the next start.")
        await ui.press("w")
        await ui.until_seen("quits when done")
        hashing.may_go_on.set()
        await ui.until(lambda: ui.app.life.is_leaving)
        assert (ui.download.status, ui.download.checked_by) == (Status.COMPLETED, "sha-256")


@pytest.mark.parametrize(("status", "is_here"), [(Status.COMPLETED, True), (Status.FAILED, False)])
def test_what_is_here_is_not_what_was_hashed(status: Status, is_here: bool) -> None:
    """Of a wrong file nothing is gone on with."""
    size = {"done_bytes": 3_000_000, "total_bytes": 20_000_000}
    checked = download(1, status, phase="sha-256", **size)
    assert received_bytes(checked) == (20_000_000 if is_here else 0)
