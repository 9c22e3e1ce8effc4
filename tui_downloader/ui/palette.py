"""The command palette's entries: every command that applies now, themes, and downloads to go to."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from textual import on
from textual.command import Command as Found
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import OptionList

from tui_downloader.store.paths import short_folder
from tui_downloader.ui.command import Command, key_name
from tui_downloader.ui.theme import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.await_complete import AwaitComplete
    from textual.events import Key
_MOST_PLACES = 50
_PLACE_SCORE = 0.3  # below commands that fit
_THEME = "Theme: "
# Who types so much of the word wants another theme: they stand above the command of that name.
_ASKS_FOR_THEMES = ("th", "the", "them")
_THEME_BONUS = 0.5
_MOVES = frozenset(
    {"up", "down", "pageup", "pagedown", "ctrl+home", "shift+home", "ctrl+end", "shift+end"}
)


class Entry:
    """One line of the palette.

    Args:
        title: what is searched and shown.
        sentence: what it does.
        run: does it.
    """

    def __init__(self, title: str, sentence: str, run: Callable[[], None]) -> None:
        self.title = title
        self.sentence = sentence
        self.run = run


class Palette(CommandPalette):
    """The framework's palette; enter waits for what is found for the text before it.

    A theme is tried on when the highlight is moved to it; what a text brings up is not.

    Args:
        worn: the theme to go back to.
        wear: puts a theme on.
    """

    def __init__(self, worn: str, wear: Callable[[str], None]) -> None:
        super().__init__(id="--command-palette")
        self._worn = worn
        self._wear = wear
        self._is_moving = False
        self._has_chosen = False

    def on_key(self, event: Key) -> None:
        """Remember whether the highlight is moved now."""
        self._is_moving = event.key in _MOVES

    @on(OptionList.OptionHighlighted)
    def _try_on(self, event: OptionList.OptionHighlighted) -> None:
        if self._is_moving:
            self._look_like(_theme_of(event) or self._worn)

    @on(OptionList.OptionSelected)
    def _keep(self, event: OptionList.OptionSelected) -> None:
        self._has_chosen = bool(_theme_of(event))

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close; without a choice everything looks as before."""
        if not self._has_chosen:
            self._look_like(self._worn)
        return super().dismiss(result)

    def _look_like(self, theme: str) -> None:
        if theme != self.app.theme:
            self._wear(theme)

    @property
    def is_searching(self) -> bool:
        """The list below the field is that of an earlier text."""
        return any(worker.node is self and not worker.is_finished for worker in self.workers)


def _theme_of(event: OptionList.OptionMessage) -> str:
    """Return the theme that a line of the palette is about, "" for none."""
    text = event.option.hit.text if isinstance(event.option, Found) else None
    return text.removeprefix(_THEME) if text and text.startswith(_THEME) else ""


class CommandProvider(Provider):
    """Offers what the main screen can do now."""

    def _entries(self) -> Iterator[Entry]:
        # The main screen is the only one that opens the palette with something to offer.
        from tui_downloader.ui.screens.main import MainScreen

        screen = self.screen
        if isinstance(screen, MainScreen):
            for command in screen.keymap.commands:
                if command.command_id != "palette" and command.applies(screen.situation):
                    yield Entry(
                        _title(command, screen.glyphs.enter),
                        command.help,
                        screen.runner(command.command_id),
                    )
            # The one that is worn comes last: the first of them is a change.
            worn = screen.program.preferences.settings.theme
            for name in sorted(in_order(self.app.available_themes), key=worn.__eq__):
                keep = partial(screen.program.keep_theme, name)
                yield Entry(f"{_THEME}{name}", "Change the colours", keep)

    def _places(self, query: str) -> Iterator[Entry]:
        """Downloads whose name holds the words, after "go to" or without."""
        from tui_downloader.ui.screens.main import MainScreen

        screen = self.screen
        words = query.lower().removeprefix("go to").split()
        if not isinstance(screen, MainScreen) or not words:
            return
        found = (
            download
            for download in screen.board.snapshot.downloads
            if all(word in download.name.lower() for word in words)
        )
        for download in islice(found, _MOST_PLACES):
            go = partial(screen.go_to, download.download_id)
            yield Entry(f"Go to {download.name}", short_folder(download.folder), go)

    async def discover(self) -> Hits:
        for entry in self._entries():
            yield DiscoveryHit(entry.title, entry.run, help=entry.sentence)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        asks_for_themes = query.lower() in _ASKS_FOR_THEMES
        for entry in self._entries():
            score = matcher.match(entry.title)
            if score > 0:
                if asks_for_themes and entry.title.startswith(_THEME):
                    score += _THEME_BONUS
                shown = matcher.highlight(entry.title)
                yield Hit(score, shown, entry.run, text=entry.title, help=entry.sentence)
        for entry in self._places(query):
            shown = Content(entry.title)
            yield Hit(_PLACE_SCORE, shown, entry.run, text=entry.title, help=entry.sentence)


def _title(command: Command, enter: str) -> str:
    key = f"  ({key_name(command.keys[0], enter)})" if command.keys else ""
    return command.title + key
