"""The settings of this run: checked, saved, and applied at once where possible."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui_downloader.store.folders import problem_with_folder
from tui_downloader.store.settings import SETTINGS, Settings, by_line, default_of, kind_of, line_in
from tui_downloader.store.settings_checks import check_issuers
from tui_downloader.ui.background import in_thread
from tui_downloader.ui.commands.commands import BY_ID
from tui_downloader.ui.commands.keymap import read_keymap
from tui_downloader.ui.settings.hand_edits import HandEdits
from tui_downloader.ui.settings.settings_file import SettingsFile

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from tui_downloader.ui.settings.settings_file import Reading


class Preferences:
    """Holds the settings and changes them.

    Args:
        settings: as they were read, with what the command line says.
        file: where changes are saved; None keeps them for this run only.
        appliers: what puts a changed setting to use at once, by name; all others wait for the next
            start.
        themes: returns the names of all themes.

    Attributes:
        given: settings that the command line outranks in this run, by name.
        tell_edits: called when the file was changed by hand, after it was obeyed.
    """

    def __init__(
        self,
        settings: Settings,
        file: Path | None,
        appliers: Mapping[str, Callable[[Settings], None]],
        themes: Callable[[], Collection[str]],
    ) -> None:
        self.settings, self._theme_problem = _with_known_theme(settings, themes())
        self.keymap, self._key_problems = read_keymap(settings.keys)
        self._file = None if file is None else SettingsFile(file)
        self.tell_edits: Callable[[HandEdits], None] = lambda _: None
        self._appliers = dict(appliers)
        self._themes = themes
        self._saving = asyncio.Lock()
        self.given: frozenset[str] = frozenset()
        self._at_start = self.settings

    def warnings(self, others: Iterable[str]) -> list[str]:
        """Sentences about the theme and keys of the file that cannot be used, among others."""
        theme = [self._where("theme") + self._theme_problem] if self._theme_problem else []
        keys = [self._key_warning(*each) for each in self._key_problems.items()]
        found = [*others, *theme, *keys]
        return found if self._file is None else by_line(found, self._file.path)

    def _key_warning(self, command_id: str, problem: str) -> str:
        where = self._where(command_id, "keys")
        if command_id in BY_ID:
            return f"{where}{command_id}: {problem}; the default is used"
        return (
            f"{where}the entry {command_id} in [keys] {problem} and is left out; "
            f"all names are listed in the settings ({self.keymap.key_of('settings')}) under Keys"
        )

    def _where(self, key: str, table: str = "") -> str:
        """The place of a key in the file, to begin a sentence with."""
        if self._file is None:
            return ""
        return f"{self._file.path}, line {line_in(self._file.path, key, table)}: "

    def let_hold(self, name: str, apply: Callable[[Settings], None]) -> None:
        """Register how a change of one more setting is applied at once."""
        self._appliers[name] = apply

    def is_at_once(self, name: str) -> bool:
        """Whether a change of a setting takes effect at once."""
        return name in self._appliers

    def is_waiting(self, name: str) -> bool:
        """Whether a setting was changed in this run and takes effect at the next start only."""
        if self.is_at_once(name.partition(".")[0]):
            return False
        return bool(getattr(self.settings, name) != getattr(self._at_start, name))

    def problem_with(self, name: str, typed: str) -> str:
        """Say why a text is not a valid value; "" when it is, or resets the setting."""
        try:
            if typed.strip():
                self._read(self.settings, name, typed.strip())
        except ValueError as error:
            return str(error)
        return ""

    async def change(self, name: str, typed: str) -> str:
        """Save a value and apply it; "" resets it. Returns "" or an error."""
        if problem := await self.keep({name: typed}):
            return problem
        self.given -= {name}
        self._use(name.partition(".")[0])
        return ""

    async def keep(self, typed: Mapping[str, str]) -> str:
        """Save values that are in use already, all or none; "" resets one.

        Returns:
            "" or why that cannot be.
        """
        # One after the other: each goes on from what the one before has made of the settings.
        async with self._saving:
            await self._take_edits(at_once=True, is_saving=True)
            changes, changed = dict[str, Any](), self.settings
            try:
                for name, text in typed.items():
                    changes[name], changed = self._changed(changed, name, text.strip())
                await in_thread(_check_on_disk, changes)
                if self._file is not None:
                    await in_thread(self._file.save, changes)
            except ValueError as error:
                return str(error)
            self.settings = changed
        return ""

    async def take_edits(self, *, at_once: bool = False) -> None:
        """Obey what was changed in the file by hand, and tell of it.

        Args:
            at_once: also if it was changed this very moment.
        """
        if self._saving.locked() and not at_once:
            return  # it is looked at right now, or its disk hangs: nothing piles up behind that
        async with self._saving:
            await self._take_edits(at_once=at_once)

    async def _take_edits(self, *, at_once: bool, is_saving: bool = False) -> None:
        if self._file is None:
            return
        try:
            found = await in_thread(self._file.read_changed, self.given, at_once=at_once)
        except ValueError as error:
            if not is_saving:  # which says so itself
                words = f"{error}; nothing of it is taken until it is mended"
                self.tell_edits(HandEdits((), (words,)))
            return
        if found is not None:
            self._obey(found)

    def _obey(self, found: Reading) -> None:
        settings, self._theme_problem = _with_known_theme(found.settings, self._themes())
        values = {name: getattr(settings, name) for name in SETTINGS if name not in self.given}
        names = [name for name in values if values[name] != getattr(self.settings, name)]
        self.settings = replace(self.settings, **values)
        for name in names:
            self._use(name)
        self.tell_edits(HandEdits(names, self.warnings(found.problems)))

    def _changed(self, settings: Settings, name: str, typed: str) -> tuple[Any, Settings]:
        """Return what the file is to contain, None for no entry, and the changed settings.

        Raises:
            ValueError: a sentence for the user.
        """
        return self._read(settings, name, typed) if typed else self._reset(settings, name)

    def _use(self, name: str) -> None:
        if name == "keys":
            self.keymap, self._key_problems = read_keymap(self.settings.keys)
        if name in self._appliers:
            self._appliers[name](self.settings)

    def _read(self, settings: Settings, name: str, typed: str) -> tuple[Any, Settings]:
        top, _, command_id = name.partition(".")
        if command_id:
            keys = {**settings.keys, command_id: typed}
            return typed, self._with_keys(settings, keys, command_id)
        stored = kind_of(name).typed(typed)
        try:
            value = kind_of(name).read(stored)
        except ValueError as expected:
            raise ValueError(f"must be {expected}") from None
        self._check(top, value)
        return stored, replace(settings, **{name: value})

    def _reset(self, settings: Settings, name: str) -> tuple[None, Settings]:
        _, _, command_id = name.partition(".")
        if command_id:
            keys = {key: text for key, text in settings.keys.items() if key != command_id}
            return None, self._with_keys(settings, keys, command_id)
        return None, replace(settings, **{name: default_of(name)})

    def _with_keys(self, settings: Settings, keys: dict[str, str], command_id: str) -> Settings:
        """Refuse keys that would not work, for this command or for another one."""
        _, problems = read_keymap(keys)
        new = {key: problem for key, problem in problems.items() if key not in self._key_problems}
        if problem := problems.get(command_id) or next(iter(new.values()), ""):
            raise ValueError(problem)
        return replace(settings, keys=keys)

    def _check(self, name: str, value: Any) -> None:
        """Refuse a well-formed value that cannot be used here; does not access the disk."""
        if name == "theme" and value not in self._themes():
            raise ValueError("must be a theme of the list")
        if name == "download_dir" and not os.path.isabs(os.path.expanduser(value)):
            raise ValueError("must be a whole path, from / or ~")


def _check_on_disk(changes: Mapping[str, Any]) -> None:
    """Refuse paths that lead to the wrong kind of file; make the folder for downloads. Blocks.

    Raises:
        ValueError: a sentence for the user.
    """
    if (issuers := changes.get("ca_certificate")) is not None:
        if not os.path.isfile(os.path.expanduser(issuers)):
            raise ValueError(f"there is no file {issuers}")
        check_issuers(issuers)
    if (folder := changes.get("download_dir")) is not None:
        whole = os.path.expanduser(folder)
        if os.path.exists(whole) and not os.path.isdir(whole):
            raise ValueError(f"{folder} is no folder")
        if problem := problem_with_folder(whole):
            raise ValueError(problem)


def _with_known_theme(settings: Settings, themes: Collection[str]) -> tuple[Settings, str]:
    """Replace an unknown theme by the default, and return a message; "" when it is known."""
    if settings.theme in themes:
        return settings, ""
    default = default_of("theme")
    problem = f"theme: there is no theme {settings.theme}; {default} is used"
    return replace(settings, theme=default), problem
