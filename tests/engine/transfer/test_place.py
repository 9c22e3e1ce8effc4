"""Hosts that serve only so many downloads at once: the others wait for one of those to end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import idle, log_of, running, sha256, try_again_after, until, wanted
from tests.server import Pattern, Server
from tui_downloader.engine.transfer.place import Place
from tui_downloader.model import retry
from tui_downloader.model.download import Hold
from tui_downloader.model.errors import NetworkError
from tui_downloader.model.retry import Kind
from tui_downloader.model.status import Status
from tui_downloader.model.statuses import status_error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from tests.nginx import Nginx
    from tests.server.behaviour import Surplus
    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot

FILE, SMALL = Pattern(300_000), Pattern(3000)
NAMES = [f"{n}.bin" for n in range(5)]
AT_ONCE = 2


def asked(server: Server, name: str) -> int:
    return sum(request.path == f"/{name}" for request in server.requests)


async def start(
    engine: Engine, server: Server, folder: Path, file: Pattern = FILE
) -> Sequence[int]:
    """Add all files; return when the first ones are being received, and stay so until released."""
    server.max_connections = AT_ONCE
    for name in NAMES:
        server.put(
            f"/{name}", file, stall_after=file.size // 2 if name in NAMES[:AT_ONCE] else None
        )
    requests = [wanted(server.url(f"/{name}"), folder) for name in NAMES]
    ids = engine.add(requests[:AT_ONCE])
    await until(engine, lambda each: all(d.status is Status.DOWNLOADING for d in each))
    return [*ids, *engine.add(requests[AT_ONCE:])]


def assert_whole(downloads: Sequence[Snapshot], folder: Path, file: Pattern = FILE) -> None:
    assert [d.status for d in downloads] == [Status.COMPLETED] * len(NAMES)
    assert {sha256(folder / name) for name in NAMES} == {file.sha256()}


@pytest.mark.parametrize("surplus", [503, 429, "reset"])
async def test_a_refusal_while_others_are_served_costs_no_try(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, surplus: Surplus
) -> None:
    monkeypatch.setattr(retry, "_BUSY", Kind("a busy server", 2))
    monkeypatch.setattr(retry, "_BROKEN", Kind("a connection that fails", 2))
    try_again_after(0.02, monkeypatch)
    server.surplus = surplus
    async with running(jobs=3) as engine:
        await start(engine, server, tmp_path)
        await server.until(lambda: asked(server, NAMES[AT_ONCE]) > 5)
        assert not engine._parts.hosts.rates.interval_s(server.url("/"))  # nor is it too soon
        server.release()
        assert_whole(await idle(engine), tmp_path)


@pytest.mark.parametrize("file", [FILE, SMALL], ids=["large", "small"])
async def test_the_next_one_asks_when_one_has_ended_and_nobody_else_meanwhile(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: Pattern
) -> None:
    try_again_after(1000.0, monkeypatch)
    async with running(jobs=3) as engine:
        ids = await start(engine, server, tmp_path, file)
        await until(engine, lambda each: each[AT_ONCE].status is Status.WAITING)
        await until(engine, lambda each: each[-1].hold == Hold(is_crowded=True))
        assert "others use the host" in log_of(engine, ids[AT_ONCE])
        assert [asked(server, name) for name in NAMES] == [1, 1, 1, 1, 0]
        server.release()
        assert_whole(await idle(engine), tmp_path, file)
        assert not any(each.may_find_room for each in engine._parts.roster.downloads.values())
    assert asked(server, NAMES[AT_ONCE]) == 2


async def test_it_asks_as_soon_as_the_bytes_are_here_and_not_only_when_they_are_a_file(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(1000.0, monkeypatch)
    async with running(jobs=3) as engine:
        ids = await start(engine, server, tmp_path)
        await until(engine, lambda each: each[AT_ONCE].status is Status.WAITING)
        server.release()
        await idle(engine)
        logs = [engine.details(each).log for each in ids]
    woken_at = next(at for at, words in logs[AT_ONCE] if "has ended" in words)
    assert woken_at <= min(
        at for log in logs[:AT_ONCE] for at, words in log if words == "every byte is here"
    )


async def test_who_waits_holds_no_slot(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for the first moment."""
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 4.0)
    async with running(jobs=3) as engine:
        await start(engine, server, tmp_path)
        await until(engine, lambda each: each[-1].hold == Hold(is_crowded=True))
        server.max_connections = None
        (other,) = engine.add([wanted(server.url("/0.bin", host="localhost"), tmp_path / "other")])
        await until(engine, lambda each: each[-1].status is Status.DOWNLOADING)
        assert engine.snapshot().downloads[AT_ONCE].status is Status.WAITING
        server.release()
        assert {d.status for d in await idle(engine)} == {Status.COMPLETED}
        assert other == len(NAMES) + 1


