"""Partials and records that were touched, are no plain files, or cannot be believed."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part, write_ranges
from tests.engine.one_file import FILE, HALF, OTHER, SIZE, assert_whole, half_way
from tests.engine.running import at_rest, get, idle, names_in, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tui_downloader.engine.disk import opening
from tui_downloader.model.download import OnConflict
from tui_downloader.model.identity import Identity
from tui_downloader.model.status import Status
from tui_downloader.store import passports, progress_notes
from tui_downloader.store.file_systems import mount_of
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from pathlib import Path


OVERLAP = 64 * 1024


# A partial that somebody else touched.


def cut(part: Path) -> None:
    os.truncate(part, 100_000)


def swap(part: Path) -> None:
    part.with_suffix(".new").write_bytes(bytes(HALF))
    os.replace(part.with_suffix(".new"), part)


@pytest.mark.parametrize("harm", [os.unlink, cut, swap])
async def test_a_partial_that_is_harmed_meanwhile_is_noticed_before_the_next_write(
    server: Server, tmp_path: Path, harm: Any
) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        harm(tmp_path / "file.bin.part")
        harmed = (tmp_path / "file.bin.part").read_bytes() if harm is not os.unlink else b"nothing"
        server.release()
        (download,) = await idle(engine)
        assert download.failure is not None
        assert (download.status, download.failure.code) == (Status.FAILED, "disk")
        assert "while it was written" in download.failure.message
        assert "file.bin" not in names_in(tmp_path)
        if harm is not os.unlink:
            assert (tmp_path / "file.bin.part").read_bytes() == harmed
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / download.name) == FILE.sha256()


@pytest.mark.parametrize("harm", [os.unlink, swap])
async def test_nothing_is_recorded_beside_what_has_the_place_of_a_partial_by_now(
    server: Server, tmp_path: Path, harm: Any
) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        harm(tmp_path / "file.bin.part")
        (tmp_path / "file.bin.part.json").unlink()
        left = names_in(tmp_path)
        engine.pause([key])
        await at_rest(engine)
        assert names_in(tmp_path) == left


@pytest.mark.parametrize("harm", [os.unlink, cut])
async def test_a_partial_that_was_harmed_during_a_pause_is_noticed(
    server: Server, tmp_path: Path, harm: Any
) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        engine.pause([key])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        harm(tmp_path / "file.bin.part")
        engine.resume([key])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    if harm is cut:  # what is left of it is still good
        assert server.requests[1].range_start == 100_000 - 64 * 1024


async def test_what_was_cut_off_is_on_record_no_more_when_it_goes_on(
    server: Server, tmp_path: Path
) -> None:
    """What lies further on makes the file longer again: after a kill, zeros would be believed."""
    resource = server.put("/file.bin", FILE, stall_after=OVERLAP + 1000)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    cut(tmp_path / "file.bin.part")
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes > 100_000)
        record = passports.read(str(tmp_path / "file.bin.part"))
        engine.pause([key])
        await at_rest(engine)
    assert record is not None
    assert record.durable == ((0, 100_000),)
    assert all(end <= 101_000 for _, end in record.done)


async def test_a_partial_that_vanishes_right_before_its_final_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fsync

    def fsync(fd: int) -> None:
        real(fd)
        (tmp_path / "file.bin.part").unlink(missing_ok=True)

    monkeypatch.setattr(os, "fsync", fsync)
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.FAILED
    assert "file.bin" not in names_in(tmp_path)


async def test_completeness_is_judged_by_ranges_and_not_by_the_size_of_the_file(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, 700_000), (900_000, SIZE))
    os.truncate(tmp_path / "file.bin.part", SIZE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


async def test_a_partial_longer_than_the_file_does_not_make_a_longer_file(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    os.truncate(tmp_path / "file.bin.part", SIZE + 12_345)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


# Names that are no plain files.


def symlink(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def dangling(path: Path, victim: Path) -> None:
    path.symlink_to(victim.with_name("not there"))


def fifo(path: Path, victim: Path) -> None:
    os.mkfifo(path)


def directory(path: Path, victim: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("trap", [symlink, fifo])
async def test_a_record_lends_no_belief_to_what_is_no_file(
    server: Server, tmp_path: Path, trap: Any
) -> None:
    """The passport is right, and in place of the partial lies something else."""
    resource = server.put("/file.bin", FILE)
    folder = tmp_path / "to"
    folder.mkdir()
    leave_part(folder, resource, server.url("/file.bin"), (0, HALF))
    victim = tmp_path / "victim"
    (folder / "file.bin.part").rename(victim)
    before = victim.read_bytes()
    trap(folder / "file.bin.part", victim)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), folder)
    assert victim.read_bytes() == before
    assert download.status is Status.COMPLETED
    assert sha256(folder / download.name) == FILE.sha256()
    assert not (folder / download.name).is_symlink()


@pytest.mark.parametrize("size", [1000, SIZE])
@pytest.mark.parametrize("trap", [symlink, dangling, fifo, directory])
@pytest.mark.parametrize("name", ["file.bin", "file.bin.part", ".file.bin.part.json.tmp"])
async def test_nothing_is_written_through_what_is_no_file(
    server: Server, tmp_path: Path, size: int, trap: Any, name: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "to"
    folder.mkdir()
    trap(folder / name, victim)
    server.put("/file.bin", Pattern(size))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), folder)
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "not there").exists()
    if name.endswith(".tmp") and trap is directory:
        assert download.status in (Status.FAILED, Status.COMPLETED)
    else:
        assert download.status is Status.COMPLETED
    if download.status is Status.COMPLETED:
        assert sha256(folder / download.name) == Pattern(size).sha256()
        assert not (folder / download.name).is_symlink()


@pytest.mark.parametrize("trap", [symlink, dangling, fifo, directory])
@pytest.mark.parametrize("size", [1000, SIZE])
async def test_overwriting_replaces_files_only(
    server: Server, tmp_path: Path, size: int, trap: Any
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "to"
    folder.mkdir()
    trap(folder / "file.bin", victim)
    server.put("/file.bin", Pattern(size))
    async with running() as engine:
        download = await get(
            engine, server.url("/file.bin"), folder, on_conflict=OnConflict.OVERWRITE
        )
    assert victim.read_bytes() == b"precious"
    assert download.status is Status.COMPLETED
    assert sha256(folder / download.name) == Pattern(size).sha256()


async def test_a_symlink_that_appears_meanwhile_is_not_followed(
    server: Server, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "to"
    async with running() as engine:
        await half_way(server, folder, engine)
        (folder / "file.bin").symlink_to(victim)
        server.release()
        (download,) = await idle(engine)
    assert victim.read_bytes() == b"precious"
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert sha256(folder / "file (1).bin") == FILE.sha256()


async def test_decoding_goes_through_no_symlink(server: Server, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    folder = tmp_path / "to"
    folder.mkdir()
    for name in ("file.bin.part.decoded", ".file.bin.part.tmp"):
        (folder / name).symlink_to(victim)
    server.put("/file.bin", FILE, content_encoding="gzip", ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), folder)
    assert victim.read_bytes() == b"precious"
    assert download.status is Status.COMPLETED
    assert sha256(folder / "file.bin") == FILE.sha256()


# Records that cannot be believed.


def torn(passport: Path) -> None:
    passport.write_bytes(passport.read_bytes()[:40])


def empty(passport: Path) -> None:
    passport.write_bytes(b"")


def newer(passport: Path) -> None:
    passport.write_text(passport.read_text().replace('"version": 1', '"version": 99'))


def zeros(passport: Path) -> None:
    passport.write_bytes(bytes(300))


@pytest.mark.parametrize("harm", [torn, empty, newer, zeros])
async def test_a_record_that_cannot_be_read_is_kept_aside_and_named(
    server: Server, tmp_path: Path, harm: Any, caplog: pytest.LogCaptureFixture
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    harm(tmp_path / "file.bin.part.json")
    record = (tmp_path / "file.bin.part.json").read_bytes()
    part = (tmp_path / "file.bin.part").read_bytes()
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / download.name) == FILE.sha256()
    assert (tmp_path / "file.bin.part.json.bad").read_bytes() == record
    assert (tmp_path / "file.bin.part").read_bytes() == part
    assert "file.bin.part.json.bad" in caplog.text


@pytest.mark.parametrize("harm", [torn, empty, newer])
async def test_a_record_without_its_partial_is_kept_aside_when_it_cannot_be_read(
    server: Server, tmp_path: Path, harm: Any
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    (tmp_path / "file.bin.part").unlink()
    harm(tmp_path / "file.bin.part.json")
    record = (tmp_path / "file.bin.part.json").read_bytes()
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert (download.status, download.name) == (Status.COMPLETED, "file.bin")
    assert (tmp_path / "file.bin.part.json.bad").read_bytes() == record


@pytest.mark.parametrize("size", [1000, SIZE])
@pytest.mark.parametrize("part", [None, b"", b"of the user"])
@pytest.mark.parametrize("text", ['{"my": "own data"}', '{"version": 3}', "notes", "[]"])
async def test_a_file_of_the_user_with_the_name_of_a_record_is_never_touched(
    server: Server, tmp_path: Path, size: int, part: bytes | None, text: str
) -> None:
    (tmp_path / "file.bin.part.json").write_text(text)
    if part is not None:
        (tmp_path / "file.bin.part").write_bytes(part)
    server.put("/file.bin", Pattern(size))
    async with running(tmp_path / "queue.db") as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        engine.remove([download.download_id], delete_file=True)
        await idle(engine)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin.part.json").read_text() == text
    if part is not None:
        assert (tmp_path / "file.bin.part").read_bytes() == part
    assert not [name for name in names_in(tmp_path) if name.endswith(".bad")]


async def test_a_link_in_place_of_a_record_is_not_replaced(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    record = tmp_path / "file.bin.part.json"
    record.rename(tmp_path / "elsewhere")
    record.symlink_to(tmp_path / "elsewhere")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / download.name) == FILE.sha256()
    assert record.is_symlink()


async def test_a_record_without_its_partial_promises_nothing(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    (tmp_path / "file.bin.part").unlink()
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


async def test_a_partial_of_an_earlier_run_is_adopted_by_its_address(
    server: Server, tmp_path: Path
) -> None:
    """Also under a name that the server would not give it, and after the queue was lost."""
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), name="mine.iso")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert (download.status, download.name) == (Status.COMPLETED, "mine.iso")
    assert sha256(tmp_path / "mine.iso") == FILE.sha256()
    assert server.requests[0].range_start == HALF - OVERLAP


async def test_a_partial_of_another_address_is_left_alone(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, "http://elsewhere.invalid/file.bin", (0, HALF), content=OTHER)
    part = (tmp_path / "file.bin.part").read_bytes()
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert (tmp_path / "file.bin.part").read_bytes() == part
    assert sha256(tmp_path / "file (1).bin") == FILE.sha256()


async def test_a_partial_that_another_program_finishes_meanwhile_is_its_own(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had the partial locked when it was found, and gave it its name before that was over."""
    resource = server.put("/file.bin", FILE)
    url, part = server.url("/file.bin"), tmp_path / "file.bin.part"
    record = leave_part(tmp_path, resource, url, (0, SIZE))
    passports.write(str(part), record._replace(file=Identity(part.stat().st_ino)))

    def finish(fd: int) -> bool:
        if part.exists():
            part.rename(tmp_path / "file.bin")
            passports.delete(str(part))
        return lock_partial(fd)

    monkeypatch.setattr(opening, "lock_partial", finish)
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]
    assert {sha256(path) for path in tmp_path.iterdir()} == {FILE.sha256()}


