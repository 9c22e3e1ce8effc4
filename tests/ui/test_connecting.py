"""The row says what a download that has no answer yet is waiting for, on a real engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.server import Pattern, Server
from tests.server.certificates import Certificates
from tests.ui.real import real, wanted

FILE = Pattern(10_000)


async def accept_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the connection, and say nothing until the client leaves."""
    await reader.read()
    writer.close()


async def test_a_handshake_that_takes_long_is_called_that(tmp_path: Path) -> None:
    async with await asyncio.start_server(accept_only, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        url = f"https://127.0.0.1:{port}/file.bin"
        async with real(tmp_path, wanted(url, tmp_path)) as ui:
            await ui.until_seen("connecting · TLS handshake")


async def test_the_details_tell_by_which_tls_a_file_comes(
    tmp_path: Path, tls_server: Server, certificates: Certificates
) -> None:
    tls_server.put("/file.bin", FILE, stall_after=5000)
    url = tls_server.url("/file.bin")
    trusted = str(certificates.ca_file)
    async with real(tmp_path, wanted(url, tmp_path), ca_certificate=trusted) as ui:
        await ui.until(lambda: ui.download.done_bytes > 0)
        await ui.press("enter", "l", "l")
        await ui.until(lambda: any("TLS  " in line and "TLS 1.3" in line for line in ui.lines))


@pytest.mark.parametrize("n_before", [0, 1])
async def test_a_server_that_takes_its_time_is_waited_for_also_on_a_used_connection(
    tmp_path: Path, server: Server, n_before: int
) -> None:
    """A connection that stayed open since the last file is not made anew."""
    server.put("/first.bin", FILE)
    server.put("/late.bin", FILE, hold=True)
    paths = ["/first.bin", "/late.bin"][1 - n_before :]
    requests = [wanted(server.url(path), tmp_path) for path in paths]
    async with real(tmp_path, *requests, jobs=1) as ui:
        told = "connecting · waiting for answer"
        await ui.until(lambda: any("late.bin" in line and told in line for line in ui.lines))
        assert server.connections_total == 1
