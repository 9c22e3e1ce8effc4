"""Bodies without a length, and codings that nobody asked for."""

from __future__ import annotations

import asyncio
import errno
import gzip
import os
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, OTHER, SIZE, assert_whole
from tests.engine.running import get, idle, names_in, running, sha256
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S
from tui_downloader.engine.disk import decoding
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import Assurance
from tui_downloader.model.status import Status
from tui_downloader.store.lock import lock_partial

# Bodies without a length.


@pytest.mark.parametrize("ranges", ["ignore", "yes"])
async def test_a_body_that_was_closed_in_good_order_is_unchecked(
    server: Server, tmp_path: Path, ranges: str
) -> None:
    server.put("/file.bin", FILE, length="until-close", ranges=ranges)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    # A Content-Range tells the size, even when no Content-Length does.
    known = ranges == "yes"
    assert download.assurance is (Assurance.COMPLETE if known else Assurance.UNCHECKED)
    assert download.total_bytes == SIZE


async def test_over_tls_a_closing_notice_is_the_good_order(
    tls_server: Server, tmp_path: Path
) -> None:
    tls_server.put("/file.bin", FILE, length="until-close", ranges="ignore")
    async with running(insecure=True) as engine:
        download = await get(engine, tls_server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert len(tls_server.requests) == 1


@pytest.mark.parametrize("after", [0, 1000, 300_000, SIZE - 1])
async def test_a_reset_is_no_end_of_a_body_without_a_length(
    server: Server, tmp_path: Path, after: int
) -> None:
    server.put("/file.bin", FILE, length="until-close", ranges="ignore").first(
        length="until-close", ranges="ignore", reset_after=after
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert len(server.requests) >= 2


@pytest.mark.parametrize("fault", ["close_after", "reset_after"])
async def test_over_tls_a_cut_is_no_end_of_a_body_without_a_length(
    tls_server: Server, tmp_path: Path, fault: str
) -> None:
    tls_server.put("/file.bin", FILE, length="until-close", ranges="ignore").first(
        length="until-close", ranges="ignore", **{fault: HALF}
    )
    async with running(insecure=True) as engine:
        download = await get(engine, tls_server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert len(tls_server.requests) >= 2


@pytest.mark.parametrize("fault", ["close_after", "reset_after"])
@pytest.mark.parametrize("length", ["content-length", "chunked"])
async def test_over_tls_a_cut_is_continued(
    tls_server: Server, tmp_path: Path, fault: str, length: str
) -> None:
    tls_server.put("/file.bin", FILE).first(length=length, **{fault: HALF})
    async with running(insecure=True) as engine:
        download = await get(engine, tls_server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


async def test_a_chunked_body_without_its_last_chunk_is_not_whole(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, ranges="ignore", length="chunked", last_chunk=False)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.FAILED
    assert "file.bin" not in names_in(tmp_path)


async def test_a_part_of_an_untold_whole_is_asked_for_its_rest(
    server: Server, tmp_path: Path
) -> None:
    """206 with bytes 0-n/*: there may be more, which only the next request shows."""
    resource = server.put("/file.bin", FILE, ranges="star-total")
    resource.first(raw=star_total_head(HALF) + FILE[:HALF])
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[1].range_start is not None
    assert server.requests[1].range_start <= HALF


def star_total_head(length: int) -> bytes:
    return (
        f"HTTP/1.1 206 Partial Content\r\nContent-Length: {length}\r\n"
        f"Content-Range: bytes 0-{length - 1}/*\r\n\r\n"
    ).encode()


@pytest.mark.parametrize("length", ["chunked", "until-close"])
async def test_a_body_without_a_length_is_verified_only_by_a_digest(
    server: Server, tmp_path: Path, length: str
) -> None:
    server.put("/file.bin", FILE, length=length, ranges="ignore", repr_digest="right")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED


# Codings that nobody asked for.


@pytest.mark.parametrize("cut_bytes", [1, 8, 100_000])
async def test_a_truncated_gzip_is_an_error(server: Server, tmp_path: Path, cut_bytes: int) -> None:
    packed = gzip.compress(bytes(FILE), 1)[:-cut_bytes]
    server.put("/file.bin", packed, content_encoding="gzip", really_encoded=False, ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert download.status is Status.FAILED
    assert "file.bin" not in names_in(tmp_path)
    assert not [name for name in names_in(tmp_path) if "decoded" in name]


@pytest.mark.parametrize("where", [20, 1000])
async def test_a_damaged_gzip_is_an_error(server: Server, tmp_path: Path, where: int) -> None:
    packed = bytearray(gzip.compress(bytes(FILE), 1))
    packed[where] ^= 0xFF
    server.put(
        "/file.bin", bytes(packed), content_encoding="gzip", really_encoded=False, ranges="ignore"
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "protocol")
    assert "file.bin" not in names_in(tmp_path)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "GZip"])
async def test_a_coding_is_undone_once_at_the_end(
    server: Server, tmp_path: Path, coding: str
) -> None:
    inner = gzip.compress(bytes(FILE), 1)  # a file that is gzip itself stays so
    packed = zlib.compress(inner) if coding == "deflate" else gzip.compress(inner, 1)
    server.put("/file.bin", packed, content_encoding=coding, really_encoded=False, ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == inner


async def test_several_gzip_members_are_one_file(server: Server, tmp_path: Path) -> None:
    packed = gzip.compress(FILE[:HALF], 1) + gzip.compress(FILE[HALF:], 1)
    server.put("/file.bin", packed, content_encoding="gzip", really_encoded=False, ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


def member_of(packed_bytes: int) -> bytes:
    """Make a gzip member of exactly so many bytes."""
    filling_bytes = packed_bytes
    while len(packed := gzip.compress(bytes(FILE[:filling_bytes]), 0)) > packed_bytes:
        filling_bytes -= len(packed) - packed_bytes
    return packed


@pytest.mark.parametrize("before_border", [0, 1, 2])
async def test_a_gzip_member_may_begin_anywhere(
    server: Server, tmp_path: Path, before_border: int
) -> None:
    packed = member_of(decoding.BLOCK_BYTES - before_border) + gzip.compress(b"the end")
    assert packed[decoding.BLOCK_BYTES - before_border :].startswith(b"\x1f\x8b")
    server.put("/file.bin", packed, content_encoding="gzip", really_encoded=False, ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == gzip.decompress(packed)


async def test_what_unpacks_to_very_much_is_decoded_in_bounded_pieces(
    server: Server, tmp_path: Path
) -> None:
    unpacked_bytes = 100_000_000
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1_000_000)
    bomb = b"".join(packer.compress(zeros) for _ in range(100)) + packer.flush()
    server.put("/file.bin", bomb, content_encoding="gzip", really_encoded=False, ranges="ignore")
    async with running() as engine:
        tracemalloc.start()
        try:
            download = await get(engine, server.url("/file.bin"), tmp_path)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").stat().st_size == unpacked_bytes
    assert peak_bytes < 20_000_000


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "aes\x1b[2Jgcm"])
async def test_a_coding_that_cannot_be_undone_is_refused_with_words(
    server: Server, tmp_path: Path, coding: str
) -> None:
    server.put("/file.bin", FILE, content_encoding=coding, really_encoded=False)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "protocol")
    assert download.failure.message.isprintable()
    assert "file.bin" not in names_in(tmp_path)


@pytest.mark.parametrize("name", ["none", "binary", "UTF-8", "8bit", "aws-chunked", "identity"])
@pytest.mark.parametrize("connections", [1, 4])
async def test_what_is_no_coding_is_nothing_to_undo(
    server: Server, tmp_path: Path, name: str, connections: int
) -> None:
    server.put("/file.bin", FILE, content_encoding=name).first(
        content_encoding=name, close_after=HALF
    )
    async with running(connections=connections) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert all(r.range_start for r in server.requests[1:])  # it went on


@pytest.mark.parametrize("codings", [["gzip"], ["chunked", "gzip"], ["identity", "gzip"]])
async def test_a_transfer_coding_of_gzip_is_refused(tmp_path: Path, codings: list[str]) -> None:
    is_left = asyncio.Event()
    lines = "".join(f"Transfer-Encoding: {each}\r\n" for each in codings)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode())
        writer.write(gzip.compress(b"inside" * 1000))
        await reader.read()
        is_left.set()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as far, running() as engine:
        url = f"http://127.0.0.1:{far.sockets[0].getsockname()[1]}/file.bin"
        download = await get(engine, url, tmp_path)
        async with asyncio.timeout(PATIENCE_S):
            await is_left.wait()
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "protocol")
    assert names_in(tmp_path) == []


