"""The line mode: one sentence per event, commands as lines, for screen readers, logs and pipes."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING

from tui_downloader.cli.complaints import complain_of_output
from tui_downloader.cli.plain_input import lines_of_input, whole_line
from tui_downloader.cli.plain_session import HELP, PlainSession
from tui_downloader.cli.plain_teller import Teller
from tui_downloader.runs.patient_file import DRAIN_S, PatientFile
from tui_downloader.runs.signals import catch_signals, leave_at_last, release_signals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest

_LOOK_S = 0.5


async def run_plain(
    engine: Engine,
    requests: Sequence[DownloadRequest],
    notices: Sequence[str],
    folder: str,
    as_json: bool,
) -> int:
    """Run the line mode until `q`, or until the input has ended and everything is done.

    Returns:
        0, or 1 when the input ended and not everything could be done, or standard output is full.
    """
    for notice in notices:
        with contextlib.suppress(OSError):  # there may be nobody to tell
            print(notice, file=sys.stderr, flush=True)
    gone = asyncio.Event()  # nobody listens any more
    voice = _voice(gone)
    teller = _teller(voice, as_json=as_json)
    async with engine:
        session = PlainSession(engine, folder, teller, gone)
        if sys.stdin.isatty():
            teller.note(HELP)
        catch_signals(session.leave)
        try:
            await _converse(session, engine, requests)
        finally:
            release_signals()
        session.look(is_last=True)
        code = 0 if session.quit.is_set() or session.went_well else 1
        limit = leave_at_last(code)
    limit.cancel()
    if as_json and session.quit.is_set() and not session.is_told_to_end:
        teller.summary(engine.snapshot())  # a program wants to know what it left
    if session.is_unfinished:
        teller.note("saved; what ran goes on next time")
    # Who reads slowly gets everything, unless somebody wants the program to end.
    voice.close(DRAIN_S if session.is_told_to_end else None)
    return complain_of_output(voice.problem) or code


async def _converse(
    session: PlainSession, engine: Engine, requests: Sequence[DownloadRequest]
) -> None:
    """Read commands and report events until nothing is left to do, or the user wants to leave."""
    async with asyncio.TaskGroup() as group:
        group.create_task(session.follow())
        looking = group.create_task(_look_now_and_then(session))
        work = group.create_task(_obey(requests, lines_of_input(), session, engine))
        leave = group.create_task(session.quit.wait())
        await asyncio.wait({work, leave}, return_when=asyncio.FIRST_COMPLETED)
        session.listen_no_more()
        for task in (looking, work, leave):
            task.cancel()


async def _look_now_and_then(session: PlainSession) -> None:
    while True:
        await asyncio.sleep(_LOOK_S)
        session.look_again()


async def _obey(
    requests: Sequence[DownloadRequest],
    lines: asyncio.Queue[str | None],
    session: PlainSession,
    engine: Engine,
) -> None:
    """Add downloads, then carry out commands; at the end of the input, wait for all of it."""
    await session.add(requests)
    while (line := await whole_line(lines)) is not None:
        await session.command(line)
    await engine.wait_idle()


def _teller(voice: PatientFile, *, as_json: bool) -> Teller:
    return Teller(
        lambda line: voice.write(f"{line}\n"),
        as_json=as_json,
        encoding=voice.encoding or "utf-8",
        waiting=lambda: voice.waiting_writes,
    )


def _voice(gone: asyncio.Event) -> PatientFile:
    """Return a writer for standard output; it sets `gone` when the reader is gone."""
    loop = asyncio.get_running_loop()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it ends already
            loop.call_soon_threadsafe(gone.set)

    return PatientFile(sys.stdout, tell)
