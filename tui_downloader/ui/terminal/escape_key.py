"""Makes escape a key of its own, whatever is typed right behind it.

Terminals send alt+x as an escape character and x. So Textual waits a moment after escape, and keys
that were typed ahead would be lost. No command here uses alt, so what looks like an alt chord is
two keys, except those that edit a text: alt+backspace, and option with an arrow. Terminals send
those at once, which no hand can do.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Protocol

from textual.events import Key

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.message import Message

_ESCAPE = "\x1b"
# A key that Textual knows of and leaves out: it ends the wait behind an escape.
_NOTHING = "\x1b[G"
# Not what may begin a sequence, nor the editing keys.
_TYPED_BEHIND = re.compile(r"(?<=\x1b)(?=[^\x1b\[Obf\x7f])")
_EDITING = ("b", "f", "\x7f")
_AT_ONCE_S = 0.02


class Decoder(Protocol):
    """Decodes what the terminal sends."""

    def decode(self, data: bytes, final: bool = False) -> str:
        """Return the text of some bytes."""


class EscapeKeys:
    """Separates an escape from what is typed behind it; input may come in pieces of any length.

    Args:
        decoder: makes text of bytes, without an escape in what was pasted.
        clock: steady, in seconds.
    """

    def __init__(self, decoder: Decoder, clock: Callable[[], float] = time.monotonic) -> None:
        self._decoder = decoder
        self._clock = clock
        self._before = ""  # an escape that has gone on already, as a key or not
        self._escaped_at = 0.0

    def decode(self, data: bytes, final: bool = False) -> str:
        """Return the text of some bytes, for Textual's parser."""
        now, before = self._clock(), self._before
        text = before + self._decoder.decode(data, final)
        parted = _TYPED_BEHIND.sub(_NOTHING, text)[len(before) :]
        if before and parted.startswith(_EDITING) and now - self._escaped_at > _AT_ONCE_S:
            parted = _NOTHING + parted
        if text.endswith(_ESCAPE):
            self._before, self._escaped_at = _ESCAPE, now
        else:
            self._before = ""
        return parted


def keys_of(message: Message) -> list[Message]:
    """Return the keys that an event of the terminal stands for: two after an escape.

    Some sequences begin with a letter: only if nothing follows it is it a key.
    """
    if isinstance(message, Key) and message.key.startswith("alt+") and message.character:
        return [Key("escape", _ESCAPE), Key(message.character, message.character)]
    return [message]
