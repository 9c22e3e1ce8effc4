"""A file kept as .bad gets its name when it fits another digest, without fetching anything."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import at_rest, change, get, idle, names_in, only, running, seen, sha256
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine import EventKind
from tui_downloader.engine.transfer import checksum
from tui_downloader.model.digests import Checksum, parse_checksum
from tui_downloader.model.download import Assurance
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tui_downloader.engine import Engine

FILE = Pattern(3_000_000)
RIGHT = parse_checksum(f"sha-256={FILE.sha256()}")
WRONG = parse_checksum("sha-256=" + "1a" * 32)


async def fail(engine: Engine, server: Server, folder: Path) -> None:
    server.put("/file.bin", FILE)
    failed = await get(engine, server.url("/file.bin"), folder, checksum=WRONG)
    assert failed.status is Status.FAILED
    assert all(name.endswith(".bad") for name in names_in(folder))


async def expect(engine: Engine, checksum: Checksum) -> None:
    download_id = only(engine).download_id
    change(engine, checksum=checksum)
    engine.verify([download_id])


async def test_the_right_digest_gives_the_file_its_name(server: Server, tmp_path: Path) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, folder)
        before = server.resources["/file.bin"].sent_bytes
        await expect(engine, RIGHT)
        done = await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert (done.assurance, done.checked_by) == (Assurance.VERIFIED, "sha-256")
    assert (done.failure, done.total_bytes) == (None, FILE.size)
    assert names_in(folder) == ["file.bin"]
    assert sha256(folder / "file.bin") == FILE.sha256()
    assert server.resources["/file.bin"].sent_bytes == before
    async with running(queue) as engine:
        assert only(engine).status is Status.COMPLETED


OF_OTHER_KIND = parse_checksum(f"sha-512={FILE.digest('sha512').hex()}")


@pytest.mark.parametrize("expected", [RIGHT, OF_OTHER_KIND], ids=["sha-256", "sha-512"])
async def test_what_the_end_of_the_program_cuts_short_goes_on_at_the_next_start(
    server: Server, tmp_path: Path, expected: Checksum
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, folder)
        change(engine, checksum=expected)  # and the program ends before it is compared
    async with running(queue) as engine:
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert names_in(folder) == ["file.bin"]
    assert sha256(folder / "file.bin") == FILE.sha256()


async def test_what_is_known_to_differ_is_not_compared_at_each_start(
    server: Server, tmp_path: Path
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, folder)
        change(engine, checksum=parse_checksum("sha-256=" + "2b" * 32))
    async with running(queue, jobs=1) as engine:
        events = engine.events(EventKind.NOTE)
        await at_rest(engine)
        assert only(engine).status is Status.FAILED
    assert events.taken() == []
    assert names_in(folder) == ["file.bin.bad"]


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be flushed there")
async def test_what_fits_is_safe_from_a_power_cut_before_it_is_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its bytes are flushed before they have the name, and the name before it is told."""
    flushed: list[tuple[bool, bool]] = []  # whether it is the folder, whether the name is there
    flush = os.fsync

    def fsync(fd: int) -> None:
        flush(fd)
        is_folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        flushed.append((is_folder, (tmp_path / "file.bin").exists()))

    async with running() as engine:
        await fail(engine, server, tmp_path)
        monkeypatch.setattr(os, "fsync", fsync)
        await expect(engine, RIGHT)
        await seen(engine, lambda d: d.status is Status.COMPLETED)
        assert flushed == [(False, False), (True, True)]


async def test_how_far_a_second_look_got_is_told(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksum, "_SLICE_BYTES", 1 << 20)
    hashed = {("sha-256", n_bytes) for n_bytes in (0, 1 << 20, 2 << 20)}
    async with running() as engine:
        await fail(engine, server, tmp_path)
        await expect(engine, RIGHT)
        assert hashed <= await told_of_check(engine)
        assert only(engine).status is Status.COMPLETED
        engine.verify([only(engine).download_id])  # of a finished file
        assert hashed <= await told_of_check(engine)
        assert (only(engine).phase, only(engine).done_bytes) == ("", FILE.size)


async def told_of_check(engine: Engine) -> set[tuple[str, int]]:
    """Gather digest and hashed bytes until nothing is checked any more."""
    told: set[tuple[str, int]] = set()
    async with asyncio.timeout(PATIENCE_S):
        while not told or only(engine).phase:
            if only(engine).is_checked_again:
                told.add((only(engine).phase, only(engine).done_bytes))
            await asyncio.sleep(0)
    return told


