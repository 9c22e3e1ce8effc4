"""One key after the other: a key typed ahead goes where the keys before it have led.

Textual sends each key to whatever has the focus when the key arrives, even while an earlier key
still opens a dialog or moves on to the next field. Keys that arrive together, as they do over a
slow line, would then be commands where the user meant text ("/data" would remove downloads).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.app import App
from textual.events import Key, Paste

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.dom import DOMNode
    from textual.events import Event

# Nothing holds the next key up for longer, whatever became of the one before.
_AT_MOST_S = 1.0
_LOOK_AGAIN_S = 0.005


@runtime_checkable
class OpensField(Protocol):
    """A screen whose commands may open a field for text in it."""

    @property
    def is_opening_field(self) -> bool:
        """It does not take keys yet."""


@runtime_checkable
class Searches(Protocol):
    """A screen where enter chooses among what was found for the text before it."""

    @property
    def is_searching(self) -> bool:
        """It does not show yet what there is for the text."""


class TurnApp(App[None]):
    """An app that lets a key or a paste have its effect before it looks at the next one."""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._later: deque[Event] = deque()
        self._turn: asyncio.TimerHandle | None = None

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif self._turn is not None or self._later:
            self._later.append(event)
        else:
            await self._handle(event)

    async def _handle(self, event: Event) -> None:
        turn = asyncio.get_running_loop().call_later(_AT_MOST_S, self._end_turn)
        self._turn = turn
        await self._hand_over(event, turn)

    async def _hand_over(self, event: Event, turn: asyncio.TimerHandle) -> None:
        """Give a key to what has the focus, enter only when there is something to choose."""
        is_choice = isinstance(event, Key) and event.key == "enter"
        is_early = is_choice and isinstance(self.screen, Searches) and self.screen.is_searching
        if is_early and turn is self._turn:
            loop = asyncio.get_running_loop()
            loop.call_later(_LOOK_AGAIN_S, self.call_later, self._hand_over, event, turn)
            return
        target = self.focused or self.screen
        await super().on_event(event)

        def follow_messages() -> None:
            # The command has run here, and may have made the target post something, as a field
            # does that is submitted.
            self._follow(target, lambda: self.call_later(self._reach_screen, turn))

        self._follow(target, follow_messages)

    def _follow(self, node: DOMNode | None, then: Callable[[], object]) -> None:
        """Go behind what was sent to a node, and on to each that it bubbles to."""
        # A node that is closing takes nothing more.
        if node is None or not node.call_later(lambda: self._follow(node.parent, then)):
            then()

    def _reach_screen(self, turn: asyncio.TimerHandle) -> None:
        """A screen that was opened just now sets its focus before it gets here."""
        self.screen.call_later(self._look_at_focus, turn)

    def _look_at_focus(self, turn: asyncio.TimerHandle) -> None:
        if turn is not self._turn or not self.is_running:
            return
        if isinstance(self.screen, OpensField) and self.screen.is_opening_field:
            loop = asyncio.get_running_loop()
            # By then another screen may have come before this one.
            loop.call_later(_LOOK_AGAIN_S, self._reach_screen, turn)
        else:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        if self._later:
            self.call_later(self._take_next)

    async def _take_next(self) -> None:
        if self._turn is None and self._later:
            await self._handle(self._later.popleft())
