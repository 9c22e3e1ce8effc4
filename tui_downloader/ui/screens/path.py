"""Asks for the path of a file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.widgets import Input, Static

from tui_downloader.ui.background import begin, in_thread, is_closed
from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.widgets.box import Box

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult


class PathScreen(Dialog[str | None]):
    """Returns the path, None when there is to be none.

    Args:
        heading: what it is for.
        sentence: what happens with it.
        value: what the field holds at first.
        problem_with: says why a path cannot be used, "" when it can; looks at the disk.
    """

    CSS_PATH = "field.tcss"

    def __init__(
        self, heading: str, sentence: str, value: str, problem_with: Callable[[str], str]
    ) -> None:
        super().__init__()
        self._heading = heading
        self._sentence = sentence
        self._value = value
        self._problem_with = problem_with

    def compose(self) -> ComposeResult:
        with Box("field-box", self._heading, "enter takes it · esc back"):
            yield Static(self._sentence, classes="line old", markup=False)
            yield Input(self._value, id="field", compact=True)
            yield Static("", id="field-problem", classes="-error", markup=False)

    def on_input_changed(self) -> None:
        self.query_one("#field-problem", Static).update("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        begin(self, partial(self._take, event.value), group="path", exclusive=True)

    async def _take(self, path: str) -> None:
        """Check the path on disk, which may hang; return it or show what is wrong."""
        problem = await in_thread(self._problem_with, path)
        if is_closed(self):
            return
        if problem:
            self.query_one("#field-problem", Static).update(problem)
        else:
            self.dismiss(path)
