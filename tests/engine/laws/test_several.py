"""Several connections for one file: the laws hold for each of them, and for all together.

The first answer is honest and slow; what is asked beside it meets the fault.
"""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import assert_whole
from tests.engine.running import (
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
from tests.server import Behaviour, Pattern, Server
from tui_downloader.engine.clock import ends_in
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.network import body_faults
from tui_downloader.model import ceiling
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Resource
    from tui_downloader.engine.network.tap import Tap
    from tui_downloader.model.download import Snapshot

SIZE = 6_000_000
FILE = Pattern(SIZE)
OTHER = Pattern(SIZE, seed=9)
SLOW: dict[str, Any] = {"throttle_bytes_per_s": 12_000_000}
NO_VALIDATORS: dict[str, Any] = {"etag": "none", "last_modified": None}


def put(server: Server, **fault: Any) -> Resource:
    """Serve the file: the first answer slowly and honestly, all others with a fault."""
    resource = server.put("/file.bin", FILE, **(SLOW | fault))
    honest = {name: value for name, value in fault.items() if name in NO_VALIDATORS}
    resource.script.append(Behaviour(**(SLOW | honest)))
    return resource


async def fetch(
    server: Server, folder: Path, connections: int = 4, **options: Any
) -> tuple[Snapshot, str]:
    """Download /file.bin; return how it ended and what its log tells."""
    async with running(**options) as engine:
        download = await get(engine, server.url("/file.bin"), folder, connections=connections)
        return download, log_of(engine, download.download_id)


async def test_the_file_is_fetched_in_parts_at_once(server: Server, tmp_path: Path) -> None:
    resource = put(server)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=4)])
        most = await most_connections(engine)
        assert_whole(tmp_path, only(engine), FILE)
    # To the server one that was closed may still be open when the next one comes.
    assert most <= 4 <= resource.open_max
    assert resource.sent_bytes < SIZE * 1.5


@pytest.mark.parametrize(
    "fault",
    [
        {"ranges": "shifted", "range_error_bytes": 777},
        {"ranges": "shifted", "range_error_bytes": -777},
        {"ranges": "shifted", "range_error_bytes": -777, **NO_VALIDATORS},
        {"ranges": "elsewhere"},
        {"ranges": "longer", "range_error_bytes": 500_000},
        {"ranges": "shorter", "range_error_bytes": 7},
        {"ranges": "no-content-range"},
        {"ranges": "bad-content-range"},
        {"ranges": "star-total"},
        {"ranges": "multipart"},
        {"ranges": "multipart", "multipart_parts": 2},
        {"ranges": "multipart", "length": "chunked"},
        {"ranges": "200-with-content-range"},
        {"ranges": "200-with-content-range", **NO_VALIDATORS},
        {"ranges": "ignore"},
        {"ranges": "ignore", **NO_VALIDATORS},
        {"ranges": "refuse", "range_status": 416},
        {"ranges": "refuse", "range_status": 403},
        {"ranges": "refuse", "range_status": 503},
        {"length": "chunked"},
        {"length": "until-close"},
        {"length": "wrong-more"},
        {"length": "wrong-less"},
        {"length": "negative"},
        {"length": "double"},
        {"content_encoding": "gzip", "really_encoded": False},
        {"content_encoding": "gzip"},
        {"content_type": "text/html"},
        {"status": 101},
        {"status": 202},
        {"status": 204},
        {"status": 304},
        {"status": 401},
        {"status": 404},
        {"status": 410},
        {"status": 416, "status_content_range": f"bytes */{SIZE}"},
        {"status": 429},
        {"status": 500},
        {"reset_after": 0},
        {"close_after": 0},
        {"reset_after": 300_000},
        {"close_after": 300_000},
        {"etag": "none"},
        {"etag": "weak"},
        {"etag": "flapping"},
        {"last_modified": None},
    ],
    ids=lambda fault: " ".join(f"{name}={value}" for name, value in fault.items()),
)
async def test_whatever_further_connections_are_told_the_file_is_whole(
    server: Server, tmp_path: Path, fault: dict[str, Any]
) -> None:
    put(server, **fault)
    download, log = await fetch(server, tmp_path)
    assert download.status is Status.COMPLETED, (download.failure, log)
    assert_whole(tmp_path, download, FILE)
    assert len(server.requests) < 40


@pytest.mark.parametrize("fault", ["reset_after", "close_after"])
async def test_every_connection_breaks_again_and_again(
    server: Server, tmp_path: Path, fault: str
) -> None:
    resource = server.put("/file.bin", FILE, **SLOW, **{fault: 700_000})
    download, _ = await fetch(server, tmp_path)
    assert_whole(tmp_path, download, FILE)
    assert resource.sent_bytes < SIZE * 1.5


