"""The program as a process of its own, with pipes for a terminal: `get`, and the line mode."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.waiting import PATIENCE_S, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str


def pipe_of(process: asyncio.subprocess.Process, number: int) -> asyncio.ReadTransport:
    """Our end of a pipe that it writes into."""
    transport: asyncio.SubprocessTransport = process._transport  # type: ignore[attr-defined]
    pipe = transport.get_pipe_transport(number)
    assert isinstance(pipe, asyncio.ReadTransport)
    return pipe


async def has_ended(process: asyncio.subprocess.Process) -> None:
    """Wait for its end also where a pipe is not read."""
    await eventually(lambda: process.returncode is not None)


class Run:
    """A run of `get` in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def end(self, given: bytes = b"", encoding: str = "utf-8") -> Ended:
        """Give it its standard input and wait until it has ended."""
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate(given)
        assert self.process.returncode is not None
        return Ended(self.process.returncode, out.decode(encoding), err.decode(encoding))


@asynccontextmanager
async def running_get(
    *argv: str,
    pass_fds: tuple[int, ...] = (),
    program: tuple[str, str] = ("-m", "tui_downloader"),
    **environ: str,
) -> AsyncIterator[Run]:
    """Start `get`, which inherits these descriptors; it does not outlive the test."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *program, "get", *argv),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environ},
        pass_fds=pass_fds,
    )
    try:
        yield Run(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def get(*argv: str, given: bytes = b"") -> Ended:
    """Run `get` to its end."""
    async with running_get(*argv) as run:
        return await run.end(given)


class Plain:
    """A running line mode.

    Attributes:
        said: lines of standard output so far.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []

    def tell(self, *lines: str) -> None:
        """Write lines to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    async def until(self, condition: Callable[[str], object]) -> str:
        """Read on until a line fulfils a condition; return it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                line = await self._line()
                assert line is not None, f"it ended; it said {self.said}"
                if condition(line):
                    return line

    async def _line(self) -> str | None:
        assert self.process.stdout is not None
        raw = await self.process.stdout.readline()
        if not raw:
            return None
        self.said.append(raw.decode().rstrip("\n"))
        return self.said[-1]

    async def ended(self) -> int:
        """Close its input, read to the end and return the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            while await self._line() is not None:
                pass
            return await self.process.wait()

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The lines as JSON objects."""
        return [json.loads(line) for line in self.said]


@asynccontextmanager
async def plain(folder: Path, *arguments: str, **environ: str) -> AsyncIterator[Plain]:
    """Run the program with pipes for a terminal."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui_downloader", "-d", str(folder), *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env=os.environ | environ,
    )  # fmt: skip
    try:
        yield Plain(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
