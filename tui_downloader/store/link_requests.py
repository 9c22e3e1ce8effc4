"""Requests from the links of a text, with folders of this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tui_downloader.model.digests import Checksum, parse_checksum
from tui_downloader.model.download import DownloadRequest

if TYPE_CHECKING:
    from tui_downloader.model.download import OnConflict
    from tui_downloader.model.links.link import Link


def folder_of(link: Link, folder: str) -> str:
    """Return the absolute folder of a link; its own is resolved against `folder`."""
    if not link.folder:
        return folder
    return os.path.abspath(os.path.join(folder, os.path.expanduser(link.folder)))


def _checksum_of(link: Link) -> Checksum | None:
    if not link.checksum:
        return None
    return parse_checksum(link.checksum)._replace(source=link.checksum_source)


def request_for(
    link: Link, folder: str, headers: tuple[tuple[str, str], ...], on_conflict: OnConflict
) -> DownloadRequest:
    """Make a request of a link in a text.

    Args:
        folder: see `folder_of`.
        headers: sent besides those of the link.

    Raises:
        ValueError: its checksum is none.
    """
    return DownloadRequest(
        url=link.url,
        folder=folder_of(link, folder),
        name=link.name,
        mirrors=link.mirrors,
        headers=(*headers, *link.headers),
        credentials=link.credentials,
        checksum=_checksum_of(link),
        on_conflict=on_conflict,
        limit_bytes_per_s=link.limit_bytes_per_s,
        connections=link.connections,
        insecure=link.insecure,
        proxy=link.proxy,
    )
