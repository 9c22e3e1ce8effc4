"""Builds the parts for what the command line asks, and joins them. Start-up stays lean: a run loads
only what it uses.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from tui_downloader.arguments import UsageError, parse, requests_from
from tui_downloader.runs.limit_clock import keeping_to_the_day, limit_now
from tui_downloader.runs.signals import INTERRUPTED
from tui_downloader.store.paths import resolve

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Sequence

    from tui_downloader.engine import Engine, EngineOptions
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.runs.patient_file import PatientFile
    from tui_downloader.store.entry import QueueError
    from tui_downloader.store.lock import InstanceLock
    from tui_downloader.store.paths import Paths
    from tui_downloader.store.queue import QueueStore
    from tui_downloader.store.settings import Settings

_FAILED, _WRONG_USAGE = 1, 2
_DESCRIPTORS = 1024
# A script wants to know soon that the disk is full; a person may be about to make room.
_SPACE_PATIENCE_S = 10.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding does not have is no reason to stop.
            stream.reconfigure(errors="replace")
    try:
        arguments = parse(sys.argv[1:] if argv is None else argv)
        return _run(arguments)
    except UsageError as error:
        return _complain(str(error), _WRONG_USAGE)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _complain(f"{where}{error.strerror or error}", _FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED  # where signals cannot be handled on the loop


def _run(arguments: argparse.Namespace) -> int:
    from tui_downloader.store.settings import load
    from tui_downloader.store.settings_checks import usable

    paths = resolve(os.environ)
    settings, notices = load(paths.settings_file)
    changes = _given(arguments)
    settings, left_out = usable(settings, paths.settings_file, outranked=changes)
    notices += left_out
    settings = replace(settings, **changes)
    folder = os.path.abspath(os.path.expanduser(settings.download_dir or paths.download_dir))
    requests, left_out = requests_from(arguments, folder, settings.on_conflict)
    notices += left_out
    if arguments.get:
        return _get(arguments, settings, paths, requests, notices)
    arguments.plain = arguments.plain or not _has_terminal()
    from tui_downloader.store.entry import QueueDamaged, QueueError

    try:
        try:
            return _with_queue(arguments, settings, paths, folder, requests, notices)
        except QueueDamaged as error:  # which shows only when it is read
            notices += _set_queue_aside(paths, folder, error)
            return _with_queue(arguments, settings, paths, folder, requests, notices)
    except QueueError as error:
        words = "everything received is kept, but not what was wished for last"
        return _complain(f"{error}; {words}", _FAILED)


def _has_terminal() -> bool:
    """Both ends of a conversation are there."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the command line says of settings, by name: it outranks the settings file.

    Raises:
        UsageError: the file with issuers holds none.
    """
    if arguments.ca_certificate is not None:
        _check_given_issuers(arguments.ca_certificate)
    changes = {
        "download_dir": arguments.dir,
        "jobs": arguments.jobs,
        "connections": arguments.connections,
        "on_conflict": arguments.on_conflict,
        "ca_certificate": arguments.ca_certificate,
        "insecure": True if arguments.insecure else None,
        "ascii": "always" if getattr(arguments, "ascii", False) else None,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    if arguments.limit_rate is not None:
        given |= {"limit_rate": arguments.limit_rate or None, "limit_times": ()}
    return given


def _check_given_issuers(path: str) -> None:
    from tui_downloader.store.settings_checks import check_issuers

    try:
        check_issuers(path)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _options(settings: Settings, paths: Paths) -> EngineOptions:
    from tui_downloader.engine import EngineOptions

    return EngineOptions(
        connections=settings.connections,
        connections_per_host=settings.connections_per_host,
        connections_total=settings.connections_total,
        # A quick connection has two, and then there are the files.
        connections_possible=_descriptors() // 3,
        hosts_file=paths.hosts_file,
        jobs=settings.jobs,
        limit_bytes_per_s=limit_now(settings, time.time())[1],
        ca_certificate=settings.ca_certificate and os.path.expanduser(settings.ca_certificate),
        insecure=settings.insecure,
        restart_below_bytes=settings.restart_below_bytes,
        user_agent=settings.user_agent,
        checksum_scout=settings.checksum_scout,
    )


def _descriptors() -> int:
    """How many files and sockets may be open; raised as far as the system lets us."""
    if sys.platform == "win32":
        return 512
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return _DESCRIPTORS


def _get(
    arguments: argparse.Namespace,
    settings: Settings,
    paths: Paths,
    requests: Sequence[DownloadRequest],
    notices: Sequence[str],
) -> int:
    from tui_downloader.engine import Engine
    from tui_downloader.get import Output, run_get
    from tui_downloader.log import tell_faults
    from tui_downloader.model.download import OnConflict
    from tui_downloader.runs.last_words import tell_crashes
    from tui_downloader.runs.patient_file import DRAIN_S

    for notice in notices:
        _say(notice)
    if settings.on_conflict is OnConflict.ASK:
        requests = [replace(request, on_conflict=OnConflict.RENAME) for request in requests]
    if not requests:
        return _complain("no link to download", _FAILED)
    out, err = _voices()
    output = Output(out, err, arguments.json, arguments.quiet, lambda: err.waiting_writes > 0)
    tell_faults(err)
    tell_crashes(None, "same command")
    # Thousands of short-lived objects per second that form no cycles: the collector only costs.
    gc.freeze()
    gc.set_threshold(400_000, 50, 50)
    gc.enable()
    options = _options(settings, paths)._replace(
        space_patience_s=_SPACE_PATIENCE_S,
        expects_https=any(request.url.lower().startswith("https:") for request in requests),
    )
    engine = Engine(options)
    work = run_get(engine, requests, output)
    code = asyncio.run(keeping_to_the_day(work, engine, settings))
    for stream in (out, err):
        # Who reads slowly gets everything, unless somebody wants the program to end.
        stream.close(DRAIN_S if code == INTERRUPTED else None)
    why = out.problem
    if arguments.json and isinstance(why, OSError) and not isinstance(why, BrokenPipeError):
        return _complain(f"cannot write to standard output: {why.strerror}", _FAILED)
    return code


def _voices() -> tuple[PatientFile, PatientFile]:
    """Return what writes to standard output and to standard error.

    It is one where both lead to the same place: lines stay whole and in their order.
    """
    from tui_downloader.runs.patient_file import PatientFile

    err = PatientFile(sys.stderr)
    if os.path.samestat(os.fstat(sys.stdout.fileno()), os.fstat(sys.stderr.fileno())):
        return err, err
    return PatientFile(sys.stdout), err


def _problem_with(paths: Paths) -> str:
    """Make the folders of the program's own files; say why that is not possible, else ""."""
    try:
        paths.make_folders()
    except OSError as error:
        why = f"cannot write to {error.filename}: {error.strerror}"
        return f"{why}; TUI_DOWNLOADER_HOME=DIR keeps settings and queue elsewhere"
    return ""