async def test_a_connection_that_breaks_waits_before_it_asks_again(
    server: Server, tmp_path: Path
) -> None:
    honest: dict[str, Any] = {"throttle_bytes_per_s": 3_000_000}
    server.put("/file.bin", FILE, reset_after=50_000).first(reset_after=None, **honest)
    download, log = await fetch(server, tmp_path, connections=2)
    assert_whole(tmp_path, download, FILE)
    assert "asks again in 0.5s" in log
    # Later on the honest answer has ended, and two of them ask in turn.
    first, second = (request.at for request in server.requests[1:3])
    assert second - first > 0.4


async def test_a_poisoned_byte_ends_it_with_everything_else_kept(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, poison_at=3_000_001, **SLOW)
    download, _ = await fetch(server, tmp_path)
    assert download.status is Status.FAILED
    assert download.kept_bytes < SIZE
    assert "file.bin" not in names_in(tmp_path)
    assert len(server.requests) < 60


@pytest.mark.parametrize("fault", [{}, {"close_after": 1_000_000}])
async def test_over_tls_too(tls_server: Server, tmp_path: Path, fault: dict[str, Any]) -> None:
    tls_server.put("/file.bin", FILE, **SLOW, **fault)
    download, _ = await fetch(tls_server, tmp_path, insecure=True)
    assert_whole(tmp_path, download, FILE)


@pytest.mark.parametrize(
    "validators",
    [{}, {"etag": "none"}, {"etag": "weak"}, {"last_modified": None}, NO_VALIDATORS],
    ids=str,
)
async def test_a_file_that_changes_between_two_connections_is_never_mixed(
    server: Server, tmp_path: Path, validators: dict[str, Any]
) -> None:
    """The first answer goes on with the old version, all later ones have the new one."""
    resource = put(server, **validators)
    async with running(jobs=1) as engine:
        resource.behaviour.hold = True
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path, connections=4)])
        await server.until(lambda: server.held_now == 3)
        resource.replace(OTHER)
        server.release()
        resource.behaviour.hold = False
        (download,) = await idle(engine)
        assert key == download.download_id
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_strong_etag_that_is_missing_later_is_no_proof(
    server: Server, tmp_path: Path
) -> None:
    """Only the first answer has validators; all later ones are of another file."""
    resource = server.put("/file.bin", FILE, **SLOW, **NO_VALIDATORS, hold=True)
    resource.script.append(Behaviour(**SLOW))
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=4)])
        await server.until(lambda: server.held_now == 3)
        resource.replace(OTHER)
        server.release()
        resource.behaviour.hold = False
        (download,) = await idle(engine)
    assert_whole(tmp_path, download, OTHER)


