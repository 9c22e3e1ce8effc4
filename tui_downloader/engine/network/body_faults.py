"""The errors of a body, in words."""

from __future__ import annotations

from tui_downloader.model.errors import NetworkError, TruncatedError
from tui_downloader.model.units import format_bytes

SILENCE_S = 30.0
_LATE_S = 1.0


def is_late(due: float, now: float) -> bool:
    """Tell whether a timer fires so late that this program itself was stopped, as by ctrl+z.

    What came meanwhile is still in the socket: when the program goes on, timers fire before it is
    read. So the delay does not prove that the server was silent.

    Args:
        due: when it should have fired, seconds of the loop's clock.
    """
    return now - due > _LATE_S


def cut(received: int, length: int | None) -> TruncatedError:
    """The server closed the connection before the announced end."""
    came, of = format_bytes(received), "" if length is None else format_bytes(length)
    if length is not None and came == of:
        return early(length - received)
    words = f"{came} of {of}" if of else came
    return TruncatedError(f"the server closed the connection after {words}")


def early(missing: int) -> TruncatedError:
    """The server closed the connection so many bytes before the end of what was asked for."""
    left = format_bytes(missing)
    return TruncatedError(f"the server closed the connection {left} before the end")


def reset(received: int) -> NetworkError:
    """The connection broke."""
    return NetworkError(f"the connection was lost after {format_bytes(received)}")


def garbled(received: int) -> NetworkError:
    """The server violates the framing that it announced."""
    words = f"the rest of the answer behind {format_bytes(received)} makes no sense"
    return NetworkError(words, code="protocol")


def silence() -> NetworkError:
    """Nothing came for too long."""
    return NetworkError(f"no data for {SILENCE_S:.0f} s", code="timeout")
