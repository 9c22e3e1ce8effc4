"""All commands of the main screen joined; runs one if it applies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.ui.actions.connection_actions import ConnectionActions
from tui_downloader.ui.actions.desktop_actions import DesktopActions
from tui_downloader.ui.actions.download_actions import DownloadActions
from tui_downloader.ui.actions.edit_actions import EditActions
from tui_downloader.ui.actions.limit_actions import LimitActions
from tui_downloader.ui.actions.losing_actions import LosingActions
from tui_downloader.ui.actions.record_actions import RecordActions
from tui_downloader.ui.commands.command import HIGHLIGHTED
from tui_downloader.ui.commands.commands import BY_ID, LOOKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui_downloader.ui.adding.intake import Intake
    from tui_downloader.ui.commands.situation import Situation
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.parts import Parts


class Actions:
    """Runs commands by their ids.

    Args:
        desk: what they work at.
        parts: what they work with.
        intake: adds what they bring back.
        situation: tells what decides which commands apply.
        of_screen: what those do that are about the screen itself.

    Attributes:
        handlers: what each command does.
    """

    def __init__(
        self,
        desk: Desk,
        parts: Parts,
        intake: Intake,
        situation: Callable[[], Situation],
        of_screen: Mapping[str, Callable[[], None]],
    ) -> None:
        self._desk = desk
        self._situation = situation
        self._is_ready = parts.is_ready
        desktop = DesktopActions(desk, parts.engine, parts.open_path)
        self.handlers: dict[str, Callable[[], None]] = {
            **of_screen,
            **LimitActions(desk, parts.engine).handlers,
            **DownloadActions(desk, parts.engine).handlers,
            **LosingActions(desk, parts.engine).handlers,
            **EditActions(desk, parts.engine).handlers,
            **ConnectionActions(desk, parts.engine).handlers,
            **desktop.handlers,
            **RecordActions(desk, parts, intake, desktop.open).handlers,
        }

    def applies(self, command_id: str) -> bool:
        """Tell whether a command does something now."""
        return BY_ID[command_id].applies(self._situation())

    def answers(self, command_id: str) -> bool:
        """Tell whether its key has an effect: it does something, or says why it cannot."""
        situation, command = self._situation(), BY_ID[command_id]
        tries = command.applies(situation) or command.is_tried(situation)
        return tries or bool(self._refusal_of(command_id))

    def run(self, command_id: str) -> None:
        """Run a command if it applies, or is to be tried, else say why it does not."""
        self._desk.lens.touched()
        command = BY_ID[command_id]
        if self.applies(command_id):
            is_deed = self._is_ready.is_set() and command.group not in LOOKING
            # Who mends a download looks at it until it is mended, and may try again.
            if is_deed and command.group != HIGHLIGHTED:
                self._desk.lens.acted()
            self.handlers[command_id]()
            if is_deed:
                self._desk.wake()
        elif command.is_tried(self._situation()):
            self.handlers[command_id]()
        elif refusal := self._refusal_of(command_id):
            self._desk.say_instead(refusal)

    def _refusal_of(self, command_id: str) -> str:
        is_ready = self._is_ready.is_set()
        return BY_ID[command_id].refusal(self._situation()) if is_ready else ""
