"""Partials opened by several programs at the same moment: each gets one of its own."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import names_in
from tui_downloader.engine.disk import opening, partial
from tui_downloader.engine.disk.destination import Destination
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.opening import adopt, open_new
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError, DiskFull
from tui_downloader.model.identity import Identity
from tui_downloader.model.passport import Passport
from tui_downloader.store import passports
from tui_downloader.store.identities import identity_of, sample_of
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tui_downloader.engine.disk.partial import Partial

URL = "http://host.test/file.bin"
PART = "file.bin.part"


def destination(folder: Path) -> Destination:
    """Where a download of a program of its own goes."""
    return Destination(1, str(folder), OnConflict.RENAME, Names())


def passport(*done: tuple[int, int]) -> Passport:
    boot_id = passports.boot_id()
    return Passport((URL,), "file.bin", 100, None, None, done, done, None, boot_id)


def open_in(folder: Path) -> list[str]:
    """The files in a folder that this program has open, where the system tells."""
    targets = []
    for fd in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        with suppress(FileNotFoundError):  # the one that listed them
            targets.append(os.readlink(f"/proc/self/fd/{fd}"))
    return [target for target in targets if target.startswith(str(folder))]


@pytest.fixture
def before_lock(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let another program act once, right before the next partial is locked."""
    lock = lock_partial

    def act(other: Callable[[], object]) -> None:
        due = [other]

        def locked(fd: int) -> bool:
            if due:
                due.pop()()
            return lock(fd)

        for module in (opening, partial):
            monkeypatch.setattr(module, "lock_partial", locked)

    return act


class Recording(Names):
    """Knows what was ever claimed."""

    def __init__(self) -> None:
        super().__init__()
        self.claimed: list[str] = []

    def claim(self, folder: str, name: str, download_id: int) -> bool:
        self.claimed.append(name)
        return super().claim(folder, name, download_id)


def test_what_is_there_already_is_not_claimed_for_a_moment(tmp_path: Path) -> None:
    """Whose it is may look for it just then."""
    (tmp_path / "file.bin").write_bytes(b"whole")
    (tmp_path / "file (1).bin.part").write_bytes(b"of another address")
    part_path = str(tmp_path / "file (1).bin.part")
    passports.write(part_path, passport((0, 10))._replace(urls=("http://host.test/other",)))
    names = Recording()
    opened = open_new("file.bin", Destination(1, str(tmp_path), OnConflict.RENAME, names), URL)
    opened.close()
    assert names.claimed == [opened.name] == ["file (2).bin"]


@pytest.mark.parametrize("name", ["file.bin", "file.bin.part.json"])
def test_a_name_that_was_claimed_and_is_taken_by_now_is_left_to_others(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b'{"my": "own data"}')
    names = Names()
    assert names.claim(str(tmp_path), "file.bin", 1)
    ours = open_new("file.bin", Destination(1, str(tmp_path), OnConflict.RENAME, names), URL)
    ours.close()
    assert ours.name == "file (1).bin"
    assert names.may_claim(str(tmp_path), "file.bin", 2)


