"""A host that wants no requests for now is the one that said so, wherever a redirect led.

The server is two hosts: 127.0.0.1, where the links lead on, and localhost, where they lead to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.running import idle, log_of, only, running, sha256, until, wanted
from tests.server import Behaviour, Pattern, Server
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot

FILE, LARGE = Pattern(300_000), Pattern(4_000_000)
AN_HOUR_S = 3600


def lead_on(server: Server, name: str) -> None:
    """Put a link of the first host that leads to a file of the same name on the second one."""
    server.put(f"/to{name}", b"", location=server.url(name, host="localhost"))


def paths(server: Server) -> list[str]:
    return [request.path for request in server.requests]


async def is_told_to_wait(engine: Engine, server: Server, tmp_path: Path) -> Snapshot:
    """Add a link whose target wants no requests for an hour; return when that is known."""
    lead_on(server, "/busy.bin")
    engine.add([wanted(server.url("/to/busy.bin"), tmp_path)])
    await until(engine, lambda each: each[0].status is Status.WAITING)
    return only(engine)


@pytest.mark.parametrize("status", [429, 503])
async def test_only_the_host_that_asked_is_left_alone(
    server: Server, tmp_path: Path, status: int
) -> None:
    server.put("/busy.bin", FILE, status=status, retry_after=AN_HOUR_S)
    for name in ("/of-first.bin", "/of-second.bin", "/led-on.bin"):
        server.put(name, FILE)
    lead_on(server, "/led-on.bin")
    second = f"localhost:{server.port} asked to wait until "
    async with running() as engine:
        await is_told_to_wait(engine, server, tmp_path)
        engine.add(
            [
                wanted(server.url("/of-first.bin"), tmp_path),
                wanted(server.url("/of-second.bin", host="localhost"), tmp_path),
                wanted(server.url("/to/led-on.bin"), tmp_path),
            ]
        )
        ends = [Status.WAITING, Status.COMPLETED, Status.WAITING, Status.WAITING]
        await until(engine, lambda each: [d.status for d in each] == ends)
        told, _, of_second, led_on = engine.snapshot().downloads
        for each in (told, of_second, led_on):
            assert second in log_of(engine, each.download_id)
            assert f"127.0.0.1:{server.port} asked" not in log_of(engine, each.download_id)
        for each in (of_second, led_on):
            assert each.failure is not None
            assert each.failure.code == "host-busy"
            assert each.failure.message.startswith(second)
    assert sha256(tmp_path / "of-first.bin") == FILE.sha256()
    assert paths(server) == ["/to/busy.bin", "/busy.bin", "/of-first.bin", "/to/led-on.bin"]


async def test_all_go_on_when_the_host_wants_requests_again(server: Server, tmp_path: Path) -> None:
    server.put("/busy.bin", FILE, status=503, fail_times=1, retry_after=1)
    server.put("/led-on.bin", FILE)
    lead_on(server, "/led-on.bin")
    async with running() as engine:
        await is_told_to_wait(engine, server, tmp_path)
        engine.add([wanted(server.url("/to/led-on.bin"), tmp_path)])
        downloads = await idle(engine)
    assert [each.status for each in downloads] == [Status.COMPLETED] * 2
    told, *later = [each for each in server.requests if not each.path.startswith("/to/")]
    assert {each.path for each in later} == {"/busy.bin", "/led-on.bin"}
    assert min(each.at for each in later) >= told.at + 1


@pytest.mark.parametrize("who", [0, 1])
async def test_the_user_may_have_the_host_asked_at_once(
    server: Server, tmp_path: Path, who: int
) -> None:
    """Be it by who was told to wait, or by who found its host closed behind a redirect."""
    server.put("/busy.bin", FILE, status=503, fail_times=1, retry_after=AN_HOUR_S)
    server.put("/led-on.bin", FILE)
    lead_on(server, "/led-on.bin")
    async with running() as engine:
        await is_told_to_wait(engine, server, tmp_path)
        engine.add([wanted(server.url("/to/led-on.bin"), tmp_path)])
        await until(engine, lambda each: [d.status for d in each] == [Status.WAITING] * 2)
        engine.resume([engine.snapshot().downloads[who].download_id])
        await until(engine, lambda each: each[who].status is Status.COMPLETED)


@pytest.mark.parametrize("status", [429, 503])
async def test_what_a_further_connection_is_told_is_of_the_host_that_serves_it(
    server: Server, tmp_path: Path, status: int
) -> None:
    """The second one has received something, and is cut: it may ask no more, and others neither."""
    resource = server.put("/file.bin", LARGE, status=status, retry_after=AN_HOUR_S)
    resource.script += [Behaviour(throttle_bytes_per_s=12_000_000), Behaviour(reset_after=100_000)]
    server.put("/of-first.bin", FILE)
    server.put("/of-second.bin", FILE)
    lead_on(server, "/file.bin")
    async with running(connections=2) as engine:
        (key,) = engine.add([wanted(server.url("/to/file.bin"), tmp_path)])
        words = f"localhost:{server.port} asked to wait until "
        await until(engine, lambda _: words in log_of(engine, key))
        engine.add(
            [
                wanted(server.url("/of-first.bin"), tmp_path),
                wanted(server.url("/of-second.bin", host="localhost"), tmp_path),
            ]
        )
        ends = [Status.COMPLETED, Status.WAITING]
        await until(engine, lambda each: [d.status for d in each[1:]] == ends)
    assert "/of-second.bin" not in paths(server)
