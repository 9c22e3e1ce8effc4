"""Who cannot get through holds up nobody: where a host refuses, and where the network is gone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import (
    at_rest,
    change,
    get,
    idle,
    log_of,
    only,
    running,
    seen,
    sha256,
    try_again_after,
    until,
    wanted,
)
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine import parts
from tui_downloader.engine.network import body_faults, client, network
from tui_downloader.engine.network.network import Network
from tui_downloader.engine.queue import offline, slow_connects
from tui_downloader.engine.transfer import waiting
from tui_downloader.model import retry
from tui_downloader.model.download import Hold
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server import Resource
    from tui_downloader.model.download import Snapshot

FILE = Pattern(300_000)
HERE = "127.0.0.1"


@pytest.fixture
def refusing() -> Iterator[str]:
    """Host and port where nobody listens, and nobody else will."""
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        yield f"{HERE}:{taken.getsockname()[1]}"


def tries(download: Snapshot) -> int:
    return 0 if download.retry is None else download.retry.attempt


# A host that refuses.


async def test_a_host_that_refuses_holds_no_slot(
    server: Server, tmp_path: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for a wait that a host which has answered before would be given."""
    monkeypatch.setattr(waiting, "WAIT_IN_PLACE_S", 1000.0)
    try_again_after(600.0, monkeypatch)
    server.put("/file.bin", FILE)
    async with running(jobs=2) as engine:
        dead = [wanted(f"http://{refusing}/{n}", tmp_path) for n in range(6)]
        ids = engine.add([*dead, wanted(server.url("/file.bin"), tmp_path)])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        assert not any(d.status.is_ended for d in engine.snapshot().downloads[:-1])
        engine.cancel(ids[:-1], keep=False)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_others_of_such_a_host_do_not_start_only_to_meet_it_too(
    tmp_path: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(600.0, monkeypatch)
    async with running(jobs=1) as engine:
        ids = engine.add([wanted(f"http://{refusing}/{n}", tmp_path) for n in range(3)])
        await until(engine, lambda each: each[0].status is Status.WAITING)
        await until(engine, lambda each: each[1].hold == Hold(is_silent=True))
        assert [d.status for d in engine.snapshot().downloads[1:]] == [Status.QUEUED] * 2
        engine.resume(ids[1:2])  # the user's word counts at once, for who is in line already too
        await until(engine, lambda each: each[1].status is Status.WAITING)
        engine.pause(ids[2:])
        engine.resume(ids[2:])
        await until(engine, lambda each: each[2].status is Status.WAITING)
        engine.cancel(ids, keep=False)


async def test_who_was_refused_tries_again_at_its_own_time(
    tmp_path: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(0.05, monkeypatch)
    async with running(jobs=2) as engine:
        ids = engine.add([wanted(f"http://{refusing}/{n}", tmp_path) for n in range(2)])
        await until(engine, lambda each: min(tries(d) for d in each) >= 3)
        engine.cancel(ids, keep=False)


async def test_who_was_refused_comes_back_before_those_behind_it(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.2)
    for name in ("/b.bin", "/c.bin"):
        server.put(name, FILE, hold=name == "/b.bin")
    async with Server() as other, running(jobs=1) as engine:
        other.put("/a.bin", FILE)
        await other.stop()
        urls = other.url("/a.bin"), server.url("/b.bin"), server.url("/c.bin")
        engine.add([wanted(url, tmp_path) for url in urls])
        await server.until(lambda: server.held_now == 1)
        await until(engine, lambda each: each[0].status is Status.QUEUED)  # its time has come
        await other.start()
        server.release()
        assert {d.status for d in await idle(engine)} == {Status.COMPLETED}
        (request,) = other.requests
    assert [each.path for each in server.requests] == ["/b.bin", "/c.bin"]
    assert request.at < server.requests[1].at


async def test_a_host_that_answers_again_is_free_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(600.0, monkeypatch)
    async with Server() as server, running(jobs=1) as engine:
        for n in range(3):
            server.put(f"/{n}.bin", FILE)
        await server.stop()
        ids = engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in range(3)])
        await until(engine, lambda each: each[1].hold == Hold(is_silent=True))
        await server.start()
        engine.resume(ids[:1])
        assert {d.status for d in await idle(engine)} == {Status.COMPLETED}


