"""One run of the interface, from its first picture until everything is saved."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import TYPE_CHECKING

from tui_downloader.runs.signals import (
    DISK_WORDS,
    HURRIED_WORDS,
    catch_signals,
    leave_now,
    release_signals,
)
from tui_downloader.store.unsent import save
from tui_downloader.ui.app import DownloaderApp

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.store.paths import Paths
    from tui_downloader.store.settings import Settings

_log = logging.getLogger(__name__)
_SAVING_S = 0.5


async def run_app(
    engine: Engine,
    settings: Settings,
    requests: Sequence[DownloadRequest],
    notices: Sequence[str],
    *,
    add_folder: str,
    paths: Paths,
    given: Collection[str] = (),
) -> int:
    """Run the interface until the user leaves; the engine is entered and left in here.

    Args:
        engine: not entered yet.
        settings: the user's settings.
        requests: downloads to add at the start.
        notices: sentences to show at the start.
        add_folder: where added downloads go, absolute.
        paths: the program's own files.
        given: settings that the command line outranks in this run, by name.

    Returns:
        The exit code: 0, or 1 after a crash of the interface.
    """
    app = DownloaderApp(engine, settings, requests, notices, add_folder=add_folder, paths=paths)
    app.preferences.given = frozenset(given)
    catch_signals(app.quitting.told_to_end)  # before the terminal is taken
    try:
        await app.run_async(mouse=settings.mouse)
        code = app.return_code or 0
    finally:
        release_signals()
        if app.quitting.unsent.strip():
            await _keep(app.quitting.unsent, paths.unsent_file)
        await app.life.finish()
        if app.life.is_impatient:
            # A thread may be stuck in the disk, and Python would wait for it.
            leave_now(app.return_code or 0, HURRIED_WORDS if app.life.is_hurried else DISK_WORDS)
    if app.quitting.parting:
        sys.stdout.write(f"{app.quitting.parting}\n")
    return code


async def _keep(text: str, file: Path) -> None:
    """Keep for the next start what waited to be added, but wait for no disk that hangs."""
    saving = asyncio.ensure_future(asyncio.to_thread(save, file, text))
    await asyncio.wait([saving], timeout=_SAVING_S)
    if saving.done() and (error := saving.exception()) is not None:
        _log.warning("the lines of the add dialog are not kept: %s", error)
