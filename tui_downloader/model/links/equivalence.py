"""Whether two spellings are the same address (RFC 3986, 6.2.2 and 6.2.3).

For comparing only: an address is asked for as it was given. Nothing is taken for the same that may
name another file: the order of a query, a slash at the end, `//`, `%2F` and the case of a path
count.
"""

from __future__ import annotations

import re
from functools import lru_cache

# Most addresses are spelled so already, unless "/." is in them: there is nothing to look for.
_is_usual = re.compile(
    r"https?://[a-z0-9.-]+(?::(?!80/|443/)[1-9][0-9]*)?/[!$&-~]*"
    r"(?:%(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|[46]0|5[B-E]|7[BCDF])[!$&-~]*)*"
).fullmatch
_PARTS = re.compile(r"([^:/?#]+)://([^/?#]*)([^?#]*)(\?[^#]*)?")
_PLACE = re.compile(r"(.*@)?([^@:]*|\[[^]@]*])(?::([0-9]*))?", re.DOTALL)
_PORTS = {"http": "80", "https": "443"}
_MALFORMED = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def normalized(url: str) -> str:
    """Return what all spellings of an address have in common."""
    if _is_usual(url) is not None and "/." not in url:
        return url
    parts = _PARTS.match(url)
    if parts is None:
        return url
    scheme, place, path, query = parts.groups("")
    return f"{_place(scheme.lower(), place)}{_path(path) or '/'}{_decoded(query)}"


@lru_cache(maxsize=256)  # thousands of links lead to the same few
def _place(scheme: str, place: str) -> str:
    """Write the host in lower case, and no port that the scheme stands for."""
    parts = _PLACE.fullmatch(place)
    if parts is None:
        return f"{scheme}://{place}"
    userinfo, host, port = parts.groups("")
    port = port.lstrip("0")
    is_told = port not in ("", _PORTS.get(scheme))
    return f"{scheme}://{userinfo}{host.lower()}{f':{port}' if is_told else ''}"


def _path(path: str) -> str:
    """Follow "." and "..", unless nobody knows what a server makes of the segments around them."""
    decoded = _decoded(path)
    if "/." not in decoded or "//" in decoded or _MALFORMED.search(decoded) is not None:
        return decoded
    segments: list[str] = []
    _, *wanted, last = decoded.split("/")
    for segment in (*wanted, last):
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    if last in (".", ".."):
        segments.append("")
    return f"/{'/'.join(segments)}"


def _decoded(text: str) -> str:
    """Decode what need not be encoded, and write the rest in capitals."""
    if "%" not in text or _MALFORMED.search(text) is not None:
        return text  # in "%%34%31" nothing is what it seems to be
    return _ENCODED.sub(lambda match: _character(match[0]), text)


@lru_cache(maxsize=1024)
def _character(encoded: str) -> str:
    char = chr(int(encoded[1:], 16))
    return char if char in _UNRESERVED else encoded.upper()
