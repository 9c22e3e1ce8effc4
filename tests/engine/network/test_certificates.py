"""Why a certificate is not trusted, in words, and since when."""

from __future__ import annotations

import asyncio
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.engine.running import get, running
from tests.server import Server
from tests.server.certificates import Certificates, Kind
from tui_downloader.engine.network.certificates import end_of_validity

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "words", "help_begins"),
    [
        ("expired", f" expired {YESTERDAY.day} {YESTERDAY:%b %Y}", "check this machine's date"),
        ("wrong-name", " is for another name", "check the address"),
        ("unknown-issuer", " has an unknown issuer", "trust its issuer"),
    ],
)
async def test_the_fault_of_a_certificate_is_named_with_what_helps_against_it(
    tmp_path: Path, certificates: Certificates, kind: Kind, words: str, help_begins: str
) -> None:
    async with Server(tls=certificates.server_context(kind)) as server:
        server.put("/file.bin", b"x")
        async with running(ca_certificate=str(certificates.ca_file)) as engine:
            download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert download.failure.code == "tls"
    assert download.failure.message.endswith(words)
    assert download.failure.hint.startswith(help_begins)
    assert server.requests == []


async def test_a_date_is_not_asked_for_past_a_proxy(
    tmp_path: Path, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Server(tls=certificates.server_context("expired")) as server:
        monkeypatch.setenv("https_proxy", server.url("/", host="localhost").rstrip("/"))
        async with running(ca_certificate=str(certificates.ca_file)) as engine:
            download = await get(engine, server.url("/file.bin"), tmp_path)
        assert download.failure is not None
        assert download.failure.message.endswith(" expired")


async def test_no_other_fault_needs_more_files_to_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where none can be opened any more, and that is the fault, no module can be imported either.
    monkeypatch.setitem(sys.modules, "tui_downloader.engine.network.certificates", None)

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"no HTTP\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server, running() as engine:
        port = server.sockets[0].getsockname()[1]
        download = await get(engine, f"http://127.0.0.1:{port}/file.bin", tmp_path)
    assert download.failure is not None
    assert "sent an answer that is not HTTP" in download.failure.message


def test_what_is_no_certificate_has_no_date() -> None:
    assert end_of_validity(b"\x30\x03abc") == ""


@pytest.mark.parametrize(
    ("validity", "day"),
    [
        (b"\x30\x1e\x17\x0d250101000000Z\x17\x0d251102120000Z", "2 Nov 2025"),
        (b"\x30\x22\x18\x0f20250101000000Z\x18\x0f20511102120000Z", "2 Nov 2051"),
        (b"\x30\x20\x17\x0d250101000000Z\x18\x0f20511102120000Z", "2 Nov 2051"),
    ],
)
def test_both_forms_of_a_date_are_read(validity: bytes, day: str) -> None:
    assert end_of_validity(b"before" + validity + b"after") == day


def test_the_date_of_a_real_certificate_is_found(certificates: Certificates) -> None:
    der = ssl.PEM_cert_to_DER_cert(certificates.ca_file.read_text())
    in_30_days = datetime.now(UTC) + timedelta(days=30)
    assert end_of_validity(der) == f"{in_30_days.day} {in_30_days:%b %Y}"
