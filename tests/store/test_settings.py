"""Settings: a bad value falls back alone and is named; what is saved is read."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tui_downloader.model.daytimes import LimitTime
from tui_downloader.model.download import OnConflict
from tui_downloader.store.settings import SETTINGS, Settings, default_of, load, save

# For each setting: what the file holds and what that means; then what is refused.
GOOD: dict[str, list[tuple[Any, Any]]] = {
    "download_dir": [("/x", "/x"), ("~/ü", "~/ü")],
    "on_conflict": [("rename", OnConflict.RENAME), ("ask", OnConflict.ASK)],
    "paste": [("ask", "ask"), ("add", "add")],
    "jobs": [(1, 1), (64, 64)],
    "connections": [(0, 0), (64, 64)],
    "connections_per_host": [(1, 1), (64, 64)],
    "connections_total": [(1, 1), (256, 256)],
    "restart_below_bytes": [("10MB", 10_000_000), (5, 5), ("0", 0)],
    "checksum_scout": [(True, True), (False, False)],
    "limit_rate": [("2M", 2_000_000), (500, 500), (0, None), ("off", None), ("40Mbit", 5_000_000)],
    "limit_last": [("2M", 2_000_000), ("off", None)],
    "limit_times": [("08:00-18:00 2M", (LimitTime(480, 1080, 2_000_000),)), ("", ())],
    "user_agent": [("Mine/1.0", "Mine/1.0")],
    "ca_certificate": [("/etc/ca.pem", "/etc/ca.pem")],
    "insecure": [(True, True), (False, False)],
    "theme": [("light", "light")],
    "units": [("decimal", "decimal"), ("binary", "binary")],
    "refresh_hz": [(1, 1), (10, 10)],
    "ascii": [("auto", "auto"), ("always", "always"), ("never", "never")],
    "mouse": [(False, False)],
    "title": [(False, False)],
    "taskbar": [("always", "always")],
    "notify": [(False, False)],
    "keys": [({"pause": "f5"}, {"pause": "f5"}), ({}, {})],
}
NUMBERS_REFUSED = [-1, 65, 1.0, "5", True, [], {}]
WORDS_REFUSED = ["", "nonsense", 1, True, [], {}]
TEXTS_REFUSED = ["", 1, True, [], {}, "two\nlines", "esc\x1b"]
SWITCHES_REFUSED = ["", "yes", "true", 0, 1, 0.0, [], {}]
BAD: dict[str, list[Any]] = {
    "download_dir": TEXTS_REFUSED,
    "on_conflict": WORDS_REFUSED,
    "paste": WORDS_REFUSED,
    "jobs": [0, *NUMBERS_REFUSED],
    "connections": NUMBERS_REFUSED,
    "connections_per_host": [*NUMBERS_REFUSED, 0],
    "connections_total": [value for value in NUMBERS_REFUSED if value != 65] + [0, 257],
    "restart_below_bytes": [-1, "", "much", True, [], {}, "9" * 400],
    "checksum_scout": SWITCHES_REFUSED,
    "limit_rate": [-1, "fast", True, [], {}, "9" * 400],
    "limit_last": [-1, "fast", True, [], {}],
    "limit_times": ["8", 5, True, [], "08:00-18:00 fast"],
    "user_agent": TEXTS_REFUSED,
    "ca_certificate": TEXTS_REFUSED,
    "insecure": SWITCHES_REFUSED,
    "theme": TEXTS_REFUSED,
    "units": WORDS_REFUSED,
    "refresh_hz": [0, 11, *NUMBERS_REFUSED],
    "ascii": WORDS_REFUSED,
    "mouse": SWITCHES_REFUSED,
    "title": SWITCHES_REFUSED,
    "taskbar": WORDS_REFUSED,
    "notify": SWITCHES_REFUSED,
    "keys": ["", 1, []],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def cases(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, each) for name, values in table.items() for each in values]


def test_the_tables_above_know_every_setting() -> None:
    assert set(GOOD) == set(BAD) == set(SETTINGS) == {field.name for field in fields(Settings)}


def test_what_holds_when_nothing_is_set() -> None:
    plain = Settings()
    assert (plain.jobs, plain.connections, plain.limit_rate, plain.limit_times) == (5, 0, None, ())
    assert (plain.on_conflict, plain.paste) == (OnConflict.RENAME, "ask")
    assert (plain.units, plain.theme, plain.refresh_hz, plain.ascii) == (
        "decimal",
        "dark",
        4,
        "auto",
    )
    assert not plain.insecure
    assert plain.mouse


def test_without_a_file_there_are_defaults_and_no_words(file: Path) -> None:
    assert load(file) == (Settings(), [])
    assert not file.exists()


@pytest.mark.parametrize(("name", "case"), cases(GOOD))
def test_a_good_value_is_used_and_can_be_saved(
    file: Path, name: str, case: tuple[Any, Any]
) -> None:
    stored, meant = case
    save(file, {name: stored})
    assert tomlkit.parse(file.read_text(encoding="utf-8")).unwrap() == {name: stored}
    loaded, warnings = load(file)
    assert (getattr(loaded, name), warnings) == (meant, [])


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_a_bad_value_falls_back_alone_and_is_named(file: Path, name: str, value: Any) -> None:
    other = "jobs" if name != "jobs" else "refresh_hz"
    text = tomlkit.dumps({other: 3, name: value})
    file.write_text(text, encoding="utf-8")
    line = next(n for n, each in enumerate(text.splitlines(), 1) if name in each)
    loaded, (warning,) = load(file)
    assert getattr(loaded, other) == 3
    assert getattr(loaded, name) == default_of(name)
    assert warning.startswith(f"{file}, line {line}: {name} must be ")
    assert warning.endswith(" is used")
    with pytest.raises(ValueError, match=r"\w"):
        save(file, {name: value})


@pytest.mark.parametrize(
    "data",
    [
        b"jobs = ",
        b"jobs = 1\njobs = 2",
        b"\xff\xfe",
        b"\0",
        b"jobs = " + b"9" * 5000,
        b"x = " + b"[" * 100_000,
        b"{}",
    ],
    ids=["torn", "twice", "no text", "zero", "huge", "deep", "json"],
)
def test_a_file_that_cannot_be_read_is_told_and_left_alone(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    loaded, (warning,) = load(file)
    assert loaded == Settings()
    assert warning.startswith(f"{file}: ")
    assert warning.endswith("; defaults are used")
    with pytest.raises((ValueError, RecursionError)):
        save(file, {"jobs": 7})
    assert file.read_bytes() == data


def test_a_folder_in_place_of_the_file_is_told(file: Path) -> None:
    file.mkdir()
    loaded, (warning,) = load(file)
    assert loaded == Settings()
    assert warning == f"{file}: Is a directory; defaults are used"


def test_an_unknown_key_is_named_with_the_nearest_and_harms_nothing(file: Path) -> None:
    file.write_text("refesh_hz = 3\nxyzzy = 1\njobs = 7\n")
    loaded, warnings = load(file)
    assert loaded == Settings(jobs=7)
    assert warnings == [
        f"{file}, line 1: unknown setting refesh_hz; did you mean refresh_hz?",
        f"{file}, line 2: unknown setting xyzzy",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_other_byte_survives_a_save(file: Path, end: str) -> None:
    text = "# wörds\n\n jobs=3 # few\n\tfuture = [ 1,\n 2 ]\n[other.table]\nkey = 'x'\n"
    file.write_bytes(text.replace("\n", end).encode())
    save(file, {"jobs": 8})
    expected = text.replace("jobs=3", "jobs=8").replace("\n", end)
    assert file.read_bytes() == expected.encode()


def test_saving_nothing_changes_nothing(file: Path) -> None:
    file.write_bytes(b"# only a comment")
    save(file, {})
    assert file.read_bytes() == b"# only a comment"


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.integers(0, 5)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_settings_survive_together(file: Path, picks: dict[str, int]) -> None:
    file.unlink(missing_ok=True)
    chosen = {name: GOOD[name][pick % len(GOOD[name])] for name, pick in picks.items()}
    save(file, {name: stored for name, (stored, _) in chosen.items()})
    loaded, warnings = load(file)
    assert warnings == []
    assert loaded == Settings(**{name: meant for name, (_, meant) in chosen.items()})
