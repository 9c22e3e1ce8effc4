"""Whether a mirror serves the same file: by size, date (if both have one) and sample bytes.

One sample is enough where a digest checks the whole file in the end, or where both addresses give
the same strong ETag. Otherwise a sample of each third of the file is compared, as soon as enough of
it is on disk.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.samples import SAMPLE_BYTES, telling_place
from tui_downloader.model.answers import Refuse, Take
from tui_downloader.model.errors import DownloadError
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.text import redact

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.engine.network.body import Body
    from tui_downloader.engine.transfer.asking import Asking
    from tui_downloader.engine.transfer.sources import Source
    from tui_downloader.model.ranges import Range

_THIRDS = 3
_LOOK_AGAIN_S = 0.25


async def prove_all(
    asking: Asking, partial: Partial, total_bytes: int, disk: Disk, tell: Callable[[str], None]
) -> None:
    """Compare samples of each mirror with what is on disk, one after the other.

    Args:
        total_bytes: size of the file.
        tell: told how each one did.
    """
    while unproven := asking.sources.unproven:
        at = ((each, sample_places(each, partial.done, total_bytes)) for each in unproven)
        source, places = next(((each, where) for each, where in at if where), (None, ()))
        if source is None:
            await asyncio.sleep(_LOOK_AGAIN_S)
            continue
        words = await prove(asking, source, places, partial, disk)
        if words:
            source.give_up()
        if words or source.is_proven:
            tell(f"mirror {redact(source.url)}: {words or 'serves the same file, and helps'}")


def sample_places(source: Source, done: RangeSet, total_bytes: int) -> tuple[Range, ...]:
    """Return the ranges on disk to compare next, none while too little is here.

    First the end of the largest range; for a mirror that needs more proof, then the end of the
    largest range in each third of the file.
    """
    if not source.needs_thirds:
        place = _largest(done)
        return () if place is None else (place,)
    places = []
    for n in range(_THIRDS):
        start, end = total_bytes * n // _THIRDS, total_bytes * (n + 1) // _THIRDS
        place = _largest(done.intersect(RangeSet.from_pairs([(start, end)])))
        if place is None:
            return ()
        places.append(place)
    return tuple(places)


def _largest(done: RangeSet) -> Range | None:
    start, end = max(done, key=lambda each: each[1] - each[0], default=(0, 0))
    return (end - SAMPLE_BYTES, end) if end - start >= SAMPLE_BYTES else None


async def prove(
    asking: Asking, source: Source, places: tuple[Range, ...], partial: Partial, disk: Disk
) -> str:
    """Compare samples, and note on `source` whether it is proven or needs more of them.

    Returns:
        Why the mirror cannot serve, "" when all samples match.
    """
    is_vouched = False
    for place in places:
        try:
            words, is_vouched = await _compare(asking, source, place, partial, disk)
        except DownloadError as fault:
            return fault.message
        if words:
            return words
    source.is_proven = is_vouched or source.needs_thirds
    source.needs_thirds = not source.is_proven
    return ""


async def _compare(
    asking: Asking, source: Source, place: Range, partial: Partial, disk: Disk
) -> tuple[str, bool]:
    """Compare one sample; return how it differs, and whether the mirror is also vouched for."""
    start, end = await _telling(place, partial, disk)
    answer, verdict = await asking.sample(start, end, source)
    try:
        if isinstance(verdict, Refuse):
            return verdict.error.message, False
        if not (isinstance(verdict, Take) and verdict.ranges and verdict.limit == end - start):
            return "it has another file, or cannot send parts of it", False
        if asking.is_of_another_date(answer):
            return "its file has another date", False
        theirs = await read_sample(answer.body, verdict.skip, end - start)
    finally:
        answer.body.close()
    ours = await disk.run(partial.part_path, partial.read, start, end - start)
    return "" if theirs == ours else "it has other bytes", asking.is_vouched(answer)


async def _telling(place: Range, partial: Partial, disk: Disk) -> Range:
    """Return a place, or one before it, where bytes are not the same in any version."""
    start, end = place
    floor = next((at for at, until in partial.done if at <= start and end <= until), start)
    found = await disk.run(partial.part_path, telling_place, partial.fd, end, end - start, floor)
    return found or place


async def read_sample(body: Body, skip: int, n_bytes: int) -> bytes:
    """Read some bytes of an answer, after the first `skip` ones; fewer if it ends before."""
    body.want(skip + n_bytes)
    data = bytearray()
    while len(data) < skip + n_bytes and (piece := await body.next()) is not None:
        data += piece
        body.recycle(piece)
    return bytes(data[skip : skip + n_bytes])
