"""A field of one line takes one of what is pasted, and says so."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.ui.fake_engine import download
from tests.ui.running import running


@pytest.mark.parametrize("keys", [["/"], ["colon"], ["?"], ["e"]])
async def test_it_is_the_first_line_with_something_in_it_as_is_told(keys: list[str]) -> None:
    async with running([download(1)]) as ui:
        await ui.press(*keys)
        await ui.until(lambda: isinstance(ui.app.focused, Input))
        field = ui.app.focused
        assert isinstance(field, Input)
        field.value = ""
        await ui.paste("\r\nlimit\r\nsort\nadd\n")
        assert field.value == "limit"
        await ui.until(lambda: "Only the first of 3 lines is pasted here" in ui.text)


async def test_of_one_line_nothing_is_said() -> None:
    async with running([download(1)]) as ui:
        await ui.press("/")
        await ui.until(lambda: isinstance(ui.app.focused, Input))
        await ui.paste("a word\n")
        assert isinstance(ui.app.focused, Input)
        assert ui.app.focused.value == "a word"
        assert ui.toasts == []
