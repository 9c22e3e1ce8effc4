"""Proxies: which is taken, which cannot be, and what one says when it refuses."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.engine.network.tunnels import Proxy
from tests.engine.running import get, log_of, running, seen, wanted
from tests.server import Server
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.server.certificates import Certificates, Kind

FAR = "http://far.invalid/file.bin"


@pytest.fixture
async def proxy() -> AsyncIterator[Server]:
    """A proxy that has the only file there is."""
    async with Server() as server:
        server.put(FAR, b"from afar")
        yield server


def place(server: Server) -> str:
    """Host and port."""
    return server.url("").removeprefix("http://")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("http_proxy", "http://{}"),
        ("http_proxy", "http://{}/"),
        ("http_proxy", "HTTP://{}"),
        ("http_proxy", "{}"),
        ("http_proxy", "user:S3CRET@{}"),
        ("all_proxy", "http://{}"),
        ("all_proxy", "{}"),
    ],
)
async def test_the_proxy_of_the_environment_is_asked(
    proxy: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value.format(place(proxy)))
    async with running() as engine:
        download = await get(engine, FAR, tmp_path)
        assert "S3CRET" not in log_of(engine)
    assert download.status is Status.COMPLETED
    (request,) = proxy.requests
    assert ("proxy-authorization" in request.headers) == ("@" in value)


@pytest.mark.parametrize("exempt", ["127.0.0.1", "{}", "*", "a.example,127.0.0.1"])
@pytest.mark.parametrize("bad", ["http://127.0.0.1:1", "socks5://127.0.0.1:1"])
async def test_what_needs_no_proxy_goes_past_it(
    proxy: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exempt: str, bad: str
) -> None:
    monkeypatch.setenv("http_proxy", bad)
    monkeypatch.setenv("no_proxy", exempt.format(place(proxy)))
    proxy.put("/near.bin", b"near")
    async with running() as engine:
        download = await get(engine, proxy.url("/near.bin"), tmp_path)
    assert download.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("socks5://user:S3CRET@127.0.0.1:1", "socks5://127.0.0.1:1: only http and https proxies"),
        ("http://user:S3CRET@127.0.0.1:port", "http://127.0.0.1:port: no usable address"),
        ("http://", "http://: no usable address"),
        ("http://us%3Aer:S3CRET@127.0.0.1:1", "http://127.0.0.1:1: no way to send its login"),
        ("http://user:S3CRET%E2%82%AC@127.0.0.1:1", "http://127.0.0.1:1: no way to send its login"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, shown: str
) -> None:
    monkeypatch.setenv("http_proxy", value)
    async with running() as engine:
        download = await get(engine, FAR, tmp_path)
        assert "S3CRET" not in log_of(engine)
    assert download.failure is not None
    assert download.failure.message.startswith(f"cannot use the proxy {shown}")
    assert "http_proxy" in download.failure.hint


@asynccontextmanager
async def refusing(*answers: bytes) -> AsyncIterator[str]:
    """A proxy that gives one such answer to each request, the last one for ever."""
    left = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as listener:
        yield f"user:S3CRET@127.0.0.1:{listener.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (
            b"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n",
            "auth",
            "407 the proxy {} needs a login",
        ),
        (b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", "http-403", "403 forbidden"),
        (b"SSH-2.0 here\r\n\r\n", "protocol", "far.invalid sent an answer that is not HTTP"),
    ],
)
async def test_a_proxy_that_opens_no_tunnel_says_why_and_its_password_is_told_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bytes, code: str, words: str
) -> None:
    async with refusing(answer) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        async with running() as engine:
            download = await get(engine, FAR.replace("http:", "https:"), tmp_path)
            assert "S3CRET" not in log_of(engine)
    assert download.failure is not None
    assert download.failure.code == code
    assert download.failure.message.startswith(words.format(proxy.rpartition("@")[2]))
    assert "S3CRET" not in download.failure.message


async def test_a_proxy_that_is_busy_is_asked_again_when_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
    refusal = b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
    async with refusing(busy, refusal) as proxy:
        monkeypatch.setenv("https_proxy", proxy)
        async with running() as engine:
            download = await get(engine, FAR.replace("http:", "https:"), tmp_path)
            assert "503" in log_of(engine)
    assert download.failure is not None
    assert download.failure.code == "http-403"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("kind", "fault"),
    [("unknown-issuer", "has an unknown issuer"), ("expired", "expired")],
)
async def test_a_bad_certificate_of_a_proxy_is_told_as_that(
    tmp_path: Path,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
    kind: Kind,
    fault: str,
    scheme: str,
) -> None:
    async with Proxy(certificates.server_context(kind)).running() as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", f"https://user:S3CRET@{proxy.place}")
        async with running(ca_certificate=str(certificates.ca_file)) as engine:
            download = await get(engine, FAR.replace("http:", f"{scheme}:"), tmp_path)
            assert "S3CRET" not in log_of(engine)
    assert download.failure is not None
    assert download.failure.code == "tls"
    assert download.failure.message == f"the certificate of the proxy {proxy.place} {fault}"
    # To allow any certificate of the link's own host is no help against the proxy's.
    assert "allow" not in download.failure.hint
    assert "https_proxy" in download.failure.hint


@pytest.mark.parametrize(
    ("name", "kind", "fault"),
    [
        ("127.0.0.1", "unknown-issuer", "has an unknown issuer"),
        ("localhost", "unknown-issuer", "has an unknown issuer"),
        ("localhost", "expired", "expired"),  # who asked on which day would go past the proxy
    ],
)
async def test_behind_a_good_proxy_a_bad_certificate_is_the_servers(
    tmp_path: Path,
    certificates: Certificates,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    kind: Kind,
    fault: str,
) -> None:
    async with (
        Proxy(certificates.server_context()).running() as proxy,
        Server(tls=certificates.server_context(kind)) as server,
    ):
        monkeypatch.setenv("https_proxy", f"https://user:S3CRET@{proxy.place}")
        async with running(ca_certificate=str(certificates.ca_file)) as engine:
            url = server.url("/file.bin", host=name)
            download = await get(engine, url, tmp_path)
            assert "S3CRET" not in log_of(engine)
        assert proxy.asked == [f"CONNECT {url.split('/')[2]}"]
    assert download.failure is not None
    assert download.failure.message == f"the certificate of {url.split('/')[2]} {fault}"
    assert "allow it for this host" in download.failure.hint


async def test_a_proxy_that_speaks_no_tls_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listener:
        near = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        monkeypatch.setenv("http_proxy", f"https://user:S3CRET@{near}")
        async with running() as engine:
            download = await get(engine, FAR, tmp_path)
    assert download.failure is not None
    assert download.failure.message.startswith(f"no TLS with the proxy {near}: ")
    assert "http_proxy" in download.failure.hint


@pytest.mark.parametrize("address", ["http://user:S3CRET@no-proxy.invalid:3128", "127.0.0.1:1"])
async def test_a_proxy_that_cannot_be_reached_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("http_proxy", address)
    async with running() as engine:
        engine.add([wanted(FAR, tmp_path)])
        download = await seen(engine, lambda each: each.failure is not None)
        assert "S3CRET" not in log_of(engine)
    assert download.failure is not None
    assert download.failure.code == "connect"
    assert download.failure.message == f"cannot reach the proxy {address.rpartition('@')[2]}"
    assert "http_proxy" in download.failure.hint
