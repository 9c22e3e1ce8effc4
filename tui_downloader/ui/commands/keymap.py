"""The keys of the commands: those of the table, or the user's own where those are valid.

Everything that names a key on the screen asks a `Keymap`, so that it names the one that works.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from tui_downloader.store.settings import guess
from tui_downloader.ui.commands.command import MARKS, Command, key_in_words, key_name, textual_keys
from tui_downloader.ui.commands.commands import BY_ID, COMMANDS, HARMLESS
from tui_downloader.ui.commands.situation import Situation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.reasons import Step

# Flow control, multiplexers, the same bytes as other keys, or the terminal's own (ux.md section 7).
FORBIDDEN = frozenset(
    {
        "ctrl+s", "ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+c", "ctrl+z",
        "ctrl+[", "ctrl+left_square_bracket", "ctrl+\\", "ctrl+backslash", "f10", "f11", "f12",
    }
)  # fmt: skip
_NAMED = (
    "enter|tab|space|escape|backspace|delete|insert|home|end|pageup|pagedown|up|down|left|right"
)
_KEY = re.compile(rf"(ctrl\+)?(shift\+)?({_NAMED}|f[1-9])|ctrl\+[a-z]")
_ALIASES = {
    "comma": ",", "colon": ":", "question_mark": "?", "plus": "+", "minus": "-", "slash": "/",
    "asterisk": "*", "esc": "escape", "del": "delete", "pgup": "pageup", "pgdn": "pagedown",
    "return": "enter",
}  # fmt: skip


class Keymap:
    """The commands with their current keys.

    Args:
        own_keys: keys by command id where they differ from the table.
    """

    def __init__(self, own_keys: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.own_keys = dict(own_keys or {})
        # Keys of the table that were given up for others.
        self._rebound = frozenset(key for each in self.own_keys for key in BY_ID[each].keys)
        self.commands = tuple(self._with_own_keys(command) for command in COMMANDS)
        self.by_id = {command.command_id: command for command in self.commands}

    def _with_own_keys(self, command: Command) -> Command:
        if (keys := self.own_keys.get(command.command_id)) is not None:
            return command._replace(keys=keys, footer_key="")
        # The footer names the key of its opposite, too: "+/-".
        is_alone = command.footer_key and not self._rebound.isdisjoint(
            command.footer_key.split("/")
        )
        return command._replace(footer_key="") if is_alone else command

    @property
    def own_bindings(self) -> dict[str, str]:
        """The user's own keys as `App.set_keymap` takes them."""
        return {command_id: textual_keys(keys) for command_id, keys in self.own_keys.items()}

    @property
    def harmless_keys(self) -> frozenset[str]:
        """The keys that only move the highlight or scroll."""
        commands = (command for command in self.commands if command.command_id in HARMLESS)
        return frozenset(key for command in commands for key in command.keys)

    @property
    def marking_keys(self) -> frozenset[str]:
        """The keys that only mark."""
        commands = (command for command in self.commands if command.group == MARKS)
        return frozenset(key for command in commands for key in command.keys)

    def key_of(self, command_id: str) -> str:
        """The key that messages name for a command, in words where ASCII has no sign for it."""
        return key_in_words(self.by_id[command_id].keys[0])

    def keys_for(self, steps: Iterable[Step], snapshot: Snapshot) -> list[str]:
        """Return "key what for" for those commands that exist and apply to a download."""
        found = self.helpers(steps, Situation(highlighted=snapshot, rows=1, downloads=1))
        return [f"{key_name(command.keys[0])} {what}" for command, what in found]

    def helpers(self, steps: Iterable[Step], situation: Situation) -> list[tuple[Command, str]]:
        """Return those commands that exist and apply, and what each is for.

        Of several for the same purpose only the first is named.
        """
        offered: dict[str, Command] = {}
        for command_id, words in steps:
            command = self.by_id.get(command_id)
            if command is not None and command.applies(situation):
                offered.setdefault(words or _within(command.shown_title(situation)), command)
        return [(command, what) for what, command in offered.items()]


def _within(title: str) -> str:
    """Write a title within a sentence: "new URL"."""
    return title[:1].lower() + title[1:]


DEFAULT_KEYS = Keymap()


def read_keys(text: str) -> tuple[str, ...]:
    """Parse "f5,p": names of keys separated by commas.

    Raises:
        ValueError: a sentence for the user.
    """
    keys = tuple(dict.fromkeys(_read_key(part.strip()) for part in text.split(",")))
    if not any(keys):
        raise ValueError("name a key, or several with commas between; the comma itself is comma")
    return keys


def _read_key(text: str) -> str:
    if len(text) == 1 and text.isprintable() and text != " ":
        return text
    key = _ALIASES.get(text.lower(), text.lower())
    if key in FORBIDDEN or key.startswith("alt+"):
        raise ValueError(f"{text} is kept free for the terminal")
    if len(key) != 1 and _KEY.fullmatch(key) is None:
        raise ValueError(f"{text!r} is no key; keys are written x, X, f5, ctrl+x, space, pagedown")
    return key


def read_keymap(table: Mapping[str, str]) -> tuple[Keymap, dict[str, str]]:
    """Make the keymap of the user's table; a command with invalid keys keeps its default.

    Returns:
        The keymap, and what is wrong, by command id.
    """
    problems: dict[str, str] = {}
    own: dict[str, tuple[str, ...]] = {}
    for command_id, text in table.items():
        if command_id not in BY_ID:
            hint = guess(command_id, BY_ID)
            problems[command_id] = "names no command" + (f" ({hint})" if hint else "")
            continue
        try:
            own[command_id] = read_keys(text)
        except ValueError as error:
            problems[command_id] = str(error)
    _drop_clashes(own, problems)
    return Keymap(own), problems


def _drop_clashes(own: dict[str, tuple[str, ...]], problems: dict[str, str]) -> None:
    """Drop the user's keys where two commands would share one, until none do."""
    while True:
        keymap = Keymap(own)
        uses = Counter(key for command in keymap.commands for key in command.keys)
        clashing = [
            command_id for command_id in own if any(uses[key] > 1 for key in own[command_id])
        ]
        if not clashing:
            return
        last = clashing[-1]
        key, holder = _holder(keymap, last)
        problems[last] = f"{key_name(key)} is the key of {holder}"
        del own[last]


def _holder(keymap: Keymap, command_id: str) -> tuple[str, str]:
    """Return a key that a command shares, and the command that has it, too."""
    keys = keymap.by_id[command_id].keys
    return next(
        (key, other.title)
        for other in keymap.commands
        for key in other.keys
        if other.command_id != command_id and key in keys
    )
