"""The settings: groups on the left, entries on the right, an explanation below; edited in place."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tui_downloader.ui.background import begin, is_closed
from tui_downloader.ui.commands.command import key_name, textual_keys
from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.screens.filtered import FilteredDialog
from tui_downloader.ui.settings.setting_entries import entries, group_line
from tui_downloader.ui.view.cells import cut, pad
from tui_downloader.ui.view.pieces import Target
from tui_downloader.ui.widgets.box import Box
from tui_downloader.ui.widgets.entry_card import EntryCard
from tui_downloader.ui.widgets.lines import Lines
from tui_downloader.ui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Key

    from tui_downloader.ui.settings.preferences import Preferences
    from tui_downloader.ui.settings.setting_entries import SettingEntry
    from tui_downloader.ui.view.pieces import Piece

_TITLE_WIDTH = 22
_NARROW = 50  # cells of a row, where its title gets less room
_LATER = "changed, from next start"
_LATER_NOTES = (f" ({_LATER})", " (from next start)")
_EDITING = ("enter saves · nothing resets · esc keeps the old", "enter saves · esc back")
_HINTS = (
    "enter edit · r reset · / filter · ← → group{themes} · esc close",
    "enter edit · r reset · / filter{themes} · esc close",
    "enter edit · r reset · / filter · esc close",
    "enter edit · r reset · esc close",
)


class SettingsScreen(FilteredDialog):
    """Shows and edits the settings.

    Args:
        preferences: holds, checks and saves them.
        choose_theme: opens the list of themes, and calls back when one was chosen.
        say: shows a message.
        name: the setting, or table of settings, to go to at the start; "" for the first one.
    """

    CSS_PATH = "settings.tcss"
    AUTO_FOCUS = "#entries"
    BINDINGS: ClassVar = [
        Binding("r", "reset", "Reset", show=False),
        Binding("left,h,shift+tab", "group(-1)", "Previous group", show=False),
        Binding("right,l,tab", "group(1)", "Next group", show=False),
    ]

    def __init__(
        self,
        preferences: Preferences,
        choose_theme: Callable[[Callable[[], None]], None],
        say: Callable[[str], None],
        name: str = "",
    ) -> None:
        super().__init__()
        self._first_name = name
        self._preferences = preferences
        self._choose_theme = choose_theme
        self._say = say
        self._entries: list[SettingEntry] = []

    def compose(self) -> ComposeResult:
        with Box("settings", "Settings", *self._hints):
            yield self.field()
            with Horizontal(id="columns"):
                yield Lines("groups")
                yield PickList("entries", self._draw, "no setting has these words")
            yield EntryCard("card", self._preferences.problem_with)

    def on_mount(self) -> None:
        self.show_fitting()
        names = (entry.name.partition(".")[0] for entry in self._entries)
        self.picks.go_to(next((i for i, name in enumerate(names) if name == self._first_name), 0))

    # What is shown.

    def show_fitting(self) -> None:
        """List the entries that match again; the highlight stays."""
        now = self._preferences
        listed = entries(now.settings, now.keymap, now.is_at_once)
        name = self._highlighted.name if self._highlighted is not None else ""
        self._entries = self.fitting(listed, lambda: (entry.words.lower() for entry in listed))
        names = [entry.name for entry in self._entries]
        self.picks.show(len(names), names.index(name) if name in names else 0)

    def settings_changed(self) -> None:
        """The file was changed by hand."""
        if self.is_mounted:
            self.show_fitting()

    def _draw(self, index: int, width: int) -> list[Piece]:
        entry = self._entries[index]
        role = "strong" if entry.is_changed else "muted"
        is_narrow = width < _NARROW
        title_width = width // 2 if is_narrow else _TITLE_WIDTH
        title = pad(cut(entry.title, title_width), title_width)
        is_waiting = not is_narrow and self._preferences.is_waiting(entry.name)
        room = width - title_width - 3
        notes = _LATER_NOTES if is_waiting else ("",)
        fitting = (note for note in notes if cell_len(entry.shown) + len(note) <= room)
        when = next(fitting, notes[-1])
        shown = cut(entry.shown, room - len(when))
        return [(f" {title} ", "text"), (shown, role), (when, "muted")]

    @property
    def _hints(self) -> list[str]:
        keys = self._theme_keys
        themes = f" · {key_name(keys[0])} themes" if keys else ""
        return [hint.format(themes=themes) for hint in _HINTS]

    @property
    def _theme_keys(self) -> list[str]:
        """The user's keys for themes, except those with another meaning here."""
        theme = self._preferences.keymap.by_id["theme"]
        own = _keys_in(*(binding for part in _PARTS for binding in part.BINDINGS))
        return [key for key in _keys_in(Binding(textual_keys(theme.keys), "")) if key not in own]

    def on_key(self, event: Key) -> None:
        if event.key in self._theme_keys:
            event.stop()
            self.action_themes()

    @property
    def _card(self) -> EntryCard:
        return self.query_one(EntryCard)

    @property
    def _highlighted(self) -> SettingEntry | None:
        index = self.picks.index
        return self._entries[index] if 0 <= index < len(self._entries) else None

    @on(PickList.Highlighted)
    def _show_highlighted(self) -> None:
        entry = self._highlighted
        self._show_groups(entry.group if entry is not None else "")
        self._card.show(entry)

    def _show_groups(self, current: str) -> None:
        names = [name for name, _ in groupby(self._entries, lambda entry: entry.group)]
        lines = [group_line(name, is_current=name == current) for name in names]
        targets = {y: [Target(0, 99, name)] for y, name in enumerate(names)}
        self.query_one("#groups", Lines).show(*lines, targets=targets)

    # Moving.

    @on(Lines.Clicked)
    def _go_to_group(self, event: Lines.Clicked) -> None:
        places = (i for i, entry in enumerate(self._entries) if entry.group == event.value)
        self.picks.go_to(next(places, 0))

    def action_group(self, by: int) -> None:
        """Go to the first entry of the next or previous group."""
        starts = [
            index
            for index, entry in enumerate(self._entries)
            if not index or entry.group != self._entries[index - 1].group
        ]
        here = self.picks.index
        before, after = [s for s in starts if s < here], [s for s in starts if s > here]
        for place in after[:1] if by > 0 else before[-1:]:
            self.picks.go_to(place)

    # Changing.

    @on(PickList.Chosen)
    def _edit(self) -> None:
        entry = self._highlighted
        if entry is None:
            return
        if entry.name == "theme":
            self.action_themes()
        elif entry.choices:
            place = entry.choices.index(entry.value)
            self._change(entry, entry.choices[(place + 1) % len(entry.choices)])
        else:
            self._card.edit()
            self.query_one(Box).tell(*_EDITING)

    def action_themes(self) -> None:
        """Choose a theme."""
        self._choose_theme(lambda: None if is_closed(self) else self.show_fitting())

    @on(EntryCard.Given)
    def _value_given(self, event: EntryCard.Given) -> None:
        self._change(event.entry, event.typed)

    @on(EntryCard.Left)
    def _value_left(self) -> None:
        self.query_one(Box).tell(*self._hints)
        self.picks.focus()

    def action_reset(self) -> None:
        """Reset the entry to its default."""
        entry = self._highlighted
        if entry is not None:
            self._change(entry, "")

    def _change(self, entry: SettingEntry, typed: str) -> None:
        async def change() -> None:
            problem = await self._preferences.change(entry.name, typed)
            if not is_closed(self):
                self._show_changed(problem)
            elif problem:
                self._say(f"{entry.title}: {problem}")
            if not problem and self._preferences.is_waiting(entry.name):
                self._say(f"{entry.title} {_LATER}")

        # What is being saved is put to use also when this is closed meanwhile.
        begin(self.app, change, group="change")

    def _show_changed(self, problem: str) -> None:
        if problem:
            self._card.say(problem)
        else:
            self._card.end()
            self.show_fitting()


_PARTS = (SettingsScreen, FilteredDialog, Dialog, PickList)


def _keys_in(*bindings: BindingType) -> list[str]:
    """The single keys of bindings, named as in events."""
    return [binding.key for binding in Binding.make_bindings(bindings)]
