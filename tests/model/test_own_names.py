"""The names of the program's own files: no download has one, whoever chooses its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_downloader.model.naming import (
    LONGEST_BYTES,
    choose_name,
    numbered,
    safe_name,
    typed_name,
    wished_name,
)

# As the README lists them, and with what is put behind them meanwhile.
OWN = [
    ".part", ".part.json", ".part.old", ".part.old.json", ".part.json.bad", ".part.json.2.bad",
    ".part.old.json.bad", ".part.copy", ".part.json.copy", ".part.reserved", ".bad", ".copy",
    ".reserved", ".replaced",
]  # fmt: skip
PIECES = [
    *OWN, ".partial", ".old", ".json", ".2", ".2.json", "f", "con", "com1", ".", "/", "%", "é", "ſ",
    " ", "x" * 240,
]  # fmt: skip


@st.composite
def namings(draw: st.DrawFn) -> str:
    """Names that end, or nearly end, as one of those; in any case."""
    name = "".join(draw(st.lists(st.sampled_from(PIECES), max_size=4)))
    name += draw(st.sampled_from(OWN))
    return draw(st.sampled_from([name, name.upper(), name.title()]))


def is_own(name: str) -> bool:
    """Compared as file systems do that tell no case."""
    return name.casefold().endswith(tuple(OWN))


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("f.bin.part", "f.bin_part"),
        ("f.bin.part.json", "f.bin_part.json"),
        ("f.bin.part.old", "f.bin_part.old"),
        ("f.bin.part.old.json", "f.bin_part.old.json"),
        ("f.bin.part.json.bad", "f.bin_part.json_bad"),
        ("f.bin.part.json.12.bad", "f.bin_part.json.12_bad"),
        ("f.bin.part.copy", "f.bin_part_copy"),
        ("f.bad", "f_bad"),
        ("f.copy", "f_copy"),
        ("f.reserved", "f_reserved"),
        ("f.replaced", "f_replaced"),
        ("f.part.part", "f.part_part"),
        ("f.bin.PART", "f.bin_PART"),
        ("f.bin.Part.Json", "f.bin_Part.Json"),
        ("f.bin.part.jſon", "f.bin_part.jſon"),  # the same as an s for some file systems
        ("f.bin.part. .", "f.bin_part"),
        ("f.bin.pa\u200brt", "f.bin_part"),
        ("d/f.bin.part", "f.bin_part"),
        ("con.part", "_con_part"),
        (".part", "part"),
        ("..part.json", "part.json"),
    ],
)
def test_what_becomes_of_a_name_that_is_like_ours(raw: str, name: str) -> None:
    assert safe_name(raw) == name


@pytest.mark.parametrize(
    "name",
    [
        *("film.part1.rar", "film.part.rar", "f.part.tar.gz", "f.party", "f.apart", "part", "bad"),
        *("data.json", "f.old", "f.old.json", "f.json.old", "f.part (1).json", "f.part.json.gz"),
    ],
)
def test_what_only_resembles_ours_stays(name: str) -> None:
    assert safe_name(name) == name


@given(namings())
def test_no_name_is_one_of_ours(raw: str) -> None:
    name = safe_name(raw)
    assert not is_own(name)
    assert not is_own(numbered(name, 1))
    assert safe_name(name) == name


@pytest.mark.parametrize("ending", OWN)
def test_a_name_is_none_of_ours_after_it_was_cut_either(ending: str) -> None:
    cut = "x" * (LONGEST_BYTES - len(ending)) + ending
    name = safe_name(cut + "y" * 40)
    assert name.startswith("x" * 100)
    assert not is_own(name)


@pytest.mark.parametrize("name", ["f.bin.part", "f.bin.part.json"])
@pytest.mark.parametrize("source", ["wanted", "disposition", "final_url", "first_url"])
def test_it_makes_no_difference_who_says_the_name(source: str, name: str) -> None:
    said = {"wanted": None, "disposition": None, "final_url": "", "first_url": ""}
    said[source] = f"http://host.example/{name}" if source.endswith("url") else name
    assert choose_name(**said) == safe_name(name) != name


def test_a_typed_or_listed_name_is_made_safe_as_well() -> None:
    assert typed_name("f.part") == wished_name("f.part") == "f_part"
