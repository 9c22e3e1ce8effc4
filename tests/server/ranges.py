"""What the test server makes of a Range header: the right slice, or a wrong one in a known way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.server.behaviour import Behaviour
from tests.server.content import Content, Span
from tests.server.resource import Request

BOUNDARY = "THIS_STRING_SEPARATES"


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a file that an answer carries.

    Attributes:
        status: 206, 200 or 416.
        content_range: value of the header, None for none.
        multipart: the spans are multipart/byteranges with `BOUNDARY`.
    """

    status: int
    spans: tuple[Span, ...] = ()
    content_range: str | None = None
    multipart: bool = False


def whole(content: Content) -> Slice:
    return Slice(200, (Span(content, 0, content.size),))


def cut(request: Request, content: Content, behaviour: Behaviour, content_type: str) -> Slice:
    """Answer a range that is to be honoured, as well as `behaviour.ranges` lets it."""
    asked = resolve(request, content.size)
    if asked is None:
        total = None if behaviour.ranges == "no-content-range" else f"bytes */{content.size}"
        return Slice(416, content_range=total)
    if behaviour.ranges == "multipart":
        parts = tuple(_multipart(*asked, content, behaviour.multipart_parts, content_type))
        return Slice(206, parts, multipart=True)
    first, last = _bounds(*asked, content.size, behaviour)
    claimed = asked if behaviour.ranges == "lying" else (first, last)
    return Slice(
        200 if behaviour.ranges == "200-with-content-range" else 206,
        (Span(content, first, last + 1),),
        _content_range(*claimed, content.size, behaviour),
    )


def resolve(request: Request, size: int) -> tuple[int, int] | None:
    """The inclusive offsets a range asks for that exist, None when there are none."""
    if request.range_suffix is not None:
        first = max(0, size - request.range_suffix)
    else:
        first = request.range_start or 0
    last = size - 1 if request.range_end is None else min(request.range_end, size - 1)
    return (first, last) if first <= last else None


def _bounds(first: int, last: int, size: int, behaviour: Behaviour) -> tuple[int, int]:
    error = behaviour.range_error_bytes
    match behaviour.ranges:
        case "shifted":
            moved = min(max(first + error, 0), size - 1)
            return moved, max(last, moved)
        case "lying":
            back = min(error, first)
            return first - back, last - back
        case "elsewhere":
            return 0, min(error, size) - 1
        case "longer":
            return first, min(last + error, size - 1)
        case "shorter":
            return first, max(last - error, first)
        case _:
            return first, last


def _content_range(first: int, last: int, size: int, behaviour: Behaviour) -> str | None:
    match behaviour.ranges:
        case "no-content-range":
            return None
        case "bad-content-range":
            return behaviour.bad_content_range
        case "wrong-total":
            return f"bytes {first}-{last}/{size + behaviour.range_error_bytes}"
        case "star-total":
            return f"bytes {first}-{last}/*"
        case _:
            return f"bytes {first}-{last}/{size}"


def _multipart(
    first: int, last: int, content: Content, parts: int, content_type: str
) -> Iterator[Span]:
    middle = (first + last) // 2
    halves = [(first, middle), (middle + 1, last)] if parts == 2 else [(first, last)]
    for start, end in halves:
        head = (
            f"\r\n--{BOUNDARY}\r\nContent-Type: {content_type}\r\n"
            f"Content-Range: bytes {start}-{end}/{content.size}\r\n\r\n"
        )
        yield Span.of(head.encode())
        yield Span(content, start, end + 1)
    yield Span.of(f"\r\n--{BOUNDARY}--\r\n".encode())
