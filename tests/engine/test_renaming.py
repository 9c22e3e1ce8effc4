"""A name is taken without replacing; only a file system without hard links is gone another way."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import names_in
from tui_downloader.engine.renaming import link, move_without_replacing

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


@pytest.mark.parametrize(
    "number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK]
)
def test_without_hard_links_the_name_is_reserved_first(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse(monkeypatch, number)
    assert not link(source, str(tmp_path / "file"))
    assert names_in(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"data"


def test_without_hard_links_nothing_is_replaced_either(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"old")
    refuse(monkeypatch, errno.EPERM)
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
    refuse(monkeypatch, errno.EXDEV)
    assert move_without_replacing(source, str(tmp_path / "file")) is True
    assert names_in(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"data"
