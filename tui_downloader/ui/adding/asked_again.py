"""What is asked for without a dialog: what is new, what is known, and what of that begins again.

For links of the command line, those of the line mode, and pastes that are added at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.status import Status
from tui_downloader.store.finished_files import Fate
from tui_downloader.ui.adding.adding import AddWish
from tui_downloader.ui.adding.queue_index import QueueIndex, address_of
from tui_downloader.ui.file_looks import fates_now
from tui_downloader.ui.view.fates import fate_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest, Snapshot

# A file of the same size that was written again may be the user's own work on it.
_LOST = frozenset({Fate.GONE, Fate.RESIZED})


class AskedAgain(NamedTuple):
    """Requests, compared with the list.

    Attributes:
        new: what is not in the list, each once.
        repeated: the places among these of what is asked for besides, and is the same.
        listed: what is, in the order of the requests.
        lost: those of them whose finished file is not there any more, or has another size, with
            what is asked for now; they are to be downloaded again.
        otherwise: those of them that failed and are asked for in another way now, such as with a
            login, and how; they are to go on so.
    """

    new: Sequence[DownloadRequest]
    repeated: Sequence[int]
    listed: Sequence[int]
    lost: Mapping[int, tuple[DownloadRequest, Fate]]
    otherwise: Mapping[int, DownloadRequest]


async def compared(requests: Sequence[DownloadRequest], engine: Engine) -> AskedAgain:
    """Compare requests with the list, and the finished ones of it with the disk."""
    downloads = engine.snapshot().downloads
    index = QueueIndex(downloads)
    ids = [index.of(request) for request in requests]
    asked = dict(zip(reversed(ids), reversed(requests), strict=True))  # the first one counts
    known = [each for each in downloads if each.download_id in asked]
    fates = await lost_among(known, engine)
    lost = {key: (asked[key], fate) for key, fate in fates.items()}
    otherwise = {
        each.download_id: now
        for each in known
        if each.status is Status.FAILED
        and (before := engine.request_of(each.download_id)) is not None
        and (now := _in_the_way_of(asked[each.download_id], before)) != before
    }
    new, repeated = _once(each for each, key in zip(requests, ids, strict=True) if key is None)
    return AskedAgain(new, repeated, [key for key in ids if key is not None], lost, otherwise)


def _once(requests: Iterable[DownloadRequest]) -> tuple[list[DownloadRequest], list[int]]:
    """Return different requests, as a paste has them, and the places of those that come again."""
    places: dict[tuple[str, str, str | None], int] = {}
    different: list[DownloadRequest] = []
    repeated: list[int] = []
    for request in requests:
        key = address_of(request.url), request.folder, request.name
        if (place := places.setdefault(key, len(different))) < len(different):
            repeated.append(place)
        else:
            different.append(request)
    return different, repeated


async def lost_among(known: Sequence[Snapshot], engine: Engine) -> dict[int, Fate]:
    """Return those whose finished file is not there any more, or has another size."""
    fates = await fates_now(engine, known)
    found = ((each.download_id, fate_of(each, fates)) for each in known)
    return {key: fate for key, fate in found if fate in _LOST}


def _in_the_way_of(asked: DownloadRequest, before: DownloadRequest) -> DownloadRequest:
    """Return the earlier request with what is said now of how a server is asked for the file."""
    return replace(
        before,
        credentials=asked.credentials or before.credentials,
        headers=asked.headers or before.headers,
        proxy=before.proxy if asked.proxy is None else asked.proxy,
        insecure=asked.insecure or before.insecure,
    )


def wish_again(asked: AskedAgain) -> tuple[AddWish, str]:
    """Return what to ask the engine for, and what was done, "" when everything was new."""
    lost = {key: request for key, (request, _) in asked.lost.items()}
    replaced = (*lost.items(), *asked.otherwise.items())
    counts = {
        "restarted": len(lost),
        "retried": len(asked.otherwise),
        "skipped": len(asked.listed) - len(replaced) + len(asked.repeated),
    }
    words = [f"{word} {n}" for word, n in counts.items() if n]
    told = ", ".join([f"Added {len(asked.new)}", *words]) if words else ""
    return AddWish(tuple(asked.new), replaced), told
