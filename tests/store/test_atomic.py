"""A small file is replaced as a whole, or stays as it was."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tui_downloader.store.atomic import sync_folder, temporary_path, write_atomic

# Writes a file for ever, one byte more each time, and says when it has begun.
WRITER = """
import sys
from tui_downloader.store.atomic import write_atomic
size = 0
while True:
    write_atomic(sys.argv[1], b"x" * 200_000 + b"%d" % size, flush=False)
    if size == 0:
        print("begun", flush=True)
    size += 1
"""

IGNORE = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.json"


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("flush", [True, False])
def test_a_file_is_made_and_replaced(file: Path, flush: bool) -> None:
    for data in (b"", b"old", b"new content"):
        write_atomic(str(file), data, flush=flush)
        assert file.read_bytes() == data
    assert list(file.parent.iterdir()) == [file]


def test_a_name_without_a_folder_is_in_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_atomic("file.json", b"here")
    assert (tmp_path / "file.json").read_bytes() == b"here"


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_permissions_are_those_asked_for(file: Path, mode: int) -> None:
    file.write_bytes(b"old")
    file.chmod(0o666)
    write_atomic(str(file), b"new", mode=mode)
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_by_default_it_is_for_the_user_alone(file: Path) -> None:
    write_atomic(str(file), b"new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_a_killed_run_left_is_replaced(file: Path) -> None:
    Path(temporary_path(str(file))).write_bytes(b"half of a")
    write_atomic(str(file), b"new")
    assert file.read_bytes() == b"new"
    assert list(file.parent.iterdir()) == [file]


def test_a_link_in_the_way_is_not_followed(file: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    Path(temporary_path(str(file))).symlink_to(precious)
    write_atomic(str(file), b"new")
    assert precious.read_bytes() == b"precious"
    assert not file.is_symlink()


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "inside").mkdir(parents=True)
    before = open_descriptors()
    with pytest.raises(OSError, match="folder"):
        write_atomic(str(folder), b"new")
    assert list(tmp_path.iterdir()) == [folder]
    assert open_descriptors() == before


def test_the_old_content_stays_when_the_new_cannot_be_written(file: Path) -> None:
    write_atomic(str(file), b"old")
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); {IGNORE}"
    code = f"{limit}; from tui_downloader.store.atomic import write_atomic as w; w({str(file)!r}, "
    failed = subprocess.run(
        [sys.executable, "-c", f"{code}bytes(5000))"], capture_output=True, text=True
    )
    assert "File too large" in failed.stderr
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomic(str(tmp_path / "missing" / "file"), b"new")


def test_the_temporary_is_hidden_beside_the_file() -> None:
    assert temporary_path("/a/b.json") == "/a/.b.json.tmp"
    assert temporary_path("b.json") == ".b.json.tmp"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the kernel is asked to keep, in order: "file", "rename" and "folder"."""
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def seen_fsync(fd: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        done.append("folder" if is_folder else f"file of {os.fstat(fd).st_size}")
        fsync(fd)

    def seen_replace(source: str, target: str) -> None:
        done.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", seen_fsync)
    monkeypatch.setattr(os, "replace", seen_replace)
    return done


def test_a_power_cut_finds_the_old_or_the_new_content(file: Path, steps: list[str]) -> None:
    write_atomic(str(file), b"x" * 100)
    assert steps == ["file of 100", "rename", "folder"]


def test_without_flushing_nothing_is_waited_for(file: Path, steps: list[str]) -> None:
    write_atomic(str(file), b"x" * 100, flush=False)
    assert steps == ["rename"]


def test_syncing_a_folder_leaks_nothing(tmp_path: Path) -> None:
    before = open_descriptors()
    sync_folder(str(tmp_path))
    assert open_descriptors() == before


def test_a_reader_never_sees_a_mixture(file: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        for _ in range(200):
            data = file.read_bytes()
            assert data.startswith(b"x" * 200_000)
            assert data[200_000:].isdigit()
        writer.send_signal(signal.SIGKILL)
    assert file.read_bytes()[200_000:].isdigit()
