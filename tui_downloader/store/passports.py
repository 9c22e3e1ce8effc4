"""Passports on disk: `NAME.part.json` beside `NAME.part`."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import time
from itertools import count, takewhile
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.own_names import BAD, PART, RECORD
from tui_downloader.model.passport import Flaw, Passport, PassportError, unreadable
from tui_downloader.store.atomic import temporary_path, write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = PART
PASSPORT_SUFFIX = PART + RECORD
_BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id"
# A passport lists ranges: even thousands of them fit. More is not ours.
_LARGEST_BYTES = 16 << 20


class SetAside(NamedTuple):
    """A passport that could not be trusted, where it is kept, and what is wrong with it."""

    path: str
    flaw: str


def passport_path(part_path: str) -> str:
    """Return where the passport of a partial lies."""
    return part_path + RECORD


def leftovers_of(part_path: str) -> tuple[str, str]:
    """Return every file that belongs to a partial's passport: itself, and one half written."""
    path = passport_path(part_path)
    return path, temporary_path(path)


def read(part_path: str) -> Passport | None:
    """Return the passport of a partial, None when there is none.

    Raises:
        PassportError: there is one, and it must not be trusted.
    """
    try:
        return _read_at(passport_path(part_path))
    except FileNotFoundError:
        return None


def _read_at(path: str) -> Passport:
    with open(path, "rb", opener=_open_at_once) as file:
        data = file.read(_LARGEST_BYTES)
    try:
        return Passport.from_json(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise unreadable(data.decode("latin-1")) from error


def _open_at_once(path: str, flags: int) -> int:
    # A pipe of that name would otherwise never answer.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_own(part_path: str) -> Passport | None:
    """Return the passport of a partial, None if there is none of ours that can be read."""
    try:
        return None if is_foreign(part_path) else read(part_path)
    except (PassportError, OSError):
        return None


def in_folder(folder: str) -> Iterator[tuple[str, Passport]]:
    """Yield the passports in a folder that can be read, each behind the path of its partial.

    Raises:
        OSError: the folder cannot be read.
    """
    with os.scandir(folder) as entries:
        names = sorted(each.name for each in entries if each.name.endswith(PASSPORT_SUFFIX))
    for name in names:
        part_path = os.path.join(folder, name.removesuffix(PASSPORT_SUFFIX) + SUFFIX)
        try:
            passport = read(part_path)
        except (PassportError, OSError):
            continue  # not ours to read: a folder, a pipe, somebody else's
        if passport is not None:
            yield part_path, passport


def is_foreign(part_path: str) -> bool:
    """Tell whether the name of a partial's passport belongs to another file, or to no plain file.

    A file that begins as a passport does, or has every field of one in any version, is ours; so is
    an empty file, as a power cut may leave.
    """
    try:
        facts = os.lstat(passport_path(part_path))
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(facts.st_mode):
        return True
    try:
        read(part_path)
    except PassportError as error:
        return error.flaw is Flaw.FOREIGN
    except OSError:
        return True
    return False


def write(part_path: str, passport: Passport, *, flush: bool = True) -> None:
    """Replace the passport of a partial; see `write_atomic` for `flush`."""
    write_atomic(passport_path(part_path), passport.to_json().encode("ascii"), flush=flush)


def touched_ns(part_path: str) -> int | None:
    """Return when the passport of a partial was written last, None without one."""
    try:
        return os.lstat(passport_path(part_path)).st_mtime_ns
    except FileNotFoundError:
        return None


def set_aside(part_path: str) -> str:
    """Rename a passport that cannot be trusted; return the new path."""
    aside = next(path for path in _asides(part_path) if not os.path.lexists(path))
    os.replace(passport_path(part_path), aside)
    return aside


def last_set_aside(part_path: str) -> SetAside | None:
    """Return the last passport of a partial that was set aside, None when none is there."""
    there = list(takewhile(os.path.lexists, _asides(part_path)))
    if not there:
        return None
    try:
        _read_at(there[-1])
    except PassportError as error:
        return SetAside(there[-1], str(error))
    except OSError:
        pass
    return SetAside(there[-1], "the passport was damaged")


def _asides(part_path: str) -> Iterator[str]:
    path = passport_path(part_path)
    yield path + BAD
    yield from (f"{path}.{n}{BAD}" for n in count(2))


def delete(part_path: str) -> None:
    """Delete the passport of a partial, if there is one and it is ours."""
    if is_foreign(part_path):
        return
    for path in leftovers_of(part_path):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


@functools.cache
def boot_id() -> str:
    """Return a text that is the same until the machine is restarted."""
    try:
        with open(_BOOT_ID_FILE, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        # To the minute: clocks are corrected a little, machines do not start that fast.
        return f"started-{round((time.time() - time.monotonic()) / 60)}"
