"""What all commands of the main screen do, put together; runs one when it applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.ui.actions.connection_actions import ConnectionActions
from tui_downloader.ui.actions.desktop_actions import DesktopActions
from tui_downloader.ui.actions.download_actions import DownloadActions
from tui_downloader.ui.actions.edit_actions import EditActions
from tui_downloader.ui.actions.limit_actions import LimitActions
from tui_downloader.ui.actions.losing_actions import LosingActions
from tui_downloader.ui.actions.record_actions import RecordActions
from tui_downloader.ui.commands.commands import BY_ID, LOOKING
from tui_downloader.ui.early_command import EarlyCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_downloader.ui.parts import Parts
    from tui_downloader.ui.screens.main import MainScreen


class Actions:
    """Runs commands by their ids.

    Args:
        screen: whose commands these are.
        parts: what they work with.
        of_screen: what those do that are about the screen itself.

    Attributes:
        handlers: what each command does.
    """

    def __init__(
        self, screen: MainScreen, parts: Parts, of_screen: Mapping[str, Callable[[], None]]
    ) -> None:
        self._screen = screen
        self._is_ready = parts.is_ready
        self._early = EarlyCommand(screen, parts.is_ready, screen.action_run)
        desktop = DesktopActions(screen, parts.engine, parts.open_path)
        self.handlers: dict[str, Callable[[], None]] = {
            **of_screen,
            **LimitActions(screen, parts.engine).handlers,
            **DownloadActions(screen, parts.engine).handlers,
            **LosingActions(screen, parts.engine).handlers,
            **EditActions(screen, parts.engine).handlers,
            **ConnectionActions(screen, parts.engine).handlers,
            **desktop.handlers,
            **RecordActions(screen, parts.engine, parts.log_file, desktop.open).handlers,
            **parts.program.handlers,
        }

    @property
    def is_waiting(self) -> bool:
        """One that was wished for waits until the engine is there."""
        return self._early.is_waiting

    def applies(self, command_id: str) -> bool:
        """Tell whether a command would do something, now or as soon as the engine is there."""
        return self._applies_now(command_id) or self._early.may_wait(command_id)

    def answers(self, command_id: str) -> bool:
        """Tell whether its key has an effect: it does something, or says why there is nothing."""
        return self.applies(command_id) or bool(self._refusal_of(command_id))

    def run(self, command_id: str) -> None:
        """Run a command if it applies, else say why it does not."""
        self._early.forget()
        if self._applies_now(command_id):
            self.handlers[command_id]()
            if self._is_ready.is_set() and BY_ID[command_id].group not in LOOKING:
                self._screen.wake()
        elif self._early.may_wait(command_id):
            self._early.keep(command_id)
        elif refusal := self._refusal_of(command_id):
            self._screen.say_instead(refusal)

    def _refusal_of(self, command_id: str) -> str:
        is_ready = self._is_ready.is_set()
        return BY_ID[command_id].refusal(self._screen.situation) if is_ready else ""

    def _applies_now(self, command_id: str) -> bool:
        return BY_ID[command_id].applies(self._screen.situation)
