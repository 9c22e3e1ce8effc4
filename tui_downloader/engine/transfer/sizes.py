"""The size of a file, asked of its server before the file is added.

It sends a HEAD, only on request: some servers count that as the one use of a link. A size that
cannot be had easily stays unknown.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_downloader.engine.network.access import Access
from tui_downloader.engine.network.client import Way
from tui_downloader.model.errors import UNKNOWN_HOST, DownloadError, Unreachable
from tui_downloader.model.statuses import status_error

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.tools import Tools
    from tui_downloader.model.answers import Head
    from tui_downloader.model.download import DownloadRequest

PATIENCE_S = 10.0
_OK = 200
# What others mean may be that this question is not wanted, or needs more than a link.
_NO_SUCH_FILE = (404, 410)


async def announced_bytes(request: DownloadRequest, tools: Tools) -> int | None:
    """Return the size that the server announces for a file, None when it does not within 10 s.

    Raises:
        Unreachable: nobody knows the host's name, which may be mistyped.
        HttpStatusError: there is no such file.
    """
    hosts = tools.hosts.by(request.proxy)
    if hosts.closed(request.url) is not None:
        return None  # it wants no requests now
    way = Way(
        access=Access(request),
        limit=tools.limiter,
        on_phase=lambda _: None,
        on_hop=lambda _, there: hosts.check(there),
        proxy=request.proxy,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            head = await tools.client.head(request.url, way)
    except Unreachable as error:
        if error.code == UNKNOWN_HOST:
            raise
        return None
    except (DownloadError, TimeoutError):
        return None
    if head.status in _NO_SUCH_FILE:
        raise status_error(head.status)
    return _size_in(head)


def _size_in(head: Head) -> int | None:
    """Return the announced size; that of an error page or of an encoded body says nothing."""
    is_file = head.status == _OK and head.content_encoding in ("", "identity")
    return head.content_length if is_file else None
