"""What the test server knows: the requests it got and the files it has."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cached_property
from typing import Any

from tests.server.behaviour import Behaviour
from tests.server.content import Content, as_content, gzipped

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_FIRST_MODIFIED = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


class BadRequest(Exception):
    """The client sent no HTTP."""


@dataclass(slots=True)
class Request:
    """A request as it came, and what became of it.

    Attributes:
        target: as in the request line; `path` is the same without its query.
        headers: names in lower case; repeated ones joined with ", ".
        range_start, range_end: as asked, both inclusive, None where absent.
        range_suffix: n when the last n bytes were asked for.
        connection_id: 1 for the server's first connection.
        status: what it was answered, 0 before and when it was cut off without an answer.
        sent_bytes: bytes of the body that went out.
        finished: the whole answer went out.
        at: loop time, seconds.
    """

    method: str
    target: str
    path: str
    query: str
    headers: dict[str, str]
    connection_id: int
    at: float
    range_start: int | None = None
    range_end: int | None = None
    range_suffix: int | None = None
    status: int = 0
    sent_bytes: int = 0
    finished: bool = False

    @classmethod
    def parse(cls, head: bytes, connection_id: int, at: float) -> Request:
        """Read a request's head.

        Raises:
            BadRequest: it is not HTTP.
        """
        line, *fields = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        words = line.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadRequest(line)
        path, _, query = words[1].partition("?")
        request = cls(words[0], words[1], path, query, _headers(fields), connection_id, at)
        request._read_range()
        return request

    @property
    def has_range(self) -> bool:
        return self.range_start is not None or self.range_suffix is not None

    def _read_range(self) -> None:
        # Several ranges at once and nonsense are ignored, as a server may.
        match = _RANGE.fullmatch(self.headers.get("range", ""))
        if match is None:
            return
        first, last = (int(digits) if digits else None for digits in match.groups())
        if first is None:
            self.range_suffix = last
        else:
            self.range_start, self.range_end = first, last


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


@dataclass(frozen=True)
class Version:
    """One state of a file."""

    content: Content
    modified_at: datetime

    @property
    def last_modified(self) -> str:
        return format_datetime(self.modified_at, usegmt=True)

    @cached_property
    def tag(self) -> str:
        return self.content.tag

    @cached_property
    def gzipped(self) -> Content:
        return gzipped(self.content)


@dataclass
class Resource:
    """A file of the server, how it behaves, and counters.

    Attributes:
        script: behaviours for the next requests, one each; then `behaviour` again.
        hits: requests so far; `target_hits` has them by target.
        sent_bytes: bytes of bodies that went out so far.
        open_now, open_max: answers under way now, and most at once.
    """

    path: str
    version: Version
    behaviour: Behaviour
    script: deque[Behaviour] = field(default_factory=deque)
    hits: int = 0
    target_hits: Counter[str] = field(default_factory=Counter)
    sent_bytes: int = 0
    open_now: int = 0
    open_max: int = 0

    @classmethod
    def of(cls, path: str, data: bytes | Content, behaviour: Behaviour) -> Resource:
        return cls(path, Version(as_content(data), _FIRST_MODIFIED), behaviour)

    @property
    def content(self) -> Content:
        return self.version.content

    def first(self, **changes: Any) -> Resource:
        """Add to the script: one more of the next requests is answered with these changes."""
        self.script.append(self.behaviour.but(**changes))
        return self

    def replace(self, data: bytes | Content, etag: str | None = None) -> None:
        """Put a new version in place, a day younger.

        Its ETag follows `behaviour.etag`, which `etag` changes when given: a very value given at
        `put` stays, as on a server that does not notice.
        """
        modified_at = self.version.modified_at + timedelta(days=1)
        self.version = Version(as_content(data), modified_at)
        if etag is not None:
            self.behaviour.etag = etag

    def begin(self, request: Request) -> None:
        """Count a request that comes in."""
        self.hits += 1
        self.target_hits[request.target] += 1
        self.open_now += 1
        self.open_max = max(self.open_max, self.open_now)

    def next_behaviour(self) -> Behaviour:
        """How to answer the request that came in."""
        return self.script.popleft() if self.script else self.behaviour
