"""Bytes that go from a socket into a file within the kernel, and what may come between."""

from __future__ import annotations

import functools
import os
import resource
import select
import socket
import struct
from typing import TYPE_CHECKING

import pytest

from tests.engine.file_sizes import files_of_at_most
from tests.engine.running import get, idle, only, running, seen, sha256, wanted
from tests.server import Pattern
from tui_downloader.engine.disk.part_files import create
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.network import channels
from tui_downloader.engine.network.channels import Pipe
from tui_downloader.engine.network.tap import PartlyWritten, Tap
from tui_downloader.model.errors import DiskError
from tui_downloader.model.status import Status
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.nginx import Nginx

pytestmark = pytest.mark.skipif(not channels.CAN_SPLICE, reason="splice(2) is Linux's")

DATA = bytes(Pattern(100_000))
LARGE = Pattern(64 << 20)


class Wire:
    """Two ends of a connection; what is poured goes into a file."""

    def __init__(self, path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.near = socket.create_connection(listening.getsockname())
            self.far, _ = listening.accept()
        self.near.setblocking(False)
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT)
        self.parts: list[tuple[int, int]] = []
        self.looks = 0

    def send(self, data: bytes) -> None:
        """Send, and wait until it can be received."""
        self.far.sendall(data)

    def reset(self) -> None:
        self.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.far.close()

    def pour(self, most_bytes: int, offset: int = 0) -> Tap:
        tap = Tap(functools.partial(Pipe, self.near.fileno()), most_bytes)
        tap.pour(self, offset)
        return tap

    def check_identity(self) -> None:
        self.looks += 1

    def wrote(self, start: int, end: int) -> None:
        self.parts.append((start, end))

    def close(self) -> None:
        self.near.close()
        self.far.close()
        os.close(self.fd)


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path / "file")
    yield wire
    wire.close()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize("offset", [0, 1, 4096, 262_143, 262_144])
def test_bytes_land_where_they_belong(wire: Wire, content: Path, offset: int) -> None:
    wire.send(DATA[:60_000])
    tap = wire.pour(1 << 20, offset)
    assert tap.moved_bytes == 60_000
    assert content.read_bytes()[offset:] == DATA[:60_000]
    assert wire.parts[0][0] == offset
    assert wire.looks == len(wire.parts)
    assert sum(end - start for start, end in wire.parts) == 60_000
    assert tap.ran_dry
    assert not tap.has_ended
    assert tap.fault is None


@pytest.mark.parametrize("most", [1, 4095, 30_000, 59_999])
def test_no_more_is_taken_than_is_allowed(wire: Wire, content: Path, most: int) -> None:
    wire.send(DATA[:60_000])
    assert wire.pour(most).moved_bytes == most
    assert content.read_bytes() == DATA[:most]
    assert wire.near.recv(10) == DATA[most:60_000][:10]  # the next answer, for instance


def test_an_empty_socket_ends_the_turn(wire: Wire) -> None:
    tap = wire.pour(1000)
    assert (tap.moved_bytes, tap.ran_dry, tap.has_ended) == (0, True, False)
    assert not wire.parts


def test_the_end_is_seen_behind_the_last_byte(wire: Wire, content: Path) -> None:
    wire.send(DATA[:1000])
    wire.far.close()
    tap = wire.pour(1 << 20)
    assert (tap.moved_bytes, tap.has_ended) == (1000, True)
    assert content.read_bytes() == DATA[:1000]


def test_a_reset_is_a_fault_of_the_socket(wire: Wire) -> None:
    wire.reset()
    tap = wire.pour(1 << 20)
    assert isinstance(tap.fault, ConnectionResetError)
    assert not tap.has_ended


class Endless:
    """A socket that always has more, and a file that is quick."""

    socket_fd, is_refused = -1, False

    def take(self, most_bytes: int) -> int:
        return most_bytes

    def put(self, fd: int, offset: int, n_bytes: int) -> None:
        """Written."""

    def close(self) -> None:
        """Nothing was opened."""


