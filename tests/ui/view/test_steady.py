"""No name shifts what stands behind it, whatever the terminal takes its emoji for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.ui.fake_engine import download
from tests.ui.running import running
from tui_downloader.ui.view.steady import steady

_PARTS = ("👍", "\U0001f3fd", "\U0001f1e9", "\U0001f1ea", "❤", "\ufe0f", "a", "1", "\u20e3", "名")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a name.iso", "a name.iso"),
        ("👍🏽.iso", "👍.iso"),
        ("🇩🇪 flag.iso", "DE flag.iso"),
        ("❤️.iso", "❤ .iso"),
        ("👍️.iso", "👍.iso"),
    ],
)
def test_emoji_are_written_in_signs_of_undisputed_width(text: str, shown: str) -> None:
    assert steady(text) == shown


@given(st.lists(st.sampled_from(_PARTS), max_size=9).map("".join))
def test_no_text_gets_wider_or_narrower(text: str) -> None:
    shown = steady(text)
    assert cell_len(shown) == cell_len(text)
    assert not set(shown) & {"\U0001f3fd", "\U0001f1e9", "\U0001f1ea", "\ufe0f"}


async def test_rows_are_painted_so_and_the_name_stays_what_it_is() -> None:
    async with running([download(1, name="👍🏽 🇩🇪.iso")]) as ui:
        assert "👍 DE.iso" in ui.text
        await ui.press("y", "n")
        assert ui.app.clipboard == "👍🏽 🇩🇪.iso"
