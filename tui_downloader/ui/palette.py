"""The command palette's entries: every command that applies now, and the themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from tui_downloader.ui.command import Command, key_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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


class CommandProvider(Provider):
    """Offers what the main screen can do now."""

    def _entries(self) -> Iterator[Entry]:
        # The main screen is the only one that opens the palette with something to offer.
        from tui_downloader.ui.screens.main import MainScreen

        screen = self.screen
        if isinstance(screen, MainScreen):
            for command in screen.keymap.commands:
                if command.command_id != "palette" and command.applies(screen.situation):
                    yield Entry(_title(command), command.help, screen.runner(command.command_id))
        for name in sorted(self.app.available_themes):
            yield Entry(f"Theme: {name}", "Change the colours", self._theme_setter(name))

    def _theme_setter(self, name: str) -> Callable[[], None]:
        def choose() -> None:
            self.app.theme = name

        return choose

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


def _title(command: Command) -> str:
    key = f"  ({key_name(command.keys[0])})" if command.keys else ""
    return command.title + key
