"""Passports on disk: read, replaced, set aside and deleted."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from tests.model.sample_passport import PASSPORT
from tui_downloader.model.passport import Flaw, PassportError
from tui_downloader.store import passports


@pytest.fixture
def part(tmp_path: Path) -> str:
    return str(tmp_path / "file.bin.part")


def record(part: str) -> Path:
    return Path(f"{part}.json")


@pytest.mark.parametrize("flush", [True, False])
def test_what_is_written_is_read(part: str, flush: bool) -> None:
    for passport in (PASSPORT, PASSPORT._replace(finishing=True)):
        passports.write(part, passport, flush=flush)
        assert passports.read(part) == passport
    assert passports.passport_path(part) == str(record(part))
    assert stat.S_IMODE(record(part).stat().st_mode) == 0o600


def test_no_passport_is_none(part: str) -> None:
    assert passports.read(part) is None


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (b"", Flaw.TORN),
        (PASSPORT.to_json().encode()[:-1], Flaw.TORN),
        (PASSPORT.to_json().encode()[:40] + b"\xff\xfe\x00", Flaw.TORN),
        (b"\xff\xfe\x00", Flaw.FOREIGN),
        (b"\0" * 4096, Flaw.TORN),
        (b" " * (17 << 20) + b"{}", Flaw.FOREIGN),
        (b'{"version": 2, "urls": 0, "final_name": 0, "done": 0}', Flaw.NEWER),
        (b'{"version": 1, "urls": 0, "final_name": 0, "done": 0}', Flaw.NONSENSE),
        (b"[]", Flaw.FOREIGN),
    ],
    ids=["empty", "cut", "damaged", "no text", "zeros", "huge", "newer", "nonsense", "foreign"],
)
def test_one_that_cannot_be_trusted_is_told_apart_and_kept(
    part: str, data: bytes, flaw: Flaw
) -> None:
    record(part).write_bytes(data)
    with pytest.raises(PassportError) as refused:
        passports.read(part)
    assert refused.value.flaw is flaw
    assert record(part).read_bytes() == data


def test_what_is_set_aside_is_kept_under_a_name_that_is_free(part: str) -> None:
    asides = []
    for data in (b"first", b"second", b"third"):
        record(part).write_bytes(data)
        asides.append(passports.set_aside(part))
    assert asides == [f"{part}.json.bad", f"{part}.json.2.bad", f"{part}.json.3.bad"]
    assert [Path(path).read_bytes() for path in asides] == [b"first", b"second", b"third"]
    assert not record(part).exists()


def test_the_last_one_that_was_set_aside_is_told_with_its_flaw(part: str) -> None:
    assert passports.last_set_aside(part) is None
    record(part).write_bytes(b"")
    assert passports.last_set_aside(part) is None  # it is in its place yet
    for number, data, flaw in (
        ("", b"", "the passport is not whole"),
        (".2", b'{"version": 7, "urls": 0, "final_name": 0, "done": 0}', "of the newer version 7"),
        (".3", PASSPORT.to_json().encode(), "the passport was damaged"),  # mended by hand since
    ):
        record(part).write_bytes(data)
        passports.set_aside(part)
        aside = passports.last_set_aside(part)
        assert aside is not None
        assert aside.path == f"{part}.json{number}.bad"
        assert aside.flaw.endswith(flaw)
    Path(f"{part}.json.4.bad").mkdir()
    aside = passports.last_set_aside(part)
    assert aside == (f"{part}.json.4.bad", "the passport was damaged")


def test_a_dangling_link_is_no_free_name(part: str, tmp_path: Path) -> None:
    Path(f"{part}.json.bad").symlink_to(tmp_path / "nowhere")
    record(part).write_bytes(b"bad")
    assert passports.set_aside(part) == f"{part}.json.2.bad"


@pytest.mark.parametrize("data", [b"", PASSPORT.to_json().encode(), b'{"version": '])
def test_what_is_or_was_a_passport_is_ours(part: str, data: bytes) -> None:
    assert not passports.is_foreign(part)
    record(part).write_bytes(data)
    assert not passports.is_foreign(part)


@pytest.mark.parametrize("data", [b"[]", b"notes", b'{"version": 1}', b"\xff", b" "])
def test_what_never_was_a_passport_is_not_deleted(part: str, data: bytes) -> None:
    record(part).write_bytes(data)
    assert passports.is_foreign(part)
    passports.delete(part)
    assert record(part).read_bytes() == data


def test_a_link_a_folder_and_a_pipe_are_not_ours(part: str, tmp_path: Path) -> None:
    (tmp_path / "passport").write_text(PASSPORT.to_json())
    record(part).symlink_to(tmp_path / "passport")
    assert passports.is_foreign(part)
    record(part).unlink()
    record(part).mkdir()
    assert passports.is_foreign(part)
    record(part).rmdir()
    os.mkfifo(record(part))
    assert passports.is_foreign(part)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc")
def test_a_look_for_passports_passes_over_what_is_none_and_leaks_nothing(tmp_path: Path) -> None:
    passports.write(f"{tmp_path}/kept.part", PASSPORT)
    (tmp_path / "folder.part.json").mkdir()
    (tmp_path / "dangling.part.json").symlink_to(tmp_path / "nowhere")
    (tmp_path / "list.part.json").write_text("[]")
    os.mkfifo(tmp_path / "pipe.part.json")  # that nobody writes into
    before = os.listdir("/proc/self/fd")
    assert list(passports.in_folder(str(tmp_path))) == [(f"{tmp_path}/kept.part", PASSPORT)]
    assert os.listdir("/proc/self/fd") == before


def test_deleting_takes_torn_writes_as_well(part: str, tmp_path: Path) -> None:
    passports.write(part, PASSPORT)
    torn = passports.leftovers_of(part)[1]
    Path(torn).write_bytes(b"x")
    (tmp_path / "other.part.json").write_bytes(b"x")
    passports.delete(part)
    passports.delete(part)
    assert [path.name for path in tmp_path.iterdir()] == ["other.part.json"]


def test_a_boot_has_one_id() -> None:
    assert passports.boot_id() == passports.boot_id() != ""
    if sys.platform == "linux":
        kernels = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        assert passports.boot_id() == kernels


def test_without_the_kernels_word_the_start_of_the_machine_is_the_id(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(passports, "_BOOT_ID_FILE", str(tmp_path / "missing"))
    passports.boot_id.cache_clear()
    try:
        made = passports.boot_id()
    finally:
        passports.boot_id.cache_clear()
    started_at = time.time() - time.monotonic()
    assert made in [f"started-{round(started_at / 60 + off)}" for off in (-0.1, 0, 0.1)]
