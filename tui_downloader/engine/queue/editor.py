"""Applies edits: at once where possible, else after the running task has ended."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.engine.queue.comparisons import is_comparable, lacks_verdict
from tui_downloader.engine.queue.download_tasks import DownloadTasks
from tui_downloader.engine.queue.filing import Edit
from tui_downloader.engine.queue.wish import Wish
from tui_downloader.model.edits import name_wanted, with_name_of
from tui_downloader.model.naming import safe_name
from tui_downloader.model.status import Event, Status

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.download import DownloadRequest

# A running transfer has these in its requests: they take effect with a new connection.
_ASKED_WITH = ("url", "mirrors", "headers", "credentials", "insecure", "trusted", "proxy")


class Editor:
    """Changes requests of downloads that are in the list.

    Args:
        tasks: owns the tasks that running downloads belong to.
        tools: the engine's.
    """

    def __init__(self, tasks: DownloadTasks, tools: Tools) -> None:
        self._tasks = tasks
        self._tools = tools

    def edit(self, download: Download, request: DownloadRequest) -> bool:
        """See `Engine.edit`."""
        wanted = _with_safe_name(request)
        if not download.name:
            wanted = with_name_of(download.request, wanted)
        pending = self._tasks.pending_edit(download)
        if not download.name and (pending is not None or self._may_get_name(download, wanted)):
            self._tasks.edit(download, Edit(wanted, ""))
            return False  # as far as anybody knows it has no files
        path = _path_wanted(download, wanted, pending)
        if pending is not None or path != download.final_path:
            self._move(download, Edit(wanted, path))
            return True
        now = time.time()
        is_stopping = (
            _must_reconnect(download.request, wanted)
            or _puts_off(download, wanted, now)
            or _compares_with_other(download, wanted)
        )
        download.ask(wanted, now)
        if not self._has_task(download):
            if lacks_verdict(download):
                self._tasks.check(download)
        elif is_stopping:
            self._tasks.stop(download, Wish(Event.REQUEUE))
        self._tools.report(download)
        return False

    def _may_get_name(self, download: Download, wanted: DownloadRequest) -> bool:
        """Tell whether its task may choose a name any moment, for a place not wanted any more."""
        before = download.request
        is_elsewhere = (before.folder, before.name) != (wanted.folder, wanted.name)
        return is_elsewhere and self._has_task(download)

    def _move(self, download: Download, edit: Edit) -> None:
        folder, name = os.path.split(edit.new_path)
        if not self._tools.names.claim(folder, name, download.download_id):
            verb = edit.verb(download.final_path)
            self._tools.tell(download, f"not {verb}: another download has the name {name}")
        else:
            self._tasks.edit(download, edit)

    def verify(self, download: Download) -> None:
        """See `Engine.verify`."""
        if not is_comparable(download):
            return
        if not self._has_task(download):
            self._tasks.check(download)
        elif self._tasks.pending_edit(download) is not None:
            self._tasks.check_moved(download)

    def _has_task(self, download: Download) -> bool:
        return download.download_id in self._tasks.ids


def _must_reconnect(before: DownloadRequest, after: DownloadRequest) -> bool:
    """Tell whether a change affects requests, so that open connections have to be replaced."""
    return any(getattr(before, name) != getattr(after, name) for name in _ASKED_WITH)


def _puts_off(download: Download, after: DownloadRequest, now: float) -> bool:
    """Tell whether a running download is to start later instead.

    Args:
        now: wall clock, seconds.
    """
    is_other = after.start_at != download.request.start_at
    is_to_come = after.start_at is not None and after.start_at > now
    return is_other and is_to_come and download.status.is_running


def _compares_with_other(download: Download, after: DownloadRequest) -> bool:
    """Tell whether a file may be compared with a digest now that is expected no more."""
    has_all = download.status is Status.VERIFYING or is_comparable(download)
    return has_all and after.checksum != download.request.checksum


def _path_wanted(download: Download, after: DownloadRequest, pending: Edit | None) -> str:
    """Return the final path that a request asks for.

    Before its name is known a download has no files, so nothing has to move.

    Args:
        pending: an edit whose files are not there yet.
    """
    if not download.name:
        return download.final_path
    before, path = download.request, download.final_path
    if pending is not None and pending.new_path:
        before, path = pending
    return os.path.join(after.folder, name_wanted(before, after, os.path.basename(path)))


def _with_safe_name(request: DownloadRequest) -> DownloadRequest:
    """Return the request with a name that is valid on every file system."""
    return replace(request, name=safe_name(request.name) if request.name else None)
