"""The speed limit of the whole program: `t` saves it as the setting, and so does `T`."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tests.ui.settings_screen import stored
from tui_downloader.model.daytimes import parse_limit_times
from tui_downloader.model.status import Status
from tui_downloader.store.paths import resolve
from tui_downloader.store.settings import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

ALL_DAY = '"00:00-24:00 1M"'


@asynccontextmanager
async def with_settings(
    home: Path, text: str = "", clock: Callable[[], float] = lambda: NOW
) -> AsyncIterator[Ui]:
    """Run the interface with a settings file below `home` that holds `text`."""
    (home / "settings.toml").write_text(text)
    paths = resolve({"TUI_DOWNLOADER_HOME": str(home)})
    settings, _ = load(paths.settings_file)
    row = download(1, Status.QUEUED)
    async with running([row], paths=paths, read=settings, clock=clock) as ui:
        ui.engine.limit = settings.limit_rate
        yield ui


async def set_limit(ui: Ui, typed: str) -> None:
    await ui.press("t", *typed, "enter")


async def test_the_limit_is_saved_and_the_settings_show_it(tmp_path: Path) -> None:
    async with with_settings(tmp_path, "# mine\njobs = 2\n") as ui:
        await set_limit(ui, "5M")
        await ui.until(lambda: stored(tmp_path) == {"jobs": 2, "limit_rate": "5M"})
        await ui.press("comma", "slash", *"limit_rate", "enter")
        await ui.until(lambda: "limit_rate" in ui.text and "5M" in ui.text)
        assert ui.engine.calls == [("set_limit", 5_000_000)]
    assert "# mine" in (tmp_path / "settings.toml").read_text()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "enter applies · esc"),
        ("300", "enter applies 300 B/s · esc"),
        ("300k", "enter applies 300 kB/s · esc"),
        ("40Mbit", "enter applies 5.00 MB/s · esc"),
        ("0", "enter applies off · esc"),
        ("4x", "enter applies · esc"),
    ],
)
async def test_while_a_limit_is_typed_it_is_told_what_it_means(
    tmp_path: Path, typed: str, told: str
) -> None:
    async with with_settings(tmp_path) as ui:
        await ui.press("t", *typed)
        assert told in ui.text


async def test_a_limit_that_cannot_be_saved_holds_and_is_told_in_words(tmp_path: Path) -> None:
    async with with_settings(tmp_path) as ui:
        (tmp_path / "settings.toml").unlink()
        (tmp_path / "settings.toml").mkdir()  # stands for a disk that is full
        await set_limit(ui, "5M")
        # Of a path as long as this one there is room for its end.
        saying = "The speed limit is not saved: cannot write settings.toml: Is a directory"
        await ui.until(lambda: saying in ui.toasts)
        assert ui.engine.calls == [("set_limit", 5_000_000)]


@pytest.mark.parametrize("keys", [("t", "0", "enter"), ("T",)])
async def test_a_limit_that_is_off_stays_off_and_is_remembered(
    tmp_path: Path, keys: tuple[str, ...]
) -> None:
    async with with_settings(tmp_path, 'limit_rate = "5M"\n') as ui:
        await ui.press(*keys)
        await ui.until(lambda: stored(tmp_path) == {"limit_last": "5M"})
    async with with_settings(tmp_path, (tmp_path / "settings.toml").read_text()) as ui:
        assert ui.engine.limit is None
        await ui.press("T")
        await ui.until(lambda: stored(tmp_path) == {"limit_rate": "5M"})
        assert ui.engine.calls == [("set_limit", 5_000_000)]


async def test_switching_off_and_on_at_once_comes_back_and_is_saved(tmp_path: Path) -> None:
    async with with_settings(tmp_path) as ui:
        await set_limit(ui, "5M")
        await ui.pilot.press("T", "T")
        await ui.until(lambda: len(ui.engine.calls) == 3)
        await ui.app.workers.wait_for_complete()
        assert [call[1] for call in ui.engine.calls] == [5_000_000, None, 5_000_000]
        assert ui.app.preferences.settings.limit_rate == 5_000_000
    assert stored(tmp_path) == {"limit_rate": "5M"}


async def test_a_new_limit_is_taken_back_also_in_the_file(tmp_path: Path) -> None:
    async with with_settings(tmp_path, 'limit_rate = "5M"\n') as ui:
        await set_limit(ui, "2M")
        await ui.until(lambda: ui.toasts == ["Speed limit 2.00 MB/s · z undo"])
        await ui.until(lambda: stored(tmp_path) == {"limit_rate": "2M"})
        await ui.press("z")
        await ui.until(lambda: ui.toasts == ["Undone: Speed limit 2.00 MB/s"])
        await ui.until(lambda: stored(tmp_path) == {"limit_rate": "5M"})
        assert ui.engine.calls == [("set_limit", 2_000_000), ("set_limit", 5_000_000)]


async def test_a_limit_where_none_was_leaves_nothing_behind_when_it_is_taken_back(
    tmp_path: Path,
) -> None:
    async with with_settings(tmp_path) as ui:
        await set_limit(ui, "2M")
        await ui.until(lambda: stored(tmp_path) == {"limit_rate": "2M"})
        await ui.press("z")
        await ui.until(lambda: stored(tmp_path) == {})
        await ui.press("T")
        await ui.until(lambda: "Speed limit of the whole program" in ui.text)


async def test_where_no_limit_is_known_switching_it_on_asks_for_one(tmp_path: Path) -> None:
    async with with_settings(tmp_path) as ui:
        await ui.press("T")
        await ui.until(lambda: "Speed limit of the whole program" in ui.text)


@pytest.mark.parametrize(
    ("text", "given", "told"),
    [
        ("", {"limit_rate"}, "not saved: --limit-rate is in force"),
        (f"limit_times = {ALL_DAY}\n", set(), "not saved: limit_times is in force"),
    ],
)
async def test_what_outranks_the_setting_keeps_the_limit_out_of_the_file(
    tmp_path: Path, text: str, given: set[str], told: str
) -> None:
    async with with_settings(tmp_path, text) as ui:
        ui.app.preferences.given = frozenset(given)
        await set_limit(ui, "5M")
        await ui.until(lambda: f"Speed limit 5.00 MB/s, {told} · z undo" in ui.toasts)
        await ui.press("T")
        await ui.until(lambda: f"Speed limit off, {told} · z undo" in ui.toasts)
        await ui.press("T")
        assert [call[1] for call in ui.engine.calls] == [5_000_000, None, 5_000_000]
        await ui.app.workers.wait_for_complete()
    assert not {"limit_rate", "limit_last"} & set(stored(tmp_path))


async def test_undo_in_another_part_of_the_day_goes_back_to_what_holds_in_that() -> None:
    begins_at = time.mktime((2026, 11, 28, 2, 23, 0, 0, 0, -1))
    times = parse_limit_times("02:20-02:23 1M, 02:23-02:24 off")
    moments = [begins_at - 5]
    async with running(limit_times=times, clock=lambda: moments[-1]) as ui:
        ui.engine.limit = 1_000_000
        await set_limit(ui, "300k")
        await ui.until(lambda: ui.engine.limit == 300_000)
        moments.append(begins_at + 1)
        await ui.press("z")
        # At once: the limit is set by the clock as well, a little later.
        assert ui.engine.calls[-1] == ("set_limit", None)


async def test_undo_after_the_times_of_day_have_begun_takes_the_saved_limit_back_too(
    tmp_path: Path,
) -> None:
    begins_at = time.mktime((2026, 11, 28, 2, 23, 0, 0, 0, -1))
    moments = [begins_at - 5]
    text = 'limit_rate = "5M"\nlimit_times = "02:23-02:24 1M"\n'
    async with with_settings(tmp_path, text, lambda: moments[-1]) as ui:
        await set_limit(ui, "2M")
        await ui.until(lambda: stored(tmp_path)["limit_rate"] == "2M")
        moments.append(begins_at + 1)
        await ui.press("z")
        assert ui.engine.calls[-1] == ("set_limit", 1_000_000)
        await ui.until(lambda: stored(tmp_path)["limit_rate"] == "5M")


async def test_a_limit_of_the_settings_is_seen_also_while_nothing_moves() -> None:
    async with running([download(1, Status.COMPLETED)]) as ui:
        await ui.until(lambda: ui.app._feed.is_resting)
        assert await ui.app.preferences.change("limit_times", "00:00-24:00 1M") == ""
        await ui.until(lambda: "limit 1.00 MB/s" in ui.lines[0])


async def test_who_meant_the_limit_of_a_download_learns_its_key() -> None:
    async with running([download(1, Status.QUEUED), download(2, Status.QUEUED)]) as ui:
        await ui.press("t")
        assert "Of one download alone: e. Of marked ones: space, then t." in ui.text
        await ui.press("escape", "space", "t")
        assert "Speed limit of file-1.bin" in ui.text
        assert "Of one download alone" not in ui.text


async def test_in_an_empty_list_there_is_no_other_limit_than_that_of_all() -> None:
    async with running([]) as ui:
        await ui.press("t")
        assert "Speed limit of the whole program" in ui.text
        assert "Of one download alone" not in ui.text
