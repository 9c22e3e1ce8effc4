"""Lent sessions of TLS among each other, and through a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.network.tunnels import Proxy
from tests.engine.running import get, idle, running, sha256, until, wanted
from tests.server import Pattern
from tui_downloader.engine.disk import disk
from tui_downloader.engine.network import loan
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.nginx import Nginx

CONNECTIONS = 16
FILE = Pattern(8 << 20)
WITHOUT_A_TURN = 128 << 10  # a little comes by the event loop before the first turn


@pytest.fixture
def address(nginx: Nginx) -> Iterator[str]:
    path = nginx.root / "shared-tls.bin"
    FILE.write_to(path)
    yield nginx.tls_url("/shared-tls.bin")
    path.unlink()


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each turn moved."""
    moved, take_back = list[int](), loan.SocketLoan.take_back

    def counted(self: loan.SocketLoan) -> None:
        moved.append(self.moved_bytes)
        take_back(self)

    monkeypatch.setattr(loan.SocketLoan, "take_back", counted)
    return moved


@pytest.mark.parametrize("threads", [8, 2])
async def test_no_connection_starves_where_there_are_fewer_threads(
    tmp_path: Path,
    nginx: Nginx,
    address: str,
    turns: list[int],
    monkeypatch: pytest.MonkeyPatch,
    threads: int,
) -> None:
    """From the same moment on all of them want a thread, all the time.

    Where a turn may take all of a file, nearly every run fails: who comes first keeps its thread.
    """
    monkeypatch.setattr(disk, "_THREADS", threads)
    names = [f"{n}.bin" for n in range(CONNECTIONS)]
    async with running(ca_certificate=str(nginx.ca_file), jobs=CONNECTIONS) as engine:
        engine.set_limit(CONNECTIONS * 100_000)
        engine.add([wanted(address, tmp_path, name=name) for name in names])
        await until(engine, lambda each: all(download.done_bytes for download in each))
        before = [download.done_bytes for download in engine.snapshot().downloads]
        assert max(before) < FILE.size
        engine.set_limit(None)
        done = Status.VERIFYING, Status.COMPLETED  # what is flushed together ends together
        await until(engine, lambda each: any(d.status in done for d in each))
        after = engine.snapshot().downloads
        assert {download.status for download in await idle(engine)} == {Status.COMPLETED}
    gains = [now.done_bytes - then for now, then in zip(after, before, strict=True)]
    unfinished = [gain for d, gain in zip(after, gains, strict=True) if d.status not in done]
    assert not [gain for gain in unfinished if gain <= WITHOUT_A_TURN], gains
    assert {sha256(tmp_path / name) for name in names} == {FILE.sha256()}
    assert sum(turns) > CONNECTIONS * FILE.size // 4


@pytest.mark.parametrize("connections", [1, 4])
async def test_a_session_within_the_tunnel_of_a_plain_proxy_is_lent(
    tmp_path: Path,
    nginx: Nginx,
    address: str,
    turns: list[int],
    monkeypatch: pytest.MonkeyPatch,
    connections: int,
) -> None:
    async with Proxy().running() as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with running(ca_certificate=str(nginx.ca_file)) as engine:
            download = await get(engine, address, tmp_path, connections=connections)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "shared-tls.bin") == FILE.sha256()
    assert set(proxy.asked) == {f"CONNECT {address.split('/')[2]}"}
    assert sum(turns)
