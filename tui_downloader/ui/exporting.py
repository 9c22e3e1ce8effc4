"""The list of downloads as an aria2 list file, which this program and others read. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui_downloader.model.download import DownloadRequest


def list_text(requests: Sequence[DownloadRequest]) -> str:
    """Write a list without anything secret: no headers, no users, no passwords."""
    many = "s" if len(requests) != 1 else ""
    head = f"# {len(requests)} download{many}; headers and logins were left out"
    return "\n".join([head, *(line for request in requests for line in _lines(request)), ""])


def _lines(request: DownloadRequest) -> Iterator[str]:
    yield "\t".join((request.url, *request.mirrors))
    if request.name:
        yield f"  out={clean(request.name)}"
    yield f"  dir={clean(request.folder)}"
    if request.checksum is not None:
        yield f"  checksum={request.checksum.algorithm}={request.checksum.hexdigest}"
