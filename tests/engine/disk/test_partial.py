"""A partial by itself, on a real disk: what its record may say at any moment, and what it lets go.

Whoever is killed, or has no power any more, goes on from what is on record then.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import TYPE_CHECKING

import pytest

from tui_downloader.engine.disk import partial as partials
from tui_downloader.engine.disk.destination import Destination
from tui_downloader.engine.disk.direct_io import DirectIO, PartlyWritten
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.opening import open_new
from tui_downloader.engine.disk.set_aside import UNTIL_WHOLE
from tui_downloader.engine.network.channels import Plain
from tui_downloader.engine.network.tap import Tap
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError, PartGone
from tui_downloader.model.identity import Identity
from tui_downloader.model.passport import Passport
from tui_downloader.model.ranges import RangeSet
from tui_downloader.store import passports, progress_notes
from tui_downloader.store.lock import lock_partial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tui_downloader.engine.disk.partial import Partial

URL = "http://host.test/file.bin"
KIB = 1 << 10


@pytest.fixture
def part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partial]:
    monkeypatch.setattr(progress_notes, "NOTE_S", 0.0)
    destination = Destination(1, str(tmp_path), OnConflict.RENAME, Names())
    opened = open_new("file.bin", destination, URL)
    yield opened
    opened.close()


def passport(part: Partial) -> Passport:
    """What its recorder would write now."""
    done, durable = part.done.as_tuple(), part.durable.as_tuple()
    total_bytes, boot_id = 1000 * KIB, passports.boot_id()
    return Passport((URL,), "file.bin", total_bytes, None, None, done, durable, None, boot_id)


def fill(part: Partial, *ranges: tuple[int, int]) -> None:
    """Receive these ranges, flush and record them, and note them as well."""
    for start, end in ranges:
        part.write(b"x" * (end - start), start)
        part.done.add(start, end)
    part.sync(part.done.copy())
    part.save(passport(part))
    part.write(b"x", ranges[-1][1] - 1)


def noted(part: Partial) -> RangeSet:
    record = passports.read(part.part_path)
    seal = "" if record is None else record.seal
    return progress_notes.read(part.fd, passports.boot_id(), seal)


def found(part: Partial) -> tuple[Passport | None, Passport | None]:
    """What an earlier run left on record, as it was read then and as it is now."""
    return part.record, passports.read(part.part_path)


def start_over(part: Partial) -> None:
    part.start_over(passport(part), keep_until_bytes=UNTIL_WHOLE)


def disown_all(part: Partial) -> None:
    part.disown(part.done.copy())


def begin_again(part: Partial) -> None:
    part.is_decoded = True  # what is decoded cannot be compared
    part.fetch_again()


def test_a_record_tells_which_file_it_is_of(part: Partial) -> None:
    fill(part, (0, 100))
    record = passports.read(part.part_path)
    assert record is not None
    assert record.file == Identity(os.fstat(part.fd).st_ino)


@pytest.mark.parametrize("begin", [start_over, begin_again, partials.Partial.empty])
def test_what_begins_anew_promises_nothing_of_before(
    part: Partial, begin: Callable[[Partial], None]
) -> None:
    fill(part, (0, 300 * KIB))
    part.is_doubtful = begin is start_over
    begin(part)
    assert (part.done.total, part.durable.total, noted(part).total) == (0, 0, 0)
    assert (part.is_decoded, part.is_doubtful) == (False, False)
    assert part.differing is None
    assert os.fstat(part.fd).st_size == 0
    # Not by what is written next either.
    part.write(b"y" * 100, 200 * KIB)
    part.done.add(200 * KIB, 200 * KIB + 100)
    part.save(passport(part))
    assert all(start >= 200 * KIB for start, _ in noted(part))
    assert part.agrees(0, b"not what was here before")


@pytest.mark.parametrize(
    "begin", [partials.Partial.empty, partials.Partial.fetch_again, disown_all]
)
def test_a_note_of_before_does_not_wait_for_the_next_one_to_go(
    part: Partial, begin: Callable[[Partial], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(part, (0, 300 * KIB))
    assert noted(part).as_tuple() == ((0, 300 * KIB),)
    monkeypatch.setattr(progress_notes, "write", lambda *_: True)  # it is not due yet
    begin(part)
    assert (part.done.total, part.durable.total) == (0, 0)
    part.write(b"y", 300 * KIB - 1)
    assert noted(part).total == 0


def test_what_is_fetched_again_is_compared_and_counts_for_nothing(part: Partial) -> None:
    fill(part, (0, 300 * KIB))
    part.fetch_again()
    assert (part.done.total, part.durable.total) == (0, 0)
    part.write(b"x" * 100, 0)
    part.write(b"xyx", 100)
    assert part.differing is not None
    assert part.differing.as_tuple() == ((100, 103),)
    assert noted(part).as_tuple() == ((0, 103),)


def test_a_part_that_was_set_aside_goes_when_the_new_one_is_worth_more(part: Partial) -> None:
    fill(part, (0, 100 * KIB))
    part.start_over(passport(part), keep_until_bytes=200 * KIB)
    fill(part, (0, 200 * KIB))
    assert os.path.exists(f"{part.part_path}.old")
    fill(part, (200 * KIB, 200 * KIB + 1))
    assert not os.path.exists(f"{part.part_path}.old")
    assert part.set_aside_bytes == 0


def test_a_part_that_is_begun_anew_has_no_record_until_its_own(part: Partial) -> None:
    for old_end in (300 * KIB, 100 * KIB):  # the second one is worth less, and goes
        fill(part, (0, old_end))
        part.record = passport(part)  # as it was found
        start_over(part)
        assert found(part) == (None, None)
        assert part.set_aside_bytes == 300 * KIB


def test_a_part_that_is_worth_more_takes_the_place_of_the_one_set_aside(part: Partial) -> None:
    fill(part, (0, 100 * KIB))
    start_over(part)
    fill(part, (0, 300 * KIB))
    start_over(part)
    assert part.set_aside_bytes == 300 * KIB
    assert os.path.getsize(f"{part.part_path}.old") == 300 * KIB


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="nobody counts descriptors here")
def test_what_is_let_go_of_is_neither_open_nor_locked(part: Partial) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    fill(part, (0, 100 * KIB))
    for n in range(3):  # by each way that there is
        part.put(memoryview(bytearray(1 << 20)), n << 20)
    start_over(part)
    with open(f"{part.part_path}.old", "rb+") as old:
        assert lock_partial(old.fileno())
    assert descriptors() == before
    part.put(memoryview(bytearray(1 << 20)), 0)
    part.close()
    assert descriptors() == before - 1
    with open(os.devnull, "rb") as other:  # has its number
        part.close()
        other.read()


def test_a_decoded_part_is_on_record_as_such(part: Partial, tmp_path: Path) -> None:
    fill(part, (0, 100))
    decoded = os.open(tmp_path / "decoded", os.O_RDWR | os.O_CREAT)
    os.write(decoded, b"z" * 300)
    os.replace(tmp_path / "decoded", part.part_path)
    whole = RangeSet.from_pairs([(0, 300)])
    part.adopt_content(decoded, whole)
    assert part.is_decoded
    assert part.done.as_tuple() == part.durable.as_tuple() == whole.as_tuple()
    os.ftruncate(decoded, 299)
    with pytest.raises(DiskError, match="was cut"):
        part.check_identity()


def test_a_disk_that_is_unmounted_is_told_from_a_part_that_is_removed(
    part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unmounted while a file on it is open, it stays until that is closed; its place is empty."""
    os.rename(part.part_path, part.part_path + ".elsewhere")
    with pytest.raises(PartGone):
        part.check_identity()
    monkeypatch.setattr(partials, "device_of", lambda _: -2)
    with pytest.raises(DiskError, match="is not mounted any more") as raised:
        part.check_identity()
    assert type(raised.value) is DiskError  # its bytes are not given up
    assert raised.value.failure.code == "disk-gone"