def note(part: Path, seal: str, *ranges: tuple[int, int]) -> None:
    with part.open("r+b") as file:
        if not progress_notes.write(file.fileno(), passports.boot_id(), ranges, [seal]):
            pytest.skip("no extended attributes here")


async def test_a_note_on_the_file_tells_what_came_after_its_passport(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    part = tmp_path / "file.bin.part"
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, 300_000), seal="5ea1")
    write_ranges(part, FILE, [(0, HALF)])
    note(part, "5ea1", (0, HALF))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[0].range_start == HALF - OVERLAP


async def test_a_note_of_before_the_disk_was_pulled_out_does_not_count(
    server: Server, tmp_path: Path
) -> None:
    """What had reached the system only is gone, though the same system runs."""
    if not mount_of(tmp_path.stat().st_dev):
        pytest.skip("nobody tells one mount from the next here")
    resource = server.put("/file.bin", FILE)
    part, url = tmp_path / "file.bin.part", server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, 300_000), seal="5ea1", mount="the one before")
    os.truncate(part, HALF)
    note(part, "5ea1", (0, HALF))
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[0].range_start == 300_000 - OVERLAP


async def test_a_note_on_the_file_counts_with_its_own_inode_only(
    server: Server, tmp_path: Path
) -> None:
    """A copy of a partial carries the note along and not the bytes, should it be sparse."""
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, 300_000), seal="5ea1", file=None)
    part = tmp_path / "file.bin.part"
    os.truncate(part, SIZE)
    note(part, "5ea1", (0, SIZE))
    shutil.copy2(part, tmp_path / "copy")
    os.replace(tmp_path / "copy", part)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[0].range_start == 300_000 - OVERLAP


