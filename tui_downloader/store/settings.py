"""The user's settings: one frozen dataclass, read from and saved to `settings.toml`.

A bad value falls back alone, with a warning that names file, key and what was expected. Unknown
keys and comments survive a save.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tui_downloader.model.download import OnConflict
from tui_downloader.model.units import parse_rate, parse_size
from tui_downloader.store.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def _setting(default: Any, help_text: str, read: Callable[[Any], Any]) -> Any:
    return field(default=default, metadata={"help": help_text, "read": read})


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return read


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return str(value)

    return read


def _switch(value: Any) -> bool:
    if value is not True and value is not False:
        raise ValueError("true or false")
    return bool(value)


def _text(value: Any) -> str:
    if not (value and isinstance(value, str)):
        raise ValueError("a text")
    return str(value)


def _rate(value: Any) -> int | None:
    try:
        return parse_rate(str(value))
    except ValueError:
        raise ValueError("a rate such as 500K, 2M or 40Mbit, or 0 for no limit") from None


def _size(value: Any) -> int:
    try:
        return parse_size(str(value))
    except ValueError:
        raise ValueError("a size such as 10MB") from None


def _on_conflict(value: Any) -> OnConflict:
    try:
        return OnConflict(value)
    except ValueError:
        raise ValueError(f"one of {', '.join(c.value for c in OnConflict)}") from None


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; the names are those of the file."""

    download_dir: str | None = _setting(None, "Folder that downloads go to.", _text)
    jobs: int = _setting(5, "Downloads at once.", _whole(1, 64))
    connections: int = _setting(0, "Most connections for one file; 0: automatic.", _whole(0, 64))
    limit_rate: int | None = _setting(None, "Speed limit of the whole program.", _rate)
    on_conflict: OnConflict = _setting(
        OnConflict.RENAME, "What to do when a file of that name exists.", _on_conflict
    )
    paste: str = _setting("ask", "Whether a paste opens the dialog or adds.", _one_of("ask", "add"))
    refresh_hz: int = _setting(4, "How often the screen is refreshed a second.", _whole(1, 10))
    units: str = _setting("decimal", "kB or KiB.", _one_of("decimal", "binary"))
    theme: str = _setting("dark", "Colours of the interface.", _text)
    mouse: bool = _setting(True, "Whether the mouse works in the interface.", _switch)
    ascii: str = _setting("auto", "Draw with ASCII only.", _one_of("auto", "always", "never"))
    title: bool = _setting(True, "Whether the window's title tells the speed.", _switch)
    taskbar: str = _setting(
        "auto", "Progress in the taskbar (OSC 9;4).", _one_of("auto", "always", "never")
    )
    notify: bool = _setting(
        True, "Notify when downloads end or fail and the window is not focused.", _switch
    )
    restart_below_bytes: int = _setting(
        10_000_000, "A changed file starts again unasked when less than this is lost.", _size
    )
    user_agent: str | None = _setting(None, "The User-Agent header.", _text)
    ca_certificate: str | None = _setting(None, "PEM file of issuers to trust besides.", _text)
    insecure: bool = _setting(False, "Accept any certificate.", _switch)


def load(path: Path) -> tuple[Settings, list[str]]:
    """Read the file; a missing one means defaults.

    Returns:
        The settings, and sentences about what could not be used.
    """
    import tomllib  # only runs that have a settings file need it

    try:
        with path.open("rb") as file:
            stored = tomllib.load(file)
    except FileNotFoundError:
        return Settings(), []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        return Settings(), [f"{path}: {error}; defaults are used"]
    return _checked(stored, path)


def _checked(stored: Mapping[str, Any], path: Path) -> tuple[Settings, list[str]]:
    known = {f.name: f for f in fields(Settings)}
    values: dict[str, Any] = {}
    warnings = []
    for key, value in stored.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            warnings.append(f"{path}: unknown setting {key}{hint}")
            continue
        try:
            values[key] = known[key].metadata["read"](value)
        except ValueError as expected:
            default = known[key].default
            shown = default.value if isinstance(default, OnConflict) else default
            warnings.append(f"{path}: {key} must be {expected}; {shown} is used")
    return Settings(**values), warnings


def save(path: Path, changes: Mapping[str, Any]) -> None:
    """Write changed settings; everything else in the file stays as it is.

    Args:
        changes: values as the file holds them, by name.

    Raises:
        ValueError: a name or value that `load` would refuse.
        OSError: the file cannot be written.
    """
    import tomlkit  # large, and only needed here

    known = {f.name: f for f in fields(Settings)}
    for key, value in changes.items():
        if key not in known:
            raise ValueError(f"there is no setting {key}")
        known[key].metadata["read"](value)
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    document = tomlkit.parse(text)
    document.update(dict(changes))
    write_atomic(str(path), tomlkit.dumps(document).encode("utf-8"))
