"""A login by digest: the password itself is kept, and the file comes (RFC 7616)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, names_in, running, sha256
from tests.server import Pattern
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server

LOGIN = ("me", "s3cret")
FILE = Pattern(300_000)
MD5 = 'Digest realm="a, b", nonce="n0", qop="auth", opaque="o"'
SHA_256 = 'Digest realm="test", nonce="n0", qop="auth", algorithm=SHA-256'
OLD = 'Digest realm="test", nonce="n0"'  # of RFC 2069, without qop


@pytest.mark.parametrize("challenge", [MD5, SHA_256, OLD])
async def test_a_digest_is_given_to_whom_asks_for_one(
    server: Server, tmp_path: Path, challenge: str
) -> None:
    server.put("/d%20e.bin", FILE, require_auth=LOGIN, auth_challenge=challenge)
    async with running() as engine:
        await get(engine, server.url("/d%20e.bin?a=%2F"), tmp_path, credentials=LOGIN)
    assert sha256(tmp_path / "d e.bin") == FILE.sha256()
    assert "s3cret" not in server.requests[-1].headers["authorization"]
    assert server.connections_total == 1


@pytest.mark.parametrize(
    ("others", "before"), [(("Negotiate", "NTLM"), ""), ((), 'Negotiate, Basic realm="x", ')]
)
async def test_a_digest_is_given_where_other_logins_are_named_before(
    server: Server, tmp_path: Path, others: tuple[str, ...], before: str
) -> None:
    login: dict[str, Any] = {"require_auth": LOGIN, "other_challenges": others}
    server.put("/f.bin", FILE, **login, auth_challenge=before + SHA_256)
    async with running() as engine:
        await get(engine, server.url("/f.bin"), tmp_path, credentials=LOGIN)
    assert sha256(tmp_path / "f.bin") == FILE.sha256()


async def test_each_connection_is_asked_for_it_once_at_most(server: Server, tmp_path: Path) -> None:
    large = Pattern(8 << 20)
    server.put("/f.bin", large, require_auth=LOGIN, auth_challenge=MD5, throttle_bytes_per_s=8e6)
    async with running() as engine:
        await get(engine, server.url("/f.bin"), tmp_path, credentials=LOGIN, connections=4)
    assert sha256(tmp_path / "f.bin") == large.sha256()
    sent = [request.headers["authorization"] for request in server.requests]
    assert sent[0].startswith("Basic ")
    assert len(sent) > 4
    assert all(each.startswith("Digest ") for each in sent[1:])
    counts = [each.partition("nc=")[2][:8] for each in sent[1:]]
    assert len(set(counts)) == len(counts), "a nonce was used twice with one count"


@pytest.mark.parametrize(
    "challenge",
    [
        MD5,
        'Digest realm="test", nonce="n0", algorithm=ROT-13',
        'Digest realm="test", nonce="n0", qop="other"',
        'Digest realm="test"',
        "Digest",
        "Negotiate",
    ],
)
async def test_what_cannot_be_met_is_a_refused_login(
    server: Server, tmp_path: Path, challenge: str
) -> None:
    server.put("/f.bin", FILE, require_auth=("me", "other"), auth_challenge=challenge)
    async with running() as engine:
        download = await get(engine, server.url("/f.bin"), tmp_path, credentials=LOGIN)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "auth")
    assert download.failure.message == "401 login refused"
    assert len(server.requests) <= 3
    assert names_in(tmp_path) == []


async def test_no_digest_leaves_its_origin(
    server: Server, other_server: Server, tmp_path: Path
) -> None:
    domain = f'Digest realm="x", nonce="n0", qop="auth", domain="/ {other_server.url("/")}"'
    login = {"require_auth": LOGIN, "auth_challenge": domain}
    server.put("/from.bin", FILE, **login, location=other_server.url("/to.bin"))
    other_server.put("/to.bin", FILE, **login)
    async with running() as engine:
        download = await get(engine, server.url("/from.bin"), tmp_path, credentials=LOGIN)
    assert server.requests[-1].headers["authorization"].startswith("Digest ")
    assert download.failure is not None
    assert download.failure.message == f"401 {host_of(other_server.url('/'))} needs a login"
    assert all("authorization" not in request.headers for request in other_server.requests)
