"""What a text of links means for the queue: what is new, what is there already, what is no link.

Pure but for the question whether a file exists, which is asked of whoever knows. Nothing changes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import OnConflict
from tui_downloader.model.link import Refused
from tui_downloader.model.naming import choose_name, free_name, split_ending
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.store.link_requests import request_for
from tui_downloader.ui.bulk import received_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tui_downloader.model.digests import Checksum
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.model.link import Link, ParsedLinks

Header = tuple[str, str]
_PROGRAMS = frozenset({".php", ".asp", ".aspx", ".jsp", ".cgi", ".pl", ".do", ".ashx"})


class Duplicates(Enum):
    """What to do with links that are in the list, or whose file exists."""

    SKIP = "skip"
    RENAME = "rename"
    REPLACE = "replace"
    RENEW = "renew"  # a new address for what failed; everything else is skipped


@dataclass(frozen=True, slots=True)
class AddOptions:
    """What the user wants for everything that is added now.

    Attributes:
        folder: where files go unless a link says otherwise, absolute.
        on_conflict: what to do when a file of that name exists.
        name: the file's name; for a single link only.
        checksum: as typed; for a single link only.
        connections: most connections of each download, 0 for automatic.
        limit_bytes_per_s: speed limit of each download.
        headers, credentials: sent to the origin of each link.
        is_paused: do not start yet.
        is_first: before everything else in the queue.
        start_at: wall clock, seconds; nothing starts before. None for at once.
    """

    folder: str
    on_conflict: OnConflict
    name: str = ""
    checksum: str = ""
    connections: int = 0
    limit_bytes_per_s: int | None = None
    headers: tuple[Header, ...] = field(default=(), repr=False)
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    is_paused: bool = False
    is_first: bool = False
    start_at: float | None = None


class Listed:
    """What the list holds, looked up by address and by the file that it will become."""

    def __init__(self, downloads: Iterable[Snapshot] = ()) -> None:
        self._by_url: dict[str, int] = {}
        self._by_path: dict[tuple[str, str], int] = {}
        self._failed: dict[tuple[str, str], Snapshot] = {}
        for download in downloads:
            place = (download.folder, download.name.casefold())
            self._by_url.setdefault(download.url, download.download_id)
            if download.total_bytes is not None or download.finished_at is not None:
                # Before the server has answered, the name is only a guess.
                self._by_path.setdefault(place, download.download_id)
            if download.status is Status.FAILED or (
                download.status is Status.CANCELLED and download.kept_bytes
            ):
                self._failed.setdefault(place, download)

    def __contains__(self, url: str) -> bool:
        return self.by_url(url) is not None

    def by_url(self, url: str) -> int | None:
        """Return the download of an address without user and password."""
        return self._by_url.get(clean(url))

    def failed(self, folder: str, name: str) -> Snapshot | None:
        """Return the download of this file that failed, or was cancelled with something here."""
        return self._failed.get((folder, name.casefold()))

    def by_path(self, folder: str, name: str) -> int | None:
        """Return the download that is or becomes this file."""
        return self._by_path.get((folder, name.casefold()))


@dataclass(frozen=True, slots=True)
class Known:
    """A link that is in the list already.

    Attributes:
        download_id: where.
        is_same_url: by its address; else by the file that it becomes.
        kept_bytes: what is here of a file that failed, for which this may be a new address; None
            when it is no such file.
        name, new_name: of the file that it becomes, when that is all it shares, and the name that
            it has instead when it is added besides.
    """

    link: Link
    download_id: int
    is_same_url: bool = True
    kept_bytes: int | None = None
    name: str = ""
    new_name: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What adding a text would do.

    Attributes:
        new: links that are not in the list.
        known: links that are, by their address or by the file that they become.
        existing: links whose file is on the disk.
        repeated: links that stand in the text before, to go to the same place.
        refused: lines without a usable link.
        notes: what was left out, as sentences.
    """

    new: tuple[Link, ...] = ()
    known: tuple[Known, ...] = ()
    existing: tuple[Link, ...] = ()
    repeated: tuple[Link, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def duplicates(self) -> int:
        """How many links are there already."""
        return len(self.known) + len(self.existing) + len(self.repeated)

    @property
    def is_question(self) -> bool:
        """The user must say what to do with what is there already."""
        return bool(self.known or self.existing)

    @property
    def renewable(self) -> dict[int, Known]:
        """Downloads that failed, by id, each with the first link that may be its new address."""
        found: dict[int, Known] = {}
        for each in self.known:
            if each.kept_bytes is not None:
                found.setdefault(each.download_id, each)
        return found

    def unasked(self) -> Plan:
        """The same when nobody is asked: only what is in the list by its address is left out."""
        known = tuple(each for each in self.known if each.is_same_url)
        others = tuple(each.link for each in self.known if not each.is_same_url)
        new = _in_order(self.new, others, self.existing)
        return replace(self, new=new, known=known, existing=())

    @property
    def links(self) -> int:
        """How many different links there are."""
        return len(self.new) + len(self.known) + len(self.existing)

    @property
    def total(self) -> str:
        """ "12 new, 3 duplicates, 1 invalid"."""
        parts = [f"{len(self.new)} new"]
        if self.duplicates:
            parts.append(f"{self.duplicates} duplicate{'s' * (self.duplicates > 1)}")
        if self.refused:
            parts.append(f"{len(self.refused)} invalid")
        return ", ".join(parts)

    def outcome(self, add_key: str, duplicates: Duplicates = Duplicates.SKIP) -> str:
        """ "Added 12, skipped 3, 1 line not understood · a shows it" for after it was done.

        Args:
            add_key: opens the dialog, where the lines without a link are.
        """
        there = len(self.known) + len(self.existing)
        is_renamed = duplicates is Duplicates.RENAME
        renewed = len(self.renewable) if duplicates is Duplicates.RENEW else 0
        is_skipped = duplicates in (Duplicates.SKIP, Duplicates.RENEW)
        skipped = there - renewed if is_skipped else 0
        counts = {
            "Added": len(self.new) + (there if is_renamed else 0),
            "replaced": there if duplicates is Duplicates.REPLACE else 0,
            "new address for": renewed,
            "skipped": len(self.repeated) + skipped,
        }
        text = ", ".join(f"{word} {n}" for word, n in counts.items() if n or word == "Added")
        if left := len(self.refused):
            lines, them = ("line", "it") if left == 1 else ("lines", "them")
            text += f", {left} {lines} not understood · {add_key} shows {them}"
        if self.notes:
            rest = f" and {len(self.notes) - 1} more" if len(self.notes) > 1 else ""
            text += f" · {self.notes[0]}{rest}"
        return text


def _in_order(*groups: Iterable[Link]) -> tuple[Link, ...]:
    """Return links as they stand in the text."""
    return tuple(sorted(chain(*groups), key=lambda link: link.line_no))


def make_plan(
    parsed: ParsedLinks,
    listed: Listed,
    folder: str,
    exists: Callable[[str], bool] = lambda _: False,
) -> Plan:
    """Sort links into new and known.

    Args:
        parsed: what the text holds.
        listed: what the list holds.
        folder: where files go unless a link says otherwise.
        exists: tells whether a path is taken on the disk; may block.
    """
    new: list[Link] = []
    known: list[Known] = []
    existing: list[Link] = []
    repeated: list[Link] = []
    refused = list(parsed.refused)
    seen: set[tuple[str, str | None, str | None]] = set()
    for link in parsed.links:
        if problem := _checksum_problem(link):
            refused.append(Refused(link.line_no, link.url, problem))
            continue
        asked = _asked_for(link, listed)
        if asked in seen:
            repeated.append(link)
            continue
        seen.add(asked)
        found = _found(link, listed, folder, exists)
        if isinstance(found, Known):
            known.append(found)
        else:
            (existing if found else new).append(link)
    refused.sort(key=lambda each: each.line_no)
    return Plan(
        tuple(new), tuple(known), tuple(existing), tuple(repeated), tuple(refused), parsed.notes
    )


def _asked_for(link: Link, listed: Listed) -> tuple[str, str | None, str | None]:
    """What makes a link another one than those before it: its address, and where it is to go.

    Of an address that is in the list already there is one question only.
    """
    is_listed = listed.by_url(link.url) is not None
    return (link.url, None, None) if is_listed else (link.url, link.name, link.folder)


def _found(link: Link, listed: Listed, folder: str, exists: Callable[[str], bool]) -> Known | bool:
    """Look for a link in the list; else tell whether its file is on the disk."""
    if (download_id := listed.by_url(link.url)) is not None:
        return Known(link, download_id)
    target, name = _target_of(link, folder)
    if not name:
        return False
    if (failed := listed.failed(target, name)) is not None:
        kept = received_bytes(failed)
        return Known(link, failed.download_id, is_same_url=False, kept_bytes=kept, name=name)
    if (download_id := listed.by_path(target, name)) is not None:

        def is_taken(other: str) -> bool:
            return listed.by_path(target, other) is not None or exists(os.path.join(target, other))

        new_name = free_name(name, is_taken)
        return Known(link, download_id, is_same_url=False, name=name, new_name=new_name)
    return exists(os.path.join(target, name))


def _target_of(link: Link, folder: str) -> tuple[str, str]:
    """Return the folder of a link's file, and its name as far as the link tells it; else ""."""
    if link.folder:
        folder = os.path.abspath(os.path.join(folder, os.path.expanduser(link.folder)))
    name = choose_name(wanted=link.name, disposition=None, final_url=link.url, first_url="")
    # What ends like a program of the server (`get?id=1`) has its name from the answer.
    ending = split_ending(name)[1].lower()
    is_told = link.name or (ending and ending not in _PROGRAMS)
    return folder, name if is_told else ""


def _checksum_problem(link: Link) -> str:
    """Say what is wrong with the checksum that stands below a link, if anything."""
    try:
        if link.checksum:
            parse_checksum(link.checksum)
    except ValueError as error:
        return str(error)
    return ""


def told(refused: Refused) -> str:
    """Say which line was refused and why."""
    reason = clean(refused.reason, 200)
    return f"line {refused.line_no}: {reason}" if refused.line_no else reason


@dataclass(frozen=True, slots=True)
class AddWish:
    """What the user wants of the queue.

    Attributes:
        new: downloads to add.
        replaced: downloads in the list that are asked for differently, by their ids.
        renewed: downloads that failed, by their ids, and their new addresses.
    """

    new: tuple[DownloadRequest, ...]
    replaced: tuple[tuple[int, DownloadRequest], ...] = ()
    renewed: tuple[tuple[int, Link], ...] = ()


def wish_of(plan: Plan, options: AddOptions, duplicates: Duplicates = Duplicates.SKIP) -> AddWish:
    """Turn a plan into wishes.

    Raises:
        ValueError: a checksum cannot be understood; the sentence says why.
    """
    options = options if plan.links == 1 else replace(options, name="", checksum="")
    known = [each.link for each in plan.known]
    if duplicates is Duplicates.SKIP:
        return AddWish(_requests(plan.new, options))
    if duplicates is Duplicates.RENEW:
        renewed = tuple((key, each.link) for key, each in plan.renewable.items())
        return AddWish(_requests(plan.new, options), renewed=renewed)
    conflicts = {Duplicates.RENAME: OnConflict.RENAME, Duplicates.REPLACE: OnConflict.OVERWRITE}
    answer = replace(options, on_conflict=conflicts[duplicates])
    there = frozenset(link.url for link in (*known, *plan.existing))
    if duplicates is Duplicates.RENAME:
        links = _in_order(plan.new, known, plan.existing)
        return AddWish(_requests(links, options, there, answer))
    ids = [each.download_id for each in plan.known]
    return AddWish(
        _requests(_in_order(plan.new, plan.existing), options, there, answer),
        tuple(zip(ids, _requests(known, answer), strict=True)),
    )


def _requests(
    links: Sequence[Link],
    options: AddOptions,
    there: frozenset[str] = frozenset(),
    answer: AddOptions | None = None,
) -> tuple[DownloadRequest, ...]:
    """Make requests; `answer` holds for the addresses that are `there` already."""
    checksum = parse_checksum(options.checksum) if options.checksum else None
    return tuple(
        _request(link, answer if answer and link.url in there else options, checksum)
        for link in links
    )


def _request(link: Link, options: AddOptions, checksum: Checksum | None) -> DownloadRequest:
    """What the user typed for all outranks what a link brings with it."""
    asked = request_for(link, options.folder, (), options.on_conflict)
    typed = {name.lower() for name, _ in options.headers}
    own = tuple(header for header in asked.headers if header[0].lower() not in typed)
    return replace(
        asked,
        name=options.name or asked.name,
        headers=own + options.headers,
        credentials=options.credentials or asked.credentials,
        checksum=checksum or asked.checksum,
        limit_bytes_per_s=options.limit_bytes_per_s or asked.limit_bytes_per_s,
        start_at=options.start_at,
        connections=options.connections or asked.connections,
    )


def refused_text(plan: Plan) -> str:
    """The lines that stay for the next time."""
    return "\n".join(refused.text for refused in plan.refused)
