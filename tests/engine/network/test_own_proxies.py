"""The proxy of one download: all of its requests go through it, and nobody else's."""

from __future__ import annotations

import asyncio
import base64
import logging
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.engine.network.tunnels import Proxy as Tunnels
from tests.engine.one_file import FILE, HALF, OTHER, assert_whole
from tests.engine.running import change, get, idle, log_of, running, seen, until, wanted
from tests.server import Server
from tui_downloader.engine.network.network_faults import network_error
from tui_downloader.engine.network.proxies import Proxies
from tui_downloader.model.errors import Unreachable
from tui_downloader.model.proxy import DIRECT, Proxy, parse_proxy
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.server.certificates import Certificates
    from tui_downloader.engine import Engine

FAR = "http://far.invalid/file.bin"
ENCODED = base64.b64encode(b"me:S3CRET").decode()
LOGIN = f"Basic {ENCODED}"


@pytest.fixture
async def near() -> AsyncIterator[Server]:
    """A proxy that has the only file there is."""
    async with Server() as server:
        server.put(FAR, FILE)
        yield server


@pytest.fixture
async def other() -> AsyncIterator[Server]:
    """Another proxy, where another file has the same address."""
    async with Server() as server:
        server.put(FAR, OTHER)
        yield server


def by(server: Server | Tunnels, login: str = "") -> Proxy:
    place = server.place if isinstance(server, Tunnels) else f"127.0.0.1:{server.port}"
    return parse_proxy(f"{login}{'@' * bool(login)}{place}")


def logins(server: Server) -> set[str]:
    return {request.headers.get("proxy-authorization", "") for request in server.requests}


def told(engine: Engine) -> str:
    """Everything that is shown of the downloads, as one text."""
    shown = engine.snapshot().downloads
    details = [engine.details(each.download_id) for each in shown]
    return f"{shown}{details}".replace(ENCODED, "S3CRET")


async def test_it_outranks_the_environment_and_its_login_is_for_nobody_else(
    near: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "*")
    caplog.set_level(logging.DEBUG)
    async with running() as engine:
        download = await get(engine, FAR, tmp_path, proxy=by(near, "me:S3CRET"))
        assert engine.details(download.download_id).proxy == f"127.0.0.1:{near.port}"
        assert "S3CRET" not in told(engine) + repr(engine.request_of(1)) + caplog.text.replace(
            ENCODED, "S3CRET"
        )
    assert_whole(tmp_path, download)
    assert logins(near) == {LOGIN}
    assert all(request.target.startswith(FAR) for request in near.requests)


async def test_none_goes_past_the_one_of_the_environment(
    near: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    near.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, near.url("/file.bin"), tmp_path, proxy=DIRECT)
        assert engine.details(download.download_id).proxy == "none"
    assert_whole(tmp_path, download)
    assert near.requests[0].target == "/file.bin"


async def test_downloads_with_different_ones_go_on_beside_each_other(
    near: Server, other: Server, tmp_path: Path
) -> None:
    near.put(FAR, FILE).first(stall_after=HALF)
    other.put(FAR, OTHER).first(stall_after=HALF)
    proxies = by(near), by(other, "me:S3CRET")
    folders = tmp_path / "near", tmp_path / "other"
    async with running(connections=4) as engine:
        pairs = zip(folders, proxies, strict=True)
        engine.add([wanted(FAR, folder, proxy=proxy) for folder, proxy in pairs])
        await until(engine, lambda downloads: all(each.done_bytes for each in downloads))
        near.release()
        other.release()
        downloads = await idle(engine)
    for folder, download, content in zip(folders, downloads, (FILE, OTHER), strict=True):
        assert_whole(folder, download, content)
    assert (logins(near), logins(other)) == ({""}, {LOGIN})


async def test_a_connection_is_used_again_by_those_of_the_same_proxy_and_login_alone(
    near: Server, tmp_path: Path
) -> None:
    place = f"127.0.0.1:{near.port}"
    ways = ["", "me:S3CRET@", "you:S3CRET@", "", "me:S3CRET@"]
    near.put("/file.bin", FILE)
    async with running() as engine:
        for count, login in enumerate(ways):
            proxy = parse_proxy(f"{login}{place}")
            download = await get(engine, FAR, tmp_path / str(count), proxy=proxy)
            assert download.status is Status.COMPLETED
        past = await get(engine, near.url("/file.bin"), tmp_path / "past")
        assert past.status is Status.COMPLETED
    sent = [request.headers.get("proxy-authorization", "") for request in near.requests]
    assert [bool(login) for login in sent] == [False, True, True, False, True, False]
    ids = [request.connection_id for request in near.requests]
    assert (ids[0], ids[1]) == (ids[3], ids[4])
    assert len(set(ids)) == 4


async def test_who_has_none_goes_to_the_host_itself(near: Server, tmp_path: Path) -> None:
    async with running() as engine:
        first = await get(engine, FAR, tmp_path / "a", proxy=by(near))
        engine.add([wanted(FAR, tmp_path / "b")])
        await until(engine, lambda downloads: downloads[-1].failure is not None)
        second = engine.snapshot().downloads[-1]
    assert first.status is Status.COMPLETED
    assert second.failure is not None
    assert second.failure.code == "dns"


