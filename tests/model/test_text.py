"""No text from outside moves a cursor, hides a part of itself or gives a password away."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_downloader.model.text import (
    clean,
    cut_to_cells,
    decoded,
    raw_bytes,
    redact,
    strip_userinfo,
)

# Every character there is, lone surrogates included.
ANY_TEXT = st.text(st.characters(exclude_categories=()))
INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
PLAIN = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=20)


@pytest.mark.parametrize("code_range", [range(0x3000), range(0x3000, sys.maxunicode + 1)])
def test_of_all_characters_only_the_visible_ones_stay(code_range: range) -> None:
    shown = clean("".join(map(chr, code_range)))
    assert INVISIBLE.isdisjoint(map(unicodedata.category, shown))
    expected = {c for c in map(chr, code_range) if unicodedata.category(c) not in INVISIBLE}
    assert set(shown) == expected | ({" "} if code_range.start == 0 else set())


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]2;title\x07", "]2;title"),
        ("a\x9bm", "am"),
        ("gpj\u202e.exe", "gpj.exe"),
        ("a\u2066b\u2069c", "abc"),
        ("zero\u200bwidth\u200d\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("tag\U000e0041", "tag"),
        ("two\r\nlines\tand\u2028more", "two  lines and more"),
        ("half\ud83d", "half"),
        ("[b]bold[/b] [@click=app.bell]x[/]", "[b]bold[/b] [@click=app.bell]x[/]"),
        ("日本語 é ñ", "日本語 é ñ"),
    ],
)
def test_what_is_shown(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@given(ANY_TEXT)
def test_cleaning_leaves_one_harmless_line(text: str) -> None:
    shown = clean(text)
    assert INVISIBLE.isdisjoint(map(unicodedata.category, shown))
    assert clean(shown) == shown
    assert shown.encode().decode() == shown


@given(ANY_TEXT, st.integers(1, 20))
def test_a_limit_is_kept_and_marked(text: str, limit: int) -> None:
    whole, shown = clean(text), clean(text, limit)
    assert len(shown) <= limit
    if len(whole) <= limit:
        assert shown == whole
    else:
        assert shown == whole[: limit - 1] + "…"


@pytest.mark.parametrize(
    ("url", "plain", "credentials"),
    [
        ("http://host/a", "http://host/a", None),
        ("http://user:pass@host/a", "http://host/a", ("user", "pass")),
        ("http://user@host", "http://host", ("user", "")),
        ("http://:pass@host", "http://host", ("", "pass")),
        ("http://@host/", "http://host/", ("", "")),
        ("http://us%40er:p%3Aa%2fss@host/", "http://host/", ("us@er", "p:a/ss")),
        ("http://user:p@ss@host/", "http://host/", ("user", "p@ss")),
        ("http://user:a:b@host/", "http://host/", ("user", "a:b")),
        ("http://host/a@b", "http://host/a@b", None),
        ("http://host?mail=a@b", "http://host?mail=a@b", None),
        ("http://host#a@b", "http://host#a@b", None),
        ("http://u:p@host?x=%2f%2F", "http://host?x=%2f%2F", ("u", "p")),
        ("http://u:p@[::1]:80/", "http://[::1]:80/", ("u", "p")),
        ("user:pass@host", "user:pass@host", None),
        ("http:///u:p@x", "http:///u:p@x", None),
        ("http://?u:p@x", "http://?u:p@x", None),
    ],
)
def test_an_address_is_parted_from_its_login(
    url: str, plain: str, credentials: tuple[str, str] | None
) -> None:
    assert strip_userinfo(url) == (plain, credentials)


@given(PLAIN, PLAIN, ANY_TEXT)
def test_every_other_byte_of_an_address_stays(user: str, password: str, tail: str) -> None:
    rest = f"host.example/{tail}"
    assert strip_userinfo(f"https://{user}:{password}@{rest}") == (
        f"https://{rest}",
        (user, password),
    )
    assert strip_userinfo(f"https://{rest}") == (f"https://{rest}", None)


@given(PLAIN, PLAIN)
@example("u", "p@ss")
@example("u", "p:%40")
def test_a_shown_address_has_no_login(user: str, password: str) -> None:
    secret = f"{user}S3:cr3t{password}"
    assert redact(f"http://{secret}@host.example/x") == "http://***@host.example/x"


def test_a_shown_address_is_clean() -> None:
    assert redact("http://host/\u202e\x1b[2J") == "http://host/[2J"
    assert redact("http://host/") == "http://host/"


@given(st.binary())
def test_bytes_that_are_no_text_survive_as_surrogates(data: bytes) -> None:
    assert raw_bytes(data.decode("utf-8", "surrogateescape")) == data


@given(ANY_TEXT)
def test_any_text_has_bytes_and_any_bytes_are_read(text: str) -> None:
    assert isinstance(decoded(raw_bytes(text)), str)


def test_a_surrogate_that_stands_for_no_byte_becomes_a_question_mark() -> None:
    assert raw_bytes("a\ud800b\u00e9") == b"a?b\xc3\xa9"


def test_bytes_are_utf_8_else_latin_1() -> None:
    assert decoded("naïve".encode()) == "naïve"
    assert decoded("naïve".encode("latin-1")) == "naïve"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("名名", 4, "名名"),
        ("名名", 3, "名…"),
        ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
        ("e\u0301e\u0301e", 2, "e\u0301…"),
        ("", 0, ""),
        ("é", 0, "…"),
    ],
)
def test_a_text_is_cut_to_cells(text: str, width: int, shown: str) -> None:
    assert cut_to_cells(text, width) == shown
