"""Several addresses of one file: silent failing over, and help only after it is proven."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.running import (
    get,
    idle,
    log_of,
    names_in,
    running,
    seen,
    sha256,
    try_again_after,
    wanted,
)
from tests.server import Pattern, Server
from tui_downloader.engine import EventKind
from tui_downloader.engine.disk.samples import SAMPLE_BYTES
from tui_downloader.engine.transfer.proving import sample_places
from tui_downloader.engine.transfer.sources import Source, Sources, duplicates
from tui_downloader.model.digests import Checksum
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
FILE = Pattern(12 * MIB)
OTHER = Pattern(12 * MIB, seed=3)
NOWHERE = "http://127.0.0.1:9/file.bin"


@pytest.fixture
async def mirror() -> AsyncIterator[Server]:
    async with Server() as second:
        yield second


async def test_a_dead_address_is_replaced_without_a_word(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    mirror.put("/file.bin", FILE)
    async with running() as engine:
        told, turns = engine.events(EventKind.NOTE), engine.events(EventKind.MIRROR)
        download = await get(engine, NOWHERE, tmp_path, mirrors=(mirror.url("/file.bin"),))
        log = " ".join(words for _, words in engine.details(download.download_id).log)
        assert told.taken() == []
        (turn,) = turns.taken()
    assert download.status is Status.COMPLETED
    assert turn.message in log
    assert turn.message.startswith(f"{NOWHERE} failed (")
    assert turn.message.endswith(f"going on with {mirror.url('/file.bin')}")
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_server_that_dies_in_the_middle_is_replaced_and_nothing_is_fetched_twice(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, etag="strong")
    resource.first(reset_after=6 * MIB)
    resource.behaviour.status = 404
    second = mirror.put("/file.bin", FILE, etag='"of the mirror"')
    async with running(connections=1) as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),)
        )
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert second.sent_bytes <= 6 * MIB + 2 * 64 * 1024


async def test_a_mirror_that_serves_the_same_file_helps(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB)
    second = mirror.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB, etag='"another"')
    async with running(connections=4) as engine:
        # The mirror is proven while the first connections work: further ones go there.
        download = await get(
            engine, server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),)
        )
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert download.status is Status.COMPLETED
    assert "serves the same file" in log
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert second.sent_bytes >= 64 * 1024


async def test_a_proven_mirror_serves_the_next_connection_whatever_its_validators_are(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=9 * MIB)
    second = mirror.put("/file.bin", FILE, etag='"another"')
    url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
    async with running() as engine:
        (key,) = engine.add([wanted(url, tmp_path, mirrors=mirrors, connections=1)])
        await seen(engine, lambda d: "serves the same file" in str(engine.details(key).log))
        engine.edit(key, wanted(url, tmp_path, mirrors=mirrors, connections=2))
        await mirror.until(lambda: second.sent_bytes > MIB)
        server.release()
        (download,) = await idle(engine)
        log = str(engine.details(key).log)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert "does not fit" not in log


@pytest.mark.parametrize(
    ("later", "most_tries"),
    [({"status": 404}, 1), ({"status": 503}, 3), ({"ranges": "wrong-total"}, 2)],
    ids=["gone", "busy", "another_size"],
)
async def test_a_proven_mirror_that_fails_is_left_alone_and_says_nothing_of_the_first_address(
    server: Server, mirror: Server, tmp_path: Path, later: dict[str, Any], most_tries: int
) -> None:
    server.put("/file.bin", FILE).first(stall_after=9 * MIB)
    second = mirror.put("/file.bin", FILE)
    url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
    async with running() as engine:
        (key,) = engine.add([wanted(url, tmp_path, mirrors=mirrors, connections=1)])
        await seen(engine, lambda d: "serves the same file" in str(engine.details(key).log))
        samples = second.hits
        second.behaviour = second.behaviour.but(**later)
        engine.edit(key, wanted(url, tmp_path, mirrors=mirrors, connections=2))
        (download,) = await idle(engine)  # the second connection gets what the first one lacks
        log = str(engine.details(key).log)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert 0 < second.hits - samples <= most_tries
    assert [request.range_start for request in server.requests].count(0) == 1
    assert "a mirror: " in log
    assert "refused" not in log


async def test_a_mirror_whose_file_changes_after_it_has_helped_is_left_alone(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=9 * MIB)
    second = mirror.put("/file.bin", FILE)
    url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
    async with running(restart_below_bytes=0) as engine:
        (key,) = engine.add([wanted(url, tmp_path, mirrors=mirrors, connections=1)])
        await seen(engine, lambda d: "serves the same file" in log_of(engine))
        second.first().behaviour.ranges = "wrong-total"
        engine.edit(key, wanted(url, tmp_path, mirrors=mirrors, connections=2))
        await seen(engine, lambda d: "its answer does not fit, it is left alone" in log_of(engine))
        server.release()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert [request.range_start for request in server.requests].count(0) == 1


async def test_a_mirror_that_fails_while_the_first_address_is_asked_again_fails_alone(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, hold=True).first(hold=False, stall_after=9 * MIB)
    second = mirror.put("/file.bin", FILE)
    url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
    async with running() as engine:
        (key,) = engine.add([wanted(url, tmp_path, mirrors=mirrors, connections=1)])
        await seen(engine, lambda d: "serves the same file" in log_of(engine))
        second.first(stall_after=MIB).behaviour.status = 404
        engine.edit(key, wanted(url, tmp_path, mirrors=mirrors, connections=2))
        await seen(engine, lambda d: d.done_bytes > 9 * MIB)
        server.abort_connections()
        await server.until(lambda: len(server.requests) == 2 and server.held_now == 1)
        mirror.abort_connections()
        await seen(engine, lambda d: "a mirror: 404 not found" in log_of(engine))
        resource.behaviour.hold = False
        server.release()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


AT = 9 * MIB + MIB // 2
DIFFERS_LATE = FILE[:AT] + OTHER[AT:]  # no sample is taken there


async def test_a_proven_mirror_that_the_first_address_contradicts_is_no_change_of_the_file(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    """What came from it is fetched again: the first address has the file that was asked for."""
    server.put("/file.bin", FILE).first(stall_after=9 * MIB)
    mirror.put("/file.bin", DIFFERS_LATE)
    url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
    async with running(restart_below_bytes=0) as engine:
        (key,) = engine.add([wanted(url, tmp_path, mirrors=mirrors, connections=1)])
        await seen(engine, lambda d: "serves the same file" in log_of(engine))
        engine.edit(key, wanted(url, tmp_path, mirrors=mirrors, connections=2))
        await seen(engine, lambda d: d.done_bytes > 9 * MIB)
        server.release()
        (download,) = await idle(engine)
        assert "its file differs further on" in log_of(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_nothing_stays_of_what_a_mirror_brought_that_contradicts_the_first_address(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    here = ((0, 4 * MIB), (5 * MIB, 9 * MIB), (10 * MIB, 11 * MIB))
    leave_part(tmp_path, resource, server.url("/file.bin"), *here)
    resource.first(stall_after=MIB // 2)
    mirror.put("/file.bin", DIFFERS_LATE)
    url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
    async with running() as engine:
        (key,) = engine.add([wanted(url, tmp_path, mirrors=mirrors, connections=1)])
        await seen(engine, lambda d: "serves the same file" in log_of(engine))
        # The mirror gets the gap at 9 MiB, and then the one behind bytes that it does not have.
        engine.edit(key, wanted(url, tmp_path, mirrors=mirrors, connections=2))
        (download,) = await idle(engine)
        assert "its file differs further on" in log_of(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_who_takes_over_has_tries_of_its_own(
    server: Server, mirror: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try_again_after(0.01, monkeypatch)
    first = server.put("/file.bin", FILE, status=503)
    first.first(status=None, stall_after=6 * MIB)
    second = mirror.put("/file.bin", FILE)
    async with running() as engine:
        url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
        (key,) = engine.add([wanted(url, tmp_path, mirrors=mirrors)])
        await seen(engine, lambda d: "serves the same file" in str(engine.details(key).log))
        second.behaviour = second.behaviour.but(status=503, fail_times=2)
        server.abort_connections()
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_a_mirror_whose_file_has_another_date_is_not_used(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=4 * MIB, etag="none")
    date = "Sun, 15 Mar 2026 15:09:26 GMT"
    second = mirror.put("/file.bin", FILE, etag="none", last_modified=date)
    async with running() as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),)
        )
        log = str(engine.details(download.download_id).log)
    assert "its file has another date" in log
    assert second.hits == 1


async def test_who_takes_over_is_compared_with_more_than_the_last_few_bytes(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    at = 6 * MIB
    server.put("/file.bin", FILE, status=404).first(status=None, reset_after=at)
    other = FILE[: at - 40_000] + OTHER[at - 40_000 : at - 30_000] + FILE[at - 30_000 :]
    mirror.put("/file.bin", other)
    async with running() as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),)
        )
    assert download.failure is not None
    assert download.failure.code == "http-404"
    assert download.kept_bytes == at


async def test_a_mirror_with_another_file_is_never_used(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=3 * MIB)
    second = mirror.put("/file.bin", OTHER)
    async with running(connections=4) as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),)
        )
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert "it has other bytes" in log
    assert second.hits == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"is_shorter": True},
        {"ranges": "ignore"},
        {"status": 404},
        {"status": 416},
        {"reset_after": 100},
        None,
    ],
)
async def test_a_mirror_that_cannot_be_compared_costs_the_file_nothing(
    server: Server, mirror: Server, tmp_path: Path, fault: dict[str, Any] | None
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=12 * MIB)
    faults: dict[str, Any] = {"etag": '"another"'} | (fault or {})
    mirror.put("/file.bin", FILE[: 6 * MIB] if faults.pop("is_shorter", False) else FILE, **faults)
    url = NOWHERE if fault is None else mirror.url("/file.bin")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, mirrors=(url,))
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert f"mirror {url}: " in log


async def test_an_answer_of_a_mirror_that_cannot_be_compared_is_closed_at_once(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, stall_after=MIB)
    mirror.put("/file.bin", FILE, ranges="ignore", stall_after=MIB)
    async with running(connections=1) as engine:
        engine.add([wanted(server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),))])
        await mirror.until(lambda: len(mirror.requests) == 1)
        await mirror.until(lambda: mirror.answers_now == 0)


@pytest.mark.parametrize("etags", [("strong", '"another"'), ('W/"same"', 'W/"same"')])
async def test_a_mirror_that_differs_only_in_its_last_third_is_never_used(
    server: Server, mirror: Server, tmp_path: Path, etags: tuple[str, str]
) -> None:
    right = bytes(FILE)
    server.put("/file.bin", FILE, throttle_bytes_per_s=2 * MIB, etag=etags[0])
    wrong = right[: 8 * MIB] + bytes(OTHER)[8 * MIB :]
    second = mirror.put("/file.bin", wrong, etag=etags[1])
    async with running(connections=4) as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),)
        )
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert "it has other bytes" in log
    assert "serves the same file" not in log
    assert second.sent_bytes <= 4 * SAMPLE_BYTES


@pytest.mark.parametrize("digest", [True, False])
async def test_one_sample_will_do_where_a_digest_or_the_same_strong_etag_speaks_for_a_mirror(
    server: Server, mirror: Server, tmp_path: Path, digest: bool
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=4 * MIB, etag='"same"')
    second = mirror.put("/file.bin", FILE, etag='"other"' if digest else '"same"')
    async with running(connections=1) as engine:  # the mirror is compared, and not used
        download = await get(
            engine,
            server.url("/file.bin"),
            tmp_path,
            mirrors=(mirror.url("/file.bin"),),
            checksum=Checksum("sha-256", FILE.sha256()) if digest else None,
        )
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert "serves the same file" in log
    assert second.hits == 1


def test_each_third_is_compared_once_enough_of_all_is_here() -> None:
    source, third = Source("http://m/"), SAMPLE_BYTES * 4
    done = RangeSet.from_pairs([(0, third), (third + 10, 2 * third), (2 * third, 2 * third + 10)])
    (only,) = sample_places(source, done, 3 * third)
    assert only[1] - only[0] == SAMPLE_BYTES
    source.needs_thirds = True
    assert sample_places(source, done, 3 * third) == ()
    done.add(2 * third, 2 * third + SAMPLE_BYTES)
    places = sample_places(source, done, 3 * third)
    assert [end for _, end in places] == [third, 2 * third, 2 * third + SAMPLE_BYTES]


async def test_mirrors_that_the_server_names_are_learnt(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    link = f"<{mirror.url('/file.bin')}>; rel=duplicate; pri=1"
    resource = server.put("/file.bin", FILE, extra_headers=(f"Link: {link}".encode(),))
    resource.first(reset_after=6 * MIB, extra_headers=(f"Link: {link}".encode(),))
    resource.behaviour.status = 410
    mirror.put("/file.bin", FILE)
    async with running(connections=1) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_secrets_stay_with_the_address_they_were_given_for(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=4 * MIB)
    mirror.put("/file.bin", FILE)
    async with running(connections=4) as engine:
        await get(
            engine,
            server.url("/file.bin"),
            tmp_path,
            mirrors=(mirror.url("/file.bin"),),
            headers=(("X-Key", "secret"),),
            credentials=("me", "secret"),
        )
    assert mirror.requests
    for request in mirror.requests:
        assert "secret" not in str(request)
        assert request.headers.get("authorization") is None


async def test_when_all_addresses_fail_the_last_words_are_told(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    async with running() as engine:
        download = await get(
            engine, server.url("/none.bin"), tmp_path, mirrors=(mirror.url("/none.bin"),)
        )
        log = [words for _, words in engine.details(download.download_id).log]
    assert download.failure is not None
    assert download.failure.code == "http-404"
    assert download.failure.message in log


async def test_a_damaged_piece_is_found_by_fetching_again_from_elsewhere(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    right = bytes(FILE)
    server.put("/file.bin", right[: 5 * MIB] + b"?" + right[5 * MIB + 1 :])
    mirror.put("/file.bin", FILE)
    async with running(connections=1) as engine:
        download = await get(
            engine,
            server.url("/file.bin"),
            tmp_path,
            mirrors=(mirror.url("/file.bin"),),
            checksum=Checksum("sha-256", FILE.sha256()),
        )
        log = " ".join(words for _, words in engine.details(download.download_id).log)
    assert download.status is Status.COMPLETED, download.failure
    assert "came out differently the second time" in log
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_the_same_wrong_bytes_twice_are_told_as_such(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(
            engine,
            server.url("/file.bin"),
            tmp_path,
            checksum=Checksum("sha-256", "0" * 64),
        )
    assert download.failure is not None
    assert "the same bytes both times" in download.failure.message
    assert names_in(tmp_path) == ["file.bin.bad"]


async def test_a_shorter_file_the_second_time_has_nothing_behind_its_end(
    server: Server, tmp_path: Path
) -> None:
    short = Pattern(3 * MIB, seed=8)
    resource = server.put("/file.bin", short)
    resource.first()
    server.put("/file.bin", FILE, change_after=1, change_to=short)
    async with running(connections=1) as engine:
        download = await get(
            engine,
            server.url("/file.bin"),
            tmp_path,
            checksum=Checksum("sha-256", short.sha256()),
        )
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == short.sha256()


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (['<http://m/f>; rel=duplicate'], ["http://m/f"]),
        (['<http://m/f>; rel="duplicate"; pri=1; geo=de, <f2>; rel=duplicate'],
         ["http://m/f", "http://base/d/f2"]),
        (['<http://m/f>; rel=describedby; type="application/metalink4+xml"'], []),
        (["<ftp://m/f>; rel=duplicate", "rubbish", "<>; rel=duplicate; x"], ["http://base/d/x"]),
    ],
)  # fmt: skip
def test_link_fields_name_mirrors_by_rel_duplicate(fields: list[str], found: list[str]) -> None:
    assert duplicates(fields, "http://base/d/x") == found


def test_no_mirror_leads_from_https_down_to_http() -> None:
    fields = ["<http://m.example/x>; rel=duplicate", "<https://m.example/x>; rel=duplicate"]
    assert duplicates(fields, "https://a.example/x") == ["https://m.example/x"]


def test_a_login_in_the_address_of_a_mirror_is_left_out() -> None:
    field = "<http://user:secret@m.example/x>; rel=duplicate"
    assert duplicates([field], "http://a.example/x") == ["http://m.example/x"]


def test_the_least_busy_proven_address_serves_next() -> None:
    sources = Sources(("a", "b", "c", "a"))
    first, (second, third) = sources.primary, sources.unproven
    assert sources.pick([first]) is first
    second.is_proven = True
    assert sources.pick([first]) is second
    assert sources.pick([first, second]) is first
    second.give_up()
    assert sources.pick([first, first]) is first
    assert sources.fail_over()
    assert sources.primary is third
    assert not sources.fail_over()


async def test_idle_is_reached_with_mirrors_left_unproven(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    mirror.put("/file.bin", FILE, hold=True)
    async with running() as engine:
        await get(engine, server.url("/file.bin"), tmp_path, mirrors=(mirror.url("/file.bin"),))
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED


@pytest.mark.parametrize("restart_below_bytes", [0, 1 << 30])
async def test_a_mirror_with_another_file_gives_way_to_one_with_ours(
    server: Server, mirror: Server, tmp_path: Path, restart_below_bytes: int
) -> None:
    resource, url = server.put("/file.bin", FILE), server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, 6 * MIB))
    resource.behaviour.status = 404
    mirror.put("/other.bin", OTHER, etag="none", last_modified=None)
    mirror.put("/file.bin", FILE, etag="none", last_modified=None)
    mirrors = (mirror.url("/other.bin"), mirror.url("/file.bin"))
    async with running(restart_below_bytes=restart_below_bytes) as engine:
        download = await get(engine, url, tmp_path, mirrors=mirrors)
    assert download.status is Status.COMPLETED, download.failure
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_when_only_a_wrong_mirror_is_left_the_part_stays_and_the_first_fault_is_told(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    resource, url = server.put("/file.bin", FILE), server.url("/file.bin")
    leave_part(tmp_path, resource, url, (0, 6 * MIB))
    resource.behaviour.status = 404
    mirror.put("/file.bin", OTHER, etag="none", last_modified=None)
    async with running() as engine:
        download = await get(engine, url, tmp_path, mirrors=(mirror.url("/file.bin"),))
    assert download.failure is not None
    assert download.failure.code == "http-404"
    assert names_in(tmp_path) == ["file.bin.part", "file.bin.part.json"]


async def test_what_a_mirror_says_proves_nothing_of_the_etags_of_the_first_address(
    server: Server, mirror: Server, tmp_path: Path
) -> None:
    """An ETag that differs there once is not known to mean nothing."""
    resource = server.put("/file.bin", FILE).first(etag='"another"', if_range="ignore")
    resource.behaviour.status = 404
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, 6 * MIB))
    mirror.put("/file.bin", FILE)
    async with running() as engine:
        url, mirrors = server.url("/file.bin"), (mirror.url("/file.bin"),)
        download = await get(engine, url, tmp_path, mirrors=mirrors)
        log = str(engine.details(download.download_id).log)
    assert download.status is Status.COMPLETED
    assert "another ETag, though nothing else differs" in log
    assert "going on with" in log
    assert "ETags change" not in log
