"""Digests: which are believed for which bytes, and what a wrong one means."""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, OTHER, SIZE, assert_whole, half_way
from tests.engine.running import get, idle, names_in, running, seen, sha256, wanted
from tests.server import Pattern, Server
from tui_downloader.engine.transfer import bad_files, finishing
from tui_downloader.model import retry
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance
from tui_downloader.model.status import Status
from tui_downloader.store import passports, progress_notes

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.model.identity import KeptFile


WRONG = "sha-256=:" + base64.b64encode(bytes(32)).decode() + ":"


def md5_of(data: bytes) -> str:
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


@pytest.mark.parametrize(
    ("header", "assurance", "algorithm"),
    [
        ("repr_digest", Assurance.VERIFIED, "sha-256"),
        ("digest", Assurance.VERIFIED, "sha-256"),
        ("content_md5", Assurance.CHECKED, "md5"),
        ("x_goog_hash", Assurance.CHECKED, "md5"),
    ],
)
@pytest.mark.parametrize("ranges", ["yes", "ignore"])
async def test_a_digest_of_the_server_is_verified_or_checked(
    server: Server,
    tmp_path: Path,
    header: str,
    assurance: Assurance,
    algorithm: str,
    ranges: str,
) -> None:
    server.put("/file.bin", FILE, ranges=ranges, **{header: "right"})
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert (download.assurance, download.checked_by) == (assurance, algorithm)


@pytest.mark.parametrize("header", ["repr_digest", "digest", "content_md5", "x_goog_hash"])
@pytest.mark.parametrize("size", [1000, SIZE])
async def test_a_digest_that_stays_wrong_is_believed_after_one_full_retry(
    server: Server, tmp_path: Path, header: str, size: int
) -> None:
    resource = server.put("/file.bin", Pattern(size), **{header: "wrong"})
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        # What is kept is no part: nothing of it is shown as being here.
        assert (download.done_bytes, engine.details(download.download_id).done_ranges) == (0, ())
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "checksum")
    assert names_in(tmp_path) == ["file.bin.bad"]
    assert sha256(tmp_path / "file.bin.bad") == Pattern(size).sha256()
    assert resource.sent_bytes == 2 * size


@pytest.mark.parametrize("size", [1000, SIZE])
async def test_a_wrong_digest_in_the_second_line_of_its_field_is_one(
    server: Server, tmp_path: Path, size: int
) -> None:
    """As a store sends its hashes: each in a line of its own."""
    lines = (b"x-goog-hash: crc32c=n03x6A==", f"x-goog-hash: md5={md5_of(b'other')}".encode())
    server.put("/file.bin", Pattern(size), extra_headers=lines)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "checksum")
    assert names_in(tmp_path) == ["file.bin.bad"]


async def test_the_hash_of_what_a_store_decodes_for_us_is_not_that_of_the_file(
    server: Server, tmp_path: Path
) -> None:
    packed = gzip.compress(bytes(FILE))
    lines = (
        f"x-goog-hash: md5={md5_of(packed)}".encode(),
        b"x-goog-stored-content-encoding: gzip",
        b"Warning: 214 UploadServer gunzipped",
    )
    server.put("/file.bin", FILE, length="chunked", ranges="ignore", extra_headers=lines)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.checked_by == ""


async def test_another_file_in_the_place_of_a_part_with_a_wrong_digest_stays(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.put("/file.bin", FILE, repr_digest="wrong")
    part, foreign = tmp_path / "file.bin.part", b"somebody else's"

    def swap_and_keep(partial: Partial) -> KeptFile:
        part.rename(tmp_path / "moved")
        part.write_bytes(foreign)
        return bad_files.keep(partial)

    monkeypatch.setattr(finishing, "keep", swap_and_keep)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.FAILED
    assert part.read_bytes() == foreign


async def test_a_body_without_a_length_is_fetched_again_as_well(
    server: Server, tmp_path: Path
) -> None:
    """That the first one came to its end says nothing of the second one."""
    untold: dict[str, Any] = {"length": "until-close", "ranges": "ignore"}
    resource = server.put("/file.bin", FILE, repr_digest="right", **untold)
    resource.first(repr_digest="wrong", **untold)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED
    assert resource.hits == 2


async def test_what_is_fetched_again_refills_the_budget_though_as_much_was_here(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_BROKEN", retry.Kind("a connection that fails", 2))
    resource = server.put("/file.bin", FILE, repr_digest="right", close_after=400_000)
    resource.first(repr_digest="wrong", close_after=None)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert resource.hits > 4


async def test_what_is_fetched_again_counts_nowhere_before_it_is_here(
    server: Server, tmp_path: Path
) -> None:
    """After a power cut, or a kill, the bytes that were wrong would be believed."""
    resource = server.put("/file.bin", FILE, stall_after=HALF)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, SIZE), content=OTHER)
    async with running() as engine:
        checksum = Checksum("sha-256", FILE.sha256())
        engine.add([wanted(server.url("/file.bin"), tmp_path, checksum=checksum)])
        await seen(engine, lambda d: d.received_bytes == HALF)
        record = passports.read(str(tmp_path / "file.bin.part"))
        assert record is not None
        with (tmp_path / "file.bin.part").open("rb") as part:
            noted = progress_notes.read(part.fileno(), record.boot_id, record.seal)
        server.release()
        (download,) = await idle(engine)
    assert record.durable == ()
    assert all(end <= HALF for _, end in (*record.done, *noted))
    assert_whole(tmp_path, download)


