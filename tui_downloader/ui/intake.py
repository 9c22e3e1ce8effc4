"""How links get into the queue: the dialog, a paste, the command line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui_downloader.model.links import parse_links
from tui_downloader.model.text import redact
from tui_downloader.ui.adding import AddOptions, make_plan, requests_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.ui.adding import Plan
    from tui_downloader.ui.screens.add import AddWish
    from tui_downloader.ui.screens.main import MainScreen

# So many at a time are given to the engine before keys are looked at again.
SLICE = 2000


class Intake:
    """Adds downloads.

    Args:
        screen: where questions are asked and messages shown.
        engine: where downloads go.
        options: what holds unless the user says otherwise.
        adds_at_once: a paste is added without asking.
        is_ready: set when the engine takes wishes.
    """

    def __init__(
        self,
        screen: MainScreen,
        engine: Engine,
        options: AddOptions,
        *,
        adds_at_once: bool,
        is_ready: asyncio.Event,
    ) -> None:
        self._screen = screen
        self._engine = engine
        self._options = options
        self._adds_at_once = adds_at_once
        self._is_ready = is_ready
        self._draft = ""

    def prefer(self, options: AddOptions, *, adds_at_once: bool) -> None:
        """Take other settings from now on."""
        self._options, self._adds_at_once = options, adds_at_once

    @property
    def folder(self) -> str:
        """Where files go unless a link says otherwise."""
        return self._options.folder

    def open_dialog(self, text: str = "") -> None:
        """Open the dialog with the text kept from the last time, and `text` below it."""
        # The dialog's widgets are loaded when they are first needed: start-up stays short.
        from tui_downloader.ui.screens.add import AddScreen

        def closed(draft: str | None) -> None:
            self._draft = draft or ""

        shown = "\n".join(filter(None, (self._draft.rstrip("\n"), text)))
        dialog = AddScreen(shown, self._options, self._known_urls, self._add, self._screen.glyphs)
        self._screen.app.push_screen(dialog, closed)

    def paste(self, text: str) -> None:
        """Take a pasted text as the settings say."""
        if not text.strip():
            return
        if self._adds_at_once:
            self._screen.run_worker(self._add_text(text), group="intake")
        else:
            self.open_dialog(text)

    def add_requests(self, requests: Sequence[DownloadRequest]) -> None:
        """Add what the command line asked for; what is in the list already is left out."""

        async def add() -> None:
            await self._is_ready.wait()
            known = self._known_urls()
            new = [request for request in requests if redact(request.url) not in known]
            await self._give(new, self._options)
            if len(new) < len(requests):
                self._screen.say(f"Added {len(new)}, skipped {len(requests) - len(new)}")

        if requests:
            self._screen.run_worker(add(), group="intake")

    def _add(self, wish: AddWish) -> None:
        self._screen.run_worker(
            self._give_plan(wish.requests, wish.plan, wish.options), group="intake"
        )

    async def _add_text(self, text: str) -> None:
        plan, requests = await asyncio.to_thread(self._judge, text, self._known_urls())
        await self._give_plan(requests, plan, self._options)

    def _judge(self, text: str, known: set[str]) -> tuple[Plan, list[DownloadRequest]]:
        plan = make_plan(parse_links(text), known)
        return plan, requests_for(plan, self._options)

    async def _give_plan(
        self, requests: list[DownloadRequest], plan: Plan, options: AddOptions
    ) -> None:
        await self._give(requests, options)
        self._screen.say(plan.outcome)

    async def _give(self, requests: Sequence[DownloadRequest], options: AddOptions) -> None:
        await self._is_ready.wait()
        starts = range(0, len(requests), SLICE)
        # Slices that go to the front go there in reverse, so that the whole keeps its order.
        for start in reversed(starts) if options.is_first else starts:
            some = requests[start : start + SLICE]
            self._engine.add(some, paused=options.is_paused, first=options.is_first)
            self._screen.wake()
            await asyncio.sleep(0)

    def _known_urls(self) -> set[str]:
        """Addresses in the list now, not as of the last sample: two pastes may follow closely."""
        if not self._is_ready.is_set():
            return set()
        return {download.url for download in self._engine.snapshot().downloads}
