"""Settings whose changes take effect at once; all others wait for the next start."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui_downloader.ui.adding.adding import AddOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.runs.limit_clock import LimitClock
    from tui_downloader.store.settings import Settings
    from tui_downloader.ui.feed import Feed


class LiveSettings:
    """Applies changed settings.

    Args:
        default_folder: where files go when no setting says.
        set_theme: changes the theme.
        reformat: writes numbers, and names keys, as settings say.
        ask_terminal: asks of the terminal what settings say.
        prefer: takes what holds for added downloads, and whether a paste is added at once.
    """

    def __init__(
        self,
        engine: Engine,
        feed: Feed,
        limits: LimitClock,
        default_folder: str,
        *,
        set_theme: Callable[[str], None],
        reformat: Callable[[Settings], None],
        ask_terminal: Callable[[Settings], None],
        prefer: Callable[[AddOptions, bool], None],
    ) -> None:
        self._engine = engine
        self._default_folder = default_folder
        self._take_preferred = prefer
        self.appliers: dict[str, Callable[[Settings], None]] = {
            "jobs": lambda settings: engine.set_jobs(settings.jobs),
            "connections": self._connect,
            "connections_per_host": self._connect,
            "connections_total": self._connect,
            "limit_rate": limits.obey,
            "limit_times": limits.obey,
            "refresh_hz": lambda settings: feed.set_rate(settings.refresh_hz),
            "theme": lambda settings: set_theme(settings.theme),
            "units": reformat,
            "keys": reformat,
            "download_dir": self._prefer,
            "on_conflict": self._prefer,
            "paste": self._prefer,
            "title": ask_terminal,
            "taskbar": ask_terminal,
            "notify": ask_terminal,
        }
        if sys.platform != "win32":  # where the driver is ours
            self.appliers["mouse"] = ask_terminal

    def _connect(self, settings: Settings) -> None:
        self._engine.set_connections(
            settings.connections, settings.connections_per_host, settings.connections_total
        )

    def _prefer(self, settings: Settings) -> None:
        folder = os.path.expanduser(settings.download_dir or self._default_folder)
        options = AddOptions(folder, settings.on_conflict)
        self._take_preferred(options, settings.paste == "add")
