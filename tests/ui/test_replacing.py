"""What is replaced stays while `z` can take that back, also when the new file is whole already."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.running import names_in, sha256
from tests.server import Pattern, Resource, Server
from tests.ui.fake_engine import FakeEngine, download
from tests.ui.real import Real, real, wanted
from tests.ui.running import running
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.screens.ask import AskScreen

FILE = Pattern(1_000_000)
OTHER = Pattern(1_000_000, seed=1)
HALF = 500_000


async def finished(ui: Real, file: Resource) -> None:
    """Let the download finish; what is fetched from now on is another version, and stalls."""
    await ui.until_seen("✓ file")
    file.replace(OTHER)
    file.behaviour.stall_after = HALF


async def until_half(ui: Real) -> None:
    await ui.until(lambda: ui.download.status is Status.DOWNLOADING)
    await ui.until(lambda: ui.download.done_bytes == HALF)


async def test_starting_a_finished_file_again_can_be_taken_back(
    tmp_path: Path, server: Server
) -> None:
    file = server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await finished(ui, file)
        before = ui.download
        await ui.press("R")
        await until_half(ui)
        await ui.press("z")
        await ui.until(lambda: ui.download.status is Status.COMPLETED)
        now = ui.download
        assert (now.name, now.total_bytes, now.finished_at) == (
            before.name, before.total_bytes, before.finished_at,
        )  # fmt: skip
        assert (now.received_bytes, now.assurance) == (before.received_bytes, before.assurance)
        await ui.until(lambda: names_in(tmp_path) == ["file.bin"])
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_replacing_says_how_much_goes_and_can_be_taken_back(
    tmp_path: Path, server: Server
) -> None:
    file = server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    async with real(tmp_path, wanted(url, tmp_path)) as ui:
        await finished(ui, file)
        await ui.paste(url)
        await ui.until_seen("already in list")
        await ui.press("f2")
        await ui.until(lambda: isinstance(ui.app.screen, AskScreen))
        assert "Replacing deletes the 1.00 MB that are here once the new file is whole." in ui.text
        await ui.press("r")
        await ui.until(lambda: any("Replaced 1" in toast for toast in ui.toasts))
        await until_half(ui)
        await ui.press("z")
        await ui.until(lambda: ui.download.status is Status.COMPLETED)
        await ui.until(lambda: names_in(tmp_path) == ["file.bin"])
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def whole_again(ui: Real, file: Resource) -> float | None:
    """Fetch a finished file again, to its end; return when it was finished before."""
    await finished(ui, file)
    first = ui.download.finished_at
    file.behaviour.stall_after = None
    await ui.press("R")
    await ui.until(lambda: ui.download.finished_at != first)
    await ui.until_done()
    return first


async def test_what_is_whole_meanwhile_goes_for_the_file_from_before(
    tmp_path: Path, server: Server
) -> None:
    file = server.put("/file.bin", FILE)
    request = wanted(server.url("/file.bin"), tmp_path, on_conflict=OnConflict.OVERWRITE)
    async with real(tmp_path, request) as ui:
        first = await whole_again(ui, file)
        await ui.press("z")
        await ui.until(lambda: ui.download.finished_at == first)
        await ui.until(lambda: names_in(tmp_path) == ["file.bin"])
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_what_is_not_kept_any_more_is_not_taken_back_and_that_is_said(
    tmp_path: Path, server: Server
) -> None:
    file = server.put("/file.bin", FILE)
    request = wanted(server.url("/file.bin"), tmp_path, on_conflict=OnConflict.OVERWRITE)
    async with real(tmp_path, request, undo_s=0.0) as ui:
        await whole_again(ui, file)
        await ui.press("z")
        await ui.until(lambda: any("too late: the new file" in toast for toast in ui.toasts))
        assert ui.download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


async def test_a_file_of_the_users_own_comes_back(tmp_path: Path, server: Server) -> None:
    (tmp_path / "file.bin").write_bytes(b"mine")
    server.put("/file.bin", FILE)
    async with real(tmp_path) as ui:
        await ui.paste(server.url("/file.bin"))
        await ui.until_seen("file exists")
        await ui.press("f2")
        await ui.until(lambda: isinstance(ui.app.screen, AskScreen))
        await ui.press("r")
        await ui.until_seen("✓ file")
        assert any("Replaced 1 · z undo" in toast for toast in ui.toasts)
        assert sha256(tmp_path / "file.bin") == FILE.sha256()
        await ui.press("z")
        await ui.until(lambda: ui.toasts == ["Undone: Replaced 1"])
        await ui.until(lambda: names_in(tmp_path) == ["file.bin"])
    assert (tmp_path / "file.bin").read_bytes() == b"mine"


async def test_of_two_links_to_one_file_the_second_is_added_beside(
    tmp_path: Path, server: Server
) -> None:
    for name in ("file.bin", "file (1).bin"):
        (tmp_path / name).write_bytes(b"mine")
    server.put("/a/file.bin", FILE)
    server.put("/b/file.bin", OTHER)
    async with real(tmp_path) as ui:
        await ui.paste("\n".join(server.url(f"/{path}/file.bin") for path in "ab"))
        await ui.until_seen("0 new, 2 duplicates")
        await ui.press("f2")
        await ui.until(lambda: isinstance(ui.app.screen, AskScreen))
        assert "Replacing deletes the 4 B that are here" in ui.text
        assert "1 of them leads to the file of another; replacing, it gets a new name." in ui.text
        await ui.press("r")
        await ui.until(lambda: any("Added 1, replaced 1 · z undo" in each for each in ui.toasts))
        await ui.until(
            lambda: {each.status for each in ui.snapshot.downloads} == {Status.COMPLETED}
        )
    assert names_in(tmp_path) == ["file (1).bin", "file (2).bin", "file.bin"]
    assert (tmp_path / "file (1).bin").read_bytes() == b"mine"


async def test_a_file_that_was_in_the_way_and_overwritten_comes_back(
    tmp_path: Path, server: Server
) -> None:
    (tmp_path / "file.bin").write_bytes(b"mine")
    server.put("/file.bin", FILE)
    request = wanted(server.url("/file.bin"), tmp_path, on_conflict=OnConflict.ASK)
    async with real(tmp_path, request) as ui:
        await ui.until(lambda: ui.download.status is Status.FAILED)
        await ui.until_seen("exists")
        await ui.press("r")
        await ui.until(lambda: isinstance(ui.app.screen, AskScreen))
        await ui.press("o")
        await ui.until_seen("✓ file")
        await ui.press("z")
        await ui.until(lambda: names_in(tmp_path) == ["file (1).bin", "file.bin"])
        await ui.until(lambda: any("the new one is file (1).bin" in each for each in ui.toasts))
    assert (tmp_path / "file.bin").read_bytes() == b"mine"
    assert sha256(tmp_path / "file (1).bin") == FILE.sha256()


async def test_a_small_part_goes_with_the_adding_that_is_taken_back_and_that_is_said(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", Pattern(2_000_000), stall_after=1_000_000)
    async with real(tmp_path) as ui:
        await ui.paste(server.url("/file.bin"))
        await ui.press("f2")
        await ui.until(lambda: ui.snapshot.downloads and ui.download.done_bytes == 1_000_000)
        await ui.press("z")
        await ui.until(lambda: "Deleted the 1.00 MB of file.bin" in ui.toasts)
        await ui.until(lambda: names_in(tmp_path) == [])


@pytest.mark.parametrize("size", [FILE.size, 11_000_000])
async def test_a_finished_file_stays_when_its_adding_is_taken_back_and_that_is_said(
    tmp_path: Path, server: Server, size: int
) -> None:
    server.put("/file.bin", Pattern(size))
    async with real(tmp_path) as ui:
        await ui.paste(server.url("/file.bin"))
        await ui.press("f2")
        await ui.until_seen("✓ file")
        await ui.press("z")
        await ui.until(lambda: any("file.bin stays in " in toast for toast in ui.toasts))
        assert ui.snapshot.downloads == ()
        assert names_in(tmp_path) == ["file.bin"]


async def test_overwriting_a_file_in_the_way_says_how_much_goes(tmp_path: Path) -> None:
    (tmp_path / "file-1.bin").write_bytes(bytes(2_000_000))
    exists = Failure("exists", "file-1.bin exists already", "")
    engine = FakeEngine([download(1, Status.FAILED, failure=exists, folder=str(tmp_path))])
    async with running(engine=engine) as ui:
        asked = engine.request_of(1)
        await ui.press("r")
        await ui.until(lambda: isinstance(ui.app.screen, AskScreen))
        await ui.until(lambda: "Overwriting deletes the 2.00 MB that are there" in ui.text)
        await ui.press("o")
        assert engine.calls == [("resolve_conflict", 1, OnConflict.OVERWRITE)]
        await ui.press("z")
        assert engine.calls[1:] == [("edit", 1, asked), ("fail_again", {1: exists})]


async def test_undoing_something_else_leaves_a_file_that_was_fetched_again(
    tmp_path: Path, server: Server
) -> None:
    """Each key takes back one thing, the latest."""
    file = server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await whole_again(ui, file)
        await ui.until(lambda: names_in(tmp_path) == ["file (1).bin", "file.bin"])
        await ui.press("e")
        for _ in range(len("file (1).bin")):
            await ui.press("backspace")
        await ui.write("other.bin")
        await ui.until(lambda: names_in(tmp_path) == ["file.bin", "other.bin"])
        await ui.press("z")
        await ui.until(lambda: ui.download.name == "file (1).bin")
        await ui.until(lambda: not ui.app._engine._parts.tasks.ids)
        assert names_in(tmp_path) == ["file (1).bin", "file.bin"]
        assert sha256(tmp_path / "file (1).bin") == OTHER.sha256()
        await ui.press("z")
        await ui.until(lambda: names_in(tmp_path) == ["file.bin"])
        assert ui.download.name == "file.bin"
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
