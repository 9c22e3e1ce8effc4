"""A web page where a file was expected is told by its type or its first bytes, and never a file."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, SIZE
from tests.engine.running import change, get, idle, names_in, running, seen, sha256, wanted
from tests.server import Behaviour, Pattern, Server
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


# Of a file that is partly here, whatever its name.

NAMES = ["download", "get.php"]
EARLIER: list[dict[str, Any]] = [
    {},
    {"etag": None},
    {"last_modified": None},
    {"etag": None, "last_modified": None},
    {"etag": None, "last_modified": None, "total_bytes": None},
]


async def assert_page_leaves_part(server: Server, folder: Path, name: str, **options: Any) -> None:
    """A page is refused and the part kept; when the file itself comes again, it goes on."""
    before = (folder / f"{name}.part").read_bytes()
    async with running(**options) as engine:
        download = await get(engine, server.url(f"/{name}"), folder)
        assert_is_page_error(download)
        assert download.kept_bytes == HALF
        assert (folder / f"{name}.part").read_bytes() == before
        assert name not in names_in(folder)
        server.put(f"/{name}", FILE)
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(folder / name) == FILE.sha256()
    assert names_in(folder) == [name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("earlier", EARLIER, ids=str)
@pytest.mark.parametrize(
    "answer",
    [
        {"content_type": "text/html"},
        {"content_type": "text/html", "ranges": "ignore"},
        {"content_type": "text/html", "ranges": "ignore", "etag": "none", "last_modified": None},
        {"content_type": "text/html", "length": "chunked", "content_encoding": "gzip"},
        {"ranges": "ignore", "etag": "none", "last_modified": None, "length": "chunked"},
    ],
    ids=str,
)
async def test_a_page_is_not_another_version_of_a_file(
    server: Server, tmp_path: Path, name: str, earlier: dict[str, Any], answer: dict[str, Any]
) -> None:
    resource = server.put(f"/{name}", FILE)
    leave_part(tmp_path, resource, server.url(f"/{name}"), (0, HALF), name=name, **earlier)
    server.put(f"/{name}", PAGE, **answer)
    await assert_page_leaves_part(server, tmp_path, name)


@pytest.mark.parametrize("earlier", EARLIER, ids=str)
async def test_a_page_asks_nothing_about_much_that_is_here_either(
    server: Server, tmp_path: Path, earlier: dict[str, Any]
) -> None:
    resource = server.put("/download", FILE)
    url = server.url("/download")
    leave_part(tmp_path, resource, url, (0, HALF), name="download", **earlier)
    server.put("/download", PAGE, content_type="text/html", ranges="ignore")
    await assert_page_leaves_part(server, tmp_path, "download", restart_below_bytes=HALF)


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize(
    "validators", [{}, {"etag": "none"}, {"etag": "none", "last_modified": None}], ids=str
)
async def test_a_session_that_ends_half_way_leaves_the_part(
    server: Server, tmp_path: Path, connections: int, validators: dict[str, Any]
) -> None:
    page: dict[str, Any] = {"ranges": "ignore", "etag": "none", "last_modified": None}
    resource = server.put("/download", FILE, content_type="text/html", **page)
    first = Behaviour(content_type="application/zip", close_after=HALF, **validators)
    resource.script.append(first.but(change_after=1, change_to=PAGE))
    async with running(connections=connections) as engine:
        download = await get(engine, server.url("/download"), tmp_path)
        assert_is_page_error(download)
        kept, n_bytes = (tmp_path / "download.part").read_bytes(), download.kept_bytes
        assert n_bytes > 0
        assert kept[:n_bytes] == FILE[:n_bytes]
        server.put("/download", FILE, **validators)
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "download") == FILE.sha256()


async def test_a_link_that_works_once_brings_the_file_on_one_connection(
    server: Server, tmp_path: Path
) -> None:
    """What is asked beside the first answer is answered by a page."""
    page: dict[str, Any] = {"ranges": "ignore", "etag": "none", "last_modified": None}
    resource = server.put("/download", FILE, content_type="text/html", **page)
    slow = Behaviour(throttle_bytes_per_s=4_000_000)
    resource.script.append(slow.but(change_after=1, change_to=PAGE))
    async with running(connections=4) as engine:
        download = await get(engine, server.url("/download"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "download") == FILE.sha256()
    assert len(server.requests) > 1  # a page was refused


@pytest.mark.parametrize("name", NAMES)
async def test_a_page_may_become_another_page(server: Server, tmp_path: Path, name: str) -> None:
    resource = server.put(f"/{name}", PAGE.ljust(SIZE), content_type="text/html")
    leave_part(tmp_path, resource, server.url(f"/{name}"), (0, HALF), name=name)
    resource.replace(PAGE)
    async with running() as engine:
        download = await get(engine, server.url(f"/{name}"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert (tmp_path / name).read_bytes() == PAGE
    assert names_in(tmp_path) == [name]


async def test_so_may_one_that_came_encoded(server: Server, tmp_path: Path) -> None:
    """Encoded bytes look like none of a page."""
    page = {"content_type": "text/html", "ranges": "ignore"}
    resource = server.put("/download", gzip.compress(FILE[:HALF]), **page)
    leave_part(
        tmp_path,
        resource,
        server.url("/download"),
        (0, HALF // 2),
        name="download",
        content_encoding="gzip",
    )
    resource.replace(PAGE)
    async with running() as engine:
        download = await get(engine, server.url("/download"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert (tmp_path / "download").read_bytes() == PAGE


@pytest.mark.parametrize("ranges", ["yes", "ignore"])
@pytest.mark.parametrize("is_much", [False, True])
async def test_a_file_that_is_called_a_page_may_change(
    server: Server, tmp_path: Path, ranges: str, *, is_much: bool
) -> None:
    """Scripts that send files without telling their types call all of them so."""
    resource = server.put("/get.php", FILE, content_type="text/html", ranges=ranges)
    leave_part(tmp_path, resource, server.url("/get.php"), (0, HALF), name="get.php")
    other = Pattern(SIZE + 1, seed=9)
    resource.replace(other)
    async with running(restart_below_bytes=HALF if is_much else SIZE) as engine:
        download = await get(engine, server.url("/get.php"), tmp_path)
    if is_much:
        assert download.failure is not None
        assert (download.failure.code, download.kept_bytes) == ("changed", HALF)
        return
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "get.php") == other.sha256()


async def test_a_file_that_is_called_a_page_starts_over_where_there_are_no_ranges(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/get.php", FILE, content_type="text/html", ranges="ignore")
    leave_part(tmp_path, resource, server.url("/get.php"), (0, HALF), name="get.php")
    # Asked once more without a condition, it sends nothing at first that would tell.
    resource.first().first(close_after=0)
    async with running() as engine:
        download = await get(engine, server.url("/get.php"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "get.php") == FILE.sha256()


async def test_a_new_address_that_leads_to_a_page_leaves_the_part(
    server: Server, tmp_path: Path
) -> None:
    server.put("/download", FILE).first(stall_after=HALF)
    server.put("/sign-in", PAGE, content_type="text/html", ranges="ignore")
    async with running() as engine:
        engine.add([wanted(server.url("/download"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        change(engine, url=server.url("/sign-in"))
        failed = await seen(engine, lambda d: d.status is Status.FAILED)
        assert_is_page_error(failed)
        assert failed.kept_bytes == HALF
        assert names_in(tmp_path) == ["download.part", "download.part.json"]
        change(engine, url=server.url("/download"))
        engine.resume([failed.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "download") == FILE.sha256()
    assert server.requests[-1].range_start


@pytest.mark.parametrize("total_bytes", [SIZE, None])
async def test_a_page_of_a_mirror_is_not_taken(
    server: Server, tmp_path: Path, total_bytes: int | None
) -> None:
    resource = server.put("/download", FILE, status=404)
    server.put("/mirror", PAGE, content_type="text/html", ranges="ignore")
    url = server.url("/download")
    leave_part(tmp_path, resource, url, (0, HALF), name="download", total_bytes=total_bytes)
    before = (tmp_path / "download.part").read_bytes()
    async with running() as engine:
        download = await get(engine, url, tmp_path, mirrors=(server.url("/mirror"),))
    assert server.resources["/mirror"].hits
    assert (download.status, download.kept_bytes) == (Status.FAILED, HALF)
    assert (tmp_path / "download.part").read_bytes() == before
    assert names_in(tmp_path) == ["download.part", "download.part.json"]


async def test_the_page_is_kept_instead_when_the_user_calls_it_one(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/download", FILE)
    leave_part(tmp_path, resource, server.url("/download"), (0, HALF), name="download")
    server.put("/download", PAGE, content_type="text/html", ranges="ignore")
    async with running() as engine:
        download = await get(engine, server.url("/download"), tmp_path)
        assert_is_page_error(download)
        change(engine, name="download.html")
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert (tmp_path / "download.html").read_bytes() == PAGE
