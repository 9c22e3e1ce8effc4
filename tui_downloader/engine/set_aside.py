"""The partial that starting over sets aside, `NAME.part.old`, until the new one is worth more.

Its record, `NAME.part.old.json`, is written before it and deleted after it: a file of that name
without a record that can be read is not ours, and is neither replaced nor deleted. Everything here
blocks.
"""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from tui_downloader.model.errors import DiskError
from tui_downloader.model.passport import PassportError
from tui_downloader.store import passports

if TYPE_CHECKING:
    from tui_downloader.model.passport import Passport

OLD = ".old"


def old_files(part_path: str) -> tuple[str, ...]:
    """Every file of the partial that was set aside, its record last; none if they are not ours."""
    old_path = part_path + OLD
    if not _is_ours(old_path):
        return ()
    return old_path, passports.passport_path(old_path)


def old_record(part_path: str) -> Passport | None:
    """Return the record of the partial that was set aside, None when there is none of ours."""
    old_path = part_path + OLD
    if not _is_ours(old_path):
        return None
    if not os.path.lexists(old_path):
        passports.delete(old_path)  # a crash left it alone
        return None
    return _record(old_path)


def set_aside(part_path: str, unrecorded: Passport) -> None:
    """Set a partial aside, in place of one that was set aside before.

    Args:
        unrecorded: what is known of the partial, should it have no record yet.

    Raises:
        DiskError: something of that name is not ours; nothing has changed.
    """
    old_path = part_path + OLD
    for path in (old_path, passports.passport_path(old_path)):
        if os.path.lexists(path) and not _is_ours(old_path):
            raise DiskError(
                f"{os.path.basename(path)} is in the way, and not of this program",
                hint="give it another name and try again",
            )
    for path in old_files(part_path):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
    passports.write(old_path, _record(part_path) or unrecorded)
    os.replace(part_path, old_path)
    passports.delete(part_path)


def _is_ours(old_path: str) -> bool:
    """A crash may have left the record alone, never the partial alone."""
    try:
        if not stat.S_ISREG(os.lstat(old_path).st_mode):
            return False
    except FileNotFoundError:
        pass
    return _record(old_path) is not None


def _record(part_path: str) -> Passport | None:
    try:
        return passports.read(part_path)
    except (PassportError, OSError):
        return None
