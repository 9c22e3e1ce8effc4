"""Commands about the program itself: help, palette, settings, themes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tui_downloader.ui.background import begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.settings.hand_edits import HandEdits


@runtime_checkable
class ShowsSettings(Protocol):
    """A screen that must be told when settings are others than it has asked for."""

    def settings_changed(self) -> None:
        """Show them anew."""


class ProgramActions:
    """Carries out commands that do not concern downloads.

    Dialogs are imported when they are first needed, to keep the start short.

    Args:
        desk: dialogs open over it.
        set_theme: changes the theme.
        run: runs any command that was chosen in the help.
        is_in_panel: tells whether the keys of the panel come first there.
    """

    def __init__(
        self,
        desk: Desk,
        set_theme: Callable[[str], None],
        run: Callable[[str], None],
        is_in_panel: Callable[[], bool],
    ) -> None:
        self._desk = desk
        desk.preferences.tell_edits = self._tell_edits
        self._set_theme, self._run, self._is_in_panel = set_theme, run, is_in_panel
        self.handlers: dict[str, Callable[[], None]] = {
            "palette": self._open_palette,
            "help": self._show_help,
            "settings": self.show_settings,
            "theme": self.choose_theme,
        }

    def _open_palette(self) -> None:
        self._desk.screen.app.action_command_palette()

    def _show_help(self) -> None:
        from tui_downloader.ui.screens.help import HelpScreen, in_order
        from tui_downloader.ui.view.glyphs import ASCII

        def run(command_id: str | None) -> None:
            if command_id is not None:
                self._run(command_id)

        commands = in_order(self._desk.keymap.commands, is_in_panel=self._is_in_panel())
        self._desk.open(HelpScreen(commands, in_words=self._desk.glyphs is ASCII), run)

    def show_settings(self, name: str = "") -> None:
        """Open the settings, with the highlight on one of them."""
        from tui_downloader.ui.screens.settings import SettingsScreen

        desk = self._desk
        desk.open(SettingsScreen(desk.preferences, self.choose_theme, desk.say, name))
        self.look_at_settings(at_once=True)

    def look_at_settings(self, *, at_once: bool = False) -> None:
        """Obey what was changed in the settings file by hand.

        Args:
            at_once: also if it was changed this very moment.
        """
        look = partial(self._desk.preferences.take_edits, at_once=at_once)
        begin(self._desk.screen, look, group="settings")

    def _tell_edits(self, edits: HandEdits) -> None:
        preferences = self._desk.preferences
        if told := edits.sentence(preferences.settings, preferences.is_at_once):
            self._desk.say(told)
        self._desk.warn(*edits.problems)
        for screen in self._desk.screen.app.screen_stack:
            if isinstance(screen, ShowsSettings):
                screen.settings_changed()

    def choose_theme(self, then: Callable[[], None] = lambda: None) -> None:
        """Ask for a theme and keep it; `then` is called when it is saved."""
        from tui_downloader.ui.screens.themes import ThemeScreen

        def chosen(name: str | None) -> None:
            if name is not None:
                self.keep_theme(name, then)

        app = self._desk.screen.app
        self._desk.open(
            ThemeScreen(sorted(app.available_themes), app.theme, self._set_theme), chosen
        )

    def keep_theme(self, name: str, then: Callable[[], None] = lambda: None) -> None:
        """Change the theme and save it."""

        async def keep() -> None:
            problem = await self._desk.preferences.change("theme", name)
            if problem:
                self._desk.say(problem)
            then()

        begin(self._desk.screen, keep, group="theme", exclusive=True)
