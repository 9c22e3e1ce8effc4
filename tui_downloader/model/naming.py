"""File names from outside, made safe: one path segment that every file system takes."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from tui_downloader.model.own_names import disowned
from tui_downloader.model.text import clean, decoded, raw_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FALLBACK = "download"
# 255 bytes less ".part.json.old", a temporary's "." and ".tmp", and " (9999)".
LONGEST_BYTES = 255 - 32
_LONGEST_EXTENSION_BYTES = 16
# Most are like these, among thousands of links: safe as they are, and nothing to decode.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}(?<!\.)")
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9.:-]+/(?:[A-Za-z0-9_./-]*/)?([A-Za-z0-9_.-]*)(?:\?[!-~]*)?"
)
_RESERVED = re.compile(r'[<>:"|?*]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
# What ends like a program of the server (`get.php?id=1`) has its name from the answer.
_PROGRAMS = frozenset({".php", ".asp", ".aspx", ".jsp", ".cgi", ".pl", ".do", ".ashx"})
_NUMBERED = re.compile(r"(?P<stem>.*\S) \((?P<n>[1-9][0-9]{0,2})\)", re.DOTALL)
# Two endings that belong together: `name (1).tar.gz`, not `name.tar (1).gz`.
_DOUBLE = re.compile(r"(?<=.)\.tar\.[a-z0-9]{1,5}\Z", re.IGNORECASE)


@lru_cache(maxsize=256)  # most answers suggest the name that was guessed before
def choose_name(
    *, wanted: str | None, disposition: str | None, final_url: str, first_url: str
) -> str:
    """Return a safe name by the order of laws.md: the user's, the server's, the addresses'.

    Args:
        wanted: what the user asked for.
        disposition: what Content-Disposition says.
        final_url: where the bytes come from; first_url: what was asked for.
    """
    for raw in _suggestions(wanted, disposition, final_url, first_url):
        if raw and (name := _made_safe(raw)):
            return name
    return FALLBACK


def _suggestions(
    wanted: str | None, disposition: str | None, final_url: str, first_url: str
) -> Iterator[str | None]:
    """Yield names lazily, as of ten thousand links seldom more than one name each is needed."""
    yield wanted
    yield disposition
    yield _last_segment(final_url)
    if first_url != final_url:
        yield _last_segment(first_url)


def told_name(url: str) -> str:
    """Return the file name in an address; "" if only the server knows it."""
    name = _made_safe(_last_segment(url))
    ending = split_ending(name)[1].lower()
    return name if ending and ending not in _PROGRAMS else ""


def safe_name(raw: str) -> str:
    """Return `raw` as a file name: never empty, one segment, bounded. Safe names stay."""
    return _made_safe(raw) or FALLBACK


def wished_name(raw: str) -> str | None:
    """Return a name that a text wishes for as a file name; None when nothing of it is left."""
    return _made_safe(raw) or None


def typed_name(text: str) -> str:
    """Return the file name for a typed text; "" for none.

    Raises:
        ValueError: a sentence for the user: a part of it would be lost.
    """
    text = text.strip()
    if "/" in text or "\\" in text:
        raise ValueError("a name is no path: folders have a place of their own")
    name = _made_safe(text)
    if text and not name:
        raise ValueError("nothing of this name could be used")
    return name


def numbered(name: str, n: int) -> str:
    """Return "name (n).ext", the ending in its place."""
    stem, ending = split_ending(name)
    return f"{stem} ({n}){ending}"


def variants(name: str) -> Iterator[str]:
    """Yield `name`, then "name (1).ext", "name (2).ext" and so on, without an end."""
    yield name
    stem, ending = split_ending(name)
    has_number = _NUMBERED.fullmatch(stem)
    if has_number:  # "name (1).ext" goes on with "name (2).ext"; a year is a part of the name
        name = f"{has_number['stem']}{ending}"
    for n in count(int(has_number["n"]) + 1 if has_number else 1):
        yield numbered(name, n)


def free_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """Return `name`, or its first numbered variant that is not taken."""
    return next(each for each in variants(name) if not is_taken(each))


def split_ending(name: str) -> tuple[str, str]:
    """Split a name and its extension, which keeps its dot and is at most 16 bytes long."""
    dot = name.rfind(".")
    if dot <= 0 or len(name[dot:].encode()) > _LONGEST_EXTENSION_BYTES or name[dot:] == ".":
        return name, ""
    if (match := _DOUBLE.search(name)) is not None:
        dot = match.start()
    return name[:dot], name[dot:]


def _made_safe(raw: str) -> str:
    if _PLAIN_NAME.fullmatch(raw) and not _DEVICE.fullmatch(raw.partition(".")[0]):
        return disowned(raw)
    name = unicodedata.normalize("NFC", raw)
    name = re.split(r"[/\\]", name)[-1]
    name = _RESERVED.sub("_", _writable(clean(name))).strip(". ")
    name = _shortened(unicodedata.normalize("NFC", name))
    # Looked at last: what was cut may have left a device's name, or one of the program's own.
    if _DEVICE.fullmatch(name.partition(".")[0].strip()):
        name = _shortened(f"_{name}")
    return disowned(name)


def _writable(name: str) -> str:
    """Replace what file names of this system cannot have: the encoding is not UTF-8 everywhere."""
    encoding = sys.getfilesystemencoding()
    if encoding == "utf-8" or name.isascii():
        return name
    return name.encode(encoding, "replace").decode(encoding)


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    stem, ending = split_ending(name)
    room = LONGEST_BYTES - len(ending.encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ")
    return f"{stem}{ending}".strip(". ")


def _last_segment(url: str) -> str:
    """The last part of an address's path, decoded: UTF-8, else Latin-1."""
    if (plain := _PLAIN_URL.fullmatch(url)) is not None:
        return plain[1]
    try:
        path = urlsplit(url).path
    except ValueError:
        return ""
    return decoded(unquote_to_bytes(raw_bytes(path.rpartition("/")[2])))
