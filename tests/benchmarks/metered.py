"""A server whose lines are slow in a known way, in a process of its own, and that counts.

    python -m tests.benchmarks.metered ROOT [--line RATE] [--total RATE] [--most N] ...

It prints its port and serves the files below ROOT with single ranges and validators over HTTP/1.1
with keep-alive. `/.counts` answers what happened since `/.reset`, as JSON. Times are of the
system-wide monotonic clock, so that whoever started it may compare them with its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import mmap
import re
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.benchmarks.pacing import Pace

_RANGE = re.compile(r"bytes=(\d+)-(\d*)$")
_STARTED = "Mon, 02 Nov 2026 08:00:00 GMT"
_HIGHEST_WRITE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Shape:
    """What is slow or scarce here.

    Attributes:
        line: bytes per second of each connection, 0 for no limit.
        total: bytes per second of all connections together, 0 for no limit.
        most: requests answered at once, more get 503; 0 for no limit.
        lame: number of the connection (from 1, since the last reset) that is `lame_factor` times
            slower than the others, 0 for none.
        delay_s: before each answer.
        hold: never answer.
    """

    line: int = 0
    total: int = 0
    most: int = 0
    lame: int = 0
    lame_factor: float = 30.0
    delay_s: float = 0.0
    hold: bool = False


@dataclass
class Counts:
    """What happened since the last reset."""

    requests: int = 0
    refused: int = 0
    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    answering_now: int = 0
    most_answering: int = 0
    sent_bytes: int = 0
    first_request_at: float = 0.0


@dataclass(frozen=True)
class Request:
    """A request line and the headers that matter here."""

    method: str
    path: str
    byte_range: str
    if_range: str

    @classmethod
    def parse(cls, head: bytes) -> Request:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        return cls(method, path, headers.get("range", ""), headers.get("if-range", ""))


class MeteredServer:
    """Serves the files of one folder in one shape."""

    def __init__(self, root: Path, shape: Shape) -> None:
        self._root = root
        self._shape = shape
        self._counts = Counts()
        self._total = Pace(shape.total) if shape.total else None
        self._files: dict[str, mmap.mmap] = {}
        self._never = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after the other."""
        lane: Lane | None = None
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while True:
                    request = Request.parse((await reader.readuntil(b"\r\n\r\n"))[:-4])
                    if request.path.startswith("/."):
                        self._control(writer, request.path)
                    else:
                        lane = lane or self._open_lane(writer)
                        await self._exchange(lane, request)
        finally:
            if lane is not None:
                lane.counts.open_now -= 1
            writer.close()

    def _open_lane(self, writer: asyncio.StreamWriter) -> Lane:
        """Count the connection and say how fast it is; a control connection is none."""
        counts, shape = self._counts, self._shape
        counts.connections += 1
        counts.open_now += 1
        counts.most_open = max(counts.most_open, counts.open_now)
        is_lame = counts.connections == shape.lame
        line = shape.line / (shape.lame_factor if is_lame else 1)
        paces = [Pace(line)] if line else []
        return Lane(writer, counts, [*paces, *([self._total] if self._total else [])])

    async def _exchange(self, lane: Lane, request: Request) -> None:
        counts = lane.counts
        counts.requests += 1
        counts.first_request_at = counts.first_request_at or time.monotonic()
        counts.answering_now += 1
        counts.most_answering = max(counts.most_answering, counts.answering_now)
        try:
            await self._answer(lane, request)
        finally:
            counts.answering_now -= 1

    async def _answer(self, lane: Lane, request: Request) -> None:
        if self._shape.hold:
            await self._never.wait()
        if self._shape.most and lane.counts.answering_now > self._shape.most:
            lane.counts.refused += 1
            lane.head("503 Service Unavailable", {"Content-Length": "0"})
            return
        await asyncio.sleep(self._shape.delay_s)
        content = self._content(request.path)
        if content is None:
            lane.head("404 Not Found", {"Content-Length": "0"})
            return
        wanted = _wanted(request, len(content))
        lane.head(*_head(wanted, len(content)))
        if request.method != "HEAD":
            start, end = wanted or (0, len(content))
            await lane.send(memoryview(content)[start:end])

    def _content(self, path: str) -> mmap.mmap | None:
        if path not in self._files:
            target = self._root / path.lstrip("/")
            if not target.is_file():
                return None
            with target.open("rb") as file:
                self._files[path] = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._files[path]

    def _control(self, writer: asyncio.StreamWriter, path: str) -> None:
        if path == "/.reset":
            self._counts = Counts()
        body = json.dumps(asdict(self._counts)).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


class Lane:
    """The way out of one connection; it belongs to the counts of the time when it was opened."""

    def __init__(self, writer: asyncio.StreamWriter, counts: Counts, paces: list[Pace]) -> None:
        self.counts = counts
        self._writer = writer
        self._paces = paces
        self._step_bytes = min((pace.step_bytes for pace in paces), default=1 << 20)
        # What a client sees must be the pace, not what piles up on the way.
        writer.transport.set_write_buffer_limits(high=_HIGHEST_WRITE_BYTES)

    def head(self, status: str, headers: dict[str, str]) -> None:
        """Send the head of an answer."""
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def send(self, body: memoryview) -> None:
        """Send a body as fast as the paces allow."""
        for start in range(0, len(body), self._step_bytes):
            piece = body[start : start + self._step_bytes]
            for pace in self._paces:
                await pace.turn(len(piece))
            self._writer.write(piece)
            await self._writer.drain()
            self.counts.sent_bytes += len(piece)


def _etag(size: int) -> str:
    return f'"metered-{size}"'


def _wanted(request: Request, size: int) -> tuple[int, int] | None:
    """Return the range [start, end) that was asked for, None for the whole file."""
    match = _RANGE.match(request.byte_range)
    if match is None or request.if_range not in ("", _etag(size), _STARTED):
        return None
    last = int(match[2]) if match[2] else size - 1
    return int(match[1]), min(last + 1, size)


def _head(wanted: tuple[int, int] | None, size: int) -> tuple[str, dict[str, str]]:
    facts = {
        "Content-Type": "application/octet-stream",
        "Accept-Ranges": "bytes",
        "ETag": _etag(size),
        "Last-Modified": _STARTED,
    }
    if wanted is None:
        return "200 OK", {"Content-Length": str(size), **facts}
    start, end = wanted
    if start >= end:
        nothing = {"Content-Length": "0", "Content-Range": f"bytes */{size}"}
        return "416 Range Not Satisfiable", nothing
    length = {"Content-Length": str(end - start)}
    return "206 Partial Content", {
        **length, "Content-Range": f"bytes {start}-{end - 1}/{size}", **facts
    }  # fmt: skip


async def _run(root: Path, shape: Shape) -> None:
    server = MeteredServer(root, shape)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=512)
    print(listener.sockets[0].getsockname()[1], flush=True)
    async with listener:
        await listener.serve_forever()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.metered", description=__doc__)
    parser.add_argument("root", type=Path)
    for name, default in asdict(Shape()).items():
        if default is False:
            parser.add_argument(f"--{name}", action="store_true")
        else:
            parser.add_argument(f"--{name}", type=type(default), default=default)
    options = vars(parser.parse_args())
    root = options.pop("root")
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(root, Shape(**options)))


if __name__ == "__main__":
    main()
