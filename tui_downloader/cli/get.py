"""`tui-downloader get`: downloads without an interface, from its start to its exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tui_downloader.cli.complaints import FAILED, complain, complain_of_output, say
from tui_downloader.cli.get_report import TOLD, Output, Report
from tui_downloader.cli.invocation import engine_options
from tui_downloader.cli.log import tell_faults
from tui_downloader.cli.reporting import went_well
from tui_downloader.engine import Engine
from tui_downloader.runs.garbage_collector import collect_rarely
from tui_downloader.runs.last_words import tell_crashes
from tui_downloader.runs.limit_clock import keeping_to_the_day
from tui_downloader.runs.patient_file import DRAIN_S, PatientFile
from tui_downloader.runs.signals import (
    INTERRUPTED,
    catch_signals,
    leave_at_last,
    leave_soon,
    release_signals,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_downloader.cli.invocation import Invocation
    from tui_downloader.engine import EngineOptions
    from tui_downloader.model.download import DownloadRequest, QueueSnapshot

# A script wants to know soon that the disk is full; a person may be about to make room.
_SPACE_PATIENCE_S = 10.0


def get(invocation: Invocation) -> int:
    """Download what the command names; return its exit code."""
    for notice in invocation.notices:
        say(notice)
    if not invocation.requests:
        return complain("no link to download", FAILED)
    out, err = _voices()
    arguments = invocation.arguments
    output = Output(out, err, arguments.json, arguments.quiet, lambda: err.waiting_writes > 0)
    tell_faults(err)
    tell_crashes(None, "same command")
    collect_rarely()
    engine = Engine(_options(invocation))
    work = run_get(engine, invocation.requests, output)
    code = asyncio.run(keeping_to_the_day(work, engine, invocation.settings))
    for stream in (out, err):
        # Who reads slowly gets everything, unless somebody wants the program to end.
        stream.close(DRAIN_S if code == INTERRUPTED else None)
    return (complain_of_output(out.problem) if arguments.json else 0) or code


def _options(invocation: Invocation) -> EngineOptions:
    requests = invocation.requests
    return engine_options(invocation)._replace(
        space_patience_s=_SPACE_PATIENCE_S,
        expects_https=any(request.url.lower().startswith("https:") for request in requests),
    )


def _voices() -> tuple[PatientFile, PatientFile]:
    """Return the writers for standard output and standard error.

    It is one where both lead to the same place: lines stay whole and in their order.
    """
    err = PatientFile(sys.stderr)
    if os.path.samestat(os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno())):
        return err, err
    return PatientFile(sys.stdout), err


async def run_get(engine: Engine, requests: Sequence[DownloadRequest], output: Output) -> int:
    """Download everything and return the exit code: 0 all well, 1 not, 130 interrupted.

    Args:
        engine: not entered yet; it is left before this returns, with everything on disk.
    """
    report = Report(output)
    with _interrupts() as interrupted:
        async with engine:
            events = engine.events(*TOLD)
            engine.add(requests)
            while not (await _idle_within(engine, interrupted, report.period_s)):
                report.tell(events.taken(), engine)
            report.tell(events.taken(), engine)
            report.show(engine, last=True)
            code = INTERRUPTED if interrupted.is_set() else _exit_code(engine.snapshot())
            limit = leave_at_last(code)
    limit.cancel()
    if code == INTERRUPTED:
        report.say("interrupted; the same command goes on where it was")
    return code


def _exit_code(queue: QueueSnapshot) -> int:
    return 0 if all(map(went_well, queue.downloads)) else 1


async def _idle_within(engine: Engine, interrupted: asyncio.Event, seconds: float) -> bool:
    """Wait for the end or an interrupt, but not for longer than `seconds`."""
    waits = {asyncio.ensure_future(engine.wait_idle()), asyncio.ensure_future(interrupted.wait())}
    done, pending = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in pending:
        wait.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    return bool(done)


@contextmanager
def _interrupts() -> Iterator[asyncio.Event]:
    """Turn the first signal into an event; a second one leaves at once (partials stay valid)."""
    interrupted = asyncio.Event()

    def on_signal() -> None:
        if interrupted.is_set():
            sys.stderr.write("\n")
            os._exit(INTERRUPTED)
        interrupted.set()
        leave_soon()

    catch_signals(on_signal)
    try:
        yield interrupted
    finally:
        release_signals()
