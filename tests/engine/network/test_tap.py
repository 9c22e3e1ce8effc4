"""Bytes that go from a socket into a file past the event loop, and what may come between."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.engine.file_sizes import files_of_at_most, no_more_files
from tests.engine.network.filled import Filled
from tests.engine.running import get, idle, only, running, seen, sha256, wanted
from tests.server import Pattern
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.disk.direct_io import PartlyWritten
from tui_downloader.engine.disk.part_files import create
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.network import channels
from tui_downloader.engine.network import loan as lending
from tui_downloader.engine.network import tap as network_tap
from tui_downloader.engine.network.channels import Plain
from tui_downloader.engine.network.loan import SocketLoan
from tui_downloader.engine.network.tap import BLOCK_BYTES, Tap
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance
from tui_downloader.model.errors import DiskError
from tui_downloader.model.status import Status
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.nginx import Nginx

DATA = bytes(Pattern(100_000))
LARGE = Pattern(64 << 20)


class Wire(Filled):
    """A connection without TLS."""

    def __init__(self, path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            near = socket.create_connection(listening.getsockname())
            far, _ = listening.accept()
        super().__init__(near, far, path)

    def channel(self) -> Plain:
        return Plain(self.near.fileno())

    def send(self, data: bytes) -> None:
        """Send, and wait until it can be received."""
        self.far.sendall(data)

    def reset(self) -> None:
        self.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.far.close()


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path / "file")
    yield wire
    wire.close()


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize("offset", [0, 1, 4096, BLOCK_BYTES - 1, BLOCK_BYTES])
def test_bytes_land_where_they_belong(wire: Wire, content: Path, offset: int) -> None:
    wire.send(DATA[:60_000])
    tap = wire.pour(1 << 20, offset)
    assert tap.moved_bytes == 60_000
    assert content.read_bytes()[offset:] == DATA[:60_000]
    assert wire.parts[0][0] == offset
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

    socket_fd = -1

    def take(self, room: memoryview) -> int:
        return len(room)

    def put(self, block: memoryview, offset: int) -> None:
        """Written."""


async def test_a_turn_reads_no_other_socket_that_has_the_number_of_its_own_by_now() -> None:
    (near, far), (other, sender) = socket.socketpair(), socket.socketpair()
    other.setblocking(False)
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=near)
    loan, number = SocketLoan(transport), near.fileno()
    tap = loan.lend(1000)
    assert tap is not None
    transport.abort()
    await eventually(lambda: near.fileno() < 0)
    os.dup2(other.fileno(), number)
    sender.sendall(b"of another answer")
    tap.pour(Endless(), 0)
    assert tap.moved_bytes == 0
    loan.take_back()
    loan.close()
    os.close(number)
    for end in (far, other, sender):
        end.close()


async def test_where_nothing_more_can_be_opened_no_turn_begins() -> None:
    near, far = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=near)
    loan = SocketLoan(transport)
    with no_more_files():
        assert loan.lend(1000) is None
    assert not loan.is_possible
    assert transport.is_reading()
    transport.abort()
    await eventually(lambda: near.fileno() < 0)
    far.close()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="nobody counts descriptors")
async def test_a_turn_keeps_its_descriptor_until_it_is_taken_back() -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    near, far = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=near)
    loan, before = SocketLoan(transport), descriptors()
    for _ in range(2):
        assert loan.lend(1000) is not None
        assert descriptors() == before + 1
        loan.take_back()
    assert loan.lend(1000) is not None
    loan.close()
    assert descriptors() == before + 1
    loan.take_back()
    assert descriptors() == before
    transport.abort()
    await eventually(lambda: near.fileno() < 0)
    far.close()


async def test_the_disk_is_what_a_turn_waits_for_unless_the_last_one_found_the_socket_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    near, far = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=near)
    loan = SocketLoan(transport)

    def turn() -> bool:
        tap = loan.lend(1000)
        assert tap is not None
        was_behind = loan.is_behind
        tap.pour(Endless(), 0)
        loan.take_back()
        return was_behind

    far.sendall(DATA[:1000])
    turn()
    assert turn()
    assert not turn()
    monkeypatch.setattr(lending, "_STUCK_AFTER_S", 0.0)  # as if it had taken longer than that
    assert turn()
    assert not loan.is_behind
    transport.abort()
    await eventually(lambda: near.fileno() < 0)
    far.close()


def test_a_turn_at_a_socket_that_is_never_empty_ends_after_a_while() -> None:
    tap = Tap(Endless(), 1 << 40)
    tap.pour(Endless(), 0)
    assert 0 < tap.moved_bytes < tap.most_bytes
    assert not tap.is_over


def test_a_turn_that_has_all_it_wants_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_tap, "_TURN_S", PATIENCE_S)
    tap, begun_at = Tap(Endless(), BLOCK_BYTES), time.monotonic()
    tap.pour(Endless(), 0)
    assert tap.moved_bytes == BLOCK_BYTES
    assert time.monotonic() - begun_at < PATIENCE_S


class Bursts(Endless):
    """A socket that has some bytes, and more of them whenever somebody has waited."""

    def __init__(self, *sizes: int) -> None:
        self._sizes = list(sizes)
        self._there = self._sizes.pop(0)

    def take(self, room: memoryview) -> int:
        if not self._there:
            raise BlockingIOError
        taken = min(self._there, len(room))
        self._there -= taken
        return taken

    def wait(self, _: float) -> None:
        self._there = self._sizes.pop(0)


def test_a_turn_goes_on_as_long_as_waiting_brings_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait that brings little is the last: the event loop waits cheaper."""
    enough = network_tap._WORTH_A_WAIT
    bursts = Bursts(1, enough, enough, enough - 1, enough)
    monkeypatch.setattr(time, "sleep", bursts.wait)
    monkeypatch.setattr(network_tap, "_TURN_S", PATIENCE_S)
    tap = Tap(bursts, 1 << 40)
    tap.pour(bursts, 0)
    assert tap.moved_bytes == 3 * enough
    assert (tap.ran_dry, tap.is_over, tap.has_ended) == (True, True, False)


