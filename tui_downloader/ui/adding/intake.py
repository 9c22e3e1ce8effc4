"""How links get into the queue: the dialog, a paste, the command line."""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.download import OnConflict
from tui_downloader.model.status import Status
from tui_downloader.model.units import counted
from tui_downloader.store import unsent
from tui_downloader.ui.actions.known_files import what_stays
from tui_downloader.ui.actions.restorer import Restorer
from tui_downloader.ui.actions.selection import (
    cheap_to_undo,
    folders_of,
    ids_of,
    named,
    received_bytes,
    size_on_disk,
)
from tui_downloader.ui.actions.whereabouts import added_elsewhere, going_on
from tui_downloader.ui.adding.add_plan import Duplicates, refused_text
from tui_downloader.ui.adding.add_question import choices_of, question_of
from tui_downloader.ui.adding.adding import AddOptions, AddWish, wish_of
from tui_downloader.ui.adding.asked_again import compared, lost_among, wish_again
from tui_downloader.ui.adding.giving import Giver
from tui_downloader.ui.adding.planning import make_plan
from tui_downloader.ui.adding.queue_index import QueueIndex
from tui_downloader.ui.background import begin, in_thread
from tui_downloader.ui.screens.ask import AskScreen
from tui_downloader.ui.view.board import View

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.ui.adding.add_plan import Plan
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.parts import Parts
    from tui_downloader.ui.screens.add import AddScreen

_FOLDERS_OFFERED = 5
_LOADED_AHEAD = ("tui_downloader.store.list_files", "tui_downloader.ui.screens.add")


