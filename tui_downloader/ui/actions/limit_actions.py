"""Commands for speed limits, of the whole program or of the marked downloads."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.units import typed_amount
from tui_downloader.runs.limit_clock import limit_now
from tui_downloader.ui.actions.restorer import Restorer
from tui_downloader.ui.actions.selection import ids_of, named
from tui_downloader.ui.background import begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine import Engine
    from tui_downloader.model.daytimes import LimitTime
    from tui_downloader.model.download import Snapshot
    from tui_downloader.store.settings import Settings
    from tui_downloader.ui.desk import Desk


_PROGRAM = "the whole program"


class LimitActions:
    """Asks for a limit, and switches the last one off and on, even one of an earlier run."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk = desk
        self._engine = engine
        self._back = Restorer(desk, engine)
        self._remember(desk.preferences.settings)
        desk.preferences.let_hold("limit_last", self._remember)
        self.handlers: dict[str, Callable[[], None]] = {
            "limit": self._ask_limit,
            "toggle_limit": self._toggle_limit,
        }

    def _remember(self, settings: Settings) -> None:
        self._last_limit = settings.limit_last

    def _ask_limit(self) -> None:
        """Ask for the limit of the marked downloads, or of the whole program when none is."""
        # The field's widgets are loaded when they are first needed: start-up stays short.
        from tui_downloader.ui.screens.limit import LimitScreen, NewLimit

        marked = self._desk.chosen if self._desk.marks.ids else []

        def set_limit(answer: NewLimit | None) -> None:
            if answer is not None and marked:
                self._set_limit_of(marked, answer.bytes_per_s)
            elif answer is not None:
                self._set_limit_of_program(answer.bytes_per_s)

        limit = marked[0].limit_bytes_per_s if marked else self._limit_now
        current = "" if limit is None else self._desk.figures.rate(limit)
        about = f"{named(marked)}, each" if len(marked) > 1 else named(marked) if marked else ""
        aside = "" if marked else self._other_limits
        dialog = LimitScreen(current, about or _PROGRAM, self._words, aside)
        self._desk.open(dialog, set_limit)

    @property
    def _other_limits(self) -> str:
        """Name the ways to limit less than the whole program, if there is anything to limit."""
        if self._desk.highlighted is None:
            return ""
        edit, mark, limit = map(self._desk.keymap.key_of, ("edit", "mark", "limit"))
        return f"Of one download alone: {edit}. Of marked ones: {mark}, then {limit}."

    def _set_limit_of(self, downloads: list[Snapshot], bytes_per_s: int | None) -> None:
        before = self._back.asked_of(ids_of(downloads))
        wanted = {
            key: replace(request, limit_bytes_per_s=bytes_per_s) for key, request in before.items()
        }
        self._back.edit(wanted)
        words = f"Speed limit of {named(downloads)} {self._words(bytes_per_s)}"
        self._desk.did(words, partial(self._back.edit, before))
        self._desk.wake()

    def _set_limit_of_program(self, bytes_per_s: int | None) -> None:
        """Set the limit, and remember the previous one."""
        before, last = self._limit_now, self._last_limit
        outranked_by, (part, _) = self._outranked_by, self._by_the_clock
        told = f", not saved: {outranked_by} is in force" if outranked_by else ""
        self._want(bytes_per_s, bytes_per_s or before or last)
        words = f"Speed limit {self._words(bytes_per_s)}"
        take_back = partial(self._take_back, before, last, part, was_saved=not outranked_by)
        self._desk.did(words, take_back, told=f"{words}{told}", topic=_PROGRAM)

    def _take_back(
        self, before: int | None, last: int | None, part: LimitTime | None, *, was_saved: bool
    ) -> None:
        """Go back to the limit from before; in another part of the day to what holds in that.

        Args:
            part: of the day, when the limit was changed.
            was_saved: so was the new limit.
        """
        part_now, limit = self._by_the_clock
        if part_now == part:
            self._want(before, last)
            return
        self._last_limit = last
        self._engine.set_limit(limit)
        self._desk.wake()
        if was_saved:
            begin(self._desk.screen, partial(self._save, before), group="limit")

    def _want(self, bytes_per_s: int | None, last: int | None) -> None:
        """Set the limit and save it as the setting, unless something else says what it is now.

        Args:
            last: the one that comes back when it is off.
        """
        self._last_limit = last
        self._engine.set_limit(bytes_per_s)
        self._desk.wake()
        if not self._outranked_by:
            begin(self._desk.screen, partial(self._save, bytes_per_s), group="limit")

    @property
    def _limit_now(self) -> int | None:
        """The limit of the whole program; the screen may not show it yet."""
        return self._engine.snapshot().limit_bytes_per_s

    @property
    def _by_the_clock(self) -> tuple[LimitTime | None, int | None]:
        """The part of the day, and the limit that the settings have for it."""
        return limit_now(self._desk.preferences.settings, self._desk.words.now)

    @property
    def _outranked_by(self) -> str:
        """What overrides the setting `limit_rate` now, "" for nothing."""
        if "limit_rate" in self._desk.preferences.given:
            return "--limit-rate"
        part, _ = self._by_the_clock
        return "" if part is None else "limit_times"

    async def _save(self, bytes_per_s: int | None) -> None:
        """Save the limit, or the one that the toggle brings back."""
        last = self._last_limit if bytes_per_s is None else None
        typed = {"limit_rate": _typed(bytes_per_s), "limit_last": _typed(last)}
        if problem := await self._desk.preferences.keep(typed):
            self._desk.say(f"The speed limit is not saved: {problem}")

    def _toggle_limit(self) -> None:
        if self._limit_now is not None:
            self._set_limit_of_program(None)
        elif self._last_limit is not None:
            self._set_limit_of_program(self._last_limit)
        else:
            self._ask_limit()

    def _words(self, bytes_per_s: int | None) -> str:
        return "off" if bytes_per_s is None else self._desk.figures.rate(bytes_per_s)


def _typed(bytes_per_s: int | None) -> str:
    return "" if bytes_per_s is None else typed_amount(bytes_per_s)