@pytest.mark.parametrize("copy", [shutil.copyfile, shutil.copy2])
@pytest.mark.parametrize("seal", ["0lder", "5ea1"])
async def test_an_older_copy_of_a_pair_counts_as_what_its_passport_says(
    server: Server, tmp_path: Path, copy: Any, seal: str
) -> None:
    """Copied over the files it keeps their inodes, and so the note of what came later."""
    resource = server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    backup, folder = tmp_path / "backup", tmp_path / "to"
    backup.mkdir()
    folder.mkdir()
    older = ((0, 100_000), (HALF, HALF + 100_000), (SIZE - 200_000, SIZE))
    leave_part(backup, resource, url, *older, seal=seal)
    leave_part(folder, resource, url, (0, 100_000), (HALF, SIZE), seal="5ea1")
    note(folder / "file.bin.part", "5ea1", (0, 100_000), (HALF, SIZE))
    for path in backup.iterdir():
        if seal == "5ea1":  # a copy made between two passports, copied back some time later
            copied_at_s = path.stat().st_mtime + (60 if copy is shutil.copyfile else -60)
            os.utime(path, (copied_at_s, copied_at_s))
            shutil.copy2(path, folder / path.name)
        else:
            copy(path, folder / path.name)
    async with running() as engine:
        download = await get(engine, url, folder)
    assert_whole(folder, download)


async def test_a_download_that_is_put_down_leaves_no_note(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        note(tmp_path / "file.bin.part", "5ea1", (0, SIZE))
        engine.pause([key])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        await idle(engine)
    assert progress_notes.NAME not in os.listxattr(tmp_path / "file.bin.part")


async def test_a_finished_file_bears_no_note(server: Server, tmp_path: Path) -> None:
    async with running() as engine:
        await half_way(server, tmp_path, engine)
        note(tmp_path / "file.bin.part", "5ea1", (0, HALF))
        server.release()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert progress_notes.NAME not in os.listxattr(tmp_path / "file.bin")


async def test_bytes_of_other_content_in_a_partial_are_seen_by_comparing(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    passport = leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    write_ranges(tmp_path / "file.bin.part", OTHER, [(0, HALF)])
    passports.write(str(tmp_path / "file.bin.part"), passport)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