def test_a_disk_that_is_gone_refuses_even_to_close_and_that_is_no_error(
    part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The descriptor is free all the same, and may be another file's before it is closed twice."""
    fd, close = part.fd, os.close

    def closed_with_an_error(number: int) -> None:
        close(number)
        if number == fd:
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", closed_with_an_error)
        part.close()
    other = os.open(os.devnull, os.O_RDONLY)
    part.close()
    os.close(other)  # which nobody else has closed


def test_what_a_full_disk_took_of_a_block_is_missed_when_it_goes(
    part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def takes_some(fd: int, data: bytes, offset: int) -> None:
        os.pwrite(fd, data[:10], offset)
        raise PartlyWritten(OSError(errno.ENOSPC, "full"), 10)

    monkeypatch.setattr(partials, "write_all", takes_some)
    with pytest.raises(PartlyWritten):
        part.write(b"x" * 100, 0)
    part.check_identity()
    os.ftruncate(part.fd, 9)
    with pytest.raises(DiskError, match="was cut"):
        part.check_identity()


def test_what_a_full_disk_took_none_of_is_not_missed(
    part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def takes_none(*_: object) -> None:
        raise PartlyWritten(OSError(errno.ENOSPC, "full"), 0)

    monkeypatch.setattr(partials, "write_all", takes_none)
    with pytest.raises(PartlyWritten):
        part.write(b"x" * 100, 5000)
    part.check_identity()


def test_what_a_full_disk_took_of_a_turn_counts_with_what_was_before_it(
    part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def takes_some(*_: object) -> None:
        raise PartlyWritten(OSError(errno.ENOSPC, "full"), 30)

    monkeypatch.setattr(DirectIO, "write", takes_some)
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.sendall(b"y" * 1000)
        with pytest.raises(PartlyWritten) as raised:
            part.write(b"x" * 100, 0, Tap(Plain(near.fileno()), 1000))
    assert raised.value.written_bytes == 130


def test_for_the_record_only_the_last_bytes_are_given_up(part: Partial) -> None:
    assert not part.give_way()
    fill(part, (0, 100 * KIB), (200 * KIB, 300 * KIB))
    assert part.give_way()
    left = ((0, 100 * KIB), (200 * KIB, 236 * KIB))
    assert (part.done.as_tuple(), part.durable.as_tuple()) == (left, left)
    assert noted(part).total == 0
    assert os.fstat(part.fd).st_size == 236 * KIB
    part.check_identity()


def test_what_lies_behind_the_last_byte_is_cut_off_and_nothing_else(part: Partial) -> None:
    fill(part, (0, 100 * KIB), (200 * KIB, 300 * KIB))
    assert not part.trim()
    part.done.discard(250 * KIB, 300 * KIB)
    assert part.trim()
    assert os.fstat(part.fd).st_size == 250 * KIB
    part.check_identity()


def test_what_cannot_be_flushed_was_never_received(
    part: Partial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    fill(part, (0, 100))
    part.write(b"x" * 100, 100)
    part.done.add(100, 200)
    assert noted(part).as_tuple() == ((0, 200),)
    monkeypatch.setattr(os, "fdatasync", refuse)
    with pytest.raises(OSError, match="broken"):
        part.settle()
    monkeypatch.undo()
    with pytest.raises(OSError, match="an earlier flush failed"):
        part.settle()  # the system tells of it only once
    assert part.done.as_tuple() == ((0, 100),)
    assert noted(part).total == 0
