"""What a run leaves in memory when it ends: nothing that waits for Python's garbage collector.

What refers to itself in a circle stays until the collector comes by: with thousands of files that
is memory, and time in which nothing else happens.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import idle, running, wanted
from tests.server import Pattern
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server import Server

_OURS = "tui_downloader."
_SMALL, _BIG = Pattern(10_000), Pattern(3_000_000)
# A fault does: what is raised knows where it was raised, and the other way round. So does a
# connection that is closed.
_LEAVES_NONE: dict[str, tuple[Pattern, dict[str, Any]]] = {
    "a small file": (_SMALL, {}),
    "one connection": (_BIG, {}),
    "a body through aiohttp": (_BIG, {"length": "chunked"}),
    "no ranges": (_BIG, {"ranges": "ignore"}),
    "a redirect": (_SMALL, {"location": "/other.bin"}),
}


@contextmanager
def _garbage() -> Iterator[set[str]]:
    """Yield a set that has, in the end, the types of ours that only the collector would delete."""
    types: set[str] = set()
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield types
        gc.collect()
        found = (type(each) for each in gc.garbage)
        types.update(f"{a.__module__}.{a.__qualname__}" for a in found if _OURS in a.__module__)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("case", _LEAVES_NONE)
async def test_no_run_leaves_garbage(server: Server, tmp_path: Path, case: str) -> None:
    content, behaviour = _LEAVES_NONE[case]
    server.put("/file.bin", content, **behaviour)
    server.put("/other.bin", content)
    async with running() as engine:
        with _garbage() as types:
            engine.add([wanted(server.url("/file.bin"), tmp_path)])
            (download,) = await idle(engine)
        assert download.status is Status.COMPLETED, download.failure
    assert types == set()
