"""Where a download goes, and what the user chose for names that are taken there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import EXISTS, DiskError
from tui_downloader.model.naming import variants

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.engine.disk.names import Names

T = TypeVar("T")


class Skipped(Exception):
    """The final name exists and the user said to skip such files."""


class Destination(NamedTuple):
    """Where a download goes: all that naming needs besides the name itself.

    Attributes:
        from_zero: what is there of it is not to be gone on with.
        undo_until: steady clock, seconds; what is replaced before is kept so long.
    """

    download_id: int
    folder: str
    on_conflict: OnConflict
    names: Names
    from_zero: bool = False
    undo_until: float = 0.0

    def may_claim(self, name: str) -> bool:
        return self.names.may_claim(self.folder, name, self.download_id)

    def claim(self, name: str) -> bool:
        return self.names.claim(self.folder, name, self.download_id)

    def release(self, name: str) -> None:
        self.names.release(self.folder, name, self.download_id)


def refuse_unless_renaming(destination: Destination, name: str) -> None:
    """Raise the error for a name that is taken, unless the user chose to rename."""
    if destination.on_conflict is OnConflict.SKIP:
        destination.release(name)
        raise Skipped(name)
    if destination.on_conflict is OnConflict.ASK:
        destination.release(name)
        raise DiskError(
            f"{name} exists already in {destination.folder}",
            code=EXISTS,
            hint="rename, overwrite or skip",
        )


def take_final_name(
    wanted: str, destination: Destination, give: Callable[[str], T]
) -> tuple[str, T]:
    """Give a file the wanted final name, or a free variant of it; return the name. Blocks.

    Args:
        give: gives it a name, and raises FileExistsError when that is taken.

    Returns:
        The name that it got, and what `give` returned.

    Raises:
        Skipped: the name exists and such files are to be skipped.
        DiskError: it exists and the user must be asked.
    """
    for name in variants(wanted):
        if not destination.claim(name):
            continue
        try:
            return name, give(name)
        except FileExistsError:
            refuse_unless_renaming(destination, name)
            destination.release(name)
    raise AssertionError("variants have no end")
