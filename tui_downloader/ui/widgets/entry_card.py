"""Explains the highlighted setting, and has the field in which it is edited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from tui_downloader.ui.settings.setting_entries import SettingEntry

if TYPE_CHECKING:
    from textual.app import ComposeResult


class EntryCard(Vertical):
    """Shows a setting; says what was typed for it.

    Args:
        problem_with: says why a text is no value for a setting of that name, "" when it is one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    @dataclass
    class Given(Message):
        """A value was typed and enter pressed.

        Attributes:
            entry: the setting.
            typed: the text; "" asks for the default.
        """

        entry: SettingEntry
        typed: str

    @dataclass
    class Left(Message):
        """The field was closed, with a value or without."""

    def __init__(self, widget_id: str, problem_with: Callable[[str, str], str]) -> None:
        super().__init__(id=widget_id)
        self._problem_with = problem_with
        self._entry: SettingEntry | None = None

    def compose(self) -> ComposeResult:
        yield Static("", id="sentence", markup=False)
        yield Static("", id="facts", markup=False)
        yield Static("", id="short-facts", markup=False)
        yield Input(id="value", compact=True)
        yield Static("", id="problem", markup=False)

    def show(self, entry: SettingEntry | None) -> None:
        """Show a setting, or nothing."""
        self._entry = entry
        facts, short_facts = entry.facts if entry is not None else ("", "")
        self.query_one("#sentence", Static).update(entry.sentence if entry is not None else "")
        self.query_one("#facts", Static).update(facts)
        self.query_one("#short-facts", Static).update(short_facts)
        self.say("")

    def say(self, problem: str) -> None:
        """Show an error; "" removes it."""
        self.query_one("#problem", Static).update(problem)
        self.set_class(bool(problem), "-has-problem")

    def edit(self) -> None:
        """Open the field for the setting that is shown."""
        if self._entry is not None:
            field = self.query_one("#value", Input)
            field.value, field.placeholder = self._entry.value, self._entry.shown
            self.set_class(True, "-editing")
            field.focus()

    def end(self) -> None:
        """Close the field."""
        if self.has_class("-editing"):
            self.set_class(False, "-editing")
            self.say("")
            self.post_message(self.Left())

    @on(Input.Changed, "#value")
    def _check(self, event: Input.Changed) -> None:
        event.stop()
        if self._entry is not None and self.has_class("-editing"):
            self.say(self._problem_with(self._entry.name, event.value))

    @on(Input.Submitted, "#value")
    def _give(self, event: Input.Submitted) -> None:
        event.stop()
        if self._entry is not None:
            self.post_message(self.Given(self._entry, event.value))

    def action_leave(self) -> None:
        """Keep the old value."""
        self.end()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        del parameters
        return action != "leave" or self.has_class("-editing")
