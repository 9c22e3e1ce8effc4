"""Whatever a server sends as a name: the result is one safe path segment."""

from __future__ import annotations

import sys
import unicodedata
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.naming import (
    FALLBACK,
    LONGEST_BYTES,
    choose_name,
    free_name,
    numbered,
    safe_name,
    split_ending,
    typed_name,
)

DEVICES = ["CON", "prn", "AuX", "nul", "com0", "COM9", "com¹", "LPT1", "lpt³"]
ODD = [
    ".", "..", "/", "\\", " ", ":", "\x00", "\x1b", "\u202e", "\u200b", "\ud800", "\udcff", "<",
    "\u0338", "e\u0301", ".tar.gz", ".part", "\u212a", "\u037e", " " * 300, "x" * 300,
]  # fmt: skip
# Pieces of which accidents are made, and any character whatever.
PIECES = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from(DEVICES),
    st.text(st.characters(exclude_categories=())),
)
WILD = st.lists(PIECES, max_size=8).map("".join)
# What the program itself appends to a final name, at the longest.
SUFFIXES = (".part", ".part.old", ".part.json", ".part.json.old", ".part.json.bad", ".bad")


# Of these, addresses are made that need no decoding, and others that nearly are such.
URL_PIECES = st.sampled_from(
    ["a", "B-7", ".bin", "..", "/", "//", ":", "@", ";", "%41", "%2F", "?", "#", "=", "~", "&", "é"]
)


def assert_safe(name: str) -> None:
    assert name not in ("", ".", "..")
    assert not set(name) & set('/\\<>:"|?*\x00')
    assert name == name.strip(". ")
    assert {unicodedata.category(c) for c in name}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
    assert len(name.encode()) <= LONGEST_BYTES
    assert name == unicodedata.normalize("NFC", name)
    stem = name.partition(".")[0].strip().casefold()
    assert stem not in {device.casefold() for device in DEVICES}


@given(WILD)
def test_any_name_becomes_safe(raw: str) -> None:
    assert_safe(safe_name(raw))


@given(st.lists(URL_PIECES, max_size=9).map("".join))
def test_an_address_names_its_file_by_the_last_part_of_its_path(rest: str) -> None:
    url = f"http://host.example:80/{rest}"
    said = unquote(urlsplit(url).path.rpartition("/")[2])
    chosen = choose_name(wanted=None, disposition=None, final_url=url, first_url=url)
    assert chosen == safe_name(said)


@given(WILD)
def test_a_safe_name_stays(raw: str) -> None:
    name = safe_name(raw)
    assert safe_name(name) == name


@given(WILD)
def test_there_is_room_for_every_suffix(raw: str) -> None:
    name = numbered(safe_name(raw), 9999)
    for suffix in SUFFIXES:
        assert len(f".{name}{suffix}.tmp".encode()) <= 255


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("file.bin", "file.bin"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\cmd.exe", "cmd.exe"),
        ("/", FALLBACK),
        ("..", FALLBACK),
        (" . . ", FALLBACK),
        ("\u202e\u200b\x07", FALLBACK),
        (".bashrc", "bashrc"),
        ("name. ", "name"),
        ('a<b>c:d"e|f?g*h', "a_b_c_d_e_f_g_h"),
        ("pa\x00ss\x1b[31m.txt", "pass[31m.txt"),
        ("gpj.\u202etxt", "gpj.txt"),
        ("two\nlines.txt", "two lines.txt"),
        ("cafe\u0301.txt", "café.txt"),
        ("half\ud83d.txt", "half.txt"),
        ("a\u0338.txt", "a\u0338.txt"),
        ("日本語.zip", "日本語.zip"),
        ("[b]bold[/b].zip", "b].zip"),
    ],
)
def test_what_becomes_of_a_name(raw: str, name: str) -> None:
    assert safe_name(raw) == name


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("ending", ["", ".txt", ".tar.gz", " .txt", "  "])
def test_no_name_is_a_device(device: str, ending: str) -> None:
    assert safe_name(device + ending) == f"_{device}{ending}".rstrip()


