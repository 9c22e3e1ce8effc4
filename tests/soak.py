"""A soak: many downloads, random faults, pauses and kills, until every file is right.

    python -m tests.soak [--minutes 30] [--downloads 20] [--seed 1]

A server misbehaves at random: resets, early ends, refusals, ranges and lengths that lie, flapping
validators, throttles, files that change meanwhile (then either version is right, and no mix is).
Every other file comes over TLS.
A child process downloads with the real engine and a real queue; this one pauses, resumes, restarts
and cancels at random through the line mode, and kills the child every now and then with SIGKILL.
What is finished is compared by SHA-256, taken out, and asked for again, so the work never ends
before the time does. Memory of the child is read from the system at the end of each life.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.engine.running import sha256
from tests.server import Pattern, Resource, Server
from tests.server.behaviour import Surplus
from tests.server.certificates import Certificates

MIB = 1 << 20
_LIFE_S = (8.0, 25.0)
_FAULTS: tuple[dict[str, Any], ...] = (
    {},
    {"reset_after": 700_000},
    {"close_after": 900_000},
    {"status": 503, "fail_times": 1},
    {"status": 503, "fail_times": 1, "retry_after": 1},
    {"status": 500, "fail_times": 1},
    {"ranges": "shorter"},
    {"ranges": "longer"},
    {"etag": "weak"},
    {"etag": "none"},
    {"first_byte_delay_s": 0.3},
    {"throttle_bytes_per_s": 300_000},
    {"keep_alive": False},
    {"stale": "reset"},
    {"stale": "close"},
    # Answers to a range that are none, or are of another one.
    {"ranges": "ignore"},
    {"ranges": "shifted"},
    {"ranges": "elsewhere"},
    {"ranges": "no-content-range"},
    {"ranges": "bad-content-range"},
    {"ranges": "wrong-total"},
    {"ranges": "star-total"},
    {"ranges": "multipart"},
    {"ranges": "multipart", "multipart_parts": 2},
    {"ranges": "200-with-content-range"},
    {"if_range": "ignore"},
    {"if_range": "always-200"},
    {"etag": "flapping"},
    # Statuses instead of the file.
    {"status": 206, "fail_times": 1},
    {"status": 304, "fail_times": 1},
    {"status": 404, "fail_times": 1},
    {"status": 408, "fail_times": 1},
    {"status": 412, "fail_times": 1},
    {"status": 416, "fail_times": 1},
    {"status": 416, "fail_times": 1, "status_content_range": "bytes */7"},
    {"status": 429, "fail_times": 1, "retry_after": 1},
    {"content_type": "text/html"},
    # Bodies that lie about their end, or come in an odd coat.
    {"length": "chunked"},
    {"length": "chunked", "last_chunk": False},
    {"length": "until-close"},
    {"length": "wrong-more"},
    {"length": "huge"},
    {"informational": (103, 103)},
)
_FAULTS_EACH = 6
_BLOCK_BYTES = 4096
_CHANGES = 0.15  # share of the files that become another version while they are fetched
_SURPLUS: tuple[Surplus, ...] = (503, 403, 429, "reset")


@dataclass(slots=True)
class Score:
    """What happened: whole files, lives that ended with SIGKILL or by themselves, memory in MiB."""

    whole: int = 0
    wrong: list[str] = field(default_factory=list)
    kills: int = 0
    ends: int = 0
    rss_mib: list[float] = field(default_factory=list)


class Soak:
    """One run.

    Args:
        servers: a plain one, and one with TLS; they serve the same.
        folder: where everything lies; `ca.pem` in it is the authority of the second one.
        chance: decides everything that is random.
    """

    def __init__(
        self, servers: tuple[Server, Server], folder: Path, downloads: int, chance: random.Random
    ) -> None:
        self._servers = servers
        servers[0].resources = servers[1].resources
        self._folder = folder
        self._chance = chance
        self._files = {
            f"file{n}.bin": Pattern(chance.randint(1, 24 * MIB), seed=n) for n in range(downloads)
        }
        self._others = {
            name: Pattern(file.size, seed=file.seed + 1000) for name, file in self._files.items()
        }
        # What is in the list already is not added again: each round has an address of its own.
        self._round = dict.fromkeys(self._files, 0)
        self.score = Score()

    async def run(self, seconds: float) -> Score:
        """Live and die until the time is over, then let everything end well."""
        for name in self._files:
            self._serve(name)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            left_s = until - time.monotonic()
            await self._live(min(left_s, self._chance.uniform(*_LIFE_S)))
            self._harvest()
        self._be_honest()
        await self._live(None)
        self._harvest()
        return self.score

    def _serve(self, name: str) -> None:
        throttle = self._chance.choice((4 * MIB, 20 * MIB, None))
        resource = self._put(name, throttle_bytes_per_s=throttle)
        for fault in self._chance.sample(_FAULTS, _FAULTS_EACH):
            resource.first(**fault)
        if self._chance.random() < _CHANGES:
            resource.behaviour.change_after = self._chance.randint(1, self._files[name].size)
            resource.behaviour.change_to = self._others[name]

    def _put(self, name: str, **behaviour: Any) -> Resource:
        return self._servers[0].put(f"/{name}", self._files[name], **behaviour)

    def _url(self, name: str) -> str:
        server = self._servers[list(self._files).index(name) % 2]
        return server.url(f"/{name}?{self._round[name]}")

    def _allow(self, connections: int | None) -> None:
        for server in self._servers:
            server.max_connections = connections
            server.surplus = self._chance.choice(_SURPLUS)

    def _be_honest(self) -> None:
        self._allow(None)
        for name in self._files:
            self._put(name)

    async def _live(self, seconds: float | None) -> None:
        """One life of the program; None: until everything is done."""
        self._allow(self._chance.choice((None, 6, 12)) if seconds else None)
        with (self._folder / "said.txt").open("wb") as said:
            await self._live_saying(said, seconds)

    async def _live_saying(self, said: IO[bytes], seconds: float | None) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tui_downloader", "--plain", "-d", str(self._folder / "files"),
            "--ca-certificate", str(self._folder / "ca.pem"),
            *(self._url(name) for name in self._missing()),
            stdin=asyncio.subprocess.PIPE, stdout=said,
            env=os.environ | {"TUI_DOWNLOADER_HOME": str(self._folder / "home")},
        )  # fmt: skip
        assert process.stdin is not None
        if seconds is None:
            await self._let_it_end(process)
            return
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at and process.returncode is None:
            process.stdin.write(f"{self._wish()}\n".encode())
            await asyncio.sleep(self._chance.uniform(0.05, 0.6))
        self.score.rss_mib.append(_rss_mib(process.pid))
        await self._end(process)

    def _wish(self) -> str:
        number = self._chance.randint(1, 3 * len(self._files))
        return f"{self._chance.choice('pprrrrx')} {number}"

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        if self._chance.random() < 0.6:
            process.send_signal(signal.SIGKILL)
            self.score.kills += 1
        else:
            process.send_signal(self._chance.choice((signal.SIGTERM, signal.SIGINT)))
            self.score.ends += 1
        await process.wait()

    async def _let_it_end(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        for number in range(1, 50_000):
            process.stdin.write(f"r {number}\n".encode())
            if number % 1000 == 0:
                await process.stdin.drain()
        process.stdin.write_eof()
        self.score.ends += 1
        await process.wait()

    def _missing(self) -> list[str]:
        """Every file: what was finished before was taken out, and is asked for once more."""
        return list(self._files)

    def _harvest(self) -> None:
        """Compare what is finished, and take it out."""
        files = self._folder / "files"
        finished = [p for p in files.glob("file*.bin") if p.is_file()] if files.exists() else []
        for path in finished:
            name = path.name.partition(" (")[0].removesuffix(".bin") + ".bin"
            versions = (self._files[name], self._others[name])
            if sha256(path) in {version.sha256() for version in versions}:
                self.score.whole += 1
            else:
                self.score.wrong.append(f"{path.name}: {_difference(path, *versions)}")
            path.unlink()
            self._round[name] += 1
            self._serve(name)


def _difference(path: Path, *versions: Pattern) -> str:
    """Say of which version the file is from which byte on: "900 of 900 bytes, 0: 1, 512: zeros"."""
    data, told = path.read_bytes(), ""
    runs: list[str] = []
    for start in range(0, len(data), _BLOCK_BYTES):
        block = data[start : start + _BLOCK_BYTES]
        fits = (n for n, v in enumerate(versions, 1) if v[start : start + len(block)] == block)
        of = str(next(fits, "zeros" if not any(block) else "neither"))
        if of != told:
            runs.append(f"{start}: {of}")
            told = of
    return f"{len(data)} of {versions[0].size} bytes, {', '.join(runs)}"


def _rss_mib(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS: 0 kB")
    return int(line.split()[1]) / 1024


@contextmanager
def _workplace() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        yield Path(folder)


async def _main(minutes: float, downloads: int, seed: int) -> int:
    with _workplace() as folder:
        tls = Certificates(folder).server_context()
        async with Server() as plain, Server(tls=tls) as secure:
            soak = Soak((plain, secure), folder, downloads, random.Random(seed))
            score = await soak.run(minutes * 60)
        leftovers = sorted(path.name for path in (folder / "files").iterdir())
        said = (folder / "said.txt").read_text(encoding="utf-8").splitlines()
    half = len(score.rss_mib) // 2 or 1
    early, late = score.rss_mib[:half], score.rss_mib[half:] or score.rss_mib
    print(f"{score.whole} files whole, {len(score.wrong)} wrong {score.wrong}")
    print(f"{score.kills} times killed, {score.ends} times ended by a signal or by itself")
    print(f"memory: at most {max(early, default=0):.0f} MiB in the first half, ", end="")
    print(f"{max(late, default=0):.0f} MiB in the second")
    print(f"left in the folder: {len(leftovers)} {leftovers[:6]}")
    names = {name.partition(".bin")[0] + ".bin" for name in leftovers}
    # What was said of them in the last life, in which nothing goes wrong any more.
    print(*(line for line in said if any(name in line for name in names)), sep="\n")
    return 1 if score.wrong or not score.whole else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--downloads", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    sys.exit(asyncio.run(_main(given.minutes, given.downloads, given.seed)))
