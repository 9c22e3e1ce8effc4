"""Commands about the program itself: help, palette, settings, themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.ui.background import begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.app import DownloaderApp
    from tui_downloader.ui.settings.preferences import Preferences


class ProgramActions:
    """Carries out the commands that are about no download.

    The dialogs are loaded when they are first needed: start-up stays short.
    """

    def __init__(self, app: DownloaderApp, preferences: Preferences) -> None:
        self._app = app
        self.preferences = preferences
        self.handlers: dict[str, Callable[[], None]] = {
            "palette": app.action_command_palette,
            "help": self._show_help,
            "settings": self.show_settings,
            "theme": self.choose_theme,
        }

    def _show_help(self) -> None:
        from tui_downloader.ui.screens.help import HelpScreen, in_order
        from tui_downloader.ui.view.glyphs import ASCII

        def run(command_id: str | None) -> None:
            if command_id is not None:
                self._app.main.action_run(command_id)

        is_in_panel = self._app.main.is_in_panel
        commands = in_order(self.preferences.keymap.commands, is_in_panel=is_in_panel)
        self._app.push_screen(HelpScreen(commands, in_words=self._app.main.glyphs is ASCII), run)

    def show_settings(self, name: str = "") -> None:
        """Open the settings, with the highlight on one of them."""
        from tui_downloader.ui.screens.settings import SettingsScreen

        self._app.push_screen(SettingsScreen(self.preferences, self.choose_theme, name))

    def choose_theme(self, then: Callable[[], None] = lambda: None) -> None:
        """Ask for a theme and keep it; `then` is called when it is saved."""
        from tui_downloader.ui.screens.themes import ThemeScreen

        def chosen(name: str | None) -> None:
            if name is not None:
                self.keep_theme(name, then)

        names = sorted(self._app.available_themes)
        self._app.push_screen(ThemeScreen(names, self._app.theme, self._app.wear), chosen)

    def keep_theme(self, name: str, then: Callable[[], None] = lambda: None) -> None:
        """Put a theme on and save it."""

        async def keep() -> None:
            problem = await self.preferences.change("theme", name)
            if problem:
                self._app.say(problem)
            then()

        begin(self._app, keep, group="theme", exclusive=True)
