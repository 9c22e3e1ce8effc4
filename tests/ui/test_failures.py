"""Each failure of ux.md section 9, made for real: what the user reads, and what the keys do."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from tests.engine.running import names_in, sha256, try_again_after
from tests.server import Pattern, Server
from tests.server.certificates import Certificates, Kind
from tests.ui.real import real, wanted
from tui_downloader.engine.network import body_faults
from tui_downloader.engine.queue import full_disks
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.status import Status
from tui_downloader.ui.screens.ask import AskScreen
from tui_downloader.ui.screens.checksum import ChecksumScreen
from tui_downloader.ui.screens.edit import EditScreen
from tui_downloader.ui.screens.new_url import AddressInput, NewUrlScreen

FILE = Pattern(1_000_000)
OTHER = Pattern(1_000_000, seed=1)
pytestmark = pytest.mark.usefixtures("quick_retries")


async def test_a_host_that_does_not_exist(tmp_path: Path, server: Server) -> None:
    server.put("/file.bin", FILE)
    async with real(tmp_path, wanted("http://no-such-host.invalid/file.bin", tmp_path)) as ui:
        await ui.until_seen("cannot find host no-such-host.invalid · r retry  u new URL")
        await ui.press("u")
        assert isinstance(ui.app.screen, NewUrlScreen)
        await ui.write(server.url("/file.bin"))
        await ui.until_done()
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_refused_connection(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        async with real(tmp_path, wanted(f"http://127.0.0.1:{port}/x", tmp_path)) as ui:
            await ui.until_seen(f"127.0.0.1:{port} refused the connection · r retry  u new URL")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", " expired "),
        ("wrong-name", " is for another name"),
        ("unknown-issuer", " has an unknown issuer"),
    ],
)
async def test_a_certificate_that_is_not_trusted(
    tmp_path: Path, certificates: Certificates, kind: Kind, words: str
) -> None:
    async with Server(tls=certificates.server_context(kind)) as server:
        server.put("/file.bin", FILE)
        request = wanted(server.url("/file.bin"), tmp_path)
        async with real(tmp_path, request, ca_certificate=str(certificates.ca_file)) as ui:
            await ui.until_seen(f"the certificate of 127.0.0.1:{server.port}{words}")
            await ui.until_seen(f"certificate{words}")
            await ui.until_seen("· e allow for this host")
            await ui.press("e")
            assert isinstance(ui.app.screen, EditScreen)
            await ui.press("space", "f2", "r")
            await ui.until_done()
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_login_that_is_missing_and_one_that_is_wrong(
    tmp_path: Path, server: Server
) -> None:
    server.put("/file.bin", FILE, require_auth=("me", "secret"))
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_seen("401 needs a login · e user and password")
        await ui.until_seen("give user and password")
        assert "-H" not in ui.text
        await ui.press("e", *"me", "tab", *"secrets", "f2")
        await ui.press("r")
        await ui.until_seen("401 login refused · e user and password")
        await ui.until_seen("check user and password")
        await ui.press("e", "tab", "end", "backspace", "f2")
        await ui.press("r")
        await ui.until_done()
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.parametrize("query", ["", "?sig=1"])
async def test_a_login_that_is_wanted_where_a_redirect_leads(
    tmp_path: Path, server: Server, query: str
) -> None:
    login = ("me", "secret")
    async with Server() as far:
        far.put("/file.bin", FILE, require_auth=login)
        there = far.url(f"/file.bin{query}", host="localhost")
        server.put("/from", b"", location=there)
        request = wanted(server.url("/from"), tmp_path, credentials=login)
        async with real(tmp_path, request) as ui:
            host = f"localhost:{far.port}"
            await ui.until_seen(f"401 {host} needs a login · u new URL")
            await ui.until_seen(f"take the address that it leads to: {there}")
            assert "· e user and password" not in ui.text
            await ui.press("u")
            await ui.until_seen(f"{host} gets user and password")
            assert ("which may expire" in ui.text) is bool(query)
            assert ui.app.screen.query_one(AddressInput).value == there
            await ui.press("enter")
            await ui.until_seen("401 needs a login · e user and password")
            assert not [one for one in far.requests if "authorization" in one.headers]
            await ui.press("e", *"me", "tab", *"secret", "f2")
            await ui.until_done()
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_refusal_where_a_redirect_leads_says_whose_it_is(
    tmp_path: Path, server: Server
) -> None:
    async with Server() as far:
        far.put("/file.bin", FILE, status=403)
        server.put("/from", b"", location=far.url("/file.bin"))
        async with real(tmp_path, wanted(server.url("/from"), tmp_path)) as ui:
            await ui.until_seen(f"403 forbidden, says 127.0.0.1:{far.port} · u new URL")
            await ui.press("u")
            assert ui.app.screen.query_one(AddressInput).value == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "403 forbidden, link may have expired"),
        (404, "404 not found"),
        (410, "410 gone"),
    ],
)
async def test_a_link_that_leads_nowhere(
    tmp_path: Path, server: Server, status: int, words: str
) -> None:
    server.put("/old.bin", FILE, status=status)
    server.put("/new.bin", FILE)
    async with real(tmp_path, wanted(server.url("/old.bin"), tmp_path)) as ui:
        await ui.until_seen(f"{words} · u new URL  r retry")
        await ui.until_seen("· 1 failed")
        await ui.until_seen(" u New URL  r Retry  a Add ")
        await ui.press("u")
        await ui.write(server.url("/new.bin"))
        await ui.until_done()


@pytest.mark.parametrize(
    ("status", "words"), [(429, "429 too many requests"), (503, "503 server busy")]
)
async def test_a_busy_server(tmp_path: Path, server: Server, status: int, words: str) -> None:
    file = server.put("/file.bin", FILE, status=status, retry_after=100)
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until(lambda: f"{words} · retry 1/20 in 1:" in ui.text)
        await ui.until_seen("· r now")
        await ui.until_seen("retries by itself in 1:")
        await ui.until_seen("the server said how long to wait (Retry-After)")
        file.behaviour.status = None
        await ui.press("r")
        await ui.until_done()


@pytest.mark.parametrize("fault", ["reset_after", "close_after", "stall_after"])
async def test_a_connection_that_is_lost(
    tmp_path: Path, server: Server, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.3)
    try_again_after(30.0, monkeypatch)
    server.put("/file.bin", FILE).first(**{fault: 600_000})
    async with real(tmp_path, wanted(server.url("/file.bin"), tmp_path)) as ui:
        await ui.until_seen("connection lost · retry 1/10 in 0:")
        await ui.until_seen("retries by itself in 0:")
        await ui.press("r")
        await ui.until_done()
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert server.requests[-1].range_start is not None


async def test_a_file_that_changed_on_the_server(tmp_path: Path, server: Server) -> None:
    file = server.put("/file.bin", FILE, stall_after=600_000)
    async with real(
        tmp_path, wanted(server.url("/file.bin"), tmp_path), restart_below_bytes=0
    ) as ui:
        await ui.until(lambda: ui.download.done_bytes >= 500_000)
        await ui.press("p")
        await ui.until_seen("paused · can resume")  # what p does next is what the row offers
        file.replace(OTHER)
        file.behaviour.stall_after = None
        await ui.press("p")
        await ui.until_seen("file changed since the last part · R from 0")
        await ui.until_seen("the file changed on the server (was 1.00 MB")
        await ui.press("R")
        await ui.until_done()
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


async def test_a_full_disk(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_disks, "EVERY_S", 0.1)
    server.put("/large.bin", Pattern(10**15), hold=False, throttle_bytes_per_s=1000)
    async with real(tmp_path, wanted(server.url("/large.bin"), tmp_path)) as ui:
        await ui.until_seen("disk full on ")
        await ui.until(lambda: ui.download.status in (Status.PAUSED, Status.FAILED))
        await ui.until_seen("p resume  e other folder")
        await ui.press("e")
        assert isinstance(ui.app.screen, EditScreen)
        assert ui.app.focused is not None
        assert ui.app.focused.id == "folder"


async def test_a_file_in_the_place_of_the_folder(tmp_path: Path, server: Server) -> None:
    (tmp_path / "file").write_text("no folder")
    server.put("/file.bin", FILE)
    request = wanted(server.url("/file.bin"), tmp_path / "file" / "folder")
    async with real(tmp_path, request) as ui:
        await ui.until_seen("file is")
        await ui.until_seen("· e other folder")
        await ui.until_seen("a file is where a folder should be")
        assert "disk error" not in ui.text
        await ui.press("e")
        assert ui.app.focused is not None
        assert ui.app.focused.id == "folder"
        await ui.press("end", "ctrl+u", *str(tmp_path / "new"), "f2")
        await ui.until_done()
    assert sha256(tmp_path / "new" / "file.bin") == FILE.sha256()


async def test_a_folder_that_nobody_may_make(tmp_path: Path, server: Server) -> None:
    server.put("/file.bin", FILE)
    request = wanted(server.url("/file.bin"), Path("/sys/mine"))
    async with real(tmp_path, request) as ui:
        # What the system says there depends on how it is mounted, and on who asks.
        await ui.until(lambda: re.search(r"permission|read-only|no such file", ui.text))
        await ui.until_seen("· e other folder")


async def test_a_digest_that_differs(tmp_path: Path, server: Server) -> None:
    server.put("/file.bin", FILE)
    checksum = parse_checksum("sha-256=" + "1a" * 32)
    request = wanted(server.url("/file.bin"), tmp_path, checksum=checksum)
    async with real(tmp_path, request) as ui:
        await ui.until_seen("sha256 differs: expected 1a1a1a1a…1a1a, got ")
        await ui.until_seen("R again  c change expected  D delete")
        assert names_in(tmp_path) == ["file.bin.bad"]
        await ui.press("D")
        assert isinstance(ui.app.screen, AskScreen)
        await ui.press("escape", "c")
        assert isinstance(ui.app.screen, ChecksumScreen)
        await ui.press("ctrl+u", *FILE.sha256(), "enter")
        await ui.until_done()
    assert names_in(tmp_path) == ["file.bin"]
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    # It was fetched twice, each time perhaps by several connections.
    assert sum(not request.range_start for request in server.requests) == 2


async def test_a_web_page_instead_of_a_file(tmp_path: Path, server: Server) -> None:
    page = b"<!doctype html><p>Log in</p>" * 100
    server.put("/file.zip", page, content_type="text/html; charset=utf-8")
    url = server.url("/file.zip")
    async with real(tmp_path, wanted(url, tmp_path)) as ui:
        await ui.until_seen("got text/html where application/zip was expected · o look  u new URL")
        await ui.until_seen(
            "the server sent a web page (text/html) where file.zip (application/zip) was expected"
        )
        assert names_in(tmp_path) == []
        await ui.press("o")
        await ui.until(lambda: ui.opened == [url])
        await ui.press("r")
        assert "A web page came instead of file.zip." in ui.text
        await ui.press("r")  # as the row says: "r save anyway"
        await ui.until_done()
    assert (tmp_path / "file.zip.html").read_bytes() == page


async def test_many_failures_at_once_are_one_message(tmp_path: Path, server: Server) -> None:
    requests = [wanted(server.url(f"/{number}.bin"), tmp_path) for number in range(14)]
    async with real(tmp_path, *requests, jobs=14) as ui:
        await ui.until(lambda: "14 downloads failed · 5 shows them" in ui.toasts)
        await ui.press("5")
        await ui.until(lambda: "[5 Failed 14]" in ui.text)
