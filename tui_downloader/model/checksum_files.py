"""Published checksum files: where they usually lie, and what they say of one file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from tui_downloader.model.digests import Checksum, parse_checksum

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_REQUESTS = 3
# GNU coreutils: `HEX  name` or `HEX *name`; BSD: `SHA256 (name) = HEX`; or the digest alone.
_GNU = re.compile(r"\\?([0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})\s+\*?(.+)", re.ASCII)
_BSD = re.compile(r"(SHA-?(?:256|384|512))\s*\((.+)\)\s*=\s*([0-9A-Fa-f]{64,128})", re.IGNORECASE)
_ALONE = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}", re.ASCII)
_IMAGES = (".iso", ".img", ".qcow2", ".xz", ".raw")


def places_of(url: str) -> list[str]:
    """Return where the checksum of a file may be published, the likeliest first.

    A signed or computed address (with a query) has nothing beside it.
    """
    parts = urlsplit(url)
    folder, _, name = parts.path.rpartition("/")
    if parts.query or not name:
        return []
    if name.lower().endswith(_IMAGES):
        beside = [f"{folder}/SHA256SUMS", f"{parts.path}.sha256", f"{folder}/sha256sum.txt"]
    else:
        beside = [f"{parts.path}.sha256", f"{parts.path}.sha512", f"{folder}/SHA256SUMS"]
    return [urlunsplit(parts._replace(path=path, fragment="")) for path in beside]


def find_checksum(text: str, file_url: str, place_url: str) -> Checksum | None:
    """Return what a checksum file beside a file says of it, None when it says nothing.

    A list may have files of one name in several folders: the way to it tells which one is meant.
    What is said in two ways is not said.

    Args:
        text: of the checksum file.
        file_url: the file's address; its last segment is the name to look for.
        place_url: the checksum file's address, which becomes the source.
    """
    path = unquote(urlsplit(file_url).path)
    source = unquote(urlsplit(place_url).path.rpartition("/")[2])
    is_alone = source.startswith(path.rpartition("/")[2])
    said = [(_nearness(named, path, is_alone=is_alone), each) for each, named in _entries(text)]
    nearest = max((nearness for nearness, _ in said), default=0)
    found = [parse_checksum(each) for nearness, each in said if nearness == nearest]
    if not nearest or any(
        each != found[0] for each in found if each.algorithm == found[0].algorithm
    ):
        return None
    return found[0]._replace(source=source)


def _nearness(named: str, path: str, *, is_alone: bool) -> int:
    """Tell how surely a line means a file: 2 by its name, 1 by a way that ends there, 0 not at all.

    Args:
        named: as in the line, from the folder in which it was made.
        path: of the file's address.
        is_alone: the checksum file is of this file only; its maker may have had it anywhere.
    """
    name = path.rpartition("/")[2]
    while named.startswith("./"):
        named = named.removeprefix("./")
    if named == name or (is_alone and not named):
        return 2
    is_there = is_alone and named.rpartition("/")[2] == name
    return int(bool(named) and (is_there or path.endswith(f"/{named}")))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield digest and name of each line; "" where a digest stands alone."""
    for line in map(str.strip, text.splitlines()):
        if (match := _BSD.fullmatch(line)) is not None:
            yield match[3], match[2]
        elif (match := _GNU.fullmatch(line)) is not None:
            yield match[1], match[2].strip()
        elif _ALONE.fullmatch(line):
            yield line, ""
