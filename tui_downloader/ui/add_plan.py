"""What a text of links means for the queue: what is new, what is there already, what is no link.

Pure but for the question how large a file on the disk is, asked of whoever knows. Nothing changes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.link import Refused
from tui_downloader.model.naming import choose_name, free_name, split_ending
from tui_downloader.model.text import clean
from tui_downloader.model.units import counted
from tui_downloader.store.link_requests import folder_of
from tui_downloader.ui.bulk import received_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui_downloader.model.link import Link, ParsedLinks
    from tui_downloader.ui.listed import Listed

_PROGRAMS = frozenset({".php", ".asp", ".aspx", ".jsp", ".cgi", ".pl", ".do", ".ashx"})


class Duplicates(Enum):
    """What to do with links that are in the list, or whose file exists."""

    SKIP = "skip"
    RENAME = "rename"
    REPLACE = "replace"
    RENEW = "renew"  # a new address for what failed; everything else is skipped


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
        file_bytes: of the finished file that is replaced when this is; 0 for none.
    """

    link: Link
    download_id: int
    is_same_url: bool = True
    kept_bytes: int | None = None
    name: str = ""
    new_name: str = ""
    file_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What adding a text would do.

    Attributes:
        new: links that are not in the list.
        known: links that are, by their address or by the file that they become.
        existing: links whose file is on the disk. existing_bytes: of these files.
        repeated: links that stand in the text before, to go to the same place.
        refused: lines without a usable link.
        notes: what was left out, as sentences.
    """

    new: tuple[Link, ...] = ()
    known: tuple[Known, ...] = ()
    existing: tuple[Link, ...] = ()
    existing_bytes: int = 0
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
    def replaced_bytes(self) -> int:
        """How many bytes on the disk go when everything that is there is replaced."""
        return self.existing_bytes + sum(each.file_bytes for each in self.known)

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
        new = in_order(self.new, others, self.existing)
        return replace(self, new=new, known=known, existing=(), existing_bytes=0)

    @property
    def links(self) -> int:
        """How many different links there are."""
        return len(self.new) + len(self.known) + len(self.existing)

    @property
    def total(self) -> str:
        """ "12 new, 3 duplicates, 1 invalid"."""
        parts = [f"{len(self.new)} new"]
        if self.duplicates:
            parts.append(counted(self.duplicates, "duplicate"))
        if self.refused:
            parts.append(f"{len(self.refused)} invalid")
        return ", ".join(parts)

    def done(self, duplicates: Duplicates) -> str:
        """ "Added 1, replaced 2": what an undo takes back."""
        there = len(self.known) + len(self.existing)
        counts = {
            "added": len(self.new) + (there if duplicates is Duplicates.RENAME else 0),
            "replaced": there if duplicates is Duplicates.REPLACE else 0,
            "new address for": self._renewed(duplicates),
        }
        words = ", ".join(f"{word} {n}" for word, n in counts.items() if n) or "added 0"
        return words[:1].upper() + words[1:]

    def _renewed(self, duplicates: Duplicates) -> int:
        return len(self.renewable) if duplicates is Duplicates.RENEW else 0

    def _skipped(self, duplicates: Duplicates) -> int:
        """How many links are left out because they are there already."""
        if duplicates not in (Duplicates.SKIP, Duplicates.RENEW):
            return len(self.repeated)
        return self.duplicates - self._renewed(duplicates)

    def outcome(
        self, add_key: str, duplicates: Duplicates = Duplicates.SKIP, where: str = ""
    ) -> str:
        """ "Added 12, skipped 3, 1 line not understood · a shows it" for after it was done.

        Args:
            add_key: opens the dialog, where the lines without a link are.
            where: which keys show what was added, behind a dot; "" where it is in sight.
        """
        text = self.done(duplicates)
        if skipped := self._skipped(duplicates):
            text += f", skipped {skipped}"
        text += where
        if left := len(self.refused):
            lines, them = ("line", "it") if left == 1 else ("lines", "them")
            text += (
                f"{' · ' if where else ', '}{left} {lines} not understood · {add_key} shows {them}"
            )
        if self.notes:
            rest = f" and {len(self.notes) - 1} more" if len(self.notes) > 1 else ""
            text += f" · {self.notes[0]}{rest}"
        return text


def in_order(*groups: Iterable[Link]) -> tuple[Link, ...]:
    """Return links as they stand in the text."""
    return tuple(sorted(chain(*groups), key=lambda link: link.line_no))


def make_plan(
    parsed: ParsedLinks,
    listed: Listed,
    folder: str,
    size_of: Callable[[str], int | None] = lambda _: None,
) -> Plan:
    """Sort links into new and known.

    Args:
        parsed: what the text holds.
        listed: what the list holds.
        folder: where files go unless a link says otherwise.
        size_of: tells how large a file on the disk is, None when there is none; may block.
    """
    new: list[Link] = []
    known: list[Known] = []
    existing: list[Link] = []
    existing_bytes = 0
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
        found = _found(link, listed, folder, size_of)
        if isinstance(found, Known):
            known.append(found)
        elif found is None:
            new.append(link)
        else:
            existing.append(link)
            existing_bytes += found
    refused.sort(key=lambda each: each.line_no)
    return Plan(
        tuple(new),
        tuple(known),
        tuple(existing),
        existing_bytes,
        tuple(repeated),
        tuple(refused),
        parsed.notes,
    )


def _asked_for(link: Link, listed: Listed) -> tuple[str, str | None, str | None]:
    """What makes a link another one than those before it: its address, and where it is to go.

    Of an address that is in the list already there is one question only.
    """
    is_listed = listed.by_url(link.url) is not None
    return (link.url, None, None) if is_listed else (link.url, link.name, link.folder)


def _found(
    link: Link, listed: Listed, folder: str, size_of: Callable[[str], int | None]
) -> Known | int | None:
    """Look for a link in the list; else return the size of its file on the disk."""
    if (download_id := listed.by_url(link.url)) is not None:
        return Known(link, download_id, file_bytes=_finished_bytes(download_id, listed, size_of))
    target, name = _target_of(link, folder)
    if not name:
        return None
    if (failed := listed.failed(target, name)) is not None:
        kept = received_bytes(failed)
        return Known(link, failed.download_id, is_same_url=False, kept_bytes=kept, name=name)
    if (download_id := listed.by_path(target, name)) is not None:

        def is_taken(other: str) -> bool:
            is_listed = listed.by_path(target, other) is not None
            return is_listed or size_of(os.path.join(target, other)) is not None

        return Known(
            link,
            download_id,
            is_same_url=False,
            name=name,
            new_name=free_name(name, is_taken),
            file_bytes=_finished_bytes(download_id, listed, size_of),
        )
    return size_of(os.path.join(target, name))


def _finished_bytes(download_id: int, listed: Listed, size_of: Callable[[str], int | None]) -> int:
    path = listed.finished_path(download_id)
    return (path and size_of(path)) or 0


def _target_of(link: Link, folder: str) -> tuple[str, str]:
    """Return the folder of a link's file, and its name as far as the link tells it; else ""."""
    name = choose_name(wanted=link.name, disposition=None, final_url=link.url, first_url="")
    # What ends like a program of the server (`get?id=1`) has its name from the answer.
    ending = split_ending(name)[1].lower()
    is_told = link.name or (ending and ending not in _PROGRAMS)
    return folder_of(link, folder), name if is_told else ""


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


def refused_text(plan: Plan) -> str:
    """The lines that stay for the next time."""
    return "\n".join(refused.text for refused in plan.refused)
