"""How a file that this program left is told from another one that has its name now."""

from __future__ import annotations

from typing import NamedTuple


class Identity(NamedTuple):
    """The state of a file as it was left: other files differ, and so does this one once written.

    The device number is not included, as it may change with every mount.

    Attributes:
        inode: its number on its file system; free again when the file is deleted.
        total_bytes: its size; None while it is written.
        written_ns: when it was last written, by the file system's clock; None while it is written.
    """

    inode: int
    total_bytes: int | None = None
    written_ns: int | None = None

    def fits(self, there: Identity) -> bool:
        """Tell whether an existing file is this one."""
        is_as_large = self.total_bytes in (None, there.total_bytes)
        is_as_old = self.written_ns in (None, there.written_ns)
        return self.inode == there.inode and is_as_large and is_as_old


class KeptFile(NamedTuple):
    """A file with a wrong digest that was kept under another name."""

    path: str
    identity: Identity
