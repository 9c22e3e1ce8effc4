"""Finding and opening partials: new ones, and those that earlier runs left. Blocks."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import stat
from typing import TYPE_CHECKING

from tui_downloader.engine.disk import decoding
from tui_downloader.engine.disk.destination import refuse_unless_renaming
from tui_downloader.engine.disk.disk_faults import DISK_GONE
from tui_downloader.engine.disk.holes import drop_holes
from tui_downloader.engine.disk.owned_files import record_of
from tui_downloader.engine.disk.part_files import create, open_found
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.passed_over import why_passed_over
from tui_downloader.engine.disk.renaming import free_reserved_variant
from tui_downloader.engine.disk.room import need, reserve
from tui_downloader.engine.disk.set_aside import SetAside, old_record
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError, DiskFull, PartGone
from tui_downloader.model.naming import variants
from tui_downloader.model.passport import is_of_now, sound_ranges
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.text import clean
from tui_downloader.store import passports, progress_notes
from tui_downloader.store.file_systems import keeps_times, mount_of
from tui_downloader.store.identities import identity_of, sample_of
from tui_downloader.store.lock import lock_partial
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from tui_downloader.engine.disk.destination import Destination
    from tui_downloader.model.passport import Passport

_log = logging.getLogger(__name__)
# Network file systems correct the time of the last write when the file is closed.
_SAME_MOMENT_NS = 5_000_000_000
# Without notes on the file, a passport tells when it was last written: it is replaced every second,
# or as often as the disk lets it. Flushing one takes minutes on a memory stick that is behind.
_RECORDED_WITHIN_NS = 600_000_000_000
_NOT_OURS = (errno.ENOENT, errno.ELOOP, errno.EISDIR, errno.ENXIO)


def open_new(name: str, destination: Destination, url: str, n_bytes: int = 0) -> Partial:
    """Create the partial for `name`, or for a free variant of it, or go on with an orphan of `url`.

    Args:
        n_bytes: what a new partial is to hold, as far as that is known.

    Raises:
        DiskFull: there is no room for a new one.
        Skipped: the final name exists and such files are to be skipped.
        DiskError: it exists and the user must be asked, or no file here may be that large.
        OSError: the folder cannot be written.
    """
    os.makedirs(destination.folder, exist_ok=True)
    passed_over: list[str] = []
    for candidate in variants(name):
        if destination.may_claim(candidate):
            is_numbered = candidate != name
            partial = _open_called(candidate, destination, url, n_bytes, is_numbered=is_numbered)
            if partial is not None:
                partial.passed_over = tuple(passed_over)
                return partial
            destination.release(candidate)
            path = os.path.join(destination.folder, candidate)
            passed_over += filter(None, [why_passed_over(path + SUFFIX)])
    raise AssertionError("variants have no end")


def _open_called(
    name: str, destination: Destination, url: str, n_bytes: int, *, is_numbered: bool
) -> Partial | None:
    """Do so for one name; None when it is of no use, or what is there is somebody else's."""
    # Claimed only where nothing is: whose it is may look for it just now.
    path = os.path.join(destination.folder, name)
    if os.path.lexists(path) and not _may_replace(path, destination, name, is_numbered):
        return None
    if passports.is_foreign(path + SUFFIX):
        return None  # there would be no place for a record
    fd = _create(path + SUFFIX, destination, n_bytes)
    if fd is None:
        return adopt(path + SUFFIX, destination, url) or _adopt_empty(
            path + SUFFIX, destination, url
        )
    if not _is_locked(fd, path + SUFFIX):
        os.close(fd)  # it was taken for one that a crash left
        return None
    # A record without its partial speaks of bytes that are gone.
    if record_of(path + SUFFIX) is not None:
        passports.delete(path + SUFFIX)
    return _with_old(Partial(destination.folder, name, fd), url)


