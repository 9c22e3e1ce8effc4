"""What is known of the file that a download is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_downloader.model.http import Validators

if TYPE_CHECKING:
    from tui_downloader.model.digests import Checksum


@dataclass(slots=True)
class Facts:
    """What the server's answers said of the file, and what its digest was found to be."""

    final_url: str = ""
    validators: Validators = Validators()
    resumable: bool | None = None
    content_encoding: str = ""
    announced: Checksum | None = None
    remembered: str = ""
    published: Checksum | None = None  # found beside the file
    computed: str = ""  # "sha-256=…"
    server: tuple[tuple[str, str], ...] = ()
    sent: tuple[tuple[str, str], ...] = ()  # the request that it answered, secrets masked

    @property
    def resumed_by(self) -> str:
        """What makes resuming possible (a validator); "" when it is impossible or unknown."""
        if not self.resumable:
            return ""
        if self.validators.is_strong:
            return "ETag"
        return "Last-Modified" if self.validators.last_modified else "by comparing bytes"

    @property
    def resume_words(self) -> str:
        """Say whether it can be resumed, and by what; "" before that is known."""
        if self.resumable is None:
            return ""
        by = self.resumed_by
        return f"yes ({by})" if by else "no: the server sends the whole file only"
