"""Carries out edits: what can change at once does, what belongs to a running task follows it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.carrier import Carrier, Edit, Wish
from tui_downloader.engine.editing import must_reconnect, new_place, puts_off, with_safe_name
from tui_downloader.model.errors import ChecksumMismatch
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from tui_downloader.engine.download import Download
    from tui_downloader.engine.tools import Tools
    from tui_downloader.model.download import DownloadRequest


class Editor:
    """Wants downloads differently.

    Args:
        carrier: owns the tasks that running downloads belong to.
        tools: the engine's.
    """

    def __init__(self, carrier: Carrier, tools: Tools) -> None:
        self._carrier = carrier
        self._tools = tools

    def edit(self, download: Download, request: DownloadRequest) -> bool:
        """See `Engine.edit`."""
        wanted = with_safe_name(request)
        place = new_place(download, wanted)
        if place is not None:
            self._move(download, Edit(wanted, *place))
            return True
        now = time.time()
        is_stopping = must_reconnect(download.request, wanted) or puts_off(download, wanted, now)
        download.ask(wanted, now)
        if is_stopping and self._is_carried(download):
            self._carrier.stop(download, Wish(Event.REQUEUE))
        self._tools.report(download)
        return False

    def _move(self, download: Download, edit: Edit) -> None:
        folder, name = os.path.split(edit.new_path)
        if not self._tools.names.claim(folder, name, download.download_id):
            words = f"not {edit.verb}: another download has the name {name}"
            self._tools.tell(download, words)
        elif self._is_carried(download):
            self._carrier.stop(download, Wish(Event.REQUEUE, edit=edit))
        else:
            self._carrier.follow(download, Wish(None, edit=edit))

    def verify(self, download: Download) -> None:
        """See `Engine.verify`."""
        code = download.failure.code if download.failure is not None else ""
        can_check = download.status is Status.COMPLETED or (
            download.status is Status.FAILED and code == ChecksumMismatch.code
        )
        if can_check and not self._is_carried(download):
            self._carrier.check(download)

    def _is_carried(self, download: Download) -> bool:
        return download.download_id in self._carrier.carried
