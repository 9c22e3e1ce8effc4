"""Arguments and settings together, and the engine's options that follow from them."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.runs.limit_clock import limit_now

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Sequence

    from tui_downloader.engine import EngineOptions
    from tui_downloader.model.download import DownloadRequest
    from tui_downloader.store.paths import Paths
    from tui_downloader.store.settings import Settings

_DESCRIPTORS = 1024


class Invocation(NamedTuple):
    """One start of the program.

    Attributes:
        settings: those of the file, with what the command line says of them.
        folder: where downloads go that name no folder.
        requests: what the command line asks to be downloaded.
        notices: sentences for the user.
        given: settings that the command line outranks, by name.
    """

    arguments: argparse.Namespace
    settings: Settings
    paths: Paths
    folder: str
    requests: Sequence[DownloadRequest]
    notices: Sequence[str]
    given: Collection[str] = ()


def engine_options(invocation: Invocation) -> EngineOptions:
    """Return the options of the engine."""
    from tui_downloader.engine import EngineOptions

    settings = invocation.settings
    return EngineOptions(
        connections=settings.connections,
        connections_per_host=settings.connections_per_host,
        connections_total=settings.connections_total,
        # A quick connection has two, and then there are the files.
        connections_possible=_descriptors() // 3,
        hosts_file=invocation.paths.hosts_file,
        jobs=settings.jobs,
        limit_bytes_per_s=limit_now(settings, time.time())[1],
        ca_certificate=settings.ca_certificate and os.path.expanduser(settings.ca_certificate),
        insecure=settings.insecure,
        restart_below_bytes=settings.restart_below_bytes,
        user_agent=settings.user_agent,
        checksum_scout=settings.checksum_scout,
    )


def _descriptors() -> int:
    """How many files and sockets may be open; raised as far as the system lets us."""
    if sys.platform == "win32":
        return 512
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