async def test_a_port_that_cuts_tls_off_is_no_host_that_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It speaks plain http: whoever asks it so need not wait for who asks it in vain."""
    try_again_after(600.0, monkeypatch)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (await reader.read(1000)).startswith(b"GET "):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, HERE, 0) as listener, running() as engine:
        place = f"{HERE}:{listener.sockets[0].getsockname()[1]}"
        (mistyped,) = engine.add([wanted(f"https://{place}/a", tmp_path)])
        await seen(engine, lambda d: d.status is Status.WAITING)
        (right,) = engine.add([wanted(f"http://{place}/b", tmp_path)])
        await until(engine, lambda each: each[1].status is Status.COMPLETED)
        assert [d.download_id for d in engine.snapshot().downloads] == [mistyped, right]
    assert (tmp_path / "b").read_bytes() == b"hello"


async def test_those_that_met_such_a_host_go_on_as_soon_as_it_answers_one_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(600.0, monkeypatch)
    async with Server() as server, running(jobs=3) as engine:
        for n in range(3):
            server.put(f"/{n}.bin", FILE)
        await server.stop()
        ids = engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in range(3)])
        await until(engine, lambda each: all(d.status is Status.WAITING for d in each))
        await server.start()
        engine.resume(ids[:1])
        assert {d.status for d in await idle(engine)} == {Status.COMPLETED}


async def test_those_that_met_a_host_go_on_as_soon_as_it_leads_one_of_them_to_another(
    tmp_path: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has answered, whoever refuses behind it."""
    try_again_after(600.0, monkeypatch)
    async with Server() as server, running(jobs=2) as engine:
        server.put("/0.bin", FILE, location=f"http://{refusing}/0.bin")
        server.put("/1.bin", FILE)
        await server.stop()
        ids = engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in range(2)])
        await until(engine, lambda each: all(d.status is Status.WAITING for d in each))
        await server.start()
        engine.resume(ids[:1])
        await until(engine, lambda each: each[1].status is Status.COMPLETED)
        engine.cancel(ids[:1], keep=False)


