"""Which terminal this is, according to its environment, and what it supports.

A terminal may show a sequence that it does not know as text, so sequences are sent only to
terminals that are known to support them.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.model.units import parse_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

_MULTIPLEXER_VARIABLES = ("TMUX", "STY", "ZELLIJ")
_MULTIPLEXER_TERMS = ("tmux", "screen")

# First versions that show progress; earlier ones of these made a notification of each report.
_ITERM_PROGRESS = (3, 6, 6)
_WEZTERM_PROGRESS = (20250209,)
_GHOSTTY_PROGRESS = (1, 2)
_VTE_PROGRESS = 7900


class Notice(Enum):
    """How a terminal is asked for a notification."""

    OSC9 = auto()
    OSC99 = auto()
    OSC777 = auto()
    BELL = auto()


class TerminalKind(NamedTuple):
    """What a terminal supports.

    Attributes:
        shows_progress: OSC 9;4 is progress, in the taskbar or the tab.
        notice: how it is asked for a notification.
    """

    shows_progress: bool = False
    notice: Notice = Notice.BELL


def recognise(environ: Mapping[str, str]) -> TerminalKind:
    """Recognise the terminal; within a multiplexer only the bell is passed on."""
    term = environ.get("TERM", "")
    if any(environ.get(name) for name in _MULTIPLEXER_VARIABLES):
        return TerminalKind()
    if term.startswith(_MULTIPLEXER_TERMS):
        return TerminalKind()
    return TerminalKind(_shows_progress(environ), _notice(environ, term))


def _shows_progress(environ: Mapping[str, str]) -> bool:
    if environ.get("WT_SESSION") or environ.get("ConEmuANSI") == "ON":
        return True
    version = _version(environ.get("TERM_PROGRAM_VERSION", ""))
    program = environ.get("TERM_PROGRAM", "")
    if program == "iTerm.app":
        return version >= _ITERM_PROGRESS
    if program == "WezTerm":
        return version >= _WEZTERM_PROGRESS
    if program == "ghostty":
        return version >= _GHOSTTY_PROGRESS
    if program in ("mintty", "vscode"):
        return True
    return (parse_whole(environ.get("VTE_VERSION", "")) or 0) >= _VTE_PROGRESS


def _notice(environ: Mapping[str, str], term: str) -> Notice:
    if environ.get("KITTY_WINDOW_ID") or term == "xterm-kitty":
        return Notice.OSC99
    program = environ.get("TERM_PROGRAM", "")
    if program == "iTerm.app":
        return Notice.OSC9
    if program in ("ghostty", "WezTerm") or term.startswith(("foot", "rxvt", "contour")):
        return Notice.OSC777
    return Notice.BELL


def _version(text: str) -> tuple[int, ...]:
    """Read the leading numbers of a version: "3.6.9" or "20240203-110809-5046fc22"."""
    numbers = []
    for part in text.split("-", maxsplit=1)[0].split("."):
        number = parse_whole(part)
        if number is None:
            break
        numbers.append(number)
    return tuple(numbers)
