"""Text from outside: cleaned for display, and separated from secrets.

URLs, header fields, file names and error pages are data. What reaches a screen has gone through
`clean`; an address that may hold a password, through `redact`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

# Cc: controls, Cs: surrogates, Zl and Zp: separators that break lines. Cf holds bidirectional
# controls and zero-width characters; all of it is invisible, so nothing is lost to a reader.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
LINE_ENDS = re.compile(r"\r\n|\r")  # other than a line feed
_UNUSUAL = re.compile(r"[^\x20-\x7e\n\t]+")
_BLANKS = frozenset("\t\n\v\f\r\u2028\u2029")


def clean(text: str, limit: int | None = None) -> str:
    """Return `text` as one harmless line: nothing invisible, nothing that moves a cursor.

    Args:
        limit: longest result in characters; what is cut is marked with an ellipsis.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_shown, text))
    if limit is not None and len(text) > limit:
        return text[: max(0, limit - 1)] + "…"
    return text


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    if char in _BLANKS:
        return " "
    return "" if unicodedata.category(char) in _UNSEEN else char


def cut_to_cells(text: str, width: int) -> str:
    """Return the beginning of a clean line that fits so many cells of a terminal, "…" at its end.

    Cells of East Asian wide characters count two, combining marks none.
    """
    if len(text) <= width and text.isascii():
        return text
    ends = list(accumulate(map(_cells, text)))
    if not ends or ends[-1] <= width:
        return text
    return text[: bisect_right(ends, max(0, width - 1))] + "…"


@lru_cache(maxsize=4096)
def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def raw_bytes(text: str) -> bytes:
    """Return the bytes behind a text: header bytes that are no UTF-8 are kept as surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return text.encode("utf-8", "replace")


def decoded(data: bytes) -> str:
    """Read bytes of unknown encoding: UTF-8, else Latin-1, in which every byte is a letter."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def clean_lines(text: str) -> str:
    """Return `text` for an input box: lines and tabs stay, nothing else moves a cursor.

    A control character becomes U+FFFD, so that an address with one in it is still seen to be wrong.
    """
    text = LINE_ENDS.sub("\n", text)
    return _UNUSUAL.sub(lambda match: "".join(map(_typed, match[0])), text)


@lru_cache(maxsize=4096)
def _typed(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cc", "Cs"):
        return "\ufffd"
    if category in ("Zl", "Zp"):
        return "\n"
    return "" if category == "Cf" else char


def strip_userinfo(url: str) -> tuple[str, tuple[str, str] | None]:
    """Split an address into user, password and the rest, which stays byte for byte.

    Returns:
        The address without them, and the percent-decoded pair or None (RFC 3986, 3.2.1).
    """
    if "@" not in url:
        return url, None
    scheme, separator, rest = url.partition("://")
    end = min((i for c in "/?#" if (i := rest.find(c)) >= 0), default=len(rest))
    userinfo, at, host = rest[:end].rpartition("@")
    if not separator or not at:
        return url, None
    user, _, password = userinfo.partition(":")
    return f"{scheme}://{host}{rest[end:]}", (unquote(user), unquote(password))


def redact(url: str) -> str:
    """Return an address for display: user and password as `***`, and clean."""
    plain, credentials = strip_userinfo(url)
    if credentials is not None:
        scheme, _, rest = plain.partition("://")
        plain = f"{scheme}://***@{rest}"
    return clean(plain)


MASK = "***"
_TOLD_HEADERS = frozenset(
    {
        "accept", "accept-encoding", "accept-language", "if-range", "range", "referer",
        "user-agent",
    }
)  # fmt: skip


def masked(name: str, value: str) -> str:
    """Return a header's value for display, masked if it could be a secret."""
    return value if name.lower() in _TOLD_HEADERS else MASK


def shown_headers(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return headers for display, with everything that could be a secret hidden."""
    return tuple((clean(name, 60), clean(masked(name, value), 200)) for name, value in headers)
