"""The downloads that a command is about, one or hundreds, in words and numbers. Pure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.store.paths import short_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tui_downloader.model.download import Snapshot

_DEAR_BYTES = 10_000_000
_DEAR_S = 30.0
_WHOLE = frozenset({Status.VERIFYING, Status.COMPLETED})


def ids_of(downloads: Sequence[Snapshot]) -> list[int]:
    """Their ids, in the same order."""
    return [each.download_id for each in downloads]


def without(downloads: Sequence[Snapshot], others: Sequence[Snapshot]) -> list[Snapshot]:
    """Those that are not among the others, in the same order; both may be thousands."""
    ids = set(ids_of(others))
    return [each for each in downloads if each.download_id not in ids]


def received_bytes(snapshot: Snapshot) -> int:
    """Bytes on disk; what is being verified for the first time, or finished, has them all."""
    if snapshot.status in _WHOLE:
        return snapshot.total_bytes or snapshot.kept_bytes
    if snapshot.is_checked_again:  # a file that is no part of it any more
        return snapshot.kept_bytes
    return max(snapshot.done_bytes, snapshot.kept_bytes)


def total_received(downloads: Sequence[Snapshot]) -> int:
    """Bytes of all of them that are on disk."""
    return sum(received_bytes(each) for each in downloads)


def total_of_parts(downloads: Sequence[Snapshot]) -> int:
    """Bytes of all their parts, including those set aside for new ones."""
    return total_received(downloads) + sum(each.set_aside_bytes for each in downloads)


def total_set_aside(downloads: Sequence[Snapshot]) -> int:
    """Bytes that starting again keeps until there are more: of two parts the larger one."""
    return sum(max(received_bytes(each), each.set_aside_bytes) for each in downloads)


def are_dear(downloads: Sequence[Snapshot]) -> bool:
    """Deleting these needs a question: more than 10 MB together, or 30 s of transfer."""
    return total_of_parts(downloads) > _DEAR_BYTES or _took_long(downloads)


def are_dear_to_stop(downloads: Sequence[Snapshot]) -> bool:
    """The same for the bytes received over the current connections."""
    return total_received(downloads) > _DEAR_BYTES or _took_long(downloads)


def _took_long(downloads: Sequence[Snapshot]) -> bool:
    return any(received_bytes(each) and each.active_s > _DEAR_S for each in downloads)


def starting_over(downloads: Sequence[Snapshot]) -> list[Snapshot]:
    """Those that would start again from 0, as their servers cannot resume."""
    lacking = [each for each in downloads if received_bytes(each) != each.total_bytes]
    return [each for each in lacking if each.resumable is False and received_bytes(each)]


def not_to_be_stopped(downloads: Sequence[Snapshot]) -> list[Snapshot]:
    """Those that are receiving, and would start again from 0 once stopped."""
    return starting_over([each for each in downloads if each.status is Status.DOWNLOADING])


def not_resuming(downloads: Sequence[Snapshot], size: str, *, is_only: bool = False) -> str:
    """Say which downloads start again from 0, and how much is fetched twice by that.

    Args:
        size: of what they have.
        is_only: it is the only download that is spoken of.
    """
    which = "it" if is_only else len(downloads)
    they, their = ("it", "its") if len(downloads) == 1 else ("they", "their")
    fate = f"{they} will start again from 0 and fetch {their} {size} anew"
    return f"{which} cannot resume: {fate}"


def cheap_to_undo(downloads: Sequence[Snapshot], replacing: Collection[int]) -> list[int]:
    """Those that run, with nothing from before, and so little that it may be deleted.

    Args:
        replacing: what these have replaced comes back: they need not run any more.
    """
    begun = [each for each in downloads if each.status.is_running or each.download_id in replacing]
    new = [each for each in begun if not each.kept_as]
    own = [each for each in new if each.received_bytes >= received_bytes(each)]
    return ids_of([each for each in own if not are_dear([each])])


def with_parts(downloads: Sequence[Snapshot]) -> list[Snapshot]:
    """Those with parts on the disk that are not about to be deleted."""
    return [each for each in downloads if each.parts_go_at is None and total_of_parts([each])]


def on_disk(downloads: Sequence[Snapshot]) -> list[Snapshot]:
    """Those whose finished file is there. Blocks."""
    paths = [os.path.join(each.folder, each.name) for each in downloads]
    return [
        each for each, path in zip(downloads, paths, strict=True) if size_on_disk(path) is not None
    ]


def size_on_disk(path: str) -> int | None:
    """Return how large a file is, None when there is none. Blocks."""
    try:
        return os.lstat(path).st_size
    except (OSError, ValueError):
        return None


def named(downloads: Sequence[Snapshot], noun: str = "download") -> str:
    """The name of a single download, or how many there are: "3 downloads"."""
    return downloads[0].name if len(downloads) == 1 else f"{len(downloads)} {noun}s"


def folders_of(downloads: Sequence[Snapshot]) -> str:
    """The folder they all go to, or how many there are: "3 folders"."""
    folders = {each.folder for each in downloads}
    return short_folder(folders.pop()) if len(folders) == 1 else f"{len(folders)} folders"
