"""Waiting in tests: for what is to come, never for a time that a slow machine could exceed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 60.0
_LOOK_S = 0.001


async def eventually(condition: Callable[[], object]) -> None:
    """Let the loop go on until a condition holds.

    Raises:
        TimeoutError: it never did.
    """
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(_LOOK_S)
