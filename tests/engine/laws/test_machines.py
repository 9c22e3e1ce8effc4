"""One name, several machines: they may have different versions of a file, or not have it."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, OTHER, assert_whole
from tests.engine.running import change, get, idle, running, seen, wanted
from tests.server import Pattern, Server
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

NAME = "mirrors.example"
FIRST, SECOND = "127.0.0.1", "127.0.0.2"
URL_PATH = "/file.bin"


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
    big, other = Pattern(8 << 20), Pattern(8 << 20, seed=9)
    unnamed: dict[str, Any] = {"etag": "none", "last_modified": None}
    async with machines(monkeypatch) as (first, second):
        file = first.put(URL_PATH, big, throttle_bytes_per_s=1 << 20, **unnamed)
        second.put(URL_PATH, other, **unnamed)
        async with running() as engine:
            engine.add([wanted(url_of(first), tmp_path, connections=4)])
            await first.until(lambda: first.connections_now == 4)
            file.behaviour.throttle_bytes_per_s = None
            (download,) = await idle(engine)
        assert_whole(tmp_path, download, big)
        assert second.connections_total == 0


async def test_they_stay_there_when_another_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is first in the list, has another version, and was down when the download began."""
    big, other = Pattern(8 << 20), Pattern(8 << 20, seed=9)
    unnamed: dict[str, Any] = {"etag": "none", "last_modified": None}
    async with machines(monkeypatch) as (first, second):
        await first.stop()
        first.put(URL_PATH, other, **unnamed)
        file = second.put(URL_PATH, big, throttle_bytes_per_s=1 << 20, **unnamed)
        async with running() as engine:
            engine.add([wanted(url_of(second), tmp_path)])
            await seen(engine, lambda download: download.done_bytes > 0)
            await first.start()
            change(engine, connections=4)
            await second.until(lambda: second.connections_now == 4)
            file.behaviour.throttle_bytes_per_s = None
            (download,) = await idle(engine)
        assert_whole(tmp_path, download, big)
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
