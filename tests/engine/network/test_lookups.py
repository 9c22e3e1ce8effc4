"""Names of hosts: found as the system finds them, and none that hangs holds up another."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import running, sha256, until, wanted
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S
from tui_downloader.engine.network.lookups import Lookups
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = Pattern(300_000)
DEAD = "dead.example"

# A program whose lookups of some names do not come back.
HANGING = f"""
import socket, sys, threading
from tui_downloader.cli import main
real = socket.getaddrinfo

def look_up(host, *arguments, **named):
    if host.endswith("{DEAD}"):
        print("looks it up", flush=True)
        threading.Event().wait()
    return real(host, *arguments, **named)

socket.getaddrinfo = look_up
sys.exit(main(sys.argv[1:]))
"""


async def test_a_name_is_found_with_all_its_addresses() -> None:
    found = await Lookups().resolve("localhost", 8000, socket.AF_UNSPEC)
    assert {each["host"] for each in found} <= {"127.0.0.1", "::1"}
    assert {(each["hostname"], each["port"]) for each in found} == {("localhost", 8000)}
    for each in found:
        socket.inet_pton(each["family"], each["host"])


async def test_a_name_that_is_not_found_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    for name in ("nowhere.example", "localhost"):
        with pytest.raises(socket.gaierror, match="not known"):
            await Lookups().resolve(name, 80)


async def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="label"):
        await Lookups().resolve("a" * 70 + ".example", 80)


async def test_an_address_on_this_link_keeps_the_name_of_the_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index, name = socket.if_nameindex()[0]
    address = ("fe80::1", 80, 0, index)
    found = [(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    (only,) = await Lookups().resolve("near.example", 80)
    assert only["host"] == f"fe80::1%{name}"


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names that are looked up and of which nobody tells, until the test is over."""
    real, over, asked = socket.getaddrinfo, threading.Event(), list[str]()

    def look_up(host: str, *arguments: Any, **named: Any) -> Any:
        if host.endswith(DEAD):
            asked.append(host)
            over.wait(2 * PATIENCE_S)
        return real(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield asked
    over.set()


async def test_names_that_hang_hold_up_no_other(
    server: Server, tmp_path: Path, hanging: list[str]
) -> None:
    """However many: as many as the event loop has threads of its own at most, and more."""
    server.put("/file.bin", FILE)
    urls = [f"http://{n}.{DEAD}/f" for n in range(40)]
    async with running(jobs=50) as engine:
        ids = engine.add([wanted(url, tmp_path) for url in urls])
        await until(engine, lambda _: len(hanging) == len(urls))
        engine.add([wanted(server.url("/file.bin", host="localhost"), tmp_path)])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        engine.cancel(ids, keep=False)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
async def test_a_name_that_hangs_keeps_no_program_from_its_end(tmp_path: Path) -> None:
    """And it is not a disk that does not answer."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HANGING, "get", "-q", "-d", str(tmp_path), f"http://{DEAD}/f"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"looks it up\n"
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(PATIENCE_S):
        _, errors = await process.communicate()
    assert process.returncode == 130
    assert b"disk" not in errors
