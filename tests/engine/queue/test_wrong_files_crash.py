"""kill -9 while files with a wrong digest move: each is in one place, and on record there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.disk.moving_crash import crashed, found
from tests.engine.queue.two_wrong_files import FILE, OTHER, fail
from tests.engine.running import at_rest, only, running, sha256
from tests.server import Server
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ["file (1).bin.bad", "file.bin.bad"]


async def assert_once(queue: Path, folders: Sequence[Path]) -> Path:
    """The next start has each in one place and knows it; return the folder."""
    async with running(queue) as engine:
        await at_rest(engine)
        failed = only(engine)
        assert failed.status is Status.FAILED
        assert found(*folders) == NAMES
        assert sorted(Path(kept.path).name for kept in failed.kept_as) == NAMES
        (folder,) = {Path(kept.path).parent for kept in failed.kept_as}
        assert {sha256(folder / name) for name in NAMES} == {FILE.sha256(), OTHER.sha256()}
        engine.remove([failed.download_id], delete_file=True)
        await engine.deleted([failed.download_id])
    assert found(*folders) == []
    return folder


@pytest.mark.parametrize("when", range(1, 9))
async def test_a_crash_within_a_disk_leaves_each_once(
    server: Server, tmp_path: Path, here: Path, there: Path, when: int
) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, here)
    await crashed(queue, there, "link", when)
    await assert_once(queue, (here, there))


@pytest.mark.parametrize("when", range(1, 20))
async def test_a_crash_between_two_disks_leaves_each_once(
    server: Server, tmp_path: Path, here: Path, elsewhere: Path, when: int
) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, here)
    await crashed(queue, elsewhere, "copy", when)
    await assert_once(queue, (here, elsewhere))


@pytest.mark.parametrize("when", [1, 2])
async def test_a_copy_that_a_crash_cut_short_is_gone(
    server: Server, tmp_path: Path, here: Path, elsewhere: Path, when: int
) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, here)
    await crashed(queue, elsewhere, "half a copy", when)
    assert any(name.endswith(".copy") for name in found(elsewhere, elsewhere))
    assert await assert_once(queue, (here, elsewhere)) == here


async def test_what_the_user_puts_where_a_copy_was_to_go_stays(
    server: Server, tmp_path: Path, here: Path, elsewhere: Path
) -> None:
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        await fail(engine, server, here)
    await crashed(queue, elsewhere, "half a copy", 1)
    for name in ("file.bin.bad", "file.bin.bad.copy"):
        (elsewhere / name).write_bytes(b"mine")
    async with running(queue) as engine:
        await at_rest(engine)
        assert {Path(kept.path) for kept in only(engine).kept_as} == {here / each for each in NAMES}
    assert {path.read_bytes() for path in elsewhere.iterdir()} == {b"mine"}
    assert len(list(elsewhere.iterdir())) == 2
