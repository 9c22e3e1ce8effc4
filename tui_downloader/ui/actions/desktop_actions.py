"""Commands that reach outside the window: the clipboard, and the desktop's own programs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.errors import WebPageError, code_of
from tui_downloader.model.status import Status
from tui_downloader.ui.actions.copying import BY_TITLE, COPYABLE, Source
from tui_downloader.ui.background import begin, in_thread
from tui_downloader.ui.screens.ask import Choice
from tui_downloader.ui.terminal.opener import GONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.actions.copying import Copyable
    from tui_downloader.ui.desk import Desk


class DesktopActions:
    """Carries out copying and opening for the highlighted download.

    Args:
        open_path: opens a path and returns "" or why not; may block.
    """

    def __init__(self, desk: Desk, engine: Engine, open_path: Callable[[str], str]) -> None:
        self._desk = desk
        self._engine = engine
        self._open_path = open_path
        self.handlers: dict[str, Callable[[], None]] = {
            "copy": self._ask_what,
            "open_file": self._open_file,
            "open_folder": self._open_folder,
        }

    def _ask_what(self) -> None:
        """Offer what can be copied; several downloads give one line each."""
        # The menu is loaded when it is first needed: start-up stays short.
        from tui_downloader.ui.screens.menu import MenuScreen

        downloads = self._desk.chosen
        first = self._source(downloads[0]) if downloads else None
        offered = [
            Choice((each.key,), each.title, each.title)
            for each in COPYABLE
            if len(downloads) > 1 or (first is not None and each.text_of(first))
        ]

        def copy(title: str | None) -> None:
            if title is not None:
                self._copy(downloads, BY_TITLE[title])

        self._desk.open(MenuScreen("copy", tuple(offered)), copy)

    def _copy(self, downloads: list[Snapshot], what: Copyable) -> None:
        found = [what.text_of(self._source(each)) for each in downloads]
        texts = [text for text in found if text]
        if not texts:
            self._desk.say(f"There is no {what.title} to copy")
            return
        self._desk.screen.app.copy_to_clipboard("\n".join(texts))
        many = f"{len(texts)} {what.title}s" if len(texts) > 1 else f"the {what.title}"
        self._desk.say(f"Copied {many}")

    def _source(self, download: Snapshot) -> Source:
        key = download.download_id
        return Source(download, self._engine.details(key), self._engine.request_of(key))

    def _open_file(self) -> None:
        """Open the file, or in the browser the web page that came instead of it."""
        download = self._desk.highlighted
        if download is None:
            return
        details = self._engine.details(download.download_id)
        if code_of(download.failure) == WebPageError.code:
            url = (details.final_url or download.url).replace("://***@", "://")
            self.open(url, self._else_copy("u", "URL"))
        else:
            open_it = partial(self._open_if_there, download, details.path)
            begin(self._desk.screen, open_it, group="open")

    async def _open_if_there(self, download: Snapshot, path: str) -> None:
        """Open a finished file, unless it is not there at this moment."""
        await self._desk.look_at_files([download])
        if_gone = self._else_fetch(download)
        if self._desk.is_gone(download):
            self._desk.say(f"{GONE}{if_gone}")
        else:
            self.open(path, self._else_copy("p", "path"), if_gone)

    def _else_copy(self, key: str, what: str) -> str:
        """Name the keys that copy the path, to open the file with another program."""
        return f"{self._desk.glyphs.dot}{self._desk.keymap.key_of('copy')} {key} copies its {what}"

    def _else_fetch(self, download: Snapshot) -> str:
        """Name the key that fetches a finished file again: that of its row, if it has one."""
        if download.status is not Status.COMPLETED:
            return ""
        command_id = "retry" if self._desk.is_gone(download) else "restart"
        return f"{self._desk.glyphs.dot}{self._desk.keymap.key_of(command_id)} fetches it again"

    def _open_folder(self) -> None:
        download = self._desk.highlighted
        if download is not None:
            self.open(download.folder, self._else_copy("p", "path"))

    def open(self, path: str, otherwise: str = "", if_gone: str = "") -> None:
        """Open a file, a folder or a page, and say so.

        Args:
            otherwise: what to do where nothing opens it, behind the reason.
            if_gone: the same where it was moved or deleted.
        """

        async def open_there() -> None:
            problem = await in_thread(self._open_path, path)
            way_on = if_gone if problem == GONE else otherwise
            self._desk.say(f"{problem}{way_on}" if problem else f"Opening {path}")

        begin(self._desk.screen, open_there, group="open")
