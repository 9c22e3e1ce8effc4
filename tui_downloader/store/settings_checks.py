"""Checks settings on this machine: each unusable one is replaced by its default, with a message."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.store.settings import Settings, default_of, line_in

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path


def check_issuers(path: str) -> None:
    """Check whether a file holds certificates; reads all of it.

    Raises:
        ValueError: it does not, in a sentence for the user.
    """
    import ssl  # only a run that names issuers needs it this early

    file = os.path.expanduser(path)
    if not os.path.isfile(file):
        raise ValueError(f"there is no certificate file {path}")
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError as error:
        raise ValueError(f"{path} holds no certificates in PEM form") from error
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error


def check_folder(path: str) -> None:
    """Check whether the path of a folder is usable; the folder need not exist.

    Raises:
        ValueError: it is not, in a sentence for the user.
    """
    if os.path.expanduser(path).startswith("~"):
        raise ValueError(f"nobody's home folder is meant by {path}")


# Nobody is trusted in place of issuers that cannot be read: their servers are then refused.
_CHECKS = {
    "ca_certificate": (check_issuers, "the system's issuers alone are trusted"),
    "download_dir": (check_folder, "the system's folder for downloads is used"),
}


def usable(settings: Settings, file: Path, outranked: Container[str]) -> tuple[Settings, list[str]]:
    """Replace settings that cannot be used by their defaults.

    Args:
        settings: as the file has them.
        file: where they were read, to name the line.
        outranked: names that the command line gives: the file's value does not matter.

    Returns:
        Settings that hinder no start, and sentences about what was left out.
    """
    notices = []
    for name, (check, instead) in _CHECKS.items():
        value = getattr(settings, name)
        if value is None or name in outranked:
            continue
        try:
            check(value)
        except ValueError as error:
            notices.append(f"{file}, line {line_in(file, name)}: {name}: {error}; {instead}")
            settings = replace(settings, **{name: default_of(name)})
    return settings, notices
