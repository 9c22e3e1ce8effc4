"""What is remembered of hosts from run to run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tui_downloader.store import host_memory
from tui_downloader.store.host_memory import HostFacts


def test_what_was_saved_is_there_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "state" / "hosts.json"
    now = time.time()
    host_memory.save(path, {"a:80": HostFacts(8, 0, now)})
    host_memory.save(path, {"b:80": HostFacts(0, 4, now), "a:80": HostFacts(16, 0, now)})
    assert host_memory.load(path) == {"a:80": HostFacts(16, 0, now), "b:80": HostFacts(0, 4, now)}
    assert path.stat().st_mode & 0o777 == 0o600


def test_old_knowledge_is_none(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    host_memory.save(path, {"a": HostFacts(8, 0, time.time() - 31 * 86_400)})
    assert host_memory.load(path) == {}


def test_the_latest_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    now = time.time()
    many = {f"host{n}": HostFacts(1, 0, now - 1000 + n) for n in range(host_memory.HOSTS_KEPT + 5)}
    host_memory.save(path, many)
    kept = host_memory.load(path)
    assert len(kept) == host_memory.HOSTS_KEPT
    assert "host0" not in kept


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"version": 2, "hosts": {}}',
        b'{"version": 1, "hosts": {"a": {}}}',
        b'{"version": 1, "hosts": {"a": {"connections": 9999, "refused_above": 0, "seen_at": 1}}}',
        b'{"version": 1, "hosts": {"a": {"connections": "4", "refused_above": 0, "seen_at": 1}}}',
    ],
)
def test_a_file_that_does_not_read_is_an_empty_one(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "hosts.json"
    path.write_bytes(text)
    assert host_memory.load(path) == {}
    host_memory.save(path, {"a": HostFacts(1, 0, time.time())})
    assert list(host_memory.load(path)) == ["a"]


def test_it_can_be_cleared(tmp_path: Path) -> None:
    path = tmp_path / "hosts.json"
    host_memory.save(path, {"a": HostFacts(1, 0, time.time())})
    host_memory.clear(path)
    host_memory.clear(path)
    assert host_memory.load(path) == {}
