"""Giving files names without ever replacing another file. Everything here blocks."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys

from tui_downloader.engine.disk.part_files import delete
from tui_downloader.engine.disk.writer_process import give_name
from tui_downloader.model.naming import variants
from tui_downloader.model.own_names import COPY, RESERVED
from tui_downloader.store.identities import is_one_file

# What file systems answer that have no hard links (FAT, some network mounts), or no more of them.
_NO_LINKS = frozenset(
    {errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}
    | ({errno.EINVAL} if os.name == "nt" else set())
)
# linux/fs.h and fcntl.h, and what a kernel or file system answers that does not know the flag.
_NOREPLACE, _AT_FDCWD = 1, -100
_UNKNOWN = frozenset({errno.EINVAL, errno.ENOSYS})
_CREATE = os.O_CREAT | os.O_EXCL | os.O_WRONLY


def link_open(fd: int, source: str, target: str) -> bool:
    """Give an open file, whose name is `source`, the name `target` without replacing.

    Linux can link the descriptor itself. Elsewhere `source` may come to be another file just after
    it was checked, so the file of the new name is checked, too.

    Returns:
        True when both names remain.

    Raises:
        FileExistsError: the name is taken.
        FileNotFoundError: `source` is another file, which keeps that name.
        OSError: of the system; nothing has changed.
    """
    if sys.platform == "linux":
        try:
            give_name(fd, target)
        except OSError:
            pass  # no /proc (some containers), no hard links, or the name is taken
        else:
            return True
    linked = link(source, target)
    if leads_to(target, fd):
        return linked
    if linked:
        os.unlink(target)
    else:
        move_without_replacing(target, source)
    raise another(source)


def leads_to(path: str, fd: int) -> bool:
    """Tell whether a name that was just given belongs to this open file."""
    try:
        there = os.lstat(path)
    except OSError:
        return True  # it was taken away at once: no other file was put in its place
    return is_one_file(there, os.fstat(fd))


def another(path: str) -> FileNotFoundError:
    """Return the error for a path that belongs to another file than the open one."""
    return FileNotFoundError(errno.ENOENT, "another file has its name by now", path)


def link(source: str, target: str) -> bool:
    """Give `source` the name `target` without replacing; True when both names remain.

    Raises:
        FileExistsError: the name is taken.
        OSError: of the system; nothing has changed.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if not _renamed(source, target):
            _move_onto_reserved(source, target)
        return False
    return True


def _renamed(source: str, target: str) -> bool:
    """Rename in one step; False where the system has no rename that replaces nothing.

    Raises:
        FileExistsError: the name is taken.
        OSError: of the system; nothing has changed.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # only here: few file systems have no hard links

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    paths = os.fsencode(source), os.fsencode(target)
    if rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNKNOWN:
        return False
    raise OSError(number, os.strerror(number), source, None, target)


def _move_onto_reserved(source: str, target: str) -> None:
    """Create the target empty, then rename onto it.

    After a crash in between, a mark beside tells that the empty file is ours; see `free_reserved`.
    """
    mark = target + RESERVED
    os.close(os.open(mark, _CREATE, 0o666))
    try:
        os.close(os.open(target, _CREATE, 0o666))
        try:
            os.replace(source, target)
        except OSError:
            os.unlink(target)
            raise
    finally:
        with contextlib.suppress(OSError):  # what is done is not undone for that
            os.unlink(mark)


def free_reserved(path: str) -> bool:
    """Delete the empty file that a crash has left under a name; return whether there was a mark.

    Without its mark an empty file is somebody else's.
    """
    marks = marks_of(path)
    if marks and _is_empty(path):
        os.unlink(path)
    delete(marks)
    return bool(marks)


def marks_of(path: str) -> tuple[str, ...]:
    """Return the mark of a name that is, or was, only reserved; nothing where there is none."""
    return (path + RESERVED,) if _is_empty(path + RESERVED) else ()


def free_reserved_variant(final_path: str) -> None:
    """The same for whichever variant of a final name was reserved."""
    folder, name = os.path.split(final_path)
    for each in variants(name):
        path = os.path.join(folder, each)
        if free_reserved(path) or not os.path.lexists(path):
            return


def _is_empty(path: str) -> bool:
    try:
        facts = os.lstat(path)
    except FileNotFoundError:
        return False
    return stat.S_ISREG(facts.st_mode) and not facts.st_size


def move_without_replacing(source: str, target: str) -> bool:
    """Move a file, to another file system if need be; its old name is gone only at the end.

    Returns:
        True when it is a copy now.

    Raises:
        FileExistsError: the name is taken.
        OSError: it cannot be moved; the file is where it was.
    """
    is_there, is_copy = give_second_name(source, target)
    if is_there:
        os.unlink(source)
    return is_copy


def give_second_name(source: str, target: str) -> tuple[bool, bool]:
    """Give a file a second name by a link, or by a copy on another file system.

    Returns:
        Whether it still has its first name: not where no file can have two. Whether it is a copy.

    Raises:
        FileExistsError: the name is taken.
        OSError: it cannot be given; nothing has changed.
    """
    try:
        return link(source, target), False
    except OSError as error:
        if error.errno == errno.ENOENT and os.path.lexists(source):
            # Whichever is to blame, the system names the first: /proc takes no files, say.
            raise FileNotFoundError(errno.ENOENT, error.strerror, target) from error
        if error.errno != errno.EXDEV:
            raise
        _copy(source, target)
        return True, True


def _copy(source: str, target: str) -> None:
    """Copy a file; the copy gets its name only when it is complete."""
    unfinished, facts = target + COPY, os.stat(source)
    fd = os.open(unfinished, _CREATE, facts.st_mode & 0o777)
    try:
        with open(fd, "wb") as copy, open(source, "rb") as original:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            # Nobody wrote it anew: it is the same file elsewhere.
            os.utime(unfinished, ns=(facts.st_atime_ns, facts.st_mtime_ns))
            os.fsync(copy.fileno())
        has_both = link(unfinished, target)
    except OSError:
        os.unlink(unfinished)
        raise
    if has_both:
        os.unlink(unfinished)