def test_a_turn_at_a_socket_that_is_never_empty_ends_after_a_while(wire: Wire) -> None:
    tap = Tap(Endless, 1 << 40)
    tap.pour(wire, 0)
    assert 0 < tap.moved_bytes < tap.most_bytes
    assert not tap.is_over


def test_many_tiny_packets_fill_no_pipe_for_ever(wire: Wire, content: Path) -> None:
    wire.far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for n in range(2000):
        wire.send(DATA[n : n + 1])
    moved = 0
    while moved < 2000:
        moved += wire.pour(2000 - moved, moved).moved_bytes
    assert content.read_bytes() == DATA[:2000]


def test_a_file_that_cannot_be_poured_into_is_written(wire: Wire, tmp_path: Path) -> None:
    os.close(wire.fd)
    # Linux refuses to splice into a file that is open for appending.
    wire.fd = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT | os.O_APPEND)
    wire.send(DATA[:60_000])
    tap = wire.pour(1 << 20)
    assert (tap.is_refused, tap.moved_bytes) == (True, 60_000)
    assert (tmp_path / "other").read_bytes() == DATA[:60_000]


# Linux refuses to splice into a file that is open for appending.
@pytest.mark.parametrize(
    ("flags", "most"), [(0, 300_000), (0, 262_144), (0, 250_000), (os.O_APPEND, 250_000)]
)
def test_what_a_file_has_taken_counts_when_it_takes_no_more(
    wire: Wire, tmp_path: Path, flags: int, most: int
) -> None:
    os.close(wire.fd)
    wire.fd = os.open(tmp_path / "other", os.O_RDWR | os.O_CREAT | flags)
    data = DATA[:80_000]
    os.truncate(tmp_path / "other", 240_000)  # a boundary between two parts is near
    wire.send(data)
    tap = Tap(functools.partial(Pipe, wire.near.fileno()), 1 << 20)
    with files_of_at_most(most), pytest.raises(OSError, match="File too large") as refused:
        tap.pour(wire, 240_000)
    assert isinstance(refused.value, PartlyWritten)
    assert tap.moved_bytes == most - 240_000
    assert (tmp_path / "other").read_bytes()[240_000:] == data[: tap.moved_bytes]
    assert sum(end - start for start, end in wire.parts) == tap.moved_bytes


@pytest.mark.parametrize("taken", [0, 1000, 262_144, 300_000])
def test_what_a_partial_has_taken_of_a_piece_counts_when_it_takes_no_more(
    wire: Wire, tmp_path: Path, taken: int
) -> None:
    partial = Partial(str(tmp_path), "full", create(str(tmp_path / f"full{SUFFIX}")))
    data = bytes(Pattern(400_000))
    with files_of_at_most(taken), pytest.raises(PartlyWritten) as refused:
        partial.write(data, 0, Tap(functools.partial(Pipe, wire.near.fileno()), 1 << 20))
    partial.close()
    assert refused.value.written_bytes == taken
    assert (tmp_path / f"full{SUFFIX}").read_bytes() == data[:taken]


async def test_what_is_on_disk_counts_when_that_takes_no_more(tmp_path: Path, large: str) -> None:
    most = 40_000_123
    async with running() as engine:
        with files_of_at_most(most):
            failed = await get(engine, large, tmp_path, connections=1)
        part = tmp_path / f"large.bin{SUFFIX}"
        assert (failed.status, part.stat().st_size) == (Status.FAILED, most)
        assert failed.kept_bytes == failed.received_bytes == most
        assert part.read_bytes() == LARGE[:most]
        engine.resume([failed.download_id])
        (done,) = await idle(engine)
    assert done.status is Status.COMPLETED
    assert done.received_bytes == LARGE.size
    assert sha256(tmp_path / "large.bin") == LARGE.sha256()


