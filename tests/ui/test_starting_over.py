"""What begins again at byte 0: nothing that is here goes without a word, on a real engine."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.engine.running import at_rest, names_in, only, seen, sha256
from tests.engine.running import running as engine_running
from tests.server import Pattern, Server
from tests.ui.fake_engine import download
from tests.ui.real import real, wanted
from tests.ui.running import running
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

FILE = Pattern(1_000_000)
HALF = 500_000
OLD = ["file.bin.part", "file.bin.part.json", "file.bin.part.old", "file.bin.part.old.json"]


@pytest.mark.parametrize("key", ["p", "r"])
async def test_going_on_where_no_server_can_says_so_and_keeps_what_is_here(
    tmp_path: Path, server: Server, key: str
) -> None:
    file = server.put("/file.bin", FILE, ranges="ignore", accept_ranges=None, stall_after=HALF)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.done_bytes == HALF)
        await ui.press("p")
        await ui.until_seen("cannot resume, restarts at 0")
        await ui.until_seen("From 0")
        file.behaviour.stall_after = HALF // 2
        await ui.press(key)
        told = "starts again from 0; the 500 kB from before are kept until it has more"
        await ui.until(lambda: any(told in toast for toast in ui.toasts))
        await ui.until(lambda: ui.download.done_bytes == HALF // 2)
        assert names_in(tmp_path) == OLD
        assert (tmp_path / OLD[2]).stat().st_size >= HALF
        file.behaviour.stall_after = None
        server.release()
        await ui.until_done()
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_starting_again_what_waits_says_what_becomes_of_what_is_here() -> None:
    part = download(1, Status.WAITING, done_bytes=HALF, kept_bytes=HALF, total_bytes=FILE.size)
    async with running([part]) as ui:
        await ui.press("R")
        told = "starts again from 0; the 500 kB from before are kept until it is whole"
        await ui.until(lambda: ui.toasts == [f"Restarted file-1.bin: {told}"])
        assert ("restart", 1) in ui.engine.calls


@pytest.mark.parametrize(
    ("kept_bytes", "again", "rest"),
    [(HALF, "", ", the other 500 kB go"), (0, "starts again ", "")],
    ids=["two", "set aside"],
)
async def test_of_two_parts_the_larger_one_is_told_to_be_kept(
    kept_bytes: int, again: str, rest: str
) -> None:
    part = download(
        1, Status.PAUSED, kept_bytes=kept_bytes, set_aside_bytes=4 * HALF, total_bytes=FILE.size
    )
    async with running([part]) as ui:
        await ui.press("R")
        told = f"{again}from 0; the 2.00 MB from before are kept until it is whole{rest}"
        await ui.until(lambda: ui.toasts)
        assert " ".join(ui.toasts[0].split()) == f"Restarted file-1.bin: {told}"


async def test_the_question_before_bytes_are_lost_counts_those_of_before_too(
    tmp_path: Path, server: Server
) -> None:
    whole = Pattern(30_000_000)
    file = server.put("/file.bin", whole, ranges="ignore", accept_ranges=None)
    file.behaviour.stall_after = 12_000_000
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: [row.done_bytes for row in ui.desk.board.rows] == [12_000_000])
        await ui.press("p")
        await ui.until_seen("Pause file.bin?")
        await ui.press("y")
        await ui.until_seen("From 0")
        file.behaviour.stall_after = HALF
        await ui.press("r")
        await ui.until(lambda: ui.desk.board.rows[0].done_bytes == HALF)
        await ui.press("x")
        await ui.until_seen("Cancel file.bin? 500 kB received, 12.0 MB from before.")
        await ui.press("y")
        await ui.until(lambda: ui.download.status is Status.CANCELLED)
        await ui.until(lambda: not names_in(tmp_path))
        assert not ui.download.set_aside_bytes


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("x", "Cancel file.bin? 500 kB received, 12.0 MB from before."),
        ("R", "Start file.bin again from 0? 500 kB received, 12.0 MB from before."),
        ("D", "Delete file.bin, 12.5 MB, from"),
        ("d", "its part stays: 12.5 MB"),
    ],
)
async def test_what_an_earlier_run_set_aside_counts_in_every_word_of_what_is_here(
    tmp_path: Path, server: Server, keys: str, words: str
) -> None:
    folder = tmp_path / "to"
    folder.mkdir()
    file = server.put("/file.bin", Pattern(30_000_000), ranges="ignore", accept_ranges=None)
    for stall_after in (12_000_000, HALF):
        file.behaviour.stall_after = stall_after
        async with engine_running(tmp_path / "queue.db") as engine:
            engine.resume([each.download_id for each in engine.snapshot().downloads])
            if not engine.snapshot().downloads:
                engine.add([wanted(server.url("/file.bin"), folder)])
            await seen(engine, lambda d, n=stall_after: d.done_bytes == n)  # type: ignore[misc]
            engine.pause([only(engine).download_id])
            await at_rest(engine)
    with closing(QueueStore.open(tmp_path / "queue.db")) as queue:
        async with real(folder, queue=queue) as ui:
            await ui.until_seen("From 0")
            await ui.press(keys)
            await ui.until(lambda: words in ui.text or any(words in each for each in ui.toasts))
            await ui.press("escape")


async def test_what_goes_with_a_cancelled_part_is_counted_with_it() -> None:
    part = download(
        1, Status.CANCELLED, kept_bytes=HALF, set_aside_bytes=HALF * 4, total_bytes=30_000_000
    )
    async with running([part]) as ui:
        await ui.until(lambda: "cancelled · 2.50 MB kept" in ui.text)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (OnConflict.RENAME, "file.bin stays, the new file gets another name"),
        (OnConflict.OVERWRITE, "file.bin goes once the new file is whole"),
    ],
)
async def test_starting_a_finished_file_again_says_what_becomes_of_it(
    tmp_path: Path, server: Server, policy: OnConflict, told: str
) -> None:
    file = server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path, on_conflict=policy)) as ui:
        await ui.until_seen("✓ file")
        file.behaviour.stall_after = HALF
        await ui.press("R")
        await ui.until(lambda: ui.toasts == [told])


async def test_a_finished_file_that_is_gone_is_fetched_without_a_word(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_seen("✓ file")
        (tmp_path / "file.bin").unlink()
        first = ui.download.finished_at
        await ui.press("R")
        await ui.until(lambda: ui.download.finished_at not in (None, first))
        assert ui.toasts == []
        await ui.until(lambda: names_in(tmp_path) == ["file.bin"])


async def test_what_is_whole_has_nothing_from_before(tmp_path: Path, server: Server) -> None:
    file = server.put("/file.bin", FILE, ranges="ignore", accept_ranges=None, stall_after=HALF)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.done_bytes == HALF)
        await ui.press("p")
        await ui.until_seen("From 0")
        file.behaviour.stall_after = HALF // 2
        await ui.press("r")
        await ui.until(lambda: ui.download.set_aside_bytes == HALF)
        file.behaviour.stall_after = None
        server.release()
        await ui.until_done()
        assert not ui.download.set_aside_bytes


async def test_of_many_that_go_on_it_is_told_how_many_cannot() -> None:
    rows = [
        download(1, Status.PAUSED, resumable=True, kept_bytes=5_000_000),
        download(2, Status.PAUSED, resumable=False, kept_bytes=2_000_000),
        download(3, Status.PAUSED, resumable=False),
    ]
    async with running(rows, size=(160, 40)) as ui:
        await ui.press("P")
        await ui.until(lambda: ui.toasts)
        assert ui.toasts == [
            "Resumed 3: 1 starts again from 0; the 2.00 MB from before are kept until it has more"
            " · z undo"
        ]
        assert ui.engine.calls == [("resume", 1, 2, 3)]


async def test_what_was_cancelled_with_nothing_kept_starts_again_with_r(
    tmp_path: Path, server: Server
) -> None:
    file = server.put("/file.bin", FILE, stall_after=HALF)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: [row.done_bytes for row in ui.desk.board.rows] == [HALF])
        await ui.press("x")
        await ui.until_seen("cancelled · nothing kept · r restart")
        await ui.until_seen(" r Restart ")
        file.behaviour.stall_after = None
        await ui.press("r")
        await ui.until_done()
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_new_address_of_another_file_says_what_becomes_of_what_is_here(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", FILE, stall_after=HALF)
    other = Pattern(1_200_000)
    server.put("/other.bin", other, stall_after=HALF)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.done_bytes == HALF)
        await ui.press("p")
        await ui.until_seen("paused")
        await ui.press("u")
        await ui.paste(server.url("/other.bin"))
        await ui.press("enter")
        await ui.press("p")
        told = "it is another file now: starts from 0; the 500 kB from before stay beside it"
        await ui.until(lambda: any(told in toast.replace("\n", " ") for toast in ui.toasts))
        assert OLD[2] in names_in(tmp_path)
        server.release()
