"""Detects pastes in terminals without bracketed paste, where they arrive as a burst of keys.

Keys that come faster than a hand can type are held back until it is clear what they are. A burst
that contains a link is a paste. So is one with a line break, unless each of its lines makes sense
as keys: a few that only move the highlight or mark, and text for a field that the key behind them
opens ("/photo" or "t300k" and enter, over a slow line or from a script). Otherwise the keys are
handled as usual.

The first key of a burst cannot be recognised as such. Keys that only move the highlight are not
delayed; all others wait a few milliseconds, and so do the keys that switch tabs (`h` begins most
links and must then do nothing). Fields get their keys at once, but for one that handles a paste in
a way of its own: that gets the first key of a burst, which is taken back if it began a paste.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.events import Key, Paste

from tui_downloader.model.links.file_names import file_paths
from tui_downloader.model.units import parse_rate
from tui_downloader.ui.commands.command import key_name
from tui_downloader.ui.terminal.key_turns import TurnApp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.ui.commands.keymap import Keymap

# Keys this close are no typing; what is known to be a paste may stutter.
GAP_S = 0.008
PASTE_GAP_S = 0.05
# A line break that comes so soon behind a paste is its last one.
TAIL_S = 0.3
_SHORTEST_LINE = 4
_LINES = re.compile(r"[^\n]+")
# Open a field for text, on the main screen; lists in dialogs have the first one, as it is.
_FIELDS = ("filter", "palette")
_FIELD = "/"
_TABS = ("previous_tab", "next_tab")
_LINE_BREAKS = frozenset({"enter", "ctrl+j"})


def is_paste(text: str, are_keys: Callable[[str], bool]) -> bool:
    """Tell whether keys that came together are a paste.

    Args:
        are_keys: tells of a line that it makes sense as keys.
    """
    if "://" in text or "\n" not in text:
        return "://" in text
    lines = (line[0] for line in _LINES.finditer(text))
    return not all(len(line.strip()) < _SHORTEST_LINE or are_keys(line) for line in lines)


def are_keys(line: str, keymap: Keymap | None) -> bool:
    """Tell whether a line makes sense as keys.

    Args:
        keymap: the keys of the main screen, None while another one has the keys.
    """
    rest = line if keymap is None else line.lstrip(_stepping(keymap))
    if rest.startswith(tuple(_field_keys(keymap))):
        # A file that was dropped is no word to look for.
        return not (file_paths(rest) and rest.count("/") > 1)
    return not rest or (keymap is not None and _is_limit(rest, keymap))


def _is_limit(line: str, keymap: Keymap) -> bool:
    """Tell whether a line is the key for a speed limit and what is typed into its field."""
    try:
        parse_rate(line[1:])
    except ValueError:
        return False
    return line[0] in keymap.by_id["limit"].keys


def _stepping(keymap: Keymap) -> str:
    """The characters of the keys that move the highlight or mark: nothing is lost by them."""
    keys = (keymap.harmless_keys | keymap.marking_keys) - _field_keys(keymap)
    return "".join(key for key in keys if len(key) == 1) + " " * ("space" in keys)


def _field_keys(keymap: Keymap | None) -> set[str]:
    if keymap is None:
        return {_FIELD}
    return {key_name(key) for command_id in _FIELDS for key in keymap.by_id[command_id].keys}


def _tab_keys(keymap: Keymap) -> set[str]:
    return {key for command_id in _TABS for key in keymap.by_id[command_id].keys}


@runtime_checkable
class TakesLines(Protocol):
    """A screen for pasted lines that also has a button which enter presses."""

    @property
    def takes_lines(self) -> bool:
        """A line break that comes together with a text belongs to it."""


@runtime_checkable
class TellsPastes(Protocol):
    """A field where a paste is something else than the same text typed."""

    @property
    def tells_pastes(self) -> bool:
        """Keys that come as fast as a paste are one."""


class Burst:
    """Collects keys that come together.

    Args:
        paste: is given the text of a burst that was a paste.
        keymap: returns the keys of the main screen, None while another one has the keys.
        takes_lines: tells whether a line break with a text before or behind it is always a paste.
        is_field: tells whether the keys are for a field: there the first one is handled at once.
        take_back: called when that one turns out to have been the beginning of a paste.
    """

    def __init__(
        self,
        paste: Callable[[str], None],
        keymap: Callable[[], Keymap | None],
        takes_lines: Callable[[], bool] = lambda: False,
        is_field: Callable[[], bool] = lambda: False,
        take_back: Callable[[], None] = lambda: None,
    ) -> None:
        self._paste = paste
        self._keymap = keymap
        self._takes_lines = takes_lines
        self._is_field, self._take_back = is_field, take_back
        self._is_typed = False  # the first key was handled in the field
        self._pasted_at = float("-inf")
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
        """The pause that ends a burst."""
        return PASTE_GAP_S if self._is_paste(self._text) else GAP_S

    def _is_paste(self, text: str) -> bool:
        if "\n" in text and text.strip() and self._takes_lines():
            return True
        return is_paste(text, lambda line: are_keys(line, self._keymap()))

    def _passes(self, key: str) -> bool:
        """Tell whether a key is harmless enough to be handled without waiting."""
        keymap = self._keymap()
        return keymap is not None and key in keymap.harmless_keys - _tab_keys(keymap)

    def take(self, key: Key) -> list[Key]:
        """Take a key; return the keys to handle now, in order."""
        ready = []
        if not self._text and key.key in _LINE_BREAKS and key.time - self._pasted_at < TAIL_S:
            return []
        if self._text and key.time - self._last_at > self.gap_s:
            ready = self.end()
        if not self._held and not key.is_printable and (not self._text or _text_of(key) is None):
            # No burst begins with such a key, and none has begun.
            return [*ready, *self.end(), key]
        is_first = not self._text
        self._text += _text_of(key) or ""
        self._last_at = key.time
        if is_first:
            self._is_typed = self._is_field()
            if self._is_typed or self._passes(key.key):
                return [*ready, key]
        self._held.append(key)
        return ready

    def end(self) -> list[Key]:
        """End the burst; return its keys to be handled, none if it was a paste."""
        text, held = self._text, self._held
        self._text, self._held = "", []
        if held and self._is_paste(text):
            self._pasted_at = self._last_at
            if self._is_typed:
                self._take_back()
            self._paste(text)
            return []
        return held

    def cut(self) -> str:
        """End the burst, which is part of something else, and return its text."""
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
    """An app that treats a burst of keys as a paste wherever that is not the same as typing."""

    _burst: Burst | None = None
    _is_timed = False

    def main_keys(self) -> Keymap | None:
        """The keys of the main screen, None while another one has the keys."""
        return None

    def decide(self, event: Key | Paste) -> Sequence[Key | Paste]:
        burst = self._burst = self._burst or Burst(
            self._paste_burst,
            self.main_keys,
            self._lines_are_pastes,
            lambda: self._tells_pastes,
            self._delete_letter,
        )
        if isinstance(event, Paste):
            # Where no guard stands before it (Windows), the parser cuts a paste at an escape
            # character: what follows it comes first, as keys.
            is_cut = burst.is_waiting and not getattr(self._driver, "guards_pastes", False)
            rest = f"\ufffd{burst.cut()}" if is_cut else ""
            return (*burst.end(), Paste(event.text + rest) if rest else event)
        if self._is_typed(event, burst):
            return (*burst.end(), event)
        keys = burst.take(event)
        if burst.is_waiting and not self._is_timed:
            self._wait_for_more(burst)
        return keys

    def _lines_are_pastes(self) -> bool:
        return isinstance(self.screen, TakesLines) and self.screen.takes_lines

    def _is_typed(self, key: Key, burst: Burst) -> bool:
        """The key is for a field that need not know whether it is a part of a paste."""
        if self._tells_pastes:
            # There a line break is text, and does nothing else.
            return not burst.is_waiting and key.key in _LINE_BREAKS
        return self.takes_letters

    @property
    def _tells_pastes(self) -> bool:
        field: object = self.focused
        return isinstance(field, TellsPastes) and field.tells_pastes

    @property
    def takes_letters(self) -> bool:
        """The focused widget takes text, so it gets all letters."""
        return self.focused is not None and self.focused.check_consume_key("a", "a")

    def _wait_for_more(self, burst: Burst) -> None:
        """Check again after the gap, behind the keys that have been read by then."""
        self._is_timed = True
        asyncio.get_running_loop().call_later(burst.gap_s, self._look, burst)

    def _look(self, burst: Burst) -> None:
        """Check once all keys that were read have been passed on."""
        if getattr(self._driver, "is_reading", False):
            self._wait_for_more(burst)
            return
        loop = asyncio.get_running_loop()
        # They come from the reading thread as tasks, which takes two turns of the loop.
        loop.call_soon(loop.call_soon, self.call_later, self._settle, burst, burst.size)

    async def _settle(self, burst: Burst, size: int) -> None:
        self._is_timed = False
        if burst.is_waiting and (burst.size != size or self._due):
            self._wait_for_more(burst)
        else:
            self._decided.extend(burst.end())
            await self._take_next()

    def _paste_burst(self, text: str) -> None:
        self._decided.append(Paste(text))

    def _delete_letter(self) -> None:
        self._decided.append(Key("backspace", None))
