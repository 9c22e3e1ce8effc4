"""The size of a file is asked for without the file, and without what the next request needs."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, running, seen, wanted
from tests.server import Pattern, Server
from tui_downloader.engine.transfer import sizes
from tui_downloader.model.errors import HttpStatusError

if TYPE_CHECKING:
    from pathlib import Path

FILE = Pattern(3_000_000)


async def asked(server: Server, folder: Path, **fields: Any) -> int | None:
    async with running() as engine:
        return await engine.size_of(wanted(server.url("/d/file.bin"), folder, **fields))


@pytest.mark.parametrize("behaviour", [{}, {"redirect_hops": 2}, {"ranges": "refuse"}])
async def test_the_announced_size_is_told_and_nothing_is_sent(
    server: Server, tmp_path: Path, behaviour: dict[str, Any]
) -> None:
    server.put("/d/file.bin", FILE, **behaviour)
    assert await asked(server, tmp_path) == FILE.size
    assert {request.method for request in server.requests} == {"HEAD"}
    assert server.sent_bytes == 0


@pytest.mark.parametrize(
    "behaviour",
    [
        {"status": 403},
        {"status": 405},
        {"length": "chunked"},
        {"content_encoding": "gzip"},
        {"location": "ftp://host.example/file.bin"},
        {"raw": b"no HTTP at all\r\n\r\n"},
        {"require_auth": ("ann", "secret")},
    ],
)
async def test_what_tells_nothing_of_the_file_is_not_taken_for_its_size(
    server: Server, tmp_path: Path, behaviour: dict[str, Any]
) -> None:
    server.put("/d/file.bin", FILE, **behaviour)
    assert await asked(server, tmp_path) is None


async def test_a_body_that_comes_late_is_not_taken_for_the_next_answer(tmp_path: Path) -> None:
    """It comes behind an answer that has none, and looks like one itself."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        late = b""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while request := await reader.readuntil(b"\r\n\r\n"):
                is_head = request.startswith(b"HEAD")
                writer.write(late + head + (b"" if is_head else b"bytes"))
                late = head + b"wrong" if is_head else b""
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listener, running() as engine:
        url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/file.bin"
        assert await engine.size_of(wanted(url, tmp_path)) == 5
        download = await get(engine, url, tmp_path)
    assert download.failure is None
    assert (tmp_path / "file.bin").read_bytes() == b"bytes"


@pytest.mark.parametrize("status", [404, 410])
async def test_that_there_is_no_such_file_is_told(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/d/file.bin", FILE, status=status)
    with pytest.raises(HttpStatusError, match=str(status)):
        await asked(server, tmp_path)


async def test_nobody_waits_for_a_server_that_is_silent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "PATIENCE_S", 0.2)
    server.put("/d/file.bin", FILE, hold=True)
    assert await asked(server, tmp_path) is None


async def test_a_login_is_used(server: Server, tmp_path: Path) -> None:
    server.put("/d/file.bin", FILE, require_auth=("ann", "secret"))
    assert await asked(server, tmp_path, credentials=("ann", "secret")) == FILE.size


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_host_that_asked_to_be_left_alone_is_not_asked(
    server: Server, tmp_path: Path, host: str
) -> None:
    """Not behind a redirect either."""
    server.put("/d/busy.bin", FILE, status=503, retry_after=300)
    server.put("/d/file.bin", FILE)
    server.put("/d/link.bin", b"", location=server.url("/d/file.bin", host=host))
    async with running() as engine:
        engine.add([wanted(server.url("/d/busy.bin", host=host), tmp_path)])
        await seen(engine, lambda download: download.resume_at is not None)
        for name in ("/d/file.bin", "/d/link.bin"):
            assert await engine.size_of(wanted(server.url(name, host=host), tmp_path)) is None
        assert await engine.size_of(wanted(server.url("/d/link.bin"), tmp_path)) is None
    assert "/d/file.bin" not in [request.path for request in server.requests]


async def test_a_body_that_comes_with_the_head_spoils_no_download(
    server: Server, tmp_path: Path
) -> None:
    surplus = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot wanted"
    server.put("/d/bad.bin", FILE, raw=surplus)
    server.put("/d/file.bin", FILE)
    async with running() as engine:
        assert await engine.size_of(wanted(server.url("/d/bad.bin"), tmp_path)) == 9
        download = await get(engine, server.url("/d/file.bin"), tmp_path)
    assert (tmp_path / download.name).read_bytes() == bytes(FILE)
