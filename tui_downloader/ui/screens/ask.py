"""A question with a few answers, each by its own key; enter is never yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_downloader.ui.bars import Target
from tui_downloader.ui.widgets.lines import Lines

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Key

    from tui_downloader.ui.rows import Piece

_DOT = " · "


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer.

    Attributes:
        keys: any of these keys gives it; the first is shown.
        title: what it does.
        value: what the screen returns.
    """

    keys: tuple[str, ...]
    title: str
    value: str


class Ask(ModalScreen[str | None]):
    """Asks and returns the value of the answer, None when the user goes back.

    Args:
        question: plain text; says what is at stake, with numbers.
        choices: the answers.
    """

    CSS_PATH = "ask.tcss"
    BINDINGS: ClassVar = [Binding("escape", "back", "Back", show=False)]

    def __init__(self, question: str, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self._question = question
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Static(self._question, id="question", markup=False)
            yield self._choice_line()

    def _choice_line(self) -> Lines:
        pieces: list[Piece] = []
        targets = []
        position = 0
        for key, title, value in self._entries():
            if pieces:
                pieces.append((_DOT, "muted"))
                position += len(_DOT)
            end = position + len(key) + 1 + len(title)
            targets.append(Target(position, end, value))
            pieces += [(f"{key} ", "key"), (title, "muted")]
            position = end
        line = Lines("choices")
        line.show(pieces, targets={0: targets})
        return line

    def _entries(self) -> list[tuple[str, str, str]]:
        shown = [(choice.keys[0], choice.title, choice.keys[0]) for choice in self._choices]
        return [*shown, ("esc", "back", "escape")]

    def on_key(self, event: Key) -> None:
        for choice in self._choices:
            if event.key in choice.keys:
                event.stop()
                self.dismiss(choice.value)

    def on_lines_clicked(self, event: Lines.Clicked) -> None:
        event.stop()
        values = {choice.keys[0]: choice.value for choice in self._choices}
        self.dismiss(values.get(event.value))

    def action_back(self) -> None:
        """Close without an answer."""
        self.dismiss(None)
