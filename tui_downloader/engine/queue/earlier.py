"""How a download was finished before it started again, so that it can be restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.model.download import Assurance
    from tui_downloader.model.identity import KeptFile


class Earlier(NamedTuple):
    """How a download was finished before."""

    name: str
    total_bytes: int | None
    finished_at: float | None
    active_s: float
    received_bytes: int
    assurance: Assurance | None
    checked_by: str
    computed: str
    kept_as: tuple[KeptFile, ...]

    @classmethod
    def of(cls, download: Download) -> Earlier:
        """Remember a COMPLETED download."""
        return cls(
            download.name,
            download.total_bytes,
            download.finished_at,
            download.active_s,
            download.received_bytes,
            download.assurance,
            download.checked_by,
            download.known_facts.computed,
            download.kept_as,
        )

    def restore(self, download: Download) -> None:
        """Make it COMPLETED as it was; the files of the new run have been deleted already."""
        download.name = self.name
        download.total_bytes = self.total_bytes
        download.finished_at = self.finished_at
        download.active_s, download.received_bytes = self.active_s, self.received_bytes
        download.assurance, download.checked_by = self.assurance, self.checked_by
        download.facts.computed = self.computed
        download.failure = None
        download.from_zero = False
        download.changed()
