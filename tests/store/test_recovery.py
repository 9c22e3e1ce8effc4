"""Unfinished downloads are found again when the queue was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui_downloader.model.digests import Checksum
from tui_downloader.model.passport import Passport
from tui_downloader.model.status import Status
from tui_downloader.store import passports
from tui_downloader.store.recovery import paused_entries

if TYPE_CHECKING:
    from pathlib import Path

PASSPORT = Passport(
    urls=("https://host.example/a.bin", "https://mirror.example/a.bin"),
    final_name="a.bin",
    total_bytes=1000,
    etag=None,
    last_modified=None,
    done=((0, 100), (200, 300)),
    durable=(),
    checksum=Checksum("md5", "ab" * 16),
    boot_id="boot",
)


def test_each_readable_pair_becomes_a_paused_download(tmp_path: Path) -> None:
    for name in ("a.bin", "b.bin"):
        (tmp_path / f"{name}.part").write_bytes(b"")
        passports.write(str(tmp_path / f"{name}.part"), PASSPORT)
    a, b = paused_entries(str(tmp_path), 7, 123.0)
    assert (a.download_id, b.download_id) == (7, 8)
    assert (a.name, a.path) == ("a.bin", str(tmp_path / "a.bin"))
    assert (a.status, a.total_bytes, a.kept_bytes, a.added_at) == (Status.PAUSED, 1000, 200, 123.0)
    assert a.request.url == PASSPORT.urls[0]
    assert (a.request.mirrors, a.request.checksum) == (PASSPORT.urls[1:], PASSPORT.checksum)
    assert a.request.folder == str(tmp_path)


@pytest.mark.parametrize("harm", ["no partial", "torn", "no address", "folder"])
def test_what_is_no_pair_is_left_alone(tmp_path: Path, harm: str) -> None:
    part = tmp_path / "a.bin.part"
    if harm == "folder":
        part.mkdir()
    elif harm != "no partial":
        part.write_bytes(b"")
    passports.write(str(part), PASSPORT)
    record = tmp_path / "a.bin.part.json"
    if harm == "torn":
        record.write_bytes(b"{")
    if harm == "no address":
        record.write_text(record.read_text().replace("https://host", "gopher://host"))
    before = record.read_bytes()
    assert paused_entries(str(tmp_path), 1, 0.0) == []
    assert record.read_bytes() == before


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert paused_entries(str(tmp_path / "gone"), 1, 0.0) == []
