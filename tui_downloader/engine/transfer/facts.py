"""What is known of the file that a download is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_downloader.model.http import Validators

if TYPE_CHECKING:
    from tui_downloader.model.digests import Checksum


@dataclass(slots=True)
class Facts:
    """What the server's answers told of the file."""

    final_url: str = ""
    validators: Validators = Validators()
    resumable: bool | None = None
    content_encoding: str = ""
    announced: Checksum | None = None
    remembered: str = ""
    published: Checksum | None = None  # found beside the file
    server: tuple[tuple[str, str], ...] = ()

    @property
    def resumed_by(self) -> str:
        """By what it can go on from the middle; "" when it cannot, or that is not known."""
        if not self.resumable:
            return ""
        if self.validators.is_strong:
            return "ETag"
        return "Last-Modified" if self.validators.last_modified else "by comparing bytes"

    @property
    def resume_words(self) -> str:
        """Tell whether it can go on from the middle, and by what; "" before it is known."""
        if self.resumable is None:
            return ""
        by = self.resumed_by
        return f"yes ({by})" if by else "no: the server sends the whole file only"
