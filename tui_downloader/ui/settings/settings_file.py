"""`settings.toml` during a run: saved to, and read again when somebody else has changed it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_downloader.store.settings import Settings, load_or_raise, save
from tui_downloader.store.settings_checks import usable

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

_AT_REST_S = 1.0  # an editor may be in the middle of writing


class Reading(NamedTuple):
    """What the file says.

    Attributes:
        settings: with a default for what cannot be used.
        problems: sentences about that.
    """

    settings: Settings
    problems: list[str]


class _Look(NamedTuple):
    inode: int
    size: int
    changed_at_ns: int


class SettingsFile:
    """Knows how the file looked when this program read or wrote it last. Everything in it blocks.

    Args:
        path: has just been read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = self._look()

    def read_changed(self, outranked: Container[str], *, at_once: bool) -> Reading | None:
        """Read it again if others have changed it, but not while they write; None if not.

        A file that is gone has not changed anything: editors put another one in its place.

        Args:
            outranked: names that the command line gives.
            at_once: also if it was changed this very moment; somebody looks at the settings now.

        Raises:
            ValueError: it cannot be read as it is, in a sentence; told once, and again `at_once`.
        """
        now = self._look()
        if now is None:
            return None
        if now == self._known:
            if at_once:
                load_or_raise(self.path)
            return None
        if not at_once and 0 <= time.time() - now.changed_at_ns / 1e9 < _AT_REST_S:
            return None
        self._known = now
        settings, problems = load_or_raise(self.path)
        settings, left_out = usable(settings, self.path, outranked)
        return Reading(settings, problems + left_out)

    def save(self, changes: Mapping[str, Any]) -> None:
        """Write changed settings, as `store.settings.save` does.

        Raises:
            ValueError: it cannot be written, in a sentence.
        """
        try:
            save(self.path, changes)
        except OSError as error:
            raise ValueError(f"cannot write {self.path}: {error.strerror or error}") from error
        self._known = self._look()

    def _look(self) -> _Look | None:
        try:
            found = os.stat(self.path)
        except OSError:
            return None
        return _Look(found.st_ino, found.st_size, found.st_mtime_ns)
