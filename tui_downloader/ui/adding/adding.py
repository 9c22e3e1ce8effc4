"""Turns a plan and the user's options into requests. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import OnConflict
from tui_downloader.store.link_requests import request_for
from tui_downloader.ui.adding.add_plan import Duplicates, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_downloader.model.digests import Checksum
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.model.links.link import Link
    from tui_downloader.model.proxy import Proxy
    from tui_downloader.ui.adding.add_plan import Plan

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class AddOptions:
    """The user's options for everything that is added.

    Attributes:
        folder: where files go unless a link says otherwise, absolute.
        on_conflict: what to do when a file of that name exists.
        name: the file's name; for a single link only.
        checksum: as typed; for a single link only.
        connections: most connections of each download, 0 for automatic.
        limit_bytes_per_s: speed limit of each download.
        headers, credentials: sent to the origin of each link.
        proxy: for each download, None to leave that to its link.
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
    proxy: Proxy | None = None
    is_paused: bool = False
    is_first: bool = False
    start_at: float | None = None

    @property
    def says_more(self) -> bool:
        """Options beyond the folder are set for each request."""
        typed = self.name, self.connections, self.limit_bytes_per_s, self.headers, self.credentials
        return any(typed) or self.start_at is not None or self.proxy is not None


class AddWish(NamedTuple):
    """What to ask the engine for.

    Attributes:
        new: downloads to add.
        replaced: downloads in the list that are asked for differently, by their ids.
        renewed: downloads that failed, by their ids, and their new addresses.
    """

    new: tuple[DownloadRequest, ...]
    replaced: tuple[tuple[int, DownloadRequest], ...] = ()
    renewed: tuple[tuple[int, Link], ...] = ()


def wish_of(plan: Plan, options: AddOptions, duplicates: Duplicates = Duplicates.SKIP) -> AddWish:
    """Turn a plan into what to ask the engine for.

    Raises:
        ValueError: a checksum cannot be understood; the sentence says why.
    """
    options = options if plan.links == 1 else replace(options, name="", checksum="")
    if duplicates is Duplicates.SKIP:
        again = zip(plan.lost, _requests((each.link for each in plan.lost), options), strict=True)
        lost = tuple((each.download_id, request) for each, request in again)
        return AddWish(_requests(plan.new, options), lost)
    if duplicates is Duplicates.RENEW:
        renewed = tuple((key, each.link) for key, each in plan.renewable.items())
        return AddWish(_requests(plan.new, options), renewed=renewed)
    there = (*(each.link for each in plan.known), *plan.existing)
    if duplicates is Duplicates.RENAME:
        renamed = dict.fromkeys(there, OnConflict.RENAME)
        return AddWish(_requests(in_order(plan.new, there), options, renamed))
    answers = dict.fromkeys(there, OnConflict.OVERWRITE)
    answers |= dict.fromkeys(plan.beside, OnConflict.RENAME)
    replaced = {each.link: each.download_id for each in plan.known if each.link not in plan.beside}
    added = (link for link in there if link not in replaced)
    return AddWish(
        _requests(in_order(plan.new, added), options, answers),
        tuple(zip(replaced.values(), _requests([*replaced], options, answers), strict=True)),
    )


def _requests(
    links: Iterable[Link], options: AddOptions, answers: Mapping[Link, OnConflict] | None = None
) -> tuple[DownloadRequest, ...]:
    """Make requests; `answers` say for some links what to do with an existing file."""
    checksum = parse_checksum(options.checksum) if options.checksum else None
    options_by_answer = {answer: replace(options, on_conflict=answer) for answer in OnConflict}
    answered = {link: options_by_answer[answer] for link, answer in (answers or {}).items()}
    return tuple(request_of(link, answered.get(link, options), checksum) for link in links)


def request_of(
    link: Link, options: AddOptions, checksum: Checksum | None = None
) -> DownloadRequest:
    """Make a request: what the user typed for all links outranks the link's own options."""
    asked = request_for(link, options.folder, (), options.on_conflict)
    if checksum is None and not options.says_more:
        return asked
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
        proxy=asked.proxy if options.proxy is None else options.proxy,
    )
