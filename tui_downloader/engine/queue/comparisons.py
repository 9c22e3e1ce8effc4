"""Compares whole files with the digests that are expected of them, while nothing is fetched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.model.errors import ChecksumMismatch, DownloadError, code_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download
    from tui_downloader.engine.transfer.tools import Tools


def is_comparable(download: Download) -> bool:
    """A whole file is here: it is finished, or was kept for its wrong digest."""
    has_other_digest = code_of(download.failure) == ChecksumMismatch.code
    return download.status is Status.COMPLETED or (
        download.status is Status.FAILED and has_other_digest
    )


def lacks_verdict(download: Download) -> bool:
    """The finished file has not been compared with the digest that the user expects."""
    is_expected = download.request.checksum is not None
    return download.status is Status.COMPLETED and is_expected and not download.checked_by


def was_cut_short(download: Download) -> bool:
    """What was kept with a wrong digest fits the one that the user expects now, or may do so.

    The end of the program came before that was found.
    """
    expected = download.request.checksum
    if expected is None or not download.kept_as or not is_comparable(download):
        return False
    algorithm, _, computed = download.known_facts.computed.partition("=")
    return algorithm != expected.algorithm or computed == expected.hexdigest


class Comparisons:
    """Those that are to follow once files are where they are moving to, and each one's course.

    Args:
        tools: the engine's.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._due: set[int] = set()

    def owe(self, download: Download) -> None:
        """Its task, which moves its files, is to compare them as well."""
        self._due.add(download.download_id)

    def is_due(self, download: Download) -> bool:
        """Its files are still to be compared."""
        return download.download_id in self._due

    def forget(self, download: Download) -> None:
        """Its task has ended: what it has not compared by now is not compared."""
        self._due.discard(download.download_id)

    async def carry_out(self, download: Download) -> None:
        """Compare the digest of a file that is whole; say so where it cannot be read.

        A file that differs keeps its name, as it is the user's by now.
        """
        # No download that is not whole yet needs these.
        from tui_downloader.engine.queue.recheck import recheck
        from tui_downloader.engine.transfer.finishing import check_finished

        self.forget(download)
        compare = check_finished if download.status is Status.COMPLETED else recheck
        try:
            await compare(download, self._tools)
        except DownloadError as error:
            self._tools.tell(download, f"not checked: {error.message}")
        finally:
            download.set_phase("", time.time())
