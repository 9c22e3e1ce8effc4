"""Digests that a file must have: what the user typed and what HTTP headers announce.

Nothing is hashed here; see `engine.transfer.checksum`.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, NamedTuple, Protocol

from tui_downloader.model.http import content_coding

if TYPE_CHECKING:
    from collections.abc import Sequence

# Hexadecimal digits of each digest, the strongest first.
HEX_DIGITS = {"sha-512": 128, "sha-384": 96, "sha-256": 64, "sha-224": 56, "sha-1": 40, "md5": 32}
_STRONG = frozenset({"sha-512", "sha-384", "sha-256", "sha-224"})
_TYPED = re.compile(r"(?:(?P<name>[A-Za-z0-9-]+)\s*[=:]\s*)?(?P<hex>[0-9A-Fa-f]+)", re.ASCII)
# RFC 9530: a dictionary of byte sequences, `sha-256=:BASE64:`; RFC 3230: `SHA-256=BASE64`.
# The look behind keeps a long run of letters from being tried at each of them.
_MEMBER = re.compile(
    r"(?<![A-Za-z0-9*-])([A-Za-z0-9*-]+)\s*=\s*:?([A-Za-z0-9+/]+={0,2}):?", re.ASCII
)


# Where digests come from.
YOU, METALINK = "you", "Metalink"
_STORED = "x-goog-hash"
_FIELDS = ("Repr-Digest", "Digest", _STORED)
_FIELD_OF_WHOLE = "Content-MD5"


class Checksum(NamedTuple):
    """An expected digest.

    Attributes:
        algorithm: the field's name in lower case: "sha-256", "sha-512", "sha-1", "md5".
        hexdigest: lower-case hexadecimal.
        source: where it came from: "you", "Metalink", "Repr-Digest", "Content-MD5", ...
    """

    algorithm: str
    hexdigest: str
    source: str = YOU

    @property
    def is_asked(self) -> bool:
        """It came with the user's request, not from a server."""
        return self.source in (YOU, METALINK)

    @property
    def is_of_sent(self) -> bool:
        """It covers the bytes as sent; other digests cover the decoded file."""
        return self.source in (*_FIELDS, _FIELD_OF_WHOLE)

    @property
    def is_strong(self) -> bool:
        """It protects against an attacker; MD5 and SHA-1 only detect accidents."""
        return self.algorithm in _STRONG

    def __str__(self) -> str:
        return f"{self.algorithm}={self.hexdigest} ({self.source})"


def digest_name(algorithm: str) -> str:
    """Write "sha-256" as "sha256", as tools and their files do."""
    return algorithm.replace("-", "")


class Headers(Protocol):
    """Fields of an answer, looked up without case; each has one value for every line of it."""

    def getall(self, name: str, default: Sequence[str], /) -> Sequence[str]: ...


def parse_checksum(text: str) -> Checksum:
    """Read "sha-256=HEX", "sha256:HEX", or bare hexadecimal told by its length.

    Raises:
        ValueError: a sentence for the user.
    """
    match = _TYPED.fullmatch(text.strip())
    if match is None:
        raise ValueError("a checksum is ALGORITHM=HEX, e.g. sha-256=9f86d0…")
    hexdigest = match["hex"].lower()
    if match["name"] is None:
        for algorithm, digits in HEX_DIGITS.items():
            if digits == len(hexdigest):
                return Checksum(algorithm, hexdigest)
        raise ValueError(f"{len(hexdigest)} hexadecimal digits fit no known checksum")
    algorithm = _canonical(match["name"])
    if algorithm not in HEX_DIGITS:
        raise ValueError(f"unknown checksum {match['name']}; known: {', '.join(HEX_DIGITS)}")
    if len(hexdigest) != HEX_DIGITS[algorithm]:
        raise ValueError(
            f"{algorithm} has {HEX_DIGITS[algorithm]} hexadecimal digits, not {len(hexdigest)}"
        )
    return Checksum(algorithm, hexdigest)


def from_headers(headers: Headers, *, of_whole: bool = True) -> Checksum | None:
    """Return the strongest usable digest of the whole file; invalid fields are ignored.

    Sources: Repr-Digest (RFC 9530), Digest (RFC 3230), Content-MD5 (RFC 1864), x-goog-hash.
    Content-Digest is of the bytes in one answer and says nothing of the file. A field may come in
    several lines (RFC 9110, 5.3): x-goog-hash does, with one digest in each.

    Args:
        of_whole: the answer carries the whole file; else Content-MD5 is of a part only.
    """
    found: dict[str, Checksum] = {}
    for source in _FIELDS:
        if source == _STORED and _is_transcoded(headers):
            continue
        for name, value in _MEMBER.findall(",".join(headers.getall(source, ()))):
            _collect(found, _canonical(name), value, source)
    if of_whole:
        for md5 in headers.getall(_FIELD_OF_WHOLE, ()):
            _collect(found, "md5", md5.strip(), _FIELD_OF_WHOLE)
    return next((found[name] for name in HEX_DIGITS if name in found), None)


def _is_transcoded(headers: Headers) -> bool:
    """Tell whether Google Cloud Storage has decoded for us what it stores in another coding.

    Its hash is of the stored bytes (cloud.google.com/storage/docs/transcoding), so of no file here.
    """
    stored = headers.getall("x-goog-stored-content-encoding", ())
    sent = content_coding(headers.getall("Content-Encoding", ()))
    return bool(stored) and content_coding(stored) != sent


def _collect(found: dict[str, Checksum], algorithm: str, encoded: str, source: str) -> None:
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return
    if HEX_DIGITS.get(algorithm) == 2 * len(digest):
        found.setdefault(algorithm, Checksum(algorithm, digest.hex(), source))


def _canonical(name: str) -> str:
    lower = name.lower()
    if lower == "sha":
        return "sha-1"
    return re.sub(r"^sha-?(\d+)$", r"sha-\1", lower)
