"""Text that opens an address when clicked, in terminals that support it (OSC 8)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self


class Linked(str):
    """A string with the address that it opens when clicked.

    Args:
        text: what is shown.
        target: an address, already cleaned; "" for none.
    """

    __slots__ = ("target",)
    target: str

    def __new__(cls, text: str, target: str) -> Self:
        linked = super().__new__(cls, text)
        linked.target = target
        return linked

    def __eq__(self, other: object) -> bool:
        # What is painted decides what is painted again, and the address is painted too.
        return super().__eq__(other) and target_of(other) == self.target

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def target_of(text: object) -> str:
    """Return the address behind a text, "" when there is none."""
    return text.target if isinstance(text, Linked) else ""


def url_target(url: str) -> str:
    """Return an address as a link target; "" for one with user and password."""
    return "" if "://***@" in url else url


def file_target(path: str) -> str:
    """Return the file: address of an absolute path, without looking at the disk."""
    return Path(path).as_uri() if os.path.isabs(path) else ""
