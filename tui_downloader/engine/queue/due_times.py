"""Who waits for which time, in an order that makes it cheap to find those whose time has come."""

from __future__ import annotations

import heapq

# So many outdated times are kept, besides as many as there are current ones.
_OUTDATED = 100


class DueTimes:
    """Times by key, in seconds. The clock is the caller's."""

    def __init__(self) -> None:
        self._times: dict[int, float] = {}
        self._heap: list[tuple[float, int]] = []  # of every key the time, and times from before

    def __len__(self) -> int:
        return len(self._times)

    def __contains__(self, key: int) -> bool:
        return key in self._times

    def put(self, key: int, at: float) -> None:
        """Set the time that a key waits for."""
        if self._times.get(key) == at:
            return
        self._times[key] = at
        heapq.heappush(self._heap, (at, key))
        if len(self._heap) > 2 * len(self._times) + _OUTDATED:
            self._heap = sorted((at, key) for key, at in self._times.items())

    def drop(self, key: int) -> None:
        """Remove a key, if it is there."""
        self._times.pop(key, None)

    def clear(self) -> None:
        """Remove all keys."""
        self._times.clear()
        self._heap.clear()

    def first(self) -> float | None:
        """Return the earliest time, None when there is none."""
        while self._heap and self._times.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: float) -> list[int]:
        """Return the keys whose time has come; they stay until they are dropped."""
        found: dict[int, None] = {}
        places = [0]
        while places:
            place = places.pop()
            if place >= len(self._heap) or self._heap[place][0] > now:
                continue  # neither have those below it in the heap
            at, key = self._heap[place]
            if self._times.get(key) == at:
                found[key] = None
            places += (2 * place + 1, 2 * place + 2)
        return list(found)
