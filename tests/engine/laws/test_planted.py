"""A server that calls its files like the part and the passport of another download."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, OTHER, SIZE, assert_whole
from tests.engine.running import (
    at_rest,
    get,
    log_of,
    names_in,
    running,
    seen,
    sha256,
    wanted,
)
from tests.server import Server
from tui_downloader.engine import EventKind
from tui_downloader.model.passport import Passport
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

EVIL = b"EVIL"
OVERLAP = 64 * 1024
UNIDENTIFIED = "though their passport does not tell which file they are in"


@pytest.fixture
async def stranger() -> AsyncIterator[Server]:
    """Another server than the one whose file is wanted."""
    async with Server() as server:
        yield server


def planted(url: str, done_bytes: int, *, finishing: bool = False) -> tuple[bytes, bytes]:
    """A part that is forged but for its last bytes, and a passport that says it is sound."""
    genuine_bytes = 64 * 1024
    forged = EVIL * ((done_bytes - genuine_bytes) // len(EVIL))
    done = ((0, done_bytes),)
    passport = Passport((url,), "file.bin", SIZE, None, None, done, done, None, "", finishing)
    return forged + FILE[len(forged) : done_bytes], passport.to_json().encode()


@pytest.mark.parametrize("way", ["header", "address"])
@pytest.mark.parametrize(("done_bytes", "finishing"), [(HALF, False), (SIZE, False), (SIZE, True)])
async def test_no_server_gives_a_file_the_name_of_a_part_or_its_passport(
    server: Server, stranger: Server, tmp_path: Path, way: str, done_bytes: int, finishing: bool
) -> None:
    server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    bodies = planted(url, done_bytes, finishing=finishing)
    async with running() as engine:
        for ending, body in zip((".part", ".part.json"), bodies, strict=True):
            path = f"/{ending}" if way == "header" else f"/file.bin{ending}"
            said = f'attachment; filename="file.bin{ending}"' if way == "header" else None
            stranger.put(path, body, content_disposition=said)
            taken = await get(engine, stranger.url(path), tmp_path)
            assert taken.status is Status.COMPLETED
            assert (tmp_path / taken.name).read_bytes() == body
        assert names_in(tmp_path) == ["file.bin_part", "file.bin_part.json"]
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert (download.status, download.received_bytes) == (Status.COMPLETED, SIZE)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_file_that_is_really_called_so_goes_on_from_its_own_part(
    server: Server, tmp_path: Path
) -> None:
    """Somebody's part is a file as any other."""
    server.put("/film.part", FILE).first(stall_after=HALF)
    url = server.url("/film.part")
    async with running() as engine:
        (key,) = engine.add([wanted(url, tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        engine.pause([key])
        await at_rest(engine)
        assert names_in(tmp_path) == ["film_part.part", "film_part.part.json"]
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert download.status is Status.COMPLETED
    assert names_in(tmp_path) == ["film_part"]
    assert sha256(tmp_path / "film_part") == FILE.sha256()
    assert download.received_bytes == SIZE - HALF


# Another program, such as a browser, may let a server choose such a name.


@pytest.mark.parametrize("finishing", [False, True])
async def test_what_is_whole_by_a_record_of_no_certain_file_is_compared_with_the_servers(
    server: Server, tmp_path: Path, finishing: bool
) -> None:
    resource = server.put("/file.bin", FILE)
    forged: dict[str, Any] = {"content": OTHER, "file": None, "etag": None, "last_modified": None}
    url = server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, SIZE), finishing=finishing, **forged)
    async with running() as engine:
        download = await get(engine, url, tmp_path)
    assert_whole(tmp_path, download)
    assert server.requests[0].range_start == SIZE - 1 - OVERLAP


async def test_a_part_of_the_first_versions_goes_on_and_that_is_told(
    server: Server, tmp_path: Path
) -> None:
    """Their passports did not tell which file they were of."""
    resource = server.put("/file.bin", FILE)
    passport = leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    fields = json.loads(passport.to_json())
    for later in "decoded", "seal", "file", "sample", "date", "mount", "server":
        del fields[later]
    (tmp_path / "file.bin.part.json").write_text(json.dumps(fields))
    async with running() as engine:
        events = engine.events(EventKind.NOTE)
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log, told = log_of(engine), [event.message for event in events.taken()]
    assert_whole(tmp_path, download)
    assert server.requests[0].range_start == HALF - OVERLAP
    assert [words.endswith(UNIDENTIFIED) for words in told] == [True]
    assert told[0] in log


async def test_a_part_that_this_version_left_goes_on_without_a_word(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=HALF)
    url = server.url("/file.bin")
    async with running() as engine:
        (key,) = engine.add([wanted(url, tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF)
        engine.pause([key])
        await at_rest(engine)
    async with running() as engine:
        events = engine.events(EventKind.NOTE)
        assert_whole(tmp_path, await get(engine, url, tmp_path))
        assert events.taken() == []
        assert "goes on with 1.00 MB from before" in log_of(engine)
