"""Whether a server still has the file of which a part is here, where that is seen by bytes alone.

Each answer begins with some bytes that are here already. Where those are zeros, as in long runs of
the images of disks, they are the same in every version of the file: others are compared before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.disk.samples import OverlapDiffers, telling_place
from tui_downloader.engine.network.body_faults import early
from tui_downloader.engine.transfer.proving import read_sample
from tui_downloader.model.answers import AllHere, AskAgain, Changed, Refuse, StartOver, Take

if TYPE_CHECKING:
    from tui_downloader.engine.disk.disk import Disk
    from tui_downloader.engine.disk.partial import Partial
    from tui_downloader.engine.transfer.asking import Asking


async def compare_further_back(
    asking: Asking, partial: Partial, disk: Disk
) -> AllHere | AskAgain | Changed | Refuse | None:
    """Compare bytes further back if those before the next gap are alike in any version.

    Returns:
        The verdict on an answer that had no such bytes; None to go on.

    Raises:
        OverlapDiffers: they are others.
        DownloadError: there was no answer, or it broke off.
    """
    ask = asking.plan.next_gap()
    end = ask.start + ask.overlap
    place = await disk.run(partial.part_path, telling_place, partial.fd, end, ask.overlap)
    if place is None:
        return None
    answer, verdict = await asking.again(*place)
    try:
        if isinstance(verdict, StartOver):
            return None  # it sends whole files only, and the next answer says so again
        if not isinstance(verdict, Take):
            return verdict
        n_bytes = place[1] - place[0] if verdict.limit is None else verdict.limit
        theirs = await read_sample(answer.body, verdict.skip, n_bytes)
    finally:
        answer.body.close()
    if len(theirs) < n_bytes:
        raise early(n_bytes - len(theirs))
    if not await disk.run(partial.part_path, partial.agrees, place[0], theirs):
        raise OverlapDiffers
    return None
