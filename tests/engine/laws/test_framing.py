"""Where an answer begins and ends: heads, lengths, codings, and bodies that just stop."""

from __future__ import annotations

import os
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.one_file import FILE, HALF, SIZE, assert_whole
from tests.engine.running import get, log_of, names_in, running, sha256
from tests.program import running_get
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S
from tui_downloader.engine.disk import room
from tui_downloader.engine.network import body_faults, watching
from tui_downloader.model import retry
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path


# Heads.


async def test_a_first_byte_that_is_only_slow_is_waited_for(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "HEAD_S", 0.3)
    server.put("/file.bin", FILE, first_byte_delay_s=0.5)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert len(server.requests) == 1


async def test_a_first_byte_that_does_not_come_is_a_fault(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "FIRST_BYTE_S", 0.5)
    server.put("/file.bin", FILE).first(hold=True)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert len(server.requests) >= 2  # a busy machine may be as late with the second one


async def test_a_connection_that_has_answered_is_not_waited_for_longer(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "FIRST_BYTE_S", 0.5)
    server.put("/small.bin", b"small")
    server.put("/file.bin", FILE).first(hold=True)
    async with running() as engine:
        await get(engine, server.url("/small.bin"), tmp_path / "first")
        download = await get(engine, server.url("/file.bin"), tmp_path / "then")
    assert_whole(tmp_path / "then", download)
    answered, held, *_ = server.requests
    assert held.connection_id == answered.connection_id
    assert len(server.requests) >= 3


@pytest.mark.parametrize(
    "endless",
    [
        {"head_dribble_s": 0.02},
        {"informational": (100, 103), "informational_pause_s": 0.02},
    ],
    ids=["byte by byte", "1xx for ever"],
)
async def test_a_head_that_does_not_end_is_a_fault(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endless: dict[str, Any]
) -> None:
    monkeypatch.setattr(watching, "HEAD_S", 0.3)
    server.put("/file.bin", FILE).first(**endless)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert_whole(tmp_path, download)
    assert len(server.requests) >= 2
    assert "did not answer in time" in log


@pytest.mark.parametrize(
    "fields",
    [(b"X-Long: " + b"a" * 60_000,), tuple(b"X-%d: a" % n for n in range(900))],
    ids=["long", "many"],
)
async def test_a_large_head_is_read(
    server: Server, tmp_path: Path, fields: tuple[bytes, ...]
) -> None:
    server.put("/file.bin", FILE, extra_headers=fields)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


async def test_a_few_1xx_are_skipped(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, informational=(100, 102, 103))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


async def test_a_connection_serves_small_files_again_and_again(
    server: Server, tmp_path: Path
) -> None:
    """Watching a connection does not keep it from being used again."""
    async with running(jobs=1) as engine:
        for n in range(50):
            server.put(f"/{n}.bin", Pattern(1000 + n))
            await get(engine, server.url(f"/{n}.bin"), tmp_path)
    assert server.connections_total == 1
    assert all(sha256(tmp_path / f"{n}.bin") == Pattern(1000 + n).sha256() for n in range(50))


# Lengths.


@pytest.mark.parametrize(
    "length",
    ["negative", "not-a-number", "double", "double-equal", "list", "chunked-and-length"],
)
async def test_lengths_that_make_no_sense_are_refused_with_words_and_not_asked_again(
    server: Server, tmp_path: Path, length: str
) -> None:
    server.put("/file.bin", FILE, length=length)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "protocol")
    assert download.failure.message
    assert names_in(tmp_path) == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(("length", "code"), [("double", 1), ("double-equal", 0), ("list", 1)])
async def test_two_lengths_are_taken_only_if_equal_where_aiohttp_has_no_compiled_parser(
    server: Server, tmp_path: Path, length: str, code: int
) -> None:
    server.put("/file.bin", FILE, length=length)
    command = "-q", "-d", str(tmp_path), server.url("/file.bin")
    async with running_get(*command, AIOHTTP_NO_EXTENSIONS="1") as run:
        assert (await run.end()).code == code
    assert names_in(tmp_path) == ([] if code else ["file.bin"])


@pytest.mark.parametrize(
    ("spare_bytes", "words"),
    [
        (-1, "needs 2.00 MB, 3.05 MB free, 1.05 MB of them kept back"),
        (-room.RESERVE_BYTES, "needs 2.00 MB, 2.00 MB free, 1.05 MB of them kept back"),
        (-room.RESERVE_BYTES - 1, "needs 2.00 MB, 2.00 MB free"),
        (0, ""),
    ],
)
async def test_free_space_is_compared_less_a_reserve(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spare_bytes: int, words: str
) -> None:
    free_bytes = SIZE + room.RESERVE_BYTES + spare_bytes
    pretended = SimpleNamespace(f_bavail=free_bytes, f_bfree=free_bytes, f_blocks=0, f_frsize=1)
    monkeypatch.setattr(os, "statvfs", lambda _: pretended)
    server.put("/file.bin", FILE)
    async with running(space_patience_s=0.1) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    if spare_bytes >= 0:
        assert_whole(tmp_path, download)
        return
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "disk-full")
    assert download.failure.message.endswith(f": {words}")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("length", ["wrong-more", "wrong-less"])
async def test_a_length_that_contradicts_the_range_is_not_believed(
    server: Server, tmp_path: Path, length: str
) -> None:
    server.put("/file.bin", FILE).first(length=length)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.has_range for r in server.requests] == [True, False]


async def test_what_was_promised_and_did_not_come_is_missing(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, length="wrong-more", ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "truncated")
    assert "file.bin" not in names_in(tmp_path)
    assert len(server.requests) <= 2 + retry.TRIES_AFTER_BREAK


# At once what makes no sense comes with bytes that do; else it is waited for.
PACES = pytest.mark.parametrize("pace", [None, 2 * SIZE], ids=["at once", "bit by bit"])


@PACES
async def test_chunks_that_make_no_sense_are_asked_for_again_at_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pace: int | None
) -> None:
    """Nobody waits for what can come no more."""
    monkeypatch.setattr(body_faults, "SILENCE_S", 2 * PATIENCE_S)
    resource = server.put("/file.bin", FILE, length="chunked")
    resource.first(garble_after=HALF, throttle_bytes_per_s=pace)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = log_of(engine)
    assert re.search(r"the rest of the answer behind \S+ .B makes no sense", log), log
    assert_whole(tmp_path, download)
    assert server.resources["/file.bin"].sent_bytes < SIZE + HALF


@PACES
async def test_chunks_that_make_no_sense_do_not_where_aiohttp_has_no_compiled_parser(
    server: Server, tmp_path: Path, pace: int | None
) -> None:
    resource = server.put("/file.bin", FILE, length="chunked")
    resource.first(garble_after=HALF, throttle_bytes_per_s=pace)
    command = "-q", "-x", "1", "-d", str(tmp_path), server.url("/file.bin")
    async with running_get(*command, AIOHTTP_NO_EXTENSIONS="1") as run:
        assert (await run.end()).code == 0
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


# Statuses that are no file.


@pytest.mark.parametrize("body", [b"", b"preparing"])
async def test_202_means_come_back_later(server: Server, tmp_path: Path, body: bytes) -> None:
    server.put("/file.bin", FILE, status=202, fail_times=3, status_body=body)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert len(server.requests) == 4


async def test_202_for_ever_is_given_up(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, status=202)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "http-202")
    assert names_in(tmp_path) == []
    assert len(server.requests) == 1 + retry.TRIES_WHILE_BUSY