async def served_one(engine: Engine, server: Server, folder: Path) -> None:
    """Have a file under way, and stay so until released."""
    server.put("/slow.bin", FILE, stall_after=1000)
    engine.add([wanted(server.url("/slow.bin"), folder)])
    await until(engine, lambda each: each[0].status is Status.DOWNLOADING)


async def test_a_host_that_takes_no_connection_while_it_serves_others_is_not_called_silent(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(1000.0, monkeypatch)
    server.put("/next.bin", FILE)
    async with running() as engine:
        await served_one(engine, server, tmp_path)
        server.refuse_connections()
        (waiting,) = engine.add([wanted(server.url("/next.bin"), tmp_path)])
        await until(engine, lambda each: each[1].status is Status.WAITING)
        assert "refused the connection; others use the host" in log_of(engine, waiting)
        assert not engine._parts.outages.silent.closed()
        server.release()  # it gets the connection of the other one
        assert {each.status for each in await idle(engine)} == {Status.COMPLETED}


async def test_one_that_is_never_served_holds_up_nobody(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(1000.0, monkeypatch)
    server.put("/busy.bin", FILE, status=503)
    server.put("/good.bin", FILE)
    async with running(connections=1) as engine:
        await served_one(engine, server, tmp_path)
        (busy,) = engine.add([wanted(server.url("/busy.bin"), tmp_path)])
        await until(engine, lambda each: each[1].status is Status.WAITING)
        engine.add([wanted(server.url("/good.bin"), tmp_path)])
        await until(engine, lambda each: each[2].status is Status.COMPLETED)
        engine.cancel([busy], keep=False)
        server.release()
        await idle(engine)


async def test_several_that_are_never_served_hold_up_nobody_once_that_is_known(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many more were served meanwhile: the number is not why these are refused."""
    monkeypatch.setattr(retry, "_BUSY", Kind("a busy server", 1000))
    try_again_after(0.1, monkeypatch)
    names = [f"/busy-{n}.bin" for n in range(2)]
    for name in names:
        server.put(name, FILE, status=503)
    for n in range(3):
        server.put(f"/good-{n}.bin", FILE, stall_after=1000)
    server.put("/last.bin", FILE)
    async with running(jobs=8, connections=1) as engine:
        await served_one(engine, server, tmp_path)
        busy = engine.add([wanted(server.url(name), tmp_path) for name in names])
        await until(engine, lambda each: all(d.status is Status.WAITING for d in each[1:]))
        good = engine.add([wanted(server.url(f"/good-{n}.bin"), tmp_path) for n in range(3)])
        engine.resume(good)
        await until(engine, lambda each: all(d.status is Status.DOWNLOADING for d in each[3:]))
        engine.add([wanted(server.url("/last.bin"), tmp_path)])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        engine.cancel(busy, keep=False)
        server.release()
        await idle(engine)


async def test_several_that_are_never_served_hold_up_the_others_for_a_few_refusals(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though a single file is served as long as nobody else asks."""
    try_again_after(0.1, monkeypatch)
    names = [f"/busy-{n}.bin" for n in range(3)]
    for name in names:
        server.put(name, FILE, status=503)
    server.put("/good.bin", FILE)
    async with running(jobs=2) as engine:
        await served_one(engine, server, tmp_path)
        busy = engine.add([wanted(server.url(name), tmp_path) for name in names])
        await until(engine, lambda each: each[2].status is Status.WAITING)
        engine.add([wanted(server.url("/good.bin"), tmp_path)])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        engine.cancel(busy, keep=False)
        server.release()
        await idle(engine)


async def test_those_that_are_never_served_do_not_excuse_each_other(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 2
    monkeypatch.setattr(retry, "_BUSY", Kind("a busy server", tries))
    try_again_after(0.02, monkeypatch)
    for name in NAMES:
        server.put(f"/{name}", FILE, status=503, first_byte_delay_s=0.05)
    async with running(jobs=len(NAMES)) as engine:
        engine.add([wanted(server.url(f"/{name}"), tmp_path) for name in NAMES])
        assert {each.status for each in await idle(engine)} == {Status.FAILED}
    most = tries + tries + 1  # the only excuse may come when all of them are spent
    assert max(asked(server, name) for name in NAMES) <= most


async def test_the_user_may_try_a_held_one_at_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(1000.0, monkeypatch)
    async with running(jobs=3) as engine:
        ids = await start(engine, server, tmp_path)
        await until(engine, lambda each: each[AT_ONCE].status is Status.WAITING)
        await until(engine, lambda each: each[-1].hold == Hold(is_crowded=True))
        assert not asked(server, NAMES[-1])
        engine.resume(ids[-1:])
        await until(engine, lambda each: each[-1].status is Status.WAITING)
        assert [asked(server, name) for name in NAMES] == [1, 1, 1, 1, 1]
        server.release()
        assert_whole(await idle(engine), tmp_path)


FIRST, MIRROR = "http://first.invalid/file", "http://mirror.invalid/file"


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[tuple[Place, Place, Engine]]:
    """The places of two downloads of one host that wait for their time, and take them by hand."""
    async with running() as engine:
        later = time.time() + 3600
        ids = engine.add([wanted(FIRST, tmp_path, start_at=later) for _ in range(2)])
        parts = engine._parts
        mine, other = (Place(parts.roster.downloads[key], parts.tools) for key in ids)
        yield mine, other, engine


def connections_at(url: str, engine: Engine) -> int:
    """How many connections a newcomer finds at the host."""
    return engine._parts.hosts.crowd_of(url).others(0)


def test_a_place_is_taken_with_the_first_request(places: tuple[Place, Place, Engine]) -> None:
    mine, other, engine = places
    beside_others = []
    for each in (mine, other):
        each.ask(FIRST)
        beside_others.append(mine.is_beside_others)
    assert beside_others == [False, True]
    assert connections_at(FIRST, engine) == 2


def test_it_is_kept_between_two_requests_to_one_host(places: tuple[Place, Place, Engine]) -> None:
    mine, _, engine = places
    mine.ask(FIRST)
    mine.serve()
    assert connections_at(FIRST, engine) == 1
    mine.serve(3)
    mine.ask(FIRST)
    assert connections_at(FIRST, engine) == 3


def test_who_goes_on_at_another_host_leaves_the_first(places: tuple[Place, Place, Engine]) -> None:
    mine, _, engine = places
    mine.ask(FIRST)
    mine.serve()
    mine.ask(MIRROR)
    assert (connections_at(FIRST, engine), connections_at(MIRROR, engine)) == (0, 1)


def test_a_fault_that_others_are_no_reason_for_gives_it_up(
    places: tuple[Place, Place, Engine],
) -> None:
    mine, other, engine = places
    for each in (mine, other):
        each.ask(FIRST)
        each.serve()
    assert not mine.is_taken(NetworkError("reset"))
    assert connections_at(FIRST, engine) == 1


@pytest.mark.parametrize("url", [FIRST, MIRROR])
def test_only_the_refusals_of_its_own_host_are_waited_for_by_others_of_that(
    places: tuple[Place, Place, Engine], url: str
) -> None:
    """Those who wait for a host are known by the address that they are to be fetched from."""
    mine, other, engine = places
    other.ask(url)
    other.serve()
    mine.ask(url)
    assert mine.is_taken(status_error(503))
    refused = engine._parts.roster.downloads[1]
    assert refused.may_find_room is (url == FIRST)


async def test_all_files_come_from_a_real_server_that_allows_two(
    nginx: Nginx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All at once at first, and with as many connections as pay."""
    monkeypatch.setattr(retry, "_BUSY", Kind("a busy server", 1))
    for name in NAMES:
        FILE.write_to(nginx.root / name)
    async with running(jobs=len(NAMES), connections=0) as engine:
        engine.add([wanted(nginx.url(f"/two/{name}"), tmp_path) for name in NAMES])
        assert_whole(await idle(engine), tmp_path)
