"""Expressions in the filter never stop the interface."""

from __future__ import annotations

from itertools import count

import pytest

from tests.ui.fake_engine import download
from tests.ui.running import running
from tui_downloader.ui.view.filtering import Sieve, parse_filter
from tui_downloader.ui.view.patterns import Pattern

EVIL = "a" * 250


@pytest.mark.parametrize(
    "text",
    [
        "(a+)+$", "(a*)*b", "((a+))+b", "(a|a)*b", "(a|aa)+$", "(?:a?){30}b", "(.*a){12}",
        "(a+){3}b", "(?P<x>a+)*b", "(?i:a*)+b", "([a-z]+)*$", "(a{1,9})+b", "((a)|b)+$",
        "a*a*a*b", "a?" * 9 + "b",
    ],
)  # fmt: skip
def test_what_might_take_forever_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="might take forever"):
        Pattern(text)


@pytest.mark.parametrize(
    ("text", "found", "missed"),
    [
        ("a.*b.*c", "xaybzc", "cba"),
        (".*foo.*bar.*", "xfoo-bar", "bar-foo"),
        (r"\d{4}-\d{2}-\d{2}", "on 2026-01-02", "2026-1-2"),
        (r"(ab)+c", "ababc", "ab"),
        (r"[+*?(]{2}", "a+*b", "a+b"),
        (r"\(x\)+", "(x))", "x"),
        (r"colou?rs?$|^iso", "COLOR", "disco"),
        (r"x+?y", "xxy", "y"),
        (r"(jpe?g|png)$", "a.jpeg", "jpeg.txt"),
        (r"[]a]+", "]", "b"),
    ],
)
def test_what_people_write_is_found(text: str, found: str, missed: str) -> None:
    pattern = Pattern(text)
    assert pattern.is_in(("nothing", found))
    assert not pattern.is_in((missed,))


def looks_in(text: str, rows: int, look_s: float) -> int:
    """Look for a pattern in so many rows; return how many it was really looked for in.

    Args:
        look_s: what each look takes by the clock of the test.
    """
    readings = count()
    pattern = Pattern(text, clock=lambda: next(readings) * look_s)
    for _ in range(rows):
        pattern.is_in(("a name", "an address"))
    return next(readings) // 2


def test_a_pattern_that_takes_long_all_the_same_is_given_up() -> None:
    assert looks_in("a*a*b", 1000, look_s=0.001) == 21
    assert looks_in("a*a*b", 1000, look_s=0.1) == 1


def test_ten_thousand_names_are_no_reason_to_give_up() -> None:
    assert looks_in("file-.*9.bin", 10_000, look_s=0.00002) == 10_000


def test_what_is_given_up_lets_nothing_through_and_is_named() -> None:
    wanted = parse_filter("/a*a*b/")
    rows = [download(n, name=EVIL, url=f"https://{EVIL}/{n}", folder=EVIL) for n in range(1000)]
    assert Sieve(wanted).narrow([*rows, download(1001, name="aab")]) == ()
    assert wanted.problem == "that pattern takes too long"


async def test_the_user_is_told() -> None:
    async with running([download(1, name=EVIL)], size=(100, 20)) as ui:
        await ui.press("slash", *"/(a+)+$/")
        await ui.until(lambda: "might take forever: a repeat within a repeat" in ui.text)
