"""Redirects, one by one and by hand; secrets stay with the origin they were given for."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.running import (
    change,
    get,
    idle,
    names_in,
    running,
    seen,
    sha256,
    try_again_after,
    until,
    wanted,
)
from tests.server import Pattern, Server
from tui_downloader.engine.network.access import Access
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.certificates import Certificates

FILE = Pattern(500_000)
SECRETS: dict[str, Any] = {
    "credentials": ("user", "s3cret-password"),
    "headers": (("X-Token", "s3cret-token"), ("Cookie", "session=s3cret-cookie")),
}


@pytest.mark.parametrize(
    ("status", "fails"),
    [(401, 1), (403, 1), (404, 1), (410, 1), (401, None), (404, None), (410, None)],
)
async def test_where_a_redirect_has_expired_a_new_one_is_asked_for_once(
    server: Server, tmp_path: Path, status: int, fails: int | None
) -> None:
    server.put("/from", FILE, location="/to.bin?signed={n}")
    server.put("/to.bin", FILE, status=status, fail_times=fails)
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
    assert download.status is (Status.COMPLETED if fails else Status.FAILED)
    asked = ["/from", "/to.bin?signed=1", "/from", "/to.bin?signed=2"]
    assert [request.target for request in server.requests] == asked


async def test_what_a_server_says_of_an_expired_link_is_not_read_to_its_end(
    server: Server, tmp_path: Path
) -> None:
    server.put("/from", FILE, location="/to.bin?signed={n}")
    goal = server.put("/to.bin", FILE, stall_after=1000)
    goal.first(status=403, status_body=bytes(1_000_000))
    async with running() as engine:
        engine.add([wanted(server.url("/from"), tmp_path)])
        await seen(engine, lambda download: download.done_bytes == 1000)
        await server.until(lambda: server.answers_now == 1)


async def test_further_connections_go_straight_to_where_the_first_was_led(
    server: Server, tmp_path: Path
) -> None:
    """A link may be for one use, and each redirect costs a round trip."""
    file = Pattern(8 << 20)
    way = server.put("/from", file, location="/to.bin?signed={n}")
    goal = server.put("/to.bin", file, throttle_bytes_per_s=4 << 20)
    async with running(connections=4) as engine:
        await get(engine, server.url("/from"), tmp_path)
    assert way.hits == 1
    assert goal.hits >= 4
    assert sha256(tmp_path / "to.bin") == file.sha256()


async def test_where_an_expired_link_leads_anew_further_connections_go_straight(
    server: Server, tmp_path: Path
) -> None:
    """They count there, too: the host that serves them has so many."""
    file = Pattern(8 << 20)
    way = server.put("/from", file, location="/old.bin")
    server.put("/old.bin", file, throttle_bytes_per_s=1 << 20)
    server.put("/new.bin", file, throttle_bytes_per_s=1 << 20)
    async with running(connections=2) as engine:
        engine.add([wanted(server.url("/from"), tmp_path, connections=1)])
        await seen(engine, lambda download: download.done_bytes > 0)
        way.behaviour.location = server.url("/new.bin", host="localhost")
        server.resources["/old.bin"].behaviour.status = 403
        change(engine, connections=4)
        shares = engine._parts.hosts.shares
        await seen(engine, lambda _: shares.at(f"localhost:{server.port}") == (1, 4))
        assert shares.at(f"127.0.0.1:{server.port}") == (0, 0)
        for each in server.resources.values():
            each.behaviour.throttle_bytes_per_s = None
        await idle(engine)
    assert way.hits <= 4  # three were opened before one of them knew
    assert sha256(tmp_path / "old.bin") == file.sha256()


async def test_a_link_that_leads_elsewhere_no_more_uses_its_own_host_alone(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(0.02, monkeypatch)
    server.put("/busy.bin", FILE, status=500)
    way = server.put("/file.bin", FILE, stall_after=100_000)
    way.first(location=server.url("/busy.bin", host="localhost"))
    server.put("/other.bin", FILE)
    async with running(connections_per_host=1) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda download: download.done_bytes == 100_000)
        engine.add([wanted(server.url("/other.bin", host="localhost"), tmp_path)])
        await until(engine, lambda each: each[1].status is Status.COMPLETED)
        server.release()
        assert {each.status for each in await idle(engine)} == {Status.COMPLETED}


async def test_who_refuses_by_himself_is_asked_once(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, status=404)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.FAILED
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_every_kind_of_redirect_is_followed_with_the_same_question(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/from", FILE, location="/to.bin", redirect_status=status)
    resource = server.put("/to.bin", FILE)
    leave_part(tmp_path, resource, server.url("/from"), (0, 200_000), name="to.bin")
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "to.bin") == FILE.sha256()
    first, second = server.requests
    assert first.method == second.method == "GET"
    assert first.headers["range"] == second.headers["range"]
    assert first.headers["if-range"] == second.headers["if-range"]


async def test_choices_without_a_preferred_one_lead_nowhere(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, status=300)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert "300" in download.failure.message


async def test_twenty_hops_are_followed_and_each_is_told(server: Server, tmp_path: Path) -> None:
    server.put("/f.bin", FILE, redirect_hops=20)
    async with running() as engine:
        download = await get(engine, server.url("/f.bin"), tmp_path)
        details = engine.details(download.download_id)
    assert download.status is Status.COMPLETED
    told = [words for _, words in details.log if words.startswith("redirected to")]
    assert told == [f"redirected to {server.url('/f.bin')}?hop={n}" for n in range(1, 21)]
    assert details.final_url == server.url("/f.bin") + "?hop=20"


async def test_the_twenty_first_hop_is_not(server: Server, tmp_path: Path) -> None:
    server.put("/f.bin", FILE, redirect_hops=21)
    async with running() as engine:
        download = await get(engine, server.url("/f.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "too-many-redirects")
    assert len(server.requests) == 21
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,hello", "javascript:alert(1)"],
)
async def test_only_http_and_https_lead_anywhere(
    server: Server, tmp_path: Path, target: str
) -> None:
    server.put("/out", FILE, location=target)
    async with running() as engine:
        download = await get(engine, server.url("/out"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "redirect")
    assert "not http" in download.failure.message
    assert names_in(tmp_path) == []
    assert len(server.requests) == 1


@pytest.mark.parametrize("target", ["http://", "http://127.0.0.1:99999/x", "https:///nothing"])
async def test_a_redirect_to_no_address_is_told(
    server: Server, tmp_path: Path, target: str
) -> None:
    server.put("/out", FILE, location=target)
    async with running() as engine:
        download = await get(engine, server.url("/out"), tmp_path)
    assert download.failure is not None
    assert download.status is Status.FAILED
    assert download.failure.code in ("redirect", "url")
    assert names_in(tmp_path) == []
    assert len(server.requests) == 1


async def test_a_redirect_that_leads_nowhere_is_told(server: Server, tmp_path: Path) -> None:
    server.put("/out", FILE, status=302)
    async with running() as engine:
        download = await get(engine, server.url("/out"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "redirect"


@pytest.mark.parametrize("scheme", ["https", "HTTPS"])
async def test_https_never_leads_down_to_http(
    server: Server, tls_server: Server, tmp_path: Path, scheme: str
) -> None:
    server.put("/plain.bin", FILE)
    tls_server.put("/from", FILE, location=server.url("/plain.bin"))
    url = tls_server.url("/from").replace("https", scheme)
    async with running(insecure=True) as engine:
        download = await get(engine, url, tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "redirect")
    assert server.url("/plain.bin") in download.failure.message
    assert "download that address itself" in download.failure.hint
    assert server.requests == []


async def test_http_may_lead_up_to_https(
    server: Server, tls_server: Server, tmp_path: Path
) -> None:
    tls_server.put("/f.bin", FILE)
    server.put("/from", FILE, location=tls_server.url("/f.bin"))
    async with running(insecure=True) as engine:
        download = await get(engine, server.url("/from"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "f.bin") == FILE.sha256()


@pytest.mark.parametrize(
    "target",
    [
        "/a%2Fb%7e/c.bin?sig=%2b+%C3%9c&x=~'(1)",
        "/c.bin?a=1&a=%41&&=",
        "/d//e/./f/../c.bin?s=..%2f",
        "/c.bin;v=1?x=//y",
        "/c.bin?",
    ],
)
async def test_the_address_in_a_redirect_is_sent_as_it_came(
    server: Server, other_server: Server, tmp_path: Path, target: str
) -> None:
    server.put("/from", FILE, location=other_server.url(target))
    other_server.put(target.partition("?")[0], FILE)
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
    assert [r.target for r in other_server.requests] == [target]
    assert download.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/\xc3\xbc \xe2\x82\xac.bin", "/%C3%BC%20%E2%82%AC.bin"),  # UTF-8 and a space, raw
        (b"/\xfc.bin", "/%FC.bin"),  # Latin-1, raw
        (b"sub/c.bin?x=1#part", "/sub/c.bin?x=1"),
    ],
)
async def test_an_address_that_http_cannot_carry_is_encoded_and_nothing_else(
    server: Server, tmp_path: Path, location: bytes, target: str
) -> None:
    server.put(
        "/from",
        FILE,
        raw=b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n",
    )
    server.put(target.partition("?")[0], FILE)
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
        details = engine.details(download.download_id)
    assert [r.target for r in server.requests] == ["/from", target]
    assert details.final_url == server.url(target)
    assert download.status is Status.COMPLETED


# Secrets.


@pytest.mark.parametrize("where", ["host", "port", "scheme"])
async def test_secrets_go_to_no_other_origin(
    server: Server, other_server: Server, tls_server: Server, tmp_path: Path, where: str
) -> None:
    far = {"host": server, "port": other_server, "scheme": tls_server}[where]
    host = "localhost" if where == "host" else "127.0.0.1"
    far.put("/far.bin", FILE)
    server.put("/from", FILE, location=far.url("/far.bin", host=host))
    async with running(insecure=True) as engine:
        download = await get(engine, server.url("/from"), tmp_path, **SECRETS)
    assert download.status is Status.COMPLETED
    assert {"authorization", "x-token", "cookie"} <= server.requests[0].headers.keys()
    (request,) = [r for r in far.requests if r.path == "/far.bin"]
    assert "s3cret" not in str(request.headers)
    assert not {"authorization", "x-token", "cookie"} & request.headers.keys()


async def test_any_certificate_is_accepted_of_the_one_host_only(
    tls_server: Server, certificates: Certificates, tmp_path: Path
) -> None:
    async with Server(tls=certificates.server_context()) as far:
        far.put("/f.bin", FILE)
        tls_server.put("/from", FILE, location=far.url("/f.bin"))
        async with running() as engine:
            download = await get(engine, tls_server.url("/from"), tmp_path, insecure=True)
        assert far.requests == []
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "tls")
    assert [request.path for request in tls_server.requests] == ["/from"]


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("by", ["request", "program", "nobody"])
async def test_any_certificate_is_accepted_of_the_host_that_was_named_wherever_the_link_is(
    server: Server, certificates: Certificates, tmp_path: Path, scheme: str, by: str
) -> None:
    tls = certificates.server_context("unknown-issuer")
    async with Server(tls=tls) as near, Server(tls=tls) as far, running() as engine:
        far.put("/f.bin", FILE)
        first = near if scheme == "https" else server
        first.put("/from", FILE, location=far.url("/f.bin").replace("https", "HTTPS"))
        named = (far.url("/"),) if by == "request" else ()
        if by == "program":
            engine.set_unchecked(frozenset({("https", "127.0.0.1", far.port)}))
        insecure = scheme == "https"
        download = await get(engine, first.url("/from"), tmp_path, insecure=insecure, trusted=named)
    if by != "nobody":
        assert download.status is Status.COMPLETED
        return
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "tls")
    assert download.failure.origin.lower() == far.url("")
    assert far.requests == []


async def test_an_expired_certificate_is_that_of_the_host_it_was_shown_by(
    server: Server, certificates: Certificates, tmp_path: Path
) -> None:
    """Its date is asked for apart."""
    trusted = str(certificates.ca_file)
    async with Server(tls=certificates.server_context("expired")) as far:
        server.put("/from", FILE, location=far.url("/f.bin"))
        async with running(ca_certificate=trusted) as engine:
            download = await get(engine, server.url("/from"), tmp_path)
    assert download.failure is not None
    assert re.search(r" expired \d+ \w+ \d+$", download.failure.message)
    assert download.failure.origin == far.url("")


async def test_no_other_host_is_trusted_with_the_one_that_was_named(
    certificates: Certificates, tmp_path: Path
) -> None:
    tls = certificates.server_context("unknown-issuer")
    async with Server(tls=tls) as near, Server(tls=tls) as far, running() as engine:
        far.put("/f.bin", FILE)
        near.put("/from", FILE, location=far.url("/f.bin"))
        engine.set_unchecked(frozenset({("https", "127.0.0.1", near.port)}))
        away = await get(engine, near.url("/from"), tmp_path)
        other = await get(engine, near.url("/from", host="localhost"), tmp_path)
    assert [each.failure.origin for each in (away, other) if each.failure] == [
        far.url(""),
        near.url("", host="localhost"),
    ]
    assert far.requests == []


@pytest.mark.parametrize(
    "url",
    ["https://host.example:80/a", "http://host.example:81/a", "http://other.example/a"],
)
def test_an_origin_is_scheme_and_host_and_port(url: str) -> None:
    access = Access(DownloadRequest(url="http://host.example/a", folder="/", **SECRETS))
    assert access.headers_for("http://host.example:80/b") != []
    assert access.headers_for("http://HOST.example/b") != []
    assert access.headers_for(url) == []


async def test_a_login_that_is_wanted_elsewhere_is_not_sent_and_told_by_whom_it_is_wanted(
    server: Server, other_server: Server, tmp_path: Path
) -> None:
    other_server.put("/far.bin", FILE, require_auth=SECRETS["credentials"])
    server.put("/from", FILE, location=other_server.url("/far.bin", host="localhost"))
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path, **SECRETS)
    assert download.failure is not None
    place = f"localhost:{other_server.port}"
    assert download.failure.message == f"401 {place} needs a login"
    assert download.failure.hint.endswith(f": http://{place}/far.bin")
    assert "s3cret" not in str([request.headers for request in other_server.requests])


async def test_what_a_host_wants_that_the_link_leads_back_to_is_not_told_as_elsewhere(
    server: Server, other_server: Server, tmp_path: Path
) -> None:
    server.put("/back.bin", FILE, require_auth=SECRETS["credentials"])
    other_server.put("/over", FILE, location=server.url("/back.bin"))
    server.put("/from", FILE, location=other_server.url("/over"))
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
    assert download.failure is not None
    assert download.failure.message == "401 needs a login"


async def test_secrets_go_along_within_their_origin(server: Server, tmp_path: Path) -> None:
    server.put("/from", FILE, location="/to.bin")
    server.put("/to.bin", FILE, require_auth=SECRETS["credentials"])
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path, **SECRETS)
    assert download.status is Status.COMPLETED
    assert all(r.headers["x-token"] == "s3cret-token" for r in server.requests)


@pytest.mark.parametrize("where", ["same", "host", "port"])
async def test_a_cookie_of_the_server_goes_back_to_its_origin_only(
    server: Server, other_server: Server, tmp_path: Path, where: str
) -> None:
    far = other_server if where == "port" else server
    host = "localhost" if where == "host" else "127.0.0.1"
    far.put("/to.bin", FILE)
    server.put(
        "/from",
        FILE,
        location=far.url("/to.bin", host=host),
        extra_headers=(b"Set-Cookie: pass=let-me-in; Path=/",),
    )
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
    assert download.status is Status.COMPLETED
    sent = far.requests[-1].headers.get("cookie")
    assert sent == ("pass=let-me-in" if where == "same" else None)


@pytest.mark.parametrize(
    ("path", "sent"), [("/", "mine=1; pass=let-me-in"), ("/elsewhere", "mine=1")]
)
async def test_a_cookie_of_the_user_goes_beside_those_of_the_server(
    server: Server, tmp_path: Path, path: str, sent: str
) -> None:
    cookie = f"Set-Cookie: pass=let-me-in; Path={path}".encode()
    server.put("/from", FILE, location="/to.bin", extra_headers=(cookie,))
    server.put("/to.bin", FILE)
    async with running() as engine:
        await get(engine, server.url("/from"), tmp_path, headers=(("cookie", "mine=1"),))
    assert [request.headers["cookie"] for request in server.requests] == ["mine=1", sent]


async def test_an_authorization_of_the_user_is_sent_instead_of_a_login(
    server: Server, tmp_path: Path
) -> None:
    server.put("/f.bin", FILE)
    own: dict[str, Any] = {"headers": (("authorization", "Bearer own"),)}
    async with running() as engine:
        await get(engine, server.url("/f.bin"), tmp_path, credentials=("user", "pw"), **own)
    assert server.requests[0].headers["authorization"] == "Bearer own"


@pytest.mark.parametrize("value", ["a,b/c==", '"v=1,2"', "~^policy=CloudFront__"])
async def test_a_cookie_goes_back_as_it_came(server: Server, tmp_path: Path, value: str) -> None:
    server.put("/to.bin", FILE, require_cookie=f"pass={value}")
    cookie = f"Set-Cookie: pass={value}; Path=/".encode()
    server.put("/from", FILE, location="/to.bin", extra_headers=(cookie,))
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
    assert download.status is Status.COMPLETED
    assert server.requests[-1].headers["cookie"] == f"pass={value}"


async def test_a_cookie_for_a_foreign_domain_is_not_kept(server: Server, tmp_path: Path) -> None:
    server.put("/to.bin", FILE)
    server.put(
        "/from",
        FILE,
        location=server.url("/to.bin", host="localhost"),
        extra_headers=(b"Set-Cookie: a=evil; Domain=localhost; Path=/",),
    )
    async with running() as engine:
        await get(engine, server.url("/from"), tmp_path)
    assert "cookie" not in server.requests[-1].headers


async def test_cookies_of_one_download_are_not_those_of_another(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE, extra_headers=(b"Set-Cookie: who=a; Path=/",))
    server.put("/b.bin", FILE)
    async with running() as engine:
        await get(engine, server.url("/a.bin"), tmp_path)
        await get(engine, server.url("/b.bin"), tmp_path, headers=(("X-Token", "t"),))
    assert "cookie" not in server.requests[-1].headers


async def test_a_login_in_a_redirect_is_neither_sent_nor_shown(
    server: Server, tmp_path: Path
) -> None:
    server.put("/to.bin", FILE)
    server.put("/from", FILE, location=server.url("/to.bin", userinfo="user:s3cret"))
    async with running() as engine:
        download = await get(engine, server.url("/from"), tmp_path)
        details = engine.details(download.download_id)
    assert download.status is Status.COMPLETED
    assert "authorization" not in server.requests[-1].headers
    assert "s3cret" not in f"{details}{download}"


async def test_no_secret_is_shown_logged_or_left_on_disk(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    server.put("/file.bin", FILE, reset_after=200_000, poison_at=200_000)
    async with running(tmp_path / "queue.db") as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path / "to", **SECRETS)
        details = engine.details(download.download_id)
    assert download.status is Status.FAILED
    passport = (tmp_path / "to" / "file.bin.part.json").read_text()
    assert "s3cret" not in f"{download}{details}{caplog.text}{passport}"
    assert (tmp_path / "queue.db").stat().st_mode & 0o077 == 0


async def test_a_login_in_the_address_leaves_it_at_once(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, require_auth=("user", "s3cret:p@ss"))
    url = server.url("/file.bin", userinfo="user:s3cret%3Ap%40ss")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui_downloader", "get", "--json", "-d", str(tmp_path), url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    told = b"".join(await process.communicate())
    assert process.returncode == 0, told
    assert b"s3cret" not in told
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
