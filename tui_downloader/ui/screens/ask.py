"""A question with a few answers, each by its own key; enter is never yes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.view.cells import whole_numbers
from tui_downloader.ui.view.pieces import Target
from tui_downloader.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult
    from textual.events import Key, Resize
    from textual.geometry import Size
    from textual.screen import Screen

    from tui_downloader.ui.view.pieces import Piece

OVER = "over"
_DOT = " · "
_WIDEST = 76
_FRAME = 6  # cells beside what the frame holds
_FRAME_ROWS, _SHORT_FRAME_ROWS = 5, 2  # rows above, between and below it
_SCROLLBAR = 1


class Choice(NamedTuple):
    """One answer.

    Attributes:
        keys: any of these keys gives it; the first is shown.
        title: what it does.
        value: what the screen returns.
    """

    keys: tuple[str, ...]
    title: str
    value: str


class Asked(NamedTuple):
    """A question as it is now.

    Attributes:
        question: plain text; "" when there is nothing left to be asked.
        choices: the answers to it.
    """

    question: str = ""
    choices: tuple[Choice, ...] = ()


Line = tuple[list["Piece"], list[Target]]


def room_in(width: int) -> int:
    """How many cells a question has in a window of a width."""
    # Narrower than the other dialogs: it stands within the frame of one that it is asked over.
    return min(_WIDEST, width * 89 // 100 - _FRAME)


def choice_lines(entries: list[tuple[str, str, str]], width: int) -> list[Line]:
    """Compose the answers, given as key, title and value, and where they can be clicked."""
    lines: list[Line] = []
    position = 0
    for key, title, value in entries:
        length = cell_len(f"{key} {title}")
        if lines and position + len(_DOT) + length <= width:
            lines[-1][0].append((_DOT, "muted"))
            position += len(_DOT)
        else:
            lines.append(([], []))
            position = 0
        pieces, targets = lines[-1]
        pieces += [(f"{key} ", "key"), (title, "muted")]
        targets.append(Target(position, position + length, value))
        position += length
    return lines


class AskScreen(Dialog[str | None]):
    """Asks and returns the value of the answer, None when the user goes back.

    Args:
        question: plain text; says what is at stake, with numbers.
        choices: the answers.
        follow: returns both as they are now; with nothing left to be asked the answer is `OVER`.
    """

    CSS_PATH = "ask.tcss"

    def __init__(
        self,
        question: str,
        choices: tuple[Choice, ...],
        follow: Callable[[], Asked] | None = None,
    ) -> None:
        super().__init__()
        self._question = question
        self._added = ""
        self._follow = follow
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            with VerticalScroll(id="told"):
                yield Static(self._question, id="question", markup=False)
            yield Lines("choices")

    def look(self) -> None:
        """What is asked about may have changed; before it is seen, it will look again."""
        if not self.is_mounted or self._follow is None:
            return
        now = self._follow()
        if not now.question:
            if self.is_current:
                self.dismiss(OVER)
        elif now != (self._question, self._choices):
            self._question, self._choices = now
            self._lay_out(self.app.size)

    def add(self, sentence: str) -> None:
        """Say more while it is asked."""
        self._added += f"\n{sentence}"
        self._tell()

    def _tell(self) -> None:
        # A quick disk answers before there is anything to show it in, which will have it from the
        # start.
        for shown in self.query("#question").results(Static):
            shown.update(whole_numbers(f"{self._question}{self._added}", self._room))

    @property
    def _room(self) -> int:
        return room_in(self.app.size.width) - self.has_class("-short") * _SCROLLBAR

    def on_resize(self, event: Resize) -> None:
        self._lay_out(event.size)

    def _lay_out(self, size: Size) -> None:
        """A narrow window has the answers on several lines; in a low one the question scrolls."""
        if not self.query("#choices"):
            return  # they are laid out once they are there
        lines = choice_lines(self._entries(), room_in(size.width))
        shown = self.query_one(Lines)
        shown.styles.height = len(lines)
        is_short = self.has_class("-short")
        room = size.height - (_SHORT_FRAME_ROWS if is_short else _FRAME_ROWS) - len(lines)
        self.query_one("#told").styles.max_height = max(1, room)
        self.query_one("#question").styles.max_width = self._room
        self._tell()
        targets = {number: found for number, (_, found) in enumerate(lines)}
        shown.show(*(pieces for pieces, _ in lines), targets=targets)

    def _entries(self) -> list[tuple[str, str, str]]:
        shown = [(choice.keys[0], choice.title, choice.keys[0]) for choice in self._choices]
        return [*shown, ("esc", "back", "escape")]

    def on_key(self, event: Key) -> None:
        for choice in self._choices:
            if event.key in choice.keys or event.character in choice.keys:
                event.stop()
                self.dismiss(choice.value)

    def on_lines_clicked(self, event: Lines.Clicked) -> None:
        event.stop()
        values = {choice.keys[0]: choice.value for choice in self._choices}
        self.dismiss(values.get(event.value))


def look_again(screens: Iterable[Screen[Any]]) -> None:
    """The list has changed: update the question."""
    for screen in screens:
        if isinstance(screen, AskScreen):
            screen.look()
