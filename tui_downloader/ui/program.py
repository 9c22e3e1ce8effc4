"""Commands about the program itself: help, palette, settings, history, log, lists of links."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.screens.main import MainScreen


class ProgramActs:
    """Carries out the commands that are about no download.

    The dialogs are loaded when they are first needed: start-up stays short.
    """

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self.handlers: dict[str, Callable[[], None]] = {
            "palette": self._show_palette,
            "help": self._show_help,
        }

    def _show_palette(self) -> None:
        self._screen.app.action_command_palette()

    def _show_help(self) -> None:
        from tui_downloader.ui.screens.help import HelpScreen, in_order

        def run(command_id: str | None) -> None:
            if command_id is not None:
                self._screen.action_run(command_id)

        is_in_panel = self._screen.is_in_panel
        commands = in_order(self._screen.keymap.commands, is_in_panel=is_in_panel)
        self._screen.app.push_screen(HelpScreen(commands), run)
