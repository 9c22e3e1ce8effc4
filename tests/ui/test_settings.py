"""The settings screen: what it shows, what it saves, and what changes at once."""

from __future__ import annotations

import os
import re
import textwrap
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tests.ui.settings_screen import highlight, settings_open, stored, until_shown, until_stored
from tui_downloader.model.download import Assurance
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.store.paths import resolve
from tui_downloader.store.settings import Settings, load
from tui_downloader.ui.commands.keymap import DEFAULT_KEYS
from tui_downloader.ui.screens.settings import SettingsScreen
from tui_downloader.ui.screens.themes import ThemeScreen
from tui_downloader.ui.settings.setting_entries import entries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


# What is shown.


async def test_groups_entries_and_the_meaning_of_one_are_shown(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        for group in ("> Downloads", "Network", "Screen", "Desktop", "Keys"):
            assert group in ui.text
        await ui.press("j", "j", "j")
        assert "Downloads at once." in ui.text
        assert "default 5 · applies at once" in ui.text
        assert "allowed: a whole number from 1 to 64" in ui.text


@pytest.mark.parametrize("size", [(60, 16), (40, 10)])
async def test_in_a_small_window_the_highlighted_setting_has_its_default_and_range(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with settings_open(tmp_path, size=size) as ui:
        await ui.press("j", "j", "j")
        assert "Downloads at once." in ui.text
        assert "default 5 · a whole number from 1" in ui.text
        await highlight(ui, "ascii")
        assert "from next start" in " ".join(line.strip("│ ") for line in ui.lines)


async def test_no_setting_needs_more_lines_than_a_small_window_has(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        listed = entries(Settings(), DEFAULT_KEYS, ui.app.preferences.is_at_once)
    texts = [text for entry in listed for text in (entry.sentence, entry.facts[1])]
    assert [text for text in texts if len(textwrap.wrap(text, 34)) > 2] == []


async def test_a_setting_that_waits_says_so(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "ascii")
        assert "a change applies from the next start" in ui.text


async def test_keys_go_from_group_to_group(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await ui.press("right")
        assert "> Network" in ui.text
        await ui.press("tab", "l")
        assert "> Desktop" in ui.text
        await ui.press("left", "h")
        assert "> Network" in ui.text


async def test_a_click_on_a_group_goes_there(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        y, line = next((y, line) for y, line in enumerate(ui.lines) if "Desktop" in line)
        await ui.pilot.click(offset=(line.index("Desktop"), y))
        await ui.pilot.pause()
        assert "> Desktop" in ui.text


async def test_the_filter_narrows_and_esc_clears_it(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "user agent")
        assert "user_agent" in ui.text
        assert "limit_times" not in ui.text
        await ui.press("escape")
        assert "limit_times" in ui.text
        await ui.press("escape")
        assert ui.app.screen is ui.main


async def test_a_filter_that_fits_nothing_says_so(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "zzz")
        assert "no setting has these words" in ui.text
        await ui.press("enter", "r")
        assert not (tmp_path / "settings.toml").exists()


# What is saved.


async def test_a_number_is_edited_saved_and_asked_of_the_engine(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('# mine\njobs = 3\nfuture = "kept"\n')
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "jobs")
        await ui.press("enter", "backspace", "8", "enter")
        await ui.until(lambda: ("set_jobs", 8) in ui.engine.calls)
        await ui.until(lambda: "jobs                   8" in ui.text)
    assert (tmp_path / "settings.toml").read_text() == '# mine\njobs = 8\nfuture = "kept"\n'


@pytest.mark.parametrize("typed", ["0", "automatic", "Automatic"])
async def test_no_number_of_connections_is_called_automatic(tmp_path: Path, typed: str) -> None:
    (tmp_path / "settings.toml").write_text("connections = 4\n")
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "one file")
        await ui.press("enter", *["backspace"], *typed, "enter")
        await ui.until(lambda: stored(tmp_path) == {"connections": 0})
        await ui.until(
            lambda: any("connections  " in each and " automatic" in each for each in ui.lines)
        )
        assert "default automatic" in ui.text


async def test_what_is_not_allowed_is_said_while_typing_and_not_saved(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "jobs")
        await ui.press("enter", "9", "9")
        assert "must be a whole number from 1 to 64" in ui.text
        await ui.press("enter")
        assert "must be a whole number from 1 to 64" in ui.text
        await ui.press("escape")
        assert "must be a whole number" not in ui.text
        assert ui.engine.calls == []
    assert not (tmp_path / "settings.toml").exists()


@pytest.mark.parametrize(("name", "values"), [("paste", ["add", "ask"]), ("mouse", [False, True])])
async def test_enter_takes_the_next_of_a_few_choices(
    tmp_path: Path, name: str, values: list[object]
) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, f"{name} ")
        for value in values:
            await ui.press("enter")
            await until_stored(ui, tmp_path, {name: value})
            # It is saved before it is shown, and enter goes on from what is shown.
            await until_shown(ui, rf"> {name} +{str(value).lower()}")


async def test_reset_takes_the_setting_out_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("# mine\njobs = 3\n")
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "jobs")
        await ui.press("r")
        await ui.until(lambda: ("set_jobs", 5) in ui.engine.calls)
    assert (tmp_path / "settings.toml").read_text() == "# mine\n"


async def test_an_empty_value_resets(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("user_agent = 'x'\n")
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "user_agent")
        await ui.press("enter", "backspace", "enter")
        await ui.until(lambda: "the program's own" in ui.text)
    assert stored(tmp_path) == {}


async def test_a_file_that_cannot_be_read_is_named_and_not_written(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("jobs = 3\n[keys\n")
    async with settings_open(tmp_path, size=(140, 40)) as ui:
        await highlight(ui, "jobs")
        await ui.press("enter", "backspace", "8", "enter")
        await ui.until(lambda: "nothing was saved, mend the file first" in ui.text)
        assert ui.engine.calls == []
    assert (tmp_path / "settings.toml").read_text() == "jobs = 3\n[keys\n"


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("download_dir", "relative", "must be a whole path"),
        ("limit_times", "8", "must be times and rates as"),
    ],
)
async def test_what_cannot_be_used_here_is_refused(
    tmp_path: Path, name: str, typed: str, problem: str
) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, name)
        await ui.press("enter", *typed)
        assert problem in ui.text