def _create(part_path: str, destination: Destination, n_bytes: int) -> int | None:
    """Create an empty partial where there is room for the file; None when its name is taken."""
    name = os.path.basename(part_path).removesuffix(SUFFIX)
    if os.path.lexists(part_path) or not destination.claim(name):
        return None
    try:
        need(destination.folder, n_bytes)
        fd = create(part_path)
    except FileExistsError:
        return None
    except (DiskFull, OSError):
        destination.release(name)
        raise
    try:
        reserve(fd, destination.folder, n_bytes)
    except DiskError:
        os.close(fd)
        os.unlink(part_path)
        destination.release(name)
        raise
    return fd


def refuse_without_disk(part_path: str) -> None:
    """Refuse to look for a partial where its disk does not seem to be mounted.

    The place of a stick or share that is not there is an empty folder, or none: what is downloaded
    would land beneath it, from byte 0.

    Raises:
        PartGone: there is nothing at all in the folder.
    """
    folder, name = os.path.split(part_path)
    try:
        with os.scandir(folder) as entries:
            is_bare = next(entries, None) is None
    except FileNotFoundError:
        is_bare = True
    if is_bare:
        raise PartGone(
            f"{name} is gone with everything in {clean(folder, 200)}",
            code=DISK_GONE,
            hint="mount the disk and retry; if it is not there then either, it starts from 0",
        )


def adopt(part_path: str, destination: Destination, url: str | None) -> Partial | None:
    """Open a partial that is on disk already, if it is one of `url` and nobody writes it.

    Args:
        url: None for a partial that is known to be this download's, whatever its address was.

    Returns:
        The partial with its sound ranges, None when it is missing, somebody else's, without a
        readable record, or locked.

    Raises:
        DiskError: it is this download's, and was written by somebody else since.
    """
    if _record_for(url, part_path) is None:
        return None
    try:
        fd = open_found(part_path)
    except OSError as error:
        if error.errno in _NOT_OURS:
            return None
        raise
    with contextlib.ExitStack() as undo:
        undo.callback(os.close, fd)  # locked, it would be in the way of the next try
        partial = _adopt_open(part_path, destination, fd, url)
        if partial is None:
            return None
        found = _with_old(partial, url)
        undo.pop_all()
    return found


def _adopt_open(
    part_path: str, destination: Destination, fd: int, url: str | None
) -> Partial | None:
    name = os.path.basename(part_path).removesuffix(SUFFIX)
    # Read again: who had it locked until now may have begun another one under its name.
    record = _record_for(url, part_path) if _is_locked(fd, part_path) else None
    if record is None or _is_anothers(fd, record) or not destination.claim(name):
        return None
    facts = os.fstat(fd)
    if record.finishing:
        free_reserved_variant(part_path.removesuffix(SUFFIX))
    if not destination.from_zero and _was_changed(part_path, fd, record, facts):
        _refuse_changed(name, destination, is_known=url is None)
        return None
    if record.decoded:
        return _adopt_decoded(part_path, destination, fd, record)
    sound = _recorded(fd, record, facts)
    if _may_lack_bytes(record, facts) and (n_bytes := drop_holes(fd, sound)):
        _log.warning("%s is a copy that lacks %d of the recorded bytes", part_path, n_bytes)
    if 0 < sound.total == record.total_bytes and _is_unproven(record, facts):
        # Fetched again, its last byte lets what is before that be compared: the way of all resumes.
        sound.discard(sound.total - 1, sound.total)
    durable = RangeSet.from_pairs(record.durable).intersect(sound)
    partial = Partial(destination.folder, name, fd, sound, durable, record)
    partial.is_doubtful = sound.total > 0 and _is_doubtful(part_path, fd, record, facts)
    _take_up(partial, record)
    return partial


def _recorded(fd: int, record: Passport, facts: os.stat_result) -> RangeSet:
    """Return the valid part of the record, and of the note on the partial."""
    boot_id, mount = passports.boot_id(), mount_of(facts.st_dev)
    sound = sound_ranges(record, boot_id, mount, facts.st_size)
    if is_of_now(record, boot_id, mount):
        for start, end in progress_notes.read(fd, boot_id, record.seal):
            sound.add(start, end)
    return sound


