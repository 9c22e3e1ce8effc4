"""What the commands ask of the engine, with the questions that come before bytes are lost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.engine import Move
from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.ui.bars import short_folder
from tui_downloader.ui.screens.ask import Ask, Choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.screens.main import MainScreen

_DEAR_BYTES = 10_000_000
_DEAR_S = 30.0

_DELETE = Choice(("y",), "delete", "delete")
_KEEP = Choice(("k",), "keep the parts", "keep")
_YES = Choice(("y",), "yes", "yes")


def received_bytes(snapshot: Snapshot) -> int:
    """Bytes that are on disk; a download that is verified has them all."""
    if snapshot.status is Status.VERIFYING:
        return snapshot.total_bytes or snapshot.kept_bytes
    return max(snapshot.done_bytes, snapshot.kept_bytes)


def is_dear(snapshot: Snapshot) -> bool:
    """Losing what is here asks for a question: 10 MB or 30 s of transfer."""
    received = received_bytes(snapshot)
    return received > _DEAR_BYTES or (received > 0 and snapshot.active_s > _DEAR_S)


class DownloadActs:
    """Carries out the commands for downloads and for the queue."""

    def __init__(self, screen: MainScreen, engine: Engine) -> None:
        self._screen = screen
        self._engine = engine
        self._last_limit: int | None = None
        self.handlers: dict[str, Callable[[], None]] = {
            "pause": self._pause_or_resume,
            "pause_all": self._pause_all,
            "cancel": self._cancel,
            "retry": self._retry,
            "restart": self._restart,
            "remove": self._remove,
            "delete_file": self._delete_file,
            "move_up": lambda: self._move(Move.UP),
            "move_down": lambda: self._move(Move.DOWN),
            "move_top": lambda: self._move(Move.TOP),
            "move_bottom": lambda: self._move(Move.BOTTOM),
            "limit": self._ask_limit,
            "toggle_limit": self._toggle_limit,
        }

    def _pause_or_resume(self) -> None:
        for download in self._chosen():
            if download.status is Status.PAUSED:
                self._engine.resume([download.download_id])
            else:
                self._engine.pause([download.download_id])

    def _pause_all(self) -> None:
        downloads = self._screen.board.snapshot.downloads
        ids = [each.download_id for each in downloads if allows(each.status, Event.PAUSE)]
        if ids:
            self._engine.pause(ids)
            self._screen.say(f"Paused {len(ids)}")
            return
        ids = [each.download_id for each in downloads if each.status is Status.PAUSED]
        self._engine.resume(ids)
        self._screen.say(f"Resumed {len(ids)}")

    def _cancel(self) -> None:
        for download in self._chosen():
            ids = [download.download_id]
            if not is_dear(download):
                self._engine.cancel(ids, keep=False)
                continue
            self._ask(
                f"Cancel {download.name}? {self._size(download)} received.",
                (_DELETE, _KEEP),
                partial(self._cancel_as_answered, ids),
            )

    def _cancel_as_answered(self, ids: list[int], answer: str) -> None:
        self._engine.cancel(ids, keep=answer == "keep")

    def _retry(self) -> None:
        for download in self._chosen():
            if download.failure is not None and download.failure.code == "exists":
                self._ask_conflict(download)
            else:
                self._engine.resume([download.download_id])

    def _ask_conflict(self, download: Snapshot) -> None:
        choices = (
            Choice(("n",), "new name", OnConflict.RENAME.value),
            Choice(("o",), "overwrite", OnConflict.OVERWRITE.value),
            Choice(("s",), "skip", OnConflict.SKIP.value),
        )
        self._ask(
            f"{download.name} exists already in {short_folder(download.folder)}.",
            choices,
            partial(self._resolve_as_answered, download.download_id),
        )

    def _resolve_as_answered(self, download_id: int, answer: str) -> None:
        self._engine.resolve_conflict([download_id], OnConflict(answer))

    def _restart(self) -> None:
        for download in self._chosen():
            if download.status is Status.COMPLETED or not is_dear(download):
                self._engine.restart([download.download_id])
                continue
            self._ask(
                f"Start {download.name} again from 0? {self._size(download)} received.",
                (_YES,),
                partial(self._restart_after_yes, download.download_id),
            )

    def _restart_after_yes(self, download_id: int, _: str) -> None:
        self._engine.restart([download_id])

    def _remove(self) -> None:
        for download in self._chosen():
            ids = [download.download_id]
            if not download.status.is_running:
                self._engine.remove(ids)
            elif not is_dear(download):
                self._engine.remove(ids, delete_file=True)
            else:
                self._ask(
                    f"Cancel and remove {download.name}? {self._size(download)} received.",
                    (_DELETE, _KEEP),
                    partial(self._remove_as_answered, download.download_id),
                )

    def _remove_as_answered(self, download_id: int, answer: str) -> None:
        """A download that finished while the question stood keeps its file."""
        now = self._screen.find(download_id)
        is_finished = now is not None and now.status is Status.COMPLETED
        self._engine.remove([download_id], delete_file=answer == "delete" and not is_finished)

    def _delete_file(self) -> None:
        for download in self._chosen():
            folder = short_folder(download.folder)
            size = f", {self._size(download)}," if received_bytes(download) else ""
            self._ask(
                f"Delete {download.name}{size} from {folder}? This cannot be undone.",
                (_YES,),
                partial(self._delete_after_yes, download.download_id),
            )

    def _delete_after_yes(self, download_id: int, _: str) -> None:
        self._engine.remove([download_id], delete_file=True)

    def _move(self, where: Move) -> None:
        self._engine.move([each.download_id for each in self._chosen()], where)

    def _ask_limit(self) -> None:
        # The field's widgets are loaded when they are first needed: start-up stays short.
        from tui_downloader.ui.screens.limit import LimitScreen, NewLimit

        def set_limit(answer: NewLimit | None) -> None:
            if answer is not None:
                self._set_limit(answer.bytes_per_s)

        limit = self._screen.board.snapshot.limit_bytes_per_s
        current = "" if limit is None else self._screen.figures.rate(limit)
        self._screen.app.push_screen(LimitScreen(current), set_limit)

    def _toggle_limit(self) -> None:
        limit = self._screen.board.snapshot.limit_bytes_per_s
        if limit is not None:
            self._last_limit = limit
            self._set_limit(None)
        elif self._last_limit is None:
            self._ask_limit()
        else:
            self._set_limit(self._last_limit)

    def _set_limit(self, bytes_per_s: int | None) -> None:
        self._engine.set_limit(bytes_per_s)
        words = "off" if bytes_per_s is None else self._screen.figures.rate(bytes_per_s)
        self._screen.say(f"Speed limit {words}")
        self._screen.wake()

    def _chosen(self) -> list[Snapshot]:
        """What a command is about: the highlighted download."""
        highlighted = self._screen.highlighted
        return [] if highlighted is None else [highlighted]

    def _size(self, snapshot: Snapshot) -> str:
        return self._screen.figures.size(received_bytes(snapshot))

    def _ask(self, question: str, choices: tuple[Choice, ...], then: Callable[[str], None]) -> None:
        def answered(answer: str | None) -> None:
            if answer is not None:
                then(answer)
                self._screen.wake()

        self._screen.app.push_screen(Ask(question, choices), answered)
