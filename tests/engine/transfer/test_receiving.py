"""What was written counts, whatever ends the receiving."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tests.engine.one_file import FILE, SIZE
from tests.engine.running import idle, only, running, until, wanted
from tests.waiting import PATIENCE_S
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.server import Server


async def test_what_is_being_written_when_a_pause_comes_was_received(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The average is of all bytes that are here."""
    server.put("/file.bin", FILE, throttle_bytes_per_s=SIZE)
    write, writing, may_go_on = Partial.write, threading.Event(), threading.Event()

    def slow(partial: Partial, data: bytes | memoryview, offset: int, *rest: Any) -> int:
        if offset:
            writing.set()
            may_go_on.wait(PATIENCE_S)
        return write(partial, data, offset, *rest)

    monkeypatch.setattr(Partial, "write", slow)
    queue = tmp_path / "queue.db"
    async with running(queue) as engine:
        (key,) = engine.add([wanted(server.url("/file.bin"), tmp_path)])
        await until(engine, lambda _: writing.is_set())
        before = only(engine).done_bytes
        engine.pause([key])
        may_go_on.set()
        await idle(engine)
        assert only(engine).status is Status.PAUSED
    store = QueueStore.open(queue)
    (entry,) = store.load()
    store.close()
    assert entry.kept_bytes > before
    assert entry.received_bytes == entry.kept_bytes
