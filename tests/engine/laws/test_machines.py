"""One address, several machines: they may have different versions of a file, or not have it."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, OTHER, assert_whole
from tests.engine.running import at_rest, change, get, idle, log_of, running, seen, wanted
from tests.server import Pattern, Server, http_date
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.server import Content

NAME = "mirrors.example"
FIRST, SECOND = "127.0.0.1", "127.0.0.2"
URL_PATH = "/file.bin"
COMPARED = 64 * 1024
BIG, OTHER_BIG = Pattern(8 << 20), Pattern(8 << 20, seed=9)
UNNAMED: dict[str, Any] = {"etag": "none", "last_modified": None}  # nothing tells versions apart


@asynccontextmanager
async def machines(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Server, Server]]:
    """Two servers with the same port at the two addresses of one name."""
    async with Server(host=FIRST) as first:
        second = Server(host=SECOND)
        second.port = first.port
        async with second:
            real = socket.getaddrinfo

            def look_up(host: str, port: int, *others: Any) -> list[Any]:
                if host != NAME:
                    return real(host, port, *others)
                addresses = [(FIRST, port), (SECOND, port)]
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", each) for each in addresses]

            monkeypatch.setattr(socket, "getaddrinfo", look_up)
            yield first, second


def url_of(server: Server) -> str:
    return server.url(URL_PATH, host=NAME)


async def test_all_connections_go_to_the_machine_that_answered_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one has another version, and says nothing by which to tell them apart."""
    async with machines(monkeypatch) as (first, second):
        file = first.put(URL_PATH, BIG, throttle_bytes_per_s=1 << 20, **UNNAMED)
        second.put(URL_PATH, OTHER_BIG, **UNNAMED)
        async with running() as engine:
            engine.add([wanted(url_of(first), tmp_path, connections=4)])
            await first.until(lambda: first.connections_now == 4)
            file.behaviour.throttle_bytes_per_s = None
            (download,) = await idle(engine)
        assert_whole(tmp_path, download, BIG)
        assert second.connections_total == 0


