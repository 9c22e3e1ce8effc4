"""What the preview of the add dialog says about each link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, overload

from tui_downloader.model.links.addresses import EXCERPT, host_of
from tui_downloader.model.links.link import Link, Refused
from tui_downloader.model.naming import FALLBACK, choose_name
from tui_downloader.model.text import clean, redact
from tui_downloader.model.units import counted
from tui_downloader.ui.adding.add_plan import KnownLink, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tui_downloader.model.proxy import Proxy
    from tui_downloader.ui.adding.add_plan import Plan

_LONGEST = 300
_SECRETS = ("cookie", "authorization")
_WORDS = {"exists": "file exists", "repeated": "twice in this text"}


class PreviewRow(NamedTuple):
    """One line of the preview.

    Attributes:
        kind: "new", "known", "exists", "repeated", "refused" or "note".
        text: a name, or what is wrong; cleaned.
        note: the host, or what is the matter.
        briefer: shorter forms of the note, for where it has no room.
        download_id: where it is in the list; None when it is not.
        line_no: which line it is about that makes no sense, from 1; 0 for none.
    """

    kind: str
    text: str
    note: str
    download_id: int | None = None
    line_no: int = 0
    briefer: tuple[str, ...] = ()

    @property
    def leads_somewhere(self) -> bool:
        """Enter has something to go to."""
        return self.download_id is not None or bool(self.line_no)


class PreviewRows(Sequence[PreviewRow]):
    """The rows of a plan: what needs attention first, then what is new.

    Rows are made when they are looked at, as a paste may hold thousands.

    Args:
        way: the keys that go to what is in the list, "" for none.
        dot: stands between facts.
        renewing: the key for what may be a new address.
        size_of: says how large a link is, "" when nobody has asked.
        proxy: for all links, instead of their own; None leaves it to each.
    """

    def __init__(
        self,
        plan: Plan,
        way: str = "",
        dot: str = " · ",
        size_of: Callable[[Link], str] = lambda _: "",
        renewing: str = "F2 asks",
        proxy: Proxy | None = None,
    ) -> None:
        self._way = way
        self._dot = dot
        self._size_of = size_of
        self._renewing = renewing
        self._proxy = proxy
        self._names = plan.names
        self._items: list[tuple[str, Refused | str | KnownLink | Link]] = [
            *(("refused", refused) for refused in plan.refused),
            *(("note", note) for note in plan.notes),
            *(("known", known) for known in plan.known),
            *(("exists", link) for link in plan.existing),
            *(("repeated", link) for link in plan.repeated),
            *(("new", link) for link in plan.new),
        ]

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> PreviewRow: ...
    @overload
    def __getitem__(self, place: slice) -> list[PreviewRow]: ...
    def __getitem__(self, place: int | slice) -> PreviewRow | list[PreviewRow]:
        if isinstance(place, slice):
            return [self._row(*item) for item in self._items[place]]
        return self._row(*self._items[place])

    def _row(self, kind: str, item: Refused | str | KnownLink | Link) -> PreviewRow:
        if isinstance(item, Refused):
            return _refused_row(item)
        if isinstance(item, str):
            return PreviewRow(kind, clean(item, _LONGEST), "")
        if isinstance(item, KnownLink):
            words, *briefer = self._known_words(item)
            name = link_name(item.link)
            return PreviewRow(kind, name, words, item.download_id, briefer=tuple(briefer))
        name = clean(self._names.get(item, "")) or link_name(item)
        if kind in _WORDS:
            return PreviewRow(kind, name, _WORDS[kind])
        words, *briefer = self._new_words(item)
        return PreviewRow(kind, name, words, briefer=tuple(briefer))

    def _known_words(self, known: KnownLink) -> tuple[str, ...]:
        """Say what stands in the way of a link, and the key that helps; shorter forms follow."""
        if known.kept_bytes is not None:
            long, short, key = "name of a failed download", "failed", self._renewing
        elif not known.is_same_url:
            long, short, key = "same name in list", "same name", "F2 asks"
        elif self._way:
            return f"already in list ({self._way} goes there)", "already in list", "in list"
        else:
            return "already in list", "in list"
        return f"{long}{self._dot}{key}", f"{short}{self._dot}{key}", key

    def _new_words(self, link: Link) -> tuple[str, ...]:
        """Say what is known of a link; the shorter form does not count its other headers."""
        asked = link if self._proxy is None else replace(link, proxy=self._proxy)
        size, host = self._size_of(link), clean(host_of(link.url), 100)
        told = [extras(asked), extras(replace(asked, headers=_secret(asked.headers)))]
        forms = (self._dot.join(filter(None, (size, *each, host))) for each in told)
        return tuple(dict.fromkeys(forms))


def _refused_row(refused: Refused) -> PreviewRow:
    """The row of a line without a link; its text is not repeated if the reason quotes it."""
    text = clean(refused.text[:_LONGEST], _LONGEST)
    excerpt = clean(redact(refused.text), EXCERPT)
    reason = told(refused).removesuffix(f": {excerpt}")
    note = "" if excerpt in reason else text
    return PreviewRow("refused", reason, note, line_no=refused.line_no)


def extras(link: Link) -> Iterator[str]:
    """Name the options of a link; secrets are counted, never shown."""
    names = [name.lower() for name, _ in link.headers]
    secrets = [name for name in _SECRETS if name in names]
    others = len(names) - len(secrets)
    if link.folder:
        yield f"into {clean(link.folder, 60)}"
    if link.mirrors:
        yield counted(len(link.mirrors), "mirror")
    if others:
        yield counted(others, "header")
    yield from (f"{name} ***" for name in secrets)
    if link.credentials is not None:
        yield "login ***"
    if link.proxy is not None:
        login = " with login ***" if link.proxy.credentials is not None else ""
        yield f"via proxy {link.proxy.place}{login}" if link.proxy.url else "via no proxy"
    if link.checksum:
        yield "checksum"
    if link.insecure:
        yield "any certificate"


def _secret(headers: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(each for each in headers if each[0].lower() in _SECRETS)


def link_name(link: Link) -> str:
    """The file name that a link tells, else the most telling part of it."""
    url = link.url
    name = choose_name(wanted=link.name, disposition=None, final_url=url, first_url=url)
    if name == FALLBACK:
        path = url.partition("?")[0].partition("#")[0].partition("://")[2]
        name = path.rstrip("/").rpartition("/")[2] or path
    return clean(name, _LONGEST)
