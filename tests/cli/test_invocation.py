"""Settings file and command line together: which of them the engine and the requests go by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.certificates import Certificates
from tui_downloader.cli import invocation
from tui_downloader.cli.arguments import parse
from tui_downloader.cli.invocation import Invocation, engine_options
from tui_downloader.cli.program import _invocation
from tui_downloader.engine import EngineOptions
from tui_downloader.model.download import OnConflict

if TYPE_CHECKING:
    from pathlib import Path

A = "https://a.example/x"
SETTINGS = """
download_dir = "~/here"
on_conflict = "skip"
jobs = 3
connections = 4
connections_per_host = 7
connections_total = 9
restart_below_bytes = "5MB"
checksum_scout = true
limit_rate = "1M"
limit_times = "00:00-24:00 500K"
user_agent = "mine"
ca_certificate = "~/ca.pem"
insecure = true
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home folder, with an authority's certificate; the program's files are in it, too."""
    Certificates(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("TUI_DOWNLOADER_HOME", str(tmp_path))
    return tmp_path


def invoked(*argv: str) -> Invocation:
    return _invocation(parse(argv))


def options(start: Invocation) -> EngineOptions:
    """The engine's options, without the number that the system gives."""
    return engine_options(start)._replace(connections_possible=0)


def test_the_engine_goes_by_the_settings(home: Path) -> None:
    (home / "settings.toml").write_text(SETTINGS)
    start = invoked("get", A)
    assert not start.notices
    assert options(start) == EngineOptions(
        connections=4,
        connections_per_host=7,
        connections_total=9,
        connections_possible=0,
        hosts_file=home / "hosts.json",
        jobs=3,
        limit_bytes_per_s=500_000,
        ca_certificate=str(home / "ca.pem"),
        insecure=True,
        restart_below_bytes=5_000_000,
        user_agent="mine",
        checksum_scout=True,
    )
    (request,) = start.requests
    assert (request.folder, request.on_conflict) == (str(home / "here"), OnConflict.SKIP)


def test_the_command_line_outranks_them(home: Path) -> None:
    text = SETTINGS.replace("ca.pem", "nowhere.pem").replace("insecure = true", "")
    (home / "settings.toml").write_text(text)
    ca = str(home / "ca.pem")
    given = f"-j 6 -x 2 -d ~/there --on-conflict overwrite --insecure --ca-certificate {ca}"
    start = invoked("get", A, *given.split(), "--limit-rate", "2M")
    assert set(start.given) == {
        *("jobs", "connections", "download_dir", "on_conflict", "insecure", "ca_certificate"),
        *("limit_rate", "limit_times"),
    }
    assert not start.notices
    assert (
        options(start)[:9]
        == EngineOptions(
            connections=2,
            connections_per_host=7,
            connections_total=9,
            connections_possible=0,
            hosts_file=home / "hosts.json",
            jobs=6,
            limit_bytes_per_s=2_000_000,
            ca_certificate=ca,
            insecure=True,
        )[:9]
    )
    (request,) = start.requests
    assert (request.folder, request.on_conflict) == (str(home / "there"), OnConflict.OVERWRITE)


def test_no_limit_on_the_command_line_is_none_at_any_time_of_day(home: Path) -> None:
    (home / "settings.toml").write_text(SETTINGS)
    start = invoked("get", A, "--limit-rate", "0")
    assert options(start).limit_bytes_per_s is None
    assert start.settings.limit_times == ()


def test_a_folder_is_meant_from_where_the_command_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (request,) = invoked("get", A, "-d", "below").requests
    assert request.folder == str(tmp_path / "below")


def test_all_that_was_left_out_is_told_in_the_order_of_its_lines(home: Path) -> None:
    (home / "settings.toml").write_text("ca_certificate = 'nowhere.pem'\njobs = 0\n")
    (home / "list.txt").write_text(f"{A}\nftp://b.example/\n")
    issuers, settings, line = invoked("get", "-i", str(home / "list.txt")).notices
    assert "line 1: ca_certificate: there is no certificate file" in issuers
    assert "line 2: jobs must be" in settings
    assert line.startswith("line 2: ")


def test_no_more_connections_are_counted_on_than_there_are_descriptors() -> None:
    possible = engine_options(invoked("get", A)).connections_possible
    assert possible == invocation._descriptors() // 3
