"""What messages depend on besides the download they are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui_downloader.ui.commands.keymap import DEFAULT_KEYS, Keymap

if TYPE_CHECKING:
    from tui_downloader.ui.view.fates import Fates
    from tui_downloader.ui.view.figures import Figures


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances in which messages are written.

    Attributes:
        now: wall clock, seconds.
        figures: how numbers are written.
        dot: stands between the parts of a message, with its spaces.
        keymap: which keys messages name.
        at_once: how many downloads run, when that is why no other starts; else 0.
        fates: finished files that are not as they were.
    """

    now: float
    figures: Figures
    dot: str = " · "
    keymap: Keymap = DEFAULT_KEYS
    at_once: int = 0
    fates: Fates = field(default_factory=dict)
