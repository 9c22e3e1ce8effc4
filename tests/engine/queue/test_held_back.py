"""What keeps a download from starting is said truthfully: who is before it, or its host."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from tests.engine.running import idle, running, until, wanted
from tests.server import Pattern, Server
from tui_downloader.model.download import Hold
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

FILE = Pattern(300_000)


async def test_downloads_of_a_host_wait_for_its_connections_and_others_pass(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE, hold=True)
    server.put("/b.bin", FILE)
    async with Server() as other, running(connections_per_host=1) as engine:
        other.put("/c.bin", FILE)
        asked = (server.url("/a.bin"), server.url("/b.bin"), other.url("/c.bin"))
        engine.add([wanted(url, tmp_path) for url in asked])
        await until(engine, lambda each: each[2].status is Status.COMPLETED)
        held = engine.snapshot().downloads[1]
        assert (held.status, held.queue_place) == (Status.QUEUED, 1)
        assert held.hold == Hold(running=1, limit=1)
        await server.until(lambda: server.held_now == 1)
        server.release()
        assert {each.status for each in await idle(engine)} == {Status.COMPLETED}
    assert [request.path for request in server.requests] == ["/a.bin", "/b.bin"]


async def test_who_was_led_to_a_host_is_one_of_those_that_use_it(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a", b"", location=server.url("/a.bin", host="localhost"))
    server.put("/a.bin", FILE, hold=True)
    server.put("/b.bin", FILE)
    async with running(connections_per_host=1) as engine:
        engine.add([wanted(server.url("/a"), tmp_path)])
        await server.until(lambda: server.held_now == 1)
        engine.add([wanted(server.url("/b.bin", host="localhost"), tmp_path)])
        held = engine.snapshot().downloads[1]
        assert (held.status, held.queue_place) == (Status.QUEUED, 1)
        assert held.hold == Hold(running=1, limit=1)
        server.release()
        assert {each.status for each in await idle(engine)} == {Status.COMPLETED}
    assert [request.path for request in server.requests] == ["/a", "/a.bin", "/b.bin"]


async def test_no_more_run_than_there_may_be_connections(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE, hold=True)
    server.put("/b.bin", FILE)
    async with running(connections_total=1) as engine:
        engine.add([wanted(server.url(name), tmp_path) for name in ("/a.bin", "/b.bin")])
        await until(engine, lambda each: each[0].status is Status.CONNECTING)
        await server.until(lambda: server.held_now == 1)
        second = engine.snapshot().downloads[1]
        assert (second.status, second.queue_place, second.hold) == (Status.QUEUED, 1, None)
        assert engine.snapshot().at_once == 1
        server.release()
        await idle(engine)


async def test_a_part_of_the_host_is_named_as_what_limits_the_speed(
    server: Server, tmp_path: Path
) -> None:
    for name in ("/a.bin", "/b.bin"):
        server.put(name, Pattern(50_000_000), throttle_bytes_per_s=500_000)
    told = "the limit of 2 connections to one host, shared by 2 downloads: 1 here, "
    async with running(connections_per_host=2, connections=0) as engine:
        ids = engine.add([wanted(server.url(name), tmp_path) for name in ("/a.bin", "/b.bin")])

        def is_told(_: object) -> bool:
            return all(engine.details(each).slowed_by.words.startswith(told) for each in ids)

        await until(engine, is_told)
        # Longer than a number of connections is tried before it is taken to bring nothing.
        await asyncio.sleep(3)
        assert is_told(None)


async def test_who_is_led_to_a_host_shares_its_connections_with_those_of_that_host(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a", b"", location=server.url("/a.bin", host="localhost"))
    for name in ("/a.bin", "/b.bin"):
        server.put(name, Pattern(50_000_000), throttle_bytes_per_s=500_000)
    told = "the limit of 4 connections to one host, shared by 2 downloads: 2 here, "
    asked = [server.url("/a"), server.url("/b.bin", host="localhost")]
    async with running(connections_per_host=4) as engine:
        ids = engine.add([wanted(url, tmp_path, connections=4) for url in asked])
        await until(engine, lambda each: [d.connections for d in each] == [2, 2])

        def is_told(_: object) -> bool:
            return all(engine.details(each).slowed_by.words.startswith(told) for each in ids)

        await until(engine, is_told)
        await server.until(lambda: server.answers_now == 4)


async def test_who_stands_in_line_knows_that_the_host_is_busy(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE, status=503, fail_times=1, retry_after=3600)
    async with Server() as other, running(jobs=1) as engine:
        other.put("/b.bin", FILE, hold=True)
        asked = (server.url("/a.bin"), other.url("/b.bin"), server.url("/c.bin"))
        engine.add([wanted(url, tmp_path) for url in asked])
        await until(engine, lambda each: each[1].status is Status.CONNECTING)
        held = engine.snapshot().downloads[2]
        assert held.status is Status.QUEUED
        assert held.hold is not None
        assert held.hold.until is not None
        assert held.hold.until - time.time() > 3500


async def test_others_of_the_host_wait_too_and_say_why(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE, status=503, fail_times=1, retry_after=3600)
    async with running(jobs=1) as engine:
        asked = [wanted(server.url(name), tmp_path) for name in ("/a.bin", "/b.bin")]
        engine.add(asked)
        await until(engine, lambda each: all(d.status is Status.WAITING for d in each))
        first, second = engine.snapshot().downloads
        details = [engine.details(each.download_id) for each in (first, second)]
        logs = [[words for _, words in each.log] for each in details]
    assert second.failure is not None
    assert second.failure.code == "host-busy"
    ends = [first.resume_at or 0.0, second.resume_at or 0.0]
    assert ends[0] > ends[1]  # who was not refused itself goes first
    host = f"127.0.0.1:{server.port}"
    clocks = [time.strftime("%H:%M:%S", time.localtime(end)) for end in ends]
    assert second.failure.message == f"{host} asked to wait until {clocks[1]} (Retry-After)"
    assert all(second.failure.message in log for log in logs)
    # Only the first one counts: the other has asked for nothing yet.
    rules = [each.retry_rule.partition(" is tried")[0] for each in details]
    assert rules == ["a server that says how long to wait", ""]
    slow = [f"waiting until {clock}: the host asked for it (Retry-After)" for clock in clocks]
    assert [each.slowed_by.words for each in details] == slow
    assert [request.path for request in server.requests] == ["/a.bin"]
