"""Whole files over real sockets: every framing, every size, names and places."""

from __future__ import annotations

import gzip
import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import get, idle, names_in, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tui_downloader.model.download import Assurance, OnConflict
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

LARGE = Pattern(3_000_001)


@pytest.mark.parametrize("size", [0, 1, 1023, 65_536, 262_143, 262_144, 262_145, 5_000_000])
async def test_a_file_of_any_size_arrives_whole(server: Server, tmp_path: Path, size: int) -> None:
    file = Pattern(size)
    server.put("/file.bin", file)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert download.assurance is Assurance.COMPLETE
    assert sha256(tmp_path / "file.bin") == file.sha256()
    assert names_in(tmp_path) == ["file.bin"]


async def test_the_log_of_a_download_tells_its_steps(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", LARGE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        told = [words for _, words in engine.details(download.download_id).log]
    steps = [words.partition(":")[0] for words in told]
    assert steps == ["asks the server", "the server answered", "every byte is here", "finished"]


async def test_a_handshake_that_takes_its_time_can_be_seen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        async with running() as engine:
            engine.add([wanted(f"https://127.0.0.1:{mute.getsockname()[1]}/x.bin", tmp_path)])
            await seen(engine, lambda d: (d.status, d.phase) == (Status.CONNECTING, "TLS"))


@pytest.mark.parametrize("length", ["chunked", "until-close"])
@pytest.mark.parametrize("size", [0, 10, 3_000_001])
async def test_a_file_of_unknown_length_is_unchecked(
    server: Server, tmp_path: Path, length: str, size: int
) -> None:
    file = Pattern(size)
    server.put("/file.bin", file, length=length, ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert (download.status, download.assurance) == (Status.COMPLETED, Assurance.UNCHECKED)
    assert download.total_bytes == size
    assert sha256(tmp_path / "file.bin") == file.sha256()


async def test_the_first_request_is_the_data(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", LARGE)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    (request,) = server.requests
    assert (request.method, request.headers["range"]) == ("GET", "bytes=0-")
    assert request.headers["accept-encoding"] == "identity"


async def test_what_is_asked_for_is_decided_here_whatever_headers_are_given(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", LARGE)
    given = (("Range", "bytes=0-100"), ("if-none-match", "*"), ("X-Mine", "yes"))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, headers=given)
    assert download.status is Status.COMPLETED
    (request,) = server.requests
    assert (request.headers["range"], request.headers["x-mine"]) == ("bytes=0-", "yes")
    assert "if-none-match" not in request.headers


@pytest.mark.parametrize("status", [400, 403, 405, 416, 501])
async def test_a_server_that_dislikes_ranges_is_asked_once_plainly(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/file.bin", LARGE, ranges="refuse", range_status=status)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert [request.has_range for request in server.requests] == [True, False]
    assert sha256(tmp_path / "file.bin") == LARGE.sha256()


async def test_no_more_downloads_run_at_once_than_jobs(server: Server, tmp_path: Path) -> None:
    for n in range(12):
        server.put(f"/{n}.bin", Pattern(400_000 + n), hold=True)
    async with running(jobs=3) as engine:
        engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in range(12)])
        for done in range(0, 12, 3):
            await server.until(lambda: server.held_now == 3)
            assert len(server.requests) == done + 3
            server.release()
            await server.until(lambda: server.held_now == 0)
        downloads = await idle(engine)
    assert {d.status for d in downloads} == {Status.COMPLETED}
    for n in range(12):
        assert sha256(tmp_path / f"{n}.bin") == Pattern(400_000 + n).sha256()


async def test_hundreds_of_small_files_arrive_whole(server: Server, tmp_path: Path) -> None:
    for n in range(300):
        server.put(f"/{n:03}.bin", Pattern(1000 + n))
    async with running(jobs=16) as engine:
        engine.add([wanted(server.url(f"/{n:03}.bin"), tmp_path) for n in range(300)])
        downloads = await idle(engine)
    assert {d.status for d in downloads} == {Status.COMPLETED}
    assert names_in(tmp_path) == [f"{n:03}.bin" for n in range(300)]
    for n in range(300):
        assert sha256(tmp_path / f"{n:03}.bin") == Pattern(1000 + n).sha256()


@pytest.mark.parametrize("size", [100, 3_000_001])
async def test_two_downloads_of_one_name_get_two_files(
    server: Server, tmp_path: Path, size: int
) -> None:
    server.put("/a/Same.bin", Pattern(size, seed=1))
    server.put("/b/same.BIN", Pattern(size, seed=2))
    async with running() as engine:
        engine.add([wanted(server.url(f"/{p}"), tmp_path) for p in ("a/Same.bin", "b/same.BIN")])
        downloads = await idle(engine)
    assert {d.status for d in downloads} == {Status.COMPLETED}
    digests = {sha256(path) for path in tmp_path.iterdir()}
    assert digests == {Pattern(size, seed=1).sha256(), Pattern(size, seed=2).sha256()}
    assert len({name.casefold() for name in names_in(tmp_path)}) == 2


@pytest.mark.parametrize("size", [100, 3_000_001])
@pytest.mark.parametrize(
    ("policy", "status", "names"),
    [
        (OnConflict.RENAME, Status.COMPLETED, ["file (1).bin", "file.bin"]),
        (OnConflict.OVERWRITE, Status.COMPLETED, ["file.bin"]),
        (OnConflict.SKIP, Status.CANCELLED, ["file.bin"]),
        (OnConflict.ASK, Status.FAILED, ["file.bin"]),
    ],
)
async def test_a_file_of_that_name_is_treated_as_asked(
    server: Server, tmp_path: Path, size: int, policy: OnConflict, status: Status, names: list[str]
) -> None:
    (tmp_path / "file.bin").write_bytes(b"precious")
    server.put("/file.bin", Pattern(size))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, on_conflict=policy)
    assert download.status is status
    assert names_in(tmp_path) == names
    kept = (tmp_path / "file.bin").read_bytes() == b"precious"
    assert kept == (policy is not OnConflict.OVERWRITE)
    if policy is OnConflict.SKIP:
        assert download.failure is not None
        assert download.failure.code == "exists"
        assert download.failure.message == "skipped: file.bin exists already"


@pytest.mark.parametrize("size", [100, 3_000_001])
async def test_a_file_that_appears_meanwhile_is_not_replaced(
    server: Server, tmp_path: Path, size: int
) -> None:
    server.put("/file.bin", Pattern(size), stall_after=size // 2)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await server.until(lambda: server.held_now == 1)
        (tmp_path / "file.bin").write_bytes(b"precious")
        server.release()
        (download,) = await idle(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert (tmp_path / "file.bin").read_bytes() == b"precious"
    assert sha256(tmp_path / "file (1).bin") == Pattern(size).sha256()


@pytest.mark.parametrize("size", [100, 3_000_001])
async def test_a_number_that_makes_a_name_free_replaces_nothing(
    server: Server, tmp_path: Path, size: int
) -> None:
    for name in ("file.bin", "file (1).bin"):
        (tmp_path / name).write_bytes(name.encode())
    server.put("/a/file.bin", Pattern(size, seed=1))
    server.put("/b/file.bin", Pattern(size, seed=2))
    both = [
        wanted(server.url(f"/{path}/file.bin"), tmp_path, on_conflict=OnConflict.OVERWRITE)
        for path in "ab"
    ]
    async with running() as engine:
        engine.add(both)
        downloads = await idle(engine)
    assert {d.name for d in downloads} == {"file.bin", "file (2).bin"}
    assert (tmp_path / "file (1).bin").read_bytes() == b"file (1).bin"


async def test_the_user_answers_a_conflict(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin").write_bytes(b"old")
    server.put("/file.bin", Pattern(1000))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, on_conflict=OnConflict.ASK)
        assert download.failure is not None
        assert download.failure.code == "exists"
        engine.resolve_conflict([download.download_id], OnConflict.OVERWRITE)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == Pattern(1000).sha256()


async def test_the_server_names_the_file_within_limits(server: Server, tmp_path: Path) -> None:
    server.put(
        "/x", Pattern(10), content_disposition='attachment; filename="../../etc/pa\x07sswd.txt"'
    )
    async with running() as engine:
        download = await get(engine, server.url("/x"), tmp_path / "in")
    assert download.name == "passwd.txt"
    assert names_in(tmp_path) == ["in"]
    assert names_in(tmp_path / "in") == ["passwd.txt"]


@pytest.mark.parametrize("really", [True, False])
async def test_an_unasked_encoding_is_undone_once(
    server: Server, tmp_path: Path, really: bool
) -> None:
    file = Pattern(2_000_000)
    server.put("/t.bin", file, content_encoding="gzip", really_encoded=really, ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/t.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "t.bin") == file.sha256()
    assert names_in(tmp_path) == ["t.bin"]


async def test_an_archive_labelled_gzip_stays_as_it_is(server: Server, tmp_path: Path) -> None:
    archive = gzip.compress(b"inside" * 1000)
    server.put("/a.tar.gz", archive, content_encoding="gzip", really_encoded=False)
    async with running() as engine:
        await get(engine, server.url("/a.tar.gz"), tmp_path)
    assert (tmp_path / "a.tar.gz").read_bytes() == archive


async def test_a_limit_of_the_speed_is_kept_and_lifted_at_once(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", Pattern(30_000_000))
    async with running(limit_bytes_per_s=1_000_000) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await server.until(lambda: server.answers_now == 1)
        began = time.monotonic()
        await seen(engine, lambda d: d.done_bytes > 2_500_000)
        taken_s = time.monotonic() - began
        engine.set_limit(None)
        (download,) = await idle(engine)
    # 1 s of tokens, 250 ms of burst, and what had been read ahead of the first count.
    assert taken_s > 1.0
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == Pattern(30_000_000).sha256()