@pytest.mark.parametrize("name", ["CONSOLE.txt", "com10", "a.con", "lpt", "nul-1", "com¹x.bin"])
def test_what_only_resembles_a_device_stays(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize("raw", ["con" + " " * 300 + "x", "con" + " " * 300 + "x.txt"])
def test_a_name_is_no_device_after_it_was_cut_either(raw: str) -> None:
    assert safe_name(raw).startswith("_con")


@pytest.mark.parametrize(
    ("raw", "ending"),
    [
        ("x" * 300 + ".bin", ".bin"),
        ("x" * 300 + ".tar.gz", ".tar.gz"),
        ("é" * 300 + ".iso", ".iso"),
        ("日" * 300 + ".iso", ".iso"),
        ("😀" * 300 + ".zip", ".zip"),
        ("x" * 300 + "." + "y" * 15, "." + "y" * 15),
        ("x" * 300 + "." + "y" * 16, ""),
        ("x" * 300, ""),
    ],
)
def test_a_long_name_is_cut_between_letters_and_keeps_its_ending(raw: str, ending: str) -> None:
    name = safe_name(raw)
    stem = name.removesuffix(ending)
    assert LONGEST_BYTES - 4 < len(name.encode()) <= LONGEST_BYTES
    assert name.endswith(ending)
    assert set(stem) == {raw[0]}


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("x" * LONGEST_BYTES, "x" * LONGEST_BYTES),
        ("x" * (LONGEST_BYTES + 1), "x" * LONGEST_BYTES),
        ("x" * (LONGEST_BYTES - 1) + " y", "x" * (LONGEST_BYTES - 1)),
        ("x" * (LONGEST_BYTES - 6) + ". yyyyy.bin", "x" * (LONGEST_BYTES - 6) + ".bin"),
    ],
)
def test_a_name_is_cut_only_when_it_must_be_and_ends_in_a_letter(raw: str, name: str) -> None:
    assert safe_name(raw) == name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.bin", ("a", ".bin")),
        ("a.tar.gz", ("a", ".tar.gz")),
        ("a.TAR.xz", ("a", ".TAR.xz")),
        ("a.tar.gz.tar.gz", ("a.tar.gz", ".tar.gz")),
        ("a.tar.gz.bin", ("a.tar.gz", ".bin")),
        (".tar.gz", (".tar", ".gz")),
        ("noending", ("noending", "")),
        (".hidden", (".hidden", "")),
        ("ends.", ("ends.", "")),
        ("v1.2 of something long", ("v1.2 of something long", "")),
        ("", ("", "")),
    ],
)
def test_where_an_ending_begins(name: str, parts: tuple[str, str]) -> None:
    assert split_ending(name) == parts


@given(WILD)
def test_the_parts_of_a_name_make_the_name(raw: str) -> None:
    name = safe_name(raw)
    stem, ending = split_ending(name)
    assert stem + ending == name
    assert stem


@pytest.mark.parametrize(
    ("text", "name"), [("", ""), (" a b.txt ", "a b.txt"), ("a:b", "a_b"), ("con.txt", "_con.txt")]
)
def test_a_typed_name_becomes_the_name_of_the_file(text: str, name: str) -> None:
    assert typed_name(text) == name


@pytest.mark.parametrize("text", ["a/b", "/b", "a/", "a\\b", "..", "..."])
def test_a_typed_name_of_which_a_part_would_be_lost_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="name"):
        typed_name(text)


def test_a_number_goes_before_the_ending() -> None:
    assert numbered("a.tar.gz", 2) == "a (2).tar.gz"
    assert numbered("README", 1) == "README (1)"


@given(st.sets(st.integers(1, 8)), st.booleans())
def test_a_free_name_is_the_first_that_is_not_taken(numbers: set[int], is_free: bool) -> None:
    taken = {numbered("a.bin", n) for n in numbers} | (set() if is_free else {"a.bin"})
    name = free_name("a.bin", taken.__contains__)
    assert name not in taken
    if is_free:
        assert name == "a.bin"
    else:
        first = min(set(range(1, 10)) - numbers)
        assert name == f"a ({first}).bin"


@pytest.mark.parametrize(
    ("wanted", "disposition", "final", "first", "name"),
    [
        ("mine", "server", "http://h/final", "http://h/first", "mine"),
        (None, "server", "http://h/final", "http://h/first", "server"),
        ("", "", "http://h/final", "http://h/first", "final"),
        ("..", "/", "http://h/final", "http://h/first", "final"),
        (None, None, "http://h/d/", "http://h/first", "first"),
        (None, None, "http://h/d/..", "http://h/first", "first"),
        (None, None, "http://h", "http://h/", "download"),
        (None, None, "http://[bad", "http://[bad", "download"),
        (None, None, "http://h/a%20b%C3%A9.bin?x=/y#z", "", "a bé.bin"),
        (None, None, "http://h/caf%E9.bin", "", "café.bin"),
        (None, None, "http://h/a%2F..%2Fb.bin", "", "b.bin"),
        (None, None, "http://h/..%2f..%2fpasswd%00", "", "passwd"),
        (None, None, "http://[bad/final", "http://h/first", "first"),
        (None, None, "http://h/caf\udce9.bin", "", "café.bin"),
    ],
)
def test_where_a_name_comes_from(
    wanted: str | None, disposition: str | None, final: str, first: str, name: str
) -> None:
    chosen = choose_name(wanted=wanted, disposition=disposition, final_url=final, first_url=first)
    assert chosen == name


@given(st.none() | WILD, st.none() | WILD, WILD, WILD)
def test_any_source_gives_a_safe_name(
    wanted: str | None, disposition: str | None, final: str, first: str
) -> None:
    name = choose_name(
        wanted=wanted,
        disposition=disposition,
        final_url=f"http://host/{final}",
        first_url=f"http://host/{first}",
    )
    assert_safe(name)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "日本 café.bin"), ("iso8859-1", "__ café.bin"), ("ascii", "__ caf_.bin")],
)
def test_a_name_has_only_what_file_names_of_this_system_can_have(
    monkeypatch: pytest.MonkeyPatch, encoding: str, name: str
) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: encoding)
    assert safe_name("日本 café.bin") == name


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("a (1).bin", "a (2).bin"),
        ("a (12).tar.gz", "a (13).tar.gz"),
        ("Film (2020).mkv", "Film (2020) (1).mkv"),
        ("(1).bin", "(1) (1).bin"),
    ],
)
def test_a_number_goes_on_and_is_not_put_behind_another(name: str, free: str) -> None:
    assert free_name(name, {name}.__contains__) == free
