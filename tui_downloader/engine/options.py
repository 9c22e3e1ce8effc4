"""The engine's options, and the places that a download can be moved to in the queue."""

from __future__ import annotations

import sys
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Move(Enum):
    """Where `Engine.move` puts downloads in the queue."""

    UP = auto()
    DOWN = auto()
    TOP = auto()
    BOTTOM = auto()


class EngineOptions(NamedTuple):
    """Settings of one run.

    Attributes:
        connections: most connections for one file, 0 for automatic.
        connections_per_host, connections_total: shared by all downloads; these three are changed by
            `Engine.set_connections`.
        connections_possible: more at once the system does not allow, whatever is set.
        hosts_file: where what was learnt of hosts is kept, None for nowhere.
        jobs: downloads at once, 1 or more; `Engine.set_jobs` changes it while running.
        limit_bytes_per_s: global speed limit, None for none; `Engine.set_limit` changes it.
        ca_certificate: PEM file whose certificates are trusted besides the system's.
        insecure: accept any certificate.
        expects_https: an address with https is asked for as soon as the engine runs.
        restart_below_bytes: a file that changed on the server, or whose part somebody changed after
            a crash, is started again without asking when less than this is lost.
        user_agent: the User-Agent header.
        checksum_scout: look for a published checksum beside each file.
        space_patience_s: how long a download waits for space on a full disk before it fails; None:
            for ever.
        undo_s: what a finished file replaces is kept for so long after the user's last word for it.
    """

    connections: int = 0
    connections_per_host: int = 16
    connections_total: int = 64
    connections_possible: int = sys.maxsize
    hosts_file: Path | None = None
    jobs: int = 5
    limit_bytes_per_s: int | None = None
    ca_certificate: str | None = None
    insecure: bool = False
    expects_https: bool = False
    restart_below_bytes: int = 10_000_000
    user_agent: str | None = None
    checksum_scout: bool = False
    space_patience_s: float | None = None
    undo_s: float = 0.0
