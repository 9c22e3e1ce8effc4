"""The name of a file after an edit of its download."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.model.naming import safe_name, told_name

if TYPE_CHECKING:
    from tui_downloader.model.download import DownloadRequest


def name_wanted(before: DownloadRequest, after: DownloadRequest, name: str) -> str:
    """Return the name that the file is to have.

    It may be called otherwise than was asked for: only another wish gives it another name.

    Args:
        name: its name of now.
    """
    return safe_name(after.name) if after.name and after.name != before.name else name


def with_name_of(before: DownloadRequest, after: DownloadRequest) -> DownloadRequest:
    """Return the new request, with the name that was shown before.

    For a file that no server has named yet: at another address it is still the same file.
    """
    if after.url == before.url or after.name:
        return after
    return replace(after, name=before.name or told_name(before.url) or None)
