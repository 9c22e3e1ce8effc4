"""Why what has the name of a part is not gone on with, in words for the user.

It stays as it is: a passport that cannot be read may be one of a newer version, and bytes without
one may be of another program. Everything here blocks.
"""

from __future__ import annotations

import os
import stat

from tui_downloader.store import passports


def why_passed_over(part_path: str) -> str:
    """Say why a part is left alone, "" for what nobody would have gone on with.

    That is none, an empty one, or one with a passport, such as that of another address.
    """
    if not _has_bytes(part_path):
        return ""
    name = os.path.basename(part_path)
    if passports.is_foreign(part_path):
        return f"{os.path.basename(passports.passport_path(part_path))} is no passport of {name}"
    if os.path.lexists(passports.passport_path(part_path)):
        return ""
    aside = passports.last_set_aside(part_path)
    if aside is None:
        return f"{name} has no passport"
    kept = os.path.basename(aside.path)
    return f"{name} cannot be gone on with: {aside.flaw}; it is kept as {kept}"


def _has_bytes(path: str) -> bool:
    try:
        facts = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(facts.st_mode) and facts.st_size > 0
