"""Asks for another address of the same file; its bytes are kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from textual.widgets import Input, Static

from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.text import clean, clean_lines
from tui_downloader.ui.adding.editing import read_link, with_link
from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.widgets.box import Box

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Paste

# A line may go on in the next one: bash, cmd and PowerShell each have a sign for that.
_LINE_BREAK = re.compile(r"[ \t]*[\\^`]?\n\s*")


_LONGEST_HOST = 120


class AddressInput(Input):
    """A field for an address, or for a command of several lines that contains one."""

    def on_paste(self, event: Paste) -> None:
        """Take all pasted lines as one; the base class would take only the first."""
        event.stop()
        event.prevent_default()
        self.replace(_LINE_BREAK.sub(" ", clean_lines(event.text).strip()), *self.selection)


def _why_that(led_to: str) -> str:
    """Say what the address in the field is, and how its server gets a login."""
    host = clean(host_of(led_to), _LONGEST_HOST)
    # What signs a link stands there.
    expires = ", which may expire" if "?" in led_to else ""
    return f"it leads to this address{expires}; {host} gets user and password once that is taken"


class NewUrlScreen(Dialog[DownloadRequest | None]):
    """Returns the request for the new address, None when the old one stays.

    Args:
        request: what was asked for.
        name: the file's name, cleaned.
        kept: how much of it is here, in words; "" for nothing.
        title: stands above it.
        led_to: where the address leads, which asks for a login of its own; "" for nothing that is
            known. It is there to be taken.
    """

    CSS_PATH = "field.tcss"

    def __init__(
        self, request: DownloadRequest, name: str, kept: str, title: str, led_to: str = ""
    ) -> None:
        super().__init__()
        self._request = request
        self._file = name
        self._kept = kept
        self._heading = title
        self._led_to = led_to

    def compose(self) -> ComposeResult:
        kept = f"{self._kept} stay if the file is the same" if self._kept else "nothing is here yet"
        with Box("field-box", self._heading, "enter takes it · esc back"):
            yield Static(f"{self._file} · {kept}", classes="line", markup=False)
            yield Static(f"now {clean(self._request.url, 400)}", classes="line old", markup=False)
            if self._led_to:
                yield Static(_why_that(self._led_to), classes="line", markup=False)
            yield AddressInput(
                self._led_to,
                placeholder="paste the new address, or a curl command",
                id="field",
                compact=True,
            )
            yield Static("", id="field-problem", markup=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        try:
            if event.value.strip():
                read_link(event.value)
        except ValueError as error:
            self._say(str(error))
        else:
            self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            wanted = with_link(self._request, read_link(event.value))
        except ValueError as error:
            self._say(str(error))
        else:
            self.dismiss(wanted)

    def _say(self, problem: str) -> None:
        self.query_one("#field-problem", Static).update(problem)
