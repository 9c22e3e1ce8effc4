"""Commands for the details panel: its place, its tab and its focus.

It is docked beside or below the list, by the size of the window and the user's choice, or fills the
screen. The widget draws it; the main screen's stylesheet places it by the classes set here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.download import Details
from tui_downloader.ui.view.details_lines import Tab
from tui_downloader.ui.view.room import LOANS, lent_rows
from tui_downloader.ui.widgets.details import DetailsLines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.widgets.details import DetailsPanel
    from tui_downloader.ui.widgets.queue import QueueList

_TAB_CLICKED = "tab_"

_SIDE_FROM_WIDTH = 180
_BELOW_FROM_HEIGHT = 28
# With less, a panel below would leave fewer than 5 rows: 10 lines are its own or around the list.
_ROOM_BELOW_FROM_HEIGHT = 15
_AROUND_LIST, _PANEL_ROWS = 4, 6  # lines; those of the stylesheet


def _panel_place(width: int, height: int, *, is_wanted: bool | None) -> str:
    """Return where the panel stands in a window of this size: "side", "below" or "" for nowhere.

    Args:
        is_wanted: what the user said of it, None for nothing.
    """
    is_side = width >= _SIDE_FROM_WIDTH
    if is_wanted is None:
        is_wanted = is_side or height >= _BELOW_FROM_HEIGHT
    if not is_wanted:
        return ""
    if is_side:
        return "side"
    return "below" if height >= _ROOM_BELOW_FROM_HEIGHT else ""


class PanelActions:
    """Shows the panel and carries out the commands about it.

    Args:
        queue: has the keys while the panel has not.
        lay_out: puts everything into its place once the panel has another.

    Attributes:
        is_full: the details have the whole screen.
    """

    def __init__(
        self,
        desk: Desk,
        engine: Engine,
        queue: QueueList,
        panel: DetailsPanel,
        lay_out: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._engine = engine
        self._queue = queue
        self._panel = panel
        self._lay_out = lay_out
        self._is_wanted: bool | None = None  # None: as the size of the window suggests
        self.is_full = False
        self.handlers: dict[str, Callable[[], None]] = {
            "details": self._toggle_full,
            "panel": self._toggle,
            "next_tab": lambda: self._turn(1),
            "previous_tab": lambda: self._turn(-1),
            "switch_focus": self._switch_focus,
        }

    @property
    def is_shown(self) -> bool:
        """The details are on the screen."""
        return self._panel.display

    @property
    def has_focus(self) -> bool:
        """The panel has the keys, not the list."""
        return isinstance(self._desk.screen.focused, DetailsLines)

    def show(self) -> None:
        """Show the highlighted download as it is now."""
        if not self._panel.display:
            return
        shown = self._desk.highlighted
        details = Details() if shown is None else self._engine.details(shown.download_id)
        self._panel.show(shown, details, self._desk.words)

    def clicked(self, value: str) -> bool:
        """Open a tab whose title was clicked; False when something else was."""
        if not value.startswith(_TAB_CLICKED):
            return False
        self._panel.open(Tab[value.removeprefix(_TAB_CLICKED).upper()])
        self.show()
        return True

    def leave(self) -> bool:
        """Leave the full screen, else return the focus to the list; False for neither."""
        if self.is_full:
            self._toggle_full()
        elif self.has_focus:
            self._desk.screen.set_focus(self._queue)
        else:
            return False
        return True

    def place(self) -> None:
        """Put the panel where it belongs in the current window."""
        place = _panel_place(*self._desk.screen.app.size, is_wanted=self._is_wanted)
        self._desk.screen.set_class(self.is_full, "-full")
        self._desk.screen.set_class(place == "side" and not self.is_full, "-side")
        self._desk.screen.set_class(place == "below" and not self.is_full, "-below")
        self.lend()
        if not place and self.has_focus and not self.is_full:
            self._desk.screen.set_focus(self._queue)

    def lend(self) -> bool:
        """Give the room that a short list leaves to the panel below it, or to the chart.

        Returns:
            True when that is another room than before.
        """
        screen = self._desk.screen
        is_below, is_beside = screen.has_class("-below"), screen.has_class("-side")
        around = _AROUND_LIST + (_PANEL_ROWS if is_below else 0)
        downloads = len(self._desk.board.snapshot.downloads)
        # Beside the panel a chart of all downloads would be that of the only one once more.
        is_lent = is_below or (is_beside and downloads > 1)
        lent = lent_rows(screen.app.size.height - around, downloads) if is_lent else 0
        before = screen.classes
        for loan in LOANS:
            screen.set_class(loan == lent, f"-lent-{loan}")
        return screen.classes != before

    def _toggle_full(self) -> None:
        self.is_full = not self.is_full
        self._lay_out()
        self._desk.screen.set_focus(self._lines if self.is_full else self._queue)

    def _toggle(self) -> None:
        self._is_wanted = is_wanted = not self._panel.display
        if is_wanted and not _panel_place(*self._desk.screen.app.size, is_wanted=True):
            key = self._desk.keymap.key_of("details")
            self._desk.say(f"No room for the panel{self._desk.glyphs.dot}{key} shows the details")
        self._lay_out()

    def _turn(self, by: int) -> None:
        self._panel.turn(by)
        self.show()

    def _switch_focus(self) -> None:
        is_in_list = self._desk.screen.focused is self._queue
        self._desk.screen.set_focus(self._lines if is_in_list else self._queue)

    @property
    def _lines(self) -> DetailsLines:
        return self._panel.query_one(DetailsLines)
