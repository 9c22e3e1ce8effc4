"""What only the details panel of the highlighted download shows.

Text from outside is cleaned, and secrets are left out.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.engine.network.access import secrets_of
from tui_downloader.engine.transfer.download_log import in_words
from tui_downloader.model.download import Details
from tui_downloader.model.slowness import Cause
from tui_downloader.model.text import clean, redact, shown_headers
from tui_downloader.store.paths import short_folder

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download


def details_of(download: Download, now: float) -> Details:
    """Return the details of a download; `now` is wall clock, seconds."""
    request, progress, facts = download.request, download.progress, download.facts
    expected = request.checksum or facts.announced
    return Details(
        final_url=redact(facts.final_url),
        path=clean(download.final_path or os.path.join(request.folder, download.shown_name)),
        throughput=progress.graph(now),
        throughput_until=int(progress.graph_until(now)),
        max_bytes_per_s=download.max_bytes_per_s(now),
        max_at=progress.max_at,
        done_ranges=progress.done.as_tuple(),
        connections=progress.snapshots() if progress.snapshots is not None else (),
        slowed_by=_slowed_by(download, now) if download.status.is_running else Cause(),
        request_headers=facts.sent or shown_headers(secrets_of(request)),
        proxy="" if request.proxy is None else request.proxy.place,
        server=facts.server + (("remembered", facts.remembered),) * bool(facts.remembered),
        resume=facts.resume_words,
        checksum="" if expected is None else clean(str(expected)),
        computed_checksum=facts.computed,
        log=in_words(download.log),
        retry_rule=download.budget.rule if download.retry and download.wait_end else "",
    )


def _slowed_by(download: Download, now: float) -> Cause:
    since = download.disk_silent_since
    if since is None:
        return download.progress.slowed_by
    place = clean(short_folder(download.request.folder), 200)
    return Cause(f"the disk at {place}: no answer for {now - since:.0f} s")
