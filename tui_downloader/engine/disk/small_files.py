"""Small files, complete in memory, and how a batch of them is written. Everything here blocks."""

from __future__ import annotations

import contextlib
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.engine.disk.destination import Destination, Skipped
from tui_downloader.engine.disk.direct_io import leave_cache
from tui_downloader.engine.disk.disk_faults import disk_error
from tui_downloader.engine.disk.opening import open_new
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.disk.unnamed import Unnamed, open_unnamed
from tui_downloader.engine.disk.writer import Unwritten, Writer, would_help
from tui_downloader.engine.disk.writer_process import DONE, FLUSHERS
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DownloadError
from tui_downloader.store import passports
from tui_downloader.store.atomic import sync_folder
from tui_downloader.store.passports import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from tui_downloader.engine.disk.replaced import Replaced
    from tui_downloader.model.passport import Passport

_log = logging.getLogger(__name__)
SMALL_BYTES = 256 * 1024


class SmallFile(NamedTuple):
    """A complete file in memory, ready to be written.

    Attributes:
        name: the wanted final name.
        passport: recorded beside the data until the queue knows of the completion.
    """

    name: str
    destination: Destination
    url: str
    data: bytes
    passport: Passport


class Committed(NamedTuple):
    """A small file under its final name.

    Attributes:
        leftovers: to delete once the queue knows.
        replaced: the file that had the name before.
        passed_over: why others are left alone; see `Partial`.
    """

    name: str
    leftovers: tuple[str, ...]
    replaced: Replaced | None = None
    passed_over: tuple[str, ...] = ()


Outcome = Committed | DownloadError | Skipped


class Committer:
    """Writes small files to one file system, one batch after the other.

    When many come, a separate process handles the usual cases: see `writer`.

    Args:
        recorded: a queue on disk is told of each completion. A crash before that must leave a
            trace of the file that is complete already.
    """

    def __init__(self, *, recorded: bool) -> None:
        self._recorded = recorded
        self._flushers = ThreadPoolExecutor(FLUSHERS, thread_name_prefix="flush")
        self._writer: Writer | None = None
        self._may_have_writer = True

    def commit(self, files: list[SmallFile]) -> list[Outcome]:
        """Write, flush and name every file; one that fails does not affect the others."""
        if self._may_have_writer and would_help(len(files)):
            self._may_have_writer = False
            self._writer = _start_writer()
        outcomes = {}
        if self._writer is not None and self._writer.is_there:
            outcomes = _commit_by(self._writer, files, self._recorded)
        left = [number for number in range(len(files)) if number not in outcomes]
        rest = [files[number] for number in left]
        outcomes |= zip(left, commit_batch(rest, self._flushers, self._recorded), strict=True)
        return [outcomes[number] for number in range(len(files))]

    @property
    def has_process(self) -> bool:
        """A process is ready to write more."""
        return self._writer is not None and self._writer.is_there

    def rest(self) -> None:
        """Nothing comes at the moment: end the process. Many files start another one."""
        writer = self._writer
        if writer is not None and writer.is_there:
            self._writer, self._may_have_writer = None, True
            writer.close()

    def close(self) -> None:
        """No more batches will come: end what was started for them."""
        self._flushers.shutdown(wait=False)
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()


def _start_writer() -> Writer | None:
    try:
        return Writer()
    except OSError as error:
        words = "no process that writes small files can be started (%s): they are written without"
        _log.warning(words, error)
        return None


def _commit_by(writer: Writer, files: list[SmallFile], recorded: bool) -> dict[int, Outcome]:
    """Return the outcomes of the files that the process has written, by their index."""
    usual = {
        n: file for n, small in enumerate(files) if (file := _claimed(small, recorded)) is not None
    }
    outcomes: dict[int, Outcome] = {}
    for n, (number, flushed) in zip(usual, writer.commit([*usual.values()]), strict=True):
        if number != DONE:
            continue
        part_path = usual[n].part_path
        leftovers = (part_path, *passports.leftovers_of(part_path)) if recorded else ()
        outcomes[n] = Committed(files[n].name, leftovers)
        if flushed != DONE:
            error = OSError(flushed, os.strerror(flushed))
            outcomes[n] = disk_error(error, files[n].destination.folder)
    return outcomes


