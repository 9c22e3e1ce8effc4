"""Looks up downloads of the list by address and place, and by file. Pure.

Another spelling of an address is the same address.
"""

from __future__ import annotations

import os
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from tui_downloader.model.links.equivalence import normalized
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.model.download import DownloadRequest, Snapshot

# Looking a member up costs a call in Python 3.11.
_COMPLETED, _FAILED, _CANCELLED = Status.COMPLETED, Status.FAILED, Status.CANCELLED


def address_of(url: str) -> str:
    """Return what an address without user and password is known by, however it is spelled."""
    return normalized(clean(url))  # what is shown of a download is clean


class QueueIndex:
    """The downloads of the list by address and by the file that they will become."""

    def __init__(self, downloads: Iterable[Snapshot] = ()) -> None:
        self._downloads = tuple(downloads)
        self._names = dict[str, dict[str, int]]()  # by folder

    # Each is made when it is first asked for: there may be ten thousand downloads and one link.
    # Most links are new, and that is found out soonest: by what is nowhere in the list.

    @cached_property
    def _urls(self) -> set[str]:
        return {normalized(each.url) for each in self._downloads}

    @cached_property
    def _folded_names(self) -> set[str]:
        return {each.name.casefold() for each in self._downloads}

    # Of several downloads of an address or a file the first one counts.

    @cached_property
    def _by_url(self) -> dict[tuple[str, str], int]:
        """Addresses with their folders."""
        return {
            (normalized(each.url), each.folder): each.download_id
            for each in reversed(self._downloads)
        }

    @cached_property
    def _by_url_and_name(self) -> dict[tuple[str, str, str], int]:
        return {
            (normalized(each.url), each.folder, each.name.casefold()): each.download_id
            for each in reversed(self._downloads)
        }

    @cached_property
    def _by_folder(self) -> dict[str, list[Snapshot]]:
        """Downloads with known file names, by folder."""
        found: defaultdict[str, list[Snapshot]] = defaultdict(list)
        for each in reversed(self._downloads):
            # Before the server has answered, the name is only a guess.
            if each.total_bytes is not None or each.finished_at is not None:
                found[each.folder].append(each)
        return found

    def _by_name(self, folder: str) -> dict[str, int]:
        """Downloads in a folder, by their names without case."""
        if folder not in self._names:
            files = self._by_folder.get(folder, ())
            self._names[folder] = {each.name.casefold(): each.download_id for each in files}
        return self._names[folder]

    @cached_property
    def _failed(self) -> dict[tuple[str, str], Snapshot]:
        return {
            (each.folder, each.name.casefold()): each
            for each in reversed(self._downloads)
            if (status := each.status) is _FAILED or (status is _CANCELLED and each.kept_bytes)
        }

    @cached_property
    def _by_id(self) -> dict[int, Snapshot]:
        return {each.download_id: each for each in self._downloads}

    def by_address(self, address: str, folder: str, name: str | None) -> int | None:
        """Return the download of an address, see `address_of`, for a folder.

        Whoever wants a name of his own means another file than one with another name.
        """
        if address not in self._urls:
            return None
        if name:
            return self._by_url_and_name.get((address, folder, name.casefold()))
        return self._by_url.get((address, folder))

    def of(self, request: DownloadRequest) -> int | None:
        """Return the download that has been asked for so already."""
        return self.by_address(address_of(request.url), request.folder, request.name)

    def path(self, download_id: int) -> str:
        """Return the path of the file that a download of the list is or becomes."""
        download = self._by_id[download_id]
        return os.path.join(download.folder, download.name)

    def finished_path(self, download_id: int) -> str:
        """Return the path of a download's finished file, "" when it is not finished."""
        return self.path(download_id) if self._by_id[download_id].status is _COMPLETED else ""

    def failed(self, folder: str, name: str) -> Snapshot | None:
        """Return the download of this file that has failed, or was cancelled with bytes kept."""
        folded = name.casefold()
        return self._failed.get((folder, folded)) if folded in self._folded_names else None

    def by_path(self, folder: str, name: str) -> int | None:
        """Return the download that is or becomes this file."""
        folded = name.casefold()
        return self._by_name(folder).get(folded) if folded in self._folded_names else None
