"""Kept connections on which an answer comes late, before the right one, to a request that is out.

Such an answer can be told from the right one only by what it says of itself: where that does not
fit, nothing of it is written or believed, and its connection serves no other request.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.engine.crafting import write_ranges
from tests.engine.running import get, running, sha256
from tests.server import Pattern
from tui_downloader.model.passport import Passport
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tui_downloader.model.download import Snapshot

SMALL, LARGE = 1000, 8_000_000
HALF = LARGE // 2
_RANGE = re.compile(rb"\r\nRange: bytes=(\d+)-(\d*)\r\n", re.IGNORECASE)
EVIL = b"EVIL!" * 20


def forged(status: str, *fields: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(EVIL)}", *fields])
    return head.encode() + b"\r\n\r\n" + EVIL


def late(size: int) -> dict[str, bytes]:
    """Answers that do not fit, to a request for a later part of a file of this size."""
    tag = 'ETag: "v1"'
    right = f"Content-Range: bytes 0-99/{size}"
    return {
        "elsewhere": forged("206 Partial Content", right, tag),
        "beyond": forged(
            "206 Partial Content", f"Content-Range: bytes {size - 100}-{size - 1}/{size}", tag
        ),
        "other size": forged("206 Partial Content", f"Content-Range: bytes 0-99/{size + 1}", tag),
        "other version": forged("206 Partial Content", right, 'ETag: "v2"'),
        "no range": forged("206 Partial Content", tag),
        "another file": forged("200 OK", 'ETag: "other"'),
        "no such range": forged("416 Range Not Satisfiable", "Content-Range: bytes */5"),
    }


CASES = list(late(SMALL))


class Late:
    """Serves a file by ranges; what is late comes before each answer but the first of a connection.

    Attributes:
        late: what comes, b"" for nothing.
        instead: comes in place of the very first answer, b"" for nothing.
        came: how often what is late came.
        plain: requests without a range.
        served: how many requests each connection brought.
    """

    def __init__(self, size: int, late: bytes) -> None:
        self.file = Pattern(size)
        self.late = late
        self.instead = b""
        self.came = self.plain = self.port = 0
        self.most_late = 1 << 30
        self.served: list[int] = []

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Late]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = len(self.served)
        self.served.append(0)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if self.served[number] and self.came < self.most_late:
                    self.came += 1
                    writer.write(self.late)
                self.served[number] += 1
                first, self.instead = self.instead, b""
                writer.write(first or self._answer(head))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()

    def _answer(self, head: bytes) -> bytes:
        size, found = self.file.size, _RANGE.search(head)
        if found is None:
            self.plain += 1
            fields = f'HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nETag: "v1"\r\n\r\n'
            return fields.encode() + self.file[:]
        start, end = int(found[1]), int(found[2] or size - 1) + 1
        fields = (
            f"HTTP/1.1 206 Partial Content\r\nContent-Length: {end - start}\r\n"
            f'Content-Range: bytes {start}-{end - 1}/{size}\r\nETag: "v1"\r\n\r\n'
        )
        return fields.encode() + self.file[start:end]


def assert_whole(folder: Path, download: Snapshot, server: Late) -> None:
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(folder / download.name) == server.file.sha256()


def leave(folder: Path, server: Late, *known: tuple[int, int]) -> None:
    """Leave a part of "file.bin" with these ranges."""
    part = folder / "file.bin.part"
    write_ranges(part, server.file, known)
    passport = Passport(
        (server.url("file.bin"),), "file.bin", LARGE, '"v1"', None, known, known, None,
        passports.boot_id(),
    )  # fmt: skip
    passports.write(str(part), passport)


@pytest.mark.parametrize("case", CASES)
async def test_of_a_file_by_several_connections(tmp_path: Path, case: str) -> None:
    """Each of them fills hole after hole."""
    server = Late(LARGE, late(LARGE)[case])
    async with server.serving(), running(connections=2) as engine:
        step = LARGE // 20
        leave(tmp_path, server, *((at, at + step) for at in range(step, LARGE, 2 * step)))
        download = await get(engine, server.url("file.bin"), tmp_path)
        assert_whole(tmp_path, download, server)
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert "starting again" not in log
    assert server.came
    assert not server.plain


@pytest.mark.parametrize("case", CASES)
async def test_of_a_file_that_goes_on(tmp_path: Path, case: str) -> None:
    server = Late(LARGE, late(LARGE)[case])
    async with server.serving(), running() as engine:
        leave(tmp_path, server, (0, HALF))
        await get(engine, server.url("before.bin"), tmp_path)
        download = await get(engine, server.url("file.bin"), tmp_path)
        assert_whole(tmp_path, download, server)
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert "starting again" not in log
    assert server.came == 1
    assert not server.plain


@pytest.mark.parametrize("case", ["beyond", "no range"])
async def test_of_a_small_file(tmp_path: Path, case: str) -> None:
    """Nothing is known of it before its answer: only what fits no file at all is told."""
    server = Late(SMALL, late(SMALL)[case])
    async with server.serving(), running() as engine:
        for n in range(3):
            assert_whole(tmp_path, await get(engine, server.url(f"{n}.bin"), tmp_path), server)
    assert server.came
    assert not server.plain


@pytest.mark.parametrize("case", CASES)
async def test_a_new_connection_that_begins_so_serves_nothing_else(
    tmp_path: Path, case: str
) -> None:
    """The right answer may follow yet, and be taken for that to the next request."""
    server = Late(LARGE, b"")
    server.instead = late(LARGE)[case]
    async with server.serving(), running() as engine:
        leave(tmp_path, server, (0, HALF))
        download = await get(engine, server.url("file.bin"), tmp_path)
        assert_whole(tmp_path, download, server)
    assert server.served[0] == 1
    assert len(server.served) > 1
