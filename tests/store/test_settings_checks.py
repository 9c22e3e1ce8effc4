"""Settings that cannot be used here: what is taken instead, and what the user is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.certificates import Certificates
from tui_downloader.store.settings import Settings
from tui_downloader.store.settings_checks import check_issuers, usable

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ca_certificate", "/nowhere.pem", "there is no certificate file /nowhere.pem"),
        ("ca_certificate", "/", "there is no certificate file /"),
        ("download_dir", "~nobody-of-that-name/x", "nobody's home folder is meant by ~nobody"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_default_taken(
    file: Path, name: str, value: str, words: str
) -> None:
    file.write_text(f'jobs = 3\n{name} = "{value}"\n')
    changes: dict[str, Any] = {name: value}
    read = replace(Settings(jobs=3), **changes)
    settings, notices = usable(read, file, outranked=())
    assert settings == Settings(jobs=3)
    assert len(notices) == 1
    assert notices[0].startswith(f"{file}, line 2: {name}: {words}")
    assert "the system's " in notices[0]


def test_a_file_without_certificates_is_named(file: Path, tmp_path: Path) -> None:
    issuers = tmp_path / "issuers.pem"
    issuers.write_text("none")
    settings, notices = usable(Settings(ca_certificate=str(issuers)), file, outranked=())
    assert settings.ca_certificate is None
    assert f"{issuers} holds no certificates in PEM form" in notices[0]


def test_what_the_command_line_outranks_is_not_looked_at(file: Path) -> None:
    read = Settings(ca_certificate="/nowhere.pem")
    assert usable(read, file, outranked={"ca_certificate"}) == (read, [])


def test_sound_issuers_are_taken_also_from_the_home_folder(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    Certificates(tmp_path)
    check_issuers("~/ca.pem")
    read = Settings(ca_certificate="~/ca.pem", download_dir="~/new")
    assert usable(read, file, outranked=()) == (read, [])
