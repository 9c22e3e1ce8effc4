"""Moves, deletes and renames files of downloads that have no running transfer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.disk import landed
from tui_downloader.engine.disk.moving import (
    Recorded,
    gather,
    give_second_names,
    take_away,
    to_be_moved,
)
from tui_downloader.engine.disk.owned_files import discard
from tui_downloader.engine.disk.replaced import give_back, has_successor, step_aside
from tui_downloader.engine.disk.set_aside import parts_of
from tui_downloader.engine.queue.wrong_files import WrongFiles, only_once
from tui_downloader.model.edits import name_wanted
from tui_downloader.model.errors import DiskError
from tui_downloader.model.events import EventKind
from tui_downloader.model.status import Status
from tui_downloader.model.units import format_bytes
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from tui_downloader.engine.disk.replaced import Replaced
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.download import DownloadRequest

_log = logging.getLogger(__name__)


class Edit(NamedTuple):
    """A change to a download: the new request, and where its files move to.

    `new_path` is "" while its file has no name yet.
    """

    request: DownloadRequest
    new_path: str

    def verb(self, old_path: str) -> str:
        """The word for what happens to existing files."""
        is_same_folder = os.path.dirname(old_path) == os.path.dirname(self.new_path)
        return "renamed" if is_same_folder else "moved"

    def outcome(self, old_path: str) -> str:
        """The words for what became of them: all that has changed of their path."""
        folder, name = os.path.split(self.new_path)
        if self.verb(old_path) == "renamed":
            return f"renamed to {name}"
        return f"moved to {folder}" + (f" as {name}" if name != os.path.basename(old_path) else "")

    def of_named(self, download: Download) -> Edit:
        """Return the same edit for a file that may have got its name only since."""
        if self.new_path:
            return self
        name = name_wanted(download.request, self.request, download.name)
        return self._replace(new_path=os.path.join(self.request.folder, name))


class Filing:
    """Does so, and reports what the disk refuses.

    Args:
        tools: the engine's.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def move(self, download: Download, edit: Edit) -> None:
        """Move the files of an edited download, then apply the edit; an error changes nothing."""
        if download.name:
            await self._move(download, edit.of_named(download))
            return
        download.ask(edit.request, time.time())
        self._tools.report(download)

    async def _move(self, download: Download, edit: Edit) -> None:
        names, key, old_path = self._tools.names, download.download_id, download.final_path
        new_folder, new_name = os.path.split(edit.new_path)
        if new_folder != download.request.folder:  # maybe another disk, which takes its time
            download.moving_to = new_folder
            download.changed()  # nothing is to be recorded of that
        wrong = WrongFiles(download, self._tools.disk, edit.new_path)
        refusal, old_names = await self._refusal(download, edit, wrong)
        download.moving_to = ""
        if refusal:
            wrong.forget_new_names()
            if edit.new_path != old_path:
                names.release(new_folder, new_name, key)
            self._tools.tell(download, f"not {edit.verb(old_path)}: {refusal}")
            self._gathered(download)
            return
        if edit.new_path != old_path:
            self._tools.tell(download, edit.outcome(old_path), EventKind.MOVED)
        download.ask(edit.request, time.time())
        has_old = wrong.have_moved() or bool(old_names)
        download.name, download.other_path = new_name, old_path if has_old else ""
        self._tools.report(download)
        if has_old:
            await self._recorded(download)
            try:
                await wrong.take_away()
                if old_names:
                    await self._tools.disk.land(old_path, take_away, old_path, old_names)
            except DiskError as error:
                self._tools.tell(download, f"its old files stay: {error.message}")
            self._gathered(download)
        if edit.new_path != old_path:
            names.release(*os.path.split(old_path), key)

    async def _refusal(
        self, download: Download, edit: Edit, wrong: WrongFiles
    ) -> tuple[str, tuple[str, ...]]:
        """Give the files of a download their new names, too; return an error, "" for success.

        The second value are the names still to be removed: see `give_second_names`.
        """
        disk, old_path, new_path = self._tools.disk, download.final_path, edit.new_path
        folder_and_name = os.path.split(new_path)
        if download.status is not Status.COMPLETED and not self.claims(download):
            return "another download goes on with its part", ()
        # It may have been given back since, by an edit before this one.
        if not self._tools.names.claim(*folder_and_name, download.download_id):
            return f"another download has the name {folder_and_name[1]}", ()
        if new_path == old_path:
            return "", ()
        await landed(asyncio.ensure_future(self._tools.settle(new_path)))
        try:
            files = await disk.land(new_path, to_be_moved, old_path, new_path, download.status)
            has_wrong = await wrong.choose_names()
            if files or has_wrong:  # should a crash come, the next start looks there as well
                download.other_path = new_path
                await self._recorded(download)
            await wrong.give_second_names()
            try:
                old_names = await disk.land(new_path, give_second_names, files, old_path, new_path)
            except DiskError:
                await wrong.stay()
                raise
        except DiskError as error:
            return _why_not(error, old_path, folder_and_name[1]), ()
        return "", old_names

    async def gather(self, download: Download) -> None:
        """Remove files from the other place, if an earlier run crashed while it moved them.

        If the disk refuses, the next start tries again.
        """
        other_path = download.other_path
        if not other_path:
            return
        path, recorded = download.final_path, Recorded(download.total_bytes, download.finished_at)
        try:
            await self._tools.disk.land(
                other_path, gather, path, other_path, download.status, recorded
            )
            if download.kept_as:
                kept = await self._tools.disk.land(other_path, only_once, download.kept_as)
                download.kept_as = kept
        except DiskError as error:
            _log.warning("%s may be at %s as well: %s", download, other_path, error.message)
            return
        self._tools.names.release(*os.path.split(other_path), download.download_id)
        self._gathered(download)

    def _gathered(self, download: Download) -> None:
        """Note that the other place has none of its files any more."""
        download.other_path = ""
        self._tools.report(download)

    async def _recorded(self, download: Download) -> None:
        await landed(asyncio.ensure_future(self._tools.record(download)))

    async def has_given_back(self, download: Download, *, is_told: bool) -> bool:
        """Give the replaced file, if any, its name back; False when that is impossible."""
        if self._tools.replaced.is_too_late(download.download_id):
            self._tools.tell(download, "too late: the new file stays, what it replaced is gone")
            return False
        replaced = self._tools.replaced.take(download.download_id)
        if replaced is None:
            return True
        old_name = download.name
        try:
            await self._give_back(download, replaced)
        except DiskError as error:
            self._tools.tell(download, f"not brought back: {error.message}")
            return False
        words = f"{old_name} is the file from before again; the new one is {download.name}"
        if is_told:
            self._tools.tell(download, words)
        else:
            download.note(time.time(), words)
        return True

    async def _give_back(self, download: Download, replaced: Replaced) -> None:
        """Give the replaced file its name back, and the new one a free name.

        Raises:
            DiskError: it cannot; the new one is called as before, if that name is still its own.
        """
        disk, path, old_name = self._tools.disk, replaced.path, download.name
        destination = self._tools.destination_of(download)
        self._call(download, await disk.land(path, step_aside, replaced, destination))
        await self._recorded(download)
        try:
            await disk.land(path, give_back, replaced)
        except DiskError:
            if await disk.land(path, has_successor, replaced):
                also = download.final_path
                self._tools.names.release(*os.path.split(also), download.download_id)
                self._call(download, old_name)
                self._tools.clean_up((also,), download.final_path)
            raise

    def _call(self, download: Download, name: str) -> None:
        """Record the new name of a finished file."""
        download.name = name
        download.changed()
        self._tools.report(download)

    async def knows_all_parts(self, download: Download) -> bool:
        """Look for its parts, also one that was set aside: nobody may have before a run begins.

        Returns:
            False for more than whoever wants them deleted knew of, as a crash came before the queue
            on disk did; unless all is too little to be asked about.
        """
        path = download.final_path
        if not path or download.status is Status.COMPLETED or not self.claims(download):
            return True
        known = download.kept_bytes, download.set_aside_bytes
        with contextlib.suppress(DiskError):  # whoever deletes it tells that
            found = await self._tools.disk.land(path, parts_of, (path,))
            here = found.get(path, known)
            download.kept_bytes, download.set_aside_bytes = here
            download.changed()
            is_more = any(now > before for now, before in zip(here, known, strict=True))
            if is_more and sum(here) > self._tools.restart_below_bytes:
                words = f"not deleted: {format_bytes(sum(here))} from before are here"
                self._tools.tell(download, words)
                return False
        return True

    async def delete(self, download: Download) -> bool:
        """Delete its partial, unless it is a finished file's, another download's, or not ours.

        Returns:
            False when the disk refused.
        """
        path = download.final_path
        if not path or download.status is Status.COMPLETED:
            download.condemn_parts(None)  # there is nothing to go
            return True
        if not self.claims(download):
            download.forget_bytes()  # another download goes on with them
            return True
        is_deleted = False
        try:
            # Whatever is wished meanwhile comes after it.
            folder = os.path.join(os.path.dirname(path), "")
            is_gone = await self._tools.disk.land(folder, discard, path)
        except DiskError as error:
            _log.warning("could not delete the partial of %s: %s", download, error)
            download.condemn_parts(None)
            self._tools.tell(download, f"not deleted: {error.message}")
        else:
            is_deleted, had_bytes = True, download.has_bytes
            download.forget_bytes()
            if not is_gone:
                words = f"not deleted: {download.name}{SUFFIX} is not of this program"
                self._tools.tell(download, words)
            elif had_bytes:
                self._tools.tell(download, "what was here of it is deleted", EventKind.DISCARDED)
        self._tools.names.release(*os.path.split(path), download.download_id)
        return is_deleted

    def claims(self, download: Download) -> bool:
        """Claim the name of a download; False when another download has it."""
        names, folder = self._tools.names, download.request.folder
        return names.claim(folder, download.name, download.download_id)


def _why_not(error: DiskError, path: str, new_name: str) -> str:
    """Say why a file at `path` cannot have another name."""
    cause = error.__cause__
    if isinstance(cause, FileExistsError):
        return f"{new_name} exists"
    is_gone = isinstance(cause, FileNotFoundError) and cause.filename == path
    return "the file is gone" if is_gone else error.message
