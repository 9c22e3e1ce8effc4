"""Where a download goes, and what the user said of names that are taken there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError

if TYPE_CHECKING:
    from tui_downloader.engine.names import Names


class Skipped(Exception):
    """The final name exists and the user said to skip such files."""


class Place(NamedTuple):
    """Where a download goes: what naming needs besides the name itself."""

    download_id: int
    folder: str
    on_conflict: OnConflict
    names: Names

    def claim(self, name: str) -> bool:
        return self.names.claim(self.folder, name, self.download_id)

    def release(self, name: str) -> None:
        self.names.release(self.folder, name, self.download_id)


def refuse_unless_renaming(place: Place, name: str) -> None:
    """Raise what the user's choice makes of a name that is taken on disk."""
    if place.on_conflict is OnConflict.SKIP:
        place.release(name)
        raise Skipped(name)
    if place.on_conflict is OnConflict.ASK:
        place.release(name)
        raise DiskError(
            f"{name} exists already in {place.folder}",
            code="exists",
            hint="rename, overwrite or skip",
        )
