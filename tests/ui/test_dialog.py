"""What is seen under a dialog."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen

from tests.ui.fake_engine import download
from tests.ui.running import running
from tui_downloader.ui.dialog import Backdrop, Dialog

PIECES = [
    Segment("red", Style(color="#ff0000", bgcolor="#202020", bold=True)),
    Segment("link", Style(color="#00ff00", link="http://host.example", meta={"@click": "x"})),
    Segment("plain", None),
    Segment("red again", Style(color="#ff0000", bgcolor="#202020", bold=True)),
]


@pytest.mark.parametrize("alpha", [0.0, 0.55])
def test_what_is_under_a_dialog_is_darkened_as_textual_does(alpha: float) -> None:
    color = Color.parse("#101010").with_alpha(alpha)
    ours = list(Backdrop.process_segments(PIECES, color))
    assert ours == list(BackgroundScreen.process_segments(PIECES, color))


async def test_the_list_shows_through() -> None:
    async with running([download(1)], size=(120, 30)) as ui:
        await ui.press("question_mark")
        assert isinstance(ui.app.screen, Dialog)
        assert "1 All 1" in ui.text
