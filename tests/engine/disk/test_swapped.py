"""Another program puts its own file in the partial's place right before the final name is given.

A final name never holds anything but the file that was fetched, and what is not ours stays.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, idle, names_in, running, sha256
from tests.server import Pattern, Server
from tui_downloader.engine.clock import steady
from tui_downloader.engine.disk import unnamed, writer_process
from tui_downloader.engine.disk.destination import Destination
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.opening import open_new
from tui_downloader.engine.transfer.bad_files import keep
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError
from tui_downloader.model.passport import Passport
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_downloader.engine.disk.partial import Partial

URL = "http://host.invalid/file.bin"
DATA = bytes(Pattern(100_000))
FOREIGN = b"of another program"
FILE = Pattern(2_000_000)
CONFLICTS = pytest.mark.parametrize("on_conflict", [OnConflict.RENAME, OnConflict.OVERWRITE])

rename = os.rename


def put_over(part: Path) -> None:
    """Our file has no name any more."""
    part.with_suffix(".new").write_bytes(FOREIGN)
    rename(part.with_suffix(".new"), part)


def put_beside(part: Path) -> None:
    """Our file has another name."""
    rename(part, part.with_suffix(".elsewhere"))
    part.write_bytes(FOREIGN)


SWAPS = pytest.mark.parametrize("swap", [put_over, put_beside])


def whole(folder: Path, on_conflict: OnConflict) -> tuple[Partial, Destination, Passport]:
    """A partial that has every byte, and what finishing it needs."""
    destination = Destination(1, str(folder), on_conflict, Names())
    partial = open_new("file.bin", destination, URL)
    partial.write(DATA, 0)
    partial.done.add(0, len(DATA))
    done = partial.done.as_tuple()
    passport = Passport(
        (URL,), "file.bin", len(DATA), None, None, done, done, None, passports.boot_id(), True
    )
    return partial, destination, passport


def assert_left_alone(folder: Path) -> None:
    assert (folder / "file.bin.part").read_bytes() == FOREIGN
    assert "file.bin" not in names_in(folder)


def after(monkeypatch: pytest.MonkeyPatch, call: str, act: Callable[[], None]) -> None:
    """Let something happen once, right after the system has done this."""
    real, acts = getattr(os, call), [act]

    def done(*args: Any, **kwargs: Any) -> None:
        real(*args, **kwargs)
        if acts:
            acts.pop()()

    monkeypatch.setattr(os, call, done)


def before(monkeypatch: pytest.MonkeyPatch, call: str, target: Path, act: Any) -> None:
    """Let something happen once, right before the system is to give a file this name so."""
    real, acts = getattr(os, call), [act]

    def done(source: str, name: str, **kwargs: Any) -> None:
        if acts and name == str(target):
            acts.pop()()
        real(source, name, **kwargs)

    monkeypatch.setattr(os, call, done)


def know_paths_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on other systems than Linux: an open file cannot be told by its descriptor."""
    monkeypatch.setattr(writer_process, "OPEN_FILES", "/not there")


@CONFLICTS
@SWAPS
@pytest.mark.parametrize("step", ["", "fsync", "replace"], ids=["finish", "flush", "record"])
def test_what_took_the_name_of_a_partial_gets_no_final_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_conflict: OnConflict, swap: Any, step: str
) -> None:
    """Before finishing begins, while the content is flushed, once "finishing" is on record."""
    partial, destination, passport = whole(tmp_path, on_conflict)
    part = tmp_path / "file.bin.part"
    if step:
        after(monkeypatch, step, lambda: swap(part))
    else:
        swap(part)
    with pytest.raises(DiskError, match="removed or replaced"):
        partial.finish(passport, destination)
    partial.close()
    assert_left_alone(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux links an open file")
def test_linux_is_told_the_very_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial, destination, passport = whole(tmp_path, OnConflict.RENAME)
    part, file = tmp_path / "file.bin.part", tmp_path / "file.bin"
    before(monkeypatch, "link", file, lambda: put_beside(part))
    partial.finish(passport, destination)
    partial.close()
    assert file.read_bytes() == DATA
    assert part.read_bytes() == FOREIGN


@SWAPS
def test_what_was_linked_by_its_path_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    partial, destination, passport = whole(tmp_path, OnConflict.RENAME)
    know_paths_only(monkeypatch)
    before(monkeypatch, "link", tmp_path / "file.bin", lambda: swap(tmp_path / "file.bin.part"))
    # The first try is by the descriptor, and nothing is there for it.
    with pytest.raises(OSError, match="another file"):
        partial.finish(passport, destination)
    partial.close()
    assert_left_alone(tmp_path)


@SWAPS
def test_what_was_renamed_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    """On a file system that has no second names."""
    partial, destination, passport = whole(tmp_path, OnConflict.RENAME)
    swaps = [swap]

    def refused(*_: Any, **__: Any) -> None:
        if swaps:
            swaps.pop()(tmp_path / "file.bin.part")
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refused)
    with pytest.raises(OSError, match="another file"):
        partial.finish(passport, destination)
    partial.close()
    assert_left_alone(tmp_path)