def _record_for(url: str | None, part_path: str) -> Passport | None:
    """Return the record of a partial if it is for `url`; None stands for any address."""
    record = record_of(part_path)
    return record if record is not None and (url is None or record.is_of(url)) else None


def _is_locked(fd: int, part_path: str) -> bool:
    """Lock a partial; tell whether that worked, and it still has this name and no other.

    The program that held the lock may just have finished the file. With a second name it is a
    finished file, which that program is about to clean up after.
    """
    if not (stat.S_ISREG(os.fstat(fd).st_mode) and lock_partial(fd)):
        return False
    facts = os.fstat(fd)
    try:
        return facts.st_nlink == 1 and os.path.samestat(os.lstat(part_path), facts)
    except FileNotFoundError:
        return False


def _take_up(partial: Partial, record: Passport) -> None:
    """Record before the first write how much of the partial counts, and that it is in use again.

    After `kill -9`, zeros could pass for received bytes otherwise: writing further on makes a file
    that was cut as long as before, and a copy goes on in place of the original.
    """
    is_put_down = record.file is not None and record.file.written_ns is not None
    recorded = *record.done, *record.durable
    is_sound = all(partial.done.covers(start, end) for start, end in recorded)
    if not is_put_down and (is_sound or partial.is_doubtful):
        return
    done, durable = partial.done.as_tuple(), partial.durable.as_tuple()
    partial.save(record._replace(done=done, durable=durable, file=None, sample=""))


def _may_lack_bytes(record: Passport, facts: os.stat_result) -> bool:
    """Tell whether it is a copy that may be older than its record.

    That is so when the original was still being written, or when the partial alone came back from a
    backup, perhaps with the inode of the one before. At the time of the backup, ranges of several
    connections may have lain apart that are one range by now. A copy that kept its time was last
    written when its original was; a difference of moments may come from a corrected clock.
    """
    left = record.file
    if left is None:
        return False
    if left.inode != facts.st_ino:
        return left.written_ns != facts.st_mtime_ns
    return left.written_ns is not None and facts.st_mtime_ns < left.written_ns - _SAME_MOMENT_NS


def _is_anothers(fd: int, record: Passport) -> bool:
    """Tell whether it is visibly another file than the recorded one, and no copy of that."""
    left = record.file
    is_another = left is not None and left.inode != os.fstat(fd).st_ino
    return is_another and _has_other_sample(fd, record)


def _is_unproven(record: Passport, facts: os.stat_result) -> bool:
    """Tell whether only its name says that it is the recorded file.

    It has another inode, or the record tells none, as of the first versions of this program.
    """
    left = record.file
    return left is None or (left.inode != facts.st_ino and not record.sample)


def _was_changed(part_path: str, fd: int, record: Passport, facts: os.stat_result) -> bool:
    """Tell whether another program has written into a partial since it was put down.

    A copy, being another file, is trusted to hold what its passport says. What another program
    writes at the same time as this one is not noticed: our own writes set the same times, and
    checking every write would mean reading the whole file again.
    """
    left, there = record.file, identity_of(facts)
    if left is None or left.written_ns is None or there.written_ns is None:
        return False
    later_ns = there.written_ns - left.written_ns
    if left.inode != there.inode or not later_ns:
        return False
    # What was flushed before a power cut is the content, not always its time.
    mount = mount_of(facts.st_dev)
    if later_ns < 0 and not is_of_now(record, passports.boot_id(), mount):
        return False
    if abs(later_ns) > _SAME_MOMENT_NS:
        return True
    is_cut = facts.st_size < (left.total_bytes or 0)  # what is missing is fetched again
    return not is_cut and (keeps_times(part_path) or _has_other_sample(fd, record))


