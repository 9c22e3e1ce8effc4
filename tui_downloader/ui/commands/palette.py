"""The command palette: commands that apply now, themes, filters, settings, and downloads to go to.

A command is also found by its description and by other words for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from textual import on
from textual.command import Command as Found
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widgets import OptionList

from tui_downloader.store.paths import short_folder
from tui_downloader.store.settings import SETTINGS
from tui_downloader.ui.commands import situation as when
from tui_downloader.ui.commands.command import Command, key_name
from tui_downloader.ui.commands.search_words import (
    FILTERS,
    THEME_WORDS,
    command_words,
    likeness,
    setting_words,
)
from tui_downloader.ui.screens.dialog import LightModal
from tui_downloader.ui.view.theme import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.await_complete import AwaitComplete
    from textual.events import Key

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.screens.main import MainScreen

_MOST_PLACES = 50
_FIRST_PLACES = 20  # so many of the list are offered before a name is typed
_GO_TO = "go to"
# A title that fits has more than 1.
_FILTER_SCORE, _COMMAND_SCORE, _SETTING_SCORE, _PLACE_SCORE = 0.9, 0.8, 0.7, 0.3
_ASKED_PLACE_SCORE = 100.0  # above all that has these letters: they are asked for by their word
_NOT_NOW, _NOT_NOW_SCORE = "does not apply to what is highlighted or marked now", 0.4
_WHOLE_WORDS_BONUS = 0.15
_THEME = "Theme: "
# So much of the word "theme" means a theme: they come above the command of that name.
_ASKS_FOR_THEMES = ("th", "the", "them")
_THEME_BONUS = 0.5
_MOVES = frozenset(
    {"up", "down", "pageup", "pagedown", "ctrl+home", "shift+home", "ctrl+end", "shift+end"}
)


class _Entry(NamedTuple):
    """One line of the palette.

    Attributes:
        title: what is searched and shown.
        sentence: what it does.
        run: does it.
        words: other words that it is found by, besides those of the sentence.
        score: what it is worth when it is found by them.
    """

    title: str
    sentence: str
    run: Callable[[], None]
    words: str = ""
    score: float = _COMMAND_SCORE

    def named(self, query: str) -> Hit | None:
        """Return the entry if it matches these words; whole words score higher."""
        found = likeness(query, f"{self.title} {self.sentence} {self.words}")
        score = self.score + _WHOLE_WORDS_BONUS * (found - 1)
        return self.hit(score, Content(self.title)) if found else None

    def hit(self, score: float, shown: Content) -> Hit:
        """Return the entry as a search result."""
        # Textual reads markup in a text, and leaves content as it is: a folder may be named "[b]".
        told = Content(self.sentence)
        return Hit(score, shown, self.run, text=self.title, help=told)  # type: ignore[arg-type]


class Palette(CommandPalette, LightModal[None]):
    """Textual's palette, in which enter waits until the results are those of the current text.

    A theme is tried on when the highlight is moved to it; what a text brings up is not.

    Args:
        current: the theme to go back to.
        set_theme: changes the theme.
    """

    # Half a second of Textual's, in which the list would be empty without a word.
    _NO_MATCHES_COUNTDOWN = 0.01  # type: ignore[misc]

    def __init__(self, current: str, set_theme: Callable[[str], None]) -> None:
        super().__init__(id="--command-palette")
        self._theme_before = current
        self._set_theme = set_theme
        self._is_moving = False
        self._has_chosen = False

    def on_key(self, event: Key) -> None:
        """Note whether the user is moving the highlight now."""
        self._is_moving = event.key in _MOVES

    @on(OptionList.OptionHighlighted)
    def _try_on(self, event: OptionList.OptionHighlighted) -> None:
        if self._is_moving:
            self._look_like(_theme_of(event) or self._theme_before)

    @on(OptionList.OptionSelected)
    def _keep(self, event: OptionList.OptionSelected) -> None:
        self._has_chosen = bool(_theme_of(event))

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close; without a choice everything looks as before."""
        if not self._has_chosen:
            self._look_like(self._theme_before)
        return super().dismiss(result)

    def _look_like(self, theme: str) -> None:
        if theme != self.app.theme:
            self._set_theme(theme)

    @property
    def is_searching(self) -> bool:
        """The list still shows the results of an earlier text."""
        return any(worker.node is self and not worker.is_finished for worker in self.workers)