def test_one_that_cannot_be_opened_now_is_not_taken_for_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be begun anew, from 0."""
    (tmp_path / PART).write_bytes(b"x" * 100)
    passports.write(str(tmp_path / PART), passport((0, 50)))

    def too_many(_: str) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(opening, "open_found", too_many)
    with pytest.raises(OSError, match="open files"):
        adopt(str(tmp_path / PART), destination(tmp_path), URL)


@pytest.mark.parametrize(
    ("step", "fields"),
    [
        ("sample_of", {"sample": "of some bytes"}),
        ("free_reserved_variant", {"finishing": True}),
        ("drop_holes", {}),
    ],
)
def test_one_that_a_broken_disk_does_not_give_is_not_kept_from_the_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, fields: dict[str, Any]
) -> None:
    part = tmp_path / PART
    part.write_bytes(b"x" * 100)
    copied = passport((0, 50))._replace(file=Identity(part.stat().st_ino + 1), **fields)
    passports.write(str(part), copied)

    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(opening, step, broken)
    with pytest.raises(OSError, match="broken"):
        adopt(str(part), destination(tmp_path), URL)
    with part.open("rb+") as again:
        assert lock_partial(again.fileno())


@pytest.mark.parametrize(("is_known", "end"), [(True, 100), (False, 99)])
def test_a_whole_copy_that_is_known_by_its_bytes_lacks_none(
    tmp_path: Path, is_known: bool, end: int
) -> None:
    """Of any other, the last byte is fetched, and what is before it compared."""
    part = tmp_path / PART
    part.write_bytes(b"x" * 100)
    with part.open("rb") as copy:
        sample = sample_of(copy.fileno(), [(0, 100)]) if is_known else ""
    copied = Identity(part.stat().st_ino + 1)
    passports.write(str(part), passport((0, 100))._replace(file=copied, sample=sample))
    opened = adopt(str(part), destination(tmp_path), URL)
    assert opened is not None
    opened.close()
    assert opened.done.as_tuple() == ((0, end),)


def test_a_copy_of_one_that_was_cut_is_known_by_what_is_left(tmp_path: Path) -> None:
    part = tmp_path / PART
    part.write_bytes(b"x" * 100)
    facts = part.stat()
    with part.open("rb+") as file:
        sample = sample_of(file.fileno(), [(0, 100)])
        file.truncate(50)
    os.utime(part, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    put_down = passport((0, 100))._replace(file=identity_of(facts), sample=sample)
    passports.write(str(part), put_down)
    for _ in range(2):
        opened = adopt(str(part), destination(tmp_path), URL)
        assert opened is not None
        assert opened.done.as_tuple() == ((0, 50),)
        opened.close()  # as if it was killed
        part.rename(tmp_path / "before")  # which keeps its inode from the copy
        part.write_bytes((tmp_path / "before").read_bytes())


def test_a_folder_is_made_with_what_leads_there(tmp_path: Path) -> None:
    opened = open_new("file.bin", destination(tmp_path / "new" / "deeper"), URL)
    opened.close()
    assert (tmp_path / "new" / "deeper" / PART).exists()


def test_what_is_looked_at_and_left_alone_is_not_kept_from_others(tmp_path: Path) -> None:
    part = tmp_path / PART
    part.write_bytes(b"x" * 100)
    another = Identity(part.stat().st_ino + 1)
    passports.write(str(part), passport((0, 50))._replace(file=another, sample="of other bytes"))
    assert adopt(str(part), destination(tmp_path), URL) is None
    with part.open("rb+") as theirs:
        assert lock_partial(theirs.fileno())


@pytest.mark.parametrize("boot_id", [passports.boot_id(), "of before"])
@pytest.mark.parametrize(("later_s", "is_cut_power"), [(60, False), (-60, True)])
@pytest.mark.parametrize("is_time_kept", [True, False])
def test_who_wrote_into_one_is_noticed_after_a_restart_too(
    tmp_path: Path,
    boot_id: str,
    later_s: int,
    is_cut_power: bool,
    is_time_kept: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only a power cut sets a time back so far, and only one before this system was started."""
    monkeypatch.setattr(opening, "keeps_times", lambda _: is_time_kept)
    part = tmp_path / PART
    part.write_bytes(b"x" * 100)
    facts = part.stat()
    put_down = passport((0, 50))._replace(file=identity_of(facts), boot_id=boot_id)
    passports.write(str(part), put_down)
    part.write_bytes(b"y" * 100)
    os.utime(part, ns=(facts.st_atime_ns, facts.st_mtime_ns + later_s * 1_000_000_000))
    if is_cut_power and boot_id != passports.boot_id():
        opened = adopt(str(part), destination(tmp_path), None)
        assert opened is not None
        opened.close()
    else:
        with pytest.raises(DiskError, match="was changed by another program"):
            adopt(str(part), destination(tmp_path), None)
        assert open_in(tmp_path) == []


def test_doubts_outlive_a_crash_before_they_are_settled(tmp_path: Path) -> None:
    """A record of the moment would be younger than what somebody wrote, and vouch for it."""
    part = tmp_path / PART
    part.write_bytes(b"y" * 60)
    left = passport((0, 50), (70, 100))._replace(file=Identity(part.stat().st_ino))
    passports.write(str(part), left)
    a_day_before = part.stat().st_mtime - 86_400
    os.utime(passports.passport_path(str(part)), (a_day_before, a_day_before))
    for _ in range(2):
        opened = adopt(str(part), destination(tmp_path), None)
        assert opened is not None
        assert (opened.is_doubtful, opened.done.as_tuple()) == (True, ((0, 50),))
        opened.close()


def test_a_new_one_is_not_for_a_moment_what_a_record_without_a_partial_says(tmp_path: Path) -> None:
    """Killed before its own first record, it would pass for the bytes that are gone."""
    passports.write(str(tmp_path / PART), passport((0, 50)))
    opened = open_new("file.bin", destination(tmp_path), URL)
    assert (opened.name, passports.read(opened.part_path)) == ("file.bin", None)
    opened.close()


def test_a_new_one_that_another_program_adopts_is_that_ones(
    tmp_path: Path, before_lock: Callable[[Callable[[], object]], None]
) -> None:
    others: list[Partial] = []
    before_lock(lambda: others.append(open_new("file.bin", destination(tmp_path), URL)))
    names = Names()
    ours = open_new("file.bin", Destination(1, str(tmp_path), OnConflict.RENAME, names), URL)
    (theirs,) = others
    assert (theirs.name, ours.name) == ("file.bin", "file (1).bin")
    assert not os.path.samestat(os.fstat(theirs.fd), os.fstat(ours.fd))
    for each in (ours, theirs):
        each.close()
    assert open_in(tmp_path) == []
    assert names.may_claim(str(tmp_path), "file.bin", 2)


