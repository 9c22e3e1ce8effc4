"""Whether a mirror serves the same file: size, date if both tell one, and the bytes of a sample."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_downloader.model.answers import Refuse, Take
from tui_downloader.model.errors import DownloadError
from tui_downloader.model.text import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.asking import Asking
    from tui_downloader.engine.body import Body
    from tui_downloader.engine.disk import Disk
    from tui_downloader.engine.partial import Partial
    from tui_downloader.engine.sources import Source
    from tui_downloader.model.ranges import Range, RangeSet

SAMPLE_BYTES = 64 * 1024
_LOOK_AGAIN_S = 0.25


def sample_place(done: RangeSet) -> Range | None:
    """Return a range on disk to compare: the last bytes of the largest one, if it is enough."""
    start, end = max(done, key=lambda each: each[1] - each[0], default=(0, 0))
    return (end - SAMPLE_BYTES, end) if end - start >= SAMPLE_BYTES else None


async def prove(asking: Asking, source: Source, place: Range, partial: Partial, disk: Disk) -> str:
    """Compare a sample; `source.is_proven` tells the outcome.

    Returns:
        Why the mirror cannot serve, "" when it can.
    """
    start, end = place
    try:
        answer, verdict = await asking.sample(start, end, source)
    except DownloadError as fault:
        return fault.message
    try:
        if isinstance(verdict, Refuse):
            return verdict.error.message
        if not (isinstance(verdict, Take) and verdict.ranges and verdict.limit == end - start):
            return "it has another file, or cannot send parts of it"
        if asking.is_of_another_date(answer):
            return "its file has another date"
        theirs = await _read(answer.body, verdict.skip, end - start)
    except DownloadError as fault:
        return fault.message
    finally:
        answer.body.close()
    ours = await disk.run(partial.part_path, partial.read, start, end - start)
    if theirs != ours:
        return "it has other bytes"
    source.is_proven = True
    return ""


async def prove_all(
    asking: Asking, partial: Partial, disk: Disk, tell: Callable[[str], None]
) -> None:
    """Compare a sample of each mirror with what is on disk, one after the other.

    Args:
        tell: told how each one did.
    """
    while unproven := asking.sources.unproven:
        place = sample_place(partial.done)
        if place is None:
            await asyncio.sleep(_LOOK_AGAIN_S)
            continue
        source = unproven[0]
        words = await prove(asking, source, place, partial, disk)
        if words:
            source.give_up()
        tell(f"mirror {redact(source.url)}: {words or 'serves the same file'}")


async def _read(body: Body, skip: int, n_bytes: int) -> bytes:
    body.want(skip + n_bytes)
    data = bytearray()
    while len(data) < skip + n_bytes and (piece := await body.next()) is not None:
        data += piece
        body.recycle(piece)
    return bytes(data[skip : skip + n_bytes])
