"""Looks at a disk that hangs hold up neither name lookups nor the end of the program."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from tests.waiting import PATIENCE_S
from tui_downloader.ui.background import in_thread

_LEAVING = """
import asyncio, threading
from tui_downloader.ui.background import in_thread

async def main():
    begun = threading.Event()

    def hang():
        begun.set()
        threading.Event().wait(600)

    look = asyncio.create_task(in_thread(hang))
    await asyncio.to_thread(begun.wait)
    look.cancel()

asyncio.run(main())
"""


async def test_it_returns_what_was_returned() -> None:
    assert await in_thread(int, "ff", base=16) == 255


async def test_it_raises_what_was_raised() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await in_thread(int, "word")


async def test_who_hangs_holds_up_no_other_thread() -> None:
    release = threading.Event()
    hanging = [asyncio.create_task(in_thread(release.wait, PATIENCE_S)) for _ in range(40)]
    await asyncio.sleep(0)
    try:
        async with asyncio.timeout(PATIENCE_S / 2):
            assert await asyncio.to_thread(max, 1, 2) == 2
            assert await in_thread(max, 1, 2) == 2
        assert not any(look.done() for look in hanging)
    finally:
        release.set()
    assert all(await asyncio.gather(*hanging))


def test_who_hangs_does_not_keep_the_program() -> None:
    subprocess.run([sys.executable, "-c", _LEAVING], check=True, timeout=PATIENCE_S)
