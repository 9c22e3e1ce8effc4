"""One partial file on disk: open, lock, write, record, finish. Everything here blocks.

The transfer that owns a `Partial` calls these functions in worker threads, several writes at a
time; `done` is advanced by the event loop after a write has returned, so the record is never ahead
of the data.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tui_downloader.engine.disk.destination import take_final_name
from tui_downloader.engine.disk.direct_io import DirectIO, PartlyWritten, write_all
from tui_downloader.engine.disk.disk import device_of
from tui_downloader.engine.disk.disk_faults import DISK_GONE, MOUNT_IT
from tui_downloader.engine.disk.part_files import create
from tui_downloader.engine.disk.renaming import link_open
from tui_downloader.engine.disk.replaced import may_be_replaced, replace
from tui_downloader.engine.disk.set_aside import SetAside, set_aside
from tui_downloader.engine.disk.written import Written
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError, PartGone
from tui_downloader.model.identity import Identity
from tui_downloader.model.ranges import RangeSet
from tui_downloader.store import passports, progress_notes
from tui_downloader.store.atomic import sync_folder
from tui_downloader.store.file_systems import mount_of
from tui_downloader.store.identities import identity_of, sample_of
from tui_downloader.store.lock import lock_partial
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.destination import Destination
    from tui_downloader.engine.disk.replaced import Replaced
    from tui_downloader.engine.network.tap import Tap
    from tui_downloader.model.passport import Passport

_GIVEN_UP_BYTES = 64 << 10

D = TypeVar("D", bytes | memoryview, memoryview)


@dataclass(slots=True)
class Partial:
    """An open and locked partial file.

    Attributes:
        name: the final file name.
        fd: descriptor of the partial; locked while it is open.
        done: bytes handed to the kernel.
        durable: bytes that were followed by fdatasync.
        record: what the passport said when an existing partial was opened, None for a new one.
        old: the partial that was set aside for this one, None when there is none.
        is_decoded: it holds decoded bytes, not the bytes as sent.
        is_doubtful: another program may have written into it before it was opened.
        replaced: the file whose final name it took.
        is_read_again: it will be read as a whole in the end, so writes stay in the page cache.
        passed_over: why others are left alone that have, or nearly have, its name.
        mount: of its file system; see `mount_of`.
    """

    folder: str
    name: str
    fd: int
    done: RangeSet = field(default_factory=RangeSet)
    durable: RangeSet = field(default_factory=RangeSet)
    record: Passport | None = None
    old: SetAside | None = None
    is_decoded: bool = False
    is_doubtful: bool = False
    replaced: Replaced | None = None
    is_read_again: bool = False
    passed_over: tuple[str, ...] = ()
    mount: str = field(init=False)
    _device: int = field(init=False)
    _sync_failed: bool = False
    _written: Written = field(init=False)
    _direct: DirectIO = field(init=False)

    def __post_init__(self) -> None:
        seal, facts = "" if self.record is None else self.record.seal, os.fstat(self.fd)
        self.mount = mount_of(facts.st_dev)
        self._device = device_of(self.folder)
        self._written = Written(self.done, facts.st_size, seal)
        self._direct = DirectIO(self.fd)

    @property
    def differing(self) -> RangeSet | None:
        """The ranges that came out differently, while everything is fetched a second time."""
        return self._written.differing

    @property
    def final_path(self) -> str:
        return os.path.join(self.folder, self.name)

    @property
    def part_path(self) -> str:
        return self.final_path + SUFFIX

    def write(self, data: bytes | memoryview, offset: int, tap: Tap | None = None) -> int:
        """Write all of `data` at its offset and let the kernel start on what is behind it.

        Args:
            tap: gives more of the same, to be written right behind.

        Returns:
            How many bytes were written.

        Raises:
            DiskError: the partial is not what it was.
            OverlapDiffers: what is here now is not what another answer had there.
            PartlyWritten: the disk took only the beginning of it.
        """
        if self.differing is not None and os.pread(self.fd, len(data), offset) != data:
            self._written.differs(offset, offset + len(data))
        self._write(functools.partial(write_all, self.fd), data, offset)
        if tap is None:
            return len(data)
        try:
            tap.pour(self, offset + len(data))
        except PartlyWritten as fault:
            before = len(data) + tap.moved_bytes
            raise PartlyWritten(fault, before + fault.written_bytes) from fault
        return len(data) + tap.moved_bytes

    def put(self, block: memoryview, offset: int) -> None:
        """Write a block for a tap, see `tap.Vessel`; raises like `write`."""
        write_cached = functools.partial(write_all, self.fd)
        self._write(write_cached if self.is_read_again else self._direct.write, block, offset)

    def _write(self, write: Callable[[D, int], None], data: D, offset: int) -> None:
        self.check_identity()
        try:
            write(data, offset)
        except PartlyWritten as fault:
            if fault.written_bytes:
                self._written.wrote(self.fd, offset, offset + fault.written_bytes)
            raise
        self._written.wrote(self.fd, offset, offset + len(data))

    def read(self, offset: int, n_bytes: int) -> bytes:
        """Read back bytes that are on disk."""
        return os.pread(self.fd, n_bytes, offset)

    def agrees(self, offset: int, sample: bytes) -> bool:
        """Compare bytes of another answer with those on disk, now or as soon as all are there."""
        return self._written.agrees(self.fd, offset, sample)

    def sync(self, reached: RangeSet) -> None:
        """Make `reached`, a copy of `done` taken before the call, survive a power cut.

        A failure is final: the system drops what it could not write, and reports that only once.
        """
        self._believe(getattr(os, "fdatasync", os.fsync))  # macOS has none
        self.durable = reached

    def _believe(self, sync: Callable[[int], None]) -> None:
        if self._sync_failed:
            raise OSError(errno.EIO, "an earlier flush failed")
        try:
            sync(self.fd)
        except OSError:
            self._sync_failed = True
            raise

    def settle(self) -> None:
        """Sync for the last time; bytes that cannot be synced count as never received.

        Raises:
            OSError: it could not all be synced.
        """
        try:
            self.sync(self.done.copy())
        except OSError:
            self.done = self.durable.copy()
            progress_notes.erase(self.fd)
            raise

    def give_way(self) -> bool:
        """Drop the last bytes to make room for the passport on a full disk."""
        end = max((end for _, end in self.done), default=0)
        if not end:
            return False
        self.done.discard(max(0, end - _GIVEN_UP_BYTES), end)
        self.durable = self.durable.intersect(self.done)
        self._resize(max(0, end - _GIVEN_UP_BYTES))
        return True

    def save(self, passport: Passport) -> None:
        """Replace the passport; until `put_down` it identifies its file by the inode alone."""
        self.check_identity()
        file = passport.file or Identity(os.fstat(self.fd).st_ino)
        with self._written.sealing() as seal:
            known = passport._replace(seal=seal, file=file, mount=self.mount)
            passports.write(self.part_path, known)
        if self.old is not None and self.done.total > self.old.goes_at_bytes:
            self._drop_old()

    def check_identity(self) -> None:
        """Notice that another program deleted, replaced or cut the partial.

        Raises:
            PartGone: the path no longer leads to the open file.
            DiskError: bytes at its end are gone, or its disk is not mounted there any more.
        """
        at_least = self._written.size_bytes  # taken first: another thread may write meanwhile
        ours = os.fstat(self.fd)
        try:
            there = os.lstat(self.part_path)
        except FileNotFoundError:
            there = None
        if there is None or not os.path.samestat(there, ours):
            if device_of(self.folder) != self._device:
                words = f"the disk with {self.name}{SUFFIX} is not mounted any more"
                raise DiskError(words, code=DISK_GONE, hint=MOUNT_IT)
            raise PartGone(f"{self.name}{SUFFIX} was removed or replaced while it was written")
        if ours.st_size < at_least:  # writing on would leave a hole
            words = f"{self.name}{SUFFIX} was cut while it was written"
            raise DiskError(words, hint="try again: it goes on from what is left")

    def trim(self) -> bool:
        """Cut off what lies behind the last byte of the file; False when there is nothing."""
        end = max((end for _, end in self.done), default=0)
        is_longer = os.fstat(self.fd).st_size > end
        if is_longer:
            self._resize(end)
        return is_longer

    def _resize(self, n_bytes: int) -> None:
        os.ftruncate(self.fd, n_bytes)
        self._written.size_bytes = n_bytes

    def start_over(self, passport: Passport, *, keep_until_bytes: int) -> None:
        """Begin at byte 0 in a new file; the old one stays until the new one has as many bytes.

        One that was set aside before and is worth more stays instead.

        Args:
            passport: of the old one, should none have been saved.

        Raises:
            DiskError: the name for the old one is taken by somebody else, or this one is not what
                it was; nothing has changed.
        """
        self.check_identity()
        if self.old is not None and self.done.total <= self.old.done_bytes:
            os.unlink(self.part_path)
        else:
            set_aside(self.part_path, passport)
            self.old = SetAside(self.part_path, self.done.total, keep_until_bytes)
        passports.delete(self.part_path)
        fd = create(self.part_path)
        if not lock_partial(fd):
            os.close(fd)
            raise DiskError(f"another program has begun to write {self.name}{SUFFIX}")
        self._go_on_with(fd)
        self.done = RangeSet()
        self.durable = RangeSet()
        self.record = None
        self.is_decoded = self.is_doubtful = False
        self._written = Written(self.done, 0)

    def empty(self) -> None:
        """Throw away the content of a partial that holds nothing usable."""
        progress_notes.erase(self.fd)
        self._resize(0)
        self.is_decoded = False
        self.done = RangeSet()
        self.durable = RangeSet()
        self._written.forget()

    def fetch_again(self) -> None:
        """Count everything as missing, but keep it, to compare it with what comes.

        A decoded file cannot be compared and is emptied.
        """
        if self.is_decoded:
            self.empty()
            return
        progress_notes.erase(self.fd)
        self.done = RangeSet()
        self.durable = RangeSet()
        self._written.forget()
        self._written.differing = RangeSet()

    def disown(self, ranges: RangeSet) -> None:
        """Count these bytes as missing: they turned out to be of another file."""
        progress_notes.erase(self.fd)
        for start, end in ranges:
            self.done.discard(start, end)
        self.durable = self.durable.intersect(self.done)
        differing = self.differing
        self._written = Written(self.done, self._written.size_bytes)
        self._written.differing = differing

    def adopt_content(self, fd: int, whole: RangeSet) -> None:
        """Go on with the decoded file, which is open and has taken the partial's path."""
        self._go_on_with(fd)
        self.done = whole
        self.durable = whole.copy()
        self.is_decoded = True
        self._written.size_bytes = os.fstat(fd).st_size

    def _go_on_with(self, fd: int) -> None:
        self.close()
        self.fd = fd
        self._direct = DirectIO(fd)

    @property
    def set_aside_bytes(self) -> int:
        """Bytes of the partial that was set aside for this one, 0 when there is none."""
        return 0 if self.old is None else self.old.done_bytes

    def _drop_old(self) -> None:
        old, self.old = self.old, None
        if old is not None:
            old.delete()

    def finish(self, passport: Passport, destination: Destination) -> tuple[str, ...]:
        """Give the whole file its final name and close it; the caller has checked count and digest.

        Args:
            passport: recorded before the rename.

        Returns:
            Paths to delete once the queue has recorded the completion.

        Raises:
            DiskError: the final name is taken and must not be replaced, or the partial is not what
                it was; OSError of the system.
        """
        self.flush()
        self.save(passport)
        leftovers = self.take_name(destination)
        sync_folder(self.folder)
        self.close()
        return leftovers

    def flush(self) -> None:
        """Make the content survive a power cut."""
        self._believe(os.fsync)

    def take_name(self, destination: Destination) -> tuple[str, ...]:
        """Rename without replacing; the caller still has to call `sync_folder`."""
        self.check_identity()  # flushing took its time
        part_path = self.part_path
        progress_notes.erase(self.fd)
        records = passports.leftovers_of(part_path)
        self._drop_old()
        linked = self._take_final_name(part_path, destination)
        return (part_path, *records) if linked else records

    def _take_final_name(self, part_path: str, destination: Destination) -> bool:
        """Rename without replacing; True when the partial's name is still a link to the file."""
        is_to_replace = destination.on_conflict is OnConflict.OVERWRITE
        if is_to_replace and may_be_replaced(self.final_path):
            self.replaced = replace(part_path, self.final_path, self.fd, destination)
            return False

        def give(name: str) -> bool:
            return link_open(self.fd, part_path, os.path.join(self.folder, name))

        self.name, linked = take_final_name(self.name, destination, give)
        return linked

    def put_down(self, passport: Passport) -> None:
        """Write the last record of a run, and drop the note, which would only become outdated.

        From now on nobody should write the partial: if it changes, another program did it.
        """
        file, sample = identity_of(os.fstat(self.fd)), sample_of(self.fd, passport.done)
        self.save(passport._replace(file=file, sample=sample))
        progress_notes.erase(self.fd)

    def throw_away(self) -> None:
        """Delete it and its passport, unless another file has its name by now."""
        with contextlib.suppress(DiskError):
            self.check_identity()
            os.unlink(self.part_path)
        passports.delete(self.part_path)

    def close(self) -> None:
        """Close the descriptor, which releases the lock."""
        self._direct.close()
        fd, self.fd = self.fd, -1
        # What had to be kept is flushed; a disk that is gone refuses even this.
        with contextlib.suppress(OSError):
            if fd >= 0:
                os.close(fd)
