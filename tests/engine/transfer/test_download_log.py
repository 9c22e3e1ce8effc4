"""The log of a download tells each fact once, with its number and its cause."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import change, get, idle, log_of, running, seen, until, wanted
from tests.server import Pattern, Server
from tui_downloader.engine import parts
from tui_downloader.engine.network import body_faults
from tui_downloader.engine.network.network import Network
from tui_downloader.engine.transfer.download import Download
from tui_downloader.engine.transfer.download_log import Finished, edit_words
from tui_downloader.model import settled_count
from tui_downloader.model.digests import Checksum, parse_checksum
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine

MIB = 1 << 20
SIZE = 24 * MIB
FILE = Pattern(SIZE)
SMALL = Pattern(1_200_000)
AT = datetime(2099, 1, 2, 3, 4)  # noqa: DTZ001 - of this machine's clock
REQUEST = DownloadRequest("https://host.example/file.bin", "/downloads")


async def told(engine: Engine, words: str) -> None:
    """Wait until the log of the only download has these words."""
    await until(engine, lambda _: words in log_of(engine))


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (210_000_000, "finished: 210 MB, 50s at 4.20 MB/s"),
        (90_000_000, "finished: 210 MB, 90.0 MB of it in 50s at 1.80 MB/s"),  # the rest was here
    ],
)
def test_a_time_is_told_of_what_came_in_it(received: int, words: str) -> None:
    assert Finished(210_000_000, received, 50.0, is_unchecked=False).words() == words


async def test_an_answer_tells_the_size_and_how_it_can_go_on(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", SMALL, stall_after=400_000)
    async with running() as engine:
        (download_id,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 400_000)
        assert "the server answered: 1.20 MB, can resume (ETag)" in log_of(engine)
        engine.pause([download_id])
        await idle(engine)
        server.resources["/file.bin"].behaviour.stall_after = None
        engine.resume([download_id])
        await idle(engine)
        log = log_of(engine)
    assert log.index("\npaused\n") < log.index("\ngoes on\n")
    assert "the server answered: 0.40/1.20 MB are here, can resume (ETag)" in log
    assert "\nfinished: 1.20 MB" in log


async def test_a_size_that_is_not_told_is_told_as_such(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", SMALL, length="chunked", ranges="ignore")
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        log = log_of(engine)
    assert "the server answered: it tells no size, cannot resume" in log
    assert re.search(r"finished: 1\.20 MB.*; nobody can tell whether that is all", log)


async def test_a_retry_tells_its_cause_its_number_and_its_wait(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", SMALL, status=503, fail_times=1)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        assert re.search(r"503 [^\n]*; retry 1/6 in 0\.\ds\n", log_of(engine))


async def test_a_failure_is_told_with_its_cause(server: Server, tmp_path: Path) -> None:
    """Also where no server has a part in it."""
    server.put("/file.bin", SMALL)
    (tmp_path / "folder").write_bytes(b"a file")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path / "folder")
        assert download.failure is not None
        assert log_of(engine).splitlines()[-1] == download.failure.message


async def test_connections_are_counted_once_their_number_stays(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settled_count, "STAYS_S", 0.0)
    server.put("/file.bin", FILE, stall_after=MIB)
    async with running(connections=4) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await told(engine, "\n4 connections")
        assert len(re.findall(r"\d connection", log_of(engine))) == 1
        server.resources["/file.bin"].behaviour.stall_after = None
        server.release()
        await idle(engine)


async def test_a_connection_that_broke_is_told_with_its_number(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, poison_at=13 * MIB, poison_times=1)
    resource.first(stall_after=MIB)  # one that goes on beside it
    async with running(connections=4) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await told(engine, "; asks again in 0.5s")
        server.release()
        await idle(engine)
        assert re.search(r"#\d: [^\n]+; asks again in 0\.5s\n", log_of(engine))


async def test_a_connection_that_was_refused_is_told_with_its_number(
    server: Server, tmp_path: Path
) -> None:
    server.max_connections = 2
    server.put("/file.bin", FILE, throttle_bytes_per_s=8 * MIB)
    async with running(connections=3) as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
        assert re.search(r"#\d refused, [12] connections? works?: 503", log_of(engine))


async def test_a_network_that_goes_away_is_one_fact(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_faults, "SILENCE_S", 0.2)
    server.put("/file.bin", SMALL).first(stall_after=400_000)
    routes = [True]
    monkeypatch.setattr(parts, "Network", partial(Network, lambda _: routes[-1]))
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes >= 400_000)
        routes.append(False)
        await told(engine, "; there is no network, waits for it")
        routes.append(True)
        await idle(engine)
        log = log_of(engine)
    assert "no data for" in log
    assert log.index("there is no network") < log.index("\nthe network is back\nasks the server")


async def test_limits_that_change_meanwhile_are_told(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, stall_after=MIB)
    async with running(connections=1) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.status is Status.DOWNLOADING)
        engine.set_limit(2_000_000)
        await told(engine, "for all downloads: limit 2.00 MB/s")
        engine.set_limit(None)
        await told(engine, "for all downloads: no limit")
        change(engine, limit_bytes_per_s=500_000, connections=3)
        assert log_of(engine).endswith("limit 500 kB/s, at most 3 connections")


async def test_a_digest_that_fits_is_told_with_its_worth(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", SMALL)
    checksum = parse_checksum(f"sha-256={SMALL.sha256()}")
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path, checksum=checksum)
        assert "\nsha256 fits: verified\n" in log_of(engine)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"name": "other.bin", "folder": "/elsewhere"}, ""),  # told when the files have moved
        ({"url": "https://me:secret@b.example/x"}, "new address https://***@b.example/x"),
        ({"limit_bytes_per_s": 2_000_000}, "limit 2.00 MB/s"),
        ({"start_at": AT.timestamp()}, "starts at 2099-01-02 03:04"),
        ({"connections": 1}, "at most 1 connection"),
        ({"connections": 8}, "at most 8 connections"),
        ({"credentials": ("me", "secret")}, "another login"),
        ({"headers": (("Cookie", "secret"),)}, "other headers"),
        ({"checksum": Checksum("md5", "1a")}, "md5 expected"),
        ({"trusted": ("https://far:4/",)}, "any certificate of far:4 will do"),
        ({"insecure": True, "mirrors": ("http://b/",)}, "other mirrors, any certificate will do"),
    ],
)
def test_an_edit_tells_what_is_wanted_now_and_no_secret(
    changes: dict[str, Any], words: str
) -> None:
    assert edit_words(REQUEST, replace(REQUEST, **changes)) == words


def test_an_edit_that_is_taken_back_is_told_as_well() -> None:
    wished = replace(REQUEST, limit_bytes_per_s=5, connections=2, insecure=True)
    wished = replace(wished, checksum=Checksum("md5", "1a"), start_at=9e9)
    assert edit_words(wished, REQUEST) == (
        "no limit, starts at once, as many connections as pay, no checksum expected, "
        "certificates count"
    )


def test_nothing_gets_into_it_as_it_came() -> None:
    download = Download(1, REQUEST, 0.0)
    download.note(0.0, "the server said \x1b[31m\u202eno\r\n" + "!" * 1000)
    ((_, words),) = download.log
    assert isinstance(words, str)
    assert words.startswith("the server said [31mno")
    assert words.isprintable()
    assert len(words) <= 300
