"""The file on the server changed while a part of it was here: never are two versions mixed."""

from __future__ import annotations

import asyncio
import functools
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, OTHER, SIZE, assert_whole
from tests.engine.running import (
    get,
    idle,
    log_of,
    names_in,
    running,
    seen,
    sha256,
    until,
    wanted,
)
from tests.server import Pattern, Server, http_date
from tui_downloader.model import retry
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance, OnConflict
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Resource

OVERLAP = 64 * 1024


def changed_meanwhile(
    server: Server, folder: Path, new: Pattern = OTHER, **behaviour: Any
) -> Resource:
    """Leave the first half of `FILE` and serve `new` at its address."""
    resource = server.put("/file.bin", FILE, **behaviour)
    leave_part(folder, resource, server.url("/file.bin"), (0, HALF))
    resource.replace(new)
    return resource


@pytest.mark.parametrize(
    "sign",
    [
        {},  # If-Range does its work: a 200
        {"if_range": "ignore"},  # a 206 with another ETag
        {"if_range": "ignore", "etag": "none"},  # a 206 with another Last-Modified
        {"if_range": "ignore", "etag": "weak"},
        {"etag": "none", "last_modified": None},  # nothing but the bytes themselves
        {"last_modified": None},
        {"last_modified": None, "if_range": "ignore"},
    ],
)
async def test_a_change_starts_again_and_says_so(
    server: Server, tmp_path: Path, sign: dict[str, Any]
) -> None:
    changed_meanwhile(server, tmp_path, **sign)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = log_of(engine, download.download_id)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()
    assert names_in(tmp_path) == ["file.bin"]
    assert "changed on the server" in log


async def test_a_change_behind_a_redirect_to_the_same_host_is_believed_at_last(
    server: Server, tmp_path: Path
) -> None:
    """The connection has served the redirect, so what it brings could be left over from that."""
    changed_meanwhile(server, tmp_path, redirect_hops=1)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()
    assert len(server.requests) <= 12


@pytest.mark.parametrize("size", [SIZE - 1, SIZE + 1, HALF, HALF - 1])
@pytest.mark.parametrize("if_range", ["honour", "ignore"])
async def test_another_size_is_another_version_whatever_the_validators_say(
    server: Server, tmp_path: Path, size: int, if_range: str
) -> None:
    new = Pattern(size)  # the bytes are those of the old one, as far as both go
    same: dict[str, Any] = {"etag": '"same"', "last_modified": "Sat, 14 Mar 2026 15:09:26 GMT"}
    resource = server.put("/file.bin", FILE, if_range=if_range, **same)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), **same)
    resource.replace(new)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = log_of(engine, download.download_id)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == new.sha256()
    assert "changed on the server" in log


async def test_a_total_that_lies_is_treated_as_a_change_and_ends(
    server: Server, tmp_path: Path
) -> None:
    """T differs from S in every 206; in the end the file is whole or the download FAILED."""
    resource = server.put("/file.bin", FILE, ranges="wrong-total")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert len(server.requests) < 20
    if download.status is Status.COMPLETED:
        assert sha256(tmp_path / "file.bin") == FILE.sha256()
    else:
        assert "file.bin" not in names_in(tmp_path)


