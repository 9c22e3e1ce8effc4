"""Keeps the passport of one partial up to date: at most once a second, never ahead of the data."""

from __future__ import annotations

import asyncio
import errno
import logging
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.direct_io import stays_in_memory
from tui_downloader.model.errors import DiskError
from tui_downloader.model.passport import Passport
from tui_downloader.model.ranges import RangeSet
from tui_downloader.store import passports

if TYPE_CHECKING:
    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.engine.transfer.download import Download

_log = logging.getLogger(__name__)

SAVE_S = 1.0
SYNC_S = 30.0


class Recorder:
    """Holds the open partial of one run and writes its passport.

    Attributes:
        partial: None until there is one on disk.
    """

    def __init__(self, download: Download, disk: Disk) -> None:
        self.partial: Partial | None = None
        self._download = download
        # Those that it asks: once others are wanted, they are asked by the next run.
        self._urls = (download.request.url, *download.request.mirrors)
        self._disk = disk
        self._clock = asyncio.get_running_loop().time
        self._saved_at = self._synced_at = self._clock()
        self._saved: Passport | None = None

    def passport(self, *, finishing: bool = False) -> Passport:
        """Describe the partial as it is now."""
        facts, request = self._download.facts, self._download.request
        partial = self.partial
        return Passport(
            urls=self._urls,
            final_name=self._download.name,
            total_bytes=self._download.total_bytes,
            etag=facts.validators.etag,
            last_modified=facts.validators.last_modified,
            date=facts.validators.date,
            server=facts.validators.server,
            done=partial.done.as_tuple() if partial is not None else (),
            durable=partial.durable.as_tuple() if partial is not None else (),
            checksum=request.checksum or facts.announced,
            boot_id=passports.boot_id(),
            finishing=finishing,
            content_encoding=facts.content_encoding,
            decoded=partial is not None and partial.is_decoded,
        )

    def expect_reading(self, total_bytes: int | None) -> None:
        """Keep written bytes in the page cache if the whole file will be read again."""
        facts = self._download.facts
        is_compared = self._download.request.checksum is not None or facts.announced is not None
        if self.partial is not None:
            self.partial.is_read_again = (
                (is_compared or facts.content_encoding != "")
                and total_bytes is not None
                and stays_in_memory(total_bytes)
            )

    async def run(self) -> None:
        """Save once a second, and sync when due, until cancelled."""
        while True:
            await asyncio.sleep(max(0.0, self._saved_at + SAVE_S - self._clock()))
            if self._clock() - self._synced_at >= SYNC_S:
                self._synced_at = self._clock()
                await self.sync()
            await self.save()

    async def sync(self) -> None:
        """Make the bytes written so far survive a power cut."""
        if self.partial is not None:
            reached = self.partial.done.copy()
            await self._disk.run(self.partial.part_path, self.partial.sync, reached)

    async def save(self) -> None:
        """Write the passport if it has changed."""
        self._saved_at = self._clock()
        partial, passport = self.partial, self.passport()
        if partial is not None and passport != self._saved:
            await self._disk.run(partial.part_path, self._save, partial, passport)
            self._download.set_aside_bytes = partial.set_aside_bytes  # it may be gone now

    def _save(self, partial: Partial, passport: Passport) -> None:
        partial.save(passport)
        self._saved = passport  # here: who waits for it may be cancelled meanwhile

    async def save_anew(self) -> None:
        """Write the passport of a partial that was started over, even if it is unchanged."""
        self._saved = None
        await self.save()

    async def put_down(self) -> None:
        """Sync, save and close at the end of a run; a cancellation waits until that is done."""
        partial = self.partial
        if partial is None:
            return
        try:
            await self._disk.run(partial.part_path, self._put_down, partial)
        finally:
            self.partial = None
            self._download.progress.done = partial.done
            self._download.kept_bytes = partial.done.total
            self._download.set_aside_bytes = partial.set_aside_bytes

    def _put_down(self, partial: Partial) -> None:
        if partial.is_doubtful:
            partial.close()  # recorded as it is now, it would be beyond doubt
            return
        try:
            partial.settle()
        except OSError as error:
            _log.warning("could not flush the partial of %s: %s", partial.name, error)
        try:
            self._save_at_all_costs(partial)
        except (OSError, DiskError) as error:
            # A disk that refuses now leaves the last saved passport, which stays true.
            _log.warning("could not record the partial of %s: %s", partial.name, error)
            recorded = self._saved or partial.record
            partial.done = RangeSet.from_pairs(recorded.done if recorded is not None else ())
        finally:
            partial.close()

    def _save_at_all_costs(self, partial: Partial) -> None:
        """Save; on a full disk, make room for the passport by giving up the last few bytes."""
        try:
            partial.put_down(self.passport())
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT) or not partial.give_way():
                raise
            partial.put_down(self.passport())
