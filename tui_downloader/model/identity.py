"""What tells a file that this program left from another one that has its name by now."""

from __future__ import annotations

from typing import NamedTuple


class Identity(NamedTuple):
    """A file as it was left: another one differs, and so does this one once it is written again.

    The number of its file system is no part of it: that may be another one with every mount.

    Attributes:
        inode: its number on its file system; free again when the file is deleted.
        total_bytes: its size; None while it is written.
        written_ns: when it was last written, by the file system's clock; None while it is written.
    """

    inode: int
    total_bytes: int | None = None
    written_ns: int | None = None

    def fits(self, there: Identity) -> bool:
        """Tell whether what is there is this file."""
        is_as_large = self.total_bytes in (None, there.total_bytes)
        is_as_old = self.written_ns in (None, there.written_ns)
        return self.inode == there.inode and is_as_large and is_as_old


class KeptFile(NamedTuple):
    """A file with a wrong digest that was kept under another name."""

    path: str
    identity: Identity
