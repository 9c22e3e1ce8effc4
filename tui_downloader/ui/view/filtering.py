"""The filter language: which downloads match a typed text. Pure.

    word            in the name, address, host or folder
    "two words"     the same, with spaces
    !word           not there; works with everything below, too
    state:failed    a state, or its first letters; several with commas
    host:example    in the host alone
    size:>1GB       also <, >=, <=, = and no sign, which means at least
    /regex/         a regular expression on name, address, host and folder

All parts of a text must match. Case never matters. A part that is not understood (yet) is left out
and reported, so that the list does not go blank at every half-typed part.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.links.addresses import host_of
from tui_downloader.model.status import Status
from tui_downloader.model.text import clean
from tui_downloader.model.units import parse_size
from tui_downloader.ui.view.patterns import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui_downloader.model.download import Snapshot

Test = Callable[["Snapshot"], bool]

_PART = re.compile(
    r"""(?P<no>!?)
    (?: (?P<key>state|host|size): )?
    (?: /(?P<regex>(?:[^/\\]|\\.)+)/(?=\s|$) | "(?P<quoted>[^"]*)"? | (?P<word>\S+) | (?=\s|$) )""",
    re.VERBOSE | re.IGNORECASE,
)
_SIZE = re.compile(r"(?P<sign><=|>=|<|>|=)?(?P<amount>[^<>=].*)")
_SIGNS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip

_STATES: dict[str, frozenset[Status]] = {
    **{status.value.lower(): frozenset({status}) for status in Status},
    "active": frozenset(status for status in Status if status.is_running),
    "checking": frozenset({Status.VERIFYING}),
    "done": frozenset({Status.COMPLETED}),
    "retrying": frozenset({Status.WAITING}),
}
_SCHEDULED = "scheduled"  # a part of what is queued
_SKIPPED = "skipped"  # has the status of what is cancelled, and is not called that


class Filter(NamedTuple):
    """A parsed filter text.

    Attributes:
        text: as typed, without spaces around it.
        tests: all must hold.
        misread: what was not understood, "" when everything was.
        patterns: the expressions that the tests look for.
    """

    text: str = ""
    tests: tuple[Test, ...] = ()
    misread: str = ""
    patterns: tuple[Pattern, ...] = ()

    @property
    def problem(self) -> str:
        """What is wrong with it, "" for nothing."""
        is_slow = any(pattern.is_given_up for pattern in self.patterns)
        return self.misread or ("that pattern takes too long" if is_slow else "")

    def __bool__(self) -> bool:
        """It was typed, whether or not it means anything yet."""
        return bool(self.text)

    def lets_through(self, snapshot: Snapshot) -> bool:
        """Tell whether a download matches."""
        return all(test(snapshot) for test in self.tests)


def parse_filter(text: str) -> Filter:
    """Parse a typed text; this never fails."""
    text = clean(text)  # as the names are that it is compared with
    tests: list[Test] = []
    patterns: list[Pattern] = []
    problem = ""
    for part in _PART.finditer(text):
        try:
            test = _test_of(part, patterns)
        except ValueError as error:
            problem = problem or str(error)
        else:
            if test is not None:
                tests.append(_not(test) if part["no"] else test)
    return Filter(text.strip(), tuple(tests), problem, tuple(patterns))


class Sieve:
    """Applies a filter to many downloads; unchanged snapshots are tested only once."""

    def __init__(self, wanted: Filter) -> None:
        self.wanted = wanted
        self._judged: dict[int, tuple[Snapshot, bool]] = {}

    def narrow(self, rows: Iterable[Snapshot]) -> tuple[Snapshot, ...]:
        """Return those that fit, in their order."""
        before, self._judged = self._judged, {}
        kept = []
        for row in rows:
            judgement = before.get(row.download_id)
            if judgement is None or judgement[0] is not row:
                judgement = row, self.wanted.lets_through(row)
            self._judged[row.download_id] = judgement
            if judgement[1]:
                kept.append(row)
        return tuple(kept)


def _test_of(part: re.Match[str], patterns: list[Pattern]) -> Test | None:
    """Make a test of one part of the text; None when the part says nothing (yet).

    Args:
        patterns: gets the expression, if there is one.

    Raises:
        ValueError: it cannot be understood; a sentence for the user.
    """
    key = (part["key"] or "").lower()
    if part["regex"] and not key:
        patterns.append(Pattern(part["regex"]))
        return _matches(patterns[-1])
    word = part["quoted"] or part["word"] or (part["regex"] and f"/{part['regex']}/") or ""
    if not word:
        return None
    if key == "state":
        return _is_in_state(word.lower())
    if key == "host":
        return _has_host(word.casefold())
    if key == "size":
        return _has_size(word)
    return _has_word(word.casefold())


def _not(test: Test) -> Test:
    return lambda snapshot: not test(snapshot)


def _texts_of(snapshot: Snapshot) -> str:
    """The texts that words are searched in; the host is a part of the address."""
    return f"{snapshot.name}\n{snapshot.url}\n{snapshot.folder}"


def _has_word(word: str) -> Test:
    return lambda snapshot: word in _texts_of(snapshot).casefold()


def _has_host(word: str) -> Test:
    return lambda snapshot: word in host_of(snapshot.url).casefold()


def _matches(pattern: Pattern) -> Test:
    def test(snapshot: Snapshot) -> bool:
        url = snapshot.url
        return pattern.is_in((snapshot.name, url, snapshot.folder, host_of(url)))

    return test


def _is_in_state(words: str) -> Test:
    wanted: set[Status] = set()
    has_scheduled = has_skipped = False
    # Behind a comma the next one is still to be typed.
    for word in filter(None, words.split(",")) if words.strip(",") else ("",):
        found = [statuses for name, statuses in _STATES.items() if name.startswith(word)]
        is_scheduled, is_skipped = _SCHEDULED.startswith(word), _SKIPPED.startswith(word)
        if not (found or is_scheduled or is_skipped):
            raise ValueError(f"no state begins with {word}: active, queued, paused, done, failed")
        wanted.update(*found)
        has_scheduled, has_skipped = has_scheduled or is_scheduled, has_skipped or is_skipped

    def test(snapshot: Snapshot) -> bool:
        if snapshot.is_skipped:
            return has_skipped
        return snapshot.standing in wanted or (has_scheduled and snapshot.start_at is not None)

    return test


def _has_size(text: str) -> Test:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError("a size is missing, such as size:>1GB")
    n_bytes = parse_size(match["amount"])
    compare = _SIGNS[match["sign"] or ">="]

    def test(snapshot: Snapshot) -> bool:
        size = snapshot.total_bytes
        return size is not None and compare(size, n_bytes)

    return test
