"""A dialog of several fields, which are given together."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.screen import ScreenResultType
from textual.widgets import Button, Input

from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.widgets.check import Check


class Form(Dialog[ScreenResultType]):
    """A dialog whose fields its only button gives, as do F2, and enter in a field.

    In the field `#user` enter leads on to the field `#password` while that is empty.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2,ctrl+enter", "submit", show=False, priority=True)
    ]

    @on(Button.Pressed)
    @on(Check.Submitted)
    def _pressed(self) -> None:
        self.action_submit()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if event.input.id == "user" and event.value.strip():
            password = self.query_one("#password", Input)
            if not password.value:
                password.focus()
                return
        self.action_submit()

    def action_submit(self) -> None:
        """Take what is in the fields, or say what is wrong with it."""
        raise NotImplementedError
