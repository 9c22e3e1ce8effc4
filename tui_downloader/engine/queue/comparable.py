"""Whether the file of a download can, or still has to, be compared with a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.errors import ChecksumMismatch, code_of
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from tui_downloader.engine.transfer.download import Download


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