def test_many_tiny_packets_arrive(wire: Wire, content: Path) -> None:
    wire.far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for n in range(2000):
        wire.send(DATA[n : n + 1])
    moved = 0
    while moved < 2000:
        moved += wire.pour(2000 - moved, moved).moved_bytes
    assert content.read_bytes() == DATA[:2000]


@pytest.mark.parametrize("most", [BLOCK_BYTES - 20_000, BLOCK_BYTES, BLOCK_BYTES + 2_345])
def test_what_a_partial_has_taken_counts_when_it_takes_no_more(
    wire: Wire, tmp_path: Path, most: int
) -> None:
    partial = Partial(str(tmp_path), "full", create(str(tmp_path / f"full{SUFFIX}")))
    begin = BLOCK_BYTES - 40_000  # a boundary between two blocks is near
    data = DATA[:80_000]
    partial.write(bytes(begin), 0)
    wire.send(data)
    with files_of_at_most(most), pytest.raises(PartlyWritten) as refused:
        partial.write(b"", begin, wire.tap(1 << 20))
    partial.close()
    taken = most - begin
    assert refused.value.written_bytes == taken
    assert (tmp_path / f"full{SUFFIX}").read_bytes()[begin:] == data[:taken]


@pytest.mark.parametrize("taken", [0, 1000, 262_144, 300_000])
def test_what_a_partial_has_taken_of_a_piece_counts_when_it_takes_no_more(
    wire: Wire, tmp_path: Path, taken: int
) -> None:
    partial = Partial(str(tmp_path), "full", create(str(tmp_path / f"full{SUFFIX}")))
    data = bytes(Pattern(400_000))
    with files_of_at_most(taken), pytest.raises(PartlyWritten) as refused:
        partial.write(data, 0, wire.tap(1 << 20))
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
    """A partial that somebody cuts whenever a block of it was written."""

    def __init__(self, partial: Partial) -> None:
        self._partial = partial

    def put(self, block: memoryview, offset: int) -> None:
        self._partial.put(block, offset)
        os.ftruncate(self._partial.fd, 0)


def test_a_partial_that_is_cut_within_a_turn_is_noticed(wire: Wire, tmp_path: Path) -> None:
    partial = Partial(str(tmp_path), "cut", create(str(tmp_path / f"cut{SUFFIX}")))
    wire.send(DATA[:60_000])
    tap = wire.tap(1 << 20)
    with pytest.raises(DiskError, match="was cut"):
        tap.pour(Cut(partial), BLOCK_BYTES - 30_000)  # two blocks: a boundary lies between
    partial.close()
    assert tap.moved_bytes == 30_000


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
    monkeypatch.setattr(channels, "CAN_RECEIVE", is_possible)
    async with running() as engine:
        download = await get(engine, large, tmp_path, connections=connections)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "large.bin") == LARGE.sha256()


def read_from_disk() -> int:
    """Bytes that this process had to wait for a disk for."""
    counts = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counts["read_bytes"])


@pytest.mark.skipif(not os.path.exists("/proc/self/io"), reason="nobody counts what is read")
async def test_what_is_hashed_in_the_end_is_in_memory_still(tmp_path: Path, large: str) -> None:
    before = read_from_disk()
    async with running() as engine:
        download = await get(engine, large, tmp_path, checksum=Checksum("sha-256", LARGE.sha256()))
    assert download.assurance is Assurance.VERIFIED
    assert read_from_disk() - before < LARGE.size // 2


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
