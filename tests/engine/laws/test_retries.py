"""What is tried again, how soon and how often; every wait ends and every retry has a budget."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import FILE, HALF, SIZE, assert_whole
from tests.engine.running import (
    get,
    idle,
    names_in,
    only,
    running,
    seen,
    sha256,
    try_again_after,
    until,
    wanted,
)
from tests.server import Pattern, Server, http_date
from tui_downloader.engine.network import body_faults, client, watching
from tui_downloader.engine.transfer import waiting
from tui_downloader.model import retry
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.certificates import Certificates
    from tui_downloader.model.download import Snapshot


def failed_with(download: Snapshot) -> str:
    assert download.failure is not None
    assert download.status is Status.FAILED
    assert download.failure.message
    return download.failure.code


# Time limits.


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """A port that completes no connection: its queue is full and nobody takes any."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(("127.0.0.1", port))
        yield port


async def test_a_connection_that_does_not_come_up_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CONNECT_S", 0.1)
    monkeypatch.setattr(retry, "_BROKEN", retry.Kind("a connection that fails", 2))
    with deaf_port() as port:
        async with running() as engine:
            download = await get(engine, f"http://127.0.0.1:{port}/x", tmp_path)
    assert failed_with(download) == "timeout"


async def test_a_handshake_that_does_not_come_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LOOKUP_AND_CONNECT_S", 0.3)
    monkeypatch.setattr(retry, "_BROKEN", retry.Kind("a connection that fails", 2))
    with socket.create_server(("127.0.0.1", 0)) as listener:  # connects, and says nothing
        async with running() as engine:
            url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"
            download = await get(engine, url, tmp_path)
    assert failed_with(download) == "timeout"


async def test_a_handshake_that_is_cut_off_is_told_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_BROKEN", retry.Kind("a connection that fails", 0))

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.close()

    async with await asyncio.start_server(leave, "127.0.0.1", 0) as listener, running() as engine:
        place = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        download = await get(engine, f"https://{place}/x", tmp_path)
    assert download.failure is not None
    assert download.failure.message == f"{place} closed the connection in place of TLS"


