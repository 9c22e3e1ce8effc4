"""The tabs of the panel that hold plain facts: server, check and log."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import ALL_OF_IT_AGAIN, Assurance
from tui_downloader.model.errors import ChecksumMismatch
from tui_downloader.model.status import Status
from tui_downloader.ui.view.cells import broken
from tui_downloader.ui.view.details_parts import fact

if TYPE_CHECKING:
    from tui_downloader.model.download import Details
    from tui_downloader.ui.view.details_parts import Line, Picture
    from tui_downloader.ui.view.pieces import Piece

_CLOCK_WIDTH = 11
_NO_ANSWER = "nothing known yet: the server has not answered"
_WORTH = {
    Assurance.COMPLETE: "as many bytes as the server said",
    Assurance.UNCHECKED: "the server did not say how many bytes there are",
}
_COMING = frozenset({Status.CONNECTING, Status.DOWNLOADING, Status.WAITING})
_NOTHING_YET = "nothing happened since the program was started"


def server_lines(picture: Picture) -> list[Line]:
    """What the server has said, whether it can resume, and the special request headers."""
    details = picture.details
    lines = [line for label, text in details.server for line in fact(label, text, picture)]
    lines += fact("can resume", details.resume, picture) if details.resume else []
    lines += fact("proxy", details.proxy, picture) if details.proxy else []
    labels = ("we send", *[""] * len(details.request_headers))
    for label, (name, value) in zip(labels, details.request_headers, strict=False):
        lines += fact(label, f"{name}: {value}", picture)
    return lines or _plain(_NO_ANSWER, picture)


def check_lines(picture: Picture) -> list[Line]:
    """The expected digest and the computed one."""
    details, snapshot = picture.details, picture.snapshot
    expected = details.checksum or "none: the server announced none, and you gave none"
    lines = fact("expected", expected, picture)
    if details.computed_checksum:
        lines += fact("computed", details.computed_checksum, picture)
    lines += fact("result", _result(picture), picture)
    verb = "enters one, or checks again" if snapshot.status is Status.COMPLETED else "enters one"
    key = picture.context.keymap.key_of("checksum")
    return [*lines, [], [(f" {key} ", "key"), (verb, "muted")]]


def _result(picture: Picture) -> str:
    snapshot = picture.snapshot
    if snapshot.failure is not None and snapshot.failure.code == ChecksumMismatch.code:
        return snapshot.failure.message
    if snapshot.status.is_ended and _differs(picture.details):
        return "differs: what was computed is not what is expected"
    is_finished = snapshot.status is Status.COMPLETED
    if snapshot.stage is Status.VERIFYING:
        return "being checked now"
    # What is fetched again may have been whole once.
    if snapshot.assurance is None or not is_finished:
        if not picture.details.checksum:
            return "nothing to compare"
        return "not compared yet" if is_finished else "checked when everything is here"
    worth: str = snapshot.assurance.value
    if snapshot.assurance is Assurance.DIFFERS:
        return f"{worth}: its {digest_name(snapshot.checked_by)} is not the expected one"
    if snapshot.checked_by:
        return f"{worth}: {digest_name(snapshot.checked_by)} fits"
    why = _WORTH.get(snapshot.assurance, "")
    return f"{worth}: {why}" if why else worth


def fetched_again(picture: Picture) -> str:
    """Why everything comes once more, while it does; "" for nothing of that kind."""
    is_coming = picture.snapshot.status in _COMING
    if not (is_coming and _differs(picture.details)):
        return ""
    algorithm = picture.details.computed_checksum.partition("=")[0]
    return f"{digest_name(algorithm)} differed: {ALL_OF_IT_AGAIN}"


def _differs(details: Details) -> bool:
    """The digest that was computed last is not the expected one."""
    expected, computed = details.checksum.partition(" ")[0], details.computed_checksum
    is_comparable = bool(computed) and expected.partition("=")[0] == computed.partition("=")[0]
    return is_comparable and expected != computed


def log_lines(picture: Picture) -> list[Line]:
    """All events, the newest last."""
    lines = [line for event in picture.details.log for line in _event_lines(event, picture)]
    return lines or _plain(_NOTHING_YET, picture)


def _event_lines(event: tuple[float, str], picture: Picture) -> list[Line]:
    """Time and text of an event; a long text is continued below, indented."""
    at, words = event
    room = max(10, picture.width - _CLOCK_WIDTH - 2)
    first, *rest = (words,) if cell_len(words) <= room else broken(words, room)
    below: list[Line] = [[(" " * _CLOCK_WIDTH, "muted"), (more, "text")] for more in rest]
    return [[_clock(at), (first, "text")], *below]


def _plain(words: str, picture: Picture) -> list[Line]:
    """A sentence instead of facts, in as many lines as it takes."""
    return [[(f" {line}", "muted")] for line in broken(words, max(10, picture.width - 2))]


def last_of_log(picture: Picture, most: int) -> list[Line]:
    """The last events that have room in `most` lines, the newest last."""
    lines: list[Line] = []
    for event in reversed(picture.details.log):
        more = _event_lines(event, picture)
        if lines and len(more) + len(lines) > most:
            break
        lines = [*more, *lines]
    return lines


def _clock(at: float) -> Piece:
    return time.strftime(" %H:%M:%S  ", time.localtime(at)), "muted"
