"""What is seen under a dialog."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip
from textual.widgets import Static

from tests.ui.fake_engine import NOW, download
from tests.ui.running import Ui, running
from tui_downloader.model.status import Status
from tui_downloader.ui.screens import dialog
from tui_downloader.ui.screens.backdrop import Darkened, Faint, unlike
from tui_downloader.ui.screens.dialog import Dialog
from tui_downloader.ui.widgets.link_box import LinkBox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

PIECES = [
    Segment("red", Style(color="#ff0000", bgcolor="#202020", bold=True)),
    Segment("link", Style(color="#00ff00", link="http://host.example", meta={"@click": "x"})),
    Segment("plain", None),
    Segment("red again", Style(color="#ff0000", bgcolor="#202020", bold=True)),
]


@pytest.mark.parametrize("alpha", [0.0, 0.55])
def test_what_is_under_a_dialog_is_darkened_as_textual_does(alpha: float) -> None:
    color = Color.parse("#101010").with_alpha(alpha)
    ours = list(Darkened.process_segments(PIECES, color))
    assert ours == list(BackgroundScreen.process_segments(PIECES, color))


def test_where_no_colour_can_be_mixed_what_is_under_a_dialog_is_faint() -> None:
    nothing = Color.parse("#101010").with_alpha(0.0)
    shown = [each.style for each in Faint.process_segments(PIECES, nothing)]
    assert all(style is not None and style.dim and not style.bold for style in shown)
    assert [style.color for style in shown if style is not None] == [
        each.style.color if each.style is not None else None for each in PIECES
    ]


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
@pytest.mark.parametrize("is_plain", [False, True])
async def test_no_line_beside_a_dialog_stays_bright(
    monkeypatch: pytest.MonkeyPatch, theme: str, *, is_plain: bool
) -> None:
    if is_plain:
        monkeypatch.setenv("NO_COLOR", "1")
    async with running([download(1)], theme=theme) as ui:
        assert not dimmed(ui, (0, 1, -1))
        await ui.press("t")
        assert dimmed(ui, (0, 1, -1)) == 3
        await ui.press("escape")
        assert not dimmed(ui, (0, 1, -1))


@pytest.mark.parametrize("opener", ["s", "y", "ctrl+t"])
async def test_what_is_looked_at_beside_a_menu_or_the_themes_stays_as_it_is(opener: str) -> None:
    async with running([download(1)], theme="ansi-dark") as ui:
        await ui.press(opener)
        assert not dimmed(ui, (0, 1, 3))


def dimmed(ui: Ui, lines: Iterable[int]) -> int:
    """How many of these lines of the screen are faint from end to end."""
    strips = ui.app.screen._compositor.render_strips()
    return sum(all(each.style and each.style.dim for each in strips[line]) for line in lines)


async def test_the_list_shows_through() -> None:
    async with running([download(1)], size=(120, 30)) as ui:
        await ui.press("question_mark")
        assert isinstance(ui.app.screen, Dialog)
        assert "1 All 1" in ui.text


@pytest.mark.parametrize("openers", [["t"], ["t", "ctrl+q"], ["colon", "ctrl+q"]])
async def test_the_list_goes_on_under_dialogs(openers: list[str]) -> None:
    half = download(1, Status.DOWNLOADING, done_bytes=5, total_bytes=10, heard_at=NOW)
    async with running([half], size=(120, 30)) as ui:
        await ui.press(*openers)
        assert "↓" in ui.lines[3]
        ui.engine.change(1, status=Status.COMPLETED)
        await ui.until(lambda: "✓" in ui.lines[3])


class Counting(Dialog[None]):
    """Counts the lines of what is under it that it paints, and its looks there."""

    lines = looks = 0

    def compose(self) -> ComposeResult:
        yield Static("inside")

    def render_line(self, y: int) -> Strip:
        self.lines += 1
        return super().render_line(y)

    def look_under(self) -> None:
        super().look_under()
        self.looks += 1


async def test_only_what_changes_under_a_dialog_is_painted_again() -> None:
    half = download(1, Status.DOWNLOADING, done_bytes=5, total_bytes=10, heard_at=NOW)
    async with running([half, download(2)], size=(120, 30)) as ui:
        dialog = Counting()
        await ui.app.push_screen(dialog)

        async def look(change: Callable[[], object]) -> int:
            """Return how many lines are painted by a change."""
            looks = dialog.looks
            dialog.lines = 0
            change()
            await ui.until(lambda: dialog.looks > looks)
            await ui.pilot.pause()
            return dialog.lines

        await look(ui.main.refresh)
        assert await look(ui.main.refresh) == 0
        assert 0 < await look(lambda: ui.engine.change(1, status=Status.COMPLETED)) < 30
        assert "✓" in ui.lines[3]


def test_lines_that_look_different_are_found_neighbours_together() -> None:
    before = [Strip([Segment(text)]) for text in "abcdef"]
    now = [Strip([Segment(text)]) for text in "aBCdeFg"]
    regions = [Region(0, 1, 9, 2), Region(0, 5, 9, 2)]
    assert unlike(before, now, 9) == regions
    assert unlike(now, now, 9) == []


@pytest.mark.parametrize(
    "opener", ["question_mark", "comma", "colon", "t", "H", "L", "x", "u", "c", "ctrl+t"]
)
async def test_what_is_about_the_whole_program_works_in_every_dialog(opener: str) -> None:
    dear = download(1, Status.DOWNLOADING, total_bytes=10**9, done_bytes=10**8)
    async with running([dear]) as ui:
        await ui.press(opener)
        dialog = ui.app.screen
        assert dialog is not ui.main
        await ui.press("ctrl+z")
        await ui.until(
            lambda: "Cannot suspend here" in ui.toasts
        )  # there is no shell behind a test
        await ui.press("ctrl+c")
        await ui.until(lambda: "ctrl+q quits" in ui.toasts)
        assert ui.app.screen is dialog
        await ui.press("ctrl+c", "ctrl+c")
        assert "1 running." in ui.text


async def test_a_text_that_is_written_keeps_its_undo() -> None:
    async with running() as ui:
        await ui.press("a", "x")
        box = ui.app.screen.query_one(LinkBox)
        assert box.text == "x"
        await ui.press("ctrl+z")
        assert box.text == ""
        assert not ui.toasts


async def test_leaving_is_asked_about_beside_another_question() -> None:
    dear = download(1, Status.DOWNLOADING, total_bytes=10**9, done_bytes=10**8)
    async with running([dear]) as ui:
        await ui.press("x")
        assert "Cancel file-1.bin?" in ui.text
        await ui.press("ctrl+q")
        assert "1 running." in ui.text
        assert not ui.engine.is_left


async def test_a_dialog_has_no_palette_as_nothing_in_it_would_apply() -> None:
    async with running([download(1)]) as ui:
        await ui.press("comma")
        settings = ui.app.screen
        await ui.press("ctrl+p")
        assert ui.app.screen is settings
        await ui.press("escape", "ctrl+p")
        assert "Search for commands" in ui.text


class Styled(Static):
    """Counts how often it is given styles."""

    times = 0

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.times += 1


class Probe(Dialog[None]):
    """Notes its layouts, and when others had a turn after one."""

    def __init__(self) -> None:
        super().__init__()
        self.noted: list[str] = []

    def compose(self) -> ComposeResult:
        yield Styled("inside")

    def on_mount(self) -> None:
        self.times_at_first = self.query_one(Styled).times
        self.screen_layout_refresh_signal.subscribe(self, self._note, immediate=True)

    def _note(self, _: object) -> None:
        self.noted.append("layout")
        asyncio.get_running_loop().call_soon(self.noted.append, "others")


async def test_a_dialog_that_opens_lets_others_have_a_turn_between_its_layouts() -> None:
    async with running([download(1)], size=(120, 30)) as ui:
        probe = Probe()
        await ui.app.push_screen(probe)
        await ui.until(lambda: probe.noted.count("layout") > 1)
        assert probe.noted[:3] == ["layout", "others", "layout"]


@pytest.mark.parametrize(
    ("size", "classes"), [((120, 30), {"-wide", "-tall"}), ((50, 15), {"-narrow", "-short"})]
)
async def test_what_is_in_a_dialog_is_styled_once(size: tuple[int, int], classes: set[str]) -> None:
    async with running([download(1)], size=size) as ui:
        probe = Probe()
        await ui.app.push_screen(probe)
        assert probe.classes >= classes
        await ui.until(lambda: probe.noted.count("layout") > 1)
        assert probe.query_one(Styled).times == probe.times_at_first


def _pictures() -> int:
    """How many lines of widgets are remembered anywhere."""
    gc.collect()
    return sum(isinstance(each, Strip) for each in gc.get_objects())


async def test_nothing_is_remembered_of_what_closed_dialogs_looked_like() -> None:
    async with running([download(1)], size=(120, 30)) as ui:

        async def open_and_close() -> int:
            probe = Probe()
            await ui.app.push_screen(probe)
            await ui.until(lambda: probe.noted.count("layout") > 1)
            await ui.press("escape")
            return _pictures()

        # At first the screen below is drawn anew here and there, and remembers that.
        *_, first = [await open_and_close() for _ in range(3)]
        # What tests before this one left behind may go meanwhile.
        assert max([await open_and_close() for _ in range(3)]) <= first


async def test_what_is_under_a_dialog_fits_a_window_of_another_size_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialog, "_LOOK_EVERY_S", 3600.0)
    async with running([download(1)], size=(80, 24)) as ui:
        await ui.press("t")
        narrow = ui.lines[-1].rstrip()
        await ui.pilot.resize_terminal(200, 24)
        await ui.until(lambda: len(ui.lines[-1].rstrip()) > len(narrow) + 40)
