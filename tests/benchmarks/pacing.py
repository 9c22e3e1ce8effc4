"""How fast bytes may leave a server: a pace that is kept to the millisecond."""

from __future__ import annotations

import asyncio

# Time that a reader which fell behind may catch up; more would be a burst that no line gives.
_CATCH_UP_S = 0.02
_STEP_S = 0.01
_SMALLEST_STEP, _LARGEST_STEP = 4 * 1024, 256 * 1024


class Pace:
    """Bytes per second, shared by everybody who asks for a turn; first come, first served."""

    def __init__(self, bytes_per_s: float) -> None:
        self._bytes_per_s = bytes_per_s
        self._free_at = 0.0
        self._turns = asyncio.Lock()

    @property
    def step_bytes(self) -> int:
        """How much to send in one turn: small enough for an even flow, large enough to be cheap."""
        return max(_SMALLEST_STEP, min(_LARGEST_STEP, int(self._bytes_per_s * _STEP_S)))

    async def turn(self, n_bytes: int) -> None:
        """Return when `n_bytes` more may have left."""
        async with self._turns:
            loop = asyncio.get_running_loop()
            start = max(self._free_at, loop.time() - _CATCH_UP_S)
            self._free_at = start + n_bytes / self._bytes_per_s
            await asyncio.sleep(self._free_at - loop.time())
