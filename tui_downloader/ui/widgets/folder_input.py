"""A field for a folder: tab completes the text, up and down offer the folders used before."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message
from textual.widgets import Input

from tui_downloader.ui.background import begin, in_thread, is_closed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Key


class Completed(NamedTuple):
    """The result of completing a text.

    Attributes:
        text: with as much as all matching folders have in common.
        choices: the names of those, where there are several and none of them is what was typed.
    """

    text: str
    choices: tuple[str, ...] = ()


def completed(typed: str, default: str) -> Completed:
    """Complete the name of a folder. Blocks.

    Args:
        default: absolute; what relative names count from.
    """
    if typed == "~":
        return Completed("~/")
    head, _, start = typed.rpartition("/")
    head += "/" * ("/" in typed)
    parent = os.path.join(default, os.path.expanduser(head))
    try:
        with os.scandir(parent) as entries:
            names = [each.name for each in entries if each.name.startswith(start) and each.is_dir()]
    except OSError:
        return Completed(typed)
    if not start.startswith("."):
        names = [name for name in names if not name.startswith(".")]
    if not names:
        return Completed(typed)
    if len(names) == 1:
        return Completed(f"{head}{names[0]}/")
    return Completed(
        f"{head}{_common_start(names)}", () if start in names else tuple(sorted(names))
    )


def _common_start(names: Sequence[str]) -> str:
    first, last = min(names), max(names)
    different = (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return first[: next(different, len(first))]


class FolderInput(Input):
    """A field for a folder, which reports the candidates when the text matches several.

    Args:
        offers: folders to go through with up and down, as they are shown; the first is there now.
        default: absolute; what relative names count from.
    """

    @dataclass
    class Ambiguous(Message):
        """Several folders begin with the text.

        Attributes:
            choices: their names.
        """

        choices: tuple[str, ...]

    def __init__(self, widget_id: str, offers: Sequence[str], default: str) -> None:
        super().__init__(offers[0], id=widget_id, compact=True)
        self._offers = list(offers)
        self._default = default
        self._settled = offers[0]

    def on_key(self, event: Key) -> None:
        """Complete the text with tab; if it is unchanged since, tab moves the focus as usual."""
        if event.key == "tab" and self.value != self._settled:
            event.stop()
            event.prevent_default()
            begin(self, self._complete, group="complete", exclusive=True)
        elif event.key in ("up", "down") and len(self._offers) > 1:
            event.stop()
            event.prevent_default()
            self._offer(1 if event.key == "down" else -1)

    async def _complete(self) -> None:
        typed, dialog = self.value, self.screen
        longer, choices = await in_thread(completed, typed, self._default)
        if is_closed(dialog) or self.value != typed or not self.has_focus:
            return
        if choices:
            self._settle(longer)
            self.post_message(self.Ambiguous(choices))
        elif longer.rstrip("/") == typed.rstrip("/"):
            dialog.focus_next()
        else:
            self._settle(longer)

    def _offer(self, by: int) -> None:
        place = self._offers.index(self.value) + by if self.value in self._offers else 0
        self._settle(self._offers[place % len(self._offers)])

    def _settle(self, folder: str) -> None:
        self.value = self._settled = folder
        self.cursor_position = len(folder)
