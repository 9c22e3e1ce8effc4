"""What adding a text of links would do: what is new, what exists already, what is no link.

Pure; made by `planning`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.text import clean
from tui_downloader.model.units import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tui_downloader.model.links.link import Link, Refused


_NOTHING_DONE = "Added 0"


class Duplicates(Enum):
    """What to do with links that are in the list already, or whose file exists."""

    SKIP = "skip"
    RENAME = "rename"
    REPLACE = "replace"
    RENEW = "renew"  # a new address for what failed; everything else is skipped


class KnownLink(NamedTuple):
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
        new: links that are not in the list. folders: where they go, each once, as the text has it.
        names: of new links that get another name than their own, as one before them has it.
        known: links that are, by their address or by the file that they become.
        lost: those that are by their address, and are fetched again unasked: their file has gone.
        existing: links whose file is on the disk. existing_bytes: of these files. free_name: that
            the first of them gets when it is added besides.
        first_path: of the first file that is there by the address of its link, or on the disk.
        beside: those of both whose file is that of another one; it can be replaced only once, and
            they are added besides then.
        repeated: links that stand in the text before, to go to the same place.
        refused: lines without a usable link.
        notes: what was left out, as sentences.
    """

    new: tuple[Link, ...] = ()
    folders: tuple[str, ...] = ()
    names: Mapping[Link, str] = field(default_factory=dict)
    known: tuple[KnownLink, ...] = ()
    lost: tuple[KnownLink, ...] = ()
    existing: tuple[Link, ...] = ()
    existing_bytes: int = 0
    free_name: str = ""
    first_path: str = ""
    beside: frozenset[Link] = frozenset()
    repeated: tuple[Link, ...] = ()
    refused: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def duplicates(self) -> int:
        """How many links exist already."""
        return len(self.known) + len(self.existing) + len(self.repeated)

    @property
    def is_question(self) -> bool:
        """The user has to decide about links that exist already."""
        return bool(self.known or self.existing)

    @property
    def replaced_bytes(self) -> int:
        """Size of the files on disk that would be replaced."""
        of_list = {each.download_id: each.file_bytes for each in self.known}
        return self.existing_bytes + sum(of_list.values())

    @property
    def renewable(self) -> dict[int, KnownLink]:
        """Failed downloads, by id, with the first link that may be their new address."""
        found: dict[int, KnownLink] = {}
        for each in self.known:
            if each.kept_bytes is not None:
                found.setdefault(each.download_id, each)
        return found

    @property
    def is_renewal(self) -> bool:
        """All that there is to ask about are new addresses, one for each failed download."""
        return bool(self.known) and not self.existing and len(self.renewable) == len(self.known)

    def unasked(self, lost: Collection[int] = ()) -> Plan:
        """The same plan without a question: only links listed by their address are left out.

        Args:
            lost: ids of those whose finished file is not there any more: these are fetched again.
        """
        listed = [each for each in self.known if each.is_same_url]
        known = tuple(each for each in listed if each.download_id not in lost)
        again = tuple(each for each in listed if each.download_id in lost)
        others = tuple(each.link for each in self.known if not each.is_same_url)
        new = in_order(self.new, others, self.existing)
        return replace(
            self,
            new=new,
            known=known,
            lost=again,
            existing=(),
            existing_bytes=0,
            beside=frozenset(),
        )

    @property
    def links(self) -> int:
        """How many different links there are."""
        return len(self.new) + len(self.known) + len(self.lost) + len(self.existing)

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
        there, beside = len(self.known) + len(self.existing), len(self.beside)
        more = {Duplicates.RENAME: there, Duplicates.REPLACE: beside}
        counts = {
            "added": len(self.new) + more.get(duplicates, 0),
            "replaced": there - beside if duplicates is Duplicates.REPLACE else 0,
            "new address for": self._renewed(duplicates),
            "restarted": len(self.lost),
        }
        words = ", ".join(f"{word} {n}" for word, n in counts.items() if n)
        return words[:1].upper() + words[1:] or _NOTHING_DONE

    def _renewed(self, duplicates: Duplicates) -> int:
        return len(self.renewable) if duplicates is Duplicates.RENEW else 0

    def _skipped(self, duplicates: Duplicates) -> int:
        """How many links are left out because they exist already."""
        if duplicates not in (Duplicates.SKIP, Duplicates.RENEW):
            return len(self.repeated)
        return self.duplicates - self._renewed(duplicates)

    def outcome(
        self, add_key: str, duplicates: Duplicates = Duplicates.SKIP, where: str = ""
    ) -> str:
        """Say what was done: "Added 12, skipped 3, 1 line not understood · a shows it".

        Args:
            add_key: opens the dialog, where the lines without a link are.
            where: which keys show what was added, behind a dot; "" where it is in sight.
        """
        text, skipped = self.done(duplicates), self._skipped(duplicates)
        if skipped and text == _NOTHING_DONE:
            text = f"Nothing added: {skipped} {'is' if skipped == 1 else 'are'} there already"
        elif skipped:
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
    """Return links in the order of the text."""
    return tuple(sorted(chain(*groups), key=lambda link: link.line_no))


def told(refused: Refused) -> str:
    """Say which line was refused, and why."""
    reason = clean(refused.reason, 200)
    return f"line {refused.line_no}: {reason}" if refused.line_no else reason


def refused_text(plan: Plan) -> str:
    """The refused lines, which stay in the box."""
    return "\n".join(refused.text for refused in plan.refused)