class Cut:
    """A partial that somebody cuts whenever a part of it was written."""

    def __init__(self, partial: Partial) -> None:
        self.fd = partial.fd
        self.check_identity = partial.check_identity
        self._wrote = partial.wrote

    def wrote(self, start: int, end: int) -> None:
        self._wrote(start, end)
        os.ftruncate(self.fd, 0)


def test_a_partial_that_is_cut_within_a_turn_is_noticed(wire: Wire, tmp_path: Path) -> None:
    partial = Partial(str(tmp_path), "cut", create(str(tmp_path / f"cut{SUFFIX}")))
    wire.send(DATA[:60_000])
    tap = Tap(functools.partial(Pipe, wire.near.fileno()), 1 << 20)
    with pytest.raises(DiskError, match="was cut"):
        tap.pour(Cut(partial), 262_144 - 30_000)  # two parts: a boundary lies between
    partial.close()
    assert tap.moved_bytes == 30_000


def test_what_cannot_be_poured_from_is_left_alone(wire: Wire) -> None:
    with select.epoll() as no_socket:
        tap = Tap(functools.partial(Pipe, no_socket.fileno()), 1000)
        tap.pour(wire, 0)
    assert (tap.is_refused, tap.fault, tap.moved_bytes) == (True, None, 0)


def test_without_descriptors_nothing_is_taken(wire: Wire) -> None:
    wire.send(DATA[:1000])
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(wire.fd, wire.far.fileno()) + 1, before[1]))
    try:
        tap = wire.pour(1000)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert (tap.is_refused, tap.moved_bytes) == (True, 0)


def test_descriptors_are_given_back(wire: Wire) -> None:
    before = sorted(os.listdir("/proc/self/fd"))
    wire.send(DATA[:1000])
    wire.pour(500)
    wire.reset()
    wire.pour(1 << 20)
    assert len(os.listdir("/proc/self/fd")) <= len(before)


# In a download.


@pytest.fixture
def large(nginx: Nginx) -> Iterator[str]:
    path = nginx.root / "large.bin"
    LARGE.write_to(path)
    yield nginx.url("/large.bin")
    path.unlink()


@pytest.mark.parametrize("connections", [None, 1, 4])
@pytest.mark.parametrize("is_possible", [True, False])
async def test_the_file_is_the_same_both_ways(
    tmp_path: Path,
    large: str,
    connections: int | None,
    is_possible: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channels, "CAN_SPLICE", is_possible)
    async with running() as engine:
        download = await get(engine, large, tmp_path, connections=connections)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "large.bin") == LARGE.sha256()


async def test_what_is_on_disk_counts_at_a_pause(tmp_path: Path, large: str) -> None:
    async with running() as engine:
        (download_id,) = engine.add([wanted(large, tmp_path, connections=1)])
        await seen(engine, lambda d: d.done_bytes > LARGE.size // 8)
        engine.pause([download_id])
        paused = await seen(engine, lambda d: d.status is Status.PAUSED)
        assert (tmp_path / "large.bin.part").stat().st_size == paused.kept_bytes
        engine.resume([download_id])
        await idle(engine)
    assert sha256(tmp_path / "large.bin") == LARGE.sha256()


async def test_a_limit_set_on_the_way_charges_nothing_from_before(
    tmp_path: Path, large: str
) -> None:
    async with running() as engine:
        engine.add([wanted(large, tmp_path, connections=4)])
        await seen(engine, lambda d: d.done_bytes > LARGE.size // 8)
        engine.set_limit(500_000)
        begun_at = only(engine).done_bytes
        # Megabytes of debt would be paid off for longer than this waits.
        await seen(
            engine, lambda d: d.done_bytes > begun_at + 500_000 or d.done_bytes == LARGE.size
        )
        engine.set_limit(None)
        await idle(engine)
    assert sha256(tmp_path / "large.bin") == LARGE.sha256()
