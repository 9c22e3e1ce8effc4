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
from tui_downloader.engine.network import lookups as lookups_module
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
def two_machines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name leads to two addresses; return the names that are looked up."""
    asked = list[str]()

    def look_up(host: str, port: int, *_: Any) -> list[Any]:
        asked.append(host)
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
        return [(*kind, (f"192.0.2.{number}", port)) for number in (1, 2)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


async def order(lookups: Lookups) -> str:
    """The last digits of the addresses of a name, in the order in which they are tried."""
    return "".join(each["host"][-1] for each in await lookups.resolve("two.example", 80))


async def test_addresses_of_a_kind_that_is_unknown_here_are_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Python without IPv6 tells their raw bytes."""
    raw = [(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (10, b"raw"))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: raw)
    with pytest.raises(socket.gaierror, match="no address"):
        await Lookups().resolve("six.example", 80)


async def test_a_name_is_asked_for_once(two_machines: list[str]) -> None:
    lookups = Lookups()
    assert await asyncio.gather(*(order(lookups) for _ in range(3))) == ["12"] * 3
    assert await order(lookups) == "12"
    assert two_machines == ["two.example"]
    await lookups.resolve("two.example", 443)
    assert len(two_machines) == 2


async def test_what_nobody_told_is_asked_for_again(
    monkeypatch: pytest.MonkeyPatch, two_machines: list[str]
) -> None:
    lookups, answering = Lookups(), socket.getaddrinfo

    def fail(*_: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "nobody tells")

    with monkeypatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(socket.gaierror):
            await order(lookups)
    assert socket.getaddrinfo is answering
    assert await order(lookups) == "12"


async def test_a_machine_is_kept_to_until_it_is_left(two_machines: list[str]) -> None:
    lookups = Lookups()
    lookups.keep_to("two.example", 80, "192.0.2.2")  # never looked up: nothing to say
    assert lookups.leave("two.example", 80, "") == lookups.first("two.example", 80) == ""
    assert await order(lookups) == "12"
    lookups.keep_to("two.example", 80, "192.0.2.2")
    assert await order(lookups) == "21"
    lookups.keep_to("two.example", 80, "192.0.2.9")
    assert await order(lookups) == "21"
    assert lookups.leave("two.example", 80, "192.0.2.2") == "192.0.2.1"
    assert lookups.first("two.example", 80) == "192.0.2.1"
    assert await order(lookups) == "12"
    lookups.leave("two.example", 80, "192.0.2.2")  # another one has found so before
    assert await order(lookups) == "12"


async def test_it_comes_first_again_when_the_name_is_looked_up_again(
    monkeypatch: pytest.MonkeyPatch, two_machines: list[str]
) -> None:
    monkeypatch.setattr(lookups_module, "_KEPT_S", -1.0)
    lookups = Lookups()
    assert await order(lookups) == "12"
    lookups.keep_to("two.example", 80, "192.0.2.2")
    assert await order(lookups) == "21"
    assert len(two_machines) == 2


async def test_only_so_many_names_are_remembered(
    monkeypatch: pytest.MonkeyPatch, two_machines: list[str]
) -> None:
    monkeypatch.setattr(lookups_module, "_MOST_NAMES", 2)
    lookups = Lookups()
    for name in ("a", "b", "c", "b"):
        await lookups.resolve(f"{name}.example", 80)
    assert len(two_machines) == 3
    await lookups.resolve("a.example", 80)
    assert len(two_machines) == 4


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
