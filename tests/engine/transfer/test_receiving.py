"""What was written counts, whatever ends the receiving."""

from __future__ import annotations

import threading
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.one_file import FILE, SIZE
from tests.engine.running import idle, only, running, until, wanted
from tests.waiting import PATIENCE_S
from tui_downloader.engine.disk.partial import Partial
from tui_downloader.engine.transfer.receiving import Early, Splice
from tui_downloader.model.answers import Take
from tui_downloader.model.ranges import RangeSet
from tui_downloader.model.segments import Lease, Segments
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


class SplitMeanwhile:
    """A disk during whose write another connection asks for a part of the same range."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self.taken: Lease | None = None

    async def acquire(self, _: str, own: Callable[[int], None], write: Callable[[], int]) -> None:
        self.taken = self._segments.claim(1, lambda lease: float(lease.remaining or 0))
        own(write())


class Lender:
    """A socket that has more behind a piece."""

    def __init__(self, has_bytes: int) -> None:
        self._has_bytes = has_bytes

    def lend(self, n_bytes: int) -> Any:
        return SimpleNamespace(most_bytes=min(n_bytes, self._has_bytes))

    async def left_alone(self) -> None:
        pass

    def take_back(self, tap: Any) -> None:
        pass


@pytest.mark.parametrize("behind_bytes", [0, SIZE // 4], ids=["a piece", "a piece and more"])
async def test_what_is_on_its_way_to_disk_is_not_lent_again(behind_bytes: int) -> None:
    piece = memoryview(bytes(SIZE // 2))
    segments = Segments(RangeSet(), SIZE)
    lease = segments.claim_at(0, SIZE)
    lender = Lender(behind_bytes) if behind_bytes else None
    disk: Any = SplitMeanwhile(segments)

    def write(data: memoryview, offset: int, tap: Any) -> int:
        return len(data) + behind_bytes

    partial: Any = SimpleNamespace(part_path="", differing=None, write=write)
    answer: Any = SimpleNamespace(body=SimpleNamespace(lender=lender))
    splice = Splice(answer, Take(0, 0, SIZE, SIZE, ranges=True))
    await splice._write(piece, lease, segments, partial, disk, lambda _: None)
    assert lease.position == SIZE // 2 + behind_bytes
    assert disk.taken.start > lease.position


class Chunk(bytearray):
    """Bytes of which it can be told whether somebody still has them."""


class OnDisk:
    """A disk that writes at once."""

    async def acquire(self, _: str, own: Callable[[int], None], write: Callable[[], int]) -> None:
        own(write())


async def test_the_first_bytes_of_an_answer_are_let_go_once_they_are_written() -> None:
    half = SIZE // 2
    first: Any = Chunk(half)
    kept, was_kept = weakref.ref(first), []

    class Body:
        lender = None

        def __init__(self) -> None:
            self._left = [bytes(half // 2)] * 2

        def want(self, n_bytes: int) -> None:
            pass

        async def next(self) -> bytes | None:
            was_kept.append(kept() is not None)
            return self._left.pop() if self._left else None

        def recycle(self, piece: bytes) -> None:
            pass

    segments = Segments(RangeSet(), SIZE)
    lease = segments.claim_at(0, SIZE)
    partial: Any = SimpleNamespace(part_path="", differing=None, write=lambda d, *_: len(d))
    answer: Any = SimpleNamespace(body=Body())
    splice = Splice(answer, Take(0, 0, SIZE, SIZE, ranges=True), Early(first))
    del first
    disk: Any = OnDisk()
    await splice.run(lease, segments, partial, disk, lambda _: None, lambda: 0)
    assert lease.position == SIZE
    assert was_kept[-1] is False