async def test_they_stay_there_when_another_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is first in the list, has another version, and was down when the download began."""
    async with machines(monkeypatch) as (first, second):
        await first.stop()
        first.put(URL_PATH, OTHER_BIG, **UNNAMED)
        file = second.put(URL_PATH, BIG, throttle_bytes_per_s=1 << 20, **UNNAMED)
        async with running() as engine:
            engine.add([wanted(url_of(second), tmp_path)])
            await seen(engine, lambda download: download.done_bytes > 0)
            await first.start()
            change(engine, connections=4)
            await second.until(lambda: second.connections_now == 4)
            file.behaviour.throttle_bytes_per_s = None
            (download,) = await idle(engine)
        assert_whole(tmp_path, download, BIG)
        assert first.connections_total == 0


@pytest.mark.parametrize("is_gone", [False, True])
async def test_the_machine_that_has_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_gone: bool
) -> None:
    """The one that is asked first has another version, or has it not."""
    async with machines(monkeypatch) as (first, second):
        leave_part(tmp_path, second.put(URL_PATH, FILE), url_of(first), (0, HALF))
        if not is_gone:
            first.put(URL_PATH, OTHER)
        async with running() as engine:
            download = await get(engine, url_of(first), tmp_path)
        assert_whole(tmp_path, download)
        assert first.requests
        assert download.received_bytes < HALF + 200_000


async def test_a_part_that_is_much_goes_on_where_one_of_them_has_its_date(
    server: Server, tmp_path: Path
) -> None:
    """All of them have one address, and each its own date for the same file."""
    resource = server.put(URL_PATH, FILE, etag="none")
    leave_part(tmp_path, resource, server.url(URL_PATH), (0, HALF), etag=None)
    for _ in range(3):
        resource.first(last_modified=http_date(-3600))
    async with running(restart_below_bytes=HALF) as engine:
        download = await get(engine, server.url(URL_PATH), tmp_path)
    assert_whole(tmp_path, download)
    assert download.received_bytes < HALF + 200_000


@pytest.mark.parametrize("status", [404, 410])
async def test_what_one_of_them_lacks_is_asked_for_again_where_it_has_just_been(
    server: Server, tmp_path: Path, status: int
) -> None:
    """All of them have one address."""
    resource = server.put(URL_PATH, FILE)
    resource.first(close_after=HALF).first(status=status).first(status=status)
    async with running() as engine:
        download = await get(engine, server.url(URL_PATH), tmp_path, connections=1)
    assert_whole(tmp_path, download)


async def test_a_file_that_is_gone_everywhere_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with machines(monkeypatch) as (first, second):
        leave_part(tmp_path, second.put(URL_PATH, FILE), url_of(first), (0, HALF))
        second.resources.clear()
        async with running() as engine:
            download = await get(engine, url_of(first), tmp_path)
        assert download.failure is not None
        assert download.failure.code == "http-404"
        assert (len(first.requests), len(second.requests)) == (1, 1)


async def test_what_was_never_here_is_asked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with machines(monkeypatch) as (first, second):
        async with running() as engine:
            download = await get(engine, url_of(first), tmp_path)
        assert download.status is Status.FAILED
        assert (len(first.requests), len(second.requests)) == (1, 0)


async def test_a_change_that_all_machines_know_of_is_a_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with machines(monkeypatch) as (first, second):
        leave_part(tmp_path, first.put(URL_PATH, FILE), url_of(first), (0, HALF))
        first.put(URL_PATH, OTHER)
        second.put(URL_PATH, OTHER)
        async with running() as engine:
            download = await get(engine, url_of(first), tmp_path)
        assert_whole(tmp_path, download, OTHER)
        assert second.requests


async def test_a_machine_that_takes_connections_and_nothing_more_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with machines(monkeypatch) as (first, second):
        first.put(URL_PATH, FILE, raw=b"")
        second.put(URL_PATH, FILE)
        async with running() as engine:
            download = await get(engine, url_of(first), tmp_path)
        assert_whole(tmp_path, download)


# A redirect that leads to one mirror, and later to another.


@asynccontextmanager
async def mirrors(content: Content = FILE, **first: Any) -> AsyncIterator[tuple[str, Server]]:
    """Two servers with their own ways of making ETags, and a redirect to the one, then the other.

    The first begins with an answer that behaves like `first`. The second has `content`.

    Yields:
        The address that redirects, and the second server.
    """
    date = "Sat, 14 Mar 2026 15:09:26 GMT"
    async with Server() as front, Server() as one, Server() as other:
        one.put(URL_PATH, FILE, etag='"5f3a-9c1"', last_modified=date).first(**first)
        other.put(URL_PATH, content, etag='"2625a00"', last_modified=date)
        redirect = front.put(URL_PATH, FILE, location=other.url(URL_PATH))
        redirect.first(location=one.url(URL_PATH))
        yield front.url(URL_PATH), other


async def test_a_part_goes_on_from_another_mirror_after_a_pause(tmp_path: Path) -> None:
    async with mirrors(stall_after=HALF) as (url, second), running() as engine:
        (key,) = engine.add([wanted(url, tmp_path)])
        await seen(engine, lambda download: download.done_bytes == HALF)
        engine.pause([key])
        await at_rest(engine)
        engine.resume([key])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert second.requests[-1].range_start == HALF - COMPARED


async def test_a_part_goes_on_from_another_mirror_in_a_later_run(tmp_path: Path) -> None:
    async with mirrors(stall_after=HALF) as (url, second):
        async with running() as engine:
            engine.add([wanted(url, tmp_path)])
            await seen(engine, lambda download: download.done_bytes == HALF)
        async with running() as engine:
            download = await get(engine, url, tmp_path)
    assert_whole(tmp_path, download)
    assert second.requests[-1].range_start == HALF - COMPARED


async def test_a_part_goes_on_from_another_mirror_when_one_breaks(tmp_path: Path) -> None:
    async with mirrors(reset_after=HALF) as (url, second), running() as engine:
        download = await get(engine, url, tmp_path)
    assert_whole(tmp_path, download)
    assert second.requests[-1].range_start == HALF - COMPARED


async def test_a_mirror_with_another_file_of_that_date_is_found_out(tmp_path: Path) -> None:
    async with mirrors(OTHER, reset_after=HALF) as (url, _), running() as engine:
        download = await get(engine, url, tmp_path)
        assert "changed on the server" in log_of(engine)
    assert_whole(tmp_path, download, OTHER)
