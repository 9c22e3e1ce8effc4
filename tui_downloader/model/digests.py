"""Digests that a file must have: what the user typed and what HTTP headers announce.

Nothing is hashed here; see `engine.checksum`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checksum:
    """An expected digest.

    Attributes:
        algorithm: the field's name in lower case: "sha-256", "sha-512", "sha-1", "md5", "crc32c".
        hexdigest: lower-case hexadecimal.
        source: where it came from: "you", "Repr-Digest", "Content-MD5", ...
    """

    algorithm: str
    hexdigest: str
    source: str = "you"
