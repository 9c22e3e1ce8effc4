"""A time in which throughput is measured, with the bytes of before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Window:
    """Opened when connections are up.

    Attributes:
        opened_at: seconds of a steady clock.
        bytes_before: received by all connections until then.
        elder_bytes_before: by those that were there before the last step.
        busy_before_s: processor time until then.
        half: time and bytes when half of it was over.
    """

    opened_at: float
    bytes_before: int
    elder_bytes_before: int
    busy_before_s: float
    half: tuple[float, int] | None = None

    def bytes_per_s(self, now: float, received_bytes: int) -> float:
        """Return the throughput of all connections since it was opened."""
        return (received_bytes - self.bytes_before) / (now - self.opened_at)

    def elders_bytes_per_s(self, now: float, elder_bytes: int) -> float:
        """Return that of those that were there before the last step."""
        return (elder_bytes - self.elder_bytes_before) / (now - self.opened_at)

    def rises(self, now: float, received_bytes: int, gain: float) -> bool:
        """Tell whether much more came in the second half than in the first."""
        if self.half is None:
            return False
        at, half_bytes = self.half
        first = (half_bytes - self.bytes_before) / (at - self.opened_at)
        return received_bytes - half_bytes > gain * first * (now - at)
