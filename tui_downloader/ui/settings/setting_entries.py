"""The settings as the settings screen lists them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui_downloader.store.settings import KEYS, SETTINGS, Settings, default_of, kind_of
from tui_downloader.ui.commands.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_downloader.ui.commands.command import Command
    from tui_downloader.ui.commands.keymap import Keymap
    from tui_downloader.ui.view.pieces import Piece

KEYS_ALLOWED = "keys with commas between: f5,X,comma"


class SettingEntry(NamedTuple):
    """One setting.

    Attributes:
        name: as in the file; "keys.pause" is of a table.
        group: the heading it stands under.
        title: what the list shows.
        value, default: as they are typed.
        shown, default_shown: the same in words.
        allowed: what may be given, in words.
        sentence: what it is for.
        choices: all values, when they are few.
        is_at_once: a change holds from now on, not from the next start.
    """

    name: str
    group: str
    title: str
    value: str
    default: str
    shown: str
    default_shown: str
    allowed: str
    sentence: str
    choices: tuple[str, ...]
    is_at_once: bool

    @property
    def facts(self) -> tuple[str, str]:
        """The allowed values and the default: on two lines, or on one if there is no room."""
        default = f"default {self.default_shown}"
        when = "applies at once" if self.is_at_once else "a change applies from the next start"
        later = "" if self.is_at_once else " · from next start"
        return f"{default} · {when}\nallowed: {self.allowed}", f"{default} · {self.allowed}{later}"

    @property
    def words(self) -> str:
        """The text that the filter searches."""
        return f"{self.name} {self.group} {self.shown} {self.sentence}"

    @property
    def is_changed(self) -> bool:
        """It differs from the default."""
        return self.value != self.default


def entries(
    settings: Settings, keymap: Keymap, is_at_once: Callable[[str], bool]
) -> list[SettingEntry]:
    """Return every setting, then the keys of every command."""
    names = [name for name in SETTINGS if name != "keys"]
    return [
        *(_setting(name, settings, is_at_once=is_at_once(name)) for name in names),
        *(_key(command, keymap) for command in COMMANDS),
    ]


def _setting(name: str, settings: Settings, *, is_at_once: bool) -> SettingEntry:
    kind, metadata = kind_of(name), SETTINGS[name].metadata
    value, default = getattr(settings, name), default_of(name)
    return SettingEntry(
        name=name,
        group=metadata["group"],
        title=name,
        value="" if value is None else kind.shown(value),
        default="" if default is None else kind.shown(default),
        shown=kind.shown(_in_use(name, settings)),
        default_shown=kind.shown(default),
        allowed=kind.allowed,
        sentence=metadata["help"],
        choices=kind.choices,
        is_at_once=is_at_once,
    )


def _in_use(name: str, settings: Settings) -> object:
    """The settings in force; for a limit that is switched off, the one that comes back."""
    if name == "limit_last" and settings.limit_last is None:
        return settings.limit_rate
    return getattr(settings, name)


def _key(command: Command, keymap: Keymap) -> SettingEntry:
    keys = _typed(keymap.by_id[command.command_id].keys)
    return SettingEntry(
        name=f"keys.{command.command_id}",
        group=KEYS,
        title=command.command_id,
        value=keys,
        default=_typed(command.keys),
        shown=keys or "none",
        default_shown=_typed(command.keys) or "none",
        allowed=KEYS_ALLOWED,
        sentence=f"{command.help}.",
        choices=(),
        is_at_once=True,
    )


def _typed(keys: tuple[str, ...]) -> str:
    return ",".join("comma" if key == "," else key for key in keys)


def group_line(name: str, *, is_current: bool) -> list[Piece]:
    """The line of a group, left of the entries."""
    return [("> ", "cursor"), (name, "tab")] if is_current else [(f"  {name}", "text")]
