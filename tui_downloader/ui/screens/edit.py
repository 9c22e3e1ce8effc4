"""Edits a download: name, folder, limit, connections, headers, login, proxy, trust.

Of a finished one only name and folder are left to edit: nothing is asked of a server any more.
"""

from __future__ import annotations

import os
import time
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Button, Input, Label, Static, TextArea

from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.edits import name_wanted
from tui_downloader.model.errors import TlsError, code_of
from tui_downloader.model.links.addresses import host_of, is_secure, origin_of
from tui_downloader.model.text import clean
from tui_downloader.store.folders import problem_with_folder
from tui_downloader.ui.adding.editing import (
    PROXY_EXPECTED,
    FieldError,
    Fields,
    edited,
    fields_of,
)
from tui_downloader.ui.background import begin, in_thread, is_closed
from tui_downloader.ui.screens.form import Form
from tui_downloader.ui.widgets.box import Box
from tui_downloader.ui.widgets.check import Check
from tui_downloader.ui.widgets.folder_input import FolderInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from tui_downloader.model.errors import Failure

# The keys that work in a field; enter has another meaning where there are several lines.
_HINTS = ("enter saves · tab move · esc back", "enter saves · esc back")
_HINTS_OF = {
    TextArea: ("F2 saves · tab move · esc back", "F2 saves · esc back"),
    Check: ("space ticks · enter saves · tab move · esc back", "space ticks · enter saves"),
}
_LONGEST_HOST = 120
_ALSO_TRUSTED = "for all of its links here, and for new ones until you quit"
# The field that mends a failure has the focus at first.
_MENDED_BY = {
    "auth": "user",
    "disk-full": "folder",
    "permission": "folder",
    "disk": "folder",
}


