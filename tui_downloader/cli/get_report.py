"""What `get` says: progress on stderr, and with `--json` one object a line on stdout."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui_downloader.cli.drawing import can_be_drawn_on
from tui_downloader.cli.reporting import (
    activity,
    ended_facts,
    ended_line,
    held_words,
    json_line,
    start_phrase_of,
    summary_line,
    waits_for_space,
    went_well,
)
from tui_downloader.engine import EventKind
from tui_downloader.model.errors import code_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine import Engine, EngineEvent
    from tui_downloader.model.download import QueueSnapshot, Snapshot

_NARROW = 80  # columns of a terminal that does not tell
_ERASURE = "\r\x1b[K"
_REWRITTEN_S = 0.25
_LOOKED_S = 1.0
_LOGGED_S = 30.0
_LONG_WAIT_S = 5.0
# With `--quiet` only failures are told: without such an event nothing is new.
_ENDS = (EventKind.FAILED, EventKind.CANCELLED)
TOLD = (EventKind.NOTE, EventKind.MIRROR, *_ENDS)


class Stream(Protocol):
    """The part of a stream's interface that is used here."""

    @property
    def encoding(self) -> str | None:
        """How text becomes bytes."""

    def write(self, text: str, /) -> int:
        """Take a text."""

    def flush(self) -> None:
        """Let nothing wait for more."""

    def isatty(self) -> bool:
        """Tell whether it is a terminal."""

    def fileno(self) -> int:
        """Return the descriptor behind it.

        Raises:
            OSError: there is none.
        """


class Output(NamedTuple):
    """Where and how `get` reports.

    Attributes:
        json: a JSON object a line on `out` for each download that ended.
        quiet: no progress and no word about what completed; failures are still told.
        is_jammed: what was written to `err` has not been taken yet.
    """

    out: Stream
    err: Stream
    json: bool = False
    quiet: bool = False
    is_jammed: Callable[[], bool] = lambda: False


