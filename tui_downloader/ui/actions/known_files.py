"""The files of downloads, as far as the program knows of them, in words and numbers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.store.identities import identity_at
from tui_downloader.ui.actions.selection import total_of_parts, with_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui_downloader.model.download import Snapshot
    from tui_downloader.model.identity import Identity
    from tui_downloader.ui.view.figures import Figures


class KnownFile(NamedTuple):
    """A file that is on the disk, or was when it was last heard of.

    Attributes:
        name: what it is called in messages: a part has the name of its download.
        owner: the name of its download, and its id.
        path: of a file that is whole, right or wrong; "" for a part.
        identity: of a wrong one, which tells it from another file that has its name by now.
    """

    name: str
    owner: tuple[str, int]
    n_bytes: int
    path: str = ""
    identity: Identity | None = None


def files_of(downloads: Iterable[Snapshot]) -> list[KnownFile]:
    """Return their files: finished ones, parts, and those that were kept with a wrong digest."""
    return [file for each in downloads for file in (*_own(each), *wrong_files([each]))]


def _own(download: Snapshot) -> list[KnownFile]:
    owner, n_bytes = (download.name, download.download_id), total_of_parts([download])
    if download.status is Status.COMPLETED:
        path = os.path.join(download.folder, download.name)
        return [KnownFile(download.name, owner, n_bytes, path)]
    return [KnownFile(download.name, owner, n_bytes)] if n_bytes else []


def wrong_files(downloads: Iterable[Snapshot]) -> list[KnownFile]:
    """Return the files that were kept with a wrong digest."""
    return [
        KnownFile(
            clean(os.path.basename(kept.path)),
            (each.name, each.download_id),
            kept.identity.total_bytes or 0,
            kept.path,
            kept.identity,
        )
        for each in downloads
        for kept in each.kept_as
    ]


def there_are(files: Sequence[KnownFile]) -> str:
    """Name a single file, or say how many there are, and of whom: "3 files of a.iso"."""
    if len(files) == 1:
        return files[0].name
    owners = {file.owner for file in files}
    if len(owners) == len(files):
        return f"{len(files)} files"
    of = next(iter(owners))[0] if len(owners) == 1 else f"{len(owners)} downloads"
    return f"{len(files)} files of {of}"


def bytes_of(files: Iterable[KnownFile]) -> int:
    """Bytes of all of them."""
    return sum(file.n_bytes for file in files)


def what_stays(parts: Sequence[Snapshot], downloads: Sequence[Snapshot], figures: Figures) -> str:
    """Say what stays on the disk of downloads that leave the list, "" for nothing to be told.

    Args:
        parts: those of them whose parts stay, if they have any. Wrong files always do.
    """
    there, wrong = with_parts(parts), wrong_files(downloads)
    if not wrong:
        what = "its part stays" if len(there) == 1 else f"{len(there)} parts stay"
    elif len(wrong) == 1 and not there:
        what = f"{wrong[0].name} stays"
    else:
        what = f"{len(there) + len(wrong)} files stay"
    size = figures.size(total_of_parts(there) + bytes_of(wrong)).strip()
    return f"{what}: {size}" if there or wrong else ""


def looked_at(files: Iterable[KnownFile]) -> tuple[list[KnownFile], list[KnownFile]]:
    """Return those that are not there any more, and those that are other files by now. Blocks."""
    gone, others = [], []
    for file in files:
        try:
            there = identity_at(file.path) if file.path else None
        except OSError:
            gone.append(file)
        else:
            is_known = file.identity is None or (there is not None and file.identity.fits(there))
            others += [] if is_known else [file]
    return gone, others
