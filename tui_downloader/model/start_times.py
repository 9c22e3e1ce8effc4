"""Moments before which a download does not start: "02:00", "in 2h". Pure: it is told the time.

Where clocks are put forward a time of the gap means as much later as they jump; where they are put
back a time that comes twice means the first one that is still to come.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

_CLOCK = r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)"
# Compiled when the first text comes: the interface starts sooner.
_AT = rf"(?:(?P<day>tomorrow|20\d\d-\d\d-\d\d)\s+)?{_CLOCK}"
_IN = r"in\s+(?=\d)(?:(?P<hours>\d{1,4})\s*h)?\s*(?:(?P<minutes>\d{1,4})\s*m)?"
_FLAGS = re.ASCII | re.IGNORECASE
_MINUTE_S = 60
_NIGHT_S = 12 * 3600.0
EXPECTED = "a time such as 02:00, tomorrow 02:00, in 2h or 2026-11-27 02:00"


def parse_start(text: str, now: float, zone: tzinfo | None = None) -> float | None:
    """Return the moment that a text means, None when it is empty: at once.

    Args:
        now: wall clock, seconds.
        zone: whose clock the text speaks of; None for this machine's.

    Raises:
        ValueError: a sentence for the user.
    """
    text = text.strip()
    if not text:
        return None
    if match := re.fullmatch(_IN, text, _FLAGS):
        minutes = int(match["hours"] or 0) * 60 + int(match["minutes"] or 0)
        return now + minutes * _MINUTE_S
    match = re.fullmatch(_AT, text, _FLAGS)
    if match is None:
        raise ValueError(f"{text[:40]!r} is not {EXPECTED}")
    clock = time(int(match["hour"]), int(match["minute"]))
    if match["day"] is None:
        return _next(clock, now, zone)
    moments = _moments(_day(match["day"], now, zone), clock, zone)
    for moment in moments:
        if moment > now:
            return moment
    raise ValueError(f"{text!r} is over")


def start_words(start_at: float, now: float, zone: tzinfo | None = None) -> str:
    """Return the shortest text that means a moment, to the minute: with the day where it must."""
    shown = datetime.fromtimestamp(start_at - start_at % _MINUTE_S, zone)
    since = min(now, shown.timestamp() - 1)
    if _next(shown.time(), since, zone) != shown.timestamp():
        return f"{shown:%Y-%m-%d %H:%M}"
    # Of tonight the time alone tells enough; a time that is just over would be read as today's.
    is_tomorrow = _day("tomorrow", now, zone) == shown.date()
    is_far = is_tomorrow and start_at - now > _NIGHT_S
    return f"tomorrow {shown:%H:%M}" if is_far else f"{shown:%H:%M}"


def start_phrase(start_at: float, now: float, zone: tzinfo | None = None) -> str:
    """Return the same to stand behind "starts": "at 02:00", "tomorrow 17:00"."""
    words = start_words(start_at, now, zone)
    return words if words.startswith("tomorrow") else f"at {words}"


def start_stamp(start_at: float, zone: tzinfo | None = None) -> str:
    """Return a moment for programs: ISO 8601, with how far its clock is from UTC."""
    return datetime.fromtimestamp(start_at, zone).astimezone(zone).isoformat(timespec="seconds")


def _day(word: str, now: float, zone: tzinfo | None) -> date:
    if word.lower() == "tomorrow":
        return datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise ValueError(f"there is no day {word}") from None


def _next(clock: time, now: float, zone: tzinfo | None) -> float:
    today = datetime.fromtimestamp(now, zone).date()
    # Yesterday's time of a gap before midnight may still be to come.
    days = (today + timedelta(days=offset) for offset in (-1, 0, 1))
    return min(at for day in days for at in _moments(day, clock, zone) if at > now)


def _moments(day: date, clock: time, zone: tzinfo | None) -> tuple[float, ...]:
    """Return when a clock shows a time on a day: twice where clocks are put back."""
    first, second = (
        datetime.combine(day, clock.replace(fold=fold), zone).timestamp() for fold in (0, 1)
    )
    # In a gap the first lies behind it, the second before it.
    return (first, second) if first < second else (first,)
