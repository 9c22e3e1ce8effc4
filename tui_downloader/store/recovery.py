"""Finds unfinished downloads by their passports, after the queue was lost. Blocks."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url
from tui_downloader.model.status import Status
from tui_downloader.store import passports
from tui_downloader.store.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui_downloader.model.passport import Passport


def paused_entries(folder: str, first_id: int, now: float) -> list[Entry]:
    """Return a paused download for each partial in a folder whose passport can be read.

    Args:
        first_id: of the first one.
        now: wall clock, seconds: when they count as added.
    """
    return [
        _entry(first_id + n, path, passport, now)
        for n, (path, passport) in enumerate(_partials_in(folder))
    ]


def _partials_in(folder: str) -> Iterator[tuple[str, Passport]]:
    with contextlib.suppress(OSError):  # a folder that cannot be read has nothing to go on with
        for part_path, passport in passports.in_folder(folder):
            if os.path.isfile(part_path) and _can_be_asked_for(passport):
                yield part_path, passport


def _can_be_asked_for(passport: Passport) -> bool:
    try:
        check_url(next(iter(passport.urls), ""))
    except UrlError:
        return False  # it stays where it is; whoever opens it says what is wrong with it
    return True


def _entry(download_id: int, part_path: str, passport: Passport, now: float) -> Entry:
    path = part_path.removesuffix(passports.SUFFIX)
    kept_bytes = sum(end - start for start, end in passport.done)
    folder, name = os.path.split(path)
    request = DownloadRequest(
        passport.urls[0], folder, mirrors=passport.urls[1:], checksum=passport.checksum
    )
    return Entry(
        download_id=download_id,
        position=download_id,
        request=request,
        status=Status.PAUSED,
        name=name,
        total_bytes=passport.total_bytes,
        done_bytes=kept_bytes,
        kept_bytes=kept_bytes,
        added_at=now,
        finished_at=None,
        active_s=0.0,
        failure=None,
        assurance=None,
        checked_by="",
        final_url="",
        path=path,
    )