async def test_a_disk_that_refuses_one_of_them_ends_all_and_is_no_fault_of_the_server(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Partial.write

    def full(partial: Partial, data: bytes, offset: int, tap: Tap | None = None) -> int:
        if offset >= SIZE // 2:
            raise OSError(errno.EIO, "the disk is broken")
        return write(partial, data, offset, tap)

    monkeypatch.setattr(Partial, "write", full)
    server.put("/file.bin", FILE, **SLOW)
    download, log = await fetch(server, tmp_path, connections=2)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "disk")
    assert "refused" not in log
    assert 0 < download.kept_bytes < SIZE // 2


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
async def test_a_busy_server_has_one_connection_fewer(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Who has fetched the rest would help the first one: the second, or on a slow disk a third."""
    monkeypatch.setattr(ceiling, "_FIRST_TEST_S", 1000.0)  # nobody asks again
    resource = server.put("/file.bin", FILE, status=status)
    resource.script += [Behaviour(stall_after=SIZE // 4), Behaviour()]
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path, connections=2)])
        await until(engine, lambda _: " refused, 1 connection works" in log_of(engine, key))
        server.release()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download, FILE)
    assert [request.status for request in server.requests] == [206, 206, status]


@pytest.mark.parametrize("status", [429, 503])
async def test_a_further_connection_that_is_told_to_wait_holds_back_nobody(
    server: Server, tmp_path: Path, status: int
) -> None:
    """It may be one too many: the first one goes on, and with all that is left."""
    resource = server.put("/file.bin", FILE, status=status, retry_after=3600)
    resource.script.append(Behaviour(**SLOW))
    download, log = await fetch(server, tmp_path, connections=2)
    assert_whole(tmp_path, download, FILE)
    assert "#2 refused, 1 connection works" in log
    assert [request.status for request in server.requests] == [206, status]


@pytest.mark.parametrize("status", [429, 503])
async def test_who_is_told_to_wait_holds_back_all_of_the_host(
    server: Server, tmp_path: Path, status: int
) -> None:
    """The second connection is silent; the first has fetched its part and would help."""
    resource = server.put("/file.bin", FILE, status=status, fail_times=1, retry_after=1)
    resource.script += [Behaviour(), Behaviour(stall_after=100_000)]
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path, connections=2)])
        await seen(engine, lambda d: "asked to wait" in str(engine.details(key).log))
        server.abort_connections()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download, FILE)
    told = next(request for request in server.requests if request.status == status)
    later = [r.at for r in server.requests if r.at > told.at]
    assert later
    assert min(later) >= told.at + 1


async def test_what_runs_goes_on_without_more_connections_while_its_host_wants_none(
    server: Server, tmp_path: Path
) -> None:
    server.put("/busy.bin", FILE, status=503, retry_after=3600)
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=500_000)
    async with running() as engine:
        (file,) = engine.add([wanted(server.url("/file.bin"), tmp_path, connections=1)])
        await seen(engine, lambda download: download.done_bytes > 0)
        (busy,) = engine.add([wanted(server.url("/busy.bin"), tmp_path)])
        await until(engine, lambda all_: all_[1].status is Status.WAITING)
        engine.edit(file, wanted(server.url("/file.bin"), tmp_path, connections=4))
        words = "the server: it has asked for no more requests for now (Retry-After)"
        await until(engine, lambda _: engine.details(file).slowed_by.words == words)
        shown = engine.snapshot().downloads[0]
        assert (shown.connections, shown.wanted_connections) == (1, 1)
        resource.behaviour.throttle_bytes_per_s = None
        await until(engine, lambda all_: all_[0].status is Status.COMPLETED)
        engine.cancel([busy], keep=False)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert [request.path for request in server.requests].count("/file.bin") == 1


async def test_a_refused_surplus_is_remembered_for_the_host(server: Server, tmp_path: Path) -> None:
    for name in ("one", "two"):
        server.put(f"/{name}.bin", FILE, throttle_bytes_per_s=8_000_000)
    server.max_connections = 2
    async with running() as engine:
        for name in ("one", "two"):
            download = await get(engine, server.url(f"/{name}.bin"), tmp_path, connections=8)
            assert download.status is Status.COMPLETED
            assert download.retry is None
            # What was cut off counts until the server has noticed.
            await server.until(lambda: server.answers_now == 0)
        refused = [r.status == 503 for r in server.requests if r.path == "/two.bin"]
    assert sha256(tmp_path / "one.bin") == sha256(tmp_path / "two.bin") == FILE.sha256()
    assert sum(refused) <= 1


async def test_what_is_remembered_is_of_the_host_that_serves_and_not_of_the_one_that_leads_there(
    server: Server, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        server.put(f"/{name}", b"", location=server.url(f"/{name}.bin", host="localhost"))
        server.put(f"/{name}.bin", FILE, throttle_bytes_per_s=8_000_000)
    server.max_connections = 2
    async with running() as engine:
        for name in ("one", "two"):
            await get(engine, server.url(f"/{name}"), tmp_path, connections=8)
            await server.until(lambda: server.answers_now == 0)
        hosts = engine._parts.hosts
        assert hosts.words_of(server.url("/", host="localhost")) == "it allows 2 at once"
        assert not hosts.words_of(server.url("/"))


@pytest.mark.parametrize("surplus", [403, 429, 503, "reset"])
async def test_only_the_surplus_is_refused_so_nothing_is_lost(
    server: Server, tmp_path: Path, surplus: Any
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=8_000_000)
    server.max_connections, server.surplus = 3, surplus
    download, log = await fetch(server, tmp_path, connections=8)
    assert_whole(tmp_path, download, FILE)
    assert "connections work" in log
    assert resource.sent_bytes < SIZE * 1.3
    assert len(server.requests) < 30


async def test_one_refusal_takes_no_place_of_those_that_still_wait_for_an_answer(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=2_000_000, hold=True)
    resource.first(hold=False).first(hold=False, status=503, fail_times=1)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=4)])
        await seen(engine, lambda d: "3 connections work" in str(engine.details(d.download_id).log))
        await server.until(lambda: server.held_now == 2)
        server.release()
        resource.behaviour.hold = False
        await seen(engine, lambda d: d.connections == d.wanted_connections == 3)
        (download,) = await idle(engine)
    assert_whole(tmp_path, download, FILE)


async def test_a_silent_connection_is_left_while_the_others_go_on(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.3)
    resource = server.put("/file.bin", FILE, **SLOW)
    resource.first(**SLOW).first(**SLOW, stall_after=100_000)
    download, _ = await fetch(server, tmp_path)
    assert_whole(tmp_path, download, FILE)


async def test_a_kept_part_with_holes_is_filled_by_several_after_a_pause(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=4_000_000)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path, connections=4)])
        await seen(engine, lambda d: d.done_bytes > SIZE // 3)
        engine.pause([key])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        assert len(engine.details(key).done_ranges) > 1
        engine.resume([key])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download, FILE)
    assert resource.sent_bytes < SIZE * 1.4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_an_expired_link_of_a_part_is_asked_for_anew(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/signed.bin", FILE, **SLOW, one_time=True, expire_status=status)
    server.put("/file.bin", FILE, location="/signed.bin?sig={n}")
    async with running() as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, connections=4, name="file.bin"
        )
    assert_whole(tmp_path, download, FILE)
    parts = [r for r in server.requests if r.path == "/signed.bin" and r.status == 206]
    assert len({r.target for r in parts}) == len(parts) > 1


async def test_what_comes_with_the_refusal_of_an_expired_link_is_not_waited_for(
    server: Server, tmp_path: Path
) -> None:
    """Its connection is closed before the link is asked for anew, not when the file is whole."""
    server.put("/file.bin", FILE, location="/signed{n}.bin")
    expired: dict[str, Any] = {"status": 403, "status_body": bytes(SIZE), "stall_after": 1000}
    server.put("/signed1.bin", FILE, **expired).first(status=None, stall_after=1_000_000)
    anew, *_ = [server.put(f"/signed{n}.bin", FILE) for n in range(2, 9)]
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=2, name="file.bin")])
        await server.until(lambda: anew.sent_bytes > 0)
        await server.until(lambda: server.held_now == 1)  # the first answer
        server.release()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download, FILE)


async def test_a_part_is_led_on_though_others_do_not_get_through_to_where_that_is(
    server: Server, tmp_path: Path
) -> None:
    """It would cost the file that is on its way from there."""
    async with Server() as other, running() as engine:
        signed = other.put("/signed.bin", FILE, **SLOW, one_time=True, expire_status=403)
        server.put("/file.bin", FILE, location=other.url("/signed.bin?sig={n}"))
        request = wanted(server.url("/file.bin"), tmp_path, name="file.bin")
        (download_id,) = engine.add([request])
        await seen(engine, lambda d: d.received_bytes > 0)
        silent = engine._parts.tasks._tools.outages.silent
        silent.lost(host_of(other.url("/")), ends_in(600.0), download_id=0)
        engine.edit(download_id, replace(request, connections=4))
        (download,) = await idle(engine)
        assert_whole(tmp_path, download, FILE)
        assert signed.hits > 1


@pytest.mark.parametrize("first", [{"ranges": "multipart"}, {}])
async def test_an_answer_that_goes_on_behind_its_range_leaves_nothing_out(
    server: Server, tmp_path: Path, first: dict[str, str]
) -> None:
    """The second half is lent to another connection, which is refused: the first one goes on."""
    resource = server.put("/file.bin", FILE).first(throttle_bytes_per_s=2 * SIZE, **first)
    resource.first(status=503, fail_times=1)
    async with running(connections=2) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.parametrize("status", [403, 404, 503])
async def test_one_too_many_is_refused_while_the_other_asks_for_its_next_range(
    server: Server, tmp_path: Path, status: int
) -> None:
    """Nothing is being received at that moment, yet the first one works."""
    resource = server.put("/file.bin", FILE)
    done = ((0, 100_000), (200_000, 300_000), (900_000, 1_000_000))
    leave_part(tmp_path, resource, server.url("/file.bin"), *done)
    resource.first().first(hold=True, status=status).first(first_byte_delay_s=1.0)
    async with running(connections=2) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await server.until(lambda: resource.hits == 3)
        server.release()
        (download,) = await idle(engine)
        log = log_of(engine)
    assert_whole(tmp_path, download, FILE)
    assert "#2 refused, 1 connection works" in log


@pytest.mark.parametrize("connections", [1, 4])
async def test_machines_that_date_a_file_differently_serve_it_all_the_same(
    server: Server, tmp_path: Path, connections: int
) -> None:
    """A balancer of load chooses among them; the one whose bytes are here is asked for in time."""
    dates = "Sat, 14 Mar 2026 15:09:26 GMT", "Sat, 14 Mar 2026 15:09:27 GMT"
    resource = server.put("/file.bin", FILE, **SLOW, etag="none", last_modified=dates[0])
    resource.first(close_after=SIZE // 3)
    for _ in range(40):
        resource.first(last_modified=dates[1])
        resource.first()
    async with running(connections=connections) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = log_of(engine, download.download_id)
    assert_whole(tmp_path, download, FILE)
    assert "date the file differently" in log
    assert "starting again" not in log
    assert resource.sent_bytes < SIZE * 1.5


async def test_those_that_bring_a_version_go_on_where_it_is_too_much_to_start_again(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, **SLOW, change_after=64 * 1024, change_to=OTHER)
    async with running(restart_below_bytes=0, connections=4) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download, FILE)
