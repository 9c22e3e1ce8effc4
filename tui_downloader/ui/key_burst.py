"""Pastes of terminals without bracketed paste: they come as a burst of keys.

Keys closer together than a hand can type are held back until it is clear what they are. A burst
with a link or a line break in it is a paste; the keys of any other are handled as if nothing had
been. The first key of a burst cannot be known to be one: what only moves about is not delayed by
it (`h` begins most links and must stay harmless), everything else waits these few milliseconds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.events import Key, Paste
from textual.widgets import Input, TextArea

from tui_downloader.ui.key_turns import TurnApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.events import Event

# Keys this close are no typing; what is known to be a paste may stutter.
GAP_S = 0.008
PASTE_GAP_S = 0.05
_SHORTEST_LINES = 4
_LINE_BREAKS = frozenset({"enter", "ctrl+j"})


def is_paste(text: str) -> bool:
    """Tell whether keys that came together were pasted."""
    return "://" in text or ("\n" in text and len(text.strip()) >= _SHORTEST_LINES)


class Burst:
    """Collects keys that come together.

    Args:
        paste: is given the text of a burst that was a paste.
        passes: tells of a key that it need not wait.
    """

    def __init__(self, paste: Callable[[str], None], passes: Callable[[str], bool]) -> None:
        self._paste = paste
        self._passes = passes
        self._text = ""
        self._held: list[Key] = []
        self._last_at = 0.0

    @property
    def size(self) -> int:
        """How many characters have come together."""
        return len(self._text)

    @property
    def is_waiting(self) -> bool:
        """Keys are held back."""
        return bool(self._held)

    @property
    def gap_s(self) -> float:
        """After so long a pause the burst is over."""
        return PASTE_GAP_S if is_paste(self._text) else GAP_S

    def take(self, key: Key) -> list[Key]:
        """Take a key; return the keys to handle now, in their order."""
        ready = []
        if self._text and key.time - self._last_at > self.gap_s:
            ready = self.end()
        if not self._held and not key.is_printable and (not self._text or _text_of(key) is None):
            # No burst begins with such a key, and none has begun.
            return [*ready, *self.end(), key]
        is_first = not self._text
        self._text += _text_of(key) or ""
        self._last_at = key.time
        if is_first and self._passes(key.key):
            return [*ready, key]
        self._held.append(key)
        return ready

    def end(self) -> list[Key]:
        """The burst is over: return its keys to handle them, none if it was a paste."""
        text, held = self._text, self._held
        self._text, self._held = "", []
        if held and is_paste(text):
            self._paste(text)
            return []
        return held

    def cut(self) -> str:
        """The burst is over, and part of something else: return its text."""
        text = self._text
        self._text, self._held = "", []
        return text


def _text_of(key: Key) -> str | None:
    if key.key in _LINE_BREAKS:
        return "\n"
    if key.key == "tab":
        return "\t"
    return key.character if key.is_printable else None


class BurstApp(TurnApp):
    """An app that takes a burst of keys for a paste wherever no text is being typed."""

    _burst: Burst | None = None
    _is_timed = False

    def passes_at_once(self, key: str) -> bool:
        """Tell whether a key does so little that it need not wait for others."""
        del key
        return False

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Paste) and self._burst is not None and self._burst.is_waiting:
            # The parser cuts a paste at an escape character: what follows it comes first, as keys.
            event = Paste(f"{event.text}\ufffd{self._burst.cut()}")
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
            return
        burst = self._burst = self._burst or Burst(self._paste_burst, self.passes_at_once)
        if isinstance(self.focused, Input | TextArea):
            await self._handle_all([*burst.end(), event])
            return
        await self._handle_all(burst.take(event))
        if burst.is_waiting and not self._is_timed:
            self._wait_for_more(burst)

    def _wait_for_more(self, burst: Burst) -> None:
        """Look again after the gap, behind the keys that are in the queue by then."""
        self._is_timed = True
        loop = asyncio.get_running_loop()
        loop.call_later(burst.gap_s, self.call_later, self._settle, burst, burst.size)

    async def _settle(self, burst: Burst, size: int) -> None:
        self._is_timed = False
        is_reading = getattr(self._driver, "is_reading", False)
        if burst.is_waiting and (is_reading or burst.size != size):
            self._wait_for_more(burst)
        else:
            await self._handle_all(burst.end())

    async def _handle_all(self, keys: list[Key]) -> None:
        for key in keys:
            await super().on_event(key)

    def _paste_burst(self, text: str) -> None:
        self.post_message(Paste(text))
