"""Files with a wrong digest, kept as NAME.bad, once each: which still exist, and deleting them.

Another program may have put a file of that name there. Only a file with the recorded identity is
ours.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.renaming import link_open
from tui_downloader.engine.transfer import checksum
from tui_downloader.model.errors import DiskError
from tui_downloader.model.identity import KeptFile
from tui_downloader.model.naming import variants
from tui_downloader.model.own_names import BAD
from tui_downloader.store import passports, progress_notes
from tui_downloader.store.identities import identity_at, identity_of

if TYPE_CHECKING:
    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools


def keep(part: Partial) -> KeptFile:
    """Rename a file whose digest is wrong to NAME.bad, and close it. Blocks.

    Raises:
        DiskError: the partial is not what it was.
    """
    part.check_identity()
    progress_notes.erase(part.fd)
    for name in variants(part.name):
        path = os.path.join(part.folder, name + BAD)
        try:
            linked = link_open(part.fd, part.part_path, path)
        except FileExistsError:
            continue
        if linked:
            os.unlink(part.part_path)
        passports.delete(part.part_path)
        kept = KeptFile(path, identity_of(os.fstat(part.fd)))
        part.close()
        return kept
    raise AssertionError("variants have no end")


async def kept_before(
    kept_files: tuple[KeptFile, ...], disk: Disk, part: Partial, algorithm: str, computed: str
) -> KeptFile | None:
    """Return the file that an earlier run has kept of the same bytes, None when there is none.

    Args:
        computed: the digest of the partial.
    """
    for kept in reversed(kept_files):
        is_as_large = kept.identity.total_bytes == part.done.total
        if is_as_large and await _digest_of(kept, disk, algorithm) == computed:
            return kept
    return None


async def _digest_of(kept: KeptFile, disk: Disk, algorithm: str) -> str:
    """Return the digest of a kept file, "" when it cannot be read, or is another one by now."""
    opened: list[int] = []
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0)
    try:
        await disk.acquire(kept.path, opened.append, lambda: os.open(kept.path, flags))
        (fd,) = opened
        if not kept.identity.fits(identity_of(await disk.run(kept.path, os.fstat, fd))):
            return ""
        return await checksum.hexdigest(disk, fd, kept.path, algorithm, lambda _: None)
    except DiskError:
        return ""
    finally:
        for fd in opened:
            await disk.land(kept.path, os.close, fd)


def drop(part: Partial) -> None:
    """Delete a partial, and close it. Blocks.

    Raises:
        DiskError: it is not what it was.
    """
    part.check_identity()
    os.unlink(part.part_path)
    passports.delete(part.part_path)
    part.close()


def is_still(kept: KeptFile) -> bool:
    """Tell whether the recorded file is still there. Blocks."""
    try:
        there = identity_at(kept.path)
    except OSError:
        return False
    return there is not None and kept.identity.fits(there)


async def delete_kept(download: Download, tools: Tools, but: tuple[KeptFile, ...] = ()) -> bool:
    """Delete the .bad files of a download; one that was replaced stays, and the log says so.

    Args:
        but: those that are not to go.

    Returns:
        False when the disk refused: what it did not delete is still on record.
    """
    staying = list(but)
    for kept in download.kept_as:
        if kept in but:
            continue
        try:
            folder = os.path.join(os.path.dirname(kept.path), "")
            is_gone = await tools.disk.land(folder, _delete, kept)
        except DiskError as error:
            tools.tell(download, f"not deleted: {error.message}")
            staying.append(kept)
            continue
        if not is_gone:
            words = f"not deleted: {os.path.basename(kept.path)} is not the file that was kept"
            tools.tell(download, words)
    download.kept_as = tuple(staying)
    download.changed()
    return download.kept_as == but


def _delete(kept: KeptFile) -> bool:
    """Delete the recorded file; return False when another file has its name. Blocks."""
    if is_still(kept):
        os.unlink(kept.path)
    return not os.path.lexists(kept.path)
