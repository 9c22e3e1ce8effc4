"""A web page where a file was expected is told by its type or its first bytes, and never a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, SIZE
from tests.engine.running import get, idle, names_in, running, sha256
from tests.server import Pattern, Server
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.model.download import Snapshot

PAGE = b"\xef\xbb\xbf\r\n  <!DOCTYPE HTML><html><title>please log in</title>"


def assert_is_page_error(download: Snapshot) -> None:
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "web-page")
    assert "web page" in download.failure.message
    assert ".html" in download.failure.hint  # how to keep it anyway


@pytest.mark.parametrize("size", [100, 300_000])
@pytest.mark.parametrize("length", ["content-length", "chunked", "until-close"])
@pytest.mark.parametrize("ranges", ["yes", "ignore"])
@pytest.mark.parametrize(
    "content_type", ["text/html", "Text/HTML;charset=x", "application/octet-stream", None]
)
async def test_a_page_is_no_file_whatever_it_is_called(
    server: Server, tmp_path: Path, size: int, length: str, ranges: str, content_type: str | None
) -> None:
    server.put(
        "/file.zip", PAGE.ljust(size), content_type=content_type, length=length, ranges=ranges
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.zip"), tmp_path)
    assert_is_page_error(download)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("ranges", ["yes", "ignore"])
async def test_what_is_called_a_page_is_one_whatever_it_begins_with(
    server: Server, tmp_path: Path, ranges: str
) -> None:
    server.put("/file.zip", b"please log in", content_type="text/html", ranges=ranges)
    async with running() as engine:
        download = await get(engine, server.url("/file.zip"), tmp_path)
    assert_is_page_error(download)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("size", [100, SIZE])
async def test_a_file_whose_parts_are_called_pages_is_a_file(
    server: Server, tmp_path: Path, size: int, connections: int
) -> None:
    """BusyBox calls every part so, and nothing of a whole file."""
    content = Pattern(size)
    server.put("/file.zip", content, content_type="text/html").first(close_after=size // 2)
    async with running(connections=connections) as engine:
        download = await get(engine, server.url("/file.zip"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.zip") == content.sha256()
    assert min(r.range_start or 0 for r in server.requests[1:]) > 0  # it went on


async def test_it_goes_on_after_a_pause(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.zip", FILE, content_type="text/html")
    leave_part(tmp_path, resource, server.url("/file.zip"), (0, HALF), name="file.zip")
    async with running() as engine:
        download = await get(engine, server.url("/file.zip"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.zip") == FILE.sha256()
    assert all(r.range_start for r in server.requests)


async def test_text_whose_parts_are_called_pages_is_a_file(server: Server, tmp_path: Path) -> None:
    server.put("/notes.txt", b"no page at all\n", content_type="text/html")
    async with running() as engine:
        download = await get(engine, server.url("/notes.txt"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure


@pytest.mark.parametrize("name", ["page.html", "page.xhtml", "get.php", "notes.txt", "feed.xml"])
async def test_a_page_under_a_name_for_text_is_a_file(
    server: Server, tmp_path: Path, name: str
) -> None:
    content_type = "text/html" if "htm" in name or "php" in name else "text/plain"
    server.put(f"/{name}", PAGE, content_type=content_type)
    async with running() as engine:
        download = await get(engine, server.url(f"/{name}"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / name).read_bytes() == PAGE


async def test_a_name_without_ending_promises_nothing(server: Server, tmp_path: Path) -> None:
    server.put("/about", PAGE, content_type="text/html")
    async with running() as engine:
        download = await get(engine, server.url("/about"), tmp_path)
    assert download.status is Status.COMPLETED


async def test_the_page_is_kept_when_the_user_calls_it_one(server: Server, tmp_path: Path) -> None:
    server.put("/file.zip", PAGE, content_type="text/html")
    async with running() as engine:
        download = await get(engine, server.url("/file.zip"), tmp_path, name="file.zip.html")
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.zip.html").read_bytes() == PAGE


@pytest.mark.parametrize(
    "answer",
    [
        {"content_type": "text/html"},
        {"content_type": "text/html", "length": "chunked"},
        {"content_type": "text/html", "ranges": "ignore"},
        {"content_type": "text/html", "ranges": "ignore", "etag": "none", "last_modified": None},
        {"ranges": "ignore", "etag": "none", "last_modified": None, "length": "chunked"},
        {"content_type": "text/html", "if_range": "ignore"},
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [100, HALF, SIZE])
async def test_a_session_that_ended_during_a_pause_does_no_harm_to_the_part(
    server: Server, tmp_path: Path, answer: dict[str, Any], size: int
) -> None:
    """The login page comes with 200 or 206, and with another size or the same."""
    resource = server.put("/file.zip", FILE)
    url = server.url("/file.zip")
    leave_part(tmp_path, resource, url, (0, HALF), name="file.zip")
    before = (tmp_path / "file.zip.part").read_bytes()
    server.put("/file.zip", PAGE.ljust(size), **answer)
    async with running() as engine:
        download = await get(engine, url, tmp_path)
        assert "file.zip" not in names_in(tmp_path)
        # A 416 that names another size speaks of another version before any page comes.
        is_told_by_size = "if_range" in answer and size < HALF
        if "content_type" in answer and not is_told_by_size:
            assert_is_page_error(download)
            assert (tmp_path / "file.zip.part").read_bytes() == before
            assert download.kept_bytes == HALF
        server.put("/file.zip", FILE)
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.zip") == FILE.sha256()