async def test_what_is_much_is_the_users_decision_and_stays_untouched(
    server: Server, tmp_path: Path
) -> None:
    changed_meanwhile(server, tmp_path, Pattern(SIZE + 100_000))
    before = (tmp_path / "file.bin.part").read_bytes()
    async with running(restart_below_bytes=HALF) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert download.failure is not None
        assert (download.status, download.failure.code) == (Status.FAILED, "changed")
        words = "was 2.00 MB of Sat, 14 Mar 2026 15:09:26 GMT, is 2.10 MB of Sun, 15 Mar 2026"
        assert words in download.failure.message
        assert "start again" in download.failure.hint
        assert "keep" in download.failure.hint
        assert (tmp_path / "file.bin.part").read_bytes() == before
        assert download.kept_bytes == HALF
        engine.restart([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == Pattern(SIZE + 100_000).sha256()


async def test_the_old_part_is_kept_until_the_new_file_is_complete(
    server: Server, tmp_path: Path
) -> None:
    resource = changed_meanwhile(server, tmp_path)
    before = (tmp_path / "file.bin.part").read_bytes()
    resource.script.append(resource.behaviour)  # tells of the change
    resource.first(stall_after=HALF + HALF // 2)  # more than the old part has
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF + HALF // 2)
        assert (tmp_path / "file.bin.part.old").read_bytes() == before
        server.release()
        (download,) = await idle(engine)
    assert download.set_aside_bytes == 0
    assert names_in(tmp_path) == ["file.bin"]
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


async def test_the_old_part_is_deleted_by_a_later_run_that_completes_the_new_one(
    server: Server, tmp_path: Path
) -> None:
    resource = changed_meanwhile(server, tmp_path)
    resource.script.append(resource.behaviour)
    resource.first(stall_after=HALF - 1)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF - 1)
    old = ["file.bin.part.old", "file.bin.part.old.json"]  # with its record: it can be looked at
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json", *old]
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert names_in(tmp_path) == ["file.bin"]
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


async def test_starting_again_twice_keeps_what_was_worth_most(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE).first(stall_after=1000)
    resource.first(stall_after=2000)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    before = (tmp_path / "file.bin.part").read_bytes()
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)], paused=True)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == 1000)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == 2000)
        assert (tmp_path / "file.bin.part.old").read_bytes() == before
        engine.cancel([key], keep=False)
        await idle(engine)
    assert names_in(tmp_path) == []


async def test_starting_again_twice_keeps_the_newer_part_when_that_has_more(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE).first(stall_after=HALF)
    resource.first(stall_after=2000)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, 1000))
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)], paused=True)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == HALF)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == 2000)
        assert (tmp_path / "file.bin.part.old").read_bytes()[:HALF] == FILE[:HALF]
        assert "file.bin.part.old keeps the 1.00 MB" in log_of(engine, key)


async def test_starting_again_what_had_not_begun_costs_nothing_later(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE).first(stall_after=HALF)
    async with running() as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)], paused=True)
        engine.restart([key])
        await seen(engine, lambda d: d.done_bytes == HALF)
        engine.pause([key])
        await seen(engine, lambda d: d.status is Status.PAUSED)
        engine.resume([key])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert resource.sent_bytes < SIZE + HALF // 2


async def test_a_new_version_that_fails_leaves_the_old_part_and_says_where(
    server: Server, tmp_path: Path
) -> None:
    resource = changed_meanwhile(server, tmp_path)
    before = (tmp_path / "file.bin.part").read_bytes()
    resource.first()  # tells of the change
    resource.first(close_after=HALF // 2)
    resource.behaviour.status = 404
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        *_, last = engine.details(download.download_id).log
    assert download.status is Status.FAILED
    assert last[1] == "file.bin.part.old keeps the 1.00 MB from before, with their record beside"
    assert (tmp_path / "file.bin.part.old").read_bytes() == before
    assert (tmp_path / "file.bin.part.old.json").exists()
    async with running() as engine:  # a later run knows it too
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert "keeps the 1.00 MB" in log_of(engine, download.download_id)


@pytest.mark.parametrize("sign", [{"status": 416, "status_content_range": "bytes */7"}, {}])
@pytest.mark.parametrize(
    "answer",
    [
        {"content_type": "text/html", "ranges": "ignore"},
        {"status": 404},
        {"reset_after": 0},
    ],
    ids=str,
)
async def test_nothing_is_set_aside_before_the_new_version_comes(
    server: Server, tmp_path: Path, sign: dict[str, Any], answer: dict[str, Any]
) -> None:
    resource = changed_meanwhile(server, tmp_path)
    before = (tmp_path / "file.bin.part").read_bytes()
    for _ in range(30):
        resource.first(**sign)
        resource.first(**answer)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.FAILED
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]
    assert (tmp_path / "file.bin.part").read_bytes() == before
    assert download.kept_bytes == HALF


