"""Regular expressions that cannot block the interface: matching holds Python's global lock.

The time of a match grows with a power of the text's length for each repeat, and doubles with each
character for a nested repeat. So nested repeats and more than two repeats are refused, texts are
cut, and a pattern that is still slow over the whole list is given up.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LONGEST = 256  # characters of one text
_MOST_REPEATS = 2
_MOST_OPTIONS = 8
# What a pattern may take of a processor: at first, and for each download more.
_PATIENCE_S, _PATIENCE_EACH_S = 0.02, 0.00002

_TOKEN = re.compile(
    r"""(?P<literal> \\. | \[ \^? \]? (?:\\.|[^\]\\])* \] )
    | (?P<open> \( (?: \?(?: P<\w+> | [:=!>] | <[=!] | [aiLmsux-]+:? ) )? )
    | (?P<close> \) )
    | (?P<either> \| )
    | (?P<fixed> \{ \d+ \} )
    | (?P<repeat> [*+] | \{ \d*,\d* \} )
    | (?P<option> \? )
    | (?P<other> . )""",
    re.VERBOSE | re.DOTALL,
)
_AROUND = re.compile(r"^\^?\.\*|\.\*\$?$")  # says nothing: a search finds its place by itself


class Pattern:
    """A regular expression that is searched in bounded time.

    Args:
        text: the expression.
        clock: seconds of processor time of this thread.

    Attributes:
        is_given_up: it took too long; it finds nothing any more.

    Raises:
        ValueError: it is none, or might take too long; a sentence for the user.
    """

    def __init__(self, text: str, clock: Callable[[], float] = time.thread_time) -> None:
        try:
            self._search = re.compile(text, re.IGNORECASE | re.MULTILINE).search
        except re.error as error:
            raise ValueError(f"/{text}/ is no pattern: {error.msg}") from error
        if problem := _danger(_AROUND.sub("", text)):
            raise ValueError(f"/{text}/ might take forever: {problem}")
        self._clock = clock
        self._left_s = _PATIENCE_S
        self.is_given_up = False

    def is_in(self, texts: Sequence[str]) -> bool:
        """Whether one of the texts holds it."""
        if self.is_given_up:
            return False
        begun = self._clock()
        found = any(self._search(text[:_LONGEST]) is not None for text in texts)
        self._left_s += _PATIENCE_EACH_S - (self._clock() - begun)
        self.is_given_up = self._left_s < 0
        return found


def _danger(text: str) -> str:
    """Say what makes an expression slow, "" if nothing does."""
    counts = {"repeat": 0, "option": 0}
    has_choice = [False]  # whether each open group can match in several ways
    was_choice = False  # the token before closed such a group
    before = ""
    for token in _TOKEN.finditer(text):
        kind, is_choice = token.lastgroup or "", False
        if kind in ("repeat", "fixed") and was_choice:
            return "a repeat within a repeat"
        if kind == "open":
            has_choice.append(False)
        elif kind == "close" and len(has_choice) > 1:
            is_choice = has_choice.pop()
            has_choice[-1] |= is_choice
        elif kind == "either":
            has_choice[-1] = True
        elif kind in counts and before not in counts:
            # Behind a repeat another sign only says how it is tried.
            counts[kind] += 1
            has_choice[-1] = True
        was_choice, before = is_choice, kind
    if counts["repeat"] > _MOST_REPEATS:
        return f"more than {_MOST_REPEATS} repeats; give several /patterns/"
    return "too many question marks" if counts["option"] > _MOST_OPTIONS else ""
