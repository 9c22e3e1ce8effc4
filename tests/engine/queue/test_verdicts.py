"""What is said of a finished file is of the digest that is expected of it now."""

from __future__ import annotations

import asyncio
import base64
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.engine.hashing import Hashing
from tests.engine.running import (
    change,
    get,
    idle,
    log_of,
    names_in,
    only,
    running,
    seen,
    sha256,
    wanted,
)
from tests.server import Pattern
from tui_downloader.engine.transfer import checksum
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server import Server
    from tui_downloader.engine import Engine

FILE = Pattern(200_000)
RIGHT, WRONG = Checksum("sha-256", FILE.sha256()), Checksum("sha-256", "0" * 64)
RIGHT_MD5, WRONG_MD5 = Checksum("md5", FILE.digest("md5").hex()), Checksum("md5", "0" * 32)
VERIFIED, CHECKED, DIFFERS = Assurance.VERIFIED, Assurance.CHECKED, Assurance.DIFFERS


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hashing]:
    held = Hashing()
    monkeypatch.setattr(checksum, "leave_cache", held.slow)
    yield held
    held.may_go_on.set()


async def begin_comparing(
    engine: Engine, server: Server, folder: Path, hashing: Hashing, expected: Checksum
) -> None:
    """Get the file, expect a digest of it, and wait until it is being hashed."""
    server.put("/file.bin", FILE)
    await get(engine, server.url("/file.bin"), folder)
    change(engine, checksum=expected)
    await hashing.begins()


@pytest.mark.parametrize(
    ("first", "then", "at_once", "at_last"),
    [
        (RIGHT, WRONG, DIFFERS, DIFFERS),
        (WRONG, RIGHT, VERIFIED, VERIFIED),
        (RIGHT, None, None, None),
        (WRONG, None, None, None),
        # Of another kind nothing was computed yet: that is done without being asked for.
        (RIGHT, RIGHT_MD5, None, CHECKED),
        (RIGHT_MD5, WRONG, None, DIFFERS),
        (RIGHT, WRONG_MD5, None, DIFFERS),
    ],
)
async def test_another_digest_gets_a_verdict_of_its_own(
    server: Server,
    tmp_path: Path,
    first: Checksum,
    then: Checksum | None,
    at_once: Assurance | None,
    at_last: Assurance | None,
) -> None:
    server.put("/file.bin", FILE)
    queue, folder = tmp_path / "queue.db", tmp_path / "files"
    async with running(queue) as engine:
        await get(engine, server.url("/file.bin"), folder)
        change(engine, checksum=first)
        await idle(engine)
        change(engine, checksum=then)
        assert only(engine).assurance is at_once
        await idle(engine)
        assert only(engine).assurance is at_last
    async with running(queue) as engine:
        again = await seen(engine, lambda each: each.assurance is at_last)
    assert again.checked_by == ("" if at_last is None or then is None else then.algorithm)


async def test_what_was_announced_counts_again_when_the_users_digest_is_taken_back(
    server: Server, tmp_path: Path
) -> None:
    field = b"Content-MD5: " + base64.b64encode(FILE.digest("md5"))
    server.put("/file.bin", FILE, extra_headers=(field,))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert download.assurance is CHECKED
        change(engine, checksum=WRONG_MD5)
        assert only(engine).assurance is DIFFERS
        await idle(engine)
        change(engine, checksum=None)
        assert only(engine).assurance is CHECKED


@pytest.mark.parametrize("expected", [RIGHT, WRONG])
async def test_a_comparison_goes_on_behind_a_move_of_its_file(
    server: Server, tmp_path: Path, hashing: Hashing, expected: Checksum
) -> None:
    async with running() as engine:
        await begin_comparing(engine, server, tmp_path, hashing, expected)
        change(engine, name="other.bin")
        hashing.may_go_on.set()
        await idle(engine)
        assert only(engine).assurance is (VERIFIED if expected is RIGHT else DIFFERS)
        assert names_in(tmp_path) == ["other.bin"]


async def test_a_comparison_goes_on_at_the_next_start(
    server: Server, tmp_path: Path, hashing: Hashing
) -> None:
    queue, folder = tmp_path / "queue.db", tmp_path / "files"
    async with running(queue) as engine:
        await begin_comparing(engine, server, folder, hashing, WRONG)
        # Only once the end has begun, which waits for the slice.
        asyncio.get_running_loop().call_soon(hashing.may_go_on.set)
    with closing(QueueStore.open(queue)) as store:
        assert store.load()[0].checked_by == ""
    async with running(queue) as engine:
        again = await seen(engine, lambda each: each.checked_by != "")
    assert again.assurance is DIFFERS


async def test_a_digest_that_is_taken_back_is_not_compared_to_the_end(
    server: Server, tmp_path: Path, hashing: Hashing
) -> None:
    async with running() as engine:
        await begin_comparing(engine, server, tmp_path, hashing, WRONG)
        change(engine, checksum=None)
        hashing.may_go_on.set()
        await idle(engine)
        assert (only(engine).assurance, only(engine).phase) == (None, "")
        assert engine.details(1).computed_checksum == ""


@pytest.mark.parametrize("then", [RIGHT, RIGHT_MD5, None])
async def test_a_digest_that_is_changed_while_all_bytes_are_compared_costs_none_of_them(
    server: Server, tmp_path: Path, hashing: Hashing, then: Checksum | None
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, checksum=WRONG)])
        await hashing.begins()
        change(engine, checksum=then)
        hashing.may_go_on.set()
        (download,) = await idle(engine)
        assert download.status is Status.COMPLETED
        assert "differs" not in log_of(engine)
    assert server.resources["/file.bin"].sent_bytes == FILE.size
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_what_is_removed_meanwhile_is_not_compared_any_more(
    server: Server, tmp_path: Path, hashing: Hashing
) -> None:
    async with running() as engine:
        await begin_comparing(engine, server, tmp_path, hashing, WRONG)
        change(engine, name="other.bin")
        engine.remove([1], delete_file=True)
        hashing.may_go_on.set()
        await idle(engine)
    assert names_in(tmp_path) == []
    assert hashing.times == 1