async def test_the_new_version_may_be_empty(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    resource.replace(b"")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download, Pattern(0))


async def test_bytes_of_the_new_version_refill_the_budget_though_more_was_here_of_the_old(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_BROKEN", retry.Kind("a connection that fails", 2))
    resource = server.put("/file.bin", FILE, close_after=400_000)
    resource.first(close_after=HALF, change_after=HALF, change_to=OTHER)
    async with running(connections=1) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


async def test_a_file_that_never_stops_changing_is_given_up(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE)
    for n in range(40):
        resource.first(
            close_after=300_000, change_after=300_000 * (n + 1), change_to=Pattern(SIZE, seed=n)
        )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "changed")
    assert "file.bin" not in names_in(tmp_path)


async def test_a_file_that_is_another_for_every_request_comes_in_one_piece_at_last(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, throttle_bytes_per_s=2_000_000)
    made = {FILE.sha256()}

    def asked_more_than(n: int) -> bool:
        return len(server.requests) > n

    async def change_with_every_request() -> None:
        for answered in itertools.count():
            await server.until(functools.partial(asked_more_than, answered))
            resource.replace(new := Pattern(SIZE, seed=len(server.requests)))
            made.add(new.sha256())

    changing = asyncio.create_task(change_with_every_request())
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=4)])
        (download,) = await idle(engine)
        assert "starting again from 0" in log_of(engine, download.download_id)
    changing.cancel()
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") in made
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_change_in_the_middle_of_a_transfer_is_not_spliced(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, change_after=HALF, change_to=OTHER).first(
        close_after=HALF, change_after=HALF, change_to=OTHER
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


@pytest.mark.parametrize("if_range", ["honour", "ignore"])
@pytest.mark.parametrize("last_modified", ["auto", None])
async def test_etags_that_flap_while_size_and_samples_agree_are_dropped_for_the_host(
    server: Server, tmp_path: Path, if_range: str, last_modified: str | None
) -> None:
    behaviour = {"etag": "flapping", "if_range": if_range, "last_modified": last_modified}
    resource = server.put("/file.bin", FILE, **behaviour)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    server.put("/next.bin", FILE, **behaviour).first(**behaviour, close_after=HALF)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        log = log_of(engine, download.download_id)
        assert download.status is Status.COMPLETED
        assert "ETags change without the file" in log
        assert "starting again" not in log
        assert [r.range_start for r in server.requests] == [HALF - OVERLAP, HALF - OVERLAP]
        (following,) = engine.add([wanted(server.url("/next.bin"), tmp_path)])
        await idle(engine)
        assert "ETag" not in " ".join(words for _, words in engine.details(following).log)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert sha256(tmp_path / "next.bin") == FILE.sha256()
    second = server.requests[3]
    assert second.range_start == HALF - 4096
    assert not second.headers.get("if-range", "").startswith('"')


async def test_an_etag_that_changed_for_good_is_a_change_though_all_else_agrees(
    server: Server, tmp_path: Path
) -> None:
    """Only the start of the file differs: size, date and samples cannot tell."""
    new = bytes(OTHER)[:1000] + FILE[1000:]
    resource = server.put("/file.bin", FILE, last_modified="Sat, 14 Mar 2026 15:09:26 GMT")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    resource.replace(new)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == new


async def test_the_digest_of_the_old_version_says_nothing_of_the_new_one(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    of_old = Checksum("sha-256", FILE.sha256(), "Repr-Digest")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), checksum=of_old)
    resource.replace(OTHER)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()
    assert download.assurance is Assurance.COMPLETE


