"""One file over several connections: split, refused, lost, raced, and never a wrong byte."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import (
    change,
    get,
    idle,
    log_of,
    most_connections,
    names_in,
    only,
    running,
    seen,
    sha256,
    until,
    wanted,
)
from tests.server import Pattern, Server
from tests.waiting import eventually
from tui_downloader.model.status import Status
from tui_downloader.store import host_memory
from tui_downloader.store.host_memory import HostFacts

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Details, Snapshot

MIB = 1 << 20
SIZE = 24 * MIB + 12345
FILE = Pattern(SIZE)
OTHER = Pattern(SIZE, seed=5)


def check(download: Snapshot, folder: Path, file: Pattern = FILE) -> None:
    """The file is whole, and nothing else is left."""
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(folder / "file.bin") == file.sha256()
    assert names_in(folder) == ["file.bin"]


def has_more_than(n_bytes: float, download: Snapshot) -> bool:
    return download.done_bytes > n_bytes


def has_connections(number: int, download: Snapshot) -> bool:
    return download.connections == number


@pytest.mark.parametrize("connections", [1, 2, 3, 8, 16])
async def test_a_named_number_of_connections_fetches_the_file_once(
    server: Server, tmp_path: Path, connections: int
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=40 * MIB / connections)
    async with running(connections=connections) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        most = await most_connections(engine)
        check(only(engine), tmp_path)
    # To the server one that was closed may still be open when the next ones come.
    assert most <= connections <= resource.open_max


async def test_a_server_that_limits_each_connection_is_asked_by_ever_more(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB)
    async with running(connections=0) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    assert resource.open_max > 1


async def test_what_worked_is_where_the_next_file_of_the_host_starts(
    server: Server, tmp_path: Path
) -> None:
    hosts_file = tmp_path / "home" / "hosts.json"
    host = server.url("").removeprefix("http://")
    for folder in ("one", "two"):
        resource = server.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB)
        async with running(hosts_file=hosts_file, connections=0) as engine:
            engine.add([wanted(server.url("/file.bin"), tmp_path / folder)])
            started = await seen(engine, lambda d: d.wanted_connections > 0)
            (download,) = await idle(engine)
            facts = dict(engine.details(download.download_id).server)
        check(download, tmp_path / folder)
        remembered = host_memory.load(hosts_file)[host].connections
        assert remembered > 1
        host_memory.save(hosts_file, {host: HostFacts(9, 0, time.time())})
    assert started.wanted_connections == 9
    assert "9 connections served best" in facts["remembered"]
    assert resource.open_max >= 9


async def test_a_host_is_forgotten_on_demand(server: Server, tmp_path: Path) -> None:
    hosts_file = tmp_path / "hosts.json"
    server.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB)
    async with running(hosts_file=hosts_file, connections=0) as engine:
        await get(engine, server.url("/file.bin"), tmp_path / "files")
    async with running(hosts_file=hosts_file, connections=0) as engine:
        assert await engine.forget_hosts() == 1
    assert not hosts_file.exists()


def refusals(server: Server) -> int:
    """Requests that got no byte of the file; the HTTP library repeats a reset one by itself."""
    return sum(request.status != 206 for request in server.requests)


@pytest.mark.parametrize("surplus", [503, 403, 429, "reset"])
async def test_a_server_that_allows_four_is_used_with_four(
    server: Server, tmp_path: Path, surplus: Any
) -> None:
    server.max_connections, server.surplus = 4, surplus
    server.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB)
    async with running(connections=0) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        settled = await seen(engine, lambda d: d.done_bytes > SIZE // 2)
        assert settled.connections <= 4
        (download,) = await idle(engine)
    check(download, tmp_path)
    assert refusals(server) <= (10 if surplus == "reset" else 8)


async def test_a_host_that_refuses_one_connection_more_is_still_asked_for_other_files(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=30 * MIB)
    resource.first().first(status=429, retry_after=3600)
    async with running(connections=2) as engine:
        for name in ("one", "two"):
            folder = tmp_path / name
            check(await get(engine, server.url("/file.bin"), folder), folder)
    assert 429 in [request.status for request in server.requests[:2]]


async def test_a_server_that_counts_gets_time_to_notice_what_was_cut_off(
    server: Server, tmp_path: Path
) -> None:
    server.max_connections, server.notices_after_s = 4, 0.06
    server.put("/file.bin", FILE, throttle_bytes_per_s=4 * MIB)
    async with running(connections=0) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    assert refusals(server) <= 4


@pytest.mark.parametrize("state", ["connecting", "receiving"])
async def test_a_server_that_counts_gets_that_time_too_where_fewer_were_wanted_for_a_moment(
    server: Server, tmp_path: Path, state: str
) -> None:
    """It lets few in, as is known of it, and is far away."""
    hosts_file = tmp_path / "hosts.json"
    host, now = server.url("").removeprefix("http://"), time.time()
    host_memory.save(hosts_file, {host: HostFacts(4, 4, seen_at=now, refused_at=now)})
    server.max_connections, server.notices_after_s = 4, 0.4
    server.put("/file.bin", FILE, throttle_bytes_per_s=MIB, first_byte_delay_s=0.5)
    async with running(connections=4, hosts_file=hosts_file) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path / "files")])
        await server.until(lambda: server.answers_now == 4)
        await eventually(lambda: engine.details(key).connections[-1].state == state)
        request = engine.request_of(key)
        assert request is not None
        for connections in (2, 4):
            engine.edit(key, replace(request, connections=connections))
            await seen(engine, partial(has_connections, connections))
        await server.until(lambda: len(server.requests) >= 6)
        await eventually(lambda: all(each.status for each in server.requests[4:]))
        engine.cancel([key], keep=False)
    assert 503 not in [request.status for request in server.requests]


async def test_a_far_line_that_one_connection_fills_is_left_to_it_after_a_small_try(
    server: Server, tmp_path: Path
) -> None:
    far: dict[str, Any] = {"throttle_bytes_per_s": 6 * MIB, "throttle_is_shared": True}
    resource = server.put("/file.bin", FILE, first_byte_delay_s=0.2, **far)
    async with running(connections=0) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    first, tried, *_ = server.requests
    assert resource.open_max == 2
    assert tried.range_start is not None
    assert SIZE - tried.range_start <= 9 * MIB
    assert tried.finished, "what was on its way is not lost"
    assert first.sent_bytes > SIZE * 0.6
    assert not first.finished, "it was asked for all the rest"


async def test_a_far_server_that_limits_each_connection_gets_many_after_a_small_try(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, first_byte_delay_s=0.05, throttle_bytes_per_s=2 * MIB)
    async with running(connections=0) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    assert resource.open_max >= 8


async def test_a_silence_that_no_network_makes_brings_many_at_once(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, first_byte_delay_s=0.05, hold=True)
    resource.first(hold=False, stall_after=16 * 1024)
    async with running(connections=0) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await server.until(lambda: len(server.requests) > 1)
        assert engine.snapshot().downloads[0].connections == 8
        resource.behaviour.hold = False
        server.release()
        (download,) = await idle(engine)
    check(download, tmp_path)


async def test_a_server_without_ranges_gets_one_connection(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE, ranges="ignore", throttle_bytes_per_s=20 * MIB)
    async with running(connections=8) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    assert (resource.hits, resource.open_max) == (1, 1)


@pytest.mark.parametrize(
    "behaviour",
    [
        {"reset_after": 3 * MIB},
        {"close_after": 3 * MIB},
        {"poison_at": 17 * MIB, "poison_times": 3},
        {"ranges": "shorter"},
        {"ranges": "longer"},
        {"ranges": "star-total"},
        {"ranges": "200-with-content-range"},
        {"length": "chunked"},
        {"etag": "weak"},
        {"etag": "none"},
        {"etag": "none", "last_modified": None},
        {"etag": "flapping"},
        {"stale": "reset"},
        {"stale": "close"},
        {"keep_alive": False},
    ],
    ids=str,
)
async def test_faults_of_single_connections_cost_no_byte(
    server: Server, tmp_path: Path, behaviour: dict[str, Any]
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=16 * MIB, **behaviour)
    async with running(connections=4) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)


@pytest.mark.parametrize("ranges", ["shifted", "no-content-range", "bad-content-range"])
async def test_dishonest_ranges_of_further_connections_leave_the_first_alone(
    server: Server, tmp_path: Path, ranges: str
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=30 * MIB, ranges=ranges)
    resource.first(ranges="yes")
    async with running(connections=4) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    assert server.requests[0].finished


async def test_a_further_connection_that_is_refused_for_good_is_not_tried_again(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE).first(stall_after=MIB).first()
    resource.behaviour.status = 403
    async with running(connections=2) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda _: "#2 refused" in log_of(engine))
        assert "asks again" not in log_of(engine)
        resource.behaviour.status = None
        server.release()
        (download,) = await idle(engine)
    check(download, tmp_path)


async def test_an_answer_that_a_further_connection_cannot_use_is_closed_at_once(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, ranges="ignore").first(ranges="yes", stall_after=MIB)
    async with running(connections=2) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await server.until(lambda: len(server.requests) == 2)
        await server.until(lambda: server.answers_now == 1)
        server.release()
        (download,) = await idle(engine)
    check(download, tmp_path)


async def test_another_version_for_a_further_connection_starts_the_file_again(
    server: Server, tmp_path: Path
) -> None:
    server.put(
        "/file.bin", FILE, throttle_bytes_per_s=4 * MIB, change_after=64 * 1024, change_to=OTHER
    )
    async with running(restart_below_bytes=1 << 40, connections=0) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert "file changed" in str(engine.details(download.download_id).log)
    check(download, tmp_path, OTHER)


async def test_a_slow_connection_does_not_decide_the_end(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=16 * MIB)
    resource.first(throttle_bytes_per_s=0.2 * MIB)
    async with running(connections=4) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    # The slow one alone would have needed half a minute for its quarter.
    assert resource.sent_bytes <= SIZE * 1.5


async def test_what_another_connection_waits_for_is_taken_over_by_who_gets_there(
    server: Server, tmp_path: Path
) -> None:
    """A cache, say, has one request fetch the file and lets the others wait for that."""
    resource = server.put("/file.bin", FILE, hold=True)
    resource.first(hold=False, throttle_bytes_per_s=8 * MIB)
    async with running(connections=3) as engine:
        check(await get(engine, server.url("/file.bin"), tmp_path), tmp_path)
    assert [request.status for request in server.requests] == [206, 0, 0]
    assert resource.sent_bytes == SIZE


async def test_an_answer_that_comes_when_another_one_has_the_range_already_is_left(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, hold=True)
    resource.first(hold=False, throttle_bytes_per_s=4 * MIB)
    async with running(connections=2) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, partial(has_more_than, 0.9 * SIZE))
        server.release()
        (download,) = await idle(engine)
        assert "refused" not in log_of(engine)
    check(download, tmp_path)
    assert [request.status for request in server.requests] == [206, 206]
    assert resource.open_max == 2


async def test_a_connection_that_stalls_is_raced(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=16 * MIB)
    resource.first(stall_after=2 * MIB)
    async with running(connections=4) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = [words for _, words in engine.details(download.download_id).log]
    check(download, tmp_path)
    assert "#1 is slow: what it still brings is asked for once more" in log


async def test_pausing_and_resuming_keeps_all_parts(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=8 * MIB)
    async with running(connections=4) as engine:
        (download_id,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        for part in (0.2, 0.4, 0.6, 0.8):
            await seen(engine, partial(has_more_than, SIZE * part))
            engine.pause([download_id])
            await seen(engine, lambda d: d.status is Status.PAUSED)
            await idle(engine)
            engine.resume([download_id])
        (download,) = await idle(engine)
    check(download, tmp_path)
    assert resource.sent_bytes <= SIZE * 1.3


async def test_the_number_of_connections_can_be_changed_while_it_runs(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=3 * MIB)
    async with running(connections=2) as engine:
        (download_id,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.connections == 2)
        request = engine.request_of(download_id)
        assert request is not None
        engine.edit(download_id, replace(request, connections=6))
        await seen(engine, lambda d: d.connections == 6)
        engine.edit(download_id, replace(request, connections=1))
        await seen(engine, lambda d: d.connections == 1)
        engine.edit(download_id, replace(request, connections=8))
        (download,) = await idle(engine)
    check(download, tmp_path)


async def give_up_the_second(engine: Engine, url: str, folder: Path) -> None:
    """Begin with two connections; once the second has brought something, one is enough."""
    (download_id,) = engine.add([wanted(url, folder)])
    await until(engine, lambda _: second_has_brought(engine.details(download_id)))
    change(engine, connections=1)


def second_has_brought(details: Details) -> bool:
    return any(
        each.number == 2 and each.position - each.start > 200_000 for each in details.connections
    )


async def test_an_answer_that_goes_far_enough_is_read_over_the_little_that_is_here_already(
    server: Server, tmp_path: Path
) -> None:
    late: dict[str, Any] = {"first_byte_delay_s": 0.2, "throttle_bytes_per_s": 8 * MIB}
    server.put("/file.bin", FILE, **late)
    async with running(connections=2) as engine:
        await give_up_the_second(engine, server.url("/file.bin"), tmp_path)
        (download,) = await idle(engine)
    check(download, tmp_path)
    first, second = server.requests
    assert first.finished
    assert second.sent_bytes > 200_000


async def test_a_wrong_byte_of_a_connection_that_was_given_up_is_found_on_the_way_over_it(
    server: Server, tmp_path: Path
) -> None:
    late: dict[str, Any] = {"first_byte_delay_s": 0.2, "throttle_bytes_per_s": 8 * MIB}
    resource = server.put("/file.bin", FILE, ranges="lying", range_error_bytes=7, **late)
    resource.first(ranges="yes")
    async with running(connections=2) as engine:
        await give_up_the_second(engine, server.url("/file.bin"), tmp_path)
        (download,) = await idle(engine)
    assert download.failure is not None
    assert download.failure.code == "changed"
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]
    assert len(server.requests) == 2


async def test_a_limit_of_one_download_leaves_the_others_alone(
    server: Server, tmp_path: Path
) -> None:
    for name in ("slow", "fast"):
        server.put(f"/{name}.bin", Pattern(4 * MIB))
    async with running(connections=0) as engine:
        slow = wanted(server.url("/slow.bin"), tmp_path, limit_bytes_per_s=64 * 1024)
        ids = engine.add([slow, wanted(server.url("/fast.bin"), tmp_path)])
        async for event in engine.events():
            if event.download_id == ids[1] and event.kind.name == "COMPLETED":
                break
        picture = engine.snapshot().downloads[0]
        assert picture.done_bytes < MIB
        assert picture.limit_bytes_per_s == 64 * 1024
        engine.edit(ids[0], wanted(server.url("/slow.bin"), tmp_path))
        await idle(engine)
    assert sha256(tmp_path / "slow.bin") == Pattern(4 * MIB).sha256()


async def test_it_says_what_each_connection_does_and_why_it_is_not_faster(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB)
    async with running(connections=3) as engine:
        (download_id,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes > SIZE // 4)
        details = engine.details(download_id)
        assert [each.number for each in details.connections] == [1, 2, 3]
        assert all(each.peer.startswith("127.0.0.1:") for each in details.connections)
        assert all(each.start <= each.position for each in details.connections)
        assert "the 3 connections that were asked for" in details.slowed_by.words
        engine.pause([download_id])
        await idle(engine)
        assert engine.details(download_id).connections == ()
        assert only(engine).connections == 0


async def test_two_downloads_of_a_host_share_its_connections(
    server: Server, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        server.put(f"/{name}.bin", FILE, throttle_bytes_per_s=3 * MIB)
    async with running(connections=8, connections_per_host=8) as engine:
        engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await seen(engine, lambda d: d.connections == 8)
        engine.add([wanted(server.url("/b.bin"), tmp_path)])
        async for event in engine.events():
            if event.kind.name == "COMPLETED":
                break
            pictures = engine.snapshot().downloads
            assert sum(picture.connections for picture in pictures) <= 9
        await idle(engine)
    assert {sha256(tmp_path / f"{name}.bin") for name in ("a", "b")} == {FILE.sha256()}