@pytest.mark.parametrize("connections", [1, 4])
async def test_a_digest_that_was_wrong_once_costs_one_retry(
    server: Server, tmp_path: Path, connections: int
) -> None:
    server.put("/file.bin", FILE, repr_digest="right").first(repr_digest="wrong")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, connections=connections)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED


@pytest.mark.parametrize(
    ("algorithm", "assurance"),
    [
        ("sha-512", Assurance.VERIFIED),
        ("sha-256", Assurance.VERIFIED),
        ("sha-1", Assurance.CHECKED),
        ("md5", Assurance.CHECKED),
    ],
)
@pytest.mark.parametrize("size", [1000, SIZE])
async def test_the_users_checksum_is_compared(
    server: Server, tmp_path: Path, algorithm: str, assurance: Assurance, size: int
) -> None:
    file = Pattern(size)
    server.put("/file.bin", file, repr_digest=WRONG)  # the user's word outranks the server's
    hexdigest = file.digest(algorithm.replace("-", "")).hex()
    async with running() as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, checksum=Checksum(algorithm, hexdigest)
        )
    assert download.status is Status.COMPLETED
    assert (download.assurance, download.checked_by) == (assurance, algorithm)
    assert sha256(tmp_path / "file.bin") == file.sha256()


@pytest.mark.parametrize("size", [1000, SIZE])
async def test_the_users_checksum_that_differs_gives_the_file_no_name(
    server: Server, tmp_path: Path, size: int
) -> None:
    resource = server.put("/file.bin", Pattern(size))
    (tmp_path / "file.bin.bad").write_bytes(b"an older one")
    async with running() as engine:
        download = await get(
            engine, server.url("/file.bin"), tmp_path, checksum=Checksum("sha-256", "0" * 64)
        )
    assert download.failure is not None
    assert (download.status, download.failure.code) == (Status.FAILED, "checksum")
    assert ".bad" in download.failure.message
    assert names_in(tmp_path) == ["file (1).bin.bad", "file.bin.bad"]
    assert (tmp_path / "file.bin.bad").read_bytes() == b"an older one"
    assert resource.sent_bytes == 2 * size


async def test_nothing_is_called_verified_without_a_digest(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert (download.assurance, download.checked_by) == (Assurance.COMPLETE, "")


@pytest.mark.parametrize("junk", ["sha-256=:AAAA:", "sha-999=:AAAA:", "x" * 5000, "=:=:", "md5"])
async def test_a_digest_that_makes_no_sense_is_none(
    server: Server, tmp_path: Path, junk: str
) -> None:
    server.put("/file.bin", FILE, repr_digest=junk, digest=junk, content_md5=junk, x_goog_hash=junk)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.COMPLETE


@pytest.mark.parametrize("value", ["right", "wrong"])
async def test_a_content_digest_is_of_the_slice_and_says_nothing_of_the_file(
    server: Server, tmp_path: Path, value: str
) -> None:
    resource = server.put("/file.bin", FILE, content_digest=value)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.COMPLETE


async def test_a_content_md5_of_a_part_is_none_of_the_file(server: Server, tmp_path: Path) -> None:
    resource = server.put("/file.bin", FILE)
    resource.first(
        ranges="shorter", range_error_bytes=HALF, content_md5=md5_of(FILE[: SIZE - HALF])
    )
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.COMPLETE
    assert resource.sent_bytes == SIZE


@pytest.mark.parametrize("header", ["repr_digest", "digest", "x_goog_hash"])
async def test_a_digest_of_the_whole_counts_in_the_answer_to_a_resume_too(
    server: Server, tmp_path: Path, header: str
) -> None:
    resource = server.put("/file.bin", FILE, **{header: "right"})
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.checked_by


async def test_of_several_digests_the_strongest_counts(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, content_md5="wrong", digest="right")
    server.put("/bad.bin", FILE, content_md5="right", digest="wrong")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        bad = await get(engine, server.url("/bad.bin"), tmp_path)
    assert (download.status, download.assurance) == (Status.COMPLETED, Assurance.VERIFIED)
    assert bad.failure is not None
    assert bad.failure.code == "checksum"


@pytest.mark.parametrize("is_right", [True, False])
async def test_a_digest_told_before_a_pause_counts_though_nobody_tells_it_again(
    server: Server, tmp_path: Path, is_right: bool
) -> None:
    resource = server.put("/file.bin", FILE)
    told = Checksum("sha-256", FILE.sha256() if is_right else "0" * 64, "Repr-Digest")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), checksum=told)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    if is_right:
        assert_whole(tmp_path, download)
        assert download.assurance is Assurance.VERIFIED
    else:
        assert download.failure is not None
        assert download.failure.code == "checksum"
        assert names_in(tmp_path) == ["file.bin.bad"]


