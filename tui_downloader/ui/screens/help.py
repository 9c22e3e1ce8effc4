"""All keys and what they do, searchable; enter runs the highlighted command."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui_downloader.ui.commands.command import DOWNLOAD, PANEL, key_name, keys_text
from tui_downloader.ui.commands.search_words import command_words, likeness
from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.view.cells import pad, wrap
from tui_downloader.ui.widgets.box import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult
    from textual.events import Key

    from tui_downloader.ui.commands.command import Command

_KEYS_WIDTH, _NARROW_KEYS_WIDTH = 14, 6
_NARROW = 70  # cells of the window, where sentences are broken
_FRAME, _LEAST_ROOM = 5, 12  # cells beside a line, and those that a sentence has at least
_NOTHING = "nothing fits"
_SEARCH = "search, such as order or theme"
_THEME = "theme"  # no footer of 80 columns has room for it
# Keys of the list that the search field has no better use for, and what they do there.
_MOVES = {"pagedown": "page_down", "pageup": "page_up", "home": "first", "end": "last"}
_HINTS = (
    "type to search, move to choose · enter runs it · esc closes",
    "type to search · enter runs it · esc closes",
    "enter runs it · esc closes",
)


def in_order(commands: Sequence[Command], *, is_in_panel: bool) -> list[Command]:
    """Group the commands; those for the focused part of the screen come first."""
    groups = list(dict.fromkeys(command.group for command in commands))
    first = PANEL if is_in_panel else DOWNLOAD
    groups.sort(key=lambda group: group != first)
    return sorted(commands, key=lambda command: groups.index(command.group))


def matching(commands: Sequence[Command], query: str) -> list[Command]:
    """Return the commands whose keys or words contain every word of the query.

    What is called so comes first. If there are none, those that have it among their other names.
    """
    words = query.lower().split()
    found = [command for command in commands if all(word in _haystack(command) for word in words)]
    found.sort(key=lambda command: not command.title.lower().startswith(query.strip().lower()))
    return found or [each for each in commands if likeness(query, command_words(each.command_id))]


def _haystack(command: Command) -> str:
    return f"{keys_text(command)} {command.title} {command.help} {command.group}".lower()


class HelpScreen(Dialog[str | None]):
    """Shows the command table; returns the id of the command to run, None for none.

    Nothing is highlighted until something is typed or moved to: enter right after the key that
    opened this closes it again.

    Args:
        commands: with the keys that work now, in the order to show them.
        in_words: write keys in words, not with arrows.
    """

    CSS_PATH = "help.tcss"
    AUTO_FOCUS = "#help-search"
    BINDINGS: ClassVar = [
        Binding("f1", "back", "Back", show=False),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        *(
            Binding(key, f"list('{action}')", show=False, priority=True)
            for key, action in _MOVES.items()
        ),
    ]

    def __init__(self, commands: Sequence[Command], *, in_words: bool = False) -> None:
        super().__init__()
        self._commands = commands
        self._in_words = in_words

    def compose(self) -> ComposeResult:
        with Box("help", "Keys", *_HINTS):
            yield Input(placeholder=self._offer, id="help-search", compact=True)
            yield OptionList(
                *self._options(self._commands), id="help-list", compact=True, markup=False
            )

    @property
    def _offer(self) -> str:
        """What can be searched for, and the key of what most newcomers look for."""
        keys = self._theme_keys
        return f"{_SEARCH} ({key_name(keys[0])})" if keys else _SEARCH

    @property
    def _theme_keys(self) -> list[str]:
        """The keys for themes that type nothing into the search field."""
        found = (each.keys for each in self._commands if each.command_id == _THEME)
        return [key for key in next(found, ()) if len(key) > 1]

    def on_key(self, event: Key) -> None:
        if event.key in self._theme_keys:
            event.stop()
            self.dismiss(_THEME)

    def on_mount(self) -> None:
        self.query_one(OptionList).highlighted = None

    def _options(self, commands: Sequence[Command]) -> Iterator[Option]:
        group = ""
        width = _NARROW_KEYS_WIDTH if self.app.size.width < _NARROW else _KEYS_WIDTH
        for command in commands:
            if command.group != group:
                group = command.group
                yield Option(Content.styled(group, "bold $role-accent"), disabled=True)
            keys = pad(keys_text(command, in_words=self._in_words), width - 1)
            told = self._broken(command.help, cell_len(keys) + 3)
            text = Content.assemble((f"  {keys} ", "bold $foreground"), (told, "$role-muted"))
            yield Option(text, id=command.command_id)

    def _broken(self, sentence: str, start: int) -> str:
        """Break a sentence in a narrow window; further lines are indented.

        Args:
            start: cells before it.
        """
        if self.app.size.width >= _NARROW:
            return sentence
        room = max(_LEAST_ROOM, self.app.size.width - _FRAME - start)
        return f"\n{' ' * start}".join(wrap(sentence, room))

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        found = self.query_one(OptionList)
        found.clear_options()
        commands = matching(self._commands, event.value)
        found.add_options(
            self._options(commands) if commands else [Option(_NOTHING, disabled=True)]
        )
        if event.value.strip():
            found.action_first()

    @on(Input.Submitted)
    def _run_highlighted(self, event: Input.Submitted) -> None:
        found = self.query_one(OptionList)
        if found.highlighted is not None:
            self.dismiss(found.get_option_at_index(found.highlighted).id)
        elif not event.value.strip():
            self.dismiss(None)

    @on(OptionList.OptionSelected)
    def _run_clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option.id)

    def action_move(self, rows: int) -> None:
        """Move the highlight while the search field keeps the focus."""
        found = self.query_one(OptionList)
        if rows > 0:
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    async def action_list(self, action: str) -> None:
        """Pass a key on to the list while the search field keeps the focus."""
        found = self.query_one(OptionList)
        if found.highlighted is None:
            found.action_first()
        await found.run_action(action)
        if found.highlighted is None:  # a page up that ended on a heading
            found.action_first()