def _is_doubtful(part_path: str, fd: int, record: Passport, facts: os.stat_result) -> bool:
    """Tell whether another program seems to have written into a partial that was not put down.

    After `kill -9` the time of our last write is known only as moments after the last note. A write
    much later was by another program, or to a disk that hung. One that came as soon as ours, or
    that set the time back, cannot be told from ours.
    """
    left = record.file
    if left is None or left.written_ns is not None or left.inode != facts.st_ino:
        return False
    noted_ns = progress_notes.last_written_ns(fd, passports.boot_id())
    recorded_ns = passports.touched_ns(part_path)
    if recorded_ns is None:
        return False  # it went a moment ago
    later_ns = facts.st_mtime_ns - max(recorded_ns, noted_ns or 0)
    allowed_ns = _RECORDED_WITHIN_NS if noted_ns is None else progress_notes.WRITTEN_AFTER_NS
    return later_ns > allowed_ns


def _has_other_sample(fd: int, record: Passport) -> bool:
    return record.sample != "" and record.sample != sample_of(fd, record.done)


def _refuse_changed(name: str, destination: Destination, *, is_known: bool) -> None:
    """Raise: it is unknown which bytes still come from the server, so the user has to decide."""
    words = f"{name}{SUFFIX} was changed by another program while it was paused"
    if is_known:
        raise DiskError(words, code="changed", hint="start again from 0, or keep what is there")
    destination.release(name)
    _log.warning("%s; it is left alone", words)


def _adopt_decoded(part_path: str, destination: Destination, fd: int, record: Passport) -> Partial:
    """Go on with a decoded file if it is complete; a changed one cannot be, so it starts over."""
    decoding.take_up(part_path, fd, record)
    facts, name = os.fstat(fd), os.path.basename(part_path).removesuffix(SUFFIX)
    sound = sound_ranges(record, passports.boot_id(), mount_of(facts.st_dev), facts.st_size)
    if sound.total == record.total_bytes == facts.st_size:
        durable = RangeSet.from_pairs(record.durable).intersect(sound)
        return Partial(destination.folder, name, fd, sound, durable, record, is_decoded=True)
    _log.warning("%s was changed after it was decoded; starting again from 0", part_path)
    known = record._replace(
        total_bytes=None, etag=None, last_modified=None, done=(), durable=(), decoded=False,
        file=None,
    )  # fmt: skip
    partial = Partial(destination.folder, name, fd, record=known)
    partial.empty()
    partial.save(known)
    return partial


def _with_old(partial: Partial, url: str | None) -> Partial:
    """Add to a partial the one that was set aside for it, if that is also for `url`."""
    record = old_record(partial.part_path)
    if record is not None and (url is None or record.is_of(url)):
        done_bytes = RangeSet.from_pairs(record.done).total
        partial.old = SetAside(partial.part_path, done_bytes)
    return partial


def _adopt_empty(part_path: str, destination: Destination, url: str) -> Partial | None:
    """Take over a partial that a crash left between its creation and its first record."""
    try:
        fd = open_found(part_path)
    except OSError:
        return None  # a link, a folder, a file of somebody else: not ours
    name = os.path.basename(part_path).removesuffix(SUFFIX)
    is_ours = _is_unowned(fd, part_path) and destination.claim(name)
    # Twice: who had it locked may have written since.
    if is_ours and _is_locked(fd, part_path) and _is_unowned(fd, part_path):
        return _with_old(Partial(destination.folder, name, fd), url)
    os.close(fd)
    return None


def _is_unowned(fd: int, part_path: str) -> bool:
    return os.fstat(fd).st_size == 0 and record_of(part_path) is None


def _may_replace(path: str, destination: Destination, name: str, is_numbered: bool) -> bool:
    """Tell whether the user chose to replace a file of this name; never for a numbered one."""
    if is_numbered and destination.on_conflict is not OnConflict.SKIP:
        return False
    if destination.on_conflict is OnConflict.OVERWRITE and stat.S_ISREG(os.lstat(path).st_mode):
        return True
    refuse_unless_renaming(destination, name)
    return False
