"""Servers that refuse requests which come too soon, whatever number of connections there is."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import get, idle, log_of, running, sha256, until, wanted
from tests.server import Behaviour, Pattern, Server
from tui_downloader.engine.network.hosts import Hosts
from tui_downloader.engine.options import EngineOptions
from tui_downloader.engine.transfer.turns import Turns
from tui_downloader.model import retry
from tui_downloader.model.answers import Refuse
from tui_downloader.model.retry import Kind
from tui_downloader.model.status import Status
from tui_downloader.model.statuses import status_error
from tui_downloader.store import host_memory

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui_downloader.model.download import Snapshot

MIB = 1 << 20
FILE = Pattern(24 * MIB + 12345)
WAITS_ITS_TURN = "requests wait for their turn"


def wants(connections: int, downloads: Sequence[Snapshot]) -> bool:
    return downloads[0].wanted_connections == connections


def refusals(server: Server) -> int:
    return sum(request.status == 503 for request in server.requests)


@pytest.mark.parametrize("connections", [0, 8])
async def test_it_is_used_with_many_connections_that_are_opened_one_after_the_other(
    server: Server, tmp_path: Path, connections: int
) -> None:
    """The first refusals look as if the server allowed only one."""
    hosts_file = tmp_path / "hosts.json"
    server.request_interval_s = 0.15
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=MIB)
    async with running(connections=connections, hosts_file=hosts_file) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path / "files")
        log = log_of(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "files" / "file.bin") == FILE.sha256()
    assert "refused" in log
    assert WAITS_ITS_TURN in log
    assert resource.open_max >= 4
    assert refusals(server) < resource.hits / 2
    remembered = host_memory.load(hosts_file)[server.url("").removeprefix("http://")]
    assert not remembered.refused_above


async def test_one_that_allows_only_four_at_once_besides_is_used_with_four(
    server: Server, tmp_path: Path
) -> None:
    server.request_interval_s, server.max_connections = 0.05, 4
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=MIB)
    async with running(connections=0) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        before, _, after = log_of(engine).partition(WAITS_ITS_TURN)
    assert "refused" in before
    assert "connections work" in after
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert resource.open_max >= 4
    assert refusals(server) <= 12


async def test_as_many_as_before_are_no_sign_of_a_limit_on_requests(
    server: Server, tmp_path: Path
) -> None:
    """The server counts those that were cut off, and refuses others until it notices."""
    server.max_connections, server.notices_after_s = 4, 0.6
    file = Pattern(16 * MIB)
    server.put("/file.bin", file, throttle_bytes_per_s=2 * MIB)
    async with running(connections=4) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await server.until(lambda: server.answers_now == 4)
        await until(engine, lambda each: each[0].connections == 4 and each[0].done_bytes > MIB)
        request = engine.request_of(key)
        assert request is not None
        for connections in (2, 4):
            engine.edit(key, replace(request, connections=connections))
            await until(engine, partial(wants, connections))
        await server.until(lambda: refusals(server) > 0)
        (download,) = await idle(engine)
        log = log_of(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == file.sha256()
    assert WAITS_ITS_TURN not in log


async def test_many_files_at_once_are_served_in_turn_and_none_is_given_up(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_BUSY", Kind("a busy server", 2))
    server.request_interval_s = 0.1
    names = [f"{n}.bin" for n in range(24)]
    for name in names:
        server.put(f"/{name}", b"x" * 1000)
    async with running(jobs=len(names)) as engine:
        engine.add([wanted(server.url(f"/{name}"), tmp_path) for name in names])
        downloads = await idle(engine)
    assert {download.status for download in downloads} == {Status.COMPLETED}
    assert refusals(server) < 2.5 * len(names)


async def test_a_refusal_costs_no_try_where_the_host_serves_others_meanwhile(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_BUSY", Kind("a busy server", 2))
    names = ["busy.bin", *(f"{n}.bin" for n in range(30))]
    for name in names:
        server.put(f"/{name}", b"x" * 1000, first_byte_delay_s=0.1)
    server.resources["/busy.bin"].behaviour = Behaviour(status=503, fail_times=3)
    async with running(jobs=2) as engine:
        engine.add([wanted(server.url(f"/{name}"), tmp_path) for name in names])
        downloads = await idle(engine)
    assert {download.status for download in downloads} == {Status.COMPLETED}
    assert refusals(server) == 3


def test_a_first_request_that_may_be_one_connection_too_many_says_nothing() -> None:
    hosts = Hosts(EngineOptions())
    turns = Turns(hosts, lambda _: None)
    url, refused = "http://host.example/file.bin", Refuse(status_error(503))
    for is_beside_others in (True, False):
        for _ in range(2):
            turns.heard(
                url,
                time.monotonic(),
                refused,
                is_alone=True,
                is_beside_others=is_beside_others,
            )
        assert (turns.every_s(url, "host.example") > 0) is not is_beside_others


def test_each_download_of_a_host_has_its_turn() -> None:
    hosts = Hosts(EngineOptions())
    turns = Turns(hosts, lambda _: None)
    url = "http://host.example/file.bin"
    hosts.rates.begin(url)
    alone_s = turns.every_s(url, "host.example")
    for key in range(3):
        hosts.shares.enter(key, "host.example")
    assert turns.every_s(url, "host.example") == 3 * alone_s
    assert not turns.every_s("http://other.example/file.bin", "other.example")


async def test_a_file_that_is_never_served_is_given_up_while_another_one_comes(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More parts of another file are no reason to hope."""
    monkeypatch.setattr(retry, "_BUSY", Kind("a busy server", 2))
    server.put("/busy.bin", b"", status=503)
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=MIB)
    async with running(jobs=2, connections=0) as engine:
        engine.add([wanted(server.url(f"/{name}.bin"), tmp_path) for name in ("file", "busy")])
        file, busy = await idle(engine)
    assert file.status is Status.COMPLETED
    assert busy.status is Status.FAILED
    assert resource.hits > 4
    assert refusals(server) == 3
