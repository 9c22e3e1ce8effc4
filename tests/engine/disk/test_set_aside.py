"""`NAME.part.old` is ours only with its record: what else has that name stays as it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.engine.crafting import leave_part
from tests.engine.running import get, idle, names_in, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tui_downloader.engine.disk import opening, set_aside
from tui_downloader.engine.disk.destination import Destination
from tui_downloader.engine.disk.moving import give_second_names, take_away, to_be_moved
from tui_downloader.engine.disk.names import Names
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError
from tui_downloader.model.passport import Passport
from tui_downloader.model.status import Status
from tui_downloader.store import passports
from tui_downloader.store.identities import sample_of

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 2_000_000
FILE, OTHER = Pattern(SIZE), Pattern(SIZE, seed=9)
MINE = b"mine"


async def test_a_file_of_the_user_with_the_name_of_an_old_part_survives_a_completion(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE // 2))
    (tmp_path / "file.bin.part.old").write_bytes(MINE)
    async with running() as engine:
        done = await get(engine, server.url("/file.bin"), tmp_path)
    assert done.status is Status.COMPLETED
    assert names_in(tmp_path) == ["file.bin", "file.bin.part.old"]
    assert (tmp_path / "file.bin.part.old").read_bytes() == MINE


async def test_what_was_set_aside_of_another_address_survives_a_completion(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    other = leave_part(tmp_path, resource, server.url("/other"), (0, SIZE // 2), content=OTHER)
    set_aside.set_aside(str(tmp_path / "file.bin.part"), other)
    async with running() as engine:
        done = await get(engine, server.url("/file.bin"), tmp_path)
    assert done.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert (tmp_path / "file.bin.part.old").read_bytes() == OTHER[: SIZE // 2]
    assert passports.read(str(tmp_path / "file.bin.part.old")) is not None


@pytest.mark.parametrize("ending", [".old", ".old.json"])
async def test_a_file_of_the_user_is_not_replaced_by_a_part_set_aside(
    server: Server, tmp_path: Path, ending: str
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE // 2))
    resource.replace(OTHER)
    before = (tmp_path / "file.bin.part").read_bytes()
    (tmp_path / f"file.bin.part{ending}").write_bytes(MINE)
    async with running() as engine:
        failed = await get(engine, server.url("/file.bin"), tmp_path)
        assert failed.failure is not None
        assert failed.failure.message.startswith(f"file.bin.part{ending} is in the way")
    assert (tmp_path / f"file.bin.part{ending}").read_bytes() == MINE
    assert (tmp_path / "file.bin.part").read_bytes() == before


@pytest.mark.parametrize("content", [FILE, OTHER])
@pytest.mark.parametrize("step", ["write", "replace", "delete"])
async def test_a_kill_while_a_part_is_set_aside_leaves_nothing_behind(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, content: Pattern
) -> None:
    resource = server.put("/file.bin", FILE)
    known = leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE // 2))
    kill_after(step, str(tmp_path / "file.bin.part"), monkeypatch)
    with pytest.raises(Killed):
        set_aside.set_aside(str(tmp_path / "file.bin.part"), known)
    monkeypatch.undo()
    if content is OTHER:
        resource.replace(OTHER)
    async with running() as engine:
        done = await get(engine, server.url("/file.bin"), tmp_path)
    assert done.status is Status.COMPLETED
    assert names_in(tmp_path) == ["file.bin"]
    assert sha256(tmp_path / "file.bin") == content.sha256()


async def test_a_part_that_was_set_aside_moves_along_though_a_kill_left_no_new_one(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    known = leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE // 2))
    set_aside.set_aside(str(tmp_path / "file.bin.part"), known)
    old_path, new_path = str(tmp_path / "file.bin"), str(tmp_path / "to" / "other.bin")
    files = to_be_moved(old_path, new_path, Status.PAUSED)
    take_away(old_path, give_second_names(files, old_path, new_path))
    assert names_in(tmp_path) == ["to"]
    assert names_in(tmp_path / "to") == ["other.bin.part.old", "other.bin.part.old.json"]


def test_only_what_is_ours_counts_as_the_parts_of_a_file(server: Server, tmp_path: Path) -> None:
    resource, path = server.put("/file.bin", FILE), str(tmp_path / "file.bin")
    assert set_aside.parts_of([path]) == {}
    known = leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE // 2))
    assert set_aside.parts_of([path]) == {path: (SIZE // 2, 0)}
    set_aside.set_aside(path + ".part", known)
    assert set_aside.parts_of([path]) == {path: (0, SIZE // 2)}
    (tmp_path / "file.bin.part.old").rename(tmp_path / "away")
    (tmp_path / "file.bin.part.old").write_bytes(MINE)
    assert set_aside.parts_of([path]) == {}


@pytest.mark.parametrize("is_same_size", [False, True])
async def test_a_file_that_took_the_name_of_an_old_part_is_the_users(
    server: Server, tmp_path: Path, is_same_size: bool
) -> None:
    resource = server.put("/file.bin", FILE).first(stall_after=1000)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE // 2))
    old = tmp_path / "file.bin.part.old"
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)], paused=True)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == 1000)
        mine = bytes(old.stat().st_size) if is_same_size else MINE
        old.rename(tmp_path / "looked at")
        old.write_bytes(mine)
        os.utime(old, ns=(0, (tmp_path / "looked at").stat().st_mtime_ns))
        server.release()
        (done,) = await idle(engine)
    assert done.status is Status.COMPLETED
    assert old.read_bytes() == mine
    assert names_in(tmp_path) == ["file.bin", "file.bin.part.old", "looked at"]


async def test_a_part_that_was_replaced_is_neither_set_aside_nor_deleted(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE // 2))
    part_path = str(tmp_path / "file.bin.part")
    partial = opening.adopt(
        part_path, Destination(1, str(tmp_path), OnConflict.RENAME, Names()), None
    )
    assert partial is not None
    (tmp_path / "mine").write_bytes(MINE)
    os.replace(tmp_path / "mine", part_path)
    assert partial.record is not None
    with pytest.raises(DiskError, match="was removed or replaced"):
        partial.start_over(partial.record, keep_until_bytes=0)
    partial.close()
    assert (tmp_path / "file.bin.part").read_bytes() == MINE
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]


class Killed(BaseException):
    """The program ends here."""


def kill_after(step: str, part_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing happen any more once this step of setting a part aside is done."""
    owner = os if step == "replace" else passports
    really = getattr(owner, step)

    def last(*args: object) -> None:
        really(*args)
        if str(args[0]).startswith(part_path) and not str(args[0]).endswith(".tmp"):
            raise Killed

    monkeypatch.setattr(owner, step, last)


