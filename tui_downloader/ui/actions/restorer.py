"""Restores downloads to an earlier state, for undo."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.ui.actions.selection import ids_of, received_bytes
from tui_downloader.ui.actions.undo import Staying, Step, ways_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.ui.desk import Desk

# So many at a time are asked of the engine before keys are looked at again.
SLICE = 1000


class Restorer:
    """Asks the engine to restore downloads."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk = desk
        self._engine = engine

    def asked_of(self, ids: Iterable[int]) -> dict[int, DownloadRequest]:
        """Return the current requests of downloads."""
        requests = {download_id: self._engine.request_of(download_id) for download_id in ids}
        return {key: request for key, request in requests.items() if request is not None}

    def ask_as_before(
        self, requests: Mapping[int, DownloadRequest], before: Mapping[int, Snapshot]
    ) -> None:
        """Give downloads their earlier requests, and bring them to the states they had.

        Those that are complete by now stay so, with the address they really came from.
        """
        whole = {
            key: replace(now, name=requests[key].name, folder=requests[key].folder)
            for key, now in self.asked_of(self._finished_since(before)).items()
            if key in requests
        }
        # The state comes last: of two wishes to what runs, the later one counts.
        self.edit({**requests, **whole})
        self.to(before)

    def edit(self, requests: Mapping[int, DownloadRequest]) -> None:
        """Change requests."""

        def edit(ids: list[int]) -> None:
            for download_id in ids:
                self._engine.edit(download_id, requests[download_id])

        self.ask(edit, list(requests))

    def edit_unfinished(
        self, requests: Mapping[int, DownloadRequest], before: Mapping[int, Snapshot]
    ) -> None:
        """Change requests, but of nothing that has its name by what is asked for now."""
        whole = self._finished_since(before)
        self.edit({key: request for key, request in requests.items() if key not in whole})

    def to(self, before: Mapping[int, Snapshot]) -> None:
        """Bring downloads back to the states they had."""
        statuses = {download_id: each.status for download_id, each in before.items()}
        grown = {
            now.download_id
            for now in self._desk.board.among(before.keys())
            if received_bytes(now) > received_bytes(before[now.download_id])
        }
        self.ask(self._engine.give_back, self._finished_since(before))
        for step, ids in ways_back(statuses, grown):
            if step is Step.RESUME:
                self.ask(self._engine.resume, ids)
            elif step is Step.PAUSE:
                self.ask(self._engine.pause, ids)
            elif step is Step.KEEP:
                self.ask(partial(self._keep_finished, before), ids)
            elif step is Step.CANCEL:
                self.ask(partial(self._engine.cancel, keep=True), ids)
            else:
                self.ask(partial(self._fail_again, before), ids)

    def what_stays(self, before: Mapping[int, Snapshot]) -> Staying:
        """Say which of these an undo leaves as they are: they are whole by now."""
        whole = self._finished_since(before)
        if not whole:
            return Staying()
        if len(before) == 1:
            (now,) = self._desk.board.among(whole)
            return Staying(f"{now.name} is done by now, and stays", is_all=True)
        are_one = len(whole) == 1
        words = f"{len(whole)} {'is' if are_one else 'are'} done by now, and stay{'s' * are_one}"
        return Staying(words, is_all=len(whole) == len(before))

    def _finished_since(self, before: Mapping[int, Snapshot]) -> list[int]:
        """Those that have completed meanwhile and stay so: they may have replaced a user's file."""
        whole = {key for key, each in before.items() if each.status is not Status.COMPLETED}
        now = self._desk.board.among(whole)
        return ids_of([each for each in now if each.status is Status.COMPLETED])

    def _fail_again(self, before: Mapping[int, Snapshot], ids: list[int]) -> None:
        reasons = {download_id: before[download_id].failure for download_id in ids}
        self._engine.fail_again({key: why for key, why in reasons.items() if why is not None})

    def _keep_finished(self, before: Mapping[int, Snapshot], ids: list[int]) -> None:
        self._engine.keep_finished({key: before[key].finished_at for key in ids})

    async def ask_to_delete(self, wish: Callable[[list[int]], None], ids: list[int]) -> set[int]:
        """Ask in slices for what deletes files, and wait for that; return who is in the list."""
        for start in range(0, len(ids), SLICE):
            wish(ids[start : start + SLICE])
            self._desk.wake()
            await asyncio.sleep(0)  # keys are handled in between
        await self._engine.deleted(ids)
        self._desk.wake()
        return set(ids_of(self._engine.snapshot().downloads))

    def ask(self, wish: Callable[[list[int]], None], ids: list[int]) -> None:
        """Ask the engine in slices, so that keys are handled in between."""
        if not ids:
            return
        wish(ids[:SLICE])
        self._desk.wake()
        if rest := ids[SLICE:]:
            self._desk.screen.call_later(self.ask, wish, rest)