class Report:
    """Reports each download that has ended, once, and the progress of the others."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._told: set[int] = set()
        # Downloads and the reasons that were told, with the end of the wait.
        self._waits: dict[tuple[int, str], float] = {}
        self._held: dict[int, str] = {}  # downloads a full disk pauses, and what was told of it
        self._scheduled: set[int] = set()  # downloads whose time was told
        self._is_terminal = can_be_drawn_on(output.err)
        self._has_status_line = False
        self._status_at = time.monotonic()

    @property
    def period_s(self) -> float:
        """How often there is something to show."""
        return _REWRITTEN_S if self._is_terminal else _LOOKED_S

    def show(self, engine: Engine, *, last: bool = False) -> None:
        """Print what is new."""
        is_jammed = self._output.is_jammed()  # by what came before: what is told now waits, too
        queue = engine.snapshot()
        for download in queue.downloads:
            if download.status.is_ended and download.download_id not in self._told:
                self._told.add(download.download_id)
                self._tell(download)
        if last or self._output.quiet:
            self._clear_status()
            return
        if self._is_terminal:
            if not is_jammed:
                self._show_status(queue)
            return
        self._tell_scheduled(queue)
        self._tell_waits(queue)
        self._tell_held(queue)
        if time.monotonic() - self._status_at >= _LOGGED_S:
            self._status_at = time.monotonic()
            self.say(summary_line(queue, 200))

    def tell(self, events: Sequence[EngineEvent], engine: Engine) -> None:
        """Print what happened, and what is new in the list if it can have something to tell.

        Args:
            events: those of `TOLD` that came since the last time.
        """
        for event in events:
            if event.kind not in _ENDS and self._is_worth_a_line(event):
                self.say(f"{event.name}: {event.message}")
        is_silent = self._output.quiet and not self._output.json
        if not is_silent or any(event.kind in _ENDS for event in events):
            self.show(engine)

    def _is_worth_a_line(self, event: EngineEvent) -> bool:
        """Tell whether to say what happened meanwhile; that of a mirror is for a log only."""
        is_for_log = event.kind is EventKind.MIRROR
        return not (self._output.quiet or (is_for_log and self._is_terminal))

    def _tell_scheduled(self, queue: QueueSnapshot) -> None:
        """Say which start time is waited for; all downloads of one command have the same."""
        new = [
            each
            for each in queue.downloads
            if each.start_at is not None and each.download_id not in self._scheduled
        ]
        self._scheduled.update(each.download_id for each in new)
        if new:
            verb = "starts" if len(new) == 1 else "start"
            names = _names([each.name for each in new])
            self.say(f"{names}: {verb} {start_phrase_of(new[0], queue.taken_at)}")

    def _tell_waits(self, queue: QueueSnapshot) -> None:
        """Say why downloads wait, once for each reason and each long wait: silence looks dead."""
        for download in queue.downloads:
            wait, until = (download.download_id, _waits_for(download)), download.resume_at or 0.0
            is_long = until - queue.taken_at > _LONG_WAIT_S
            if wait[1] and (wait not in self._waits or (is_long and self._waits[wait] != until)):
                self._waits[wait] = until
                self.say(activity(download, queue.taken_at))

    def _tell_held(self, queue: QueueSnapshot) -> None:
        """Say what a full disk pauses, and what goes on again; a full disk is reported once."""
        before, self._held = self._held, {}
        paused, going_on = dict[str, list[str]](), list[str]()
        for download in queue.downloads:
            key, failure = download.download_id, download.failure
            if failure is not None and waits_for_space(download):
                self._held[key] = held_words(failure)
                if key not in before:
                    paused.setdefault(self._held[key], []).append(download.name)
            elif key in before and not download.status.is_ended:
                going_on.append(download.name)
        if going_on:
            self.say(f"{_names(going_on)}: going on")
        for words, names in paused.items():
            self.say(f"{_names(names)}: paused, {words}")

    def _tell(self, download: Snapshot) -> None:
        if self._output.json:
            line = json_line(ended_facts(download), self._output.out.encoding or "utf-8")
            self._clear_status()  # which may stand on the same terminal
            self._output.out.write(f"{line}\n")
            self._output.out.flush()
        if not (self._output.quiet and went_well(download)):
            self.say(ended_line(download))

    def say(self, sentence: str) -> None:
        """Print a permanent line on stderr."""
        self._clear_status()
        self._output.err.write(f"{sentence}\n")
        self._output.err.flush()

    def _show_status(self, queue: QueueSnapshot) -> None:
        """Rewrite the status line, unless the terminal belongs to another program now."""
        is_in_front = self._is_in_front
        if is_in_front:
            line = summary_line(queue, _columns(self._output.err) - 1)
            # In one piece: what is erased first and written later blinks.
            self._output.err.write(f"{_ERASURE}{line}" if self._has_status_line else line)
            self._output.err.flush()
        self._has_status_line = is_in_front

    def _clear_status(self) -> None:
        if self._has_status_line and self._is_in_front:
            self._output.err.write(_ERASURE)
            self._output.err.flush()
        self._has_status_line = False

    @property
    def _is_in_front(self) -> bool:
        """The program is in the foreground, which it is not after ctrl+z and bg."""
        try:
            return os.tcgetpgrp(self._output.err.fileno()) == os.getpgrp()
        except (OSError, AttributeError):  # no terminal of ours, or a system without jobs
            return True


def _columns(terminal: Stream) -> int:
    try:
        return os.get_terminal_size(terminal.fileno()).columns or _NARROW
    except OSError:
        return _NARROW


def _names(names: Sequence[str]) -> str:
    """Name a download, or a download and how many more."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _waits_for(download: Snapshot) -> str:
    """Return the code of what a download waits for, "" when it does not."""
    if download.disk_silent_since is not None:
        return "disk"
    return code_of(download.failure) if download.status is Status.WAITING else ""
