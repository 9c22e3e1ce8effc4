"""One field for a speed limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual.containers import Vertical
from textual.widgets import Input, Static

from tui_downloader.model.units import parse_rate
from tui_downloader.ui.screens.ask import room_in
from tui_downloader.ui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Resize

_ENTER, _ESC = "enter applies", "esc keeps the old one"


class NewLimit(NamedTuple):
    """The user's answer.

    Attributes:
        bytes_per_s: None switches the limit off.
    """

    bytes_per_s: int | None


class LimitScreen(Dialog[NewLimit | None]):
    """Asks for a limit; None when the old one stays.

    Args:
        current: how the limit of now is written, "" for none.
        about: whose limit it is.
        words_of: says what a limit means.
        aside: a sentence for who meant another limit; in a low window an error has its place.
    """

    CSS_PATH = "ask.tcss"

    def __init__(
        self, current: str, about: str, words_of: Callable[[int | None], str], aside: str = ""
    ) -> None:
        super().__init__()
        self._current = current
        self._about = about
        self._words_of = words_of
        self._aside = aside

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            words = f"Speed limit of {self._about}: 5M, 800k, 40Mbit; 0 is off"
            yield Static(words, id="question", markup=False)
            if self._aside:
                yield Static(self._aside, id="limit-aside", markup=False)
            yield Input(self._current, id="limit", compact=True)
            yield Static(self._hint(self._current), id="limit-hint", markup=False)

    def on_resize(self, event: Resize) -> None:
        for text in self.query(Static):
            text.styles.max_width = room_in(event.size.width)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self.dismiss(None)
            return
        try:
            limit = parse_rate(text)
        except ValueError as error:
            self._say(str(error), is_error=True)
        else:
            self.dismiss(NewLimit(limit))

    def on_input_changed(self, event: Input.Changed) -> None:
        self._say(self._hint(event.value))

    def _hint(self, text: str) -> str:
        """Show the keys, and the limit that enter would set, as "300" may be misunderstood."""
        try:
            words = self._words_of(parse_rate(text)) if text.strip() else ""
        except ValueError:
            words = ""  # it may become one
        return f"{f'{_ENTER} {words}'.rstrip()} · {_ESC}"

    def _say(self, text: str, *, is_error: bool = False) -> None:
        self.set_class(is_error, "-refused")
        self.query_one("#limit-hint", Static).update(text)
