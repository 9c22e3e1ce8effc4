"""Links in Markdown, as their writers meant them: with entities and escapes undone."""

from __future__ import annotations

import re

from tui_downloader.model.links.html_links import undo_entities

# [text](address "title"), in which the address may hold a pair of round brackets.
_MARKDOWN = re.compile(
    r"""\]\(\s*<?(?P<target>[a-z][a-z0-9+.-]{0,20}://(?:[^\s<>()]|\([^\s<>()]*\))+)>?"""
    r"""(?:\s+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?\s*\)""",
    re.IGNORECASE,
)
_MARKDOWN_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def take_markdown(line: str) -> tuple[list[str], str]:
    """Take the targets of Markdown links out of a line.

    Returns:
        The addresses, and the rest of the line, in which a link's text may hold one more.
    """
    targets = [
        undo_entities(_MARKDOWN_ESCAPE.sub(r"\1", m["target"])) for m in _MARKDOWN.finditer(line)
    ]
    if not targets:
        return [], line
    rest = _MARKDOWN.sub("] ", line)
    # The text of a link is often its own address.
    known = set(targets)
    return targets, " ".join(word for word in rest.split() if word.strip("[]!*_") not in known)
