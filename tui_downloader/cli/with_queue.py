"""Runs with a queue on disk, open to one program at a time: the interface and the line mode."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from tui_downloader.cli.complaints import FAILED, complain
from tui_downloader.cli.invocation import engine_options
from tui_downloader.cli.log_file import open_log
from tui_downloader.engine import Engine
from tui_downloader.runs.last_words import tell_crashes
from tui_downloader.runs.limit_clock import keeping_to_the_day
from tui_downloader.store.entry import QueueDamaged, QueueError
from tui_downloader.store.lock import HeldByOther, InstanceLock
from tui_downloader.store.queue import QueueStore, set_aside

if TYPE_CHECKING:
    from tui_downloader.cli.invocation import Invocation
    from tui_downloader.store.paths import Paths


def run_with_queue(invocation: Invocation) -> int:
    """Run the interface, or the line mode if asked for; return the exit code."""
    try:
        try:
            return _run(invocation)
        except QueueDamaged as error:  # which shows only when it is read
            aside = _set_queue_aside(invocation.paths, invocation.folder, error)
            return _run(invocation._replace(notices=[*invocation.notices, *aside]))
    except QueueError as error:
        words = "everything received is kept, but not what was wished for last"
        return complain(f"{error}; {words}", FAILED)


def _run(invocation: Invocation) -> int:
    paths = invocation.paths
    if problem := _problem_with(paths):
        return complain(problem, FAILED)
    lock = InstanceLock(paths.lock_file)
    with ExitStack() as stack:
        try:
            lock.acquire()
            stack.callback(lock.release)
            queue, notices = _open_queue(paths, invocation.folder, lock)
        except (HeldByOther, QueueError) as error:
            return complain(str(error), FAILED)
        stack.callback(queue.close)
        open_log(paths.log_file)
        tell_crashes(paths.log_file)
        told = invocation._replace(notices=[*invocation.notices, *notices])
        return _plain(told, queue) if invocation.arguments.plain else _interface(told, queue)


def _plain(invocation: Invocation, queue: QueueStore) -> int:
    from tui_downloader.cli.plain import run_plain

    arguments, requests = invocation.arguments, invocation.requests
    engine = Engine(engine_options(invocation), queue, start_paused=arguments.paused)
    work = run_plain(engine, requests, invocation.notices, invocation.folder, arguments.json)
    return asyncio.run(keeping_to_the_day(work, engine, invocation.settings))


def _interface(invocation: Invocation, queue: QueueStore) -> int:
    # Who exports these tells how large the window was then; the terminal itself knows it always.
    for name in ("COLUMNS", "LINES"):
        os.environ.pop(name, None)
    from tui_downloader.ui.actions.undo import UNDO_S
    from tui_downloader.ui.run import run_app

    arguments = invocation.arguments
    options = engine_options(invocation)._replace(undo_s=UNDO_S)
    if arguments.no_color:
        os.environ["NO_COLOR"] = "1"
    interface = run_app(
        Engine(options, queue, start_paused=arguments.paused),
        invocation.settings,
        invocation.requests,
        invocation.notices,
        add_folder=invocation.folder,
        paths=invocation.paths,
        given=invocation.given,
    )
    return asyncio.run(interface)


def _problem_with(paths: Paths) -> str:
    """Create the folders of the program's own files; return an error, "" for none."""
    try:
        paths.make_folders()
    except OSError as error:
        why = f"cannot write to {error.filename}: {error.strerror}"
        return f"{why}; TUI_DOWNLOADER_HOME=DIR keeps settings and queue elsewhere"
    return ""


def _open_queue(paths: Paths, folder: str, lock: InstanceLock) -> tuple[QueueStore, list[str]]:
    """Open the queue; a damaged one is renamed, and a message says so.

    Raises:
        QueueError: it cannot be opened now.
    """
    try:
        return QueueStore.open(paths.queue_file, lock.keep), []
    except QueueDamaged as error:
        notices = _set_queue_aside(paths, folder, error)
        return QueueStore.open(paths.queue_file, lock.keep), notices


def _set_queue_aside(paths: Paths, folder: str, error: QueueError) -> list[str]:
    """Make a new queue; return what to say of it.

    The unfinished downloads of the folder are listed in it, paused, for the user to go on with.
    """
    from tui_downloader.store.recovery import paused_entries

    aside = set_aside(paths.queue_file)
    with closing(QueueStore.open(paths.queue_file)) as queue:
        found = paused_entries(folder, queue.next_id(), time.time())
        queue.save(found)
    words = [f"{error}; it was kept as {aside.name}"]
    if found:
        words.append(f"unfinished downloads in {folder} are listed again, paused: {len(found)}")
    return words
