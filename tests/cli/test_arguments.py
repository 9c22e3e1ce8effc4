"""The command line: what may be written, and what it means."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tui_downloader import __version__
from tui_downloader.cli.arguments import UsageError, parse, requests_from
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import DownloadRequest, OnConflict
from tui_downloader.model.proxy import DIRECT, Proxy

A, B = "https://a.example/x", "https://b.example/y"
SHA = "ab" * 32


def requests(*argv: str) -> tuple[list[DownloadRequest], list[str]]:
    """What `get` would download into /downloads."""
    return requests_from(parse(["get", *argv]), "/downloads", OnConflict.RENAME)


# Words of the command line.


@pytest.mark.parametrize(
    ("argv", "name", "value"),
    [
        ([A], "urls", [A]),
        ([A, B], "urls", [A, B]),
        ([A, "-q", B], "urls", [A, B]),
        (["-d", "x", A], "dir", "x"),
        (["--dir=x", A], "dir", "x"),
        (["-o", "n", A], "out", "n"),
        (["-i", "-"], "input_file", "-"),
        (["-j", "64", A], "jobs", 64),
        (["-x", "0", A], "connections", 0),
        (["--limit-rate", "40Mbit", A], "limit_rate", 5_000_000),
        (["--limit-rate", "0", A], "limit_rate", 0),
        (["--limit-rate", "off", A], "limit_rate", 0),
        (["--checksum", f"sha256:{SHA}", A], "checksum", Checksum("sha-256", SHA)),
        (["-H", "A: 1", "-H", "B:2", A], "header", [("A", "1"), ("B", "2")]),
        (["--on-conflict", "skip", A], "on_conflict", OnConflict.SKIP),
        (["--ca-certificate", "f", A], "ca_certificate", "f"),
        (["--proxy", "p:1", A], "proxy", Proxy("http://p:1")),
        (["--proxy", "none", A], "proxy", DIRECT),
        (["--insecure", A], "insecure", True),
        (["--json", A], "json", True),
        (["-q", A], "quiet", True),
    ],
)
def test_an_option_is_read(argv: list[str], name: str, value: Any) -> None:
    arguments = parse(["get", *argv])
    assert arguments.get is True
    assert getattr(arguments, name) == value


def test_a_proxy_is_for_every_link_and_outranks_that_of_a_list(tmp_path: Path) -> None:
    links = tmp_path / "links.txt"
    links.write_text(f"{B}\n  all-proxy=q:1\n")
    asked, _ = requests("--proxy", "me:pw@p:1", A, "-i", str(links))
    assert [each.proxy for each in asked] == [Proxy("http://p:1", ("me", "pw"))] * 2
    asked, _ = requests(A, "-i", str(links))
    assert [each.proxy for each in asked] == [None, Proxy("http://q:1")]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["get", "--proxy", "socks5://me:S3CRET@p:1", A], "only http and https proxies"),
        (["get", "--proxy", "", A], "it is empty"),
        (["--proxy", "p:1"], "--proxy needs a URL"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_wrong_usage(argv: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        parse(argv)
    assert "S3CRET" not in str(raised.value)


@pytest.mark.parametrize(
    ("argv", "is_get"),
    [
        (["get", A], True),
        (["-d", "x", "get", A], True),
        (["-q", "get", "-d", "x", A], True),
        (["-d", "x", "get", "-o", "n", A], True),
        (["-d", "get", A], False),
        ([A, "get"], False),
    ],
)
def test_options_may_stand_before_the_command(argv: list[str], is_get: bool) -> None:
    arguments = parse(argv)
    assert arguments.get is is_get
    if is_get:
        assert arguments.urls == [A]


def test_an_option_of_the_interface_before_the_command_is_named() -> None:
    with pytest.raises(UsageError, match="--paused"):
        parse(["--paused", "get", A])


def test_what_is_not_given_is_left_to_the_settings() -> None:
    arguments = parse([])
    assert arguments.get is False
    given = {name: value for name, value in vars(arguments).items() if value not in (None, False)}
    assert given == {"urls": [], "header": []}


@pytest.mark.parametrize("option", ["--plain", "--paused", "--no-color", "--ascii"])
def test_the_interface_has_options_of_its_own(option: str) -> None:
    assert getattr(parse([option]), option.strip("-").replace("-", "_")) is True
    with pytest.raises(UsageError, match="unrecognized"):
        parse(["get", option, A])


def test_where_somebody_can_be_asked_that_may_be_wanted() -> None:
    assert parse(["--on-conflict", "ask", A]).on_conflict is OnConflict.ASK


def test_get_is_a_command_only_in_the_first_place() -> None:
    assert parse([A, "get"]).urls == [A, "get"]
    assert parse([A, "get"]).get is False


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["get"], "get needs a URL"),
        (["get", "--on-conflict", "ask", A], "ask needs the interface"),
        (["get", "--on-conflict", "maybe", A], "one of rename, overwrite, skip, ask"),
        (["get", "-d", "", A], "-d/--dir: it is empty"),
        (["-o", " ", A], "-o/--out: it is empty"),
        (["get", "-o", "n", A, B], "--out is for one URL only"),
        (["get", "-o", "n", "-i", "f"], "--out is for one URL only"),
        (["get", "-o", "n", A, "-i", "f"], "--out is for one URL only"),
        (["get", "--checksum", SHA, A, B], "--checksum is for one URL only"),
        (["--checksum", SHA], "--checksum is for one URL only"),
        (["get", "--checksum", "crc=1", A], "unknown checksum"),
        (["get", "--checksum", "nonsense", A], "ALGORITHM=HEX"),
        (["get", "-j", "0", A], "from 1 to 64"),
        (["get", "-j", "65", A], "from 1 to 64"),
        (["get", "-j", "-1", A], r"."),
        (["get", "-j", "٣", A], "from 1 to 64"),
        (["get", "-x", "65", A], "from 0 to 64"),
        (["get", "--limit-rate", "fast", A], "is not a rate"),
        (["get", "--limit-rate", "0.1", A], "less than one byte"),
        (["get", "-H", "no colon", A], "Name: value"),
        (["get", "-H", "A: 1\r\nB: 2", A], "Name: value"),
        (["get", "--outt", "n", A], "unrecognized"),
        (["get", "--out", A], "get needs a URL"),
        (["-i", "-"], "for get"),
        (["--quiet"], "unrecognized"),
    ],
)
def test_wrong_usage_is_told_and_never_guessed(argv: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(argv)


@pytest.mark.parametrize("command", [[], ["get"]])
def test_the_version_and_help_are_answered(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for option, words in (("--version", __version__), ("-h", "--limit-rate"), ("--help", "-i -")):
        with pytest.raises(SystemExit) as ended:
            parse([*command, option])
        assert ended.value.code == 0
        assert words in capsys.readouterr().out


# What is asked for.


def test_an_address_becomes_a_request() -> None:
    argv = ["-o", "n", "--checksum", SHA, "-H", "X: 1", "https://u:p%40@a.example/x?a=%2f"]
    assert requests(*argv) == (
        [
            DownloadRequest(
                url="https://a.example/x?a=%2f",
                folder="/downloads",
                name="n",
                headers=(("X", "1"),),
                credentials=("u", "p@"),
                checksum=Checksum("sha-256", SHA),
            )
        ],
        [],
    )


@pytest.mark.parametrize("url", ["a.example/x", "ftp://a.example/x", "https://"])
def test_an_address_that_cannot_be_asked_for_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError, match="http"):
        requests(A, url)


def test_a_name_with_a_folder_in_it_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"no path: .*; -d names the folder"):
        requests("-o", "sub/n", A)


def test_wrong_usage_does_not_tell_the_password() -> None:
    with pytest.raises(UsageError) as refused:
        requests("https://user:s3cret@ho st/")
    assert "s3cret" not in str(refused.value)


@pytest.fixture
def links(tmp_path: Path) -> Path:
    return tmp_path / "links.txt"


def test_a_list_becomes_requests_after_the_addresses(links: Path) -> None:
    links.write_text(
        f"# mine\n{A}\thttps://m.example/x\n  out=first\n  dir=sub/dir\n"
        f"  header=Y: 2\n  checksum=sha-256={SHA}\n{B}\n  dir=/abs\n"
    )
    made, notes = requests("-H", "X: 1", "-i", str(links), "https://c.example/z")
    assert notes == []
    assert made == [
        DownloadRequest("https://c.example/z", "/downloads", headers=(("X", "1"),)),
        DownloadRequest(
            A,
            "/downloads/sub/dir",
            name="first",
            mirrors=("https://m.example/x",),
            headers=(("X", "1"), ("Y", "2")),
            checksum=Checksum("sha-256", SHA),
        ),
        DownloadRequest(B, "/abs", headers=(("X", "1"),)),
    ]


def test_a_home_in_a_list_is_the_users(links: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    links.write_text(f"{A}\n  dir=~/isos\n")
    assert requests("-i", str(links))[0][0].folder == "/home/somebody/isos"


def test_what_of_a_list_is_left_out_is_told_by_its_line(links: Path) -> None:
    links.write_bytes(f"words\r\n{A}\r\n  nonsense=5\r\n{B}\r\n  checksum=nonsense\r\n".encode())
    made, notes = requests("-i", str(links))
    assert [request.url for request in made] == [A]
    assert sorted(note.partition(":")[0] for note in notes) == ["https", "line 1", "line 3"]
    assert any(note.startswith(B) and "ALGORITHM=HEX" in note for note in notes)


def test_a_list_that_is_no_unicode_is_read(links: Path) -> None:
    links.write_bytes(b"caf\xe9 " + A.encode() + b"\n")
    assert [request.url for request in requests("-i", str(links))[0]] == [A]


def test_a_list_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{A}\n{B}\n".encode())))
    assert [request.url for request in requests("-i", "-")[0]] == [A, B]


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_list_that_cannot_be_read_is_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"is a folder, no file|there is no file"):
        requests("-i", str(tmp_path / name))
