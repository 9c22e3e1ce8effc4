"""Small files of a run without a queue: whole under their names, and nothing beside them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.engine.running import names_in
from tui_downloader.engine.disk import unnamed
from tui_downloader.engine.disk.destination import Destination, Skipped
from tui_downloader.engine.disk.unnamed import open_unnamed
from tui_downloader.engine.transfer.names import Names
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError

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


def test_a_partial_of_that_name_is_to_be_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").touch()
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
