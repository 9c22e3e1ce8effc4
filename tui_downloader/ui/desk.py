"""Commands that reach outside the window: the clipboard, and the desktop's own programs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_downloader.ui.screens.ask import Ask, Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.screens.main import MainScreen


class DeskActs:
    """Carries out copying and opening for the highlighted download.

    Args:
        open_path: opens a path and returns "" or why not; may block.
    """

    def __init__(self, screen: MainScreen, engine: Engine, open_path: Callable[[str], str]) -> None:
        self._screen = screen
        self._engine = engine
        self._open_path = open_path
        self.handlers: dict[str, Callable[[], None]] = {
            "copy": self._ask_what,
            "open_file": self._open_file,
            "open_folder": self._open_folder,
        }

    def _ask_what(self) -> None:
        download = self._screen.highlighted
        if download is None:
            return
        choices = [
            Choice(("u",), "URL", "URL"),
            Choice(("p",), "path", "path"),
            Choice(("n",), "name", "name"),
        ]
        if download.failure is not None:
            choices.append(Choice(("e",), "error", "error"))

        def copy(what: str | None) -> None:
            if what is not None:
                self._copy(download, what)

        self._screen.app.push_screen(Ask(f"Copy from {download.name}", tuple(choices)), copy)

    def _copy(self, download: Snapshot, what: str) -> None:
        self._screen.app.copy_to_clipboard(self._text_of(download, what))
        self._screen.say(f"Copied the {what}")

    def _text_of(self, download: Snapshot, what: str) -> str:
        if what == "URL":
            return download.url
        if what == "path":
            return self._engine.details(download.download_id).path
        if what == "error" and download.failure is not None:
            return f"{download.failure.code}: {download.failure.message}"
        return download.name

    def _open_file(self) -> None:
        """Open the file, or the page that came instead of it in the browser."""
        download = self._screen.highlighted
        if download is None:
            return
        details = self._engine.details(download.download_id)
        if download.failure is not None and download.failure.code == "web-page":
            self.open((details.final_url or download.url).replace("://***@", "://"))
        else:
            self.open(details.path)

    def _open_folder(self) -> None:
        download = self._screen.highlighted
        if download is not None:
            self.open(download.folder)

    def open(self, path: str) -> None:
        """Open a file, a folder or a page, and say so."""

        async def open_in_thread() -> None:
            problem = await asyncio.to_thread(self._open_path, path)
            self._screen.say(problem or f"Opening {path}")

        self._screen.run_worker(open_in_thread(), group="open")
