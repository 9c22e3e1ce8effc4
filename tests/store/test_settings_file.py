"""`settings.toml`: what is wrong is named by its line, and what was not changed survives."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from tui_downloader.store.settings import (
    SETTINGS,
    Settings,
    default_of,
    kind_of,
    line_in,
    load,
    save,
)

OWN = """\
# mine
jobs = 3  # few

future = "kept"

[keys]  # of commands
pause = "f5"  # as before
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("# c\njobs = 0", "line 2: jobs must be a whole number from 1 to 64; 5 is used"),
        ("\n\njbos = 1", "line 3: unknown setting jbos; did you mean jobs?"),
        ("on_conflict = 'x'", "line 1: on_conflict must be one of rename, overwrite, skip, ask"),
        (
            "keys = 3",
            'line 1: keys must be a table of texts such as pause = "p,f5"; the default is used',
        ),
        ("notify = true\n[keys]\npause = 3", "line 3: pause: keys are a text such as"),
        ("notify = true\nkeys.pause = 3", "line 2: pause: keys are a text such as"),
        ("\nkeys = { pause = 3 }", "line 2: pause: keys are a text such as"),
        ("# a\x85b\u2028c\njobs = 0", "line 2: jobs must be a whole number"),
        ("limit_times = '8'", "line 1: limit_times must be times and rates as"),
        ("limit_rate = 'fast'", "line 1: limit_rate must be a rate such as 500K"),
        ("[x]\njobs = 1\n[jobs]", "line 3: jobs must be a whole number"),
        ("# c\n'jobs' = 0", "line 2: jobs must be a whole number"),
        ('# c\n"jo\\u0062s" = 0', "line 1: jobs must be a whole number"),
        ("jobs = \nx = 1", "(at line 1, column"),
        *(
            (f"{name}{'.deep' * 20_000} = 1", f"line 1: {name} must be")
            for name in ("jobs", "theme", "limit_rate", "restart_below_bytes", "limit_times")
        ),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(file: Path, text: str, warning: str) -> None:
    file.write_text(text)
    settings, warnings = load(file)
    assert settings == Settings(notify=settings.notify)
    assert any(told.startswith(str(file)) and warning in told for told in warnings)
    assert file.read_text() == text


@pytest.mark.parametrize("name", ["bogus", "quiet", "max_jobs"])
def test_a_name_that_is_hardly_like_a_setting_is_not_taken_for_one(file: Path, name: str) -> None:
    file.write_text(f"{name} = 1")
    assert load(file)[1] == [f"{file}, line 1: unknown setting {name}"]


def test_a_bad_value_leaves_the_others_alone(file: Path) -> None:
    file.write_text("jobs = 9\nrefresh_hz = 99\n")
    settings, warnings = load(file)
    assert (settings.jobs, settings.refresh_hz) == (9, 4)
    assert len(warnings) == 1


@pytest.mark.parametrize("value", ["5", "['f4']"])
def test_a_bad_key_leaves_the_keys_of_other_commands_alone(file: Path, value: str) -> None:
    file.write_text(f'[keys]\npause = "f5"\nquit = {value}\ncancel = "f6"\n')
    settings, warnings = load(file)
    assert settings.keys == {"pause": "f5", "cancel": "f6"}
    assert warnings == [
        f'{file}, line 3: quit: keys are a text such as "p,f5"; the default is used'
    ]


def test_a_mark_of_the_byte_order_before_the_first_line_is_no_part_of_it(file: Path) -> None:
    file.write_text("jobs = 7\ntheme = 'light'\n", encoding="utf-8-sig")
    settings, warnings = load(file)
    assert (settings.jobs, settings.theme, warnings) == (7, "light", [])
    assert line_in(file, "jobs") == 1
    save(file, {"jobs": 8})
    assert file.read_bytes() == b"\xef\xbb\xbfjobs = 8\ntheme = 'light'\n"


def test_a_change_leaves_comments_and_unknown_keys(file: Path) -> None:
    file.write_text(OWN)
    save(file, {"jobs": 7})
    assert file.read_text() == OWN.replace("jobs = 3", "jobs = 7")


def test_a_new_key_goes_above_the_tables(file: Path) -> None:
    file.write_text(OWN)
    save(file, {"theme": "light", "keys.cancel": "f6"})
    settings, _ = load(file)
    assert settings.theme == "light"
    assert dict(settings.keys) == {"pause": "f5", "cancel": "f6"}
    assert "# as before" in file.read_text()


def test_the_first_key_of_a_command_makes_the_table(file: Path) -> None:
    file.write_text("jobs = 3\n")
    save(file, {"keys.pause": None})
    assert file.read_text() == "jobs = 3\n"
    save(file, {"keys.pause": "f5"})
    settings, _ = load(file)
    assert dict(settings.keys) == {"pause": "f5"}


def test_the_line_in_a_file_that_is_gone_is_the_first(file: Path) -> None:
    assert line_in(file, "jobs") == 1


def test_none_takes_a_key_out(file: Path) -> None:
    file.write_text(OWN)
    save(file, {"jobs": None, "keys.pause": None, "theme": None, "keys.add": None})
    settings, _ = load(file)
    assert settings == Settings()
    assert "future" in file.read_text()
    assert "# mine" in file.read_text()


def test_a_file_that_is_no_toml_is_never_written(file: Path) -> None:
    file.write_text("jobs = 5\n[keys\n")
    with pytest.raises(ValueError, match=r"mend the file first.*line 2"):
        save(file, {"jobs": 6})
    assert file.read_text() == "jobs = 5\n[keys\n"


def test_a_key_cannot_be_put_into_what_is_no_table(file: Path) -> None:
    file.write_text("keys = 3\n")
    with pytest.raises(ValueError, match="nothing was saved"):
        save(file, {"keys.pause": "f5"})
    assert file.read_text() == "keys = 3\n"


@pytest.mark.parametrize(
    "changes", [{"jobs": 0}, {"jobs": "5"}, {"nonsense": 1}, {"keys.pause": 5}, {"jobs.x": 1}]
)
def test_what_load_would_refuse_is_not_saved(file: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        save(file, {"theme": "light", **changes})
    assert not file.exists()


def test_a_link_stays_a_link_and_keeps_its_permissions(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("jobs = 3\n")
    real.chmod(0o644)
    file.symlink_to(real)
    save(file, {"jobs": 4})
    assert file.is_symlink()
    assert real.read_text() == "jobs = 4\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o644


def test_a_new_file_is_for_the_user_alone(file: Path) -> None:
    save(file, {"jobs": 4})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != "keys"])
def test_what_is_shown_can_be_typed_again(name: str) -> None:
    kind, default = kind_of(name), default_of(name)
    if kind.choices:
        assert kind.shown(default) in kind.choices
    if default not in (None, ()):
        assert kind.read(kind.typed(kind.shown(default))) == default


def test_a_typed_number_of_any_length_is_refused_in_the_same_words() -> None:
    kind = kind_of("jobs")
    for typed in ("65", "9" * 5000):
        with pytest.raises(ValueError, match=r"^a whole number from 1 to 64$"):
            kind.read(kind.typed(typed))


def test_the_readme_names_every_setting() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert [
        name for name in SETTINGS if f"`{name}`" not in readme and f"[{name}]" not in readme
    ] == []


def test_every_setting_is_explained() -> None:
    for field in SETTINGS.values():
        assert field.metadata["help"].endswith(".")
        assert field.metadata["group"]
        assert field.metadata["kind"].allowed
