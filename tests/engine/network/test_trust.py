"""Certificates are checked on every https connection, with issuers that are read late, and once."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine.one_file import FILE, assert_whole
from tests.engine.running import get, running
from tests.server import Server
from tui_downloader.engine.network.loading import issuers_unread
from tui_downloader.engine.network.tls_sessions import LendingContext
from tui_downloader.engine.network.trust import Trust
from tui_downloader.engine.options import EngineOptions
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.certificates import Certificates, Kind

HTTP, HTTPS = "http://host.example/", "https://host.example/"


async def test_an_https_address_is_checked_against_the_systems_issuers() -> None:
    context = await Trust(EngineOptions()).towards(HTTPS, None)
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs())


@pytest.mark.parametrize("url", [HTTPS, "HTTPS://host.example/"])
async def test_so_is_one_in_capitals(url: str) -> None:
    assert isinstance(await Trust(EngineOptions()).towards(url, None), ssl.SSLContext)


async def test_a_server_that_knows_old_ciphers_only_is_understood(
    certificates: Certificates, tmp_path: Path
) -> None:
    context = certificates.server_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA")
    trusted = str(certificates.ca_file)
    async with Server(tls=context) as server, running(ca_certificate=trusted) as engine:
        server.put("/file.bin", FILE)
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)


async def test_a_certificate_that_is_good_to_curl_is_good_whichever_python_this_is(
    certificates: Certificates, tmp_path: Path
) -> None:
    """From 3.13 on, Python by itself wants to be told which key a certificate is signed with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.terse_leaf_file)
    trusted = str(certificates.ca_file)
    async with Server(tls=context) as server, running(ca_certificate=trusted) as engine:
        server.put("/file.bin", b"0123456789")
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure


@pytest.mark.parametrize(
    ("kind", "status"),
    [("unknown-issuer", Status.COMPLETED), ("wrong-name", Status.FAILED)],
)
async def test_a_certificate_that_the_user_trusts_needs_no_issuer_but_the_right_name(
    certificates: Certificates, tmp_path: Path, kind: Kind, status: Status
) -> None:
    trusted = str(certificates.leaf_file(kind))
    context = certificates.server_context(kind)
    async with Server(tls=context) as server, running(ca_certificate=trusted) as engine:
        server.put("/file.bin", b"0123456789")
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is status


async def test_a_proxy_over_tls_is_checked_too() -> None:
    assert isinstance(await Trust(EngineOptions()).towards(HTTP, "https://proxy/"), ssl.SSLContext)


async def test_the_issuers_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = list[ssl.SSLContext]()
    load = ssl.SSLContext.load_default_certs

    def counted(context: ssl.SSLContext) -> None:
        read.append(context)
        load(context)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", counted)
    trust = Trust(EngineOptions())
    contexts = await asyncio.gather(*(trust.towards(HTTPS, None) for _ in range(8)))
    assert read == list(set(contexts))


async def test_issuers_that_are_expected_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trust = Trust(EngineOptions(expects_https=True))
    await trust.expect_https()
    monkeypatch.delattr(ssl.SSLContext, "load_default_certs")
    assert isinstance(await trust.towards(HTTPS, None), ssl.SSLContext)


async def test_a_missing_file_of_issuers_is_told_when_they_are_needed(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere.pem")
    trust = Trust(EngineOptions(expects_https=True, ca_certificate=nowhere))
    await trust.expect_https()
    with pytest.raises(FileNotFoundError):
        await trust.towards(HTTPS, None)


async def test_ours_are_read_while_those_of_others_are_not() -> None:
    with issuers_unread():
        ours = await Trust(EngineOptions()).towards(HTTPS, None)
        others = ssl.create_default_context()
    assert isinstance(ours, ssl.SSLContext)
    assert not others.get_ca_certs()
    assert len(ours.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs())


async def test_plain_http_reads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(context: ssl.SSLContext) -> None:
        raise AssertionError(context)

    monkeypatch.setattr(ssl.SSLContext, "load_default_certs", refuse)
    assert await Trust(EngineOptions()).towards(HTTP, "http://proxy/") is True


@pytest.mark.parametrize("is_for_all", [True, False])
async def test_where_any_certificate_will_do_nothing_is_checked(is_for_all: bool) -> None:
    trust = Trust(EngineOptions(insecure=is_for_all))
    context = await trust.towards(HTTPS, None, accepts_any=not is_for_all)
    assert isinstance(context, LendingContext)
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


async def test_other_hosts_are_checked_beside_one_where_any_will_do() -> None:
    trust = Trust(EngineOptions())
    await trust.towards(HTTPS, None, accepts_any=True)
    context = await trust.towards(HTTPS, None)
    assert isinstance(context, ssl.SSLContext)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_contexts_made_meanwhile_trust_nobody_and_later_ones_do() -> None:
    read = ssl.SSLContext.set_default_verify_paths
    with issuers_unread():
        empty = ssl.create_default_context()
    assert empty.cert_store_stats()["x509"] == 0
    assert empty.verify_mode is ssl.CERT_REQUIRED
    assert ssl.SSLContext.set_default_verify_paths is read


def test_starting_the_engine_reads_none_for_aiohttp() -> None:
    code = (
        "import asyncio\n"
        "from tui_downloader.engine import Engine, EngineOptions\n"
        "async def start():\n"
        "    async with Engine(EngineOptions()): pass\n"
        "asyncio.run(start())\n"
        "from aiohttp import connector\n"
        "print(connector._SSL_CONTEXT_VERIFIED.cert_store_stats()['x509'])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "0"
