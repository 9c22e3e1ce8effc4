"""The dialog that adds links: a box, what each line would do, and what is wanted for all."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Label, Static, TextArea

from tui_downloader.model.links import parse_links
from tui_downloader.ui.adding import (
    AddOptions,
    Plan,
    make_plan,
    preview_rows,
    refused_text,
    requests_for,
)
from tui_downloader.ui.bars import short_folder
from tui_downloader.ui.widgets.check import Check
from tui_downloader.ui.widgets.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.ui.glyphs import Glyphs

_PREVIEW_AFTER_S = 0.15


@dataclass(frozen=True, slots=True)
class AddWish:
    """What the user wants added.

    Attributes:
        requests: the new downloads.
        plan: what they come from, for the message afterwards.
        options: what holds for all of them.
    """

    requests: list[DownloadRequest]
    plan: Plan
    options: AddOptions


class AddScreen(ModalScreen[str]):
    """Asks for links; returns the text to keep for the next time.

    Args:
        text: what the box holds at first.
        options: what the fields hold at first.
        known_urls: returns the addresses that are in the list now.
        add: is given each wish; the dialog stays while lines are left that are no links.
        glyphs: the characters to draw with.
    """

    CSS_PATH = "add.tcss"
    AUTO_FOCUS = "#links"
    BINDINGS: ClassVar = [
        Binding("escape", "back", "Back", show=False),
        Binding("f2,ctrl+enter", "add", "Add", show=False, priority=True),
        Binding("ctrl+o", "more", "More", show=False, priority=True),
    ]

    def __init__(
        self,
        text: str,
        options: AddOptions,
        known_urls: Callable[[], Collection[str]],
        add: Callable[[AddWish], None],
        glyphs: Glyphs,
    ) -> None:
        super().__init__()
        self._text = text
        self._options = options
        self._known_urls = known_urls
        self._add = add
        self._glyphs = glyphs
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        box = Vertical(id="add")
        box.border_title = "Add downloads"
        with box:
            yield TextArea(self._text, id="links", soft_wrap=False, highlight_cursor_line=False)
            yield Preview("preview", self._glyphs)
            yield Static("", id="total", markup=False)
            with Vertical(id="more"):
                yield from _field("folder", "Folder", short_folder(self._options.folder))
                yield from _field("name", "Name (one link)", "")
                yield from _field("checksum", "Checksum (one link)", "")
                with Horizontal(classes="checks"):
                    yield Check("start paused", id="paused", compact=True)
                    yield Check("put first", id="first", compact=True)
            with Horizontal(id="buttons"):
                yield Button("Add  F2", variant="primary", id="add-button", compact=True)
                yield Label("ctrl+o more   tab move   esc close", id="hint", markup=False)

    def on_mount(self) -> None:
        # Its size is not known yet: the box would scroll sideways to show the cursor.
        self.call_after_refresh(self._go_to_end)
        self._look()

    def _go_to_end(self) -> None:
        box = self.query_one("#links", TextArea)
        box.move_cursor(box.document.end)

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(_PREVIEW_AFTER_S, self._look)

    def _look(self) -> None:
        self.run_worker(self._preview(), group="preview", exclusive=True)

    async def _preview(self) -> None:
        plan = await self._plan()
        self.query_one(Preview).show(list(preview_rows(plan)))
        self._say(f"{plan.total} {self._glyphs.arrow} {self._field_value('folder')}")

    async def _plan(self) -> Plan:
        """Judge the text in a thread: it may be thousands of lines."""
        text = self.query_one("#links", TextArea).text
        known = self._known_urls()
        return await asyncio.to_thread(lambda: make_plan(parse_links(text), known))

    def _say(self, text: str, *, is_error: bool = False) -> None:
        total = self.query_one("#total", Static)
        total.set_class(is_error, "-error")
        total.update(text)

    def _field_value(self, field_id: str) -> str:
        return self.query_one(f"#{field_id}", Input).value.strip()

    def _chosen(self) -> AddOptions:
        return replace(
            self._options,
            folder=_absolute(self._field_value("folder"), self._options.folder),
            name=self._field_value("name"),
            checksum=self._field_value("checksum"),
            is_paused=self.query_one("#paused", Check).value,
            is_first=self.query_one("#first", Check).value,
        )

    @on(Button.Pressed, "#add-button")
    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_add()

    def action_add(self) -> None:
        """Add what is valid."""
        self.run_worker(self._add_valid(), group="add", exclusive=True)

    async def _add_valid(self) -> None:
        plan = await self._plan()
        options = self._chosen()
        try:
            requests = requests_for(plan, options)
        except ValueError as error:
            self._say(str(error), is_error=True)
            return
        if requests:
            self._add(AddWish(requests, plan, options))
        elif not plan.refused:
            self._say("nothing new to add", is_error=True)
            return
        self._keep_refused(plan)

    def _keep_refused(self, plan: Plan) -> None:
        if not plan.refused:
            self.dismiss("")
            return
        self.query_one("#links", TextArea).text = refused_text(plan)
        self._look()

    def action_more(self) -> None:
        """Show or hide the fields."""
        self.query_one("#add").toggle_class("-more")

    def action_back(self) -> None:
        """Close and keep the text for the next time."""
        self.dismiss(self.query_one("#links", TextArea).text)


def _field(field_id: str, title: str, value: str) -> ComposeResult:
    with Horizontal(classes="field"):
        yield Label(title, markup=False)
        yield Input(value, id=field_id, compact=True)


def _absolute(folder: str, default: str) -> str:
    """Return the folder that was typed; "" and relative ones count from the default."""
    return os.path.normpath(os.path.join(default, os.path.expanduser(folder)))