def _with_queue(
    arguments: argparse.Namespace,
    settings: Settings,
    paths: Paths,
    folder: str,
    requests: Sequence[DownloadRequest],
    notices: Sequence[str],
) -> int:
    from tui_downloader.engine import Engine
    from tui_downloader.log_file import open_log
    from tui_downloader.runs.last_words import tell_crashes
    from tui_downloader.store.entry import QueueError
    from tui_downloader.store.lock import HeldByOther, InstanceLock
    from tui_downloader.ui.undo import UNDO_S

    if problem := _problem_with(paths):
        return _complain(problem, _FAILED)
    lock = InstanceLock(paths.lock_file)
    with ExitStack() as stack:
        try:
            lock.acquire()
            stack.callback(lock.release)
            queue, notice = _open_queue(paths, folder, lock)
        except (HeldByOther, QueueError) as error:
            return _complain(str(error), _FAILED)
        stack.callback(queue.close)
        open_log(paths.log_file)
        tell_crashes(paths.log_file)
        options = _options(settings, paths)
        if not arguments.plain:
            options = options._replace(undo_s=UNDO_S)
        engine = Engine(options, queue, start_paused=arguments.paused)
        all_notices = [*notices, *notice]
        if arguments.plain:
            from tui_downloader.plain import run_plain

            gc.enable()
            work = run_plain(engine, requests, all_notices, folder, arguments.json)
            return asyncio.run(keeping_to_the_day(work, engine, settings))
        if arguments.no_color:
            os.environ["NO_COLOR"] = "1"
        given = {"limit_rate"} if arguments.limit_rate is not None else set()
        return _interface(engine, settings, requests, all_notices, folder, paths, given)


def _interface(
    engine: Engine,
    settings: Settings,
    requests: Sequence[DownloadRequest],
    notices: Sequence[str],
    folder: str,
    paths: Paths,
    given: Collection[str],
) -> int:
    from tui_downloader.ui.run import run_app

    interface = run_app(
        engine, settings, requests, notices, add_folder=folder, paths=paths, given=given
    )
    return asyncio.run(interface)


def _open_queue(paths: Paths, folder: str, lock: InstanceLock) -> tuple[QueueStore, list[str]]:
    """Open the queue; one that is damaged is kept aside and named.

    Raises:
        QueueError: it cannot be opened now.
    """
    from tui_downloader.store.entry import QueueDamaged
    from tui_downloader.store.queue import QueueStore

    try:
        return QueueStore.open(paths.queue_file, lock.keep), []
    except QueueDamaged as error:
        notices = _set_queue_aside(paths, folder, error)
        return QueueStore.open(paths.queue_file, lock.keep), notices


def _set_queue_aside(paths: Paths, folder: str, error: QueueError) -> list[str]:
    """Make a new queue; return what to say of it.

    The unfinished downloads of the folder are listed in it, paused, for the user to go on with.
    """
    from tui_downloader.store.queue import QueueStore, set_aside
    from tui_downloader.store.recovery import paused_entries

    aside = set_aside(paths.queue_file)
    with closing(QueueStore.open(paths.queue_file)) as queue:
        found = paused_entries(folder, queue.next_id(), time.time())
        queue.save(found)
    words = [f"{error}; it was kept as {aside.name}"]
    if found:
        words.append(f"unfinished downloads in {folder} are listed again, paused: {len(found)}")
    return words


def _say(sentence: str) -> None:
    with suppress(OSError):  # there may be nobody to tell
        print(f"tui-downloader: {sentence}", file=sys.stderr, flush=True)


def _complain(sentence: str, code: int) -> int:
    _say(sentence)
    return code