async def test_a_digest_published_before_a_pause_is_expected_of_what_the_encoded_bytes_are(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, content_encoding="gzip")
    packed = resource.version.gzipped
    fields: dict[str, Any] = {
        "content": packed,
        "total_bytes": packed.size,
        "content_encoding": "gzip",
        "checksum": Checksum("sha-256", FILE.sha256(), "SHA256SUMS"),
    }
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, packed.size), **fields)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED


async def test_a_digest_told_before_it_starts_again_from_0_says_nothing(
    server: Server, tmp_path: Path
) -> None:
    part = str(tmp_path / "file.bin.part")
    async with running() as engine:
        key = await half_way(server, tmp_path, engine)
        engine.pause([key])
        await idle(engine)
        record = passports.read(part)
        assert record is not None
        of_then = Checksum("sha-256", "0" * 64, "Repr-Digest")
        passports.write(part, record._replace(checksum=of_then))
        engine.restart([key])
        (download,) = await idle(engine)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.COMPLETE


async def test_the_digest_that_is_asked_for_now_counts_and_not_the_one_on_record(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    asked_then, asked_now = (Checksum("sha-256", each) for each in ("0" * 64, FILE.sha256()))
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), checksum=asked_then)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, checksum=asked_now)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED


async def test_a_digest_told_of_encoded_bytes_before_a_pause_is_not_expected_of_the_file(
    server: Server, tmp_path: Path
) -> None:
    encoded = gzip.compress(b"inside" * 100_000)
    size, digest = len(encoded), hashlib.sha256(encoded).hexdigest()
    resource = server.put("/file.bin", encoded)
    fields: dict[str, Any] = {
        "content_encoding": "gzip",
        "checksum": Checksum("sha-256", digest, "Repr-Digest"),
    }
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, size), **fields)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert (download.status, download.assurance) == (Status.COMPLETED, Assurance.VERIFIED)
    assert (tmp_path / "file.bin").read_bytes() == b"inside" * 100_000
    assert server.requests == []


@pytest.mark.parametrize("source", ["you", "Metalink"])
async def test_what_the_user_expected_in_an_earlier_run_is_asked_for_again(
    server: Server, tmp_path: Path, source: str
) -> None:
    resource = server.put("/file.bin", FILE)
    expected = Checksum("sha-256", "0" * 64, source)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), checksum=expected)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        request = engine.request_of(download.download_id)
    assert request is not None
    assert request.checksum == expected
    assert download.failure is not None
    assert download.failure.code == "checksum"


async def test_a_resume_with_damaged_bytes_is_found_out_by_the_digest(
    server: Server, tmp_path: Path
) -> None:
    """The damage lies far before the bytes that are compared."""
    resource = server.put("/file.bin", FILE, repr_digest="right")
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    with (tmp_path / "file.bin.part").open("r+b") as part:
        part.seek(1000)
        part.write(b"damaged")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED


async def test_a_digest_of_an_encoded_answer_is_of_what_was_sent(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, content_encoding="gzip", ranges="ignore", repr_digest="right")
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED


async def test_the_users_checksum_of_an_encoded_answer_is_of_the_file(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, content_encoding="gzip", ranges="ignore")
    async with running() as engine:
        download = await get(
            engine,
            server.url("/file.bin"),
            tmp_path,
            checksum=Checksum("sha-256", FILE.sha256()),
        )
    assert_whole(tmp_path, download)
    assert download.assurance is Assurance.VERIFIED


async def test_an_archive_labelled_gzip_is_verified_as_it_is(
    server: Server, tmp_path: Path
) -> None:
    archive = gzip.compress(b"inside" * 100_000, 0)
    server.put(
        "/a.tar.gz",
        archive,
        content_encoding="gzip",
        really_encoded=False,
        repr_digest="right",
        ranges="ignore",
    )
    async with running() as engine:
        download = await get(engine, server.url("/a.tar.gz"), tmp_path)
    assert download.assurance is Assurance.VERIFIED
    assert (tmp_path / "a.tar.gz").read_bytes() == archive