class Intake:
    """Adds downloads.

    Args:
        desk: where questions are asked and messages shown.
        parts: where downloads go, and what holds unless the user says otherwise.
        go_to: highlights a download.
        lay_out: shows that something waits for a larger window.
    """

    def __init__(
        self,
        desk: Desk,
        parts: Parts,
        go_to: Callable[[int], None],
        lay_out: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._engine = parts.engine
        self._options = parts.options
        self._adds_at_once = parts.adds_at_once
        self._is_ready = parts.is_ready
        self._go_to, self._lay_out = go_to, lay_out
        self._back = Restorer(desk, parts.engine)
        self._giver = Giver(parts.engine, desk.wake)
        # Text that was left in the dialog, and lines without a link: they wait to be looked at,
        # and do not come back with every paste.
        self._draft = ""
        self._left = ""
        self._unseen: list[str] = []  # pasted while the list was out of sight
        self._dialog: AddScreen | None = None

    def prefer(self, options: AddOptions, *, adds_at_once: bool) -> None:
        """Use other options from now on."""
        self._options, self._adds_at_once = options, adds_at_once

    @property
    def folder(self) -> str:
        """Where files go unless a link says otherwise."""
        return self._options.folder

    def open_dialog(self, text: str = "") -> None:
        """Open the dialog with a pasted text only, else with what was left in it the last time."""
        # The dialog's widgets are loaded when they are first needed: start-up stays short.
        from tui_downloader.ui.screens.add import AddParts, AddScreen

        def closed(draft: str | None) -> None:
            self._dialog = None
            self._draft = _with(self._draft, draft or "")

        parts = AddParts(
            options=self._options,
            last_folders=self._last_folders(),
            judge=self._judge,
            add=self._add,
            go_to=self._go_to,
            size_of=self._size_of,
            figures=self._desk.figures,
            glyphs=self._desk.glyphs,
        )
        shown = text
        if not text:
            shown, self._left, self._draft = _below(self._left, self._draft), "", ""
        self._dialog = AddScreen(shown, parts, is_pasted=bool(text))
        self._desk.open(self._dialog, closed)

    @property
    def text_left(self) -> str:
        """What was typed or pasted and neither added nor deleted: it ends with us."""
        shown = "" if self._dialog is None else self._dialog.text
        return "\n".join(filter(None, (self._left, self._draft, shown, *self._unseen)))

    def take_up(self, file: Path) -> None:
        """Have in the dialog again what waited there when the last run was told to end."""

        async def take() -> None:
            if text := await in_thread(unsent.take, file):
                self._draft = _below(text, self._draft)
                lines, key = counted(lines_in(text), "line"), self._desk.keymap.key_of("add")
                self._desk.say(f"{key} shows {lines} that waited to be added when it ended")

        begin(self._desk.screen, take, group="unsent")

    def paste(self, text: str) -> None:
        """Handle a pasted text according to the settings, once the list is in sight."""
        if not text.strip():
            return
        if self._desk.is_too_small:
            self._unseen.append(text)
            self._lay_out()
        elif self._desk.is_covered:
            self._unseen.append(text)
            self._desk.say("The paste is kept until the list is back", "paste kept")
        elif self._adds_at_once:
            begin(self._desk.screen, partial(self._add_text, text), group="intake")
        else:
            self.open_dialog(text)

    @property
    def has_unseen(self) -> bool:
        """A text was pasted while the list was out of sight, and waits."""
        return bool(self._unseen)

    def paste_unseen(self) -> None:
        """Handle what was pasted while the list was out of sight, if it is not any more."""
        if self._unseen and not (self._desk.is_too_small or self._desk.is_covered):
            text, self._unseen = "\n".join(self._unseen), []
            self.paste(text)

    def add_requests(self, requests: Sequence[DownloadRequest]) -> None:
        """At the start: add the links of the command line, except those in the list already.

        What has lost its file since is fetched again.
        """

        async def add() -> None:
            await self._is_ready.wait()
            wish, told = wish_again(await compared(requests, self._engine))
            await self._giver.give(wish, self._options)
            if told:
                self._desk.say(told)

        if requests:
            begin(self._desk.screen, add, group="intake")
        begin(self._desk.screen, _load_dialog, group="load")

    def _judge(self) -> Callable[[str, str, str], Plan]:
        """Index the list; return a function that plans in a thread what adding a text would do."""
        downloads, trusted = self._downloads(), self._desk.trusted_hosts

        def judge(text: str, folder: str, name: str) -> Plan:
            from tui_downloader.store.list_files import read_links  # see _load_dialog

            parsed = trusted.applied_to_links(read_links(text))
            return make_plan(parsed, QueueIndex(downloads), folder, size_on_disk, name)

        return judge

    async def _size_of(self, request: DownloadRequest) -> int | None:
        await self._is_ready.wait()
        return await self._engine.size_of(request)

    def _add(self, plan: Plan, options: AddOptions, duplicates: Duplicates) -> None:
        add = partial(self._add_planned, plan, options, duplicates)
        begin(self._desk.screen, add, group="intake")

    def add_again(self, request: DownloadRequest, text: str, tell: Callable[[str], None]) -> None:
        """Add a download of the history again; ask as for a link if it exists already.

        Args:
            text: the same as a list, without what is secret.
            tell: called with what was done.
        """
        options = replace(self._options, folder=request.folder)

        async def add() -> None:
            plan = await in_thread(self._judge(), text, request.folder, "")
            if plan.is_question:
                question = question_of(plan, self._desk.figures)
                answered = partial(begin_adding, plan)
                self._desk.open(AskScreen(question, choices_of(plan)), answered)
            else:
                await self._add_as_before(request, plan, options, Duplicates.SKIP, tell)

        def begin_adding(plan: Plan, answer: str | None) -> None:
            if answer is not None:
                duplicates = Duplicates(answer)
                add = partial(self._add_as_before, request, plan, options, duplicates, tell)
                begin(self._desk.screen, add, group="intake")

        begin(self._desk.screen, add, group="intake")

    async def _add_as_before(
        self,
        request: DownloadRequest,
        plan: Plan,
        options: AddOptions,
        duplicates: Duplicates,
        tell: Callable[[str], None],
    ) -> None:
        """Add a request with everything it had, headers and login included."""
        wish = wish_of(plan, options, duplicates)

        def whole(asked: DownloadRequest) -> DownloadRequest:
            return replace(request, on_conflict=asked.on_conflict)

        new = tuple(whole(asked) for asked in wish.new)
        replaced = tuple((key, whole(asked)) for key, asked in wish.replaced)
        tell(await self._carry_out(plan, AddWish(new, replaced, wish.renewed), options, duplicates))

    async def _add_text(self, text: str) -> None:
        """Add a text without a dialog; existing files are handled as the settings say."""
        options = self._options
        plan = await in_thread(self._judge(), text, options.folder, "")
        known = {each.download_id for each in plan.known}
        listed = [each for each in self._downloads() if each.download_id in known]
        plan = plan.unasked(await lost_among(listed, self._engine))
        wish = await in_thread(wish_of, plan, options)
        await self._carry_out(plan, wish, options, Duplicates.SKIP)

    async def _add_planned(self, plan: Plan, options: AddOptions, duplicates: Duplicates) -> None:
        """Add what the user saw in the dialog."""
        wish = await in_thread(wish_of, plan, options, duplicates)
        await self._carry_out(plan, wish, options, duplicates)

    async def _carry_out(
        self, plan: Plan, wish: AddWish, options: AddOptions, duplicates: Duplicates
    ) -> str:
        """Ask the engine, and say what was done; return that, too."""
        changed = {download_id for download_id, _ in (*wish.replaced, *wish.renewed)}
        requests = self._back.asked_of(changed)
        before = {each.download_id: each for each in self._desk.board.among(changed)}
        await self._is_ready.wait()
        ids = await self._giver.give(wish, options)
        self._left = _below(self._left, refused_text(plan))
        where = self._elsewhere(changed.union(ids), options)
        told = plan.outcome(self._desk.keymap.key_of("add"), duplicates, where)

        def take_back() -> None:
            if ids:
                self._take_out(ids, options)
            self._back.ask_as_before(requests, before)

        if ids or changed:
            stays = partial(self._back.what_stays, before) if not ids else None
            self._desk.did(plan.done(duplicates), take_back, told=told, stays=stays)
        else:
            self._desk.say(told)
        return told

    def _elsewhere(self, ids: Collection[int], options: AddOptions) -> str:
        """Say which keys show what was added or changed, "" if it is in sight."""
        board = self._desk.board
        if not ids or (board.view is View.ALL and not board.wanted):
            return ""
        added = [each for each in self._downloads() if each.download_id in ids]
        becomes = Status.QUEUED if options.start_at else going_on(board, added)
        if options.is_paused:
            becomes = Status.PAUSED
        return added_elsewhere(board, self._desk.words, added, becomes)

    def _take_out(self, ids: list[int], options: AddOptions) -> None:
        """Undo: remove what was added; files and large parts stay on disk, and messages say so."""
        added = set(ids)
        downloads = [each for each in self._downloads() if each.download_id in added]
        asked = self._back.asked_of(added)
        differing = {n for n, each in asked.items() if each.on_conflict is not options.on_conflict}
        replacing = {n for n in differing if asked[n].on_conflict is OnConflict.OVERWRITE}
        cheap = set(cheap_to_undo(downloads, replacing))

        def remove(some: list[int]) -> None:
            if begun := [each for each in some if each in cheap]:
                self._engine.remove(begun, delete_file=True, gives_back=True)
            if others := [each for each in some if each not in cheap]:
                self._engine.remove(others, gives_back=True)

        self._back.ask(remove, ids_of(downloads))
        begun = [each for each in downloads if each.download_id in cheap and each.status.is_running]
        if gone_bytes := sum(map(received_bytes, begun)):
            size = self._desk.figures.size(gone_bytes).strip()
            self._desk.say(f"Deleted the {size} of {named(begun, 'part')}")
        dear = [each for each in downloads if each.download_id not in cheap]
        if whole := [each for each in dear if each.status is Status.COMPLETED]:
            verb = "stays" if len(whole) == 1 else "stay"
            self._desk.say(f"{named(whole, 'file')} {verb} in {folders_of(whole)}")
        parts = [each for each in dear if each.status is not Status.COMPLETED]
        if stay := what_stays(parts, parts, self._desk.figures):
            self._desk.say(f"{stay} in {folders_of(parts)}")

    def _downloads(self) -> Sequence[Snapshot]:
        """The current list, not the last sample: two pastes may follow closely."""
        return self._engine.snapshot().downloads if self._is_ready.is_set() else ()

    def _last_folders(self) -> list[str]:
        """Folders of downloads in the list, that of the latest first."""
        latest = sorted(self._downloads(), key=lambda each: each.download_id, reverse=True)
        return list(dict.fromkeys(each.folder for each in latest))[:_FOLDERS_OFFERED]


def lines_in(text: str) -> int:
    """Count the lines that are not empty."""
    return sum(bool(line.strip()) for line in text.splitlines())


def _below(text: str, more: str) -> str:
    """Append a text below another one."""
    return "\n".join(filter(None, (text.rstrip("\n"), more)))


def _with(kept: str, text: str) -> str:
    """Add a text to what is kept, unless it stands there already, on lines of its own."""
    lines = text.rstrip("\n")
    _, found, behind = f"\n{kept}\n".partition(f"\n{lines}\n")
    # With options below it, it means something else.
    return kept if found and not behind.startswith((" ", "\t")) else _below(kept, text)


async def _load_dialog() -> None:
    """Import what reads and shows links, in a thread: the first paste need not wait for it."""
    for name in _LOADED_AHEAD:
        await asyncio.to_thread(importlib.import_module, name)