async def test_redirects_mirrors_and_published_checksums_are_asked_through_it(
    near: Server, tmp_path: Path
) -> None:
    asked, mirror = "http://far.invalid/asked", "http://third.invalid/file.bin"
    near.put(asked, b"", location="http://second.invalid/file.bin")
    near.put("http://second.invalid/file.bin", FILE).first(stall_after=HALF)
    near.put("http://second.invalid/file.bin.sha256", FILE.sha256().encode())
    near.put(mirror, FILE)
    async with running(checksum_scout=True) as engine:
        engine.add([wanted(asked, tmp_path, proxy=by(near), mirrors=(mirror,), name="file.bin")])
        await seen(engine, lambda each: each.done_bytes >= HALF)
        near.put("http://second.invalid/file.bin", b"", status=404)
        near.put(asked, b"", status=404)
        near.abort_connections()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert download.checked_by == "sha-256"
    hosts = {request.target.split("/")[2] for request in near.requests}
    assert hosts == {"far.invalid", "second.invalid", "third.invalid"}


async def test_https_goes_through_a_tunnel(tmp_path: Path, certificates: Certificates) -> None:
    async with Tunnels().running() as proxy, Server(tls=certificates.server_context()) as server:
        server.put("/file.bin", FILE)
        url = server.url("/file.bin", host="localhost")
        async with running(ca_certificate=str(certificates.ca_file), connections=4) as engine:
            download = await get(engine, url, tmp_path, proxy=by(proxy, "me:S3CRET"))
            assert "S3CRET" not in told(engine)
        assert_whole(tmp_path, download)
        assert set(proxy.asked) == {f"CONNECT localhost:{server.port}"}
        # A tunnel that is not needed any more when it is there carries no request.
        assert len(proxy.asked) >= len({request.connection_id for request in server.requests})
        assert set(proxy.logins) == {LOGIN}
        assert all("proxy-authorization" not in each.headers for each in server.requests)


async def test_one_that_refuses_is_named_and_the_host_is_not_blamed(
    near: Server, tmp_path: Path
) -> None:
    near.put("/file.bin", FILE)
    url = near.url("/file.bin")
    async with running() as engine:
        engine.add([wanted(url, tmp_path / "a", proxy=parse_proxy("me:S3CRET@127.0.0.1:1"))])
        failed = await seen(engine, lambda each: each.failure is not None)
        assert "S3CRET" not in told(engine)
        engine.add([wanted(url, tmp_path / "b")])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)
    assert failed.failure is not None
    assert failed.failure.code == "connect"
    assert failed.failure.message == "cannot reach the proxy 127.0.0.1:1"
    assert failed.failure.hint == "check the proxy of this download"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_one_that_wants_a_login_is_named(tmp_path: Path, scheme: str) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listener:
        place = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        async with running() as engine:
            url = FAR.replace("http:", f"{scheme}:")
            download = await get(engine, url, tmp_path, proxy=parse_proxy(f"me:S3CRET@{place}"))
            assert "S3CRET" not in told(engine)
    assert download.failure is not None
    assert download.failure.code == "auth"
    assert download.failure.message == f"407 the proxy {place} needs a login"


def test_a_proxy_that_is_silent_is_what_cannot_be_reached() -> None:
    via = Proxies().towards(FAR, parse_proxy("me:S3CRET@proxy.example:3128"))
    fault = network_error(aiohttp.ConnectionTimeoutError("S3CRET"), FAR, via)
    assert isinstance(fault, Unreachable)
    assert fault.host == "proxy.example:3128"
    assert fault.message == "the proxy proxy.example:3128 did not answer in time"


async def test_what_a_proxy_says_of_a_host_is_not_true_for_the_others(
    near: Server, tmp_path: Path
) -> None:
    """The host answers those that come straight; through the proxy it is busy for a minute."""
    url = near.url("/file.bin")
    near.put("/file.bin", FILE)
    near.put(url, b"", status=503, retry_after=60)
    async with running() as engine:
        engine.add([wanted(url, tmp_path / "a", proxy=by(near))])
        await seen(engine, lambda each: each.status is Status.WAITING)
        engine.add([wanted(url, tmp_path / "b")])
        await until(engine, lambda each: each[-1].status is Status.COMPLETED)


async def test_it_is_still_used_after_a_restart(
    near: Server, other: Server, tmp_path: Path
) -> None:
    queue_file, folder = tmp_path / "queue.db", tmp_path / "files"
    near.put(FAR, FILE).first(stall_after=HALF)
    async with running(queue_file) as engine:
        engine.add([wanted(FAR, folder, proxy=by(near, "me:S3CRET"))])
        await seen(engine, lambda each: each.done_bytes == HALF)
    part = b"".join(path.read_bytes() for path in folder.iterdir() if path.suffix != ".part")
    assert part
    assert b"S3CRET" not in part
    assert str(near.port).encode() not in part
    async with running(queue_file) as engine:
        (download,) = await idle(engine)
    assert_whole(folder, download)
    assert logins(near) == {LOGIN}
    assert len(near.requests) == 2
    assert queue_file.stat().st_mode & 0o777 == 0o600


async def test_another_one_takes_over_at_once(near: Server, other: Server, tmp_path: Path) -> None:
    near.put(FAR, FILE, stall_after=HALF)
    other.put(FAR, FILE)
    async with running() as engine:
        engine.add([wanted(FAR, tmp_path, proxy=by(near, "me:S3CRET"))])
        await seen(engine, lambda each: each.done_bytes == HALF)
        change(engine, proxy=by(other, "me:S3CRET"))
        (download,) = await idle(engine)
        assert f"through the proxy 127.0.0.1:{other.port}" in log_of(engine)
        assert "S3CRET" not in told(engine)
    assert_whole(tmp_path, download)
    assert other.requests
    assert all((request.range_start or 0) > 0 for request in other.requests)