async def test_there_is_no_limit_for_the_whole(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transfer that moves, however slowly, is never ended by a clock."""
    monkeypatch.setattr(client, "CONNECT_S", 1.0)
    monkeypatch.setattr(client, "LOOKUP_AND_CONNECT_S", 1.0)
    monkeypatch.setattr(watching, "FIRST_BYTE_S", 1.0)
    monkeypatch.setattr(watching, "HEAD_S", 1.0)
    monkeypatch.setattr(body_faults, "SILENCE_S", 1.0)
    server.put("/file.bin", FILE, throttle_bytes_per_s=SIZE / 3)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, connections=1)
    assert_whole(tmp_path, download)
    assert server.resources["/file.bin"].hits == 1


@pytest.mark.parametrize("length", ["content-length", "chunked", "until-close"])
@pytest.mark.parametrize("after", [0, 100, HALF])
async def test_a_body_that_falls_silent_is_dropped_and_continued(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: str, after: int
) -> None:
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.2)
    server.put("/file.bin", FILE).first(length=length, stall_after=after)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, connections=1)
        log = "; ".join(words for _, words in engine.details(download.download_id).log)
    assert_whole(tmp_path, download)
    assert "no data for" in log
    assert server.requests[1].range_start in (None, 0, after)


async def test_our_own_limit_is_no_silence_of_the_server(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.4)
    server.put("/file.bin", Pattern(200_000))
    async with running(limit_bytes_per_s=60_000) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, connections=1)
    assert download.status is Status.COMPLETED
    assert server.resources["/file.bin"].hits == 1


@pytest.mark.parametrize("length", ["content-length", "chunked"])
async def test_a_debt_longer_than_any_silence_is_ours(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: str
) -> None:
    """At this limit nothing is read for hours, while the server could send all the time."""
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.3)
    server.put("/file.bin", FILE, length=length)
    async with running() as engine:
        request = wanted(server.url("/file.bin"), tmp_path, limit_bytes_per_s=1)
        (download_id,) = engine.add([request])
        first = (await seen(engine, lambda d: d.heard_at is not None)).heard_at or 0.0
        # Silence is looked for each second.
        later = await seen(engine, lambda d: (d.heard_at or 0.0) > first + 2.5)
        assert later.status is Status.DOWNLOADING
        monkeypatch.setattr(body_faults, "SILENCE_S", 30.0)
        engine.edit(download_id, replace(request, limit_bytes_per_s=None))
        (download,) = await idle(engine)
        log = "; ".join(words for _, words in engine.details(download_id).log)
    assert_whole(tmp_path, download)
    assert "no data for" not in log
    assert server.resources["/file.bin"].hits == 1


async def test_no_clock_of_a_library_counts_the_whole() -> None:
    """Its default would end each answer that takes five minutes, longer than a test can wait."""
    async with running() as engine:
        assert engine._parts.tools.client._session.timeout.total is None


# What the server asks for.


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_has_a_budget_of_its_own(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(retry, "SHORTEST_RETRY_AFTER_S", 0.01)
    monkeypatch.setattr(waiting, "OTHERS_FIRST_S", 0.0)
    server.put("/file.bin", FILE, status=status, retry_after=0)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert failed_with(download) == f"http-{status}"
    assert len(server.requests) == 1 + 20


async def test_retry_after_zero_means_a_second(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, status=429, fail_times=1, retry_after=0)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    first, second = server.requests[:2]
    assert 0.95 < second.at - first.at < 60


async def test_retry_after_may_be_a_date(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, status=503, fail_times=1, retry_after=http_date(2.0))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    first, second = server.requests[:2]
    assert 0.9 < second.at - first.at < 60


@pytest.mark.parametrize("ahead_s", [-3600, 3600])
async def test_such_a_date_is_by_the_clock_of_the_server(
    server: Server, tmp_path: Path, ahead_s: int
) -> None:
    told = http_date(ahead_s + 120)
    server.put("/file.bin", FILE, status=503, retry_after=told, clock_ahead_s=ahead_s)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        download = await seen(engine, lambda d: d.status is Status.WAITING)
    assert download.resume_at is not None
    assert 60 < download.resume_at - time.time() < 121


@pytest.mark.parametrize("retry_after", ["soon", "-5", "99999999999999999999", "1e9", "\x1b[2J"])
async def test_a_retry_after_that_makes_no_sense_does_not_wait_for_ever(
    server: Server, tmp_path: Path, retry_after: str
) -> None:
    server.put("/file.bin", FILE, status=503, fail_times=1, retry_after=retry_after)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        download = await seen(engine, lambda d: d.status in (Status.WAITING, Status.COMPLETED))
        if download.resume_at is not None and download.resume_at - time.time() > 1:
            assert download.resume_at - time.time() <= 7 * 86_400  # bounded, and shown
            engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)


async def test_a_long_wait_is_shown_and_holds_neither_slot_nor_connection(
    server: Server, tmp_path: Path
) -> None:
    server.put("/busy.bin", FILE, status=503, retry_after=3600)
    server.put("/file.bin", FILE)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/busy.bin"), tmp_path)])
        waiting = await seen(engine, lambda d: d.status is Status.WAITING)
        assert waiting.resume_at is not None
        assert 3500 < waiting.resume_at - time.time() < 3601
        assert waiting.retry is not None
        assert waiting.retry.which == "1/20"
        await server.until(lambda: server.answers_now == 0)
        elsewhere = server.url("/file.bin", host="localhost")  # another host is not concerned
        engine.add([wanted(elsewhere, tmp_path)])
        await until(engine, lambda all_: all_[1].status is Status.COMPLETED)
        engine.cancel([waiting.download_id], keep=False)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.parametrize("moved_s", [-3600.0, 3600.0])
@pytest.mark.parametrize("in_place_s", [0.1, 60.0])
async def test_a_clock_that_is_set_changes_no_wait(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moved_s: float,
    in_place_s: float,
) -> None:
    monkeypatch.setattr(waiting, "WAIT_IN_PLACE_S", in_place_s)
    server.put("/file.bin", FILE, status=503, fail_times=1, retry_after=2)
    real = time.time
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        before = await seen(
            engine, lambda d: d.status is Status.WAITING and d.resume_at is not None
        )
        monkeypatch.setattr(time, "time", lambda: real() + moved_s)
        after = only(engine)
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert before.resume_at is not None
    if after.status is Status.WAITING:  # else this machine was busy for two seconds
        assert after.resume_at == pytest.approx(before.resume_at + moved_s, abs=1.0)
    first, second = server.requests[:2]
    assert 1.95 < second.at - first.at < 60


async def test_the_whole_host_waits(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE, status=429, fail_times=1, retry_after=1)
    for n in range(4):
        server.put(f"/{n}.bin", Pattern(1000 + n))
    async with running(jobs=5) as engine:
        engine.add([wanted(server.url("/a.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.WAITING)
        engine.add([wanted(server.url(f"/{n}.bin"), tmp_path) for n in range(4)])
        downloads = await idle(engine)
    assert {d.status for d in downloads} == {Status.COMPLETED}
    assert all(r.at - server.requests[0].at > 0.95 for r in server.requests[1:])


async def test_a_file_that_is_never_served_lets_the_others_of_its_host_go_first(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WAIT_IN_PLACE_S", 0.0)
    busy = server.put("/busy.bin", FILE, status=503, retry_after=1)
    server.put("/file.bin", FILE)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/busy.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.WAITING)
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await until(engine, lambda downloads: downloads[1].status is Status.COMPLETED)
        assert busy.hits == 1


# Budgets.


@pytest.mark.parametrize("status", [500, 502, 504, 408, 429, 503, 520, 527])
async def test_a_busy_server_gets_six_more_chances(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/file.bin", FILE, status=status)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert failed_with(download) == f"http-{status}"
    assert len(server.requests) == 7
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("status", [400, 402, 404, 406, 409, 418, 422, 451, 501, 505])
async def test_other_refusals_are_not_tried_again(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/file.bin", FILE, status=status)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert failed_with(download) == f"http-{status}"
    assert len(server.requests) <= 2  # with and without a Range, where that may be the reason


async def test_ten_breaks_in_a_row_without_a_byte_are_enough(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(close_after=HALF)
    server.resources["/file.bin"].behaviour.reset_after = 0
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, connections=1)
    assert failed_with(download) == "connection"
    assert download.kept_bytes == HALF
    answered = [r for r in server.requests if r.path == "/file.bin"]
    assert 10 <= len(answered) <= 12


async def test_waits_grow_and_are_shown(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.1)
    monkeypatch.setattr(retry, "LONGEST_BACKOFF_S", 0.4)
    server.put("/file.bin", FILE, status=500, fail_times=4)
    waits: list[str] = []
    longest_s = 0.0
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        while (download := only(engine)).status is not Status.COMPLETED:
            shown = download.retry.which if download.retry else ""
            if download.status is Status.WAITING and shown not in waits:
                assert download.failure is not None
                assert download.resume_at is not None
                waits.append(shown)
                longest_s = max(longest_s, download.resume_at - time.time())
            await asyncio.sleep(0.005)
    assert_whole(tmp_path, download)
    assert waits == ["1/6", "2/6", "3/6", "4/6"]
    gaps = [b.at - a.at for a, b in zip(server.requests, server.requests[1:5], strict=False)]
    # A quarter less by chance, or more; on a busy machine later.
    assert [gap >= least for gap, least in zip(gaps, (0.075, 0.15, 0.3), strict=False)] == [
        True
    ] * 3
    assert longest_s < 1.25 * 0.4 + 0.01


async def test_small_steps_of_progress_refill_the_budget_only_together(
    server: Server, tmp_path: Path
) -> None:
    """20 KB an answer: 10 faults in a row come before 256 KiB; 100 KB an answer do not."""
    resource = server.put("/file.bin", FILE, close_after=20_000)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, connections=1)
        assert download.status is Status.FAILED
        kept = download.kept_bytes
        assert 0 < kept < 262_144
        resource.behaviour.close_after = 100_000
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)


async def test_bytes_that_were_here_before_are_no_progress(server: Server, tmp_path: Path) -> None:
    """Each try begins at 0, and comes no further than the first one."""
    resource = server.put("/file.bin", FILE, ranges="ignore", etag="none", close_after=HALF)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "truncated")
    assert resource.hits < 30
    assert download.kept_bytes + download.set_aside_bytes >= HALF


async def test_the_user_may_try_again_with_a_fresh_budget(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE, status=500)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert failed_with(download) == "http-500"
        resource.behaviour.fail_times = 5
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)


# What is not worth another try, and what is nobody's fault.


async def test_a_certificate_is_not_tried_again(certificates: Certificates, tmp_path: Path) -> None:
    async with (
        Server(tls=certificates.server_context("unknown-issuer")) as server,
        running() as engine,
    ):
        server.put("/file.bin", FILE)
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert failed_with(download) == "tls"
        assert download.retry is None
        assert server.requests == []
        assert server.connections_total <= 2


async def test_a_certificate_of_another_name_is_refused(
    certificates: Certificates, tmp_path: Path
) -> None:
    context = certificates.server_context("wrong-name")
    async with (
        Server(tls=context) as server,
        running(ca_certificate=str(certificates.ca_file)) as engine,
    ):
        server.put("/file.bin", FILE)
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert failed_with(download) == "tls"
        assert server.requests == []


@pytest.mark.parametrize("stale", ["reset", "close"])
@pytest.mark.parametrize("size", [1000, SIZE])
async def test_a_stale_connection_is_replaced_at_once_and_not_counted(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stale: str, size: int
) -> None:
    try_again_after(30.0, monkeypatch)  # a counted retry would take too long
    for n in range(4):
        server.put(f"/{n}.bin", Pattern(size, seed=n), stale=stale)
    async with running(jobs=1) as engine:
        for n in range(4):
            download = await get(engine, server.url(f"/{n}.bin"), tmp_path, connections=1)
            assert download.status is Status.COMPLETED
            assert download.retry is None
            assert sha256(tmp_path / f"{n}.bin") == Pattern(size, seed=n).sha256()


async def test_what_breaks_does_not_hold_up_the_others(server: Server, tmp_path: Path) -> None:
    server.put("/bad.bin", FILE, reset_after=0)
    for n in range(6):
        server.put(f"/{n}.bin", Pattern(5000 + n))
    async with running(jobs=2) as engine:
        urls = ["/bad.bin", *(f"/{n}.bin" for n in range(6))]
        engine.add([wanted(server.url(url), tmp_path) for url in urls])
        bad, *good = await idle(engine)
    assert failed_with(bad) == "connection"
    assert {d.status for d in good} == {Status.COMPLETED}


async def test_a_server_that_comes_back_is_used_again(server: Server, tmp_path: Path) -> None:
    """Down for a while in the middle: refused connections are waited out."""
    server.put("/file.bin", FILE).first(stall_after=HALF)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=1)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        await server.stop()
        await seen(
            engine,
            lambda d: d.status is Status.WAITING and d.retry is not None and d.retry.attempt >= 2,
        )
        await server.start()
        await seen(engine, lambda d: d.status is Status.COMPLETED)
        download = only(engine)
    assert_whole(tmp_path, download)


async def test_waiting_ends_when_the_user_says_so(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, status=503, retry_after=600)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.WAITING)
        engine.pause([key])
        await asyncio.wait_for(engine.wait_idle(), 60)
        assert only(engine).status is Status.PAUSED
        engine.resume([key])
        await seen(engine, lambda d: d.status is Status.WAITING)  # the host's word still counts
        assert len(server.requests) == 1
        engine.cancel([key], keep=False)
        await asyncio.wait_for(engine.wait_idle(), 60)
        assert only(engine).status is Status.CANCELLED
        engine.resume([key])
        await seen(engine, lambda d: d.status is Status.WAITING)
        server.resources["/file.bin"].behaviour.status = None
        engine.resume([key])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


# What is told of it.


async def test_a_fault_is_history_as_soon_as_the_next_try_is_answered(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, status=503, fail_times=1, stall_after=HALF)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        waiting_ = await seen(engine, lambda d: d.status is Status.WAITING)
        running_ = await seen(engine, lambda d: d.status is Status.DOWNLOADING)
    assert waiting_.failure is not None
    assert running_.failure is None


@pytest.mark.parametrize("wait_s", [4, 300], ids=["with its task", "without one"])
async def test_the_pause_of_the_user_is_not_for_the_fault_before(
    server: Server, tmp_path: Path, wait_s: float
) -> None:
    server.put("/file.bin", FILE, status=503, retry_after=wait_s)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.WAITING and d.failure is not None)
        engine.pause([key])
        paused = await seen(engine, lambda d: d.status is Status.PAUSED)
    assert paused.failure is None


async def test_a_wait_that_is_over_is_no_reason_to_stand_in_line(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "WAIT_IN_PLACE_S", 0.0)
    server.put("/busy.bin", FILE, status=503, retry_after=1)
    server.put("/file.bin", FILE, stall_after=HALF)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/busy.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.WAITING)
        engine.add([wanted(server.url("/file.bin", host="localhost"), tmp_path)])
        in_turn = [Status.QUEUED, Status.DOWNLOADING]
        await until(engine, lambda downloads: [d.status for d in downloads] == in_turn)
        assert engine.snapshot().downloads[0].failure is None
