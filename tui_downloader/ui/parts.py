"""What the main screen is built from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from pathlib import Path

    from tui_downloader.engine import Engine
    from tui_downloader.ui.adding.adding import AddOptions
    from tui_downloader.ui.feed import Feed
    from tui_downloader.ui.file_looks import FatesOf
    from tui_downloader.ui.settings.preferences import Preferences
    from tui_downloader.ui.view.figures import Figures
    from tui_downloader.ui.view.glyphs import Glyphs
    from tui_downloader.ui.view.lens import Lens
    from tui_downloader.ui.view.toasts import Toaster


class Parts(NamedTuple):
    """The objects and functions that the main screen works with.

    Attributes:
        engine: takes wishes and gives details.
        feed: says when there is something new.
        lens: how the user looks at the queue.
        figures, glyphs: how numbers are written, and what is drawn with.
        options: what holds for added downloads unless the user says otherwise.
        adds_at_once: a paste is added without asking.
        is_ready: set when the engine takes wishes.
        toaster: shows short messages.
        clock: wall clock, seconds.
        open_path: opens a file or folder; returns "" or why not; may block.
        fates_of: tells what became of finished files; blocks.
        log_file: the program's log, None when there is none.
        preferences: the settings.
        set_theme: changes the theme.
    """

    engine: Engine
    feed: Feed
    lens: Lens
    figures: Figures
    glyphs: Glyphs
    options: AddOptions
    adds_at_once: bool
    is_ready: asyncio.Event
    toaster: Toaster
    clock: Callable[[], float]
    open_path: Callable[[str], str]
    fates_of: FatesOf
    log_file: Path | None
    preferences: Preferences
    set_theme: Callable[[str], None]
