"""Files with a wrong digest, kept as NAME.bad: which of them are still there, and deleting them.

A file that has such a name may be somebody else's by now. Ours is what is as the record says; where
an earlier version recorded no more than a name, or only said it in the words of the failure, what
has the digest that those tell.
"""

from __future__ import annotations

import hashlib
import os
import re
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.checksum import hash_name
from tui_downloader.engine.renaming import link
from tui_downloader.model.errors import ChecksumMismatch, DiskError
from tui_downloader.model.identity import KeptFile
from tui_downloader.model.naming import numbered
from tui_downloader.store import passports, progress_notes
from tui_downloader.store.identities import identity_at, identity_of

if TYPE_CHECKING:
    from tui_downloader.engine.download import Download
    from tui_downloader.engine.partial import Partial
    from tui_downloader.engine.tools import Tools

_BAD = ".bad"
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
# What `Finishing` says of a mismatch, and has said since its first version.
_WORDS = re.compile(
    r"(?P<algorithm>\S+) differs: expected \S+, got (?P<first>[0-9a-f]+)(?:…(?P<last>[0-9a-f]+))?"
    r"(?:, .*)?; kept as (?P<name>.+)",
    re.DOTALL,
)


class Told(NamedTuple):
    """What the words of a failure tell of the file that was kept.

    Attributes:
        first, last: how its digest begins and ends.
        total_bytes: its size, None when that is not known.
    """

    path: str
    algorithm: str
    first: str
    last: str
    total_bytes: int | None


def keep(part: Partial) -> KeptFile:
    """Give a file whose digest is wrong a name that says so. Blocks.

    Raises:
        DiskError: the partial is not what it was.
    """
    part.check_identity()
    progress_notes.erase(part.fd)
    for n in count():
        name = (numbered(part.name, n) if n else part.name) + _BAD
        path = os.path.join(part.folder, name)
        try:
            linked = link(part.part_path, path)
        except FileExistsError:
            continue
        if linked:
            os.unlink(part.part_path)
        passports.delete(part.part_path)
        return KeptFile(path, identity_of(os.fstat(part.fd)))
    raise AssertionError("count() has no end")


def told_of(download: Download) -> Told | None:
    """Return what its failure says of a kept file, None when it says nothing."""
    failure = download.failure
    if failure is None or failure.code != ChecksumMismatch.code:
        return None
    found = _WORDS.fullmatch(failure.message)
    if found is None or os.path.basename(found["name"]) != found["name"]:
        return None
    path = os.path.join(download.request.folder, found["name"])
    last = found["last"] or ""
    return Told(path, found["algorithm"], found["first"], last, download.facts.total_bytes)


def kept_of(download: Download) -> tuple[KeptFile, ...]:
    """Return what was kept of a download, the latest last, wherever that is recorded."""
    if not download.kept_as and (told := told_of(download)) is not None:
        return (KeptFile(told.path),)
    return download.kept_as


def is_still(kept: KeptFile, told: Told | None) -> bool:
    """Tell whether it is still there. Blocks; reads all of it when only its name was recorded."""
    try:
        there = identity_at(kept.path)
    except OSError:
        return False
    if there is None:
        return False
    if kept.identity is not None:
        return kept.identity.fits(there)
    if told is None or told.path != kept.path:
        return False
    return told.total_bytes in (None, there.total_bytes) and _has_digest(told)


def _has_digest(told: Told) -> bool:
    digest = partial(hashlib.new, hash_name(told.algorithm), usedforsecurity=False)
    with open(os.open(told.path, _READ), "rb") as file:
        computed = hashlib.file_digest(file, digest).hexdigest()
    if not told.last:
        return computed == told.first
    return computed.startswith(told.first) and computed.endswith(told.last)


async def delete_kept(download: Download, tools: Tools) -> None:
    """Delete what was kept of a download; what is not that any more stays, and that is told."""
    told = told_of(download)
    for kept in kept_of(download):
        try:
            is_gone = await tools.disk.land(kept.path, _delete, kept, told)
        except DiskError as error:
            tools.tell(download, f"not deleted: {error.message}")
            continue
        if not is_gone:
            words = f"not deleted: {os.path.basename(kept.path)} is not the file that was kept"
            tools.tell(download, words)
    download.kept_as = ()


def _delete(kept: KeptFile, told: Told | None) -> bool:
    """Delete it, if it is still that; False when another file has its name. Blocks."""
    if is_still(kept, told):
        os.unlink(kept.path)
    return not os.path.lexists(kept.path)
