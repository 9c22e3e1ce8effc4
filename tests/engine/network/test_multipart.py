"""A range in the clothes of a multipart: what is unwrapped, and what stays as it came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import FILE, SIZE, assert_whole
from tests.engine.running import get, running
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server

WHOLE = FILE[:SIZE]
RANGE = b"Content-Range: bytes 0-%d/%d\r\n" % (SIZE - 1, SIZE)


def answer(
    body: bytes, boundary: str = "x", status: bytes = b"206 Partial", length: int | None = None
) -> bytes:
    """All bytes of an answer that says that its body is a multipart."""
    fields = b"Content-Type: multipart/byteranges; boundary=" + boundary.encode()
    fields += b"\r\nContent-Length: %d" % (len(body) if length is None else length)
    return b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n\r\n" + body


def multipart(fields: bytes = RANGE, begins: bytes = b"--x", ends: bytes = b"--x--") -> bytes:
    return begins + b"\r\n" + fields + b"\r\n" + WHOLE + b"\r\n" + ends + b"\r\n"


async def how_it_is_asked(server: Server, folder: Path, first: bytes) -> list[bool]:
    """Download a file whose server answers so at first; tell which requests were for a range."""
    server.put("/file.bin", FILE).first(raw=first)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), folder)
    assert_whole(folder, download)
    return [request.has_range for request in server.requests]


@pytest.mark.parametrize("boundary", ["x", '"x"', 'x; charset=""', "x ;a=b"])
@pytest.mark.parametrize("begins", [b"--x", b"\r\n--x", b"to be ignored\r\n--x"])
async def test_it_is_unwrapped_however_it_is_written(
    server: Server, tmp_path: Path, boundary: str, begins: bytes
) -> None:
    first = answer(multipart(begins=begins), boundary)
    assert await how_it_is_asked(server, tmp_path, first) == [True]


@pytest.mark.parametrize(
    "body",
    [
        multipart(fields=b"Content-Type: text/plain\r\n"),
        multipart(fields=b"Content-Range: bytes */2000000\r\n"),
        multipart(begins=b"--y"),
        b"--x\r\nContent-Type: text/plain\r\n",
        multipart(ends=b"--x\r\n" + RANGE + b"\r\n--x--"),
    ],
)
async def test_what_is_not_one_part_makes_it_a_server_without_ranges(
    server: Server, tmp_path: Path, body: bytes
) -> None:
    assert await how_it_is_asked(server, tmp_path, answer(body)) == [True, False]


async def test_the_head_of_a_part_is_not_looked_for_in_all_of_the_file(
    server: Server, tmp_path: Path
) -> None:
    first = answer(b"--x\r\nContent-Type: " + b"a" * 20_000, length=SIZE)
    assert await how_it_is_asked(server, tmp_path, first) == [True, False]


async def test_it_is_asked_for_again_when_it_breaks_off_in_the_head_of_the_part(
    server: Server, tmp_path: Path
) -> None:
    first = answer(multipart()[:20], length=len(multipart()))
    assert await how_it_is_asked(server, tmp_path, first) == [True, True]


async def test_a_file_of_that_type_stays_as_it_is(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, raw=answer(multipart(), status=b"200 OK"))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == multipart()
