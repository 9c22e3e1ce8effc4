"""Options of a link, by the names that lists give them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.links.link import Link
from tui_downloader.model.links.link_options import is_option, with_header, with_option
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.naming import safe_name

LINK = Link("https://a.example/x")
_AWKWARD = st.sampled_from(
    ["..", ".", "/", "\\", "~", "x", "C:", " ", "\0", "\n", "\u202e", "NUL", "长", "%2f", "$HOME"]
)


@pytest.mark.parametrize(
    ("name", "value", "changes"),
    [
        ("out", "x.bin", {"name": "x.bin"}),
        ("out", "sub/x.bin", {"name": "x.bin"}),
        ("out", "/etc/x.bin", {"name": "x.bin"}),
        ("out", "../../x", {"name": "x"}),
        ("out", "..\\..\\x", {"name": "x"}),
        ("out", "C:\\x.bin", {"name": "x.bin"}),
        ("out", "a:b\0\x1b?", {"name": "a_b_"}),
        ("out", "con.txt", {"name": "_con.txt"}),
        ("out", "..", {}),
        ("out", "a/..", {}),
        ("out", "", {}),
        ("dir", "/d", {"folder": "/d"}),
        ("checksum", "sha-256=ab", {"checksum": "sha-256=ab"}),
        ("header", "X: 1", {"headers": (("X", "1"),)}),
        ("user-agent", "Mine", {"headers": (("User-Agent", "Mine"),)}),
        ("referer", "https://r.example", {"headers": (("Referer", "https://r.example"),)}),
        ("http-user", "u", {"credentials": ("u", "")}),
        ("http-passwd", "p", {"credentials": ("", "p")}),
        ("split", "1", {"connections": 1}),
        ("split", "8", {"connections": 8}),
        ("max-connection-per-server", "64", {"connections": 64}),
        ("max-download-limit", "2M", {"limit_bytes_per_s": 2_000_000}),
        ("max-download-limit", "0", {}),
        ("check-certificate", "false", {"insecure": True}),
        ("check-certificate", "true", {}),
        ("continue", "true", {}),
        ("pause", "false", {}),
        ("dir", "", {}),
        ("checksum", "", {}),
    ],
)
def test_an_option_is_applied(name: str, value: str, changes: dict[str, Any]) -> None:
    assert is_option(name)
    assert with_option(LINK, name, value) == replace(LINK, **changes)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("nonsense", "1", "the option nonsense is not known"),
        ("header", "no colon", "Name: value"),
        ("header", "Range: bytes=5-", "asks for parts itself"),
        ("split", "0", "from 1 to 64"),
        ("split", "65", "from 1 to 64"),
        ("split", "٥", "from 1 to 64"),
        ("split", "9" * 5000, "from 1 to 64"),
        ("split", "000005" + "9" * 5000, "from 1 to 64"),
        ("split", "00000599", "from 1 to 64"),
        ("max-download-limit", "fast", "is not a rate"),
        ("pause", "true", "pause was left out"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(name: str, value: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        with_option(LINK, name, value)


@given(st.lists(_AWKWARD | st.text(max_size=4), max_size=12).map("".join))
def test_a_name_is_one_segment_of_a_path_whatever_it_is(value: str) -> None:
    link = with_option(replace(LINK, folder="/data"), "out", value)
    assert link.folder == "/data"
    if link.name is not None:
        assert safe_name(link.name) == link.name
        assert not {"/", "\\", "\0"} & set(link.name)
        assert link.name not in ("", ".", "..")


def test_folders_in_a_name_are_left_out_with_a_note() -> None:
    parsed = parse_links(
        "https://a.example/x\n  dir= sub \n  out=../y\nhttps://b.example/x\n out=z"
    )
    assert [(link.name, link.folder) for link in parsed.links] == [("y", "sub"), ("z", None)]
    (note,) = parsed.notes
    assert note.startswith("line 3: out is a name: the folders in it were left out")
    assert parse_links("https://a.example/x\n  dir=sub\n  out=..\\y").notes[0][7:] == note[7:]


def test_a_login_comes_in_two_halves_and_any_order() -> None:
    for order in (("http-user", "http-passwd"), ("http-passwd", "http-user")):
        link = LINK
        for name in order:
            link = with_option(link, name, {"http-user": "u", "http-passwd": "p"}[name])
        assert link.credentials == ("u", "p")


def test_of_two_numbers_of_connections_the_smaller_counts() -> None:
    assert with_option(with_option(LINK, "split", "8"), "split", "16").connections == 8
    assert with_option(with_option(LINK, "split", "8"), "split", "4").connections == 4


@pytest.mark.parametrize("name", ["Authorization", "User-Agent", "Referer"])
def test_cookies_are_joined_and_what_there_can_be_one_of_replaces_the_first(name: str) -> None:
    link = with_header(with_header(LINK, "Cookie: a=1"), "cookie: b=2")
    assert link.headers == (("cookie", "a=1; b=2"),)
    link = with_header(with_header(LINK, f"{name}: one"), f"{name.lower()}: two")
    assert link.headers == ((name.lower(), "two"),)
    link = with_header(with_header(LINK, "X: 1"), "X: 2")
    assert link.headers == (("X", "1"), ("X", "2"))


@pytest.mark.parametrize(
    "text", ["Accept-Encoding: gzip", "TE: trailers", "Content-Length: 5", "X:"]
)
def test_what_the_program_decides_about_is_passed_over(text: str) -> None:
    assert with_header(LINK, text) == LINK
