"""Without colours, what is chosen and where the next key goes can still be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rich.style import Style

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running


@pytest.fixture(autouse=True)
def no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def texts(ui: Ui, wanted: Callable[[Style], object], *, focused: bool = False) -> list[str]:
    """What stands on the screen, or only in what has the focus, in styles that are wanted."""
    strips = ui.app.screen._compositor.render_strips()
    if focused and ui.app.focused is not None:
        shown = ui.app.focused.region
        strips = [strip.crop(shown.x, shown.right) for strip in strips[shown.y : shown.bottom]]
    return [
        segment.text
        for strip in strips
        for segment in strip
        if segment.style and wanted(segment.style)
    ]


@pytest.mark.parametrize(
    ("keys", "chosen"),
    [(["?", "down"], "Pause it, or let it go on"), ([":", *"pause all"], "Pause everything")],
)
async def test_the_chosen_line_of_a_list_is_underlined(keys: list[str], chosen: str) -> None:
    async with running([download(1)]) as ui:
        await ui.press(*keys)
        await ui.until(lambda: any(chosen in text for text in texts(ui, lambda s: s.underline)))


@pytest.mark.parametrize("keys", [["?"], [":"], ["t"], ["a"]])
async def test_the_place_of_the_next_character_is_reversed(keys: list[str]) -> None:
    async with running([download(1)]) as ui:
        await ui.press(*keys)
        # An empty field may say there what it takes.
        await ui.until(lambda: [*map(len, texts(ui, lambda s: s.reverse, focused=True))] == [1])
        await ui.press("1", "left")
        await ui.until(lambda: texts(ui, lambda s: s.reverse, focused=True) == ["1"])


async def test_what_the_next_character_would_replace_is_reversed() -> None:
    async with running([download(1)]) as ui:
        await ui.press("e")
        await ui.until(lambda: "file-1.bin" in texts(ui, lambda s: s.reverse, focused=True))


async def test_the_chosen_row_is_reversed() -> None:
    async with running([download(1), download(2)]) as ui:
        assert any("file-1.bin" in text for text in texts(ui, lambda style: style.reverse))
        assert not any("file-2.bin" in text for text in texts(ui, lambda style: style.reverse))
