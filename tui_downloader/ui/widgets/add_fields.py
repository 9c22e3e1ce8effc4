"""The fields behind "More" in the add dialog, which apply to all of its links."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Label, Static, TextArea

from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.links.link import Link, parse_connections
from tui_downloader.model.links.link_options import with_header
from tui_downloader.model.naming import typed_name
from tui_downloader.model.proxy import typed_proxy
from tui_downloader.model.start_times import parse_start, start_words
from tui_downloader.model.text import clean
from tui_downloader.model.units import parse_rate
from tui_downloader.store.paths import short_folder
from tui_downloader.ui.adding.editing import PROXY_EXPECTED, FieldError, read_field
from tui_downloader.ui.widgets.check import Check
from tui_downloader.ui.widgets.folder_input import FolderInput
from tui_downloader.ui.widgets.link_box import LinesBox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from tui_downloader.model.proxy import Proxy
    from tui_downloader.ui.adding.adding import AddOptions, Header


_ONE_LINK = "one link only"


class AddFields(VerticalScroll, can_focus=False):
    """Shows the fields, and explains each value while it is typed.

    Args:
        options: what holds unless something else is typed.
        last_folders: folders used before, absolute, the latest first.
        rate: writes a speed.
    """

    def __init__(
        self,
        widget_id: str,
        options: AddOptions,
        last_folders: Sequence[str],
        rate: Callable[[float], str],
    ) -> None:
        super().__init__(id=widget_id)
        self._options = options
        self._rate = rate
        self._offers = [
            short_folder(folder) for folder in dict.fromkeys((options.folder, *last_folders))
        ]

    def compose(self) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Label("Folder", markup=False)
            yield FolderInput("folder", self._offers, self._options.folder)
            yield Static(self._folder_keys, id="folder-hint", classes="hint", markup=False)
        yield from _row("name", "Name", _ONE_LINK)
        yield from _row("checksum", "Checksum", f"sha256:HEX, {_ONE_LINK}")
        with Horizontal(classes="field pair"):
            yield Label("Connections", markup=False)
            yield Input(id="connections", placeholder="automatic", classes="short", compact=True)
            yield Label("Speed limit", markup=False)
            yield Input(id="limit", placeholder="e.g. 2M", classes="short", compact=True)
            yield Static("", id="limit-hint", classes="hint", markup=False)
        yield from _row("start", "Start at", "now, or 02:00, tomorrow 02:00, in 2h")
        with Horizontal(id="headers-row", classes="field"):
            yield Label("Headers", markup=False)
            yield LinesBox("headers")
        with Horizontal(classes="field pair"):
            yield Label("User", markup=False)
            yield Input(id="user", placeholder="none", compact=True)
            yield Label("Password", markup=False)
            yield Input(id="password", placeholder="none", password=True, compact=True)
        yield from _row("proxy", "Proxy", PROXY_EXPECTED)
        with Horizontal(classes="checks"):
            yield Check("start paused", id="paused", compact=True)
            yield Check("put first", id="first", compact=True)

    @property
    def _folder_keys(self) -> str:
        return f"down: {self._offers[1]}" if len(self._offers) > 1 else "tab completes"

    @property
    def is_composed(self) -> bool:
        """Every field exists: the text may be examined while they are still being created."""
        return bool(self.query("#first"))

    @property
    def folder(self) -> str:
        """The typed folder, absolute; "" and relative paths are resolved against the default."""
        typed = os.path.expanduser(self._value("folder"))
        return os.path.normpath(os.path.join(self._options.folder, typed))

    @property
    def file_name(self) -> str:
        """The name for a single link; "" if the typed text cannot be one."""
        try:
            return typed_name(self._value("name"))
        except ValueError:
            return ""

    @property
    def proxy(self) -> Proxy | None:
        """The proxy for all links; None if the typed text is none."""
        try:
            return self._proxy()
        except FieldError:
            return None

    def options(self) -> AddOptions:
        """Return what the user wants.

        Raises:
            FieldError: a field holds what cannot be.
        """
        user, password = self._value("user"), self.query_one("#password", Input).value
        return replace(
            self._options,
            folder=self.folder,
            name=self._wanted_name(),
            checksum=self._checksum(),
            connections=self._connections(),
            limit_bytes_per_s=self._limit(),
            headers=self._headers(),
            start_at=self._start(),
            credentials=(user, password) if user or password else None,
            proxy=self._proxy(),
            is_paused=self.query_one("#paused", Check).value,
            is_first=self.query_one("#first", Check).value,
        )

    def for_links(self, count: int) -> None:
        """Disable the fields that are for a single link when there are several."""
        for field_id in ("name", "checksum"):
            self.query_one(f"#{field_id}", Input).disabled = count > 1
        self._tell_name()
        self._tell_checksum()

    def _value(self, field_id: str) -> str:
        return self.query_one(f"#{field_id}", Input).value.strip()

    def _wanted_name(self) -> str:
        field = self.query_one("#name", Input)
        return "" if field.disabled else read_field("name", typed_name, field.value)

    def _checksum(self) -> str:
        field = self.query_one("#checksum", Input)
        typed = "" if field.disabled else field.value.strip()
        if typed:
            read_field("checksum", parse_checksum, typed)
        return typed

    def _connections(self) -> int:
        return read_field("connections", parse_connections, self._value("connections"))

    def _limit(self) -> int | None:
        return read_field("limit", parse_rate, self._value("limit"))

    def _start(self) -> float | None:
        return read_field(
            "start", lambda text: parse_start(text, time.time()), self._value("start")
        )

    def _proxy(self) -> Proxy | None:
        return read_field("proxy", typed_proxy, self._value("proxy"))

    def _headers(self) -> tuple[Header, ...]:
        link = Link("")
        for line in self.query_one("#headers", TextArea).text.splitlines():
            if line.strip():
                link = read_field("headers", partial(with_header, link), line)
        return link.headers

    # What each field means, while it is typed.

    @on(Input.Changed, "#folder")
    def _tell_folder_keys(self) -> None:
        self._tell("folder", self._folder_keys)

    @on(FolderInput.Ambiguous)
    def _tell_folders(self, event: FolderInput.Ambiguous) -> None:
        self._tell("folder", "  ".join(clean(name) for name in event.choices))

    @on(Input.Changed, "#name")
    def _tell_name(self) -> None:
        try:
            name = self._wanted_name()
        except FieldError:
            self._tell("name", "no usable name", is_error=True)  # all of it has no room
        else:
            is_as_typed = not name or name == self._value("name")
            self._tell("name", self._unused("name") or ("" if is_as_typed else f"will be {name}"))

    @on(Input.Changed, "#checksum")
    def _tell_checksum(self) -> None:
        try:
            typed = self._checksum()
        except FieldError as error:
            self._tell("checksum", str(error), is_error=True)
        else:
            words = parse_checksum(typed).algorithm if typed else ""
            self._tell("checksum", self._unused("checksum") or words)

    @on(Input.Changed, "#connections")
    @on(Input.Changed, "#limit")
    def _tell_limits(self) -> None:
        try:
            self._connections()
            limit = self._limit()
        except FieldError as error:
            self._tell("limit", str(error), is_error=True)
        else:
            self._tell("limit", "" if limit is None else f"{self._rate(limit)} each")

    @on(Input.Changed, "#start")
    def _tell_start(self) -> None:
        try:
            start_at = self._start()
        except FieldError:
            self._tell("start", "no time to come", is_error=True)  # all of it has no room
        else:
            self._tell("start", "" if start_at is None else start_words(start_at, time.time()))

    @on(Input.Changed, "#proxy")
    def _tell_proxy(self) -> None:
        try:
            proxy = self._proxy()
        except FieldError:
            self._tell("proxy", "no usable proxy", is_error=True)  # all of it has no room
        else:
            self._tell("proxy", "" if proxy is None or proxy.url else "not the environment's")

    def _unused(self, field_id: str) -> str:
        """Say why the text of a field is ignored; "" when it is used."""
        is_unused = self.query_one(f"#{field_id}", Input).disabled and self._value(field_id)
        return _ONE_LINK if is_unused else ""

    def _tell(self, field_id: str, words: str, *, is_error: bool = False) -> None:
        hint = self.query_one(f"#{field_id}-hint", Static)
        hint.set_class(is_error, "-error")
        hint.update(words)


def _row(field_id: str, title: str, placeholder: str) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Label(title, markup=False)
        yield Input(id=field_id, placeholder=placeholder, compact=True)
        yield Static("", id=f"{field_id}-hint", classes="hint", markup=False)