def _theme_of(event: OptionList.OptionMessage) -> str:
    """Return the theme that a line of the palette is about, "" for none."""
    text = event.option.hit.text if isinstance(event.option, Found) else None
    return text.removeprefix(_THEME) if text and text.startswith(_THEME) else ""


class CommandProvider(Provider):
    """Offers what the main screen can do now."""

    @property
    def _main(self) -> MainScreen | None:
        """The only screen that opens the palette with something to offer."""
        from tui_downloader.ui.screens.main import MainScreen

        return self.screen if isinstance(self.screen, MainScreen) else None

    def _entries(self, main: MainScreen) -> Iterator[_Entry]:
        situation = main.situation
        for command in main.desk.keymap.commands:
            if command.command_id != "palette" and command.applies(situation):
                yield _Entry(
                    _title(command, situation, main.desk.glyphs.enter),
                    command.help,
                    main.runner(command.command_id),
                    command_words(command.command_id),
                )
        # The one that is current comes last: the first of them is a change.
        current = main.desk.preferences.settings.theme
        for name in sorted(in_order(self.app.available_themes), key=current.__eq__):
            keep = partial(main.program.keep_theme, name)
            yield _Entry(f"{_THEME}{name}", "Change the colours", keep, THEME_WORDS)

    def _not_now(self, main: MainScreen) -> Iterator[_Entry]:
        """Commands that do not apply now: they are shown with their keys, and say so."""
        situation = main.situation
        for command in main.desk.keymap.commands if when.ready(situation) else ():
            if command.command_id != "palette" and not command.applies(situation):
                title = _title(command, situation, main.desk.glyphs.enter)
                words = command_words(command.command_id)
                say = partial(main.desk.say, f"{command.shown_title(situation)}: {_NOT_NOW}")
                yield _Entry(title, _NOT_NOW, say, f"{command.help} {words}", _NOT_NOW_SCORE)

    def _more(self, main: MainScreen) -> Iterator[_Entry]:
        """Entries found only by their words: otherwise they would clutter the commands."""
        situation = main.situation
        for text, sentence, words in FILTERS if when.ready_with_downloads(situation) else ():
            show = partial(main.show_only, text)
            yield _Entry(f"Filter {text}", sentence, show, words, _FILTER_SCORE)
        for name, setting in SETTINGS.items() if when.ready(situation) else ():
            go = partial(main.program.show_settings, name)
            sentence = setting.metadata["help"].rstrip(".")
            yield _Entry(f"Setting {name}", sentence, go, setting_words(name), _SETTING_SCORE)

    def _places(self, main: MainScreen, query: str) -> Iterator[_Entry]:
        """Downloads whose name contains the words, with or without "go to" before them.

        Behind "go to" alone, the first of the list as it is shown.
        """
        is_asked = query.lower().startswith(_GO_TO)
        words = query.lower().removeprefix(_GO_TO).split()
        board = main.desk.board
        found: Iterable[Snapshot] = board.rows[:_FIRST_PLACES] if is_asked else ()
        if words:
            found = (
                download
                for download in board.snapshot.downloads
                if all(word in download.name.lower() for word in words)
            )
        score = _ASKED_PLACE_SCORE if is_asked else _PLACE_SCORE
        for download in islice(found, _MOST_PLACES):
            go = partial(main.go_to, download.download_id)
            yield _Entry(f"Go to {download.name}", short_folder(download.folder), go, score=score)

    async def discover(self) -> Hits:
        if (main := self._main) is not None:
            for entry in self._entries(main):
                yield DiscoveryHit(entry.title, entry.run, help=entry.sentence)

    async def search(self, query: str) -> Hits:
        if (main := self._main) is None:
            return
        for entry in self._entries(main):
            if hit := self._titled(entry, query) or entry.named(query):
                yield hit
        for entry in (*self._not_now(main), *self._more(main)):
            if hit := entry.named(query):
                yield hit
        for entry in self._places(main, query):
            yield entry.hit(entry.score, Content(entry.title))

    def _titled(self, entry: _Entry, query: str) -> Hit | None:
        """Return an entry whose title has the letters of the query in this order."""
        matcher = self.matcher(query)
        score = matcher.match(entry.title)
        if score <= 0:
            return None
        if query.lower() in _ASKS_FOR_THEMES and entry.title.startswith(_THEME):
            score += _THEME_BONUS
        return entry.hit(score, matcher.highlight(entry.title))


def _title(command: Command, situation: when.Situation, enter: str) -> str:
    key = f"  ({key_name(command.keys[0], enter)})" if command.keys else ""
    return command.shown_title(situation) + key
