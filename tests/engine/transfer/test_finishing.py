"""What is shown of a file while it is finished, and what is known of it then."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.one_file import FILE
from tests.engine.running import change, get, idle, names_in, running, seen, wanted
from tests.server import Pattern
from tests.waiting import PATIENCE_S
from tui_downloader.engine import EventKind
from tui_downloader.engine.disk import decoding
from tui_downloader.engine.disk.direct_io import leave_cache
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.small_files import Committer
from tui_downloader.engine.transfer import checksum
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import SAVING, Assurance
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server

SMALL = Pattern(1000)


@pytest.mark.parametrize(
    ("phase", "content", "step", "sent"),
    [
        (SAVING, FILE, (Partial, "finish"), {}),
        (SAVING, SMALL, (Committer, "commit"), {}),
        ("decoding", FILE, (decoding, "decode"), {"content_encoding": "gzip"}),
        ("sha-256", FILE, (checksum, "leave_cache"), {"repr_digest": "right"}),
    ],
    ids=["saving", "saving a small one", "decoding", "hashing"],
)
async def test_each_step_is_shown_while_it_takes_its_time(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    phase: str,
    content: Pattern,
    step: tuple[Any, str],
    sent: dict[str, str],
) -> None:
    may_go_on, really = threading.Event(), getattr(*step)

    def slow(*args: Any) -> Any:
        may_go_on.wait(PATIENCE_S)
        return really(*args)

    monkeypatch.setattr(*step, slow)
    server.put("/file.bin", content, **sent)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        shown = await seen(
            engine, lambda each: each.status is Status.VERIFYING and each.phase != ""
        )
        may_go_on.set()
        (download,) = await idle(engine)
    assert shown.phase == phase
    assert download.status is Status.COMPLETED


async def test_how_much_is_hashed_is_shown_slice_by_slice(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksum, "_SLICE_BYTES", checksum._BLOCK_BYTES)
    may_go_on, slices = threading.Event(), [0]

    def second_is_slow(fd: int, start: int, n_bytes: int) -> None:
        slices[0] += 1
        if slices[0] == 2:
            may_go_on.wait(PATIENCE_S)
        leave_cache(fd, start, n_bytes)

    monkeypatch.setattr(checksum, "leave_cache", second_is_slow)
    server.put("/file.bin", FILE, repr_digest="right")
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(
            engine,
            lambda each: (
                each.status is Status.VERIFYING and each.done_bytes == checksum._BLOCK_BYTES
            ),
        )
        may_go_on.set()
        await idle(engine)


async def test_what_is_hashed_is_slowed_by_nothing_that_slows_receiving(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def slow(fd: int, start: int, n_bytes: int) -> None:
        may_go_on.wait(PATIENCE_S)
        leave_cache(fd, start, n_bytes)

    monkeypatch.setattr(checksum, "leave_cache", slow)
    server.put("/file.bin", FILE, throttle_bytes_per_s=2 << 20, repr_digest="right")
    async with running(connections=3) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda _: engine.details(key).slowed_by.words != "")
        await seen(engine, lambda each: each.status is Status.VERIFYING and each.phase == "sha-256")
        told = engine.details(key).slowed_by
        may_go_on.set()
        await idle(engine)
    assert told.words == ""


@pytest.mark.parametrize("digest", ["right", "wrong"])
async def test_the_digest_that_was_found_is_told(
    server: Server, tmp_path: Path, digest: str
) -> None:
    server.put("/file.bin", FILE, repr_digest=digest)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        found = engine.details(download.download_id).computed_checksum
    assert found == f"sha-256={FILE.sha256()}"


@pytest.mark.parametrize("digest", ["right", "wrong"])
async def test_what_was_expected_and_found_is_known_after_a_restart(
    server: Server, tmp_path: Path, digest: str
) -> None:
    server.put("/file.bin", FILE, repr_digest=digest)
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await idle(engine)
        before = engine.details(key)
    async with running(queue) as engine:
        again = engine.details(key)
    assert again.computed_checksum == f"sha-256={FILE.sha256()}"
    assert (again.computed_checksum, again.checksum) == (before.computed_checksum, before.checksum)
    assert "Repr-Digest" in again.checksum


async def test_what_was_found_later_is_known_after_a_restart(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    folder, queue = tmp_path / "files", tmp_path / "queue.db"
    async with running(queue) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), folder)])
        await idle(engine)
        change(engine, checksum=Checksum("md5", "0" * 32))
        engine.verify([key])
        await seen(engine, lambda d: d.assurance is Assurance.DIFFERS)
    async with running(queue) as engine:
        assert engine.details(key).computed_checksum == f"md5={FILE.digest('md5').hex()}"
        change(engine, checksum=None)
        engine.restart([key])
        await idle(engine)
        assert engine.details(key).computed_checksum == ""  # that was another file


async def test_that_a_wrong_digest_has_all_fetched_once_more_is_told(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, repr_digest="wrong")
    told = []
    async with running() as engine:
        events = engine.events(EventKind.NOTE, EventKind.FAILED)
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        async for event in events:
            told.append(event.message)
            if event.kind is EventKind.FAILED:
                break
    assert told[:-1] == ["sha256 differed: all of it is fetched once more"]
    assert told[-1].startswith("sha256 differs: expected ")


async def test_all_files_with_a_wrong_digest_go_with_their_download(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, repr_digest="wrong")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        server.resources["/file.bin"].replace(Pattern(FILE.size, seed=5))
        engine.restart([download.download_id])
        await idle(engine)
        assert len(names_in(tmp_path)) == 2
        engine.remove([download.download_id], delete_file=True)
        await idle(engine)
    assert names_in(tmp_path) == []
