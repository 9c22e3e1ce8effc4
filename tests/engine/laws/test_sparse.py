"""Long runs of zeros, as in images of disks: they are the same in every version, and no proof.

Without validators only bytes tell versions apart (laws.md, 3): never are two versions mixed.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import HALF, SIZE
from tests.engine.running import get, log_of, names_in, running
from tests.server.content import Blob
from tui_downloader.engine.disk.samples import SAMPLE_BYTES
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import Server

END = 200_000
SILENT: dict[str, Any] = {"etag": "none", "last_modified": None}
UNTOLD: dict[str, Any] = {"etag": None, "last_modified": None}


def image(seed: int) -> bytes:
    """Something at both ends, and zeros between."""
    ends = random.Random(seed)
    return ends.randbytes(END) + bytes(SIZE - 2 * END) + ends.randbytes(END)


OLD, NEW = image(1), image(2)


async def test_a_part_that_ends_in_zeros_goes_on_only_where_other_bytes_are_the_same(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", OLD, **SILENT)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), **UNTOLD)
    resource.replace(NEW)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert "changed on the server" in log_of(engine)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == NEW
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_part_that_ends_in_zeros_goes_on_with_the_same_file(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", OLD, **SILENT)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), **UNTOLD)
    async with running(connections=1) as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == OLD
    assert resource.sent_bytes <= SIZE - HALF + 3 * SAMPLE_BYTES


async def test_a_connection_that_breaks_in_zeros_goes_on_only_with_the_same_file(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", OLD, **SILENT)
    resource.first(close_after=HALF, change_after=HALF, change_to=NEW)
    async with running(connections=1) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == NEW


@pytest.mark.parametrize("is_right", [True, False])
async def test_a_mirror_takes_over_in_zeros_only_if_it_has_the_same_file(
    server: Server, other_server: Server, tmp_path: Path, is_right: bool
) -> None:
    server.put("/file.bin", OLD, status=403, **SILENT).first(status=None, close_after=HALF)
    other_server.put("/file.bin", OLD if is_right else NEW, **SILENT)
    mirror = other_server.url("/file.bin")
    async with running(connections=1) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path, mirrors=(mirror,))
    if is_right:
        assert download.status is Status.COMPLETED
        assert (tmp_path / "file.bin").read_bytes() == OLD
    else:
        assert download.status is Status.FAILED
        assert "file.bin" not in names_in(tmp_path)


async def test_a_mirror_does_not_help_because_it_has_zeros_as_well(
    server: Server, other_server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", OLD, throttle_bytes_per_s=SIZE, **SILENT)
    wrong = other_server.put("/file.bin", NEW, **SILENT)
    mirrors = (other_server.url("/file.bin"),)
    async with running(connections=4) as engine:
        await get(engine, server.url("/file.bin"), tmp_path, mirrors=mirrors)
        assert "it has other bytes" in log_of(engine)
    assert (tmp_path / "file.bin").read_bytes() == OLD
    assert wrong.sent_bytes <= 2 * SAMPLE_BYTES


@pytest.mark.parametrize("ranges", ["yes", "ignore"])
async def test_a_file_of_zeros_alone_goes_on(server: Server, tmp_path: Path, ranges: str) -> None:
    resource = server.put("/file.bin", bytes(SIZE), ranges=ranges, **SILENT)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), **UNTOLD)
    async with running(connections=1) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == bytes(SIZE)


@pytest.mark.parametrize("new", [OLD, NEW], ids=["same", "new"])
@pytest.mark.parametrize(
    "behaviour",
    [
        {"close_after": 1000},
        {"length": "until-close", "close_after": 0},
        {"status": 503, "fail_times": 1},
        {"ranges": "shorter"},
        {"ranges": "shifted"},
        {},
    ],
    ids=str,
)
async def test_trouble_with_the_bytes_to_compare_is_that_of_any_request(
    server: Server, tmp_path: Path, behaviour: dict[str, Any], new: bytes
) -> None:
    resource = server.put("/file.bin", OLD, **SILENT)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), **UNTOLD)
    resource.replace(new)
    resource.first(**behaviour)
    async with running(connections=1) as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
    assert download.status is Status.COMPLETED
    assert (tmp_path / "file.bin").read_bytes() == new


async def test_a_validator_that_promises_the_same_bytes_spares_the_comparison(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", OLD)
    tag = Blob(OLD).tag
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF), etag=f'"{tag}"')
    async with running(connections=1) as engine:
        await get(engine, server.url("/file.bin"), tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == OLD
    assert resource.hits == 1
