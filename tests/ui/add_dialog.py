"""The parts of the add dialog that a test looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from tui_downloader.ui.widgets.preview import Preview

if TYPE_CHECKING:
    from tests.ui.fake_engine import FakeEngine
    from tests.ui.running import Ui


def urls(engine: FakeEngine) -> list[str]:
    """Addresses that were added."""
    return [request.url for request in engine.added]


def box(ui: Ui) -> TextArea:
    """The box that links are typed and pasted into."""
    return ui.app.screen.query_one("#links", TextArea)


def field(ui: Ui, name: str) -> Input:
    """A field of the dialog."""
    return ui.app.screen.query_one(f"#{name}", Input)


def preview(ui: Ui) -> str:
    """What the preview says."""
    return ui.app.screen.query_one(Preview).text


def focused(ui: Ui) -> str:
    """The id of the widget that has the keys, "" for none."""
    return ui.app.focused.id or "" if ui.app.focused is not None else ""