async def test_an_encoded_file_is_continued_as_it_was_sent(server: Server, tmp_path: Path) -> None:
    """What is counted and kept are the bytes on the wire; the coding is undone at the end."""
    server.put("/file.bin", FILE, content_encoding="gzip", ranges="ignore").first(
        content_encoding="gzip", ranges="ignore", close_after=HALF
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


async def test_an_encoded_file_that_is_all_here_is_still_decoded_by_the_next_run(
    server: Server, tmp_path: Path
) -> None:
    """A crash between the last byte and the decoding leaves this."""
    resource = server.put("/file.bin", FILE, content_encoding="gzip")
    packed = resource.version.gzipped
    leave_part(
        tmp_path,
        resource,
        server.url("/file.bin"),
        (0, packed.size),
        content=packed,
        total_bytes=packed.size,
        content_encoding="gzip",
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


def leave_decoded(folder: Path, server: Server, inner: bytes, **fields: Any) -> None:
    """Leave a partial that was decoded already, as a crash before the final name does."""
    resource = server.put("/file.bin", inner, content_encoding="gzip")
    whole = (0, len(inner))
    leave_part(folder, resource, server.url("/file.bin"), whole, decoded=True, **fields)


INNER = gzip.compress(bytes(SIZE), 0)  # it looks encoded still


async def test_an_encoded_file_that_was_decoded_already_is_not_decoded_again(
    server: Server, tmp_path: Path
) -> None:
    leave_decoded(tmp_path, server, INNER)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == INNER
    assert server.requests == []


async def test_a_decoded_file_that_has_not_taken_its_name_yet_takes_it(
    server: Server, tmp_path: Path
) -> None:
    leave_decoded(tmp_path, server, INNER)
    part = tmp_path / "file.bin.part"
    part.rename(tmp_path / ".file.bin.part.tmp")
    part.write_bytes(gzip.compress(INNER))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == INNER
    assert names_in(tmp_path) == ["file.bin"]
    assert server.requests == []


@pytest.mark.parametrize("way", ["of another size", "with a name elsewhere", "held by another"])
async def test_a_strange_file_is_not_taken_for_the_decoded_one(
    server: Server, tmp_path: Path, way: str
) -> None:
    folder, strange = tmp_path / "downloads", bytes(len(INNER) - (way == "of another size"))
    folder.mkdir()
    leave_decoded(folder, server, INNER)
    beside = folder / ".file.bin.part.tmp"
    beside.write_bytes(strange)
    if way == "with a name elsewhere":
        os.link(beside, tmp_path / "mine.bin")
    with beside.open() as file:
        if way == "held by another":
            assert lock_partial(file.fileno())
        async with running() as engine:
            download = await get(engine, server.url("/file.bin"), folder)
    assert download.status is Status.COMPLETED
    assert (folder / "file.bin").read_bytes() == INNER
    assert not (tmp_path / "mine.bin").exists() or (tmp_path / "mine.bin").read_bytes() == strange
    assert server.requests == []


async def test_what_was_decoded_is_locked_until_it_has_its_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", FILE, content_encoding="gzip")
    finish, locked = Partial.finish, []

    def watched(partial: Partial, *rest: Any) -> tuple[str, ...]:
        with (tmp_path / "file.bin.part").open() as file:
            locked.append(not lock_partial(file.fileno()))
        return finish(partial, *rest)

    monkeypatch.setattr(Partial, "finish", watched)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert locked == [True]


async def test_what_was_decoded_is_not_decoded_again_when_it_could_not_take_its_name(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", INNER, content_encoding="gzip")
    finish, faults = Partial.finish, [OSError(errno.EIO, "input/output error")]

    def refused_once(partial: Partial, *rest: Any) -> tuple[str, ...]:
        if faults:
            raise faults.pop()
        return finish(partial, *rest)

    monkeypatch.setattr(Partial, "finish", refused_once)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert download.status is Status.FAILED
        asked = len(server.requests)
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == INNER
    assert len(server.requests) == asked


async def test_a_file_is_recorded_as_decoded_when_it_is_flushed_and_before_it_has_its_place(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a crash nobody asks for its bytes again, or decodes it a second time."""
    flushed: dict[int, int] = {}  # bytes by inode
    as_decoded: list[bool] = []
    steps: list[str] = []
    real_fsync, real_replace, target = os.fsync, os.replace, tmp_path / ".file.bin.part.tmp"

    def fsync(fd: int) -> None:
        real_fsync(fd)
        flushed[os.fstat(fd).st_ino] = os.fstat(fd).st_size

    def replace(source: str, path: str) -> None:
        if b'"decoded": true' in Path(source).read_bytes()[:4000]:
            decoded = (target if target.exists() else tmp_path / "file.bin.part").stat()
            as_decoded.append(flushed.get(decoded.st_ino) == decoded.st_size == SIZE)
            steps.append("recorded")
        elif Path(source) == target:
            steps.append("placed")
        real_replace(source, path)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    server.put("/file.bin", FILE, content_encoding="gzip")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert all(as_decoded)
    assert steps[:2] == ["recorded", "placed"]


@pytest.mark.parametrize("change", [-1, 1])
async def test_a_decoded_file_that_was_changed_is_fetched_from_0(
    server: Server, tmp_path: Path, change: int
) -> None:
    leave_decoded(tmp_path, server, INNER)
    os.truncate(tmp_path / "file.bin.part", len(INNER) + change)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == INNER
    assert not any(request.range_start for request in server.requests)


@pytest.mark.parametrize("surplus", [1, 100_000])
async def test_bytes_behind_an_encoded_file_do_not_make_it_a_decoded_one(
    server: Server, tmp_path: Path, surplus: int
) -> None:
    """Whether it was decoded is on record and never guessed by the size of the file."""
    resource = server.put("/file.bin", FILE, content_encoding="gzip")
    packed, whole = resource.version.gzipped, (0, resource.version.gzipped.size)
    leave_part(
        tmp_path,
        resource,
        server.url("/file.bin"),
        whole,
        content=packed,
        total_bytes=packed.size,
        content_encoding="gzip",
    )
    with (tmp_path / "file.bin.part").open("ab") as file:
        file.write(b"x" * surplus)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests == []


@pytest.mark.parametrize("content", [FILE, OTHER], ids=["decoded in place", "something else"])
async def test_what_is_not_what_was_sent_is_fetched_again(
    server: Server, tmp_path: Path, content: Pattern
) -> None:
    resource = server.put("/file.bin", FILE, content_encoding="gzip", ranges="ignore")
    sent_bytes = SIZE // 2
    leave_part(
        tmp_path,
        resource,
        server.url("/file.bin"),
        (0, SIZE),
        content=content,
        total_bytes=sent_bytes,
        done=((0, sent_bytes),),
        durable=((0, sent_bytes),),
        content_encoding="gzip",
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


@pytest.mark.parametrize("bad", [FILE[:-1] + b"?", FILE[:HALF], FILE[:] + b"more"])
async def test_an_encoded_file_whose_digest_was_wrong_is_decoded_anew(
    server: Server, tmp_path: Path, bad: bytes
) -> None:
    server.put("/file.bin", FILE, content_encoding="gzip", ranges="ignore").first(
        content_encoding="gzip",
        ranges="ignore",
        raw=_encoded_answer(gzip.compress(bad, 1)),
    )
    checksum = parse_checksum(f"sha-256={FILE.sha256()}")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, checksum=checksum)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED
    assert len(server.requests) == 2


def _encoded_answer(packed: bytes) -> bytes:
    head = (
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
        f"Content-Length: {len(packed)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + packed


async def test_a_decoded_file_that_cannot_take_its_name_leaves_what_was_sent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", FILE, content_encoding="gzip", ranges="ignore")
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        if str(source).endswith(".file.bin.part.tmp"):
            raise OSError(errno.EIO, "refused")
        real(source, target)

    async with running() as engine:
        monkeypatch.setattr(os, "replace", replace)
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert download.status is Status.FAILED
        assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]
        monkeypatch.setattr(os, "replace", real)
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert len(server.requests) == 1


async def test_other_downloads_go_on_while_a_head_is_awaited(
    server: Server, tmp_path: Path
) -> None:
    server.put("/slow.bin", FILE, hold=True)
    server.put("/file.bin", FILE)
    async with running() as engine:
        slow = asyncio.create_task(get(engine, server.url("/slow.bin"), tmp_path))
        await server.until(lambda: server.held_now == 1)
        server.release()
        server.resources["/slow.bin"].behaviour.hold = False
        await get(engine, server.url("/file.bin"), tmp_path)
        await slow
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
