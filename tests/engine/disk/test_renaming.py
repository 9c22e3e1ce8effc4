"""A name is taken without replacing; only a file system without hard links is gone another way."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from tests.engine.file_sizes import files_of_at_most
from tests.engine.running import names_in
from tui_downloader.engine.disk.renaming import (
    free_reserved,
    free_reserved_variant,
    link,
    move_without_replacing,
)

if TYPE_CHECKING:
    from pathlib import Path


def refuse(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the system answer every wish for a hard link so."""

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refused)


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "part"
    path.write_bytes(b"data")
    return str(path)


# Whether the system can rename without replacing in one step.
STEPS = pytest.mark.parametrize("in_one_step", [True, False])


def know_one_step(monkeypatch: pytest.MonkeyPatch, *, in_one_step: bool) -> None:
    if not in_one_step:
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())
    elif sys.platform != "linux":
        pytest.skip("only Linux is asked for it")


@STEPS
@pytest.mark.parametrize(
    "number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK]
)
def test_without_hard_links_the_file_is_renamed(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, in_one_step: bool
) -> None:
    refuse(monkeypatch, number)
    know_one_step(monkeypatch, in_one_step=in_one_step)
    assert not link(source, str(tmp_path / "file"))
    assert names_in(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"data"


def answer_to_one_step(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the system answer so when it is to rename without replacing, as FUSE does."""

    class Library:
        @staticmethod
        def renameat2(*_: Any) -> int:
            ctypes.set_errno(number)
            return -1

    monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: Library)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked for it")
@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOSYS])
def test_a_disk_that_can_do_neither_gets_its_file(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse(monkeypatch, errno.EPERM)
    answer_to_one_step(monkeypatch, number)
    assert not link(source, str(tmp_path / "file"))
    assert names_in(tmp_path) == ["file"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked for it")
def test_what_is_wrong_with_the_one_step_is_told(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, errno.EPERM)
    answer_to_one_step(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        link(source, str(tmp_path / "file"))
    assert names_in(tmp_path) == ["part"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux is asked for it")
def test_without_hard_links_no_crash_finds_an_empty_file_under_the_final_name(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes two steps can be killed between them."""
    refuse(monkeypatch, errno.EPERM)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    assert not link(source, str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"data"


@STEPS
def test_without_hard_links_nothing_is_replaced_either(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    refuse(monkeypatch, errno.EPERM)
    know_one_step(monkeypatch, in_one_step=in_one_step)
    with pytest.raises(FileExistsError):
        link(source, str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == b"old"
    assert (tmp_path / "part").read_bytes() == b"data"


@pytest.mark.parametrize(
    "number", [errno.EIO, errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ESTALE, errno.EDQUOT]
)
def test_a_refusal_of_another_kind_is_told_and_changes_nothing(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse(monkeypatch, number)
    with pytest.raises(OSError, match=os.strerror(number)):
        link(source, str(tmp_path / "file"))
    assert names_in(tmp_path) == ["part"]


def test_a_rename_that_fails_leaves_no_empty_file(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(monkeypatch, errno.EPERM)
    know_one_step(monkeypatch, in_one_step=False)

    def failing(*_: Any) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        link(source, str(tmp_path / "file"))
    assert names_in(tmp_path) == ["part"]


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on another file system."""
    really_link, there = os.link, tmp_path / "there"

    def link(source: str, target: str, **options: Any) -> None:
        if os.path.dirname(source) != os.path.dirname(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        really_link(source, target, **options)

    monkeypatch.setattr(os, "link", link)
    there.mkdir()
    return there


def test_a_file_is_copied_to_another_file_system_and_gone_only_then(
    source: str, tmp_path: Path, there: Path
) -> None:
    os.utime(source, ns=(1_000, 2_000))
    assert move_without_replacing(source, str(there / "file")) is True
    assert names_in(tmp_path) == ["there"]
    assert names_in(there) == ["file"]
    assert (there / "file").read_bytes() == b"data"
    # Whoever looks when it was written learns of no other time than before.
    assert (there / "file").stat().st_mtime_ns == 2_000


@STEPS
def test_a_file_is_copied_to_a_disk_without_hard_links(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_one_step: bool
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    know_one_step(monkeypatch, in_one_step=in_one_step)

    def refused(source: str, target: str, **_: Any) -> None:
        is_far = os.path.dirname(source) != os.path.dirname(target)
        number = errno.EXDEV if is_far else errno.EPERM
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refused)
    assert move_without_replacing(source, str(there / "file")) is True
    assert names_in(tmp_path) == ["there"]
    assert names_in(there) == ["file"]
    assert (there / "file").read_bytes() == b"data"


def test_a_copy_is_as_private_as_its_file_from_the_beginning(
    source: str, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    copy = shutil.copyfileobj

    def copying(original: BinaryIO, into: BinaryIO, length: int) -> None:
        modes.append(os.fstat(into.fileno()).st_mode & 0o777)
        copy(original, into, length)

    monkeypatch.setattr(shutil, "copyfileobj", copying)
    os.chmod(source, 0o600)
    move_without_replacing(source, str(there / "file"))
    assert modes == [0o600]
    assert (there / "file").stat().st_mode & 0o777 == 0o600


def test_a_copy_is_on_the_disk_before_it_has_its_name(
    source: str, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[tuple[list[str], int]] = []
    flush = os.fsync

    def fsync(fd: int) -> None:
        flushed.append((names_in(there), os.fstat(fd).st_size))
        flush(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    move_without_replacing(source, str(there / "file"))
    assert flushed == [(["file.copy"], len(b"data"))]


def test_a_copy_that_finds_no_room_leaves_nothing_there(
    source: str, tmp_path: Path, there: Path
) -> None:
    with files_of_at_most(2), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        move_without_replacing(source, str(there / "file"))
    assert names_in(there) == []
    assert (tmp_path / "part").read_bytes() == b"data"


def test_a_copy_replaces_nothing(source: str, tmp_path: Path, there: Path) -> None:
    (there / "file").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        move_without_replacing(source, str(there / "file"))
    assert names_in(there) == ["file"]
    assert (there / "file").read_bytes() == b"mine"
    assert (tmp_path / "part").read_bytes() == b"data"


@pytest.mark.parametrize("name", ["file.bin", "file (1).bin"])
def test_of_the_empty_files_only_the_one_goes_that_a_mark_tells_of(
    tmp_path: Path, name: str
) -> None:
    for each in ("file.bin", name, f"{name}.reserved"):
        (tmp_path / each).touch()
    free_reserved_variant(str(tmp_path / "file.bin"))
    assert names_in(tmp_path) == [each for each in ("file.bin",) if each != name]


@pytest.mark.parametrize("at_the_name", [None, b"", b"mine"])
@pytest.mark.parametrize("at_the_mark", [None, b"", b"mine"])
def test_a_reserved_name_is_freed_of_nothing_else(
    tmp_path: Path, at_the_name: bytes | None, at_the_mark: bytes | None
) -> None:
    content = {"file.bin": at_the_name, "file.bin.reserved": at_the_mark}
    for name, data in content.items():
        if data is not None:
            (tmp_path / name).write_bytes(data)
    free_reserved(str(tmp_path / "file.bin"))
    left = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    goes = [n for n, data in content.items() if data == b""] if at_the_mark == b"" else []
    assert left == {n: d for n, d in content.items() if d is not None and n not in goes}


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_file_is_no_reserved_name(tmp_path: Path, kind: str) -> None:
    (tmp_path / "own").touch()
    if kind == "link":
        (tmp_path / "file.bin").symlink_to("own")
    else:
        os.mkfifo(tmp_path / "file.bin")
    (tmp_path / "file.bin.reserved").touch()
    free_reserved(str(tmp_path / "file.bin"))
    assert names_in(tmp_path) == ["file.bin", "own"]
