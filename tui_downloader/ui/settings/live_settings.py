"""What changes at once when a setting changes; all other settings wait for the next start."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui_downloader.ui.adding.adding import AddOptions
from tui_downloader.ui.view.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.runs.limit_clock import LimitClock
    from tui_downloader.store.settings import Settings
    from tui_downloader.ui.app import DownloaderApp
    from tui_downloader.ui.feed import Feed


class LiveSettings:
    """Puts settings to use.

    Args:
        default_folder: where files go when no setting says.
    """

    def __init__(
        self,
        app: DownloaderApp,
        engine: Engine,
        feed: Feed,
        limits: LimitClock,
        default_folder: str,
    ) -> None:
        self._app = app
        self._engine = engine
        self._default_folder = default_folder
        self.appliers: dict[str, Callable[[Settings], None]] = {
            "jobs": lambda settings: engine.set_jobs(settings.jobs),
            "connections": self._connect,
            "connections_per_host": self._connect,
            "connections_total": self._connect,
            "limit_rate": limits.obey,
            "limit_times": limits.obey,
            "refresh_hz": lambda settings: feed.set_rate(settings.refresh_hz),
            "theme": lambda settings: app.wear(settings.theme),
            "units": self._speak,
            "keys": self._speak,
            "download_dir": self._prefer,
            "on_conflict": self._prefer,
            "paste": self._prefer,
            "title": app.apply_terminal_settings,
            "taskbar": app.apply_terminal_settings,
            "notify": app.apply_terminal_settings,
        }
        if sys.platform != "win32":  # where the driver is ours
            self.appliers["mouse"] = app.apply_terminal_settings

    def _connect(self, settings: Settings) -> None:
        self._engine.set_connections(
            settings.connections, settings.connections_per_host, settings.connections_total
        )

    def _speak(self, settings: Settings) -> None:
        keymap = self._app.preferences.keymap
        self._app.set_keymap(keymap.own_bindings)
        self._app.speak(Figures(is_binary=settings.units == "binary"), keymap)

    def _prefer(self, settings: Settings) -> None:
        folder = os.path.expanduser(settings.download_dir or self._default_folder)
        options = AddOptions(folder, settings.on_conflict)
        self._app.main.intake.prefer(options, adds_at_once=settings.paste == "add")
