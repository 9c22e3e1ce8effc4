"""Handles one key at a time, so that keys typed ahead go where earlier keys have led.

Textual sends each key to the focused widget when the key arrives, even while an earlier key is
still opening a dialog or moving the focus. Of keys that arrive together, as over a slow line, some
would then be commands where the user meant text ("/data" would remove downloads).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.app import App
from textual.events import Key, Paste

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.dom import DOMNode
    from textual.events import Event

# Nothing holds the next key up for longer, whatever became of the one before. A busy machine takes
# more than a second for the first dialog.
_AT_MOST_S = 3.0
_LOOK_AGAIN_S = 0.005


@runtime_checkable
class OpensField(Protocol):
    """A screen with a text field that is at times not ready for keys."""

    @property
    def is_opening_field(self) -> bool:
        """What is typed now is meant for the field, and would be lost or go elsewhere."""


@runtime_checkable
class Searches(Protocol):
    """A screen where enter chooses among the results for the text before it."""

    @property
    def is_searching(self) -> bool:
        """The results for the current text are not shown yet."""


class TurnApp(App[None]):
    """An app that finishes handling a key or a paste before it takes the next one.

    What a key means is decided when its turn comes, not when it arrives.
    """

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._arrived: deque[Key | Paste] = deque()
        self._decided: deque[Key | Paste] = deque()
        self._turn: asyncio.TimerHandle | None = None

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
        else:
            self._arrived.append(event)
            await self._take_next()

    def may_begin(self, _: Key | Paste) -> bool:
        """Tell whether the next key may have its turn; else `_take_next` must be called later."""
        return True

    @property
    def _due(self) -> Key | Paste | None:
        """What has its turn next of what has arrived."""
        return next(filter(self.may_begin, self._arrived), None)

    def decide(self, event: Key | Paste) -> Sequence[Key | Paste]:
        """Return what to handle now that an event has its turn, in order."""
        return (event,)

    async def _take_next(self) -> None:
        while self._turn is None:
            if self._decided:
                await self._handle(self._decided.popleft())
            elif (event := self._due) is not None:
                self._arrived.remove(event)
                self._decided.extend(self.decide(event))
            else:
                return

    async def _handle(self, event: Event) -> None:
        turn = asyncio.get_running_loop().call_later(_AT_MOST_S, self._end_turn)
        self._turn = turn
        await self._hand_over(event, turn)

    async def _hand_over(self, event: Event, turn: asyncio.TimerHandle) -> None:
        """Send a key to the focused widget; enter waits until there are results."""
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
        """Wait behind the message at a node, and then at each node that it bubbles to."""
        # A node that is closing takes nothing more.
        if node is None or not node.call_later(lambda: self._follow(node.parent, then)):
            then()

    def _reach_screen(self, turn: asyncio.TimerHandle) -> None:
        """Go on at the screen; one that was just opened has set its focus by then."""
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
        if self._decided or self._arrived:
            self.call_later(self._take_next)