@pytest.mark.parametrize("mine", [b"mine", FILE[: FILE.size]], ids=["another", "it would fit"])
async def test_no_other_file_is_replaced_or_taken(
    server: Server, tmp_path: Path, mine: bytes
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        (tmp_path / "file.bin").write_bytes(mine)
        await expect(engine, RIGHT)
        done = await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert done.name == "file (1).bin"
    assert (tmp_path / "file.bin").read_bytes() == mine
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]


async def test_older_bad_files_of_that_name_stay(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin.bad").write_bytes(b"an older one")
    async with running() as engine:
        await fail(engine, server, tmp_path)
        await expect(engine, RIGHT)
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert names_in(tmp_path) == ["file.bin", "file.bin.bad"]
    assert (tmp_path / "file.bin.bad").read_bytes() == b"an older one"


async def test_only_what_the_record_names_is_taken_in_a_later_run_too(
    server: Server, tmp_path: Path
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    folder.mkdir()
    mine = folder / "file (1).bin.bad"
    mine.write_bytes(FILE[: FILE.size])  # it would fit, too
    async with running(queue) as engine:
        await fail(engine, server, folder)
    before = mine.stat()
    async with running(queue) as engine:
        await expect(engine, RIGHT)
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert names_in(folder) == ["file (1).bin.bad", "file.bin"]
    assert os.path.samestat(mine.stat(), before)


async def test_what_was_kept_is_found_after_another_folder_was_chosen(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        change(engine, folder=str(tmp_path / "to"))
        await seen(engine, lambda d: d.folder == str(tmp_path / "to"))
        await expect(engine, RIGHT)
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert names_in(tmp_path / "to") == ["file.bin"]


async def test_deleting_a_download_deletes_what_was_kept_of_it_and_nothing_else(
    server: Server, tmp_path: Path
) -> None:
    (tmp_path / "file.bin.bad").write_bytes(b"mine")
    async with running() as engine:
        await fail(engine, server, tmp_path)
        assert names_in(tmp_path) == ["file (1).bin.bad", "file.bin.bad"]
        engine.remove([only(engine).download_id], delete_file=True)
        await engine.flush()
    assert names_in(tmp_path) == ["file.bin.bad"]
    assert (tmp_path / "file.bin.bad").read_bytes() == b"mine"


async def test_what_was_kept_stays_when_its_download_only_leaves_the_list(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        engine.remove([only(engine).download_id])
        await at_rest(engine)
    assert names_in(tmp_path) == ["file.bin.bad"]


async def test_what_was_kept_goes_with_the_right_file_that_came_later(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        download_id = only(engine).download_id
        change(engine, checksum=None)
        engine.resume([download_id])
        await idle(engine)
        assert {"file.bin", "file.bin.bad"} <= set(names_in(tmp_path))
        engine.remove([download_id], delete_file=True)
        await at_rest(engine)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("is_same_size", [False, True])
async def test_a_file_that_took_the_name_of_what_was_kept_is_the_users(
    server: Server, tmp_path: Path, is_same_size: bool
) -> None:
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, folder)
    mine = FILE[: FILE.size] if is_same_size else b"mine"
    bad = folder / "file.bin.bad"
    bad.rename(folder / "looked at")
    bad.write_bytes(mine)
    os.utime(bad, ns=(0, (folder / "looked at").stat().st_mtime_ns))
    async with running(queue) as engine:
        told = notes(engine)
        await expect(engine, RIGHT)
        assert await next_of(told) == "nothing is kept of the file"
        await idle(engine)
        engine.remove([only(engine).download_id], delete_file=True)
        assert await next_of(told) == "not deleted: file.bin.bad is not the file that was kept"
    assert bad.read_bytes() == mine
    assert names_in(folder) == ["file.bin.bad", "looked at"]


def put_over(path: Path) -> None:
    path.with_suffix(".new").write_bytes(b"of another program")
    path.with_suffix(".new").rename(path)


def write_into(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"of another program")


@pytest.mark.parametrize("change", [put_over, write_into])
@pytest.mark.parametrize("has_name", [False, True])
async def test_a_file_that_is_changed_after_it_was_compared_is_not_called_right(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, has_name: bool
) -> None:
    folder, real, changes = tmp_path / "files", os.fsync, [change]
    async with running() as engine:
        await fail(engine, server, folder)
        if has_name:
            (folder / "file.bin.bad").rename(folder / "file.bin")
            engine._parts.roster.downloads[1].finished_at = 1.0
        (kept,) = folder.iterdir()

        def fsync(fd: int) -> None:
            real(fd)
            if changes:
                changes.pop()(kept)

        monkeypatch.setattr(os, "fsync", fsync)
        told = notes(engine)
        await expect(engine, RIGHT)
        assert f"{kept.name} was changed while it was compared" in await next_of(told)
        (download,) = await idle(engine)
        assert download.status is Status.FAILED
    assert [*folder.iterdir()] == [kept]
    assert kept.read_bytes().startswith(b"of another program")


def notes(engine: Engine) -> AsyncIterator[str]:
    return (event.message async for event in engine.events(EventKind.NOTE))


async def next_of(told: AsyncIterator[str]) -> str:
    async with asyncio.timeout(PATIENCE_S):
        return await anext(told)


async def test_what_was_kept_and_is_written_to_since_is_the_users(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        with (tmp_path / "file.bin.bad").open("r+b") as bad:
            bad.write(b"mended")
        told = notes(engine)
        engine.remove([only(engine).download_id], delete_file=True)
        assert await next_of(told) == "not deleted: file.bin.bad is not the file that was kept"
    assert (tmp_path / "file.bin.bad").read_bytes().startswith(b"mended")


async def test_what_was_kept_goes_with_a_download_that_runs_again(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        server.resources["/file.bin"].behaviour.stall_after = 1_000_000
        download_id = only(engine).download_id
        engine.resume([download_id])
        await seen(engine, lambda d: d.done_bytes == 1_000_000)
        engine.remove([download_id], delete_file=True)
        await at_rest(engine)
    assert names_in(tmp_path) == []


async def test_a_finished_file_that_is_being_checked_is_deleted_all_the_same(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        done = await get(engine, server.url("/file.bin"), tmp_path, checksum=RIGHT)
        engine.verify([done.download_id])
        engine.remove([done.download_id], delete_file=True)
        await at_rest(engine)
    assert names_in(tmp_path) == []


async def test_another_wrong_digest_changes_nothing_and_says_so(
    server: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        events = engine.events()
        before = only(engine)
        await expect(engine, parse_checksum("sha-256=" + "2b" * 32))
        async for event in events:
            if event.kind is EventKind.NOTE:
                break
        await idle(engine)
        assert event.message == "sha256 differs, too"
        assert (only(engine).status, only(engine).failure) == (Status.FAILED, before.failure)
    assert names_in(tmp_path) == ["file.bin.bad"]


async def test_a_bad_file_that_is_gone_is_told(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await fail(engine, server, tmp_path)
        (tmp_path / "file.bin.bad").unlink()
        events = engine.events()
        await expect(engine, RIGHT)
        async for event in events:
            if event.kind is EventKind.NOTE:
                break
        assert event.message == "nothing is kept of the file"
        assert only(engine).status is Status.FAILED


async def test_a_kept_file_is_opened_for_reading_only(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes, really_open = set[int](), os.open

    def note(path: str, flags: int, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith(".bad"):
            modes.add(flags & (os.O_RDWR | os.O_WRONLY))
        return really_open(path, flags, *args, **kwargs)

    async with running() as engine:
        await fail(engine, server, tmp_path)
        (tmp_path / "file.bin.bad").chmod(0o444)
        monkeypatch.setattr(os, "open", note)  # root may write it all the same
        await expect(engine, RIGHT)
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert names_in(tmp_path) == ["file.bin"]
    assert modes == {os.O_RDONLY}


async def test_a_check_cancelled_while_it_opens_the_file_leaves_it_closed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, fds = threading.Event(), threading.Event(), list[int]()
    really_open = os.open

    def slow(path: str, *args: Any, **kwargs: Any) -> int:
        fd = really_open(path, *args, **kwargs)
        if str(path).endswith(".bad"):
            fds.append(fd)
            begun.set()
            go_on.wait(PATIENCE_S)
        return fd

    async with running() as engine:
        await fail(engine, server, tmp_path)
        monkeypatch.setattr(os, "open", slow)
        download_id = only(engine).download_id
        engine.verify([download_id])
        assert await asyncio.to_thread(begun.wait, PATIENCE_S)
        engine.cancel([download_id], keep=True)
        await asyncio.sleep(0)  # the cancellation is on its way
        go_on.set()
        await idle(engine)
        await eventually(lambda: not only(engine).phase)
    assert fds
    for fd in fds:
        assert not is_open_on(fd, tmp_path / "file.bin.bad")


def is_open_on(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.stat())
    except OSError:
        return False
