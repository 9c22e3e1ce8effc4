"""Short messages: at most one a second and two at a time, and bursts of failures as one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui_downloader.ui.view.cells import broken, cut, cut_front, whole_numbers
from tui_downloader.ui.view.log_lines import sentence_forms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_log = logging.getLogger(__name__)

TOAST_FRAME = 3  # cells of a message that are not for words
TOAST_WIDTH = 60  # of the widest
TOAST_ROWS = 6  # rows that two messages of two lines take, with what is between them
SHOWN_S = 3.0
_LONGEST_S = 15.0
_READ_PER_S = 18.0  # characters, with the time to notice that there is something to read
_APART_S = 1.0
_AT_ONCE = 2
_MOST_LINES = 2  # of a message; of those that are joined as many each
# Cells: names, paths and addresses give way to what is said of them, as far as that takes.
_LONGEST_WORDS = (32, 20)

BURST_S = 2.0
_BURST_FROM = 4


def shown_s(text: str) -> float:
    """How long a message stays on the screen, in seconds: as long as it takes to read."""
    return min(max(SHOWN_S, len(text) / _READ_PER_S), _LONGEST_S)


def message(text: str, width: int, ellipsis: str, way_on: str, keep: Callable[[str], None]) -> str:
    """Return a message as `briefly` does, broken where a unit would leave its number.

    Args:
        keep: is given what is cut, whole.
    """
    shown = briefly(text, width, ellipsis, way_on)
    for line in text.split("\n"):
        if line not in shown:
            keep(line)
    return whole_numbers(shown, width)


def briefly(text: str, width: int, ellipsis: str, way_on: str) -> str:
    """Return a message in at most two lines of `width` cells, or several with as many each.

    Args:
        way_on: how to see the whole, which stands behind what is cut.
    """
    texts = text.split("\n")
    shown: list[str] = []
    left = _MOST_LINES * len(texts)
    for number, each in enumerate(texts, 1):
        # The first may take what the others leave: "and 6 more" is short.
        shown.append(_within(left - (len(texts) - number), each, width, ellipsis, way_on))
        left -= len(broken(shown[-1], width))
    return "\n".join(shown)


def _within(most: int, text: str, width: int, ellipsis: str, way_on: str) -> str:
    """Return a text in so few lines as a form of it can have, at most in that many."""
    forms = _forms(text, ellipsis)
    for enough in range(min(most, _MOST_LINES), most + 1):
        for form in forms:
            lines = broken(form, width)
            if len(lines) <= enough:
                return form
    last = cut(" ".join(lines[most - 1 :]), width - len(way_on), ellipsis)
    return " ".join([*lines[: most - 1], last + way_on])


def _forms(text: str, ellipsis: str) -> list[str]:
    """The text, and the same with ever shorter words."""
    forms = sentence_forms(text)
    return forms + [
        " ".join(cut_front(word, most, ellipsis) for word in forms[-1].split())
        for most in _LONGEST_WORDS
    ]


class _Shown(NamedTuple):
    """A message on the screen: what it is about, "" for nothing that changes, and its end."""

    text: str
    topic: str
    gone_at: float


class Toaster:
    """Decides when a message is shown; messages that come too fast are joined.

    Args:
        show: puts a message on the screen, below the others, for that many seconds.
        clear: takes all messages off the screen.
        call_later: calls back after that many seconds.
        clock: monotonic seconds.
        key: returns the key that shows the log.
    """

    def __init__(
        self,
        show: Callable[[str, float], None],
        clear: Callable[[], object],
        call_later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float],
        key: Callable[[], str] = lambda: "L",
    ) -> None:
        self._show = show
        self._clear = clear
        self._call_later = call_later
        self._clock = clock
        self._key = key
        self._shown_at = 0.0
        self._shown: list[_Shown] = []
        self._waiting: dict[str, str] = {}  # texts in their order, and what each is about
        self._warned: set[str] = set()

    def say(self, text: str, topic: str = "") -> None:
        """Show a message now, or with others as soon as there is room.

        The same that is on the screen yet goes: what is said again has its whole time again.

        Args:
            topic: what it is about; messages about the same are not true any more, and go at once.
        """
        if self._forget(text, topic):
            self._put(text, topic)
        elif self._waiting:
            # The latest of what is said twice counts: it stands where it came last.
            self._waiting.pop(text, None)
            self._waiting[text] = topic
        elif (wait_s := self._wait_s()) <= 0:
            self._put(text, topic)
        else:
            self._waiting[text] = topic
            self._call_later(wait_s, self._flush)

    def warn(self, *texts: str) -> None:
        """Show messages that are in the log however short they are; many are one."""
        for text in texts:
            _log.warning("%s", text)
            self._warned.add(text)
        if len(texts) > _MOST_LINES:
            texts = (f"{texts[0]}\n{self._and_more(texts)}",)
        for text in texts:
            self.say(text)

    def keep(self, text: str) -> None:
        """Have in the log, once, what could not be shown whole."""
        if text not in self._warned:
            _log.info("%s", text)

    def say_instead(self, text: str) -> None:
        """Show a message in place of those on the screen: they are not true any more."""
        self._shown.clear()
        self._clear()
        self.say(text)

    def _forget(self, text: str, topic: str) -> bool:
        """Take the text and what was said about its topic off the screen; tell whether it was."""
        if topic:
            waiting = self._waiting.items()
            self._waiting = {each: about for each, about in waiting if about != topic}
        now = self._clock()
        there = [each for each in self._shown if each.gone_at > now]
        self._shown = [
            each for each in there if each.text != text and (not topic or each.topic != topic)
        ]
        if len(self._shown) == len(there):
            return False
        self._clear()
        for each in self._shown:
            self._show(each.text, each.gone_at - now)
        return True

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        texts = [*waiting]
        if len(texts) == _MOST_LINES and max(map(cell_len, texts)) > TOAST_WIDTH - TOAST_FRAME:
            # Joined, each would be cut to one line: the other one has its turn later.
            other = texts.pop()
            self._waiting[other] = waiting[other]
            self._put(texts[0], waiting[texts[0]])
            self._call_later(self._wait_s(), self._flush)
            return
        if len(texts) > _MOST_LINES:
            for text in texts[1:]:
                self.keep(text)
            texts[1:] = [self._and_more(texts)]
        if texts:
            self._put("\n".join(texts), waiting.get("\n".join(texts), ""))

    def _and_more(self, texts: Sequence[str]) -> str:
        return f"and {len(texts) - 1} more: see the log ({self._key()})"

    def _put(self, text: str, topic: str = "") -> None:
        self._shown_at = now = self._clock()
        there = [each for each in self._shown if each.gone_at > now]
        self._shown = [*there, _Shown(text, topic, now + shown_s(text))]
        self._show(text, shown_s(text))

    def _wait_s(self) -> float:
        now = self._clock()
        still_there = [each.gone_at for each in self._shown if each.gone_at > now]
        wait_s = self._shown_at + _APART_S - now if still_there else 0.0
        return wait_s if len(still_there) < _AT_ONCE else max(wait_s, min(still_there) - now)


class FailureBurst:
    """Counts failures: the rows tell a few, one message tells many.

    Args:
        say: shows the message.
        call_later: calls back after that many seconds.
        key: returns the key that shows what failed.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        call_later: Callable[[float, Callable[[], None]], object],
        key: Callable[[], str] = lambda: "5",
    ) -> None:
        self._say = say
        self._call_later = call_later
        self._key = key
        self._count = 0

    def note(self) -> None:
        """A download failed."""
        self._count += 1
        if self._count == 1:
            self._call_later(BURST_S, self._end)

    def _end(self) -> None:
        count, self._count = self._count, 0
        if count >= _BURST_FROM:
            self._say(f"{count} downloads failed · {self._key()} shows them")
