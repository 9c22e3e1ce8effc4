"""A command, the groups of commands, and how their keys are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tui_downloader.ui.commands import situation as when
from tui_downloader.ui.commands.refusals import silent

_KEY_NAMES = {
    "enter": "⏎", "pagedown": "PgDn", "pageup": "PgUp", "delete": "Del", "home": "Home",
    "end": "End", "escape": "Esc", "down": "↓", "up": "↑", "left": "←", "right": "→", "f1": "F1",
}  # fmt: skip
_IN_WORDS = {
    "enter": "Enter", "escape": "esc", "down": "Down", "up": "Up", "left": "Left",
    "right": "Right",
}  # fmt: skip


# Groups, which are the headings of the help.
MOVING, QUEUE, VIEWS = "Move around", "The queue", "Views and order"
DOWNLOAD, HIGHLIGHTED = "The highlighted download, or all marked ones", "Only the highlighted one"
MARKS, PANEL, PROGRAM = "Marks", "Details", "The program"


class Command(NamedTuple):
    """One thing the user can ask for.

    Attributes:
        command_id: stable; the name for rebinding keys.
        keys: Textual's names, the one to show first; none for what only the palette offers.
        title: one word or two for footer and palette.
        help: one sentence for the help screen.
        group: heading in the help screen.
        applies: whether it can be done now.
        is_tried: whether its key tries it although it does not seem to apply: it looks at the disk
            first, and says itself why not; or it takes the next keys, which are not meant for
            other commands.
        title_now: a title that depends on the situation.
        refusal: what its key says when it does not apply, "" for nothing.
        footer_rank: worth a place in the footer, where the order is that of the table; what has a
            high rank leaves a narrow footer first, and 0 is never there. -1 is for what is of use
            now more than adding links, which is always possible.
        footer_key, footer_title: how the footer writes the key and calls the command, when not like
            everyone else.
        footer_short: how it calls the command where there is no room for more.
    """

    command_id: str
    keys: tuple[str, ...]
    title: str
    help: str
    group: str
    applies: when.Test = when.always
    title_now: Callable[[when.Situation], str] | None = None
    refusal: Callable[[when.Situation], str] = silent
    is_tried: when.Test = when.never
    footer_rank: int = 0
    footer_key: str = ""
    footer_title: str = ""
    footer_short: str = ""

    def shown_title(self, situation: when.Situation) -> str:
        """The title in the current situation."""
        return self.title if self.title_now is None else self.title_now(situation)


def keys_text(command: Command, *, in_words: bool = False) -> str:
    """All keys of a command as the user knows them; in words on terminals without arrows."""
    if in_words:
        return " ".join(key_in_words(key) for key in command.keys)
    return " ".join(key_name(key) for key in command.keys)


def key_in_words(key: str) -> str:
    """Write a key as the user knows it, without a sign that ASCII lacks."""
    return _IN_WORDS.get(key) or key_name(key)


def key_name(key: str, enter: str = "⏎") -> str:
    """Write a key as the user knows it."""
    return enter if key == "enter" else _KEY_NAMES.get(key, key)


def textual_keys(keys: tuple[str, ...]) -> str:
    """Write keys for a Textual binding, where some characters have a meaning."""
    names = {",": "comma", ":": "colon", "?": "question_mark"}
    return ",".join(names.get(key, key) for key in keys)
