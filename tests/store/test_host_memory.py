"""What is remembered of hosts from run to run."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tui_downloader.model.links.link import MOST_CONNECTIONS
from tui_downloader.store import host_memory
from tui_downloader.store.host_memory import HostFacts


def test_what_was_saved_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "home" / "state" / "hosts.json"
    now = time.time()
    host_memory.save(path, {"a:80": HostFacts(8, 0, now)})
    host_memory.save(path, {"b:80": HostFacts(0, 4, now), "a:80": HostFacts(16, 0, now)})
    assert host_memory.load(path) == {"a:80": HostFacts(16, 0, now), "b:80": HostFacts(0, 4, now)}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_old_knowledge_is_none(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    host_memory.save(path, {"a": HostFacts(8, 0, time.time() - 31 * 86_400)})
    assert host_memory.load(path) == {}


def test_the_latest_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    now = time.time()
    many = {f"host{n}": HostFacts(1, 0, now - n) for n in range(host_memory.HOSTS_KEPT + 5)}
    host_memory.save(path, many)
    assert set(host_memory.load(path)) == {f"host{n}" for n in range(host_memory.HOSTS_KEPT)}


GOOD = {"connections": MOST_CONNECTIONS, "refused_above": 0, "seen_at": 4e9, "refused_at": 0}


def test_a_file_of_this_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    path.write_text(json.dumps({"version": 1, "hosts": {"a": GOOD}}))
    assert host_memory.load(path) == {"a": HostFacts(MOST_CONNECTIONS, 0, 4e9)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        {"version": 2, "hosts": {"a": GOOD}},
        {"version": 1, "hosts": [GOOD]},
        {"version": 1, "hosts": {"a": {}}},
        {"version": 1, "hosts": {"a": GOOD | {"connections": MOST_CONNECTIONS + 1}}},
        {"version": 1, "hosts": {"a": GOOD | {"connections": "4"}}},
        {"version": 1, "hosts": {"a": GOOD | {"connections": 4.5}}},
        {"version": 1, "hosts": {"a": GOOD | {"refused_above": -1}}},
        {"version": 1, "hosts": {"a": GOOD | {"seen_at": 10**400}}},
        {"version": 1, "hosts": {"a": GOOD | {"refused_at": 10**400}}},
        b"[" * 100_000,
        b'{"version": ' + b"9" * 5000,
    ],
    ids=lambda data: str(data)[:80],
)
def test_a_file_that_does_not_read_is_an_empty_one(
    tmp_path: Path, data: bytes | dict[str, object]
) -> None:
    path = tmp_path / "hosts.json"
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    assert host_memory.load(path) == {}
    host_memory.save(path, {"a": HostFacts(1, 0, time.time())})
    assert list(host_memory.load(path)) == ["a"]


def test_it_can_be_cleared(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    host_memory.save(path, {"a": HostFacts(1, 0, time.time())})
    host_memory.clear(path)
    host_memory.clear(path)
    assert host_memory.load(path) == {}
