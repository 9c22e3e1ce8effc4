"""Sorts the links of a text: new ones, existing ones, and unusable ones.

Pure, except that it asks for sizes of files on disk. Nothing changes.
"""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.links.link import Refused
from tui_downloader.model.naming import free_name, numbered, safe_name, told_name
from tui_downloader.store.link_requests import folder_of
from tui_downloader.ui.actions.selection import received_bytes
from tui_downloader.ui.adding.add_plan import KnownLink, Plan
from tui_downloader.ui.adding.queue_index import address_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_downloader.model.links.link import Link, ParsedLinks
    from tui_downloader.ui.adding.queue_index import QueueIndex


def make_plan(
    parsed: ParsedLinks,
    listed: QueueIndex,
    folder: str,
    size_of: Callable[[str], int | None] = lambda _: None,
    name: str = "",
) -> Plan:
    """Sort links into new and known.

    Args:
        parsed: what the text holds.
        listed: what the list holds.
        folder: where files go unless a link says otherwise.
        size_of: tells how large a file on the disk is, None when there is none; may block.
        name: of the file of a single link; "" for what the link says.
    """
    links = parsed.links
    if name and len(links) == 1:
        links = (replace(links[0], name=name),)
    planner = _Planner(listed, folder, size_of)
    for link in links:
        planner.take(link)
    return planner.plan(parsed)


class _Planner:
    """Takes links one by one, in the order of the text; see `make_plan`."""

    def __init__(
        self, listed: QueueIndex, folder: str, size_of: Callable[[str], int | None]
    ) -> None:
        self._listed = listed
        self._folder = folder
        self._size_of = size_of
        self._seen: set[int | tuple[str, str | None, str]] = set()
        self._new: list[Link] = []
        self._folders: dict[str, None] = {}  # in their order
        self._names: dict[Link, str] = {}
        self._known: list[KnownLink] = []
        self._existing: list[Link] = []
        self._free_name = ""  # for the first of these
        self._first_path = ""  # of what is there by its address, or on the disk
        self._repeated: list[Link] = []
        self._refused: list[Refused] = []
        self._beside: set[Link] = set()
        self._bytes_on_disk: dict[tuple[str, str], int] = {}  # of files that links lead to
        # Names that the new links have, and the numbers that are still to be tried with them.
        self._numbers: dict[tuple[str, str], Iterator[int]] = {}

    def take(self, link: Link) -> None:
        """Sort a link into its group."""
        if problem := _checksum_problem(link):
            self._refused.append(Refused(link.line_no, link.url, problem))
            return
        folder, name = _target_of(link, self._folder)
        address = address_of(link.url)
        listed_id = self._listed.by_address(address, folder, name if link.name else None)
        # Of what is in the list already there is one question only.
        asked = (address, link.name, folder) if listed_id is None else listed_id
        if asked in self._seen:
            self._repeated.append(link)
            return
        self._seen.add(asked)
        if listed_id is not None:
            file_bytes = self._finished_bytes(listed_id)
            self._first_path = self._first_path or self._listed.path(listed_id)
            self._known.append(KnownLink(link, listed_id, file_bytes=file_bytes))
        elif (known := self._in_list(link, folder, name)) is not None:
            self._known.append(known)
        elif not name:
            self._take_new(link, folder)
        elif (size := self._size_of(os.path.join(folder, name))) is not None:
            self._take_existing(link, folder, name, size)
        else:
            self._take_new(link, folder)
            self._name(link, folder, name)

    def plan(self, parsed: ParsedLinks) -> Plan:
        """Return the plan for all links that were taken, and for the lines without one."""
        return Plan(
            new=tuple(self._new),
            folders=tuple(self._folders),
            names=self._names,
            known=tuple(self._known),
            existing=tuple(self._existing),
            free_name=self._free_name,
            first_path=self._first_path,
            existing_bytes=sum(self._bytes_on_disk.values()),
            beside=frozenset(self._beside.union(_beside(self._known))),
            repeated=tuple(self._repeated),
            refused=tuple(sorted((*parsed.refused, *self._refused), key=lambda each: each.line_no)),
            notes=parsed.notes,
        )

    def _in_list(self, link: Link, folder: str, name: str) -> KnownLink | None:
        """Look for the file that a link becomes in the list."""
        listed = self._listed
        if not name:
            return None
        if (failed := listed.failed(folder, name)) is not None:
            kept = received_bytes(failed)
            return KnownLink(
                link, failed.download_id, is_same_url=False, kept_bytes=kept, name=name
            )
        if (download_id := listed.by_path(folder, name)) is None:
            return None
        return KnownLink(
            link,
            download_id,
            is_same_url=False,
            name=name,
            new_name=free_name(name, lambda other: self._is_there(folder, other)),
            file_bytes=self._finished_bytes(download_id),
        )

    def _finished_bytes(self, download_id: int) -> int:
        return self._size_of(self._listed.finished_path(download_id)) or 0

    def _take_new(self, link: Link, folder: str) -> None:
        self._new.append(link)
        self._folders[folder] = None

    def _take_existing(self, link: Link, folder: str, name: str, size: int) -> None:
        key = _key(folder, name)
        self._existing.append(link)
        self._first_path = self._first_path or os.path.join(folder, name)
        if len(self._existing) == 1:
            self._free_name = free_name(name, lambda other: self._is_there(folder, other))
        if key in self._bytes_on_disk:
            self._beside.add(link)
        self._bytes_on_disk[key] = size

    def _name(self, link: Link, folder: str, name: str) -> None:
        """Note the name that a new link gets when an earlier one has its own."""
        key = _key(folder, name)
        if key in self._numbers:
            others = (numbered(name, n) for n in self._numbers[key])
            name = next(each for each in others if not self._is_taken(folder, each))
            self._names[link] = name
        self._numbers.setdefault(_key(folder, name), count(1))

    def _is_taken(self, folder: str, name: str) -> bool:
        return _key(folder, name) in self._numbers or self._is_there(folder, name)

    def _is_there(self, folder: str, name: str) -> bool:
        """A name is taken by a download in the list or a file on the disk."""
        is_listed = self._listed.by_path(folder, name) is not None
        return is_listed or self._size_of(os.path.join(folder, name)) is not None


def _key(folder: str, name: str) -> tuple[str, str]:
    return folder, name.casefold()


def _beside(known: list[KnownLink]) -> Iterator[Link]:
    """Yield all links to a listed download except one: that with its address, else the first."""
    firsts: set[int] = set()
    for each in sorted(known, key=lambda each: not each.is_same_url):
        if each.download_id in firsts:
            yield each.link
        firsts.add(each.download_id)


def _target_of(link: Link, folder: str) -> tuple[str, str]:
    """Return the folder of a link's file and its name, "" when the link does not tell it."""
    return folder_of(link, folder), safe_name(link.name) if link.name else told_name(link.url)


def _checksum_problem(link: Link) -> str:
    """Say what is wrong with the checksum given for a link, if anything."""
    try:
        if link.checksum:
            parse_checksum(link.checksum)
    except ValueError as error:
        return str(error)
    return ""
