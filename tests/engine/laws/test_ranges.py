"""Answers to a range request, one test a row: what is taken, what is not, and what follows.

A part of the file is here already; the server is asked for what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, SIZE, assert_whole
from tests.engine.running import get, idle, names_in, running, seen, until, wanted
from tests.server import Pattern, Server
from tui_downloader.model.download import Assurance
from tui_downloader.model.status import Status
from tui_downloader.store import passports

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Resource
    from tui_downloader.model.download import Snapshot

HOLE = 800_000, 1_300_000  # larger than what is read directly from the socket
NO_VALIDATORS: dict[str, Any] = {"etag": "none", "last_modified": None}
UNKNOWN_VALIDATORS: dict[str, Any] = {"etag": None, "last_modified": None}
OVERLAP = 64 * 1024


async def fill_the_hole(
    server: Server,
    folder: Path,
    record: dict[str, Any] | None = None,
    file: Pattern = FILE,
    **behaviour: Any,
) -> tuple[Snapshot, Resource]:
    """Download a file of which all but `HOLE` is here."""
    resource = server.put("/file.bin", file, **behaviour)
    url = server.url("/file.bin")
    leave_part(folder, resource, url, (0, HOLE[0]), (HOLE[1], SIZE), **(record or {}))
    async with running() as engine:
        return await get(engine, url, folder), resource


def recorded_bytes(folder: Path) -> int:
    """How much of the file the record beside its part tells of."""
    record = passports.read(str(folder / "file.bin.part"))
    return 0 if record is None else sum(end - start for start, end in record.done)


async def test_a_right_part_is_all_that_is_fetched(server: Server, tmp_path: Path) -> None:
    download, resource = await fill_the_hole(server, tmp_path)
    assert_whole(tmp_path, download)
    (request,) = server.requests
    assert (request.range_start, request.range_end) == (HOLE[0] - OVERLAP, HOLE[1] - 1)
    assert resource.sent_bytes == HOLE[1] - HOLE[0] + OVERLAP


async def test_an_answer_that_ends_early_is_asked_for_its_rest(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(ranges="shorter", range_error_bytes=100_000)
    resource = server.resources["/file.bin"]
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HOLE[0]), (HOLE[1], SIZE))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.range_start for r in server.requests] == [HOLE[0] - OVERLAP, HOLE[1] - 100_000]
    assert download.retry is None


async def test_a_total_that_is_not_told_is_no_change(server: Server, tmp_path: Path) -> None:
    download, _ = await fill_the_hole(server, tmp_path, ranges="star-total")
    assert_whole(tmp_path, download)
    assert len(server.requests) == 1
    assert download.assurance is Assurance.COMPLETE


async def test_an_answer_that_starts_early_is_used_without_its_start(
    server: Server, tmp_path: Path
) -> None:
    download, _ = await fill_the_hole(server, tmp_path, ranges="shifted", range_error_bytes=-777)
    assert_whole(tmp_path, download)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"ranges": "shifted", "range_error_bytes": 777}, {"ranges": "elsewhere"}],
    ids=["starts-late", "no-overlap"],
)
async def test_an_answer_that_starts_late_or_lies_elsewhere_is_a_fault_of_the_server(
    server: Server, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    """Nothing of it is written; after three of them the file is taken as one stream."""
    download, _ = await fill_the_hole(server, tmp_path, **wrong)
    assert_whole(tmp_path, download)
    assert [r.has_range for r in server.requests] == [True, True, True, False]


@pytest.mark.parametrize("connections", [1, 3])
async def test_an_answer_that_brings_nothing_new_is_not_asked_for_again_and_again(
    server: Server, tmp_path: Path, connections: int
) -> None:
    """It has what was to be compared, and ends there."""
    behaviour: dict[str, Any] = {"ranges": "elsewhere", "range_error_bytes": 100}
    server.put("/file.bin", FILE, **behaviour, **NO_VALIDATORS)
    async with running(connections=connections) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert len(server.requests) < 30
    assert not server.requests[-1].has_range


async def test_one_wrong_answer_is_forgiven(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE).first(ranges="shifted", range_error_bytes=777)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HOLE[0]), (HOLE[1], SIZE))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.has_range for r in server.requests] == [True, True]


async def test_a_short_answer_that_goes_too_far_takes_its_connection_along_too(
    server: Server, tmp_path: Path
) -> None:
    """All of it is here at once, and nothing is left on the connection."""
    resource = server.put("/file.bin", FILE, ranges="longer", range_error_bytes=500)
    url, short = server.url("/file.bin"), 100_000
    leave_part(tmp_path, resource, url, *((at, at + short) for at in range(0, SIZE, 2 * short)))
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert_whole(tmp_path, download)
    ids = [request.connection_id for request in server.requests]
    assert len(set(ids)) == len(ids) == 10


async def test_an_answer_that_goes_too_far_is_written_to_its_end_and_its_connection_dropped(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, ranges="longer", range_error_bytes=90_000)
    resource.first(ranges="longer", range_error_bytes=90_000, stall_after=600_000)
    other = Pattern(SIZE, seed=5)  # what lies behind the hole on disk must stay as it is
    url = server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, HOLE[0]), (HOLE[1], SIZE))
    with (tmp_path / "file.bin.part").open("r+b") as part:
        part.seek(HOLE[1])
        part.write(other[HOLE[1] :])
    async with running() as engine:
        download = await get(engine, url, tmp_path)
        await server.until(lambda: server.connections_now == 0)
    assert download.status is Status.COMPLETED
    arrived = (tmp_path / "file.bin").read_bytes()
    assert arrived[: HOLE[1]] == FILE[: HOLE[1]]
    assert arrived[HOLE[1] :] == other[HOLE[1] :]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ranges": "no-content-range"},
        {"ranges": "bad-content-range"},
        {"ranges": "bad-content-range", "bad_content_range": "bytes 5-2/10"},
        {"ranges": "bad-content-range", "bad_content_range": "bytes 0-9/5"},
        {"ranges": "bad-content-range", "bad_content_range": "bytes -5-9/2000000"},
        {"ranges": "bad-content-range", "bad_content_range": "items 0-9/2000000"},
        {"ranges": "bad-content-range", "bad_content_range": "items 0-1999999/2000000"},
        # The length of the body does not tell that it is none.
        {"ranges": "bad-content-range", "bad_content_range": "bytes 5-2/10", "length": "chunked"},
        {"ranges": "bad-content-range", "bad_content_range": "bytes 0-9/5", "length": "chunked"},
        {"extra_headers": (b"Content-Range: bytes 0-99/2000000",)},
        {"content_encoding": "gzip", "really_encoded": False},
        {"ranges": "multipart", "multipart_parts": 2},
        {"ranges": "multipart", "length": "chunked"},  # nobody can know how many parts come
    ],
)
@pytest.mark.parametrize("part_is_here", [True, False])
async def test_a_part_that_cannot_be_placed_makes_it_a_server_without_ranges(
    server: Server, tmp_path: Path, wrong: dict[str, Any], part_is_here: bool
) -> None:
    if part_is_here:
        download, _ = await fill_the_hole(server, tmp_path, **wrong)
    else:
        server.put("/file.bin", FILE, **wrong)
        async with running() as engine:
            download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.has_range for r in server.requests] == [True, False]


async def test_what_comes_in_several_parts_is_no_plain_part_whatever_its_head_says(
    server: Server, tmp_path: Path
) -> None:
    fits_the_request = b"Content-Range: bytes 0-%d/%d" % (SIZE - 1, SIZE)
    behaviour: dict[str, Any] = {"length": "chunked", "extra_headers": (fits_the_request,)}
    server.put("/file.bin", FILE, ranges="multipart", **behaviour)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.has_range for r in server.requests] == [True, False]


@pytest.mark.parametrize("hole_bytes", [10_000, 500_000])
@pytest.mark.parametrize("comes_later", [False, True])
async def test_who_sends_more_than_was_asked_for_is_not_asked_on_the_same_connection(
    server: Server, tmp_path: Path, hole_bytes: int, comes_later: bool
) -> None:
    resource = server.put("/file.bin", FILE, ranges="longer")
    if comes_later:
        resource.first(stall_after=0)
    server.put("/next.bin", b"next")
    url, hole = server.url("/file.bin"), (HOLE[0], HOLE[0] + hole_bytes)
    leave_part(tmp_path, resource, url, (0, hole[0]), (hole[1], SIZE))
    async with running() as engine:
        engine.add([wanted(url, tmp_path)])
        if comes_later:
            await seen(engine, lambda download: download.status is Status.DOWNLOADING)
            server.release()
        (download,) = await idle(engine)
        await get(engine, server.url("/next.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == bytes(FILE)
    assert [request.connection_id for request in server.requests] == [1, 2]


@pytest.mark.parametrize("status", [b"206 Partial Content", b"200 OK"])
@pytest.mark.parametrize("told", [b"0-99/%d" % SIZE, b"100-199/%d" % SIZE, b"100-199/*"])
async def test_a_part_in_answer_to_a_request_for_the_whole_is_refused(
    server: Server, tmp_path: Path, status: bytes, told: bytes
) -> None:
    fields = b"Content-Length: 100\r\nContent-Range: bytes " + told
    part = b"HTTP/1.1 " + status + b"\r\n" + fields + b"\r\n\r\n" + FILE[:100]
    server.put("/file.bin", FILE, raw=part).first(raw=None, status=416, fail_times=1)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "range")
    assert [r.has_range for r in server.requests] == [True, False]
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("part_is_here", [True, False])
async def test_a_single_part_in_multipart_clothes_is_taken(
    server: Server, tmp_path: Path, part_is_here: bool
) -> None:
    if part_is_here:
        download, _ = await fill_the_hole(server, tmp_path, ranges="multipart")
    else:
        server.put("/file.bin", FILE, ranges="multipart")
        async with running() as engine:
            download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.has_range for r in server.requests] == [True]


@pytest.mark.parametrize("page", [b"<!doctype html><title>log in</title>", b"please log in"])
async def test_a_web_page_never_enters_a_part(server: Server, tmp_path: Path, page: bytes) -> None:
    resource = server.put("/file.bin", page.ljust(SIZE), content_type="text/html", **NO_VALIDATORS)
    url = server.url("/file.bin")
    parts = (0, HOLE[0]), (HOLE[1], SIZE)
    leave_part(tmp_path, resource, url, *parts, content=FILE, **UNKNOWN_VALIDATORS)
    before = (tmp_path / "file.bin.part").read_bytes()
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "web-page")
    assert "web page" in download.failure.message
    assert (tmp_path / "file.bin.part").read_bytes() == before
    assert download.kept_bytes == SIZE - (HOLE[1] - HOLE[0])


async def test_a_server_without_ranges_fills_a_new_part_while_the_old_one_is_kept(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, ranges="ignore", **NO_VALIDATORS)
    resource.first(stall_after=HOLE[0] // 2)
    url = server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, HOLE[0]), **UNKNOWN_VALIDATORS)
    before = (tmp_path / "file.bin.part").read_bytes()
    async with running() as engine:
        engine.add([wanted(url, tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HOLE[0] // 2)
        assert (tmp_path / "file.bin.part.old").read_bytes() == before
        server.release()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert "if-range" not in server.requests[0].headers
    assert len(server.requests) == 1


async def test_the_old_part_stays_when_the_new_one_is_put_down_with_less(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, ranges="ignore", **NO_VALIDATORS)
    resource.first(stall_after=HOLE[0] // 2)
    url = server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, HOLE[0]), **UNKNOWN_VALIDATORS)
    before = (tmp_path / "file.bin.part").read_bytes()
    async with running() as engine:
        ids = engine.add([wanted(url, tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HOLE[0] // 2)
        engine.pause(ids)
        await seen(engine, lambda d: d.status is Status.PAUSED)
        await idle(engine)
        assert recorded_bytes(tmp_path) == HOLE[0] // 2
        assert (tmp_path / "file.bin.part.old").read_bytes() == before
        engine.resume(ids)
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)


async def test_the_old_part_goes_when_the_new_one_has_more(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE, ranges="ignore", **NO_VALIDATORS)
    resource.first(stall_after=HOLE[0] + 1000)
    url = server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, HOLE[0]), **UNKNOWN_VALIDATORS)
    async with running() as engine:
        engine.add([wanted(url, tmp_path)])
        await until(engine, lambda _: recorded_bytes(tmp_path) == HOLE[0] + 1000)
        await seen(engine, lambda d: d.set_aside_bytes == 0)
        assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]
        server.release()
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)


async def test_a_whole_without_a_length_is_as_long_as_its_version(
    server: Server, tmp_path: Path
) -> None:
    """A proxy that lost the server ends a chunked body in good order."""
    same: dict[str, Any] = {"etag": '"same"', "last_modified": None}
    behaviour = {"ranges": "ignore", "length": "chunked", **same}
    server.put("/file.bin", FILE[: SIZE // 4], **behaviour)
    leave_part(tmp_path, server.put("/x", FILE), server.url("/file.bin"), (0, HOLE[0]), **same)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert download.status is Status.FAILED
        server.put("/file.bin", FILE, **behaviour)
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)


async def test_an_if_range_that_is_not_understood_is_left_out(
    server: Server, tmp_path: Path
) -> None:
    download, _ = await fill_the_hole(server, tmp_path, if_range="always-200")
    assert_whole(tmp_path, download)
    assert ["if-range" in r.headers for r in server.requests] == [True, False]
    assert server.requests[1].range_start == HOLE[0] - OVERLAP


async def test_a_200_with_a_right_content_range_is_a_part_when_the_etag_fits(
    server: Server, tmp_path: Path
) -> None:
    download, resource = await fill_the_hole(server, tmp_path, ranges="200-with-content-range")
    assert_whole(tmp_path, download)
    assert resource.sent_bytes == HOLE[1] - HOLE[0] + OVERLAP


@pytest.mark.parametrize("length", ["content-length", "chunked"])
@pytest.mark.parametrize("validators", [{}, NO_VALIDATORS], ids=str)
async def test_a_200_with_a_content_range_never_passes_for_the_whole(
    server: Server, tmp_path: Path, length: str, validators: dict[str, Any]
) -> None:
    behaviour = {"ranges": "200-with-content-range", "length": length, **validators}
    record = UNKNOWN_VALIDATORS if validators else {}
    download, _ = await fill_the_hole(server, tmp_path, record, **behaviour)
    assert_whole(tmp_path, download)


async def test_a_200_with_a_content_range_of_another_version_is_no_part(
    server: Server, tmp_path: Path
) -> None:
    download, _ = await fill_the_hole(
        server,
        tmp_path,
        {"etag": '"other"', "last_modified": None},
        ranges="200-with-content-range",
        if_range="ignore",
    )
    assert_whole(tmp_path, download)
    assert server.requests[-1].range_start in (None, 0)


async def test_a_200_with_a_content_range_and_without_the_etag_is_a_200(
    server: Server, tmp_path: Path
) -> None:
    download, _ = await fill_the_hole(
        server,
        tmp_path,
        {"etag": '"known"', "last_modified": None},
        ranges="200-with-content-range",
        if_range="ignore",
        **NO_VALIDATORS,
    )
    assert_whole(tmp_path, download)
    assert len(server.requests) > 1
    assert server.requests[-1].range_start in (None, 0)


@pytest.mark.parametrize("status", [101, 204, 205, 304])
@pytest.mark.parametrize("part_is_here", [True, False])
async def test_a_status_that_carries_no_file_is_asked_again_plainly_once(
    server: Server, tmp_path: Path, status: int, part_is_here: bool
) -> None:
    if part_is_here:
        download, _ = await fill_the_hole(server, tmp_path, status=status)
    else:
        server.put("/file.bin", FILE, status=status)
        async with running() as engine:
            download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "protocol")
    assert str(status) in download.failure.message
    assert [r.has_range for r in server.requests] == [True, False]
    assert not {"if-range", "if-none-match"} & server.requests[1].headers.keys()
    kept = ["file.bin.part", "file.bin.part.json"] if part_is_here else []
    assert names_in(tmp_path) == kept


async def test_a_412_means_another_version(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE).first(status=412)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HOLE[0]))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert_whole(tmp_path, download)
    assert "changed on the server" in log
    assert server.requests[1].range_start == 0


async def test_a_416_that_names_what_is_here_means_done(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, SIZE), total_bytes=None)
    resource.first(status=416, status_content_range=f"bytes */{SIZE}")
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert_whole(tmp_path, download)
    assert resource.sent_bytes < OVERLAP


@pytest.mark.parametrize("content_range", [f"bytes */{SIZE}", None])
async def test_a_416_although_bytes_are_missing_makes_it_a_single_stream(
    server: Server, tmp_path: Path, content_range: str | None
) -> None:
    resource = server.put("/file.bin", FILE)
    resource.first(status=416, status_content_range=content_range)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HOLE[0]))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.has_range for r in server.requests] == [True, False]


async def test_a_416_for_everything_does_not_loop(server: Server, tmp_path: Path) -> None:
    download, _ = await fill_the_hole(server, tmp_path, status=416)
    assert download.status is Status.FAILED
    assert len(server.requests) == 2
    assert "file.bin.part" in names_in(tmp_path)


async def test_a_416_with_another_total_means_another_version(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    resource.first(status=416, status_content_range=f"bytes */{SIZE - 1}")
    leave_part(
        tmp_path, resource, server.url("/file.bin"), (0, HOLE[0]), total_bytes=SIZE + 1, etag='"o"'
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert_whole(tmp_path, download)
    assert "changed on the server" in log
    assert [r.range_start for r in server.requests] == [HOLE[0] - OVERLAP, 0]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_refusal_keeps_the_part(server: Server, tmp_path: Path, status: int) -> None:
    download, _ = await fill_the_hole(server, tmp_path, status=status)
    assert download.status is Status.FAILED
    assert download.kept_bytes == SIZE - (HOLE[1] - HOLE[0])
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_link_that_expired_behind_a_redirect_is_asked_for_anew_once(
    server: Server, tmp_path: Path, status: int
) -> None:
    resource = server.put("/signed.bin", FILE)
    server.put("/file.bin", FILE, location="/signed.bin?sig={n}")
    resource.first(status=status)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HOLE[0]))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert [r.target for r in server.requests] == [
        "/file.bin",
        "/signed.bin?sig=1",
        "/file.bin",
        "/signed.bin?sig=2",
    ]
    assert server.requests[-1].range_start == HOLE[0] - OVERLAP


async def test_a_link_that_stays_expired_is_given_up_and_the_part_kept(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/signed.bin", FILE, status=403)
    server.put("/file.bin", FILE, location="/signed.bin?sig={n}")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HOLE[0]))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "http-403")
    assert "new address" in download.failure.hint
    assert resource.hits == 2
    assert download.kept_bytes == HOLE[0]