def test_a_name_that_is_taken_as_it_is_tried_is_left_to_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file.bin").write_bytes(b"whole")
    names = Names()

    def taken_meanwhile(*_: object) -> None:
        (tmp_path / "file (1).bin.part").touch(exist_ok=False)
        passports.write(str(tmp_path / "file (1).bin.part"), passport()._replace(urls=("other",)))
        monkeypatch.undo()

    monkeypatch.setattr(opening, "need", taken_meanwhile)
    ours = open_new("file.bin", Destination(1, str(tmp_path), OnConflict.RENAME, names), URL)
    ours.close()
    assert ours.name == "file (2).bin"
    assert names.may_claim(str(tmp_path), "file (1).bin", 2)


@pytest.mark.parametrize(
    ("step", "kind"), [("need", DiskFull), ("create", PermissionError), ("reserve", DiskError)]
)
def test_a_name_for_which_nothing_can_be_made_is_left_to_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, kind: type[Exception]
) -> None:
    def refuse(*_: object) -> None:
        raise kind("not here")

    monkeypatch.setattr(opening, step, refuse)
    names = Names()
    with pytest.raises(kind):
        open_new("file.bin", Destination(1, str(tmp_path), OnConflict.RENAME, names), URL)
    assert names.may_claim(str(tmp_path), "file.bin", 2)
    assert names_in(tmp_path) == open_in(tmp_path) == []


def test_a_new_one_that_another_program_even_finishes_is_not_written_to(
    tmp_path: Path, before_lock: Callable[[Callable[[], object]], None]
) -> None:
    def finish() -> None:
        theirs = open_new("file.bin", destination(tmp_path), URL)
        theirs.write(b"x" * 100, 0)
        theirs.take_name(destination(tmp_path))
        theirs.close()

    before_lock(finish)
    ours = open_new("file.bin", destination(tmp_path), URL)
    assert ours.name == "file (1).bin"
    ours.close()
    assert (tmp_path / "file.bin").read_bytes() == b"x" * 100


@pytest.mark.parametrize("is_replaced", [True, False])
def test_one_that_another_program_takes_from_its_place_is_not_gone_on_with(
    tmp_path: Path, before_lock: Callable[[Callable[[], object]], None], is_replaced: bool
) -> None:
    part = tmp_path / PART
    part.write_bytes(b"x" * 100)
    passports.write(str(part), passport((0, 50)))

    def take() -> None:
        part.rename(tmp_path / "elsewhere")
        if is_replaced:
            part.write_bytes(b"y" * 100)

    before_lock(take)
    assert adopt(str(part), destination(tmp_path), URL) is None


def test_an_empty_one_that_its_program_writes_meanwhile_is_left_to_it(
    tmp_path: Path, before_lock: Callable[[Callable[[], object]], None]
) -> None:
    """Between being seen as empty and being locked it was written, recorded and put down."""
    (tmp_path / PART).touch()

    def write() -> None:
        (tmp_path / PART).write_bytes(b"x" * 50)
        passports.write(str(tmp_path / PART), passport((0, 50)))

    before_lock(write)
    ours = open_new("file.bin", destination(tmp_path), "http://host.test/another.bin")
    assert ours.name == "file (1).bin"
    ours.close()
    assert open_in(tmp_path) == []


def test_what_is_sound_is_read_when_nobody_else_writes_it_any_more(
    tmp_path: Path, before_lock: Callable[[Callable[[], object]], None]
) -> None:
    """Its program began again from 0 under its name, after the record was seen first."""
    (tmp_path / PART).write_bytes(b"x" * 60)
    passports.write(str(tmp_path / PART), passport((0, 50)))

    def begin_again() -> None:
        (tmp_path / PART).write_bytes(b"y" * 10 + bytes(50))
        passports.write(str(tmp_path / PART), passport((0, 10)))

    before_lock(begin_again)
    ours = adopt(str(tmp_path / PART), destination(tmp_path), URL)
    assert ours is not None
    assert ours.done.as_tuple() == ((0, 10),)
    ours.close()


def test_starting_over_in_one_that_another_program_adopts_writes_nothing_into_it(
    tmp_path: Path, before_lock: Callable[[Callable[[], object]], None]
) -> None:
    ours = open_new("file.bin", destination(tmp_path), URL)
    ours.write(b"x" * 50, 0)
    ours.done.add(0, 50)
    ours.save(passport((0, 50)))
    others: list[Partial] = []
    before_lock(lambda: others.append(open_new("file.bin", destination(tmp_path), URL)))
    with pytest.raises(DiskError, match="another program has begun to write"):
        ours.start_over(passport((0, 50)), keep_until_bytes=100)
    (theirs,) = others
    assert (theirs.name, os.fstat(theirs.fd).st_size) == ("file.bin", 0)
    assert (tmp_path / f"{PART}.old").read_bytes() == b"x" * 50
    for each in (ours, theirs):
        each.close()
    assert open_in(tmp_path) == []