@pytest.mark.parametrize(("age_s", "is_condition"), [(0, False), (3600, True)])
async def test_a_date_is_a_condition_only_when_it_is_clearly_older_than_the_answer(
    server: Server, tmp_path: Path, age_s: float, is_condition: bool
) -> None:
    dated = {"etag": "none", "last_modified": http_date(-age_s)}
    server.put("/file.bin", FILE, **dated).first(**dated, close_after=HALF)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert ["if-range" in r.headers for r in server.requests] == [False, is_condition]


@pytest.mark.parametrize(("age_s", "is_condition"), [(0, False), (3600, True)])
async def test_a_date_is_worth_no_more_after_a_restart_than_when_it_was_told(
    server: Server, tmp_path: Path, age_s: float, is_condition: bool
) -> None:
    dated = {"etag": "none", "last_modified": http_date(-age_s)}
    server.put("/file.bin", FILE, **dated).first(**dated, stall_after=HALF)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await seen(engine, lambda d: d.done_bytes == HALF)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert ["if-range" in r.headers for r in server.requests] == [False, is_condition]


async def test_a_date_that_nobody_knows_the_worth_of_is_no_condition(
    server: Server, tmp_path: Path
) -> None:
    """As with a passport that tells no Date."""
    resource = server.put("/file.bin", FILE, etag="none")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), etag=None)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert ["if-range" in r.headers for r in server.requests] == [False]


async def test_versions_that_look_the_same_are_told_apart_by_what_differs(
    server: Server, tmp_path: Path
) -> None:
    changed_meanwhile(server, tmp_path, last_modified="Sat, 14 Mar 2026 15:09:26 GMT")
    async with running(restart_below_bytes=0) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    old, new = (f'2000000 bytes with ETag "{file.tag}"' for file in (FILE, OTHER))
    assert f"was {old}, is {new}" in download.failure.message


async def test_a_weak_etag_that_stays_is_no_proof(server: Server, tmp_path: Path) -> None:
    """It promises no identical bytes: the dates differ, though samples cannot tell."""
    weak, new = 'W/"same"', bytes(OTHER)[:1000] + FILE[1000:]
    resource = server.put("/file.bin", FILE, etag=weak, if_range="ignore")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), etag=weak)
    resource.replace(new)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == new
    assert not [r for r in server.requests if r.headers.get("if-range", "").startswith("W/")]


@pytest.mark.parametrize("date", ["Sat, 14 Mar 2026 15:09:26 GMT", None])
async def test_a_weak_etag_that_changes_is_believed_where_no_sample_differs(
    server: Server, tmp_path: Path, date: str | None
) -> None:
    new = bytes(OTHER)[:1000] + FILE[1000:]
    resource = server.put("/file.bin", FILE, etag="weak", last_modified=date)
    old: dict[str, Any] = {"etag": f'W/"{FILE.tag}"', "last_modified": date}
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), **old)
    resource.replace(new)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == new


@pytest.mark.parametrize("part", [(0, HALF), (HALF, SIZE)], ids=["first half", "second half"])
async def test_etags_that_flap_around_a_changed_file_do_not_hide_the_change(
    server: Server, tmp_path: Path, part: tuple[int, int]
) -> None:
    """Before the second half nothing is here to compare: then nothing is known."""
    date = "Sat, 14 Mar 2026 15:09:26 GMT"
    resource = server.put("/file.bin", FILE, etag="flapping", last_modified=date)
    leave_part(tmp_path, resource, server.url("/file.bin"), part)
    resource.replace(OTHER)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == OTHER.sha256()


async def test_an_answer_that_ends_before_it_was_compared_has_agreed_to_nothing(
    server: Server, tmp_path: Path
) -> None:
    """Neither do ETags mean nothing after it, nor will the last few bytes do the next time."""
    date = "Sat, 14 Mar 2026 15:09:26 GMT"
    resource = server.put("/file.bin", FILE, etag="flapping", last_modified=date)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    differs = slice(HALF - 40_000, HALF - 5000)
    new = FILE[: differs.start] + OTHER[differs] + FILE[differs.stop : HALF] + OTHER[HALF:]
    resource.replace(new)
    resource.first().first(reset_after=1000)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == new