def test_a_part_without_a_record_is_set_aside_with_what_is_known_of_it(tmp_path: Path) -> None:
    part = tmp_path / "file.bin.part"
    part.write_bytes(b"x" * 100)
    known = Passport(("u",), "file.bin", 200, None, None, ((0, 100),), (), None, "boot")
    set_aside.set_aside(str(part), known)
    record = set_aside.old_record(str(part))
    assert record is not None
    assert record.done == ((0, 100),)


def test_an_old_part_that_somebody_wrote_to_is_the_users(tmp_path: Path) -> None:
    """Its sample may be the same: it tells a copy, not what became of the file itself."""
    part, old = tmp_path / "file.bin.part", tmp_path / "file.bin.part.old"
    part.write_bytes(b"x" * 100)
    known = Passport(("u",), "file.bin", 200, None, None, ((0, 100),), (), None, "boot")
    with part.open("rb") as file:
        sample = sample_of(file.fileno(), known.done)
    set_aside.set_aside(str(part), known._replace(sample=sample))
    assert str(old) in set_aside.old_files(str(part))
    later_ns = old.stat().st_mtime_ns + 60_000_000_000
    os.utime(old, ns=(later_ns, later_ns))
    assert str(old) not in set_aside.old_files(str(part))


def test_what_is_no_file_is_on_no_record(tmp_path: Path) -> None:
    known = Passport(("u",), "file.bin", 200, None, None, ((0, 100),), (), None, "boot")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder"):
        assert not set_aside.is_recorded(str(tmp_path / name), known)
    assert set_aside.is_recorded(str(tmp_path / "nothing"), known)
