"""Looks for a published checksum beside a file, while the file is on its way.

Only when the user gave none and the server announced none; at most three small requests, to the
host that serves the file, which is another than the user named where that one redirects to it: what
leads elsewhere is somebody else's word, and left. What is found is verified at the end.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.model.digests import digest_name
from tui_downloader.model.errors import DownloadError
from tui_downloader.model.http import is_web_page

if TYPE_CHECKING:
    from tui_downloader.engine.network.answer import Answer
    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.download import Download

SCOUT_FROM_BYTES = 1 << 20
_LARGEST_BYTES = 256 * 1024


async def scout(download: Download, asking: Asking) -> None:
    """Look in the usual places; what is found becomes the announced checksum."""
    # Small files do without.
    from tui_downloader.model.checksum_files import MOST_REQUESTS, find_checksum, places_of

    for place in places_of(download.facts.final_url)[:MOST_REQUESTS]:
        text = await _read(asking, place)
        found = find_checksum(text, download.facts.final_url, place)
        if found is not None:
            download.facts.announced = download.facts.published = found
            download.note(time.time(), f"found {digest_name(found.algorithm)} in {found.source}")
            download.changed()
            return


async def _read(asking: Asking, url: str) -> str:
    """Return the text at an address, "" when there is none that could be a list of checksums."""
    try:
        answer = await asking.beside(url)
    except DownloadError:
        return ""
    try:
        return await _text_of(answer)
    except DownloadError:
        return ""
    finally:
        answer.body.close()


async def _text_of(answer: Answer) -> str:
    head = answer.head
    is_small = head.content_length is None or head.content_length <= _LARGEST_BYTES
    if head.status != 200 or not is_small or is_web_page(head.content_type, "SUMS.txt"):
        return ""
    data = bytearray()
    while len(data) <= _LARGEST_BYTES and (piece := await answer.body.next()) is not None:
        data += piece
        answer.body.recycle(piece)
    return "" if len(data) > _LARGEST_BYTES else data.decode("utf-8", "replace")


def is_worth_scouting(download: Download, asking: Asking) -> bool:
    """Tell whether a checksum is still missing, and the file is large enough to look for one."""
    facts, request = download.facts, download.request
    has_one = request.checksum is not None or facts.announced is not None
    is_large = (download.total_bytes or 0) >= SCOUT_FROM_BYTES
    return is_large and not has_one and not facts.content_encoding and asking.may_scout