@pytest.mark.parametrize(
    ("name", "typed", "problem"),
    [
        ("ca_certificate", "/nowhere.pem", "there is no file /nowhere.pem"),
        ("download_dir", "/dev/null", "/dev/null is no folder"),
        ("download_dir", "/dev/null/below", "/dev/null/below cannot be made: Not a directory"),
    ],
)
async def test_what_is_not_on_the_disk_is_refused_and_no_key_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, typed: str, problem: str
) -> None:
    looked_in: set[bool] = set()

    def watched(look: Callable[[str], bool], path: str) -> bool:
        if path == typed:
            looked_in.add(threading.current_thread() is threading.main_thread())
        return look(path)

    for look in ("isfile", "isdir", "exists"):
        monkeypatch.setattr(os.path, look, partial(watched, getattr(os.path, look)))
    async with settings_open(tmp_path) as ui:
        await highlight(ui, name)
        await ui.press("enter", *["backspace"] * 40, *typed, "enter")
        await ui.until(lambda: problem in ui.text)
    assert looked_in == {False}
    assert not (tmp_path / "settings.toml").exists()


async def test_a_file_without_certificates_is_not_taken_as_issuers(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("no certificate")
    async with settings_open(tmp_path, size=(200, 30)) as ui:
        await highlight(ui, "ca_certificate")
        await ui.press("enter", *str(tmp_path / "x"), "enter")
        await ui.until(lambda: "holds no certificates" in ui.text)
    assert not (tmp_path / "settings.toml").exists()


async def test_a_theme_of_the_file_that_nobody_knows_is_told(tmp_path: Path) -> None:
    text = 'jobs = 7\ntheme = "mauve"\n'
    (tmp_path / "settings.toml").write_text(text)
    async with settings_open(tmp_path) as ui:
        await ui.until(lambda: "line 2: theme: there is no theme mauve" in " ".join(ui.toasts))
        await highlight(ui, "theme")
        assert re.search(r"\btheme +dark\b", ui.text)
        assert ui.app.preferences.settings.theme == ui.app.theme == "dark"
    assert (tmp_path / "settings.toml").read_text() == text


async def test_of_many_problems_the_first_line_of_the_file_is_told_and_the_log_has_all_in_order(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = ['theme = "mauve"', 'paste = "x"', "jbos = 3", "[keys]", 'nope = "f6"', "pause = 7"]
    (tmp_path / "settings.toml").write_text("\n".join(lines))
    async with settings_open(tmp_path) as ui:
        (told,) = ui.toasts
        assert " ".join(told.split()).endswith(
            "line 1: theme: there is no theme mauve; dark is used and 4 more: see the log (L)"
        )
    told_lines = [each.partition(", line ")[2][0] for each in caplog.messages]
    assert told_lines == ["1", "2", "3", "5", "6"]


# What holds at once.


async def test_a_limit_holds_at_once(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "limit_rate")
        await ui.press("enter", *["backspace"] * 3, "2", "M", "enter")
        await ui.until(lambda: ("set_limit", 2_000_000) in ui.engine.calls)
    assert stored(tmp_path) == {"limit_rate": "2M"}


async def test_a_limit_of_a_time_of_day_holds_when_it_is_that_time(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "limit_times")
        await ui.press("enter", *"00:00-24:00", "space", *"3M", "enter")
        await ui.until(lambda: ("set_limit", 3_000_000) in ui.engine.calls)


async def test_units_hold_at_once(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "units")
        await ui.press("enter")
        await until_stored(ui, tmp_path, {"units": "binary"})
        await ui.press("escape", "escape")
        await ui.until(lambda: "1.91/3.81 MiB" in ui.text or "3.81 MiB" in ui.text)


async def test_a_folder_holds_at_once(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "download_dir")
        await ui.press("enter", *f"{tmp_path}/data", "enter")
        await until_stored(ui, tmp_path, {"download_dir": f"{tmp_path}/data"})
        assert (tmp_path / "data").is_dir()
        await highlight_other(ui, "paste")
        await ui.press("enter")
        await ui.until(lambda: "paste" in stored(tmp_path))
        await ui.press("escape", "escape")
        await ui.paste("https://a.example/x.iso")
        await ui.until(lambda: ui.engine.added)
        assert ui.engine.added[0].folder == f"{tmp_path}/data"


async def highlight_other(ui: Ui, words: str) -> None:
    await ui.press("escape")
    await highlight(ui, words)


async def test_how_often_the_screen_is_refreshed_holds_at_once(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "refresh_hz")
        await ui.press("enter", "backspace", "9", "enter")
        await ui.until(lambda: ui.app._feed._hz == 9)


async def test_the_settings_name_the_key_of_the_themes_where_a_newcomer_looks(
    tmp_path: Path,
) -> None:
    async with settings_open(tmp_path, size=(80, 24)) as ui:
        assert "ctrl+t themes" in ui.text
        await ui.press("ctrl+t")
        await ui.until(lambda: isinstance(ui.app.screen, ThemeScreen))
        await ui.press("escape")
        await ui.until(lambda: isinstance(ui.app.screen, SettingsScreen))


async def test_the_settings_name_the_users_own_key_of_the_themes(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[keys]\ntheme = "f5"\n')
    async with settings_open(tmp_path, size=(80, 24)) as ui:
        assert "f5 themes" in ui.text
        await ui.press("f5")
        await ui.until(lambda: isinstance(ui.app.screen, ThemeScreen))


@pytest.mark.parametrize(
    ("keys", "own", "free"),
    [("r", "r", ""), ("/,f5", "slash", "f5"), ("j", "j", ""), ("left,X", "left", "X")],
)
async def test_a_key_that_the_settings_need_themselves_means_there_what_they_say(
    tmp_path: Path, keys: str, own: str, free: str
) -> None:
    others = {"retry": "f6", "filter": "f7", "down": "down", "previous_tab": "h"}
    table = "".join(f'{name} = "{text}"\n' for name, text in {**others, "theme": keys}.items())
    (tmp_path / "settings.toml").write_text(f"jobs = 7\n[keys]\n{table}")
    async with settings_open(tmp_path, size=(120, 34)) as ui:
        assert ui.toasts == []  # the keys are taken as they are
        assert (f"{free} themes · esc" if free else "group · esc") in ui.text
        await highlight(ui, "jobs")
        await ui.press(own)
        assert isinstance(ui.app.screen, SettingsScreen)
        if own == "r":
            await ui.until(lambda: "jobs" not in stored(tmp_path))
        if free:
            await ui.press("escape", free)
            await ui.until(lambda: isinstance(ui.app.screen, ThemeScreen))


async def test_a_theme_is_worn_while_it_is_looked_at_and_saved_when_chosen(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "theme")
        await ui.press("enter", "down")
        await ui.until(lambda: ui.app.theme == "light")
        await ui.press("escape")
        assert ui.app.theme == "dark"
        assert not (tmp_path / "settings.toml").exists()
        await ui.press("enter", "j", "enter")
        await ui.until(lambda: "theme                  light" in ui.text)
        assert ui.app.theme == "light"
    assert stored(tmp_path) == {"theme": "light"}


# Keys.


async def test_a_key_is_given_to_a_command_and_shown_everywhere(tmp_path: Path) -> None:
    async with settings_open(tmp_path, size=(120, 30)) as ui:
        await highlight(ui, "keys.pause ")
        await ui.press("enter", "backspace", "x")
        assert "x is the key of Cancel" in ui.text
        await ui.press("backspace", "f", "5", "enter")
        await until_stored(ui, tmp_path, {"keys": {"pause": "f5"}})
        await ui.press("escape", "escape")
        assert "f5 Pause" in ui.lines[-1]
        await ui.press("p")
        assert ui.engine.calls == []
        await ui.press("f5")
        assert ui.engine.calls == [("pause", 1)]
        await ui.press("?", *"pause it")
        assert "f5" in ui.text


async def test_keys_of_the_file_work_from_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "settings.toml").write_text('[keys]\npause = "f5"\ncancel = "f10"\nnope = "f6"\n')
    async with settings_open(tmp_path) as ui:
        await ui.press("escape", "f5")
        assert ui.engine.calls == [("pause", 1)]
        await ui.press("x")
        assert ("cancel", 1, "delete") in ui.engine.calls
        await ui.until(
            lambda: "line 3: cancel: f10 is kept free for the terminal" in " ".join(ui.toasts)
        )
        await ui.until(
            lambda: "line 4: the entry nope in [keys] names no command" in " ".join(ui.toasts)
        )
    whole = (
        "line 4: the entry nope in [keys] names no command and is left out; all names are listed "
        "in the settings (,) under Keys"
    )
    assert any(whole in told for told in caplog.messages)


async def test_sentences_name_the_keys_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[keys]\nadd = "f2"\nhelp = "f3"\nquit = "f4"\n')
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    async with running(paths=paths, read=load(paths.settings_file)[0]) as ui:
        assert "press f2, or" in ui.text
        assert "f3 shows all keys." in ui.text
        await ui.press("ctrl+c")
        await ui.until(lambda: "f4 quits" in ui.text)


async def test_rows_and_views_name_the_keys_of_the_file(tmp_path: Path) -> None:
    table = {"retry": "f7", "new_url": "f6", "restart": "B", "checksum": "C", "view_failed": "f5"}
    keys = "".join(f'{name} = "{key}"\n' for name, key in (table | {"back": "f8"}).items())
    (tmp_path / "settings.toml").write_text(f"[keys]\n{keys}")
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    downloads = [
        download(1, Status.FAILED, failure=Failure("http-404", "")),
        download(2, Status.WAITING, failure=Failure("http-503", ""), resume_at=NOW + 12),
        download(
            3,
            Status.COMPLETED,
            finished_at=NOW - 9,
            assurance=Assurance.DIFFERS,
            checked_by="md5",
        ),
        download(4, Status.CANCELLED),
    ]
    async with running(
        downloads, size=(120, 30), paths=paths, read=load(paths.settings_file)[0]
    ) as ui:
        rows = {line[4:14]: line for line in ui.lines if line[4:9] == "file-"}
        assert "f6 new URL  f7 retry" in rows["file-1.bin"]
        assert "f7 now" in rows["file-2.bin"]
        assert "B again  C change expected" in rows["file-3.bin"]
        assert "f7 " in rows["file-4.bin"]
        assert "f5 Failed 2, cancelled 1" in ui.lines[1]
        await ui.press("/", *"nothing", "enter")
        await ui.until(lambda: "Nothing matches; f8 shows all" in ui.text)
        await ui.press("f8")
        assert "Nothing matches" not in ui.text


async def test_a_key_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[keys]\npause = "f5"\n')
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "keys.pause ")
        await ui.press("r")
        await ui.until(lambda: stored(tmp_path) == {"keys": {}})
        await ui.press("escape", "escape", "p")
        assert ui.engine.calls == [("pause", 1)]


async def test_a_command_without_a_key_can_get_one(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[keys]\ntheme = "f5"\n')
    async with settings_open(tmp_path) as ui:
        await ui.press("escape", "f5")
        assert "Theme" in ui.text


@pytest.mark.parametrize(
    ("name", "bounds"),
    [
        ("connections", (8, 16, 64)),
        ("connections_per_host", (0, 8, 64)),
        ("connections_total", (0, 16, 8)),
    ],
)
async def test_connections_hold_at_once(
    tmp_path: Path, name: str, bounds: tuple[int, int, int]
) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, name)
        await ui.press("enter", "ctrl+u", "8", "enter")
        await ui.until(lambda: ("set_connections", *bounds) in ui.engine.calls)


async def test_what_waits_for_the_next_start_says_so(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "user_agent")
        assert "a change applies from the next start" in ui.text
        assert "changed" not in ui.text
        await ui.press("enter", "x", "enter")
        await ui.until(lambda: "user_agent changed, from next start" in ui.toasts)
        await ui.until(lambda: "x (changed, from next start)" in ui.text)
        await ui.press("enter", "y", "enter")
        await ui.until(lambda: "y (changed, from next start)" in ui.text)
        await ui.until(lambda: ui.toasts == ["user_agent changed, from next start"])
        await ui.press("r")
        await ui.until(lambda: "(changed, from next start)" not in ui.text)


@pytest.mark.parametrize(
    ("width", "shown"),
    [(80, "false (from next start)"), (120, "false (changed, from next start)")],
)
async def test_a_value_is_not_cut_for_the_sake_of_when_it_holds(
    tmp_path: Path, width: int, shown: str
) -> None:
    async with settings_open(tmp_path, size=(width, 30)) as ui:
        await highlight(ui, "checksum_scout")
        await ui.press("enter")
        await ui.until(lambda: shown in ui.text)


async def test_the_limit_that_comes_back_can_be_chosen_and_holds_at_once(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "limit_last")
        assert "applies at once" in ui.text
        await ui.press("enter", *"5M", "enter")
        await ui.until(lambda: stored(tmp_path) == {"limit_last": "5M"})
        await until_shown(ui, r"limit_last +5M +│")
        await ui.press("escape", "escape", "T")
        assert ui.engine.calls == [("set_limit", 5_000_000)]


async def test_the_limit_in_force_is_the_one_that_comes_back(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('limit_rate = "200k"\n')
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "limit_last")
        await until_shown(ui, r"limit_last +200K")


async def test_the_frame_names_the_keys_of_the_field_while_a_value_is_typed(tmp_path: Path) -> None:
    async with settings_open(tmp_path) as ui:
        await highlight(ui, "jobs")
        assert "enter edit · r reset" in ui.text
        await ui.press("enter")
        await ui.until(lambda: "enter saves" in ui.text)
        assert "r reset" not in ui.text
        await ui.press("escape")
        await ui.until(lambda: "enter edit · r reset" in ui.text)
