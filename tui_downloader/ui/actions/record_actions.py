"""Commands for recorded data: history, log, lists in files, diagnostics."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.text import clean
from tui_downloader.model.units import counted
from tui_downloader.store.entry import QueueError
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.background import begin, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.store.entry import Entry
    from tui_downloader.ui.adding.intake import Intake
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.parts import Parts

_LIST_NAME = "downloads.txt"
_LEFT_OUT = "headers, logins and start times"  # secrets, and what no option of a list says
_ARIA2_CONNECTIONS = 16  # the most to one server
_LARGEST_LIST_BYTES = 20_000_000


class RecordActions:
    """Carries them out.

    The dialogs are loaded when they are first needed: start-up stays short.

    Args:
        desk: what they work at.
        parts: what they work with.
        intake: adds what comes from a list or the history.
        open_path: opens a file or folder with the desktop, and says so.
    """

    def __init__(
        self,
        desk: Desk,
        parts: Parts,
        intake: Intake,
        open_path: Callable[[str], None],
    ) -> None:
        self._desk = desk
        self._engine = parts.engine
        self._log_file = parts.log_file
        self._intake = intake
        self._open_path = open_path
        self.handlers: dict[str, Callable[[], None]] = {
            "history": self._show_history,
            "log": self._show_log,
            "export_list": self._ask_export,
            "import_list": self._ask_import,
            "diagnostics": self._copy_diagnostics,
            "forget_hosts": self._forget_hosts,
        }

    # History and log.

    def _show_history(self) -> None:
        from tui_downloader.ui.screens.history import HistoryScreen

        dialog = HistoryScreen(
            self._load_history,
            lambda: self._desk.board.snapshot.edition,
            self._desk.words,
            self._desk.glyphs.status,
            again=self._add_again,
            copy=lambda url: self._copy(url, "URL"),
            open_path=self._open_path,
        )
        self._desk.open(dialog)

    async def _load_history(self) -> list[Entry]:
        try:
            return await self._engine.history()
        except QueueError as error:
            self._desk.say(str(error))
            return []

    def _add_again(self, entry: Entry, tell: Callable[[str], None]) -> None:
        request = self._desk.trusted_hosts.applied_to(entry.request)
        self._intake.add_again(request, list_text([request]), tell)

    def _show_log(self) -> None:
        from tui_downloader.store.log_tail import tail
        from tui_downloader.ui.screens.log import LogScreen

        def read() -> list[str]:
            try:
                return [] if self._log_file is None else tail(self._log_file)
            except OSError as error:
                return [f"the log cannot be read: {error.strerror}"]

        self._desk.open(LogScreen(read, lambda line: self._copy(line, "line")))

    def _copy(self, text: str, what: str) -> None:
        self._desk.screen.app.copy_to_clipboard(text)
        self._desk.say(f"Copied the {what}")

    def _copy_diagnostics(self) -> None:
        from tui_downloader.ui.actions.diagnostics import diagnostics

        size = self._desk.screen.size
        settings = self._desk.preferences.settings
        text = diagnostics(
            self._desk.board.snapshot, settings, os.environ, (size.width, size.height)
        )
        self._copy(text, "diagnostics")

    def _forget_hosts(self) -> None:
        async def forget() -> None:
            try:
                known = await self._engine.forget_hosts()
            except OSError as error:
                self._desk.say(f"not forgotten: {error.strerror}")
            else:
                self._desk.say(f"Forgot what was learnt of {counted(known, 'host')}")

        begin(self._desk.screen, forget, group="hosts")

    # Lists in files.

    def _ask_export(self) -> None:
        from tui_downloader.ui.screens.path import PathScreen

        count = len(self._to_export)
        marked, view = ("marked ", "") if self._desk.marks.ids else ("", " of this view")
        sentence = (
            f"Write {counted(count, f'{marked}download')}{view} to a list that -i and aria2 read; "
            f"{_LEFT_OUT} are left out."
        )
        start = short_folder(os.path.join(self._intake.folder, _LIST_NAME))
        dialog = PathScreen("Export list", sentence, start, _problem_with_new)
        self._desk.open(dialog, self._run_with(self._export))

    def _ask_import(self) -> None:
        from tui_downloader.ui.screens.path import PathScreen

        sentence = "Read a list of links; what it holds is shown before anything is added."
        dialog = PathScreen("Import list", sentence, "", _problem_with_list)
        self._desk.open(dialog, self._run_with(self._import))

    def _run_with(
        self, work: Callable[[str], Coroutine[None, None, None]]
    ) -> Callable[[str | None], None]:
        def answered(path: str | None) -> None:
            if path is not None:
                begin(self._desk.screen, partial(work, _whole(path)), group="lists")

        return answered

    @property
    def _to_export(self) -> Sequence[Snapshot]:
        """The marked downloads if there are any, else all of the view."""
        return self._desk.chosen if self._desk.marks.ids else self._desk.board.rows

    async def _export(self, path: str) -> None:
        ids = [row.download_id for row in self._to_export]
        requests = [request for i in ids if (request := self._engine.request_of(i)) is not None]
        try:
            await in_thread(_write_new, path, list_text(requests))
        except OSError as error:
            self._desk.say(f"The list was not written: {error.strerror}")
        else:
            written = counted(len(requests), "download")
            self._desk.say(f"Wrote {written} to {short_folder(path)}")

    async def _import(self, path: str) -> None:
        try:
            text = await in_thread(_read, path)
        except OSError as error:
            self._desk.say(f"The list cannot be read: {error.strerror}")
        else:
            self._intake.open_dialog(text)


def _whole(path: str) -> str:
    return os.path.abspath(os.path.expanduser(path.strip()))


def _problem_with_new(path: str) -> str:
    whole = _whole(path)
    if not path.strip() or os.path.isdir(whole):
        return "name a file"
    if os.path.lexists(whole):
        return "a file of that name exists; choose another name"
    folder = os.path.dirname(whole)
    return "" if os.path.isdir(folder) else f"there is no folder {short_folder(folder)}"


def _problem_with_list(path: str) -> str:
    whole = _whole(path)
    if not os.path.isfile(whole):
        return "there is no such file"
    return "" if os.path.getsize(whole) <= _LARGEST_LIST_BYTES else "that is too large for a list"


def _write_new(path: str, text: str) -> None:
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)


def _read(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        return file.read()


def list_text(requests: Sequence[DownloadRequest]) -> str:
    """Write a list in aria2's format without secrets: no headers, users or passwords."""
    head = f"# {counted(len(requests), 'download')}; {_LEFT_OUT} were left out"
    return "\n".join([head, *(line for request in requests for line in _lines(request)), ""])


def _lines(request: DownloadRequest) -> Iterator[str]:
    yield "\t".join((request.url, *request.mirrors))
    if request.proxy is not None:
        yield f"  all-proxy={request.proxy.url}"
    if request.name:
        yield f"  out={clean(request.name)}"
    yield f"  dir={clean(request.folder)}"
    if request.checksum is not None:
        yield f"  checksum={request.checksum.algorithm}={request.checksum.hexdigest}"
    if request.limit_bytes_per_s is not None:
        # In bytes: aria2 counts a K by 1024.
        yield f"  max-download-limit={request.limit_bytes_per_s}"
    if request.connections:
        yield f"  split={request.connections}"
        # Without it aria2 opens one to each server, and with more it refuses the list.
        yield f"  max-connection-per-server={min(request.connections, _ARIA2_CONNECTIONS)}"
    if request.insecure:
        yield "  check-certificate=false"
