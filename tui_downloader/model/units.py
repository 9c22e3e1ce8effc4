"""Sizes, rates and durations: as people read them and as people type them."""

from __future__ import annotations

import math
import re

_DECIMAL = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_FACTORS = {
    "": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4,
    "ki": 1024, "mi": 1024**2, "gi": 1024**3, "ti": 1024**4,
}  # fmt: skip
_AMOUNT = re.compile(
    r"\s*(?P<number>\d{1,18}(?:[.,]\d{1,18})?|[.,]\d{1,18})\s*(?P<factor>[kmgt]i?)?(?P<unit>bit|bps|b)?(?:/s)?\s*",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_SHOWN_S = 99 * 3600
_DAY_S = 86_400
_MOST_DIGITS = 18  # Python refuses to read thousands of them; these fit in 64 bits
UNKNOWN = "--"


def format_bytes(n_bytes: float, *, binary: bool = False) -> str:
    """Return a size with three significant digits, e.g. "5.87 GB" or "5.47 GiB"."""
    number, unit = _scaled(n_bytes, binary=binary)
    return f"{number} {unit}"


def format_progress(done_bytes: int, total_bytes: int | None, *, binary: bool = False) -> str:
    """Return how much of how much, in the unit of the whole, e.g. "3.64/5.87 GB"."""
    if total_bytes is None:
        return format_bytes(done_bytes, binary=binary)
    units = _BINARY if binary else _DECIMAL
    number, unit = _scaled(total_bytes, binary=binary)
    part = done_bytes / (1024 if binary else 1000) ** units.index(unit)
    digits = len(number.partition(".")[2])
    return f"{part:.{digits}f}/{number} {unit}"


def format_rate(bytes_per_s: float, *, binary: bool = False) -> str:
    """Return a throughput, e.g. "41.2 MB/s"."""
    return f"{format_bytes(bytes_per_s, binary=binary)}/s"


def format_eta(seconds: float | None) -> str:
    """Return time left as a clock, "0:54" or "1:02:03"; over 99 h in days; unknown "--"."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return UNKNOWN
    whole = round(seconds)
    if whole > _LONGEST_SHOWN_S:
        return f"{whole / _DAY_S:.0f} d"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def format_duration(seconds: float | None) -> str:
    """Return a span in words, e.g. "38s", "4m12s", "2h05m", "3d04h"; unknown "--"."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return UNKNOWN
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < _DAY_S:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // _DAY_S}d{whole % _DAY_S // 3600:02}h"


def counted(number: int, noun: str) -> str:
    """Write how many there are: "1 connection", "8 connections"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def parse_whole(text: str) -> int | None:
    """Read a whole number; None when it is none, or one that counts nothing in this world."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else None


def parse_size(text: str) -> int:
    """Read an amount of bytes, e.g. "1GB", "512 KiB", "300".

    Raises:
        ValueError: a sentence for the user.
    """
    return _parse(text, "a size such as 500K, 1.5MiB or 2G")


def parse_rate(text: str) -> int | None:
    """Read a speed limit in bytes per second, e.g. "500K", "2M", "40Mbit"; 0 or "off": None.

    Raises:
        ValueError: a sentence for the user.
    """
    if text.strip().lower() in ("", "off", "none"):
        return None
    return _parse(text, "a rate such as 500K, 2M or 40Mbit, or 0 for no limit") or None


def typed_amount(n_bytes: int) -> str:
    """Write an amount of bytes as one would type it, exactly: "5M", "512Ki", "1234567"."""
    for factor in sorted(_FACTORS, key=_FACTORS.__getitem__, reverse=True):
        if n_bytes and n_bytes % _FACTORS[factor] == 0:
            return f"{n_bytes // _FACTORS[factor]}{factor.upper().replace('I', 'i')}"
    return str(n_bytes)


def _parse(text: str, expected: str) -> int:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text.strip()[:40]!r} is not {expected}")
    number = float(match["number"].replace(",", "."))
    value = number * _FACTORS[(match["factor"] or "").lower()]
    if (match["unit"] or "").lower() in ("bit", "bps"):
        value /= 8
    if value and value < 1:
        raise ValueError(f"{text.strip()[:40]!r} is less than one byte")
    return int(value)


def _scaled(value: float, *, binary: bool) -> tuple[str, str]:
    """Return the digits and the unit; rounding never shows four digits before the point."""
    step = 1024 if binary else 1000
    units = _BINARY if binary else _DECIMAL
    amount = max(0.0, value) if math.isfinite(value) else 0.0
    place = 0
    while round(amount) >= 1000 and place < len(units) - 1:
        amount /= step
        place += 1
    if place == 0:
        return f"{amount:.0f}", units[0]
    digits = 2 if amount < 9.995 else 1 if amount < 99.95 else 0
    return f"{amount:.{digits}f}", units[place]
