"""The machine's network goes away and comes back: in namespaces, with a real cable to pull."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.running import names_in, sha256
from tests.server import Pattern
from tests.waiting import eventually
from tui_downloader.engine.network.network import Network, has_route

MIB = 1 << 20
FILE = Pattern(24 * MIB)
HERE, THERE = f"tuidl-here-{os.getpid()}", f"tuidl-there-{os.getpid()}"
SERVER = "10.199.7.1"

# A server in a namespace of its own: serves one file, slowly, until it is killed.
SERVE = f"""
import asyncio
from tests.server import Pattern, Server

async def main():
    async with Server(host="{SERVER}") as server:
        server.put("/file.bin", Pattern({FILE.size}), throttle_bytes_per_s={4 * MIB})
        print(server.port, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_a_network_that_never_was_there_cannot_go_away() -> None:
    network = Network(lambda _: False)
    assert not network.is_down("http://example.invalid/f")


def test_a_network_that_was_there_can() -> None:
    routes = {"192.0.2.1", "2001:db8::1"}
    network = Network(routes.__contains__)
    assert not network.is_down("http://example.invalid/f")
    routes.clear()
    assert network.is_down("http://example.invalid/f")
    assert not network.is_down("http://10.0.0.1/f")


def test_an_address_without_a_name_is_looked_at_itself() -> None:
    routes = {"10.0.0.1"}
    network = Network(routes.__contains__)
    network.reached("http://10.0.0.1:8000/f")
    assert not network.is_down("http://10.0.0.1/f")
    routes.clear()
    assert network.is_down("http://10.0.0.1/g")


def test_a_name_is_looked_for_where_it_led_too() -> None:
    routes = {"192.0.2.1", "10.0.0.1"}
    network = Network(routes.__contains__)
    near, far = "http://nas.invalid:8000/f", "http://example.invalid/f"
    network.reached(near, "10.0.0.1")
    network.reached(far, "198.51.100.1")
    routes.discard("192.0.2.1")
    assert [network.is_down(url) for url in (near, far)] == [False, True]
    routes.discard("10.0.0.1")
    assert network.is_down(near)
    routes.add("192.0.2.1")
    assert network.is_up(near)


def test_a_name_that_was_reached_without_a_way_out_can_go_away() -> None:
    routes = {"10.0.0.1"}
    network = Network(routes.__contains__)
    network.reached("http://nas.invalid/f", "10.0.0.1")
    routes.clear()
    assert network.is_down("http://nas.invalid/g")
    assert not network.is_down("http://example.invalid/f")


def test_where_a_name_led_stays_known_when_it_is_not_told_again() -> None:
    routes = {"192.0.2.1", "10.0.0.1"}
    network = Network(routes.__contains__)
    network.reached("http://nas.invalid/f", "10.0.0.1")
    network.reached("http://nas.invalid/f")
    routes.discard("192.0.2.1")
    assert not network.is_down("http://nas.invalid/f")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.255.255.255"])
def test_a_route_that_leads_to_a_refusal_is_one(address: str) -> None:
    """Nothing may be sent to a broadcast address just so."""
    assert has_route(address)


def done_bytes(passport: Path) -> int:
    if not passport.exists():
        return 0
    return sum(end - start for start, end in json.loads(passport.read_text())["done"])


def ip(*words: str, may_fail: bool = False) -> None:
    subprocess.run(["ip", *words], check=not may_fail, capture_output=True)


@pytest.fixture
async def server_port() -> AsyncIterator[int]:
    """Two hosts joined by a cable; the port of the server on the other one."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("network namespaces need root and iproute2")
    for name in (HERE, THERE):
        ip("netns", "del", name, may_fail=True)
    try:
        ip("netns", "add", HERE)
        ip("netns", "add", THERE)
        ip("link", "add", "tuidl0", "netns", HERE, "type", "veth",
           "peer", "name", "tuidl1", "netns", THERE)  # fmt: skip
        ip("-n", HERE, "addr", "add", "10.199.7.2/24", "dev", "tuidl0")
        ip("-n", THERE, "addr", "add", f"{SERVER}/24", "dev", "tuidl1")
    except subprocess.CalledProcessError:
        ip("netns", "del", HERE, may_fail=True)
        ip("netns", "del", THERE, may_fail=True)
        pytest.skip("this system makes no network namespaces, or lets nobody into them")
    for namespace, device in ((HERE, "tuidl0"), (THERE, "tuidl1"), (HERE, "lo"), (THERE, "lo")):
        ip("-n", namespace, "link", "set", device, "up")
    process = await asyncio.create_subprocess_exec(
        "ip", "netns", "exec", THERE, sys.executable, "-c", SERVE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.kill()
        await process.wait()
        for name in (HERE, THERE):
            ip("netns", "del", name)


async def test_a_cable_that_is_pulled_costs_no_download(server_port: int, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        "ip", "netns", "exec", HERE, sys.executable, "-m", "tui_downloader", "get", "--json",
        "-x", "2", "-d", str(tmp_path), f"http://{SERVER}:{server_port}/file.bin",
    )  # fmt: skip
    await eventually(lambda: done_bytes(tmp_path / "file.bin.part.json") >= 4 * MIB)
    # Both cut what is open and take the way away: reset, then no route for longer than all retries.
    ip("netns", "exec", HERE, "ss", "-K", "dst", SERVER, may_fail=True)
    ip("-n", HERE, "link", "set", "tuidl0", "down")
    await asyncio.sleep(4)
    assert process.returncode is None
    ip("-n", HERE, "link", "set", "tuidl0", "up")
    async with asyncio.timeout(60):
        assert await process.wait() == 0
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file.bin"]
