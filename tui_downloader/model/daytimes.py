"""Speed limits by time of day: "08:00-18:00 2M, 23:00-07:00 off". Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from tui_downloader.model.units import parse_rate, typed_amount

# Compiled when it is needed, which it is where there are such limits.
_ENTRY = r"(?a)([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]|24):([0-5]\d)\s+(\S.*)"
_DAY = 24 * 60
EXPECTED = "times and rates as 08:00-18:00 2M, 23:00-07:00 off"


class LimitTime(NamedTuple):
    """A part of each day with a limit of its own.

    Attributes:
        start, end: minutes since midnight; it goes over midnight when `end` is not after `start`.
        bytes_per_s: None for no limit.
    """

    start: int
    end: int
    bytes_per_s: int | None

    def holds(self, minute: int) -> bool:
        """Whether a minute of the day is within it."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def __str__(self) -> str:
        rate = "off" if self.bytes_per_s is None else typed_amount(self.bytes_per_s)
        return f"{_clock(self.start)}-{_clock(self.end)} {rate}"


def parse_limit_times(text: str) -> tuple[LimitTime, ...]:
    """Parse a list separated by commas.

    Raises:
        ValueError: a sentence for the user.
    """
    parts = [part.strip() for part in text.split(",")]
    return tuple(_parse(part) for part in parts if part)


def _parse(text: str) -> LimitTime:
    match = re.fullmatch(_ENTRY, text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not {EXPECTED}")
    start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    if end > _DAY:
        raise ValueError(f"{text[:40]!r} ends after 24:00")
    return LimitTime(start, end % _DAY, parse_rate(match[5]))


def limit_at(
    times: tuple[LimitTime, ...], minute: int, otherwise: int | None
) -> tuple[LimitTime | None, int | None]:
    """Return the part of the day that a minute is in, the first that fits, and its limit.

    Args:
        minute: since midnight, local time.
        otherwise: the limit at all other times, bytes per second.
    """
    for time in times:
        if time.holds(minute):
            return time, time.bytes_per_s
    return None, otherwise


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
