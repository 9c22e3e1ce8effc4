"""Small files: whole under their names, with a trace beside them where a queue is to know."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import names_in
from tui_downloader.engine.disk import unnamed
from tui_downloader.engine.disk.destination import Destination, Skipped
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.owned_files import Finished, finished_earlier
from tui_downloader.engine.disk.part_files import delete
from tui_downloader.engine.disk.unnamed import Unnamed, open_unnamed
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError
from tui_downloader.model.passport import Passport
from tui_downloader.store import passports
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="only Linux can do this")


def destination(folder: Path, on_conflict: OnConflict = OnConflict.RENAME) -> Destination:
    return Destination(1, str(folder), on_conflict, Names())


def finish(name: str, where: Destination, data: bytes = b"new") -> str:
    """Write a file as a batch does; return the name that it got."""
    file = open_unnamed(name, where)
    assert file is not None
    file.write(data, 0)
    file.flush()
    try:
        assert file.take_name(where) == ()
    finally:
        file.close()
    return file.name


def test_nothing_is_in_the_folder_until_the_file_has_its_name(tmp_path: Path) -> None:
    file = open_unnamed("file.bin", destination(tmp_path))
    assert file is not None
    file.write(b"data", 0)
    file.flush()
    assert names_in(tmp_path) == []
    file.take_name(destination(tmp_path))
    file.close()
    assert names_in(tmp_path) == ["file.bin"]
    assert (tmp_path / "file.bin").read_bytes() == b"data"


def test_what_gets_no_name_is_gone_when_it_is_closed(tmp_path: Path) -> None:
    before = os.listdir("/proc/self/fd")
    file = open_unnamed("file.bin", destination(tmp_path))
    assert file is not None
    file.write(b"new", 0)
    file.close()
    assert names_in(tmp_path) == []
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_a_system_that_knows_no_such_files_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unnamed, "_OPEN", os.O_RDWR)
    assert open_unnamed("file.bin", destination(tmp_path)) is None


def test_without_proc_the_file_has_a_name_from_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unnamed, "OPEN_FILES", str(tmp_path / "nowhere"))
    assert open_unnamed("file.bin", destination(tmp_path)) is None


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert finish("file.bin", destination(tmp_path / "a" / "b")) == "file.bin"
    assert names_in(tmp_path / "a" / "b") == ["file.bin"]


def test_a_file_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(b"old")
    assert finish("file.bin", destination(tmp_path)) == "file (1).bin"
    assert (tmp_path / "file.bin").read_bytes() == b"old"
    assert (tmp_path / "file (1).bin").read_bytes() == b"new"


def test_a_link_to_nowhere_is_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "file.bin").symlink_to(tmp_path / "elsewhere")
    assert finish("file.bin", destination(tmp_path)) == "file (1).bin"
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]


def test_a_name_that_another_download_claimed_is_left_to_it(tmp_path: Path) -> None:
    where = destination(tmp_path)
    where.names.claim(str(tmp_path), "file.bin", 2)
    assert finish("file.bin", where) == "file (1).bin"


@pytest.mark.parametrize(
    ("on_conflict", "refused"), [(OnConflict.SKIP, Skipped), (OnConflict.ASK, DiskError)]
)
def test_the_choice_of_the_user_is_kept(
    tmp_path: Path, on_conflict: OnConflict, refused: type[Exception]
) -> None:
    (tmp_path / "file.bin").write_bytes(b"old")
    with pytest.raises(refused):
        finish("file.bin", destination(tmp_path, on_conflict))
    assert names_in(tmp_path) == ["file.bin"]


def test_permissions_are_those_of_any_new_file(tmp_path: Path) -> None:
    finish("file.bin", destination(tmp_path))
    (tmp_path / "other.bin").touch()
    assert (tmp_path / "file.bin").stat().st_mode == (tmp_path / "other.bin").stat().st_mode


def test_replacing_takes_the_way_over_a_partial(tmp_path: Path) -> None:
    assert open_unnamed("file.bin", destination(tmp_path, OnConflict.OVERWRITE)) is None


@pytest.mark.parametrize("name", ["file.bin.part", "file.bin.part.old"])
def test_a_partial_of_that_name_is_to_be_gone_on_with(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert open_unnamed("file.bin", destination(tmp_path)) is None


@pytest.mark.parametrize("code", [errno.EOPNOTSUPP, errno.EISDIR])
def test_a_file_system_that_cannot_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        assert open_unnamed("file.bin", destination(tmp_path)) is None


def test_a_folder_that_cannot_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refuse)
        with pytest.raises(PermissionError):
            open_unnamed("file.bin", destination(tmp_path))


# A queue is to know of it.

PASSPORT = Passport(
    ("http://host.example/file.bin",), "file.bin", 3, None, None, (), (), None, "boot", True
)


@contextmanager
def traced(name: str, where: Destination) -> Iterator[Unnamed]:
    """A flushed file that is to leave a trace."""
    file = open_unnamed(name, where, PASSPORT)
    assert file is not None
    file.write(b"new", 0)
    file.flush()
    try:
        yield file
    finally:
        file.close()


def test_its_trace_is_a_second_name_with_a_passport(tmp_path: Path) -> None:
    where = destination(tmp_path)
    with traced("file.bin", where) as file:
        leftovers = file.take_name(where)
    assert names_in(tmp_path) == ["file.bin", "file.bin.part", "file.bin.part.json"]
    assert (tmp_path / "file.bin.part").samefile(tmp_path / "file.bin")
    assert passports.read(str(tmp_path / "file.bin.part")) == PASSPORT
    assert finished_earlier(str(tmp_path / "file.bin")) == Finished(3, leftovers)
    delete(leftovers)
    assert names_in(tmp_path) == ["file.bin"]


def test_no_other_program_goes_on_with_it_meanwhile(tmp_path: Path) -> None:
    where = destination(tmp_path)
    with traced("file.bin", where) as file:
        file.take_name(where)
        other = os.open(tmp_path / "file.bin.part", os.O_RDWR)
        try:
            assert not lock_partial(other)
        finally:
            os.close(other)


@pytest.mark.parametrize("taken", ["file.bin", "file.bin.part"])
def test_of_a_name_that_was_taken_meanwhile_nothing_is_touched(tmp_path: Path, taken: str) -> None:
    where = destination(tmp_path)
    with traced("file.bin", where) as file:
        (tmp_path / taken).write_bytes(b"old")
        file.take_name(where)
    assert file.name == "file (1).bin"
    mine = ["file (1).bin", "file (1).bin.part", "file (1).bin.part.json"]
    assert names_in(tmp_path) == sorted([*mine, taken])
    assert (tmp_path / taken).read_bytes() == b"old"


def test_a_partial_that_came_meanwhile_keeps_its_passport(tmp_path: Path) -> None:
    where, part_path = destination(tmp_path), str(tmp_path / "file.bin.part")
    theirs = PASSPORT._replace(urls=("http://other.example/",), done=((0, 3),))
    with traced("file.bin", where) as file:
        (tmp_path / "file.bin.part").write_bytes(b"old")
        passports.write(part_path, theirs)
        file.take_name(where)
    assert file.name == "file (1).bin"
    assert passports.read(part_path) == theirs


def test_a_foreign_file_in_the_place_of_the_passport_is_left_alone(tmp_path: Path) -> None:
    where, foreign = destination(tmp_path), tmp_path / "file.bin.part.json"
    with traced("file.bin", where) as file:
        foreign.write_text("mine")
        file.take_name(where)
    assert file.name == "file (1).bin"
    assert open_unnamed("file.bin", destination(tmp_path), PASSPORT) is None
    assert foreign.read_text() == "mine"


@pytest.mark.parametrize("refused", ["file.bin", "file.bin.part"])
def test_what_does_not_get_both_names_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    where, link = destination(tmp_path), os.link

    def full(source: str, target: str, **how: Any) -> None:
        if os.path.basename(target) == refused:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        link(source, target, **how)

    monkeypatch.setattr(os, "link", full)
    with traced("file.bin", where) as file, pytest.raises(OSError, match="space"):
        file.take_name(where)
    assert names_in(tmp_path) == []
