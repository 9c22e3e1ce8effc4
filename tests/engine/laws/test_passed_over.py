"""A part that cannot be gone on with is left where it is, and the user is told so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, SIZE
from tests.engine.running import at_rest, get, idle, log_of, running, seen, sha256, wanted
from tests.server import Server
from tui_downloader.engine import EventKind
from tui_downloader.model.status import Status
from tui_downloader.store import passports
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine import Engine
    from tui_downloader.engine.events import EventFeed

PART, RECORD = "file.bin.part", "file.bin.part.json"
KEPT = f"it is kept as {RECORD}.bad"
NO_USE = f"starts from 0, as {PART} cannot be gone on with"
# What harms a record, and what is told then.
HARMS = {
    "torn": f"{NO_USE}: the passport is not whole; {KEPT}",
    "empty": f"{NO_USE}: the passport is not whole; {KEPT}",
    "newer": f"{NO_USE}: the passport is of the newer version 99; {KEPT}",
    "nonsense": f"{NO_USE}: the passport makes no sense: a list is missing; {KEPT}",
    "gone": f"starts from 0, as {PART} has no passport",
    "somebody else's": f"starts from 0, as {RECORD} is no passport of {PART}",
}


def harm(record: Path, way: str) -> None:
    text = record.read_text()
    record.write_text(
        {
            "torn": text[:40],
            "empty": "",
            "newer": json.dumps(json.loads(text) | {"version": 99}),
            "nonsense": json.dumps(json.loads(text) | {"done": None}),
            "gone": "",
            "somebody else's": '{"my": "own data"}',
        }[way]
    )
    if way == "gone":
        record.unlink()


def messages(feed: EventFeed) -> list[str]:
    return [event.message for event in feed.taken()]


async def half_here(server: Server, folder: Path, engine: Engine) -> int:
    """Pause the download when half of it is here."""
    server.put("/file.bin", FILE).first(stall_after=HALF)
    (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
    await seen(engine, lambda d: d.done_bytes == HALF)
    engine.pause([key])
    await at_rest(engine)
    return key


@pytest.mark.parametrize("way", HARMS)
@pytest.mark.parametrize("size", [SIZE, 1000], ids=["large", "small"])
async def test_why_a_part_of_an_earlier_run_is_left_alone_is_told(
    server: Server, tmp_path: Path, way: str, size: int
) -> None:
    async with running() as engine:
        await half_here(server, tmp_path, engine)
    left = (tmp_path / PART).read_bytes()
    harm(tmp_path / RECORD, way)
    server.put("/file.bin", FILE[:size])
    async with running() as engine:
        notes = engine.events(EventKind.NOTE)
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert messages(notes) == [HARMS[way]]
        assert HARMS[way] in log_of(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert (tmp_path / "file (1).bin").read_bytes() == FILE[:size]
    assert (tmp_path / PART).read_bytes() == left


@pytest.mark.parametrize("way", HARMS)
async def test_the_same_after_a_pause_when_nobody_says_that_it_is_gone(
    server: Server, tmp_path: Path, way: str
) -> None:
    async with running() as engine:
        key = await half_here(server, tmp_path, engine)
        harm(tmp_path / RECORD, way)
        notes = engine.events(EventKind.NOTE)
        engine.resume([key])
        (download,) = await idle(engine)
        assert messages(notes) == [HARMS[way]]
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert sha256(tmp_path / "file (1).bin") == FILE.sha256()


async def test_it_is_told_again_as_long_as_the_part_is_there(
    server: Server, tmp_path: Path
) -> None:
    """The last passport that was set aside is named."""
    server.put("/file.bin", FILE)
    (tmp_path / PART).write_bytes(b"x" * 50)
    (tmp_path / f"{RECORD}.bad").write_text('{"version": ')
    for n, way in ((1, "newer"), (2, None)):
        if way is not None:
            leave_part(tmp_path, server.put("/file.bin", FILE), server.url("/file.bin"), (0, HALF))
            harm(tmp_path / RECORD, way)
        async with running() as engine:
            notes = engine.events(EventKind.NOTE)
            download = await get(engine, server.url("/file.bin"), tmp_path)
            (said,) = messages(notes)
        assert said.endswith(f"of the newer version 99; it is kept as {RECORD}.2.bad")
        assert download.name == f"file ({n}).bin"


@pytest.mark.parametrize(
    "what", ["empty", "of another address", "a folder", "a link", "an old one"]
)
async def test_what_nobody_would_go_on_with_is_not_told(
    server: Server, tmp_path: Path, what: str
) -> None:
    resource = server.put("/file.bin", FILE)
    part = tmp_path / PART
    if what == "empty":
        part.touch()
    elif what == "of another address":
        leave_part(tmp_path, resource, server.url("/another.bin"), (0, HALF))
    elif what == "a folder":
        part.mkdir()
    elif what == "a link":
        (tmp_path / "precious").write_bytes(b"precious")
        part.symlink_to(tmp_path / "precious")
    else:  # only one that was set aside once
        (tmp_path / f"{RECORD}.bad").write_text("")
    async with running() as engine:
        notes = engine.events(EventKind.NOTE)
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert messages(notes) == []
    assert sha256(tmp_path / download.name) == FILE.sha256()


async def test_one_that_another_program_has_just_begun_is_not_told(
    server: Server, tmp_path: Path
) -> None:
    """It has no record yet, and no bytes."""
    server.put("/file.bin", FILE)
    with (tmp_path / PART).open("xb") as theirs:
        assert lock_partial(theirs.fileno())
        async with running() as engine:
            notes = engine.events(EventKind.NOTE)
            download = await get(engine, server.url("/file.bin"), tmp_path)
            assert messages(notes) == []
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")


@pytest.mark.parametrize("name", [None, "file.bin"], ids=["any name", "that name"])
async def test_what_goes_on_beside_such_a_part_is_not_said_to_start_from_0(
    server: Server, tmp_path: Path, name: str | None
) -> None:
    resource = server.put("/file.bin", FILE)
    (tmp_path / PART).write_bytes(b"x" * 50)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), name="file (1).bin")
    async with running() as engine:
        notes = engine.events(EventKind.NOTE)
        download = await get(engine, server.url("/file.bin"), tmp_path, name=name)
        assert messages(notes) == []
        assert "goes on with 1.00 MB from before" in log_of(engine)
    assert download.name == "file (1).bin"
    assert passports.read(str(tmp_path / PART)) is None