@SWAPS
def test_what_replaced_a_file_is_looked_at_and_that_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    partial, destination, passport = whole(tmp_path, OnConflict.OVERWRITE)
    destination = destination._replace(undo_until=steady() + 600)
    file = tmp_path / "file.bin"
    file.write_bytes(b"my own")
    before(monkeypatch, "replace", file, lambda: swap(tmp_path / "file.bin.part"))
    with pytest.raises(OSError, match="another file"):
        partial.finish(passport, destination)
    partial.close()
    assert file.read_bytes() == b"my own"
    assert (tmp_path / "file.bin.part").read_bytes() == FOREIGN
    assert "file.bin.replaced" not in names_in(tmp_path)


@SWAPS
def test_what_took_the_name_of_a_partial_is_not_kept_as_our_bad_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    partial, _, _ = whole(tmp_path, OnConflict.RENAME)
    know_paths_only(monkeypatch)
    before(monkeypatch, "link", tmp_path / "file.bin.bad", lambda: swap(tmp_path / "file.bin.part"))
    with pytest.raises(OSError, match="another file"):
        keep(partial)
    partial.close()
    assert_left_alone(tmp_path)
    assert "file.bin.bad" not in names_in(tmp_path)


# The whole engine.


@SWAPS
async def test_a_download_that_lost_its_partial_at_the_end_says_so_and_can_be_had(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    server.put("/file.bin", FILE)
    part = tmp_path / "file.bin.part"
    after(monkeypatch, "fsync", lambda: swap(part))
    async with running() as engine:
        failed = await get(engine, server.url("/file.bin"), tmp_path)
        assert failed.failure is not None
        assert (failed.status, failed.failure.code) == (Status.FAILED, "disk")
        assert "removed or replaced" in failed.failure.message
        assert_left_alone(tmp_path)
        engine.resume([failed.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / download.name) == FILE.sha256()


@SWAPS
async def test_a_small_file_that_lost_its_partial_at_the_end_says_so_and_can_be_had(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    """Where no file can be without a name, a small one has a partial from the start."""
    monkeypatch.setattr(unnamed, "OPEN_FILES", str(tmp_path / "nowhere"))
    small, folder, swaps = Pattern(1000), tmp_path / "to", [swap]
    server.put("/file.bin", small)
    swap_when_flushed(monkeypatch, folder / "file.bin.part", swaps)
    async with running(tmp_path / "queue.db") as engine:
        failed = await get(engine, server.url("/file.bin"), folder)
        assert not swaps
        assert failed.failure is not None
        assert (failed.status, failed.failure.code) == (Status.FAILED, "disk")
        assert_left_alone(folder)
        engine.resume([failed.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(folder / download.name) == small.sha256()
    assert (folder / "file.bin.part").read_bytes() == FOREIGN


@SWAPS
@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux can do this")
async def test_a_small_file_that_has_its_name_is_whole_whatever_becomes_of_its_partial(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    small, folder, swaps = Pattern(1000), tmp_path / "to", [swap]
    server.put("/file.bin", small)
    swap_when_flushed(monkeypatch, folder / "file.bin.part", swaps)
    async with running(tmp_path / "queue.db") as engine:
        download = await get(engine, server.url("/file.bin"), folder)
    assert not swaps
    assert download.status is Status.COMPLETED
    assert sha256(folder / "file.bin") == small.sha256()
    assert (folder / "file.bin.part").read_bytes() == FOREIGN


def swap_when_flushed(monkeypatch: pytest.MonkeyPatch, part: Path, swaps: list[Any]) -> None:
    """Do this to a partial in the first flush that finds it there."""
    real = os.fsync

    def fsync(fd: int) -> None:
        real(fd)
        if swaps and part.exists():
            swaps.pop()(part)

    monkeypatch.setattr(os, "fsync", fsync)


@SWAPS
async def test_a_foreign_file_as_large_as_ours_is_not_believed_to_be_a_copy(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    """Its record says that every byte is there, and it was never seen to be put down."""
    server.put("/file.bin", FILE)
    part = tmp_path / "file.bin.part"
    record, swaps = tmp_path / "file.bin.part.json", [swap]
    real = os.replace

    def replace(source: str, target: str) -> None:
        real(source, target)
        if swaps and b'"finishing": true' in record.read_bytes():
            swaps.pop()(part)
            part.write_bytes(b"x" * FILE.size)

    monkeypatch.setattr(os, "replace", replace)
    async with running() as engine:
        failed = await get(engine, server.url("/file.bin"), tmp_path)
        assert failed.status is Status.FAILED
        assert not swaps
        engine.resume([failed.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / download.name) == FILE.sha256()


@SWAPS
async def test_what_took_the_name_of_a_partial_before_that_was_tidied_up_stays(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Any
) -> None:
    server.put("/file.bin", FILE)
    part, file = tmp_path / "file.bin.part", tmp_path / "file.bin"
    after(monkeypatch, "link", lambda: swap(part))
    async with running(tmp_path / "queue.db") as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        await engine.flush()
    assert download.status is Status.COMPLETED
    assert sha256(file) == FILE.sha256()
    assert part.read_bytes() == FOREIGN
    assert not (tmp_path / "file.bin.part.json").exists()