async def test_a_mirror_that_leads_to_a_host_that_refuses_holds_up_nothing(
    server: Server, tmp_path: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others wait for that host; who has begun elsewhere does not."""
    try_again_after(600.0, monkeypatch)
    file = Pattern(8 << 20)
    away = server.put("/away", file, location=f"http://{refusing}/file.bin")
    link = f"Link: <{server.url('/away')}>; rel=duplicate".encode()
    server.put("/file.bin", file, extra_headers=(link,)).first(
        stall_after=6 << 20, extra_headers=(link,)
    )
    async with running(jobs=2) as engine:
        dead, alive = engine.add(
            [wanted(url, tmp_path) for url in (f"http://{refusing}/0", server.url("/file.bin"))]
        )
        await until(engine, lambda each: each[0].status is Status.WAITING)
        await server.until(lambda: away.hits > 0)
        await eventually(lambda: f"mirror {server.url('/away')}: " in log_of(engine, alive))
        server.release()
        await until(engine, lambda each: each[1].status.is_ended)
        assert "in line" not in log_of(engine, alive)
        engine.cancel([dead], keep=False)
    assert sha256(tmp_path / "file.bin") == file.sha256()


async def test_mirrors_that_all_refuse_come_to_an_end(
    tmp_path: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wait gives the slot back, and what was tried counts none the less."""
    monkeypatch.setattr(waiting, "WAIT_IN_PLACE_S", 0.0)
    try_again_after(0.01, monkeypatch)
    urls = [f"http://{refusing}/{n}" for n in range(3)]
    async with running() as engine:
        download = await get(engine, urls[0], tmp_path, mirrors=tuple(urls[1:]))
    assert download.status is Status.FAILED
    assert download.failure is not None
    assert download.failure.code == "connect"


@contextlib.contextmanager
def dropping_host() -> Iterator[str]:
    """Host and port that drop whoever wants to connect: there is no room for one more."""
    with socket.socket() as full, contextlib.ExitStack() as others:
        full.bind((HERE, 0))
        full.listen(0)
        for _ in range(4):
            other = others.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        yield f"{HERE}:{full.getsockname()[1]}"


@pytest.fixture
def dropping() -> Iterator[str]:
    """One of these."""
    with dropping_host() as host:
        yield host


@pytest.mark.parametrize("wait_s", [0.01, 0.0], ids=["short", "over_at_once"])
async def test_one_download_at_a_time_tries_a_silent_host(
    server: Server,
    tmp_path: Path,
    dropping: str,
    monkeypatch: pytest.MonkeyPatch,
    wait_s: float,
) -> None:
    monkeypatch.setattr(client, "CONNECT_S", 0.2)
    try_again_after(wait_s, monkeypatch)
    server.put("/file.bin", FILE)
    async with running(jobs=3) as engine:
        dead = [wanted(f"http://{dropping}/{n}", tmp_path) for n in range(6)]
        ids = engine.add(dead)
        await until(engine, lambda each: any(d.retry for d in each))
        await until(engine, lambda each: not connecting(each))  # who had begun before
        most = [0]

        def have_tried(downloads: tuple[Snapshot, ...]) -> bool:
            most.append(connecting(downloads))
            return all(d.retry or d.status is Status.FAILED for d in downloads)

        await until(engine, have_tried)
        assert max(most) == 1
        # There is room for others all the time.
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        engine.cancel(ids, keep=False)


async def test_a_silent_host_behind_redirects_is_tried_by_one_at_a_time(
    server: Server, tmp_path: Path, dropping: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host that redirects is not the one to wait for, and answers others all the time."""
    monkeypatch.setattr(client, "CONNECT_S", 0.2)
    try_again_after(600.0, monkeypatch)
    for n in range(6):
        server.put(f"/{n}", FILE, location=f"http://{dropping}/{n}")
    server.put("/file.bin", FILE)
    async with running(jobs=2) as engine:
        ids = engine.add([wanted(server.url(f"/{n}"), tmp_path) for n in range(6)])
        await until(engine, lambda each: [tries(d) for d in each] == [1, 1, 0, 0, 0, 0])
        held = Hold(is_silent=True)
        await until(engine, lambda each: [d.hold for d in each[2:]] == [held] * 4)
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        # The user's word counts at once: that one asks again, and finds the same.
        engine.resume(ids[2:3])
        await until(engine, lambda each: tries(each[2]) == 1)
        engine.cancel(ids, keep=False)
        told = [words for _, words in engine.details(ids[-1]).log]
    beyond = f"redirected to http://{dropping}/5: {dropping} cannot be reached"
    assert [words for words in told if words.startswith(beyond)]


async def test_the_host_behind_redirects_is_free_for_all_once_it_answers(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(600.0, monkeypatch)
    async with Server() as beyond, running(jobs=1) as engine:
        for n in range(3):
            beyond.put(f"/{n}.bin", FILE)
            server.put(f"/{n}.bin", FILE, location=beyond.url(f"/{n}.bin"))
        await beyond.stop()
        ids = engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in range(3)])
        await until(engine, lambda each: each[2].hold == Hold(is_silent=True))
        await beyond.start()
        engine.resume(ids[:1])
        assert {d.status for d in await idle(engine)} == {Status.COMPLETED}


async def test_the_rest_of_a_host_that_was_given_up_is_tried_once_each(
    server: Server, tmp_path: Path, refusing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(0.01, monkeypatch)
    async with running(jobs=1) as engine:
        engine.add([wanted(f"http://{refusing}/{n}", tmp_path) for n in range(4)])
        ended = await idle(engine)
        assert {download.status for download in ended} == {Status.FAILED}
        first, *rest = (engine.details(download.download_id).log for download in ended)
        assert sum("; retry" in words for _, words in first) == 10
        assert not [words for log in rest for _, words in log if "; retry" in words]
        # Who asks for it again, wants it to be tried as ever.
        engine.resume([ended[1].download_id])
        (_, again, *_) = await idle(engine)
        log = engine.details(again.download_id).log
        assert sum("; retry" in words for _, words in log) == 10


def connecting(downloads: tuple[Snapshot, ...]) -> int:
    return sum(d.status is Status.CONNECTING for d in downloads)


# Hosts that drop packets: connecting takes its time.


@pytest.fixture
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others soon pass who has no connection, and connecting takes longer than any test."""
    monkeypatch.setattr(client, "CONNECT_S", 10 * PATIENCE_S)
    monkeypatch.setattr(client, "LOOKUP_AND_CONNECT_S", 10 * PATIENCE_S)
    monkeypatch.setattr(slow_connects, "PATIENCE_S", 0.05)
    monkeypatch.setattr(slow_connects, "EVERY_S", 0.02)


@pytest.mark.usefixtures("little_patience")
async def test_many_hosts_that_drop_packets_hold_up_nobody(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    with contextlib.ExitStack() as stack:
        dead = [stack.enter_context(dropping_host()) for _ in range(5)]
        urls = [*(f"http://{host}/f" for host in dead), server.url("/file.bin")]
        async with running(jobs=2) as engine:
            ids = engine.add([wanted(url, tmp_path) for url in urls])
            await until(engine, lambda each: each[-1].status is Status.COMPLETED)
            assert connecting(engine.snapshot().downloads) == len(dead)
            log = [words for _, words in engine.details(ids[0]).log]
            assert any("others need not wait for it" in words for words in log)
            engine.cancel(ids, keep=False)


@pytest.mark.usefixtures("little_patience")
async def test_the_rest_of_a_host_that_drops_packets_waits_for_who_tries_it(
    server: Server, tmp_path: Path, dropping: str
) -> None:
    server.put("/file.bin", FILE)
    for n in range(2):
        server.put(f"/{n}", FILE, location=f"http://{dropping}/{n}")
    direct = [f"http://{dropping}/{n}" for n in range(4)]
    beyond = [server.url(f"/{n}") for n in range(2)]
    async with running(jobs=1) as engine:
        urls = [*direct, *beyond, server.url("/file.bin")]
        ids = engine.add([wanted(url, tmp_path) for url in urls])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
        held = Hold(is_silent=True)
        await until(engine, lambda each: [d.hold for d in each[1:-1]] == [held] * 5)
        assert connecting(engine.snapshot().downloads) == 1
        engine.cancel(ids, keep=False)


# A network that is gone.


@pytest.fixture
def routes(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The ways out as the engine sees them: addresses, which can be taken away."""
    known = {HERE, "::1"}
    monkeypatch.setattr(parts, "Network", partial(Network, known.__contains__))
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.2)
    monkeypatch.setattr(offline, "EVERY_S", 0.02)
    return known


def is_offline(download: Snapshot) -> bool:
    return download.failure is not None and download.failure.code == "no-network"


async def test_who_waits_for_the_network_lets_those_pass_who_do_not_need_it(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    server.put("/a.bin", FILE).first(stall_after=100_000)
    server.put("/b.bin", FILE)
    server.put("/c.bin", FILE)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 100_000)
        routes.discard(HERE)
        near = server.url("/c.bin", host="localhost")
        engine.add([wanted(url, tmp_path) for url in (server.url("/b.bin"), near)])
        await until(engine, lambda each: each[2].status is Status.COMPLETED)
        first, second, _ = engine.snapshot().downloads
        assert first.status is Status.WAITING
        assert is_offline(first)
        assert (first.retry, first.resume_at) == (None, None)
        assert (second.status, second.hold) == (Status.QUEUED, Hold(is_offline=True))
        routes.add(HERE)
        assert {d.status for d in await idle(engine)} == {Status.COMPLETED}
    assert [r.path for r in server.requests] == ["/a.bin", "/c.bin", "/a.bin", "/b.bin"]


async def test_a_mirror_with_a_route_takes_over_when_the_network_is_gone(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    """For what has begun, and for what is in line behind it."""
    server.put("/a.bin", FILE).first(stall_after=100_000)
    server.put("/b.bin", FILE)
    async with running(jobs=1) as engine:
        for path in ("/a.bin", "/b.bin"):
            near = server.url(path, host="localhost")
            engine.add([wanted(server.url(path), tmp_path, mirrors=(near,))])
        await until(engine, lambda each: each[0].done_bytes >= 100_000)
        routes.discard(HERE)
        assert {d.status for d in await idle(engine)} == {Status.COMPLETED}
    assert {sha256(tmp_path / name) for name in ("a.bin", "b.bin")} == {FILE.sha256()}


async def test_a_mirror_that_is_of_no_use_either_leaves_it_to_wait_for_the_network(
    server: Server, tmp_path: Path, routes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(0.01, monkeypatch)
    server.put("/a.bin", FILE).first(stall_after=100_000)
    async with Server() as other, running() as engine:
        other.put("/a.bin", FILE)
        near = other.url("/a.bin", host="localhost")
        (key,) = engine.add([wanted(server.url("/a.bin"), tmp_path, mirrors=(near,))])
        await seen(engine, lambda d: d.done_bytes >= 100_000)
        await eventually(lambda: "serves the same file" in log_of(engine, key))
        await other.stop()
        routes.discard(HERE)
        await seen(engine, is_offline)
        routes.add(HERE)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "a.bin") == FILE.sha256()


async def test_who_waits_for_the_network_lets_those_with_a_mirror_start(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    server.put("/a.bin", FILE).first(stall_after=100_000)
    server.put("/b.bin", FILE)
    async with running(jobs=1) as engine:
        (first,) = engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await until(engine, lambda each: each[0].done_bytes >= 100_000)
        routes.discard(HERE)
        near = server.url("/b.bin", host="localhost")
        engine.add([wanted(server.url("/b.bin"), tmp_path, mirrors=(near,))])
        await until(engine, lambda each: each[1].status is Status.COMPLETED)
        assert is_offline(engine.snapshot().downloads[0])
        engine.cancel([first], keep=False)


async def test_an_outage_spends_no_retry(
    server: Server, tmp_path: Path, routes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault after three of them is the first one in a row."""
    monkeypatch.setattr(body_faults, "SILENCE_S", 1.0)
    try_again_after(0.01, monkeypatch)
    small = Pattern(200_000)
    resource = server.put("/a.bin", small)
    for _ in range(3):
        resource.first(stall_after=1000)
    resource.first(close_after=2000)
    async with running(jobs=1) as engine:
        (download_id,) = engine.add([wanted(server.url("/a.bin"), tmp_path)])
        for hits in (1, 2, 3):
            await seen(engine, partial(is_under_way, resource, hits))
            routes.discard(HERE)
            await seen(engine, is_offline)
            routes.add(HERE)
        (download,) = await idle(engine)
        log = [words for _, words in engine.details(download_id).log]
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "a.bin") == small.sha256()
    assert sum("there is no network" in words for words in log) == 3
    assert [words for words in log if "retry 1/10" in words]
    assert not [words for words in log if "retry 2/" in words]


def is_under_way(resource: Resource, hits: int, download: Snapshot) -> bool:
    return resource.hits == hits and download.status is Status.DOWNLOADING


async def test_who_was_removed_meanwhile_and_put_back_goes_on_with_the_network(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    server.put("/a.bin", FILE).first(stall_after=100_000)
    async with running(jobs=1) as engine:
        ids = engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 100_000)
        routes.discard(HERE)
        await seen(engine, lambda d: is_offline(d) and not d.connections)
        await at_rest(engine)
        engine.remove(ids)
        await asyncio.sleep(0.1)  # it is looked at several times
        engine.put_back(ids)
        assert only(engine).status is Status.WAITING
        routes.add(HERE)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "a.bin") == FILE.sha256()


async def test_who_waited_for_the_network_and_is_removed_holds_nobody(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    server.put("/a.bin", FILE).first(stall_after=100_000)
    server.put("/b.bin", FILE)
    async with running(jobs=1) as engine:
        ids = engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 100_000)
        routes.discard(HERE)
        engine.add([wanted(server.url("/b.bin"), tmp_path)])
        await until(engine, lambda each: each[1].hold == Hold(is_offline=True))
        await at_rest(engine)
        routes.add(HERE)
        engine.remove(ids)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


async def test_an_edited_download_waits_for_the_way_that_it_needs_now(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    server.put("/a.bin", FILE).first(stall_after=100_000)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 100_000)
        routes.discard(HERE)
        await seen(engine, is_offline)
        change(engine, url=server.url("/a.bin", host="localhost"))
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A name of this machine that does not tell where it leads."""
    monkeypatch.setattr(network, "_HERE", network._ANYWHERE)
    network._host_and_way.cache_clear()
    yield "localhost"
    network._host_and_way.cache_clear()


async def test_a_name_on_this_side_of_the_way_out_is_still_asked(
    server: Server, tmp_path: Path, routes: set[str], named: str
) -> None:
    server.put("/a.bin", FILE).first(stall_after=100_000)
    routes.update(network._ANYWHERE)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/a.bin", host=named), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 100_000)
        routes.difference_update(network._ANYWHERE)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


async def test_who_waits_for_the_network_can_be_cancelled(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    for name in ("/a.bin", "/b.bin"):
        server.put(name, FILE).first(stall_after=100_000)
    async with running(jobs=2) as engine:
        ids = engine.add([wanted(server.url(f"/{name}.bin"), tmp_path) for name in "ab"])
        await until(engine, lambda each: all(d.done_bytes >= 100_000 for d in each))
        routes.discard(HERE)
        await until(engine, lambda each: all(map(is_offline, each)))
        engine.cancel(ids[:1], keep=True)
        await at_rest(engine)
        routes.add(HERE)
        cancelled, other = await idle(engine)
    assert (cancelled.status, other.status) == (Status.CANCELLED, Status.COMPLETED)


async def test_who_waits_for_the_network_can_be_paused(
    server: Server, tmp_path: Path, routes: set[str]
) -> None:
    server.put("/a.bin", FILE).first(stall_after=100_000)
    async with running(jobs=1) as engine:
        ids = engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 100_000)
        routes.discard(HERE)
        await seen(engine, is_offline)
        engine.pause(ids)
        assert (await idle(engine))[0].status is Status.PAUSED
        routes.add(HERE)
        engine.resume(ids)
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
