"""What a text of links means for the queue: what is new, what is there already, what is no link.

Pure: it is told what the list holds, and changes nothing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import DownloadRequest, OnConflict
from tui_downloader.model.links import Refused
from tui_downloader.model.text import clean, redact

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tui_downloader.model.digests import Checksum
    from tui_downloader.model.links import Link, ParsedLinks


@dataclass(frozen=True, slots=True)
class AddOptions:
    """What the user wants for everything that is added now.

    Attributes:
        folder: where files go unless a link says otherwise, absolute.
        on_conflict: what to do when a file of that name exists.
        name: the file's name; for a single link only.
        checksum: as typed; for a single link only.
        is_paused: do not start yet.
        is_first: before everything else in the queue.
    """

    folder: str
    on_conflict: OnConflict
    name: str = ""
    checksum: str = ""
    is_paused: bool = False
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What adding a text would do.

    Attributes:
        new: links that are not in the list.
        known: links that are, or that stand in the text twice.
        refused: lines without a usable link.
        notes: options of links that were left out, as sentences.
    """

    new: tuple[Link, ...] = ()
    known: tuple[Link, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> str:
        """ "12 new, 3 duplicates, 1 invalid"."""
        parts = [f"{len(self.new)} new"]
        if self.known:
            parts.append(f"{len(self.known)} duplicate{'s' * (len(self.known) > 1)}")
        if self.refused:
            parts.append(f"{len(self.refused)} invalid")
        return ", ".join(parts)

    @property
    def outcome(self) -> str:
        """ "Added 12, skipped 3 · line 7: no host" for after it was done."""
        text = f"Added {len(self.new)}"
        if self.known:
            text += f", skipped {len(self.known)}"
        problems = [*(told(refused) for refused in self.refused), *self.notes]
        if not problems:
            return text
        rest = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        return f"{text} · {problems[0]}{rest}"


def make_plan(parsed: ParsedLinks, known_urls: Collection[str]) -> Plan:
    """Sort links into new and known.

    Args:
        parsed: what the text holds.
        known_urls: addresses in the list, as they are shown.
    """
    new: list[Link] = []
    known: list[Link] = []
    refused = list(parsed.refused)
    seen: set[str] = set()
    for link in parsed.links:
        if problem := _checksum_problem(link):
            refused.append(Refused(0, link.url, problem))
            continue
        shown = redact(link.url)
        is_known = shown in known_urls or shown in seen
        (known if is_known else new).append(link)
        seen.add(shown)
    return Plan(tuple(new), tuple(known), tuple(refused), parsed.notes)


def _checksum_problem(link: Link) -> str:
    """Say what is wrong with the checksum that stands below a link, if anything."""
    try:
        if link.checksum:
            parse_checksum(link.checksum)
    except ValueError as error:
        return str(error)
    return ""


def told(refused: Refused) -> str:
    """Say which line was refused and why; 0 is no line but an option of a link."""
    reason = clean(refused.reason, 200)
    return f"line {refused.line_no}: {reason}" if refused.line_no else reason


def requests_for(plan: Plan, options: AddOptions) -> list[DownloadRequest]:
    """Make requests of the new links.

    Raises:
        ValueError: a checksum cannot be understood; the sentence says why.
    """
    is_single = len(plan.new) == 1
    checksum = parse_checksum(options.checksum) if options.checksum and is_single else None
    name = options.name or None if is_single else None
    return [_request(link, options, name, checksum) for link in plan.new]


def _request(
    link: Link, options: AddOptions, name: str | None, checksum: Checksum | None
) -> DownloadRequest:
    own_checksum = parse_checksum(link.checksum) if link.checksum else None
    return DownloadRequest(
        url=link.url,
        folder=_folder(link.folder, options.folder),
        name=name or link.name,
        mirrors=tuple(link.mirrors),
        headers=tuple(link.headers),
        credentials=link.credentials,
        checksum=checksum or own_checksum,
        on_conflict=options.on_conflict,
    )


def _folder(wanted: str | None, default: str) -> str:
    """A link's own folder is taken relative to the one for all."""
    if not wanted:
        return default
    return os.path.normpath(os.path.join(default, os.path.expanduser(wanted)))


def refused_text(plan: Plan) -> str:
    """The lines that stay in the box."""
    return "\n".join(refused.text for refused in plan.refused)


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One line of the preview.

    Attributes:
        kind: "new", "known", "refused" or "note".
        text: a name, or what is wrong; cleaned.
        note: the host, or the line it is about.
    """

    kind: str
    text: str
    note: str


def preview_rows(plan: Plan) -> Iterator[PreviewRow]:
    """Yield what happens to each link: what needs attention first, then what is new."""
    for refused in plan.refused:
        yield PreviewRow("refused", told(refused), clean(refused.text, 200))
    for note in plan.notes:
        yield PreviewRow("note", note, "")
    for link in plan.new:
        yield PreviewRow("new", link_name(link), host_of_link(link))
    for link in plan.known:
        yield PreviewRow("known", link_name(link), "already in the list")


def link_name(link: Link) -> str:
    """The name a link suggests: the one asked for, or the last part of its path."""
    if link.name:
        return clean(link.name, 300)
    path = link.url.partition("?")[0].partition("#")[0].partition("://")[2]
    return clean(path.rstrip("/").rpartition("/")[2] or path, 300)


def host_of_link(link: Link) -> str:
    """The host of a link, cleaned."""
    return clean(link.url.partition("://")[2].partition("/")[0].rpartition("@")[2], 100)
