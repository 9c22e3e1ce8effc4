"""A disk that is unplugged while a file comes, and comes back: ext4 on a loop device."""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.running import names_in, sha256
from tests.program import Ended, running_get
from tests.server import Pattern, Server
from tests.waiting import eventually
from tui_downloader.model.ranges import RangeSet
from tui_downloader.store import passports

MIB = 1 << 20
FILE = Pattern(24 * MIB)
# On a slow disk, the system writes in whatever order it likes: here, the end of the file first.
SLOW = f"""
import os, sys
from tui_downloader import cli

def advise(fd, start, n_bytes, advice, advise=os.posix_fadvise):
    if start >= {8 * MIB}:
        advise(fd, start, n_bytes, advice)

os.posix_fadvise = advise
sys.exit(cli.main())
"""
# Of Linux: nothing more gets to the disk, also of what the system still has to write.
SHUTDOWN, AT_ONCE = 0x8004587D, struct.pack("I", 2)


class Stick:
    """A disk with a file system, which can be pulled.

    Args:
        image: a file, for what is on it.
        place: where it is mounted.
    """

    def __init__(self, image: Path, place: Path) -> None:
        self.place = place
        place.mkdir()
        with image.open("wb") as file:
            file.truncate(64 * MIB)
        _run("mkfs.ext4", "-q", "-F", image)
        self._device = _run("losetup", "--find", "--show", image).strip()

    def plug_in(self) -> None:
        _run("mount", self._device, self.place)

    def pull(self) -> None:
        fd = os.open(self.place, os.O_RDONLY)
        fcntl.ioctl(fd, SHUTDOWN, AT_ONCE)
        os.close(fd)

    def unmount(self) -> None:
        _run("umount", self.place)

    def throw_away(self) -> None:
        subprocess.run(["umount", self.place], capture_output=True, check=False)
        _run("losetup", "--detach", self._device)


def _run(*words: str | Path) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def stick(tmp_path: Path) -> Iterator[Stick]:
    has_tools = all(shutil.which(each) for each in ("mkfs.ext4", "losetup", "mount"))
    if sys.platform != "linux" or not has_tools or os.geteuid() != 0:
        pytest.skip("needs Linux, root and the tools of ext4")
    try:
        made = Stick(tmp_path / "image", tmp_path / "stick")
    except subprocess.CalledProcessError:
        pytest.skip("this system makes no loop devices")
    try:
        made.plug_in()
        yield made
    finally:
        made.throw_away()


def done_bytes(folder: Path) -> int:
    passport = passports.read(str(folder / "file.bin.part"))
    return 0 if passport is None else RangeSet.from_pairs(passport.done).total


async def test_what_never_got_to_a_disk_that_was_pulled_is_fetched_again(
    server: Server, stick: Stick
) -> None:
    server.put("/file.bin", FILE).first(throttle_bytes_per_s=8 * MIB)
    words = ("--quiet", "-x", "1", "-d", str(stick.place), server.url("/file.bin"))
    async with running_get(*words, program=("-c", SLOW)) as run:
        await eventually(lambda: done_bytes(stick.place) >= 14 * MIB)
        stick.pull()
        ended = await run.end()
    assert ended.code == 1
    assert "Input/output error" in ended.err
    stick.unmount()
    stick.plug_in()
    async with running_get(*words) as run:
        assert await run.end() == Ended(0, "", "")
    assert sha256(stick.place / "file.bin") == FILE.sha256()
    assert set(names_in(stick.place)) == {"file.bin", "lost+found"}
