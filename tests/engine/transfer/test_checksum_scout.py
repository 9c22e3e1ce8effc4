"""Published checksums are found while the file is on its way, politely, and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, idle, names_in, running, sha256
from tests.server import Pattern, Server
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

FILE = Pattern(3_000_000)


def asked(server: Server) -> list[str]:
    return [request.path for request in server.requests]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/d/file.bin.sha256", FILE.sha256()),
        ("/d/file.bin.sha512", f"{FILE.digest('sha512').hex()}  file.bin\n"),
        ("/d/SHA256SUMS", f"{'0' * 64}  other\n{FILE.sha256()} *file.bin\n"),
        ("/d/SHA256SUMS", f"{'0' * 64}  ./gtk/file.bin\n{FILE.sha256()}  ./file.bin\n"),
    ],
)
async def test_a_published_checksum_is_verified(
    server: Server, tmp_path: Path, path: str, text: str
) -> None:
    server.put("/d/file.bin", FILE)
    server.put(path, text.encode(), content_type="text/plain")
    async with running(checksum_scout=True) as engine:
        download = await get(engine, server.url("/d/file.bin"), tmp_path)
        assert path.rpartition("/")[2] in engine.details(download.download_id).checksum
    assert download.assurance is Assurance.VERIFIED
    assert len(asked(server)) <= 4


async def test_the_file_is_asked_for_first_and_three_times_is_enough(
    server: Server, tmp_path: Path
) -> None:
    server.put("/d/file.bin", FILE)
    async with running(checksum_scout=True) as engine:
        download = await get(engine, server.url("/d/file.bin"), tmp_path)
    assert download.assurance is Assurance.COMPLETE
    assert asked(server)[0] == "/d/file.bin"
    assert len(asked(server)) == 4


async def test_a_wrong_file_is_not_handed_over(server: Server, tmp_path: Path) -> None:
    server.put("/d/file.bin", FILE)
    server.put("/d/file.bin.sha256", b"0" * 64, content_type="text/plain")
    async with running(checksum_scout=True) as engine:
        download = await get(engine, server.url("/d/file.bin"), tmp_path)
    assert download.status is Status.FAILED
    assert names_in(tmp_path) == ["file.bin.bad"]


@pytest.mark.parametrize("reason", ["switched off", "given", "announced", "small", "signed"])
async def test_nobody_looks_when_there_is_no_need(
    server: Server, tmp_path: Path, reason: str
) -> None:
    digest = "right" if reason == "announced" else None
    file = Pattern(1000) if reason == "small" else FILE
    server.put("/d/file.bin", file, repr_digest=digest)
    given = Checksum("sha-256", FILE.sha256()) if reason == "given" else None
    query = "?signature=1" if reason == "signed" else ""
    async with running(checksum_scout=reason != "switched off") as engine:
        url = server.url("/d/file.bin") + query
        download = await get(engine, url, tmp_path, checksum=given)
    assert download.status is Status.COMPLETED
    assert len(asked(server)) == 1


@pytest.mark.parametrize(
    "behaviour",
    [{"hold": True}, {"status": 500}, {"raw": b"rubbish"}, {"content_type": "text/html"}],
)
async def test_trouble_with_the_list_is_no_trouble_of_the_file(
    server: Server, tmp_path: Path, behaviour: dict[str, Any]
) -> None:
    server.put("/d/file.bin", FILE)
    for name in ("file.bin.sha256", "file.bin.sha512", "SHA256SUMS"):
        server.put(f"/d/{name}", b"x" * 1000, **behaviour)
    async with running(checksum_scout=True) as engine:
        download = await get(engine, server.url("/d/file.bin"), tmp_path)
    assert download.assurance is Assurance.COMPLETE


async def test_beside_a_file_is_where_its_own_address_led(
    server: Server, other_server: Server, tmp_path: Path
) -> None:
    server.put("/from/file.bin", FILE, location=other_server.url("/d/file.bin"))
    other_server.put("/d/file.bin", FILE)
    other_server.put("/d/file.bin.sha256", FILE.sha256().encode(), content_type="text/plain")
    async with running(checksum_scout=True) as engine:
        download = await get(engine, server.url("/from/file.bin"), tmp_path)
    assert download.assurance is Assurance.VERIFIED
    assert set(asked(server)) == {"/from/file.bin"}
    assert set(asked(other_server)) == {"/d/file.bin", "/d/file.bin.sha256"}


@pytest.mark.parametrize("is_elsewhere", [True, False])
async def test_a_list_that_leads_elsewhere_is_not_followed(
    server: Server, other_server: Server, tmp_path: Path, is_elsewhere: bool
) -> None:
    """Nobody else decides what is right, and three requests are three."""
    server.put("/d/file.bin", FILE)
    there = other_server if is_elsewhere else server
    there.put("/sums", b"0" * 64, content_type="text/plain")
    for name in ("file.bin.sha256", "file.bin.sha512", "SHA256SUMS"):
        server.put(f"/d/{name}", b"", location=there.url("/sums"))
    async with running(checksum_scout=True) as engine:
        download = await get(engine, server.url("/d/file.bin"), tmp_path)
    assert download.assurance is Assurance.COMPLETE
    assert len(asked(server)) == 4
    assert asked(other_server) == []


async def test_what_was_published_for_a_file_is_not_expected_of_the_one_that_is_there_later(
    server: Server, tmp_path: Path
) -> None:
    """Who starts again from 0 wants what the server has now, with the checksum of now."""
    resource = server.put("/d/file.bin", FILE)
    listed = server.put("/d/file.bin.sha256", FILE.sha256().encode(), content_type="text/plain")
    other = Pattern(FILE.size, seed=5)
    async with running(checksum_scout=True) as engine:
        before = await get(engine, server.url("/d/file.bin"), tmp_path)
        resource.replace(other)
        listed.replace(other.sha256().encode())
        engine.restart([before.download_id])
        (download,) = await idle(engine)
    assert (download.status, download.assurance) == (Status.COMPLETED, Assurance.VERIFIED)
    assert sha256(tmp_path / download.name) == other.sha256()
