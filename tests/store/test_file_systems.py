"""Which file system a path is on, by a table of mounts as Linux writes it; whether it was away."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tui_downloader.store import file_systems

if TYPE_CHECKING:
    from pathlib import Path

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home rw - btrfs /dev/sdb rw,subvol=/home
41 22 0:51 / /mnt/far\\040away rw,relatime shared:2 - nfs4 far:/away rw
42 22 0:52 / /mnt/stick rw - tmpfs none rw
43 42 0:53 / /mnt/stick rw master:7 propagate_from:2 - vfat /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("path", "keeps"),
    [
        ("/x", True),
        ("/", True),
        ("/home/x/y", True),
        ("/homes/x", True),
        ("/mnt/far away", False),
        ("/mnt/far away/x", False),
        ("/mnt/far away too/x", True),
        ("/mnt/stick/x", False),
    ],
)
def test_the_nearest_mount_on_top_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, keeps: bool
) -> None:
    (tmp_path / "mounts").write_text(TABLE)
    monkeypatch.setattr(file_systems, "MOUNTS_FILE", str(tmp_path / "mounts"))
    assert file_systems.keeps_times(path) is keeps


def test_without_a_table_nobody_can_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_systems, "MOUNTS_FILE", str(tmp_path / "none"))
    assert not file_systems.keeps_times("/x")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the system tells of a mounted disk, the one that `tmp_path` is on."""
    device = os.stat(tmp_path).st_dev
    devices = tmp_path / "dev"
    told = tmp_path / "devices" / "sdz1"
    (tmp_path / "fs" / "ext4" / "sdz1").mkdir(parents=True)
    told.mkdir(parents=True)
    devices.mkdir()
    (devices / f"{os.major(device)}:{os.minor(device)}").symlink_to(told)
    monkeypatch.setattr(file_systems, "_DEVICES", str(devices))
    monkeypatch.setattr(file_systems, "_MOUNTED", str(tmp_path / "fs"))
    return told


@pytest.mark.skipif(os.name != "posix", reason="devices have no numbers there")
@pytest.mark.parametrize("folder", ["devices", "fs/ext4"], ids=["plugged in", "mounted"])
def test_a_disk_that_is_back_is_told_from_one_that_stayed(
    tmp_path: Path, disk: Path, folder: str
) -> None:
    device = os.stat(tmp_path).st_dev
    mount = file_systems.mount_of(device)
    assert file_systems.mount_of(device) == mount != ""
    told = tmp_path / folder / disk.name
    told.rename(tmp_path / "before")
    told.mkdir()
    assert file_systems.mount_of(device) not in (mount, "")


@pytest.mark.skipif(os.name != "posix", reason="devices have no numbers there")
def test_of_what_has_no_device_nobody_can_say_whether_it_was_away(
    tmp_path: Path, disk: Path
) -> None:
    assert file_systems.mount_of(os.stat(tmp_path).st_dev + 1) == ""
