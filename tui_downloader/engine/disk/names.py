"""Which file names the downloads of this program have taken, so that no two get the same one."""

from __future__ import annotations

import threading
import unicodedata


class Names:
    """File names claimed by downloads, compared without case. Used from worker threads.

    A claim excludes only other downloads of this program; the disk is checked separately.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[tuple[str, str], int] = {}

    def claim(self, folder: str, name: str, download_id: int) -> bool:
        """Take a name for a download; False when another one has it."""
        with self._lock:
            return self._owners.setdefault(_key(folder, name), download_id) == download_id

    def may_claim(self, folder: str, name: str, download_id: int) -> bool:
        """Tell whether no other download has a name just now."""
        with self._lock:
            return self._owners.get(_key(folder, name), download_id) == download_id

    def release(self, folder: str, name: str, download_id: int) -> None:
        """Give a name back."""
        with self._lock:
            if self._owners.get(_key(folder, name)) == download_id:
                del self._owners[_key(folder, name)]


def _key(folder: str, name: str) -> tuple[str, str]:
    return folder, unicodedata.normalize("NFC", name).casefold()
