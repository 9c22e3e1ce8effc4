"""Where the program keeps its files."""

from __future__ import annotations

import pwd
import stat
from pathlib import Path

import pytest

from tui_downloader.store.paths import resolve


def test_everything_of_the_program_is_below_its_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    paths = resolve({"TUI_DOWNLOADER_HOME": str(home)})
    assert paths.settings_file == home / "settings.toml"
    assert paths.queue_file == home / "queue.db"
    assert paths.lock_file == home / "instance.lock"
    assert paths.log_file == home / "tui-downloader.log"
    assert home not in paths.download_dir.parents


def test_a_home_is_absolute_and_knows_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert resolve({"TUI_DOWNLOADER_HOME": "here"}).queue_file == tmp_path / "here" / "queue.db"
    assert str(resolve({"TUI_DOWNLOADER_HOME": "~/t"}).queue_file).startswith("/home/somebody/t")


@pytest.mark.parametrize("environ", [{}, {"TUI_DOWNLOADER_HOME": ""}])
def test_else_the_platform_says_where(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    monkeypatch.setenv("XDG_DOWNLOAD_DIR", str(tmp_path / "downloads"))
    paths = resolve(environ)
    assert paths.settings_file == tmp_path / "CONFIG" / "tui-downloader" / "settings.toml"
    assert paths.queue_file == tmp_path / "STATE" / "tui-downloader" / "queue.db"
    assert paths.lock_file.parent == paths.queue_file.parent
    assert paths.log_file.name == "tui-downloader.log"
    assert paths.download_dir == tmp_path / "downloads"


def test_folders_are_made_for_the_user_alone(tmp_path: Path) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path / "a" / "b")})
    paths.make_folders()
    paths.make_folders()
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        resolve({"TUI_DOWNLOADER_HOME": str(tmp_path / "file" / "x")}).make_folders()


def test_who_has_no_home_is_told_or_has_one_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number without a name, as in a container."""

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.delenv("HOME")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="set HOME or TUI_DOWNLOADER_HOME"):
        resolve({})
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path / "home")})
    assert paths.queue_file == tmp_path / "home" / "queue.db"
    assert paths.download_dir == tmp_path