def _claimed(small: SmallFile, recorded: bool) -> Unwritten | None:
    """Claim the name of a file and describe it for the process; None if a decision is needed."""
    name, destination = small.name, small.destination
    if destination.on_conflict is OnConflict.OVERWRITE or not destination.claim(name):
        return None
    path = os.path.join(destination.folder, name)
    trace = small.passport.to_json() if recorded else ""
    return Unwritten(destination.folder, path + SUFFIX, path, small.data, trace)


def commit_batch(files: list[SmallFile], flushers: Executor, recorded: bool) -> list[Outcome]:
    """Write, flush and name every file; one that fails does not affect the others. Blocks.

    Each step is done for all files before the next one: the file system's journal takes them
    together.

    Args:
        flushers: threads to wait for the disk in.
        recorded: see `Batches`.
    """
    steps = [_Step(small, recorded=recorded) for small in files]
    for act in (_Step.write, _Step.start_writeback):
        for step in steps:
            step.attempt(act)
    shares = min(len(steps), FLUSHERS)
    list(flushers.map(_flush, (steps[n::shares] for n in range(shares))))
    for step in steps:
        step.attempt(_Step.name)
    _sync_folders([step for step in steps if isinstance(step.outcome, Committed)])
    return [step.close() for step in steps]


def _sync_folders(named: list[_Step]) -> None:
    """Make the new names survive a power cut; a folder that cannot be synced fails its files."""
    for folder in {step.small.destination.folder for step in named}:
        try:
            sync_folder(folder)
        except OSError as error:
            for step in named:
                if step.small.destination.folder == folder:
                    step.outcome = disk_error(error, folder)


def _flush(steps: list[_Step]) -> None:
    for step in steps:
        step.attempt(_Step.flush)


class _Step:
    """One small file on its way through a batch, until its first error."""

    def __init__(self, small: SmallFile, *, recorded: bool) -> None:
        self.small = small
        self.recorded = recorded
        self.file: Partial | Unnamed | None = None
        self.outcome: Outcome | None = None

    def attempt(self, act: Callable[[_Step], None]) -> None:
        if isinstance(self.outcome, Exception):
            return
        try:
            act(self)
        except (DownloadError, Skipped) as refused:
            self.outcome = refused
        except OSError as error:
            self.outcome = disk_error(error, self.small.destination.folder)

    def write(self) -> None:
        small = self.small
        trace = small.passport if self.recorded else None
        self.file = open_unnamed(small.name, small.destination, trace)
        if self.file is None:
            self.file = self._open_partial()
        self.file.write(small.data, 0)

    def _open_partial(self) -> Partial:
        small = self.small
        partial = self.file = open_new(small.name, small.destination, small.url, len(small.data))
        if partial.record is not None:
            partial.empty()
        passports.write(partial.part_path, small.passport, flush=False)
        return partial

    def start_writeback(self) -> None:
        if self.file is not None:
            leave_cache(self.file.fd, 0, len(self.small.data))

    def flush(self) -> None:
        if self.file is not None:
            self.file.flush()

    def name(self) -> None:
        if self.file is not None:
            leftovers = self.file.take_name(self.small.destination)
            self.outcome = Committed(self.file.name, leftovers)
            if isinstance(self.file, Partial):
                replaced, passed_over = self.file.replaced, self.file.passed_over
                self.outcome = Committed(self.file.name, leftovers, replaced, passed_over)

    def close(self) -> Outcome:
        assert self.outcome is not None
        # A disk that has turned read-only refuses this, too: the other files are not to suffer.
        with contextlib.suppress(OSError):
            if isinstance(self.file, Partial) and isinstance(self.outcome, Exception):
                self.file.throw_away()  # its bytes are in memory or nowhere
        with contextlib.suppress(OSError):
            if self.file is not None:
                self.file.close()
        return self.outcome
