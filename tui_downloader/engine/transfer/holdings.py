"""The partial file of a run: found, created or started over, with its records."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.engine.disk import opening
from tui_downloader.engine.disk.owned_files import Finished, finished_earlier
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.passed_over import why_passed_over
from tui_downloader.engine.disk.set_aside import UNTIL_WHOLE, take_back
from tui_downloader.model.errors import FileChanged
from tui_downloader.model.http import SNIFFED_BYTES, Validators
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.text import redact
from tui_downloader.model.units import format_bytes
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine.disk.destination import Destination
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.recorder import Recorder
    from tui_downloader.engine.transfer.sources import Source
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.digests import Checksum


class Holdings:
    """The partial of one run, once there is one.

    Args:
        download: nobody else changes it meanwhile.
        tools: the engine's.
        destination: where it goes.
        recorder: holds the partial and keeps its passport.
        forget_version: called when nothing that is known of the file holds any more.
    """

    def __init__(
        self,
        download: Download,
        tools: Tools,
        destination: Destination,
        recorder: Recorder,
        forget_version: Callable[[], None],
    ) -> None:
        self._download = download
        self._tools = tools
        self._request = download.request
        self._destination = destination
        self._recorder = recorder
        self._forget_version = forget_version

    async def find(self) -> tuple[str, Finished] | None:
        """Open the partial of an earlier run, or return the file it finished, with its path."""
        disk = self._tools.disk
        path = self._download.final_path or await self._orphan()
        if not path:
            return None
        await self._tools.settle(path)
        finished = await self._finished(path)
        if finished is not None:
            return path, finished
        part_path = path + SUFFIX
        counted = self._download.kept_bytes
        if counted and not self._download.from_zero:
            await disk.run(part_path, opening.refuse_without_disk, part_path)
        await self._take_back(part_path)
        # What has our name is ours, though the address may be a new one since.
        url = None if self._download.name else self._request.url
        await disk.acquire(
            part_path, self._own, lambda: opening.adopt(part_path, self._destination, url)
        )
        if counted and self._recorder.partial is None:
            await self._tell_of_loss(part_path, counted)
        await self.heed_restart()
        return None

    async def _take_back(self, part_path: str) -> None:
        """Go on with the part of this address, if it was set aside for that of another one."""
        download, little_bytes = self._download, self._tools.restart_below_bytes
        if not download.set_aside_bytes or download.from_zero:
            return
        back = await self._tools.disk.land(
            part_path, take_back, part_path, self._request.url, little_bytes
        )
        if back is not None:
            gone = f"; the {format_bytes(back.deleted_bytes)} of the other file are deleted"
            words = f"its own part is back: goes on with {format_bytes(back.done_bytes)}"
            self._tools.tell(download, words + gone * bool(back.deleted_bytes))

    async def _finished(self, path: str) -> Finished | None:
        """Return what an earlier run has finished here, unless another download has the name."""
        if self._download.from_zero:
            return None  # it is the one from before
        finished, name = None, os.path.basename(path)
        if self._destination.claim(name):
            try:
                finished = await self._tools.disk.run(path, finished_earlier, path)
            finally:
                if finished is None and not self._download.name:
                    self._destination.release(name)
        return finished

    async def _orphan(self) -> str | None:
        """Return the path of a partial that an earlier run may have left for this address."""
        request = self._request

        def fits(part_path: str) -> bool:
            name = os.path.basename(part_path).removesuffix(SUFFIX)
            return request.name in (None, name) and self._destination.may_claim(name)

        part_path = await self._tools.orphans.take(request.folder, request.url, fits)
        return None if part_path is None else part_path.removesuffix(SUFFIX)

    def _own(self, partial: Partial | None) -> None:
        """Adopt an opened partial, with what its passport records."""
        self._recorder.partial = partial
        download, facts = self._download, self._download.facts
        download.kept_bytes = 0
        if partial is None:
            download.progress.done = RangeSet()
            return
        is_new, download.name = not download.name, partial.name
        download.set_aside_bytes = partial.set_aside_bytes
        download.progress.done = partial.done
        record = partial.record
        if record is not None:
            download.total_bytes = record.total_bytes
            # Validators are one server's words; another address is judged by size and bytes.
            is_same = record.is_of(self._request.url)
            known = Validators(record.etag, record.last_modified, record.date, record.server)
            facts.validators = known if is_same else Validators()
            facts.content_encoding = record.content_encoding
            self._heed_checksum(record.checksum, is_new=is_new)
            self._tell_of_bytes(partial.done.total, is_identified=record.file is not None)
        if not partial.done.total:
            self._tell_of_others(partial.passed_over)
        download.changed()

    async def _tell_of_loss(self, part_path: str, n_bytes: int) -> None:
        """Tell that its part is gone; one that is there and of no use is told when it is left."""
        if not await self._tools.disk.run(part_path, why_passed_over, part_path):
            words = f"its part of {format_bytes(n_bytes)} is not here any more: starts from 0"
            self._tools.tell(self._download, words)

    def _tell_of_others(self, passed_over: Sequence[str]) -> None:
        """Tell why it starts from 0 although there are files that are called like its part."""
        for words in passed_over:
            self._tools.tell(self._download, f"starts from 0, as {words}")

    def _tell_of_bytes(self, n_bytes: int, *, is_identified: bool) -> None:
        """Tell what it goes on with, and more than the log if nothing but a name vouches for it."""
        words = f"goes on with {format_bytes(n_bytes)} from before"
        if is_identified or not n_bytes:
            self._download.note(time.time(), words)
        else:
            words += ", though their passport does not tell which file they are in"
            self._tools.tell(self._download, words)

    def _heed_checksum(self, recorded: Checksum | None, *, is_new: bool) -> None:
        """Expect the passport's checksum; one given by the user is kept in the request alone.

        Args:
            is_new: the partial was asked for by an earlier run, and its request is gone.
        """
        download, facts = self._download, self._download.facts
        if recorded is not None and recorded.is_asked:
            if is_new and download.request.checksum is None:
                download.ask(replace(download.request, checksum=recorded), time.time())
            recorded = None
        # One of the bytes as sent is none of the file when those are encoded.
        is_of_file = recorded is not None and not (recorded.is_of_sent and facts.content_encoding)
        facts.announced, facts.published = recorded, recorded if is_of_file else None

    async def beginning(self) -> bytes:
        """Return the first bytes of the file as it is, as far as they are here and not encoded."""
        partial = self._recorder.partial
        n_bytes = min(SNIFFED_BYTES, self._download.progress.done.prefix_end(0))
        if partial is None or not n_bytes or self._download.facts.content_encoding:
            return b""
        return await self._tools.disk.run(partial.part_path, partial.read, 0, n_bytes)

    async def heed_restart(self) -> None:
        """Start again from byte 0 if the user wants that; what comes then may be kept."""
        if not self._download.from_zero:
            await self._heed_doubt()
            return
        # What was published for the file of then says nothing of the one of now.
        self._download.facts.announced = self._download.facts.published = None
        if self._download.progress.done.total:
            await self.start_over(UNTIL_WHOLE)
        self._download.from_zero = False
        await self._tools.record(self._download)

    async def _heed_doubt(self) -> None:
        """Start again, with the old partial set aside, when another program may have changed it.

        Raises:
            FileChanged: so much would be lost that the user has to decide.
        """
        partial = self._recorder.partial
        if partial is None or not partial.is_doubtful:
            return
        what = f"{partial.name}{SUFFIX} seems to have been changed by another program"
        words = f"{what} after a crash of this one"
        if partial.done.total >= self._tools.restart_below_bytes:
            raise FileChanged(words)
        self._tools.tell(self._download, f"{words}: starts from 0")
        await self.start_over(UNTIL_WHOLE)

    async def start_over(self, keep_until_bytes: int) -> None:
        """Begin a new partial; the old one stays until the new one has as many bytes."""
        partial = self._recorder.partial
        assert partial is not None
        known = self._recorder.passport()
        await self._tools.disk.run(
            partial.part_path, partial.start_over, known, keep_until_bytes=keep_until_bytes
        )
        self._download.progress.done = partial.done
        self._forget_version()
        await self._recorder.save_anew()  # a partial without a record would be nobody's
        self.tell_of_old_part()

    async def disown_mirrors(self, mirrors: Sequence[Source]) -> bool:
        """Forget what came from mirrors that have other bytes somewhere; False when from none."""
        partial = self._recorder.partial
        assert partial is not None
        for mirror in mirrors:
            held = format_bytes(mirror.brought.total)
            words = f"its file differs further on, the {held} from it are fetched again"
            self._download.note(time.time(), f"mirror {redact(mirror.url)}: {words}")
            await self._tools.disk.run(partial.part_path, partial.disown, mirror.brought)
        if mirrors:
            await self._recorder.save_anew()
        return bool(mirrors)

    def tell_of_old_part(self) -> None:
        """Log where the earlier bytes are, while they are kept beside the new partial."""
        partial = self._recorder.partial
        old = None if partial is None else partial.old
        if partial is not None and old is not None and partial.done.total < old.done_bytes:
            self._download.note(time.time(), old.words())

    async def create(self, name: str, total_bytes: int | None) -> None:
        """Create a partial, or go on with an existing one of this address.

        Args:
            name: what the file is to be called, if nothing speaks against it.
            total_bytes: of the whole file, None when the server does not tell.
        """
        disk, folder, url = self._tools.disk, self._request.folder, self._request.url
        await self._tools.settle(os.path.join(folder, name))
        here = os.path.join(folder, "")
        n_bytes = total_bytes or 0
        await disk.acquire(
            here, self._own, lambda: opening.open_new(name, self._destination, url, n_bytes)
        )
        await self.heed_restart()
        partial = self._recorder.partial
        if partial is not None and not partial.done.total:
            if total_bytes is not None:
                self._download.total_bytes = total_bytes
            await self._recorder.save()
        self._tools.report(self._download)
