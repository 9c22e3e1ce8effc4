"""A folder that is asked for is made, or it is said why not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tui_downloader.store.folders import problem_with_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "er"
    assert problem_with_folder(str(folder)) == ""
    assert folder.is_dir()
    assert problem_with_folder(str(folder)) == ""


def test_what_cannot_be_a_folder_is_refused_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "file").touch()
    assert problem_with_folder(f"{tmp_path}/file") == "~/file cannot be made: File exists"
    assert "Not a directory" in problem_with_folder(f"{tmp_path}/file/below")
    assert problem_with_folder(f"{tmp_path}/a\0b").startswith("no folder can be called ")


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no /proc")
def test_a_file_system_that_takes_no_folder_is_named() -> None:
    assert problem_with_folder("/proc/nope").startswith("/proc/nope cannot be made: ")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_that_may_not_be_written_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    tmp_path.chmod(0o500)
    assert problem_with_folder(str(tmp_path)) == "~ cannot be written to"
    assert "Permission denied" in problem_with_folder(str(tmp_path / "new"))
