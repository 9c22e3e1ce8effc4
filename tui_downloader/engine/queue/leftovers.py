"""Files that are deleted once the queue on disk no longer needs them: what finishing left over, and
finished files whose downloads were removed with them.

They are deleted in the threads of their own file system, so that one that hangs delays neither the
journal nor other file systems.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import os
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.disk_faults import disk_error
from tui_downloader.engine.disk.owned_files import Finished, finished_earlier, has_second_name
from tui_downloader.engine.disk.part_files import delete
from tui_downloader.model.status import Status
from tui_downloader.store.identities import is_one_file
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.errors import DiskError

    Ended = Callable[[str, DiskError | None], None]

_log = logging.getLogger(__name__)
# A crash may come before they are deleted, and the next one before the first is repaired: those of
# several batches of small files, or of a few large ones.
_LAST, _LAST_S = 2000, 60.0


def finished_last(downloads: Iterable[Download]) -> list[str]:
    """Return the final paths beside which an earlier run may not have cleaned up."""
    done = [each for each in downloads if each.status is Status.COMPLETED]
    last = heapq.nlargest(_LAST, done, key=_finished_at)
    since = max(map(_finished_at, last), default=0.0) - _LAST_S
    return [each.final_path for each in last if _finished_at(each) >= since]


def _finished_at(download: Download) -> float:
    return download.finished_at or 0.0


class Leftovers:
    """Files that are to be deleted, and those that are being deleted.

    Args:
        disk: deletes them.
        ended: told of each finished file that was to go, with what kept it from going, if anything.
    """

    def __init__(self, disk: Disk, ended: Ended = lambda *_: None) -> None:
        self._disk = disk
        self._ended = ended
        self._due: dict[str, str] = {}  # each with the final path of the file that it is left of
        self._being_deleted: dict[asyncio.Future[dict[str, OSError]], tuple[str, ...]] = {}

    @property
    def due(self) -> tuple[str, ...]:
        """Files still to be deleted, in the order in which that happens."""
        return tuple(self._due)

    def due_of(self, final_path: str) -> tuple[str, ...]:
        """Files still to be deleted that belong to one final path."""
        return _of(final_path, self._due)

    def add(self, paths: Iterable[str], final_path: str = "") -> None:
        """These are to go.

        Args:
            final_path: of the file that finishing left these of: the name of a partial among them
                goes only while it is a second name of that. Should the file itself be to go, its
                second name goes with it.
        """
        self._due.update(dict.fromkeys(paths, final_path))

    async def found(self, final_paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return what finishing these files left behind when an earlier run crashed, by file."""
        left: dict[str, tuple[str, ...]] = {}
        by_folder: defaultdict[str, list[str]] = defaultdict(list)
        for path in final_paths:
            by_folder[os.path.dirname(path)].append(path)
        for folder, paths in by_folder.items():
            for path, found in await self._disk.run(os.path.join(folder, ""), _find, paths):
                left[path] = found.leftovers
        return left

    def delete(self, paths: Iterable[str]) -> None:
        """Start to delete the due files of these paths."""
        by_folder: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for path in paths:
            if path in self._due:
                by_folder[os.path.dirname(path)][path] = self._due.pop(path)
        for folder, names in by_folder.items():
            call = self._disk.begin(os.path.join(folder, ""), _delete, names)
            self._being_deleted[call] = tuple(names)
            call.add_done_callback(self._being_deleted.pop)
            finished = [path for path, final_path in names.items() if path == final_path]
            if finished:
                call.add_done_callback(partial(self._tell, finished))

    def _tell(self, finished: list[str], call: asyncio.Future[dict[str, OSError]]) -> None:
        """Tell how deleting finished files went."""
        stayed = call.result()
        for path in finished:
            error = stayed.get(path)
            folder = os.path.dirname(path)
            self._ended(path, None if error is None else disk_error(error, folder))

    async def gone(self, final_path: str | None = None) -> None:
        """Wait until nothing is being deleted any more, of one file or at all."""
        calls = [
            call
            for call, paths in self._being_deleted.items()
            if final_path is None or _of(final_path, paths)
        ]
        if calls:
            await asyncio.wait(calls)


def _of(final_path: str, paths: Collection[str]) -> tuple[str, ...]:
    """Choose those that belong to a final path, including the path itself."""
    if not paths:
        return ()
    folder, name = os.path.split(final_path)
    part_name = name + SUFFIX
    # Of the hundreds that are due while small files come, next to none is split.
    near = [path for path in paths if path == final_path or part_name in path]
    return tuple(
        path
        for path in near
        if path == final_path
        or (part_name in os.path.basename(path) and os.path.dirname(path) == folder)
    )


def _find(final_paths: Iterable[str]) -> list[tuple[str, Finished]]:
    """Return what is left of each of these, if anything; the next start looks again at others."""
    left = []
    for path in final_paths:
        with contextlib.suppress(OSError):
            if (found := finished_earlier(path)) is not None:
                left.append((path, found))
    return left


def _delete(names: dict[str, str]) -> dict[str, OSError]:
    """Delete files, each with its final path; return those that stay, and why."""
    stayed = {}
    for path, final_path in names.items():
        try:
            delete(_to_delete(path, final_path))
        except OSError as error:
            _log.warning("a finished download's files stay: %s", error)
            stayed[path] = error
    return stayed


def _to_delete(path: str, final_path: str) -> tuple[str, ...]:
    """Return what may be deleted of a path, in that order."""
    if path == final_path and has_second_name(final_path):
        # First its second name, which may not have gone yet: without the file it would pass for
        # another one, and stay.
        return final_path + SUFFIX, path
    return () if final_path and _is_another(path, final_path) else (path,)


def _is_another(path: str, final_path: str) -> bool:
    """Tell whether a partial's name belongs to another file than the finished one by now."""
    if not path.endswith(SUFFIX) or not _has_one_name(path):
        return False
    try:
        is_another = not is_one_file(os.lstat(path), os.lstat(final_path))
    except FileNotFoundError:
        is_another = True
    if is_another:
        _log.warning("%s is another file by now and stays", path)
    return is_another


def _has_one_name(path: str) -> bool:
    """Tell whether a file has exactly one link, as every file seems to have on some mounts."""
    try:
        return os.lstat(path).st_nlink == 1
    except FileNotFoundError:
        return False
