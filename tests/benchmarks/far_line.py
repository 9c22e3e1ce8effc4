"""A line with a round trip, a rate, a queue and losses, to a network of its own on this machine.

Two TUN devices, one here and one in a fresh network namespace, and a process that carries packets
between them. TCP on both ends is the kernel's, so that slow start, full queues and losses are what
they are on a real line. It takes Linux and the right to set up networks.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE, THERE = "198.18.0.2", "198.18.0.1"  # set aside for benchmarks (RFC 2544)
_DEVICE = "far0"
_REPOSITORY = Path(__file__).parents[2]

# From <linux/if_tun.h>, <linux/sockios.h>, <linux/if.h> and <linux/sched.h>.
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFDSTADDR = 0x8914, 0x8916, 0x8918
_IFF_UP, _IFF_RUNNING = 0x1, 0x40
_CLONE_NEWNET = 0x40000000

_PACKETS_IN_ROW = 64
_LARGEST_PACKET = 65536


class Unavailable(Exception):
    """This machine has no such lines; the message says why."""


@dataclass(frozen=True)
class Line:
    """What a line is like, the same both ways.

    Attributes:
        delay_s: one way; a round trip takes twice as long.
        bytes_per_s: its rate.
        queue_bytes: what waits in front of it; more is dropped.
        loss: share of the packets that are lost besides.
    """

    delay_s: float
    bytes_per_s: float
    queue_bytes: int
    loss: float = 0.0


@contextmanager
def far_end(line: Line) -> Iterator[socket.socket]:
    """Yield a socket that listens at the far end of a line.

    Raises:
        Unavailable: see there.
    """
    try:
        here = _tun(HERE, THERE)
        there, listening = _in_new_namespace()
    except OSError as error:
        raise Unavailable(f"a far line takes Linux and root: {error}") from error
    facts = [line.delay_s, line.bytes_per_s, line.queue_bytes, line.loss]
    command = [sys.executable, "-m", __spec__.name, str(here), str(there), *map(str, facts)]
    with (
        listening,
        subprocess.Popen(command, cwd=_REPOSITORY, pass_fds=[here, there]) as carrier,
    ):
        try:
            yield listening
        finally:
            carrier.kill()
            os.close(here)
            os.close(there)


def _tun(address: str, peer: str) -> int:
    """Make a TUN device in the network namespace of this thread; it lasts until it is closed."""
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    name = _DEVICE.encode()
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH14x", name, _IFF_TUN | _IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for request, ip in ((_SIOCSIFADDR, address), (_SIOCSIFDSTADDR, peer)):
            packed = struct.pack("16sHH4s8x", name, socket.AF_INET, 0, socket.inet_aton(ip))
            fcntl.ioctl(control, request, packed)
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name, _IFF_UP | _IFF_RUNNING))
    return device


def _in_new_namespace() -> tuple[int, socket.socket]:
    """Make the far device and a listening socket; both keep their namespace alive."""
    # A namespace belongs to a thread: the others stay where they are.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_leave_and_listen).result()


def _leave_and_listen() -> tuple[int, socket.socket]:
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "no new network namespace")
    return _tun(THERE, HERE), socket.create_server((THERE, 0), backlog=511)


class _Direction:
    """One way of a line: packets that are on it, and how long it is busy."""

    def __init__(self, from_device: int, to_device: int, line: Line) -> None:
        self.from_device = from_device
        self._to_device = to_device
        self._line = line
        self._free_at = 0.0
        self._under_way: deque[tuple[float, bytes]] = deque()

    @property
    def next_at(self) -> float:
        """When the next packet arrives."""
        return self._under_way[0][0] if self._under_way else float("inf")

    def take(self) -> None:
        """Put what waits at the near end on the line, or drop it."""
        line = self._line
        with suppress(BlockingIOError):
            for _ in range(_PACKETS_IN_ROW):
                packet = os.read(self.from_device, _LARGEST_PACKET)
                now = time.monotonic()
                begin = max(self._free_at, now)
                is_full = (begin - now) * line.bytes_per_s > line.queue_bytes
                if is_full or (line.loss and random.random() < line.loss):
                    continue
                self._free_at = begin + len(packet) / line.bytes_per_s
                self._under_way.append((self._free_at + line.delay_s, packet))

    def deliver(self) -> None:
        """Hand over what has arrived."""
        now = time.monotonic()
        while self.next_at <= now:
            _, packet = self._under_way.popleft()
            with suppress(OSError):  # the far queue is full: a loss like any other
                os.write(self._to_device, packet)


def carry(here: int, there: int, line: Line) -> None:
    """Carry packets both ways for ever."""
    ways = [_Direction(here, there, line), _Direction(there, here, line)]
    while True:
        wait_s = min(way.next_at for way in ways) - time.monotonic()
        readable, _, _ = select.select([here, there], [], [], max(0.0, min(wait_s, 1.0)))
        for way in ways:
            if way.from_device in readable:
                way.take()
            way.deliver()


def main() -> None:
    """Carry packets until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("here", "there"):
        parser.add_argument(name, type=int)
    for name in ("delay_s", "bytes_per_s", "queue_bytes", "loss"):
        parser.add_argument(name, type=float)
    options = parser.parse_args()
    line = Line(options.delay_s, options.bytes_per_s, int(options.queue_bytes), options.loss)
    with suppress(PermissionError):
        os.nice(-15)  # it stands for cables and routers, which are never busy with something else
    carry(options.here, options.there, line)


if __name__ == "__main__":
    main()
