"""Converts downloads to rows of the queue on disk, and back."""

from __future__ import annotations

from tui_downloader.engine.transfer.download import Download
from tui_downloader.engine.transfer.facts import Facts
from tui_downloader.model.status import Status
from tui_downloader.model.text import redact
from tui_downloader.store.entry import Entry


def entry_of(download: Download) -> Entry:
    """Return what the queue on disk keeps of a download."""
    facts = download.known_facts
    return Entry(
        download_id=download.download_id,
        position=download.position,
        request=download.request,
        status=download.status,
        name=download.name,
        total_bytes=download.total_bytes,
        done_bytes=download.done_bytes,
        kept_bytes=download.kept_bytes,
        added_at=download.added_at,
        finished_at=download.finished_at,
        active_s=download.active_s,
        received_bytes=download.received_bytes,
        failure=download.failure,
        assurance=download.assurance,
        checked_by=download.checked_by,
        final_url=redact(facts.final_url),
        path=download.final_path or None,
        other_path=download.other_path,
        from_zero=download.from_zero,
        kept_as=download.kept_as,
        resumable=facts.resumable,
        computed=facts.computed,
        announced=facts.announced if facts.computed else None,
        set_aside_bytes=download.set_aside_bytes,
    )


def download_of(entry: Entry) -> Download:
    """Restore a download of an earlier run; what ran then is queued now."""
    download = Download(entry.download_id, entry.request, entry.added_at)
    download.status = Status.QUEUED if entry.status.is_running else entry.status
    download.position = entry.position
    download.name = entry.name
    download.total_bytes = entry.total_bytes
    if entry.final_url or entry.resumable is not None or entry.computed:
        download.facts = Facts(
            entry.final_url,
            resumable=entry.resumable,
            announced=entry.announced,
            computed=entry.computed,
        )
    download.kept_bytes = entry.kept_bytes
    download.set_aside_bytes = entry.set_aside_bytes
    download.finished_at = entry.finished_at
    download.active_s = entry.active_s
    download.received_bytes = entry.received_bytes
    download.from_zero = entry.from_zero
    download.other_path = entry.other_path
    download.kept_as = entry.kept_as
    download.failure = entry.failure if download.status is not Status.QUEUED else None
    download.assurance = entry.assurance
    download.checked_by = entry.checked_by
    return download
