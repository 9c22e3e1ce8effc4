"""What goes wrong on the way: each fault ends in the whole file or in clear words."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from tests.engine.running import (
    at_rest,
    get,
    idle,
    log_of,
    names_in,
    only,
    running,
    seen,
    sha256,
    wanted,
)
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine import Engine, EngineOptions, EventKind
from tui_downloader.engine.disk import opening, part_files
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.network import body_faults
from tui_downloader.model import retry
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.status import Status
from tui_downloader.model.units import format_bytes
from tui_downloader.store import passports
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from pathlib import Path

    from tests.nginx import Nginx
    from tests.server.certificates import Kind

SIZE = 2_000_000
FILE = Pattern(SIZE)
pytestmark = pytest.mark.usefixtures("quick_retries")


@pytest.mark.parametrize("fault", ["reset_after", "close_after"])
@pytest.mark.parametrize("after", [0, 1, 70_000, 1_300_000, SIZE - 1])
@pytest.mark.parametrize("length", ["content-length", "chunked"])
async def test_a_cut_body_is_continued(
    server: Server, tmp_path: Path, fault: str, after: int, length: str
) -> None:
    server.put("/file.bin", FILE, length=length).first(**{fault: after, "length": length})
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.parametrize("throttle", [None, 4_000_000], ids=["at once", "bit by bit"])
async def test_every_byte_that_came_before_a_reset_is_kept(
    server: Server, tmp_path: Path, throttle: float | None
) -> None:
    resource = server.put("/file.bin", FILE)
    resource.first(close_after=1_300_000, throttle_bytes_per_s=throttle)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    assert server.requests[1].range_start == 1_300_000
    assert resource.sent_bytes == SIZE


async def test_every_byte_of_a_small_file_that_came_before_is_kept_too(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/small.bin", FILE[:100_000]).first(close_after=60_000)
    async with running() as engine:
        await get(engine, server.url("/small.bin"), tmp_path)
    assert [request.range_start for request in server.requests] == [0, 60_000]
    assert (tmp_path / "small.bin").read_bytes() == FILE[:100_000]
    assert resource.sent_bytes == 100_000


async def test_a_byte_that_kills_every_answer_does_not_loop_for_ever(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, poison_at=1_000_000)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.FAILED
    assert download.kept_bytes == 1_000_000
    assert len(server.requests) <= 1 + retry.TRIES_AFTER_BREAK


async def test_progress_refills_the_budget(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", Pattern(6_000_000))
    for _ in range(20):
        resource.first(reset_after=290_000)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == Pattern(6_000_000).sha256()


async def test_a_silent_server_is_left_and_asked_again(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.3)
    server.put("/file.bin", FILE).first(stall_after=1_000_000)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520])
async def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path, status: int) -> None:
    server.put("/file.bin", FILE, status=status, fail_times=3)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert len(server.requests) == 4


async def test_a_server_that_stays_busy_is_given_up(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, status=503)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "http-503")
    assert len(server.requests) == 1 + retry.TRIES_WHILE_BUSY


async def test_retry_after_binds_the_whole_host_and_is_shown(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE, status=429, fail_times=1, retry_after=1)
    server.put("/b.bin", FILE)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/a.bin"), tmp_path)])
        waiting = await seen(engine, lambda d: d.status is Status.WAITING)
        assert waiting.failure is not None
        assert waiting.resume_at is not None
        engine.add([wanted(server.url("/b.bin"), tmp_path)])
        engine.set_jobs(2)
        downloads = await idle(engine)
    assert {d.status for d in downloads} == {Status.COMPLETED}
    first, second = server.requests[0], server.requests[1]
    assert second.at - first.at >= 0.95


async def test_a_long_wait_holds_no_worker_and_can_be_cut_short(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE, status=503, fail_times=1, retry_after=3600)
    async with running(jobs=1) as engine:
        engine.add([wanted(server.url("/a.bin"), tmp_path)])
        waiting = await seen(engine, lambda d: d.status is Status.WAITING)
        assert waiting.resume_at is not None
        assert waiting.resume_at - engine.snapshot().taken_at > 3500
        await server.until(lambda: server.answers_now == 0)
        engine.resume([waiting.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "auth"), (404, "http-404"), (410, "http-410"), (403, "http-403"), (418, "http-418")],
)
async def test_a_refusal_is_final_and_no_file_appears(
    server: Server, tmp_path: Path, status: int, code: str
) -> None:
    server.put("/file.bin", FILE, status=status, status_body=b"<html>no</html>")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, code)
    assert download.failure.hint
    assert names_in(tmp_path) == []
    assert len(server.requests) <= 2


@pytest.mark.parametrize("status", [204, 205, 304])
async def test_a_status_without_a_file_is_a_fault(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/file.bin", FILE, status=status)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "protocol"
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("length", ["negative", "not-a-number", "double", "chunked-and-length"])
async def test_lengths_that_make_no_sense_are_refused(
    server: Server, tmp_path: Path, length: str
) -> None:
    server.put("/file.bin", FILE, length=length)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "protocol"
    assert names_in(tmp_path) == []


async def test_a_length_beyond_the_free_space_is_refused_before_anything_is_written(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, length="huge", ranges="ignore")
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        download = await seen(engine, lambda d: d.status is Status.PAUSED)
    assert download.failure is not None
    assert download.failure.code == "disk-full"
    assert "needs" in download.failure.message
    assert download.kept_bytes == 0


async def test_a_web_page_instead_of_a_file_is_an_error(server: Server, tmp_path: Path) -> None:
    server.put("/file.zip", b"<html>log in</html>", content_type="text/html; charset=utf-8")
    async with running() as engine:
        download = await get(engine, server.url("/file.zip"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "web-page"
    assert names_in(tmp_path) == []


async def test_an_unknown_host_is_given_up_in_the_end(tmp_path: Path) -> None:
    async with running() as engine:
        download = await get(engine, "http://no-such-host.invalid/x", tmp_path)
    assert download.failure is not None
    assert download.failure.code == "dns"
    assert "no-such-host.invalid" in download.failure.message


async def test_a_refused_port_is_given_up_in_the_end(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with running() as engine:
            download = await get(engine, f"http://127.0.0.1:{port}/x", tmp_path)
    assert download.failure is not None
    assert download.failure.code == "connect"
    assert "refused" in download.failure.message


async def test_tls_to_a_plain_port_is_told(nginx: Nginx, tmp_path: Path) -> None:
    async with running() as engine:
        download = await get(engine, nginx.url("/x").replace("http:", "https:"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "tls"


@pytest.mark.parametrize(
    ("kind", "help_"),
    [
        ("good", "ca_certificate"),
        ("expired", "this machine's date"),
        ("wrong-name", "check the address"),
    ],
)
async def test_a_certificate_that_is_not_trusted_is_told(
    nginx: Nginx, tmp_path: Path, kind: Kind, help_: str
) -> None:
    (nginx.root / "x.bin").write_bytes(bytes(FILE))
    ca_file = None if kind == "good" else str(nginx.ca_file)
    async with running(ca_certificate=ca_file) as engine:
        download = await get(engine, nginx.tls_url("/x.bin", certificate=kind), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "tls"
    assert "certificate" in download.failure.message
    assert help_ in download.failure.hint


@pytest.mark.parametrize("trust", ["ca_certificate", "insecure"])
async def test_a_file_over_tls_arrives_whole(nginx: Nginx, tmp_path: Path, trust: str) -> None:
    file = Pattern(20_000_000)
    file.write_to(nginx.root / "tls.bin")
    authority = str(nginx.ca_file) if trust == "ca_certificate" else None
    async with running(ca_certificate=authority, insecure=trust == "insecure") as engine:
        download = await get(engine, nginx.tls_url("/tls.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "tls.bin") == file.sha256()


async def test_one_failing_download_harms_no_other(server: Server, tmp_path: Path) -> None:
    server.put("/good.bin", FILE)
    server.put("/bad.bin", FILE, status=404)
    async with running() as engine:
        engine.add([wanted(server.url(p), tmp_path) for p in ("/bad.bin", "/good.bin")])
        bad, good = await idle(engine)
    assert (bad.status, good.status) == (Status.FAILED, Status.COMPLETED)


async def test_a_folder_that_cannot_be_made_is_told(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path / "file" / "below")
    assert download.failure is not None
    assert download.status is Status.FAILED
    assert str(tmp_path) in download.failure.message


async def test_a_partial_that_is_removed_meanwhile_is_noticed(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, stall_after=SIZE // 2)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= SIZE // 2)
        (tmp_path / "file.bin.part").unlink()
        server.release()
        (download,) = await idle(engine)
        # Nothing of it is shown as being here.
        assert (download.done_bytes, download.kept_bytes) == (0, 0)
        assert engine.details(download.download_id).done_ranges == ()
    assert download.failure is not None
    assert download.status is Status.FAILED
    assert "removed or replaced" in download.failure.message
    assert "file.bin" not in names_in(tmp_path)


async def test_a_partial_that_was_removed_during_a_pause_is_told(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=SIZE // 2)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= SIZE // 2)
        engine.pause([key])
        half = (await seen(engine, lambda d: d.status is Status.PAUSED)).kept_bytes
        await at_rest(engine)
        (tmp_path / "file.bin.part").unlink()
        with contextlib.closing(engine.events(EventKind.NOTE)) as told:
            engine.resume([key])
            async with asyncio.timeout(PATIENCE_S):
                words = (await anext(told)).message
        (download,) = await idle(engine)
    assert words == f"its part of {format_bytes(half)} is not here any more: starts from 0"
    assert download.status is Status.COMPLETED


@pytest.mark.parametrize("digest", ["right", "wrong"])
async def test_a_file_is_closed_where_a_disk_that_hangs_holds_up_nothing(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digest: str
) -> None:
    """On network mounts, closing waits for the server."""
    closed_in: list[threading.Thread] = []
    close = Partial.close

    def noted(partial: Partial) -> None:
        closed_in.append(threading.current_thread())
        close(partial)

    monkeypatch.setattr(Partial, "close", noted)
    server.put("/file.bin", FILE, repr_digest=digest)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    assert closed_in
    assert threading.main_thread() not in closed_in


@pytest.mark.parametrize("place", ["empty", "missing"])
async def test_what_is_on_a_disk_that_is_not_mounted_is_not_begun_anew_in_its_place(
    server: Server, tmp_path: Path, place: str
) -> None:
    """Where a stick or a share is mounted, there is an empty folder without it, or none."""
    server.put("/file.bin", FILE).first(stall_after=SIZE // 2)
    folder, stick = tmp_path / "stick", tmp_path / "unplugged"
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await seen(engine, lambda d: d.done_bytes >= SIZE // 2)
        engine.pause([key])
        await at_rest(engine)
        folder.rename(stick)
        if place == "empty":
            folder.mkdir()
        asked = len(server.requests)
        engine.resume([key])
        (download,) = await idle(engine)
        assert download.status is Status.FAILED
        assert download.failure is not None
        assert download.failure.code == "disk-gone"
        assert len(server.requests) == asked
        assert folder.exists() == (place == "empty")
        assert place == "missing" or names_in(folder) == []
        if place == "empty":
            folder.rmdir()
        stick.rename(folder)
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(folder / "file.bin") == FILE.sha256()
    assert server.requests[asked].range_start


async def test_what_is_on_a_disk_that_is_not_mounted_at_the_start_is_known_to_be_there(
    server: Server, tmp_path: Path
) -> None:
    """The look at the folder finds none of what the queue knows of."""
    server.put("/file.bin", FILE).first(stall_after=SIZE // 2)
    folder, queue = tmp_path / "stick", tmp_path / "queue.db"
    async with running(queue) as engine:
        engine.add([wanted(server.url("/file.bin"), folder)])
        await seen(engine, lambda d: d.done_bytes >= SIZE // 2)
    folder.rename(tmp_path / "unplugged")
    with contextlib.closing(QueueStore.open(queue)) as store:
        async with Engine(EngineOptions(), store, start_paused=True) as engine:
            await engine._parts.tools.disk.land(f"{folder}/", os.getpid)  # after the look
            (download,) = engine.snapshot().downloads
            assert download.kept_bytes >= SIZE // 2
            engine.resume([download.download_id])
            (download,) = await idle(engine)
    assert download.failure is not None
    assert download.failure.code == "disk-gone"
    assert not folder.exists()


async def test_what_was_on_record_counts_as_kept_when_its_disk_goes(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither flushed nor recorded any more, it is on the disk all the same."""
    server.put("/file.bin", FILE).first(stall_after=SIZE // 2)
    folder = tmp_path / "stick"
    part_path = str(folder / "file.bin.part")

    def gone(*_: object) -> None:
        raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    def recorded_bytes() -> int:
        record = passports.read_own(part_path)
        return 0 if record is None else RangeSet.from_pairs(record.done).total

    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await eventually(lambda: recorded_bytes() > 0)
        with monkeypatch.context() as patch:
            for name in ("write", "put", "sync", "save"):
                patch.setattr(Partial, name, gone)
            server.release()
            (download,) = await idle(engine)
        assert download.failure is not None
        assert download.failure.code == "disk-gone"
        assert download.kept_bytes == recorded_bytes()
        asked = len(server.requests)
        folder.rename(tmp_path / "unplugged")
        engine.resume([key])
        (download,) = await idle(engine)
        assert download.status is Status.FAILED
    assert len(server.requests) == asked


async def test_what_is_gone_with_its_disk_is_begun_anew_when_that_is_tried_once_more(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=SIZE // 2)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path / "stick")])
        await seen(engine, lambda d: d.done_bytes >= SIZE // 2)
        engine.pause([key])
        await at_rest(engine)
        (tmp_path / "stick").rename(tmp_path / "unplugged")
        engine.resume([key])
        await idle(engine)
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "stick" / "file.bin") == FILE.sha256()


@pytest.mark.parametrize("digest", ["repr_digest", "digest", "content_md5"])
@pytest.mark.parametrize("size", [1000, SIZE])
async def test_an_announced_digest_is_verified(
    server: Server, tmp_path: Path, digest: str, size: int
) -> None:
    server.put("/file.bin", Pattern(size), **{digest: "right"})
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert download.checked_by


@pytest.mark.parametrize("size", [1000, SIZE])
async def test_a_wrong_digest_is_retried_in_full_once_then_failed(
    server: Server, tmp_path: Path, size: int
) -> None:
    resource = server.put("/file.bin", Pattern(size), repr_digest="wrong")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "checksum")
    assert resource.sent_bytes == 2 * size
    assert names_in(tmp_path) == ["file.bin.bad"]


async def test_credentials_and_headers_stay_with_their_origin(
    server: Server, tmp_path: Path
) -> None:
    server.put("/from", FILE, location=server.url("/to.bin", host="localhost"))
    server.put("/to.bin", FILE)
    async with running() as engine:
        download = await get(
            engine,
            server.url("/from"),
            tmp_path,
            credentials=("user", "secret"),
            headers=(("X-Token", "secret"), ("Cookie", "a=secret")),
        )
    assert download.status is Status.COMPLETED
    first, second = server.requests
    assert first.headers["authorization"].startswith("Basic ")
    assert first.headers["x-token"] == "secret"
    assert not {"authorization", "x-token", "cookie"} & second.headers.keys()


async def test_redirects_end_somewhere(server: Server, tmp_path: Path) -> None:
    server.put("/loop", FILE, location="/loop")
    async with running() as engine:
        download = await get(engine, server.url("/loop"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "too-many-redirects"
    assert len(server.requests) == 21


async def test_a_redirect_to_another_scheme_is_refused(server: Server, tmp_path: Path) -> None:
    server.put("/out", FILE, location="file:///etc/passwd")
    async with running() as engine:
        download = await get(engine, server.url("/out"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "redirect"


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb%7e/c.bin?sig=%2b+%C3%9c&x=~'(1)",
        "/c.bin?",
        "/c.bin??",
        "/c.bin?a=1?",
        "/a/../c%2e.bin?&&=",
        "//c.bin",
        "/?",
    ],
)
async def test_a_signed_address_is_sent_as_it_was_given(
    server: Server, tmp_path: Path, target: str
) -> None:
    server.put(target.partition("?")[0], FILE)
    async with running() as engine:
        await get(engine, server.url(target), tmp_path)
    assert server.requests[0].target == target


async def test_a_file_that_cannot_be_opened_beside_so_many_others_is_waited_for(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is wrong with it, nor with its disk."""
    create, shortages = part_files.create, iter(range(3))

    def short_of_descriptors(part_path: str) -> int:
        if next(shortages, None) is not None:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return create(part_path)

    monkeypatch.setattr(opening, "create", short_of_descriptors)
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = log_of(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert log.count("too many files are open") == 3


async def test_pauses_and_resumes_in_any_order_end_in_the_right_file(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", Pattern(9_000_000), throttle_bytes_per_s=30_000_000)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        for step in range(60):
            (engine.pause, engine.resume, engine.resume)[step % 3]([key])
            if step % 7 == 3:
                await seen(engine, lambda d: d.status in (Status.PAUSED, Status.DOWNLOADING))
        engine.resume([key])
        await seen(engine, lambda d: d.status is Status.COMPLETED)
    assert sha256(tmp_path / "file.bin") == Pattern(9_000_000).sha256()
    assert names_in(tmp_path) == ["file.bin"]
    assert only(engine).status is Status.COMPLETED
