"""A name is taken without replacing; only a file system without hard links is gone another way."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import names_in
from tui_downloader.engine.disk.renaming import link, move_without_replacing

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


def test_a_file_is_copied_to_another_file_system_and_gone_only_then(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_link, there = os.link, tmp_path / "there"

    def link(source: str, target: str, **options: Any) -> None:
        if os.path.dirname(source) != os.path.dirname(target):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        really_link(source, target, **options)

    monkeypatch.setattr(os, "link", link)
    there.mkdir()
    os.utime(source, ns=(1_000, 2_000))
    assert move_without_replacing(source, str(there / "file")) is True
    assert names_in(tmp_path) == ["there"]
    assert names_in(there) == ["file"]
    assert (there / "file").read_bytes() == b"data"
    # Whoever looks when it was written learns of no other time than before.
    assert (there / "file").stat().st_mtime_ns == 2_000
