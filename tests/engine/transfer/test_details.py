"""What the details tell of a request: the headers as they were sent, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, running, wanted
from tests.server import Pattern, Server
from tui_downloader import __version__
from tui_downloader.model.text import MASK

if TYPE_CHECKING:
    from pathlib import Path

FILE = Pattern(300_000)
LOGIN = ("joe", "secret")
USUAL = {
    "User-Agent": f"tui-downloader/{__version__}",
    "Accept": "*/*",
    "Accept-Encoding": "identity",
    "Range": "bytes=0-",
}
OWN = ("Authorization", "Bearer t0ken")


@pytest.mark.parametrize(
    ("fields", "special"),
    [
        ({}, {}),
        ({"credentials": LOGIN}, {"Authorization": MASK}),
        ({"credentials": LOGIN, "headers": (OWN,)}, {"Authorization": MASK}),
        (
            {"headers": (("Cookie", "id=1"), ("Referer", "http://a/"), ("User-Agent", "me"))},
            {"Cookie": MASK, "Referer": "http://a/", "User-Agent": "me"},
        ),
        ({"headers": (("range", "bytes=7-"), ("X-Key", "k"))}, {"X-Key": MASK}),
    ],
)
async def test_headers_are_told_as_they_were_sent(
    server: Server, tmp_path: Path, fields: dict[str, Any], special: dict[str, str]
) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, **fields)
        told = engine.details(download.download_id).request_headers
    assert sorted(told) == sorted((USUAL | special).items())
    sent = server.requests[0].headers
    assert {name.lower() for name, _ in told} == set(sent) - {"host"}
    assert all(value in (sent[name.lower()], MASK) for name, value in told)


async def test_before_the_first_request_those_of_its_own_are_told(
    server: Server, tmp_path: Path
) -> None:
    fields: dict[str, Any] = {"credentials": LOGIN, "headers": (OWN, ("Referer", "http://a/"))}
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path, **fields)], paused=True)
        told = engine.details(key).request_headers
    assert told == (("Authorization", MASK), ("Referer", "http://a/"))
