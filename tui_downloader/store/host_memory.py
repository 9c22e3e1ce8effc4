"""What was learnt of hosts in earlier runs: `hosts.json` in the state folder.

Only a help for the next start: an unreadable file counts as an empty one, and several programs may
write it; the last one wins for a host that both met.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from tui_downloader.model.links.link import MOST_CONNECTIONS
from tui_downloader.store.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT_VERSION = 1
HOSTS_KEPT = 500
FORGOTTEN_AFTER_S = 30 * 86_400.0
REFUSAL_FORGOTTEN_AFTER_S = 86_400.0
# What a file can be that somebody edited or a disk damaged: no JSON, too deep, of other types.
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


class HostFacts(NamedTuple):
    """What is remembered of a host (name and port).

    Attributes:
        connections: how many for one file served best, 0 when unknown.
        refused_above: it serves no more than so many at once, 0 when it never refused.
        seen_at, refused_at: wall clock, seconds.
    """

    connections: int = 0
    refused_above: int = 0
    seen_at: float = 0.0
    refused_at: float = 0.0


def load(path: Path) -> dict[str, HostFacts]:
    """Read the file; invalid entries are left out."""
    try:
        stored = json.loads(path.read_bytes())
        hosts = stored["hosts"] if stored["version"] == FORMAT_VERSION else {}
        found = {str(host): _read(facts) for host, facts in hosts.items()}
    except (OSError, *_UNREADABLE):
        return {}
    oldest = time.time() - FORGOTTEN_AFTER_S
    return {host: facts for host, facts in found.items() if facts.seen_at >= oldest}


def _read(fields: Mapping[str, Any]) -> HostFacts:
    connections, refused = fields["connections"], fields["refused_above"]
    if not all(
        type(number) is int and 0 <= number <= MOST_CONNECTIONS for number in (connections, refused)
    ):
        raise ValueError("not a number of connections")
    return HostFacts(connections, refused, float(fields["seen_at"]), float(fields["refused_at"]))


def save(path: Path, news: Mapping[str, HostFacts]) -> None:
    """Merge new facts into the file.

    Raises:
        OSError: the file cannot be written.
    """
    hosts = load(path) | dict(news)
    latest = sorted(hosts.items(), key=lambda item: item[1].seen_at)[-HOSTS_KEPT:]
    stored = {"version": FORMAT_VERSION, "hosts": {host: facts._asdict() for host, facts in latest}}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_atomic(str(path), json.dumps(stored, indent=1).encode("utf-8"), flush=False)


def clear(path: Path) -> None:
    """Forget everything.

    Raises:
        OSError: the file cannot be deleted.
    """
    path.unlink(missing_ok=True)