# Without validators only bytes tell versions apart, and those of the other one come in between.
SILENT = {"etag": "none", "last_modified": None}


def replaced_on_the_way(server: Server) -> Resource:
    """Serve a file that becomes another one of the same size while its parts are fetched.

    Its first part takes longest: who has the others helps with it.
    """
    resource = server.put(
        "/file.bin",
        Pattern(4 * SIZE),
        change_after=300_000,
        change_to=Pattern(4 * SIZE, seed=9),
        throttle_bytes_per_s=SIZE,
        **SILENT,
    )
    return resource.first(throttle_bytes_per_s=SIZE / 4)


def is_no_mix(path: Path) -> bool:
    versions = (Pattern(4 * SIZE), Pattern(4 * SIZE, seed=9))
    return not path.exists() or sha256(path) in [version.sha256() for version in versions]


async def test_a_fault_after_versions_met_does_not_pass_the_mix_for_a_file(
    server: Server, tmp_path: Path
) -> None:
    resource = replaced_on_the_way(server)
    async with running() as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, connections=3)])
        # Who has fetched its part helps another one, with bytes of the other version: nothing of
        # them is here yet, and so it cannot have been noticed.
        await server.until(lambda: len(server.requests) > 3)
        resource.behaviour.status = 503
        await until(engine, lambda downloads: downloads[0].status is Status.WAITING)
        resource.behaviour.status = None
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert is_no_mix(tmp_path / "file.bin")


async def test_a_mix_stays_a_failure_when_it_is_resumed(server: Server, tmp_path: Path) -> None:
    replaced_on_the_way(server)
    async with running(restart_below_bytes=0) as engine:
        ids = engine.add([wanted(server.url("/file.bin"), tmp_path, connections=3)])
        (download,) = await idle(engine)
        assert download.failure is not None
        assert download.failure.code == "changed"
        engine.resume(ids)
        (download,) = await idle(engine)
    assert download.status is Status.FAILED
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]


async def test_a_pause_between_two_versions_mixes_nothing(server: Server, tmp_path: Path) -> None:
    replaced_on_the_way(server)
    async with running() as engine:
        ids = engine.add([wanted(server.url("/file.bin"), tmp_path, connections=3)])
        await until(engine, lambda downloads: downloads[0].done_bytes > 2 * SIZE)
        engine.pause(ids)
        await seen(engine, lambda download: download.status is Status.PAUSED)
        engine.resume(ids)
        await idle(engine)
    assert is_no_mix(tmp_path / "file.bin")


async def test_a_changed_file_with_wrong_ranges_is_not_asked_for_ever(
    server: Server, tmp_path: Path
) -> None:
    resource = changed_meanwhile(server, tmp_path, Pattern(SIZE + 1))
    resource.behaviour.ranges = "shifted"
    resource.behaviour.if_range = "ignore"
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == Pattern(SIZE + 1).sha256()
    assert resource.hits < 12


async def test_a_small_file_that_was_refused_its_name_may_be_another_one_by_now(
    server: Server, tmp_path: Path
) -> None:
    """It was in memory: nothing of it is here to be compared, or gone on with."""
    small, new = Pattern(1000), Pattern(1000, seed=3)
    resource = server.put("/file.bin", small)
    (tmp_path / "file.bin").write_bytes(b"my own")
    async with running() as engine:
        url = server.url("/file.bin")
        refused = await get(engine, url, tmp_path, on_conflict=OnConflict.ASK)
        assert refused.failure is not None
        assert refused.failure.code == "exists"
        assert refused.done_bytes == 0
        resource.replace(new)
        engine.resolve_conflict([refused.download_id], OnConflict.RENAME)
        (download,) = await idle(engine)
    assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert sha256(tmp_path / "file (1).bin") == new.sha256()
    assert all(each.range_start in (None, 0) for each in server.requests)
