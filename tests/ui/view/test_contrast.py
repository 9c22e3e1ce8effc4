"""Colours of text are moved until they can be read, and no further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.color import Color

from tui_downloader.ui.view.contrast import ENOUGH, contrast, readable

_COLORS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: Color(*rgb))


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ff0000", 1.0)],
)
def test_contrast_is_that_of_the_web(one: str, other: str, ratio: float) -> None:
    for pair in ((one, other), (other, one)):
        assert contrast(*map(Color.parse, pair)) == pytest.approx(ratio, abs=0.01)


def test_what_can_be_read_stays_as_it_is() -> None:
    assert readable(Color.parse("#112233"), [Color.parse("#ffffff")]).hex == "#112233"


def test_what_lets_its_ground_through_becomes_what_it_looks_like() -> None:
    looks = readable(Color.parse("#ffffffbf"), [Color.parse("#000000")])
    assert looks.hex == "#BFBFBF"


@given(_COLORS, _COLORS)
def test_everything_can_be_read_on_every_ground(color: Color, ground: Color) -> None:
    assert contrast(readable(color, [ground]), ground) >= ENOUGH
