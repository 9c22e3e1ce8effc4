"""What the app sends to its terminal besides the picture, and whether the terminal keeps up.

That needs our own driver; with another one (on Windows, in a test) nothing is sent.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tui_downloader.ui.terminal.window_title import RESTORE_TITLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.driver import Driver

    from tui_downloader.ui.terminal.driver import TerminalDriver

_JAMMED_FROM_WRITES = 6
_STOPPED_WORDS = "tui-downloader: downloads stop until fg"


class OwnTerminal:
    """The app's terminal, while it has one.

    Args:
        driver: returns what writes to it; None before the app has it and afterwards.
    """

    def __init__(self, driver: Callable[[], Driver | None]) -> None:
        self._driver = driver

    @property
    def _ours(self) -> TerminalDriver | None:
        if sys.platform == "win32":
            return None
        # Needs modules that exist on POSIX systems only.
        from tui_downloader.ui.terminal.driver import TerminalDriver

        driver = self._driver()
        return driver if isinstance(driver, TerminalDriver) else None

    def write(self, sequence: str) -> None:
        """Write something past the picture."""
        driver = self._driver()
        if (ours := self._ours) is not None:
            ours.tell(sequence)
        elif driver is not None and not driver.is_headless:
            driver.write(sequence)

    def part_with(self, sequence: str) -> None:
        """Set what is written when the terminal is given back, and what is said on suspending."""
        if (ours := self._ours) is not None:
            ours.parting = RESTORE_TITLE + sequence
            ours.stopped_words = _STOPPED_WORDS

    def use_mouse(self, *, is_wanted: bool) -> None:
        """Turn reports of the mouse on or off."""
        if (ours := self._ours) is not None:
            ours.use_mouse(is_wanted=is_wanted)

    def is_jammed(self) -> bool:
        """Tell whether the terminal accepts no more output: it was stopped, or its line is slow."""
        ours = self._ours
        return ours is not None and ours.waiting_writes > _JAMMED_FROM_WRITES
