"""The list says of finished files that were moved, deleted or changed since, on a real engine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from textual.events import AppBlur, AppFocus

from tests.engine.running import sha256
from tests.server import Pattern, Server
from tests.ui.fake_engine import FakeEngine, download
from tests.ui.real import Real, real, wanted
from tests.ui.running import running
from tui_downloader.model.download import Details
from tui_downloader.model.status import Status
from tui_downloader.store.finished_files import Fate, FinishedFile, fates_of
from tui_downloader.ui.terminal import opener

FILE = Pattern(100_000)
GONE = "done, but the file is gone · r fetches it again"


def row_of(ui: Real, name: str = "file.bin") -> str:
    return next((line for line in ui.lines if name in line and line[1:2] in " *"), "")


async def come_back(ui: Real) -> None:
    """Give the window the focus, as a user does who was elsewhere."""
    ui.app.post_message(AppBlur())
    ui.app.post_message(AppFocus())
    await ui.pilot.pause()


async def test_a_finished_file_that_was_deleted_is_not_ticked_off_and_r_fetches_it_again(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_done()
        await ui.until(lambda: "✓" in row_of(ui))
        (tmp_path / "file.bin").unlink()
        await come_back(ui)
        await ui.until(lambda: GONE in row_of(ui))
        assert "⊘" in row_of(ui)
        assert "✓" not in row_of(ui)
        assert ui.lines[-1].startswith(" r Fetch again ")
        assert " o Open " not in ui.lines[-1]
        await ui.press("r")
        await ui.until((tmp_path / "file.bin").exists)
        await ui.until(lambda: "✓" in row_of(ui))
        assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_who_comes_back_to_the_window_is_told_of_the_free_space_of_now() -> None:
    async with running([download(1)]) as ui:
        ui.app.post_message(AppBlur())
        await ui.pilot.pause()
        assert ("look_at_space",) not in ui.engine.calls
        ui.app.post_message(AppFocus())
        await ui.until(lambda: ("look_at_space",) in ui.engine.calls)


async def test_shift_r_fetches_again_what_is_gone(tmp_path: Path, server: Server) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_done()
        (tmp_path / "file.bin").unlink()
        await come_back(ui)
        await ui.until(lambda: GONE in row_of(ui))
        await ui.press("R")
        await ui.until(lambda: "✓" in row_of(ui))
        assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_opening_what_is_gone_names_the_key_that_its_row_names() -> None:
    done = download(1, Status.COMPLETED, finished_at=time.time())
    async with running([done], look_at=lambda files: dict.fromkeys(files, Fate.GONE)) as ui:
        await ui.until(lambda: "file is gone" in ui.text)
        ui.engine.opener_problem = opener.GONE
        await ui.press("o")
        await ui.until(lambda: f"{opener.GONE} · r fetches it again" in ui.toasts)


async def test_r_decides_on_what_is_on_the_disk_when_it_is_pressed(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_done()
        await ui.until(lambda: "✓" in row_of(ui))
        await ui.press("r")
        await ui.until(lambda: ui.toasts == ["Nothing to try again: file.bin is done"])
        (tmp_path / "file.bin").unlink()
        await ui.press("r")  # the row has not changed yet
        await ui.until((tmp_path / "file.bin").exists)
        await ui.until(lambda: "✓" in row_of(ui))
        assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_of_what_is_marked_r_fetches_what_is_gone_and_only_that() -> None:
    done = [download(number, Status.COMPLETED, finished_at=time.time()) for number in (1, 2)]
    gone = set[int]()

    def look(files: Mapping[tuple[int, int], FinishedFile]) -> dict[tuple[int, int], Fate]:
        return {key: Fate.GONE for key in files if key[0] in gone}

    async with running([*done, download(3, Status.PAUSED)], look_at=look) as ui:
        await ui.press("*")
        gone.add(2)
        await ui.press("r")
        await ui.until(lambda: ("restart", 2) in ui.engine.calls)
        assert ui.engine.calls == [("resume", 3), ("restart", 2)]


async def test_what_is_back_is_not_fetched_again() -> None:
    fates: dict[tuple[int, int], Fate] = {(1, 1): Fate.GONE}
    done = download(1, Status.COMPLETED, finished_at=time.time())
    async with running([done], look_at=lambda _: dict(fates)) as ui:
        await ui.until(lambda: "file is gone" in ui.text)
        fates.clear()
        await ui.press("r")
        await ui.until(lambda: ui.toasts == ["Nothing to try again: file-1.bin is done"])
        assert ui.engine.calls == []
        assert "file is gone" not in ui.text


async def test_what_was_deleted_this_moment_is_not_opened() -> None:
    fates: dict[tuple[int, int], Fate] = {}
    done = download(1, Status.COMPLETED, finished_at=time.time())
    async with running([done], look_at=lambda _: dict(fates)) as ui:
        await ui.until(lambda: "✓" in ui.text)
        fates[1, 1] = Fate.GONE
        await ui.press("o")
        await ui.until(lambda: ui.toasts == [f"{opener.GONE} · r fetches it again"])
        assert ui.engine.opened == []
        assert "file is gone" in ui.text


async def test_a_disk_that_hangs_holds_up_only_what_was_asked_of_it() -> None:
    answer = threading.Event()
    done = download(1, Status.COMPLETED, finished_at=time.time())

    def look(files: Mapping[tuple[int, int], FinishedFile]) -> dict[tuple[int, int], Fate]:
        answer.wait()
        return dict.fromkeys(files, Fate.GONE)

    async with running([done, download(2, Status.PAUSED)], look_at=look) as ui:
        await ui.press("r", "j", "r")
        assert ui.engine.calls == [("resume", 2)]
        await ui.until(
            lambda: "Looking for file-1.bin: the disk takes its time" in "\n".join(ui.toasts)
        )
        answer.set()
        await ui.until(lambda: ui.engine.calls[1:] == [("restart", 1)])


async def test_a_finished_file_that_was_replaced_says_so(tmp_path: Path, server: Server) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_done()
        (tmp_path / "file.bin").write_bytes(b"another one")
        await come_back(ui)
        await ui.until(lambda: "done, but the file has changed · R fetches it again" in row_of(ui))
        assert ui.lines[-1].startswith(" R Fetch again ")
        assert " o Open " in ui.lines[-1]
        (tmp_path / "file.bin").write_bytes(FILE.piece(0, FILE.size))
        await come_back(ui)
        await ui.until(lambda: "✓" in row_of(ui))


async def test_a_file_is_looked_at_again_when_it_is_highlighted(
    tmp_path: Path, server: Server
) -> None:
    names = ["one.bin", "two.bin"]
    for name in names:
        server.put(f"/{name}", FILE)
    requests = [wanted(server.url(f"/{name}"), tmp_path) for name in names]
    async with real(tmp_path, *requests) as ui:
        await ui.until(lambda: all("✓" in row_of(ui, name) for name in names))
        await ui.press("g")
        (tmp_path / "two.bin").unlink()
        await ui.press("j")
        await ui.until(lambda: GONE in row_of(ui, "two.bin"))
        assert "✓" in row_of(ui, "one.bin")


async def test_what_was_unpacked_on_its_way_is_as_it_was_left(
    tmp_path: Path, server: Server
) -> None:
    server.put("/packed.bin", FILE, content_encoding="gzip")
    server.put("/file.bin", FILE)
    requests = [wanted(server.url(path), tmp_path) for path in ("/packed.bin", "/file.bin")]
    async with real(tmp_path, *requests) as ui:
        await ui.until(lambda: all("✓" in row_of(ui, name) for name in ("packed", "file")))
        (tmp_path / "file.bin").unlink()
        await come_back(ui)
        await ui.until(lambda: GONE in row_of(ui))
        assert "✓" in row_of(ui, "packed.bin")


async def test_a_disk_that_hangs_keeps_nobody_waiting() -> None:
    answer = threading.Event()
    done = download(1, Status.COMPLETED, finished_at=time.time())

    def look(files: Mapping[tuple[int, int], FinishedFile]) -> dict[tuple[int, int], Fate]:
        answer.wait()
        return dict.fromkeys(files, Fate.GONE)

    async with running([done, download(2)], look_at=look) as ui:
        await ui.press("j")
        assert ui.queue.highlighted_id == 2
        assert "✓" in ui.text
        answer.set()
        await ui.until(lambda: "file is gone" in ui.text)


async def test_a_disk_that_hangs_keeps_no_other_folder_waiting() -> None:
    answer = threading.Event()
    there = [
        download(number, Status.COMPLETED, finished_at=time.time(), folder=folder)
        for number, folder in ((1, "/hangs"), (2, "/answers"))
    ]
    paths = {each.download_id: f"{each.folder}/{each.name}" for each in there}

    def look(files: Mapping[tuple[int, int], FinishedFile]) -> dict[tuple[int, int], Fate]:
        if any(paths[number].startswith("/hangs") for number, _ in files):
            answer.wait()
        return dict.fromkeys(files, Fate.GONE)

    async with running(there, look_at=look) as ui:
        await ui.until(lambda: ui.text.count("file is gone") == 1)
        answer.set()
        await ui.until(lambda: ui.text.count("file is gone") == 2)


def test_a_file_written_again_with_the_same_size_has_changed(tmp_path: Path) -> None:
    path, now = tmp_path / "file", time.time()
    path.write_bytes(b"1234")
    left = FinishedFile(str(path), 4, now)
    assert fates_of({1: left}) == {}
    os.utime(path, (now + 3600, now + 3600))
    assert fates_of({1: left}) == {1: Fate.REWRITTEN}
    assert fates_of({1: left._replace(finished_at=None)}) == {}
    assert fates_of({1: left._replace(total_bytes=5)}) == {1: Fate.RESIZED}
    path.unlink()
    assert fates_of({1: left}) == {1: Fate.GONE}


def test_an_older_file_of_the_same_size_in_its_place_is_another_one(tmp_path: Path) -> None:
    path, older = tmp_path / "file", tmp_path / "older"
    long_ago = time.time() - 86_400
    older.write_bytes(b"5678")
    os.utime(older, (long_ago, long_ago))
    left = FinishedFile(str(path), 4, time.time() - 300, time.time() - 600)
    older.rename(path)
    assert fates_of({1: left}) == {1: Fate.REPLACED}
    # A part may have been whole long before it was added, and got its name when it was finished.
    assert fates_of({1: left._replace(finished_at=time.time())}) == {}
    # Nor is one another when only its name, its mode or a link of it changed later.
    os.utime(path, (time.time() - 590,) * 2)
    assert fates_of({1: left}) == {}


async def test_the_row_of_a_file_that_was_replaced_by_an_older_one_says_so(tmp_path: Path) -> None:
    now = time.time()
    done = download(
        1,
        Status.COMPLETED,
        total_bytes=4,
        added_at=now - 600,
        finished_at=now - 300,
        folder=str(tmp_path),
    )
    file = tmp_path / done.name
    file.write_bytes(b"5678")
    os.utime(file, (now - 86_400, now - 86_400))
    engine = FakeEngine([done])
    engine.details_by_id[1] = Details(path=str(file))
    async with running(engine=engine, look_at=fates_of) as ui:
        await ui.until(lambda: "done, but the file has changed · R" in ui.text)
