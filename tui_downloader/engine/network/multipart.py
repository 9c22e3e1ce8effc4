"""Unwraps a single range that was sent as `multipart/byteranges` with one part (RFC 9110, 14.6).

If the length of the answer leaves room for exactly one part, the rest of the program sees an
ordinary 206. Otherwise nothing is changed, and the server counts as one without ranges.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.model.http import ContentRange, parse_content_range

if TYPE_CHECKING:
    from tui_downloader.engine.network.answer import Answer
    from tui_downloader.engine.network.body import Body
    from tui_downloader.engine.network.buffers import Piece

_LONGEST_HEAD_BYTES = 8192
_BOUNDARY = re.compile(
    r"""multipart/byteranges\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))""",
    re.ASCII | re.IGNORECASE,
)


class PartBody:
    """The bytes of the only part.

    Args:
        body: the answer's, read up to the end of the part's own head.
        early: bytes of the part that were read with that head.
        length: of the part, in bytes.
    """

    lender = None  # what follows the part is no part of the file

    def __init__(self, body: Body, early: bytes, length: int) -> None:
        self._body = body
        self._early = early[:length]
        self._length = length
        self.received_bytes = 0

    @property
    def arrived_bytes(self) -> int:
        return self.received_bytes + len(self._early)

    @property
    def is_backed_up(self) -> bool:
        return self._body.is_backed_up

    def want(self, n_bytes: int) -> None:
        """Do nothing: what has come is read in any case, and its reader stops by itself."""

    async def next(self) -> Piece | None:
        if self.received_bytes == self._length:
            return None
        piece: Piece | None = self._early or await self._body.next()
        self._early = b""
        if piece is not None:
            piece = piece[: self._length - self.received_bytes]
            self.received_bytes += len(piece)
        return piece

    def recycle(self, piece: Piece) -> None:
        self._body.recycle(piece)

    def close(self) -> None:
        self._body.close()


async def unwrapped(answer: Answer) -> Answer:
    """Return `answer` as an ordinary 206 if it is such a part, else unchanged.

    Raises:
        DownloadError: the connection broke before the head of the part was whole.
    """
    match = _BOUNDARY.match(answer.head.content_type)
    length = answer.head.content_length
    if answer.head.status != 206 or match is None or length is None:
        return answer
    boundary = (match[1] or match[2]).encode("latin-1", "replace")
    try:
        data = await _up_to_the_part(answer.body)
    except BaseException:
        answer.body.close()
        raise
    head, _, early = data.partition(b"\r\n\r\n")
    found = _range_in(head, boundary)
    if found is None:
        return answer
    text, part_length = found
    # Whatever follows the part must be the closing delimiter and nothing else.
    tail = length - (len(data) - len(early)) - part_length
    if tail - len(boundary) not in (6, 8):
        return answer
    fields = answer.head._replace(
        content_range=(text,), content_length=part_length, content_type=""
    )
    return replace(answer, head=fields, body=PartBody(answer.body, early, part_length))


async def _up_to_the_part(body: Body) -> bytes:
    """Read until the head of the first part is complete, or until there is certainly none."""
    data = bytearray()
    while b"\r\n\r\n" not in data and len(data) <= _LONGEST_HEAD_BYTES:
        piece = await body.next()
        if piece is None:
            break
        data += piece
        body.recycle(piece)
    return bytes(data)


def _range_in(head: bytes, boundary: bytes) -> tuple[str, int] | None:
    """Return the Content-Range of a part's head and the bytes it promises."""
    _, _, fields = head.partition(b"--" + boundary + b"\r\n")
    for line in fields.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-range":
            answered = parse_content_range(value)
            if isinstance(answered, ContentRange):
                return value.strip(), answered.end - answered.start
    return None