class EditScreen(Form[DownloadRequest | None]):
    """Returns the edited request, None when it stays.

    Args:
        request: what was asked for.
        name: the file's name of now, cleaned.
        failure: what stopped it, None for nothing.
        owner: says which download has a path for its file already, "" for none.
        title: stands above it.
        is_finished: all of the file is here.
        first: the field that has the focus at first, "" for the one that mends the failure.
    """

    CSS_PATH = "edit.tcss"

    def __init__(
        self,
        request: DownloadRequest,
        name: str,
        failure: Failure | None = None,
        owner: Callable[[str], str] = lambda _: "",
        *,
        title: str = "Edit",
        is_finished: bool = False,
        first: str = "",
    ) -> None:
        super().__init__()
        self._heading = title
        self._owner = owner
        self._is_finished = is_finished
        self._request = request
        self._before = fields_of(request, name, time.time())
        self._hosts = _hosts_to_trust(request, failure)
        mended_by = _MENDED_BY | ({TlsError.code: "unproven-0"} if self._hosts else {})
        self._first = first or mended_by.get(code_of(failure), "name")

    def compose(self) -> ComposeResult:
        shown = self._before
        with Box("edit", self._heading, *_HINTS):
            yield from _field("name", "Name", shown.name)
            folder = FolderInput("folder", (shown.folder,), self._request.folder)
            yield from _row("Folder", folder)
            if not self._is_finished:
                yield from self._transfer_fields()
            yield Static("", id="edit-problem", markup=False)
            with Horizontal(id="edit-buttons"):
                yield Button("Save  F2", variant="primary", id="save", compact=True)

    def _transfer_fields(self) -> ComposeResult:
        """The fields about when and how it is fetched."""
        shown = self._before
        yield from _field("limit", "Speed limit", shown.limit, "none")
        yield from _field("connections", "Connections", shown.connections, "automatic")
        yield from _field("start", "Start at", shown.start, "now, or 02:00, in 2h")
        yield from _field("user", "User", shown.user)
        yield from _field("password", "Password", shown.password, is_secret=True)
        yield from _field("proxy", "Proxy", shown.proxy, PROXY_EXPECTED)
        with Horizontal(classes="headers"):
            yield Label("Headers", markup=False)
            yield TextArea(shown.headers, id="headers", soft_wrap=False, compact=True)
        yield from self._trust_fields()

    def _trust_fields(self) -> ComposeResult:
        """A box for each host that may have to be believed, that of the failure first."""
        ticked = set(map(origin_of, self._before.unproven))
        for number, host in enumerate(self._hosts):
            words = Content(f"accept any certificate of {clean(host_of(host), _LONGEST_HOST)}")
            yield Check(words, origin_of(host) in ticked, id=f"unproven-{number}", compact=True)
        if self._hosts:
            yield Static(_ALSO_TRUSTED, id="trust-hint", markup=False)

    def on_mount(self) -> None:
        self.query_one(f"#{self._first}").focus()

    def on_descendant_focus(self) -> None:
        """Show which key saves: among the headers, enter begins a new line."""
        own = (hints for kind, hints in _HINTS_OF.items() if isinstance(self.focused, kind))
        self.query_one("#edit", Box).tell(*next(own, _HINTS))

    @property
    def _fields(self) -> Fields:
        def text(field: str) -> str:
            return self.query_one(f"#{field}", Input).value

        place = self._before._replace(name=text("name"), folder=text("folder"))
        if self._is_finished:
            return place
        return place._replace(
            start=text("start"),
            limit=text("limit"),
            connections=text("connections"),
            headers=self.query_one("#headers", TextArea).text,
            user=text("user"),
            password=text("password"),
            proxy=text("proxy"),
            unproven=self._unproven,
        )

    @property
    def _unproven(self) -> tuple[str, ...]:
        boxes = zip(self._hosts, self.query(Check), strict=True)
        origins = set(map(origin_of, self._hosts))
        unboxed = [host for host in self._before.unproven if origin_of(host) not in origins]
        return (*unboxed, *(host for host, box in boxes if box.value))

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _check(self) -> None:
        """Show errors while the user types, and what a name turns into."""
        try:
            wanted = self._wanted()
        except FieldError as error:
            self._say(str(error), is_error=True)
        else:
            name = wanted.name or ""
            is_as_typed = name in (self._request.name, self._fields.name.strip())
            self._say("" if is_as_typed or not name else f"the name will be {name}")

    def _wanted(self) -> DownloadRequest:
        """Return the edited request.

        Raises:
            FieldError: one of them makes no sense.
        """
        return edited(self._request, self._before, self._fields, time.time())

    def _say(self, words: str, *, is_error: bool = False) -> None:
        problem = self.query_one("#edit-problem", Static)
        problem.set_class(is_error, "-error")
        problem.update(words)

    def action_submit(self) -> None:
        """Save the fields."""
        try:
            wanted = self._wanted()
        except FieldError as error:
            self._refuse(error.field, str(error))
        else:
            name = self._before.name
            path = os.path.join(wanted.folder, name_wanted(self._request, wanted, name))
            if path != os.path.join(self._request.folder, name):
                begin(self, partial(self._save_there, wanted, path), group="save", exclusive=True)
            else:
                self.dismiss(wanted if wanted != self._request else None)

    async def _save_there(self, wanted: DownloadRequest, path: str) -> None:
        """Refuse a path that the file cannot have before anything changes. The disk may be slow."""
        name = os.path.basename(path)
        if owner := self._owner(path):
            self._refuse("name", f"{owner} has the name {name}")
            return
        problem = ""
        if wanted.folder != self._request.folder:
            problem = await in_thread(problem_with_folder, wanted.folder)
        is_taken = not problem and await in_thread(os.path.lexists, path)
        if is_closed(self):
            return
        if problem:
            self._refuse("folder", problem)
        elif is_taken:
            self._refuse("name", f"{name} exists there; choose another name")
        else:
            self.dismiss(wanted)

    def _refuse(self, field: str, problem: str) -> None:
        self._say(problem, is_error=True)
        self.query_one(f"#{field}").focus()


def _hosts_to_trust(request: DownloadRequest, failure: Failure | None) -> list[str]:
    """Return of which hosts any certificate may be accepted, that of the failure first."""
    own = (request.url,) if is_secure(request.url) else ()
    failed_at = () if failure is None or not failure.origin else (failure.origin,)
    hosts = {origin_of(host): host for host in (*failed_at, *own, *request.trusted)}
    return list(hosts.values())


def _field(
    field_id: str, title: str, value: str, empty: str = "", *, is_secret: bool = False
) -> ComposeResult:
    field = Input(value, placeholder=empty, password=is_secret, id=field_id, compact=True)
    yield from _row(title, field)


def _row(title: str, field: Input) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Label(title, markup=False)
        yield field
