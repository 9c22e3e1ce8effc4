"""The kinds of settings: how each is read from the file, typed by the user and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from tui_downloader.model.daytimes import EXPECTED, LimitTime, parse_limit_times
from tui_downloader.model.units import parse_rate, parse_size, parse_whole, typed_amount


class Kind(NamedTuple):
    """One kind of value.

    Attributes:
        allowed: what may be given, in words.
        read: makes the value of what the file holds; raises ValueError when it is not allowed.
        typed: makes what the file holds of what the user typed; "" is for `save` to take out.
        shown: writes a value as the user would type it.
        choices: all values as typed, when there are few.
    """

    allowed: str
    read: Callable[[object], Any]
    typed: Callable[[str], Any] = str
    shown: Callable[[Any], str] = str
    choices: tuple[str, ...] = ()


def whole(low: int, high: int, zero: str = "") -> Kind:
    """A whole number; `zero` is the word for 0, which may be typed for it."""

    def read(value: object) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(allowed)
        return value

    def typed(text: str) -> int | str:
        if zero and text.lower() == zero:
            return 0
        number = parse_whole(text)
        return text if number is None else number

    allowed = f"a whole number from {low} to {high}"
    words = f"{allowed}; 0 is {zero}" if zero else allowed
    return Kind(words, read, typed, shown=lambda value: zero if zero and not value else str(value))


def one_of(*choices: str) -> Kind:
    """One of a few words."""
    allowed = f"one of {', '.join(choices)}"

    def read(value: object) -> str:
        if value not in choices:
            raise ValueError(allowed)
        return str(value)

    return Kind(allowed, read, choices=choices)


def member_of(members: type[Enum]) -> Kind:
    """One of the values of an enumeration."""
    choices = tuple(str(member.value) for member in members)
    allowed = f"one of {', '.join(choices)}"

    def read(value: object) -> Enum:
        if value not in choices:
            raise ValueError(allowed)
        return members(value)

    return Kind(allowed, read, shown=lambda member: str(member.value), choices=choices)


def _read_switch(value: object) -> bool:
    if value is not True and value is not False:
        raise ValueError("true or false")
    return bool(value)


def _read_text(value: object) -> str:
    if not (value and isinstance(value, str) and value.isprintable()):
        raise ValueError("a text of one line")
    return str(value)


def _typed(value: object) -> str:
    """What a value would be if it were typed: a table would be too deep to be written."""
    if isinstance(value, dict | list):
        raise ValueError("several values")  # noqa: TRY004 - as of a text that is none
    return str(value)


def _read_rate(value: object) -> int | None:
    try:
        return parse_rate(_typed(value))
    except ValueError:
        raise ValueError("a rate such as 500K, 2M or 40Mbit, or 0 for no limit") from None


def _read_size(value: object) -> int:
    try:
        return parse_size(_typed(value))
    except ValueError:
        raise ValueError("a size such as 10MB") from None


def _read_times(value: object) -> tuple[LimitTime, ...]:
    try:
        return parse_limit_times(_typed(value))
    except ValueError:
        raise ValueError(EXPECTED) from None


def _read_keys(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(keys, str) for keys in value.values()):
        raise ValueError('a table of texts such as pause = "p,f5"')
    return {str(command_id): keys for command_id, keys in value.items()}


def text(allowed: str, none: str) -> Kind:
    """A line of text; `none` is shown where none is set."""
    return Kind(allowed, _read_text, shown=lambda value: value or none)


_SWITCHES = {"true": True, "false": False}
SWITCH = Kind(
    "true or false",
    _read_switch,
    typed=lambda text: _SWITCHES.get(text.lower(), text),
    shown=lambda value: str(value).lower(),
    choices=tuple(_SWITCHES),
)
RATE = Kind(
    "a rate such as 500K or 2M; 0 is off",
    _read_rate,
    shown=lambda value: "off" if value is None else typed_amount(value),
)
SIZE = Kind("a size such as 500K or 10MB", _read_size, shown=typed_amount)
TIMES = Kind(EXPECTED, _read_times, shown=lambda times: ", ".join(map(str, times)) or "none")
KEYS = Kind("a table of texts", _read_keys)
