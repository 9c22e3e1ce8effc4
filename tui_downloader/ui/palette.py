"""The command palette's entries: every command that applies now, themes, and downloads to go to."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from tui_downloader.ui.bars import short_folder
from tui_downloader.ui.command import Command, key_name
from tui_downloader.ui.theme import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST_PLACES = 50
_PLACE_SCORE = 0.3  # below commands that fit


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
    """The framework's palette; enter waits for what is found for the text before it."""

    @property
    def is_searching(self) -> bool:
        """The list below the field is that of an earlier text."""
        return any(worker.node is self and not worker.is_finished for worker in self.workers)


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
            for name in in_order(self.app.available_themes):
                keep = partial(screen.program.keep_theme, name)
                yield Entry(f"Theme: {name}", "Change the colours", keep)

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
        for entry in self._entries():
            score = matcher.match(entry.title)
            if score > 0:
                shown = matcher.highlight(entry.title)
                yield Hit(score, shown, entry.run, text=entry.title, help=entry.sentence)
        for entry in self._places(query):
            shown = Content(entry.title)
            yield Hit(_PLACE_SCORE, shown, entry.run, text=entry.title, help=entry.sentence)


def _title(command: Command, enter: str) -> str:
    key = f"  ({key_name(command.keys[0], enter)})" if command.keys else ""
    return command.title + key
