"""What others see of a download, as a frozen snapshot: what the list shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.clock import steady
from tui_downloader.model.download import Snapshot
from tui_downloader.model.speed import SECOND_S, eta_s
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.download import Hold


def snapshot_of(
    download: Download, now: float, queue_place: int, hold: Hold | None = None, pace: float = 0.0
) -> Snapshot:
    """Return the current snapshot; the same object as before while nothing shown has changed.

    Args:
        now: wall clock, seconds.
        queue_place: 0 also for what is QUEUED and waits for its time.
        pace: bytes per second that the time left is reckoned by, while it receives.
    """
    shown = download.shown
    if shown is not None and not (download.status.is_running or download.is_checked_again):
        if shown.queue_place != queue_place or shown.hold != hold:
            download.version += 1
            shown = download.shown = shown._replace(
                queue_place=queue_place,
                hold=hold,
                start_at=_shown_start(download, queue_place),
                version=download.version,
            )
        return shown
    download.version += 1
    download.shown = _new_snapshot(download, now, queue_place, hold, pace)
    return download.shown


def _new_snapshot(
    download: Download, now: float, queue_place: int, hold: Hold | None, pace: float
) -> Snapshot:
    progress, wait_end = download.known_progress, download.wait_end
    return Snapshot(
        download_id=download.download_id,
        version=download.version,
        url=download.shown_url,
        name=download.clean_name,
        folder=download.request.folder,
        status=download.status,
        phase=download.phase,
        phase_since=download.phase_since,
        done_bytes=download.done_bytes,
        total_bytes=download.total_bytes,
        bytes_per_s=download.rate(now),
        eta_s=_eta_s(download, now, pace),
        connections=progress.connections,
        wanted_connections=progress.wanted_connections if download.status.is_running else 0,
        limit_bytes_per_s=download.request.limit_bytes_per_s,
        heard_at=progress.heard_at,
        resumable=download.known_facts.resumable,
        retry=download.retry,
        resume_at=None if wait_end is None else wait_end.shown(now, steady()),
        failure=download.failure,
        assurance=download.assurance,
        checked_by=download.checked_by,
        added_at=download.added_at,
        finished_at=download.finished_at,
        active_s=download.active_s_at(now),
        received_bytes=download.received_bytes,
        kept_bytes=download.kept_bytes,
        set_aside_bytes=download.set_aside_bytes,
        parts_go_at=download.parts_go_at,
        kept_as=download.kept_as,
        queue_place=queue_place,
        start_at=_shown_start(download, queue_place),
        hold=hold,
        disk_silent_since=download.disk_silent_since,
        moving_to=download.moving_to,
    )


def _shown_start(download: Download, queue_place: int) -> float | None:
    is_waiting = download.status is Status.QUEUED and not queue_place
    return download.request.start_at if is_waiting else None


def _eta_s(download: Download, now: float, pace: float) -> float | None:
    if download.status is Status.VERIFYING or download.is_checked_again:
        return _checking_eta_s(download, now)
    total = download.total_bytes if download.status is Status.DOWNLOADING else None
    if total is None or not pace:  # however little is left: nothing comes
        return None
    return eta_s(total - download.progress.done.total, pace)


def _checking_eta_s(download: Download, now: float) -> float | None:
    passed_s, hashed_bytes = now - download.phase_since, download.progress.hashed_bytes
    if passed_s < SECOND_S or download.total_bytes is None:  # sooner a speed says little
        return None
    return eta_s(download.total_bytes - hashed_bytes, hashed_bytes / passed_s)
