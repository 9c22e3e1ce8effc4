"""A one-line menu over the footer: the second key of a two-key command.

In a narrow window it takes more lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.view.pieces import Target, width_of
from tui_downloader.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Click, Key, Resize

    from tui_downloader.ui.screens.ask import Choice, Line
    from tui_downloader.ui.view.pieces import Piece


def menu_lines(title: str, choices: tuple[Choice, ...], width: int) -> list[Line]:
    """Compose the menu, and where it can be clicked."""
    for start, gap in ((f"{title}: ", 2), ("", 2), ("", 1)):
        line = _line(start, choices, gap)
        if width_of(line[0]) <= width:
            return [line]
    return [_line("", row, 2) for row in _rows(choices, width)]


def _rows(choices: tuple[Choice, ...], width: int) -> list[tuple[Choice, ...]]:
    """Break the choices into rows that fit."""
    rows: list[tuple[Choice, ...]] = [()]
    room = width - 1
    for choice in choices:
        room -= _width_of(choice) + 2
        if room < -2 and rows[-1]:
            rows.append(())
            room = width - 3 - _width_of(choice)
        rows[-1] = (*rows[-1], choice)
    return rows


def _width_of(choice: Choice) -> int:
    return cell_len(choice.keys[0]) + 1 + cell_len(choice.title)


def _line(start: str, choices: tuple[Choice, ...], gap: int) -> Line:
    pieces: list[Piece] = [(f" {start}", "muted")]
    targets = []
    position = cell_len(start) + 1
    for choice in choices:
        end = position + _width_of(choice)
        targets.append(Target(position, end, choice.value))
        pieces += [(f"{choice.keys[0]} ", "key"), (choice.title, "text"), (" " * gap, "text")]
        position = end + gap
    return pieces[:-1], targets


class MenuScreen(Dialog[str | None]):
    """Shows choices and returns the value of the chosen one; any other key closes it.

    Args:
        title: what is chosen.
        choices: the second keys.
    """

    CSS_PATH = "menu.tcss"
    DIMS = False

    def __init__(self, title: str, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._line = Lines("menu")

    def compose(self) -> ComposeResult:
        yield self._line

    def on_resize(self, event: Resize) -> None:
        lines = menu_lines(self._title, self._choices, event.size.width)
        self._line.styles.height = len(lines)
        self._line.show(
            *(pieces for pieces, _ in lines),
            targets={number: targets for number, (_, targets) in enumerate(lines)},
        )

    def on_key(self, event: Key) -> None:
        event.stop()
        taken = (choice.value for choice in self._choices if event.key in choice.keys)
        self.dismiss(next(taken, None))

    def on_paste(self) -> None:
        """Give way: what is pasted goes where it would go without the menu."""
        self.dismiss(None)

    def on_lines_clicked(self, event: Lines.Clicked) -> None:
        event.stop()
        self.dismiss(event.value)

    def on_click(self, event: Click) -> None:
        event.stop()
        self.dismiss(None)
