"""What is sent to the terminal line by line is what a whole new picture would show."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyte
import pytest
from textual._compositor import CompositorUpdate
from textual.widgets import Input, TextArea

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status
from tui_downloader.ui.app import DownloaderApp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.screen import Screen

WIDTH, HEIGHT = 80, 24
DIALOGS = ("?", ":", ",", "t", "e", "u", "c", "a", "H", "L", "s", "y", "ctrl+t", "x", "D")
QUESTIONS_BEFORE_QUITTING = (
    ("q",),
    ("x", "ctrl+q"),
    (",", "ctrl+q"),
    ("?", "ctrl+q"),
    ("q", "w", "q"),
)


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[pyte.Screen]:
    """Yield a terminal that is sent what the interface sends."""
    shown = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(shown)
    display = DownloaderApp._display

    def send(app: DownloaderApp, screen: Screen[Any], renderable: Any) -> None:
        if isinstance(renderable, CompositorUpdate) and not app._batch_count:
            stream.feed(renderable.render_segments(app.console))
        display(app, screen, renderable)

    monkeypatch.setattr(DownloaderApp, "_display", send)
    yield shown


def cells(shown: pyte.Screen) -> list[list[object]]:
    """Every character of it with its colours."""
    return [[shown.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


async def assert_nothing_stale(ui: Ui, shown: pyte.Screen) -> None:
    """Compare what was sent so far with a whole new picture."""
    for screen in ui.app.screen_stack:
        for field in (*screen.query(Input), *screen.query(TextArea)):
            field.cursor_blink = False  # it changes with time alone
    await ui.pilot.pause()
    sent, text = cells(shown), [*shown.display]
    ui.app.screen.refresh(layout=True)
    await ui.pilot.pause()
    assert text == [*shown.display] == ui.lines
    assert sent == cells(shown)


def rows() -> list[Any]:
    dear = {"total_bytes": 10**9, "done_bytes": 10**8, "heard_at": NOW}
    return [download(n, Status.DOWNLOADING, **dear) for n in (1, 2, 3)] + [download(4)]


async def let_things_happen(ui: Ui, shown: pyte.Screen) -> None:
    """Rows change, come and go below what is open, and what is asked changes with them."""
    ui.engine.change(2, status=Status.COMPLETED, done_bytes=10**9, finished_at=NOW)
    await settle(ui)
    await assert_nothing_stale(ui, shown)
    ui.engine.add([DownloadRequest("https://host.example/new.bin", "/downloads")])
    ui.engine.change(1, done_bytes=9 * 10**8, bytes_per_s=2e6, eta_s=50.0)
    await settle(ui)
    ui.engine.drop(4)
    await settle(ui)
    await assert_nothing_stale(ui, shown)


async def settle(ui: Ui) -> None:
    """Let a change reach the screen, also below a dialog, which looks there now and then."""
    await ui.refresh()
    for screen in ui.app.screen_stack[1:]:
        look = getattr(screen, "look_under", None)
        if look is not None:
            look()
    await ui.pilot.pause()


@pytest.mark.parametrize(
    "keys", [*((key,) for key in DIALOGS), *QUESTIONS_BEFORE_QUITTING], ids=" ".join
)
async def test_no_line_stays_behind_of_what_has_changed_below_a_dialog(
    monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    with terminal(monkeypatch) as shown:
        async with running(rows(), size=(WIDTH, HEIGHT)) as ui:
            await ui.press(*keys)
            assert ui.app.screen is not ui.main
            await assert_nothing_stale(ui, shown)
            await let_things_happen(ui, shown)
            await ui.press("escape")
            await assert_nothing_stale(ui, shown)
