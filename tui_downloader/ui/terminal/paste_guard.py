"""Takes pastes out of the terminal's input, so that nothing in them is read as a key.

Textual's parser looks for keys inside a bracketed paste: after an escape character in the pasted
text, it takes what follows for keys that nobody pressed. It also reads texts character by
character, which is slow for thousands of links. So it is given an empty paste, once the paste has
ended, and the text is kept here, without control characters. Input outside of pastes is passed on
unchanged and at once, as a lone escape character is a key.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import codecs

_START, _END = "\x1b[200~", "\x1b[201~"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# As for bytes that are no text: an address with it in it is still seen to be wrong.
_MARK = "\ufffd"


class PasteGuard:
    """Decodes input as it comes, in pieces of any length.

    Args:
        decoder: makes text of bytes.

    Attributes:
        pasted: the text of each paste that has ended and was not taken yet.
    """

    def __init__(self, decoder: codecs.IncrementalDecoder) -> None:
        self.pasted: deque[str] = deque()
        self._decoder = decoder
        self._is_inside = False
        self._begun = ""  # of a start that is not complete; it has gone on already
        self._inside: list[str] = []  # of the paste that goes on
        self._held = ""  # of an end that is not complete; it waits

    def decode(self, data: bytes, final: bool = False) -> str:
        """Return the text of some bytes, as far as it is clear what it is, with empty pastes."""
        text, self._held = self._held + self._decoder.decode(data, final), ""
        parts = []
        while text:
            part, text = self._pasted(text) if self._is_inside else self._typed(text)
            parts.append(part)
        return "".join(parts)

    def _typed(self, text: str) -> tuple[str, str]:
        """Split off what is passed on, up to the start of a paste."""
        seen = self._begun + text
        _, start, rest = seen.partition(_START)
        self._is_inside = bool(start)
        self._begun = "" if start else _start_of(_START, seen)
        return text[: len(text) - len(rest)], rest

    def _pasted(self, text: str) -> tuple[str, str]:
        """Keep what belongs to a paste; part what tells of its end from the rest.

        That has its start, too: one that came in pieces may not have been recognised.
        """
        inside, end, rest = text.partition(_END)
        if not end:
            self._held = _start_of(_END, text)
            inside = text[: len(text) - len(self._held)]
        self._inside.append(_CONTROLS.sub(_MARK, inside))
        self._is_inside = not end
        if self._is_inside:
            return "", ""
        self.pasted.append("".join(self._inside))
        self._inside.clear()
        return _START + _END, rest


def _start_of(mark: str, text: str) -> str:
    """Return the end of a text, if that may be the beginning of the mark."""
    lengths = range(min(len(mark) - 1, len(text)), 0, -1)
    return next((mark[:length] for length in lengths if text.endswith(mark[:length])), "")
