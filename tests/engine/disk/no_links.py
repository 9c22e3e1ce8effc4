"""A file system that can neither link a file nor rename it without replacing."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from tui_downloader.engine.disk import renaming, unnamed


def know_no_links(monkeypatch: pytest.MonkeyPatch | None = None) -> None:
    """Let the system answer so; without `monkeypatch` for the rest of the process."""

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    patch = monkeypatch or pytest.MonkeyPatch()
    patch.setattr(os, "link", refused)
    patch.setattr(renaming, "_renamed", lambda *_: False)
    patch.setattr(unnamed, "OPEN_FILES", "/nowhere")  # nor can a file be without a name
