"""From the last byte to the final name: count, decode, digest, flush, rename (laws.md, table D)."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.disk import decoding
from tui_downloader.engine.disk.small_files import SmallFile
from tui_downloader.engine.transfer import checksum
from tui_downloader.engine.transfer.bad_files import drop, keep, kept_before
from tui_downloader.engine.transfer.verdict import judged
from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import ALL_OF_IT_AGAIN, SAVING, Assurance
from tui_downloader.model.errors import ChecksumMismatch, DiskError, TruncatedError
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.status import Event
from tui_downloader.model.text import clean
from tui_downloader.model.units import format_bytes

if TYPE_CHECKING:
    from tui_downloader.engine.disk.destination import Destination
    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.owned_files import Finished
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.engine.disk.replaced import Replaced
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.recorder import Recorder
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.digests import Checksum
    from tui_downloader.model.identity import KeptFile


class Finishing:
    """Finishes a download whose bytes are all here.

    Args:
        download: whose bytes are all here.
        destination: where its final name lives.
        recorder: holds the open partial.
    """

    def __init__(
        self, download: Download, tools: Tools, destination: Destination, recorder: Recorder
    ) -> None:
        self._download = download
        self._tools = tools
        self._destination = destination
        self._recorder = recorder
        self._mismatches = 0

    async def run(self) -> bool:
        """Check and rename the file; return False when a wrong digest means fetching it once more.

        Raises:
            ChecksumMismatch: wrong for the second time; the file is kept as NAME.bad.
            DownloadError: the disk refused.
        """
        partial = self._recorder.partial
        assert partial is not None
        download, disk = self._download, self._tools.disk
        self._tools.step(self._download, Event.RECEIVED)
        self._check_count(partial)
        coding = download.facts.content_encoding
        if not await disk.run(partial.part_path, decoding.cut_surplus, partial, coding):
            await self._fetch_again(partial)
            return False
        # What an answer announces is of the bytes as sent; what is asked or published, of the file.
        of_file, of_sent = download.request.checksum, download.facts.announced
        if of_file is None and of_sent is download.facts.published:
            of_file = of_sent
        if of_file is None and not await self._digest_fits(partial, of_sent):
            return False
        await self._decode(partial)
        if not await self._digest_fits(partial, of_file):
            return False
        download.set_phase(SAVING, time.time())
        passport = self._recorder.passport(finishing=True)
        leftovers = await disk.land(partial.final_path, partial.finish, passport, self._destination)
        self._recorder.partial = None
        self._complete(partial.name, leftovers, partial.replaced)
        return True

    async def commit_small(self, name: str, data: bytes) -> None:
        """Finish a small file that is held in memory.

        Raises:
            DownloadError: the disk refused. Skipped: the name exists and is to be skipped.
        """
        await self._tools.settle(os.path.join(self._destination.folder, name))
        self._tools.step(self._download, Event.RECEIVED)
        self._download.set_phase(SAVING, time.time())
        small = SmallFile(
            name,
            self._destination,
            self._download.request.url,
            data,
            self._recorder.passport(finishing=True),
        )
        committed = await self._tools.batches.put(small)
        for words in committed.passed_over:
            self._tools.tell(self._download, f"starts from 0, as {words}")
        self._complete(committed.name, committed.leftovers, committed.replaced)

    def completed_earlier(self, path: str, finished: Finished) -> None:
        """Complete a download whose file has its final name: a crash cut the bookkeeping short."""
        self._download.total_bytes = finished.total_bytes
        self._tools.step(self._download, Event.RECEIVED)
        self._complete(os.path.basename(path), finished.leftovers)

    def _check_count(self, partial: Partial) -> None:
        """Check that every range is recorded; the size of the file proves nothing."""
        total = self._download.total_bytes
        if total is None:
            self._download.total_bytes = partial.done.total
            self._download.assurance = Assurance.UNCHECKED
        elif partial.done.as_tuple() != (((0, total),) if total else ()):
            raise TruncatedError(
                f"{format_bytes(partial.done.total)} of {format_bytes(total)} arrived"
            )
        else:
            self._download.assurance = Assurance.COMPLETE

    async def _decode(self, partial: Partial) -> None:
        """Decode a Content-Encoding that nobody asked for; the file is the decoded one then."""
        download, facts = self._download, self._download.facts
        if not facts.content_encoding:
            return
        download.set_phase("decoding", time.time())
        coding, record = facts.content_encoding, self._recorder.passport()

        def own(_: None) -> None:
            download.total_bytes = partial.done.total
            facts.content_encoding = ""

        await self._tools.disk.acquire(
            partial.part_path, own, lambda: decoding.decode(partial, coding, record)
        )

    async def _digest_fits(self, partial: Partial, expected: Checksum | None) -> bool:
        """Compare the digest, if one is expected; see `run` for the outcomes."""
        if expected is None:
            return True
        download = self._download
        download.set_phase(expected.algorithm, time.time())

        def on_progress(n_bytes: int) -> None:
            download.progress.hashed_bytes = n_bytes

        computed = await checksum.hexdigest(
            self._tools.disk, partial.fd, partial.part_path, expected.algorithm, on_progress
        )
        download.facts.computed = f"{expected.algorithm}={computed}"
        if computed == expected.hexdigest:
            download.assurance, download.checked_by = judged(expected, download.facts.computed)
            words = fit_words(expected)
            if partial.differing is not None:
                words = f"{digest_name(expected.algorithm)} fits now{_second_time(partial)}"
            download.note(time.time(), words)
            return True
        download.note(time.time(), f"{digest_name(expected.algorithm)} differs: got {computed}")
        self._mismatches += 1
        if self._mismatches == 1:
            await self._fetch_again(partial)
            words = f"{digest_name(expected.algorithm)} differed: {ALL_OF_IT_AGAIN}"
            self._tools.tell(download, words)
            return False
        kept = await self._keep(partial, expected.algorithm, computed)
        download.progress.done = RangeSet()  # no part of it is to be gone on with
        self._recorder.partial = None
        raise ChecksumMismatch(
            f"{digest_name(expected.algorithm)} differs: expected {_short(expected.hexdigest)}, "
            f"got {_short(computed)}{_second_time(partial)}; kept as {os.path.basename(kept.path)}"
        )

    async def _keep(self, partial: Partial, algorithm: str, computed: str) -> KeptFile:
        """Keep a file with a wrong digest; of the very same bytes one file is enough."""
        download, disk = self._download, self._tools.disk
        before = await kept_before(download.kept_as, disk, partial, algorithm, computed)
        if before is not None:
            await disk.land(partial.part_path, drop, partial)
            download.note(time.time(), "the same bytes as were kept before")
            return before
        kept = await disk.land(partial.part_path, keep, partial)
        download.kept_as += (kept,)
        return kept

    async def _fetch_again(self, partial: Partial) -> None:
        await self._tools.disk.run(partial.part_path, partial.fetch_again)
        self._download.progress.done = partial.done
        self._download.count_afresh()
        await self._recorder.save_anew()

    def _complete(
        self, name: str, leftovers: tuple[str, ...], replaced: Replaced | None = None
    ) -> None:
        download = self._download
        download.name = name
        download.finished_at = time.time()
        download.kept_bytes = download.set_aside_bytes = 0
        if download.assurance is None:
            download.assurance = Assurance.COMPLETE
        self._tools.step(self._download, Event.FINISHED)
        self._tools.clean_up(leftovers, download.final_path)
        if replaced is not None:
            self._tools.replaced.keep(download.download_id, replaced)


async def check_finished(download: Download, tools: Tools) -> None:
    """Compare the digest of a finished file with the expected one, and note the outcome.

    The file is the user's by now: one that differs stays COMPLETED where it is, and is told.

    Raises:
        DiskError: it cannot be read.
    """
    while (expected := download.request.checksum) is not None:
        computed = await digest_of_ended(download, tools.disk, download.final_path, expected)
        if download.request.checksum == expected:  # else another is expected by now
            _judge(download, tools, expected, computed)
            return


def _judge(download: Download, tools: Tools, expected: Checksum, computed: str) -> None:
    download.facts.computed = f"{expected.algorithm}={computed}"
    download.assurance, download.checked_by = judged(expected, download.facts.computed)
    if computed == expected.hexdigest:
        download.note(time.time(), fit_words(expected))
    else:
        tools.tell(
            download,
            f"{digest_name(expected.algorithm)} differs: expected {_short(expected.hexdigest)}, "
            f"got {_short(computed)}",
        )


async def digest_of_ended(download: Download, disk: Disk, path: str, expected: Checksum) -> str:
    """Hash a file of a download that has ended; meanwhile it is one that is checked again.

    Raises:
        DiskError: it cannot be read.
    """
    opened: list[int] = []
    try:
        await disk.acquire(path, opened.append, lambda: _opened(path))
        (fd,) = opened
        download.progress.hashed_bytes = 0
        download.set_phase(expected.algorithm, time.time())

        def on_progress(n_bytes: int) -> None:
            download.progress.hashed_bytes = n_bytes

        return await checksum.hexdigest(disk, fd, path, expected.algorithm, on_progress)
    finally:
        for fd in opened:
            await disk.land(path, os.close, fd)


def _opened(path: str) -> int:
    where = clean(path, 200)
    try:
        return os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise DiskError(f"{where} is not there any more") from None
    except OSError as error:
        raise DiskError(f"cannot read {where}: {error.strerror or error}") from error


def fit_words(fitted: Checksum) -> str:
    """Say that a digest matched, and how much that proves."""
    return f"{digest_name(fitted.algorithm)} fits: {Assurance.of(fitted).value}"


def _second_time(partial: Partial) -> str:
    """Say what fetching everything a second time has shown, "" when that did not happen."""
    if partial.differing is None:
        return ""
    if not partial.differing.total:
        return ", the same bytes both times"
    start, _ = next(iter(partial.differing))
    size = format_bytes(partial.differing.total)
    return f", {size} from {format_bytes(start)} on came out differently the second time"


def _short(hexdigest: str) -> str:
    return hexdigest if len(hexdigest) <= 16 else f"{hexdigest[:8]}…{hexdigest[-4:]}"
