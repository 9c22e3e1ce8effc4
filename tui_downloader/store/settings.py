"""The user's settings: one frozen dataclass, read from and saved to `settings.toml`.

A bad value falls back alone, with a warning that names file, line, key and what was expected.
Unknown keys and comments survive a save.
"""

from __future__ import annotations

import codecs
import math
import os
import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from tui_downloader.model.download import OnConflict
from tui_downloader.model.links.link import MOST_CONNECTIONS
from tui_downloader.store import setting_kinds as kinds
from tui_downloader.store.atomic import write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.model.daytimes import LimitTime

# A name that is less like another one is no slip: it means something else.
_NEAR = 0.7
_NO_TEXT = "it is not text in UTF-8"
_NOT_SAVED = "nothing was saved, mend the file first"
DOWNLOADS, NETWORK, SCREEN, DESKTOP, KEYS = "Downloads", "Network", "Screen", "Desktop", "Keys"


def _setting(default: Any, group: str, help_text: str, kind: kinds.Kind) -> Any:
    return field(default=default, metadata={"help": help_text, "kind": kind, "group": group})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; the names are those of the file."""

    download_dir: str | None = _setting(
        None,
        DOWNLOADS,
        "Folder that downloads go to.",
        kinds.text("a folder", "the system's folder for downloads"),
    )
    on_conflict: OnConflict = _setting(
        OnConflict.RENAME,
        DOWNLOADS,
        "What to do when a file of that name exists; the add dialog asks.",
        kinds.member_of(OnConflict),
    )
    paste: str = _setting(
        "ask",
        DOWNLOADS,
        "Whether a paste opens the dialog (ask) or is added at once (add).",
        kinds.one_of("ask", "add"),
    )
    jobs: int = _setting(5, DOWNLOADS, "Downloads at once.", kinds.whole(1, 64))
    connections: int = _setting(
        0,
        DOWNLOADS,
        "Most connections for one file.",
        kinds.whole(0, MOST_CONNECTIONS, "automatic"),
    )
    connections_per_host: int = _setting(
        16,
        DOWNLOADS,
        "Most connections to one host, shared by its downloads.",
        kinds.whole(1, MOST_CONNECTIONS),
    )
    connections_total: int = _setting(
        64, DOWNLOADS, "Most connections of all downloads together.", kinds.whole(1, 256)
    )
    restart_below_bytes: int = _setting(
        10_000_000,
        DOWNLOADS,
        "A changed file starts again unasked if less than this is lost.",
        kinds.SIZE,
    )
    checksum_scout: bool = _setting(
        True,
        DOWNLOADS,
        "Look for a checksum beside a file from 1 MiB on (up to 3 requests).",
        kinds.SWITCH,
    )
    limit_rate: int | None = _setting(
        None, NETWORK, "Speed limit of the whole program.", kinds.RATE
    )
    limit_last: int | None = _setting(
        None, NETWORK, "The speed limit that comes back when it is switched on again.", kinds.RATE
    )
    limit_times: tuple[LimitTime, ...] = _setting(
        (),
        NETWORK,
        "Speed limits at times of day; at all others limit_rate holds.",
        kinds.TIMES,
    )
    user_agent: str | None = _setting(
        None,
        NETWORK,
        "The User-Agent header that servers see.",
        kinds.text("a line of text", "the program's own"),
    )
    ca_certificate: str | None = _setting(
        None,
        NETWORK,
        "Issuers of certificates to trust besides the system's.",
        kinds.text("a PEM file", "none"),
    )
    insecure: bool = _setting(
        False, NETWORK, "Accept any certificate: nobody is who they say.", kinds.SWITCH
    )
    theme: str = _setting(
        "dark", SCREEN, "Colours of the interface.", kinds.text("a theme of the list", "dark")
    )
    units: str = _setting(
        "decimal",
        SCREEN,
        "Sizes in kB, MB, GB (decimal) or KiB, MiB, GiB (binary).",
        kinds.one_of("decimal", "binary"),
    )
    refresh_hz: int = _setting(
        4, SCREEN, "How often the screen is refreshed a second.", kinds.whole(1, 10)
    )
    ascii: str = _setting(
        "auto",
        SCREEN,
        "Draw with ASCII only; auto asks the terminal.",
        kinds.one_of("auto", "always", "never"),
    )
    mouse: bool = _setting(True, SCREEN, "Whether the mouse works in the interface.", kinds.SWITCH)
    title: bool = _setting(
        True, DESKTOP, "Show speed and progress in the window's title.", kinds.SWITCH
    )
    taskbar: str = _setting(
        "auto",
        DESKTOP,
        "Progress in the task bar; auto: in terminals known to have it.",
        kinds.one_of("auto", "always", "never"),
    )
    notify: bool = _setting(
        True,
        DESKTOP,
        "Notify when downloads end or fail and the window is not focused.",
        kinds.SWITCH,
    )
    keys: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"help": "Keys of commands.", "kind": kinds.KEYS, "group": KEYS},
    )


SETTINGS: dict[str, Field[Any]] = {each.name: each for each in fields(Settings)}


def kind_of(name: str) -> kinds.Kind:
    """What a setting may be."""
    kind = SETTINGS[name].metadata["kind"]
    assert isinstance(kind, kinds.Kind)
    return kind


def default_of(name: str) -> Any:
    """The value of a setting that the file does not hold."""
    return getattr(Settings(), name)


def load(path: Path) -> tuple[Settings, list[str]]:
    """Read the file; a missing one means defaults.

    Returns:
        The settings, and sentences about what could not be used.
    """
    if not os.path.lexists(path):
        return Settings(), []
    try:
        return load_or_raise(path)
    except ValueError as error:
        return Settings(), [f"{error}; defaults are used"]


def load_or_raise(path: Path) -> tuple[Settings, list[str]]:
    """Read the file as `load` does.

    Raises:
        ValueError: nothing of it can be read, in a sentence.
    """
    import tomllib  # only runs that have a settings file need it

    try:
        text = path.read_bytes().decode("utf-8-sig")
        stored = tomllib.loads(text)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: {_NO_TEXT}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from error
    return _checked(stored, text, path)


def _checked(stored: Mapping[str, Any], text: str, path: Path) -> tuple[Settings, list[str]]:
    values: dict[str, Any] = {}
    stored, warnings = _without_bad_keys(stored, text, path)
    for key, value in stored.items():
        where = f"{path}, line {line_of(text, key)}"
        if key not in SETTINGS:
            hint = guess(key, SETTINGS)
            warnings.append(f"{where}: unknown setting {key}" + (f"; {hint}" if hint else ""))
            continue
        try:
            values[key] = kind_of(key).read(value)
        except ValueError as expected:
            shown = "the default" if key == "keys" else kind_of(key).shown(default_of(key))
            warnings.append(f"{where}: {key} must be {expected}; {shown} is used")
    return Settings(**values), warnings


def _without_bad_keys(
    stored: Mapping[str, Any], text: str, path: Path
) -> tuple[Mapping[str, Any], list[str]]:
    """Leave entries that are not text out of the table of keys; the others still count."""
    table = stored.get("keys")
    if not isinstance(table, dict):
        return stored, []
    texts = {key: value for key, value in table.items() if isinstance(value, str)}
    warnings = [
        f"{path}, line {line_of(text, key, 'keys')}: {key}: keys are a text such as "
        '"p,f5"; the default is used'
        for key in table
        if key not in texts
    ]
    return {**stored, "keys": texts}, warnings


def guess(name: str, names: Iterable[str]) -> str:
    """Ask whether one of the names was meant, in words; "" when none is near enough."""
    import difflib  # only mistakes need it

    near = difflib.get_close_matches(name, names, n=1, cutoff=_NEAR)
    return f"did you mean {near[0]}?" if near else ""


def line_of(text: str, key: str, table: str = "") -> int:
    """Return the line, from 1, of a key in a settings file; 1 when it is not found.

    Args:
        table: the table that the key is in, "" for the top of the file.
    """
    name = rf"""["']?{re.escape(key)}["']?"""
    wanted = re.compile(rf"\s*(\[\s*)?{name}\s*(=|\]|\.)")
    dotted = re.compile(rf"""\s*["']?{re.escape(table)}["']?\s*\.\s*{name}\s*=""")
    now_in = ""
    for number, line in enumerate(text.split("\n"), 1):  # more than that ends no line in TOML
        match = wanted.match(line)
        if match is not None and (now_in == table or match[1]):
            return number
        if table and not now_in and dotted.match(line):
            return number
        if header := re.match(r"\s*\[\s*([^\]]*?)\s*\]", line):
            now_in = header[1]
    return line_of(text, table) if table else 1  # all of it may stand in one line


def line_in(file: Path, key: str, table: str = "") -> int:
    """Return the line of a key as `line_of` does; 1 when the file cannot be read any more."""
    try:
        return line_of(file.read_text(encoding="utf-8-sig", errors="replace"), key, table)
    except OSError:
        return 1


def by_line(sentences: Iterable[str], file: Path) -> list[str]:
    """Put sentences about lines of a file in the order of those; all others come behind them."""
    place = re.compile(rf"{re.escape(str(file))}, line (\d+): ")

    def line(sentence: str) -> float:
        match = place.match(sentence)
        return math.inf if match is None else int(match[1])

    return sorted(sentences, key=line)


def save(path: Path, changes: Mapping[str, Any]) -> None:
    """Write changed settings; everything else in the file stays as it is.

    Args:
        changes: values as the file holds them, by name; None takes one out, so that its default
            holds. A name such as "keys.pause" is of a table.

    Raises:
        ValueError: a name or value that `load` would refuse, or a file that is no settings file.
        OSError: the file cannot be written.
    """
    import tomlkit  # large, and only needed here

    for name, value in changes.items():
        _check(name, value)
    # Bytes, so that the ends of its lines and a mark before the first one stay what they are.
    data = path.read_bytes() if path.exists() else b""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        document = tomlkit.parse(data.removeprefix(mark).decode("utf-8"))
        for name, value in changes.items():
            _put(document, name, value)
    except UnicodeDecodeError as error:
        raise ValueError(f"{_NOT_SAVED}: {path}: {_NO_TEXT}") from error
    except (tomlkit.exceptions.TOMLKitError, TypeError) as error:
        raise ValueError(f"{_NOT_SAVED}: {path}: {error}") from error
    new = mark + tomlkit.dumps(document).encode("utf-8")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # it may have been deleted
    write_atomic(os.path.realpath(path), new, mode=_mode_of(path))


def _check(name: str, value: Any) -> None:
    top, _, key = name.partition(".")
    if top not in SETTINGS:
        raise ValueError(f"there is no setting {name}")
    if value is not None:
        kind_of(top).read({key: value} if key else value)


def _put(table: Any, name: str, value: Any) -> None:
    """Set or take out a value in a table of tomlkit's, which looks like a dict."""
    top, _, key = name.partition(".")
    if key:
        if value is None and top not in table:
            return
        _put(table.setdefault(top, {}), key, value)
    elif value is None:
        table.pop(top, None)
    else:
        table[top] = value


def _mode_of(path: Path) -> int:
    """The file's permissions; for a new one, those for the user alone."""
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o600
