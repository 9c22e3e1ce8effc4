"""Compares a file that had a wrong digest with another one, and names it if that fits."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.renaming import move_without_replacing
from tui_downloader.engine.transfer.bad_files import is_still
from tui_downloader.engine.transfer.finishing import digest_of_ended
from tui_downloader.engine.transfer.verdict import judged
from tui_downloader.model.digests import digest_name
from tui_downloader.model.errors import DiskError
from tui_downloader.model.identity import KeptFile
from tui_downloader.model.naming import variants
from tui_downloader.model.status import Event
from tui_downloader.store.atomic import sync_folder
from tui_downloader.store.identities import identity_of

if TYPE_CHECKING:
    from tui_downloader.engine.disk.names import Names
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.digests import Checksum


async def recheck(download: Download, tools: Tools) -> None:
    """Complete a download that FAILED by its digest, if one of its kept files fits now.

    Nothing is fetched, no other file is replaced, and only files on the download's own record are
    used: another file may be called .bad, too. Without success nothing changes.

    Raises:
        DiskError: a file cannot be read, or there is no free name for it.
    """
    expected, path = download.request.checksum, download.final_path
    if expected is None or not path:
        return
    has_name = download.finished_at is not None
    found = await tools.disk.run(path, _still_there, path, has_name, download.kept_as)
    for kept in found:
        if await _fits(download, tools, kept.path, expected):
            names, key = tools.names, download.download_id
            final = await tools.disk.land(path, _give_name, kept, path, names, key)
            download.kept_as = tuple(each for each in download.kept_as if each.path != kept.path)
            _complete(download, expected, *final)
            tools.report(download)
            return
    words = (
        f"{digest_name(expected.algorithm)} differs, too"
        if found
        else "nothing is kept of the file"
    )
    tools.tell(download, words)


def _still_there(path: str, has_name: bool, kept_files: tuple[KeptFile, ...]) -> list[KeptFile]:
    """Return the files that may be the right one, the likeliest first. Blocks.

    Args:
        has_name: it had finished once, so what has its name may be the right one.
        kept_files: what was kept of it, the latest last.
    """
    found = (
        [KeptFile(path, identity_of(os.stat(path)))] if has_name and os.path.isfile(path) else []
    )
    found += (each for each in reversed(kept_files) if is_still(each))
    return found


async def _fits(download: Download, tools: Tools, path: str, expected: Checksum) -> bool:
    computed = await digest_of_ended(download, tools.disk, path, expected)
    download.facts.computed = f"{expected.algorithm}={computed}"
    return computed == expected.hexdigest


def _give_name(kept: KeptFile, path: str, names: Names, key: int) -> tuple[str, int]:
    """Give the file its name, numbered if that is taken; return name and size in bytes. Blocks.

    Raises:
        DiskError: it is not what was compared any more.
    """
    _flush(kept.path)
    if not kept.identity.fits(identity_of(os.stat(kept.path))):
        words = f"{os.path.basename(kept.path)} was changed while it was compared"
        raise DiskError(words, hint="compare it again")
    folder, name = os.path.split(path)
    for wanted in variants(name):
        target = os.path.join(folder, wanted)
        if kept.path != target:
            if not names.claim(folder, wanted, key):
                continue
            try:
                move_without_replacing(kept.path, target)
            except FileExistsError:
                names.release(folder, wanted, key)
                continue
            sync_folder(folder)
        return wanted, os.path.getsize(target)
    raise AssertionError("variants have no end")


def _flush(path: str) -> None:
    """Make the content survive a power cut before the file is recorded as complete."""
    # Only Windows wants it writable for that; the user may have made the file read-only.
    fd = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _complete(download: Download, fitted: Checksum, name: str, size: int) -> None:
    now = time.time()
    download.name, download.total_bytes = name, size
    download.finished_at, download.kept_bytes, download.failure = now, 0, None
    download.assurance, download.checked_by = judged(fitted, download.facts.computed)
    download.note(now, f"{digest_name(fitted.algorithm)} fits what was kept")
    download.apply(Event.RECEIVED, now)
    download.apply(Event.FINISHED, now)
