"""Lines that name files of this machine, as terminals write them when a file is dropped."""

from __future__ import annotations

import re
from urllib.parse import unquote

from tui_downloader.model.links.shell_words import split_command

_PATH = re.compile(r"/[^/]|~/|file:/|[a-z]:[\\/]", re.IGNORECASE)
_WINDOWS = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)
_QUOTES = "\"'"
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|\S+")


def file_paths(line: str) -> tuple[str, ...]:
    """Return the paths of a line that holds nothing else: quoted, escaped, or as `file:` URLs.

    `~` stays; nothing is looked up. Empty when the line is something else.
    """
    text = line.strip()
    if _PATH.match(text.lstrip(_QUOTES)) is None:
        return ()
    if _WINDOWS.match(text.strip(_QUOTES)) is not None:
        paths = [word.strip(_QUOTES) for word in _QUOTED.findall(text)]
        return tuple(paths) if all(map(_WINDOWS.match, paths)) else (text.strip(_QUOTES),)
    words = split_command(text, 0)
    if words is not None and all(_PATH.match(word) for word in words.words):
        return tuple(_local(word) for word in words.words)
    # An unquoted name with blanks in it.
    return (_local(text),)


def _local(word: str) -> str:
    """Turn a `file:` URL (RFC 8089) into a path; its host is this machine."""
    if not word.lower().startswith("file:"):
        return word
    path = re.sub(r"^file:(?://[^/]*)?", "", word, flags=re.IGNORECASE)
    path = unquote(path)
    return path[1:] if _WINDOWS.match(path[1:]) else path
