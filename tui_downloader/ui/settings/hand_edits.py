"""What was changed in `settings.toml` by hand while the program runs, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.store.settings import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.store.settings import Settings

_TOLD_NAMES = 3
_TOLD_VALUE = 16  # characters; who has just typed a longer one knows it


class HandEdits(NamedTuple):
    """What was found in the file.

    Attributes:
        names: settings with another value than before.
        problems: sentences about what cannot be used.
    """

    names: Sequence[str] = ()
    problems: Sequence[str] = ()

    def sentence(self, settings: Settings, is_at_once: Callable[[str], bool]) -> str:
        """Say what holds now, and what from the next start; "" when nothing has changed."""
        now = [_entry(name, settings) for name in self.names if is_at_once(name)]
        later = [_entry(name, settings) for name in self.names if not is_at_once(name)]
        parts = [_some(now), f"from next start {_some(later)}" if later else ""]
        told = "; ".join(filter(None, parts))
        return f"settings.toml: {told}" if told else ""


def _entry(name: str, settings: Settings) -> str:
    value = getattr(settings, name)
    shown = "" if name == "keys" else kind_of(name).shown(value)
    return f"{name} {shown}" if 0 < len(shown) <= _TOLD_VALUE else name


def _some(entries: list[str]) -> str:
    more = len(entries) - _TOLD_NAMES
    return ", ".join(entries[:_TOLD_NAMES]) + (f" and {more} more" if more > 0 else "")
