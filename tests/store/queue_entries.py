"""Rows of the queue: plain ones, and which ones came back."""

from __future__ import annotations

from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status
from tui_downloader.store.entry import Entry

PLAIN = Entry(
    download_id=1,
    position=0,
    request=DownloadRequest("https://host.example/x", "/downloads"),
    status=Status.QUEUED,
    name="x",
    total_bytes=None,
    done_bytes=0,
    kept_bytes=0,
    added_at=1_790_000_000.25,
    finished_at=None,
    active_s=0.0,
    failure=None,
    assurance=None,
    checked_by="",
    final_url="",
    path=None,
)


def entries(*ids: int) -> list[Entry]:
    return [PLAIN._replace(download_id=n, position=n) for n in ids]


def ids(found: list[Entry]) -> list[int]:
    return [entry.download_id for entry in found]
