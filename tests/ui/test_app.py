"""The application's life: the engine is entered after the first picture and always left."""

from __future__ import annotations

import asyncio
import time

import pytest
from rich.style import Style
from textual.color import Color
from textual.events import AppBlur
from textual.message import Message

from tests.ui.add_dialog import box
from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import Ui, question, running
from tui_downloader.engine import EventKind
from tui_downloader.model.download import SAVING, Assurance
from tui_downloader.model.status import Status
from tui_downloader.store.settings import Settings
from tui_downloader.ui.app import DownloaderApp
from tui_downloader.ui.screens.add import AddScreen
from tui_downloader.ui.screens.ask import AskScreen
from tui_downloader.ui.widgets.lines import Lines

FOCUSED_PERIOD_S = 1 / Settings().refresh_hz
RUNNING = download(1, Status.DOWNLOADING, total_bytes=10, heard_at=NOW)


async def test_the_engine_is_entered_after_the_first_picture() -> None:
    seen: list[bool] = []

    class Watching(FakeEngine):
        async def __aenter__(self) -> Watching:
            seen.append(app.screen.query_one("#footer").size.width > 0)
            await super().__aenter__()
            return self

    engine = Watching([RUNNING])
    app = DownloaderApp(engine, Settings(), add_folder="/downloads")
    async with app.run_test() as pilot:
        await pilot.pause()
        app.quitting.leave()
    await app.life.finish()
    assert seen == [True]


async def test_the_first_picture_has_everything_in_it() -> None:
    app = DownloaderApp(FakeEngine(), Settings(), add_folder="/downloads")
    seen: list[str] = []

    def look(_: Message) -> None:
        # Widgets have sizes since the first layout, which has been painted at once.
        if not seen and any(footer.size for footer in app.main.query("#footer")):
            seen.extend(app.main.query_one(name, Lines).text for name in ("#header", "#footer"))
            assert app.main.query_one("#panel").size.height == 6

    async with app.run_test(size=(120, 30), message_hook=look):
        app.quitting.leave()
    await app.life.finish()
    assert "0 active" in seen[0]
    assert "Quit" in seen[1]


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quitting_asks_nothing_when_nothing_runs(key: str) -> None:
    async with running([download(1, Status.COMPLETED), download(2, start_at=9e9)]) as ui:
        await ui.pilot.press(key)
        await ui.until(lambda: ui.engine.is_left)


@pytest.mark.parametrize(
    "keys", [["q", "q"], ["q", "y"], ["ctrl+q", "ctrl+q"], ["ctrl+c", "ctrl+c", "ctrl+c", "y"]]
)
async def test_quitting_while_something_runs_asks_first(keys: list[str]) -> None:
    async with running([RUNNING]) as ui:
        await ui.press(*keys[:-1])
        assert "1 running." in ui.text
        assert not ui.engine.is_left
        await ui.pilot.press(keys[-1])
        await ui.until(lambda: ui.engine.is_left)


@pytest.mark.parametrize("keys", [["q"], ["q", "w", "q"]])
async def test_each_question_before_quitting_says_what_cannot_resume(keys: list[str]) -> None:
    whole = download(2, Status.DOWNLOADING, done_bytes=3_200_000, resumable=False)
    async with running([RUNNING, whole]) as ui:
        await ui.press(*keys)
        asked = " ".join(line.strip(" │") for line in ui.lines)
        assert "1 cannot resume: it will start again from 0 and fetch its 3.20 MB anew." in asked


async def test_the_question_before_quitting_tells_who_waits_from_who_runs() -> None:
    waiting = [download(number, Status.WAITING) for number in (2, 3)]
    async with running([RUNNING, *waiting]) as ui:
        await ui.press("q")
        assert "1 running, 2 waiting. What runs" in ui.text


async def test_the_question_before_quitting_tells_who_only_has_to_be_saved() -> None:
    saved = [download(number, Status.VERIFYING, phase=SAVING) for number in (2, 3)]
    async with running([RUNNING, *saved]) as ui:
        await ui.press("q")
        assert "1 running, 2 finishing. What runs" in ui.text


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
async def test_the_question_before_quitting_tells_of_a_file_that_is_checked_again(
    status: Status,
) -> None:
    size = {"done_bytes": 3_000_000, "total_bytes": 20_000_000}
    checked = download(1, status, phase="sha-256", resumable=False, **size)
    async with running([checked]) as ui:
        await ui.press("q")
        assert "1 finishing. What runs" in ui.text
        assert "from 0" not in ui.text  # what is here is not fetched anew


async def test_the_question_before_quitting_follows_what_ends_meanwhile() -> None:
    async with running([RUNNING, download(2, Status.DOWNLOADING, heard_at=NOW)]) as ui:
        await ui.press("q")
        assert "2 running. What runs" in ui.text
        ui.engine.change(2, status=Status.COMPLETED)
        await ui.until(lambda: "1 running. What runs" in ui.text)
        ui.engine.change(RUNNING.download_id, status=Status.COMPLETED)
        await ui.until(lambda: "Nothing runs any more." in ui.text)
        await ui.pilot.press("q")
        await ui.until(lambda: ui.engine.is_left)


async def test_one_ctrl_c_only_says_how_to_quit() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("ctrl+c")
        await ui.until(lambda: "q quits" in ui.text)
        assert not isinstance(ui.app.screen, AskScreen)


async def test_quitting_when_done_waits_for_the_engine() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("q", "w")
        await ui.until(lambda: "quits when done" in ui.text)
        assert not ui.engine.is_left
        later = time.time() + 1
        done = RUNNING._replace(status=Status.COMPLETED, phase_since=later)
        ui.engine.downloads = (
            done,
            download(9, Status.FAILED, name="x.bin", phase_since=later),
            done._replace(download_id=6, name="w.bin", assurance=Assurance.DIFFERS),
            # Over before that was wished for.
            download(7, Status.FAILED, name="y.bin", phase_since=later - 60),
            download(8, Status.COMPLETED, name="z.bin", phase_since=later - 60),
        )
        ui.engine.idle.set()
        await ui.until(lambda: ui.engine.is_left)
        assert ui.app.quitting.parting == "tui-downloader: 1 done, 2 failed: x.bin, w.bin"


async def test_quitting_when_done_can_be_taken_back() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("q", "w")
        await ui.until(lambda: "quits when done" in ui.text)
        await ui.press("q")
        assert "1 running; quits when done." in ui.text
        assert "s stay open" in ui.text
        await ui.press("s")
        assert "quits when done" not in ui.text
        ui.engine.idle.set()
        await ui.refresh()
        assert not ui.engine.is_left
        await ui.press("q")
        assert "w quit when done" in ui.text


@pytest.mark.parametrize("key", ["escape", "w"])
async def test_what_was_wished_for_stays_when_it_is_wished_for_again(key: str) -> None:
    async with running([RUNNING]) as ui:
        await ui.press("q", "w", "q")
        assert "w quit when done" in ui.text
        await ui.press(key)
        assert ui.app.screen is ui.main
        assert "quits when done" in ui.text
        ui.engine.idle.set()
        await ui.until(lambda: ui.engine.is_left)


LINKS = "https://a.example/a.iso\n\nno link"


@pytest.mark.parametrize("keys", [("escape", "q"), ("ctrl+q",)], ids=["left", "open"])
async def test_quitting_asks_before_a_text_is_lost_that_was_not_added(keys: tuple[str]) -> None:
    async with running() as ui:
        await ui.paste(LINKS)
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        await ui.press(*keys)
        assert "2 lines in the add dialog (a) are not added and would be lost." in question(ui)
        assert "y or q: quit · esc back" in ui.text
        await ui.press("escape")
        if ui.app.screen is ui.main:
            await ui.press("a")
        assert box(ui).text == LINKS
        await ui.press("ctrl+q", "ctrl+q")
        await ui.until(lambda: ui.engine.is_left)


async def test_lines_that_came_back_into_the_dialog_count_once() -> None:
    async with running() as ui:
        await ui.paste(LINKS)
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        await ui.press("escape", "a", "ctrl+q")
        assert "2 lines in the add dialog (a) are not added" in question(ui)


async def test_lines_that_were_no_links_are_not_lost_unasked() -> None:
    async with running() as ui:
        await ui.paste(LINKS)
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        await ui.press("f2")
        await ui.until(lambda: ui.engine.added)
        await ui.press("q")
        assert "1 line in the add dialog (a) is not added and would be lost." in question(ui)


async def test_what_waits_for_a_larger_window_is_not_lost_unasked() -> None:
    async with running(size=(30, 8)) as ui:
        await ui.paste(LINKS)
        await ui.press("q")
        assert "2 lines in the add dialog (a) are not added" in question(ui)


async def test_quitting_asks_about_what_runs_and_a_text_at_once() -> None:
    async with running([RUNNING]) as ui:
        await ui.paste(LINKS)
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        await ui.press("escape", "q")
        assert "1 running." in question(ui)
        assert "2 lines in the add dialog (a) are not added and would be lost." in question(ui)
        assert "y or q: pause and quit · w quit when done" in ui.text


@pytest.mark.parametrize(
    ("quit_key", "pressed", "shown"),
    [
        ("Z", "Z", "y or Z: pause and quit"),
        ("#", "number_sign", "y or #: pause and quit"),
        ("w", "y", "y pause and quit"),
    ],
)
async def test_the_key_that_quits_answers_the_question_unless_it_has_another_meaning_there(
    quit_key: str, pressed: str, shown: str
) -> None:
    own = {"quit": quit_key, "start_at": "W"}
    async with running([RUNNING], keys=own) as ui:
        await ui.press({"#": "number_sign"}.get(quit_key, quit_key))
        assert f"{shown} · w quit when done" in ui.text
        await ui.press("q")
        assert not ui.engine.is_left
        await ui.press(pressed)
        await ui.until(lambda: ui.engine.is_left)


async def test_a_text_that_came_after_the_question_is_kept_for_the_next_start() -> None:
    async with running([RUNNING]) as ui:
        await ui.press("q", "w")
        await ui.paste(LINKS)
        await ui.until(lambda: isinstance(ui.app.screen, AddScreen))
        ui.engine.idle.set()
        await ui.until(lambda: ui.engine.is_left)
        assert ui.app.quitting.unsent == LINKS


async def test_nothing_is_asked_about_a_text_that_was_deleted() -> None:
    async with running() as ui:
        await ui.press("a", "x", "escape", "a", "backspace", "escape", "q")
        await ui.until(lambda: ui.engine.is_left)


async def test_leaving_says_that_it_saves() -> None:
    release = asyncio.Event()

    class Slow(FakeEngine):
        async def __aexit__(self, *exc: object) -> None:
            await release.wait()
            await super().__aexit__(*exc)

    engine = Slow([RUNNING])
    async with running(engine=engine) as ui:
        ui.app.quitting.leave()
        await ui.until(lambda: "saving" in ui.text)
        release.set()
        await ui.until(lambda: engine.is_left)


async def test_who_hurries_hears_of_no_trouble_when_all_is_saved_meanwhile() -> None:
    release = asyncio.Event()

    class Slow(FakeEngine):
        async def __aexit__(self, *exc: object) -> None:
            await release.wait()
            await super().__aexit__(*exc)

    engine = Slow([download(1, Status.COMPLETED)])
    async with running(engine=engine) as ui:
        await ui.pilot.press("q")
        await ui.until(lambda: "saving" in ui.text)
        await ui.pilot.press("ctrl+q")
        await ui.until(lambda: not ui.app.is_running)
        release.set()
        await ui.app.life.finish()
        assert not ui.app.life.is_impatient
        assert engine.is_left


async def test_asking_again_while_saving_leaves_at_once() -> None:
    class Stuck(FakeEngine):
        async def __aexit__(self, *exc: object) -> None:
            await asyncio.Event().wait()

    async with running(engine=Stuck([RUNNING])) as ui:
        ui.app.quitting.leave()
        await ui.until(lambda: "saving" in ui.text)
        await ui.pilot.press("ctrl+q")
        await ui.until(lambda: not ui.app.is_running)


async def test_a_fault_of_the_engine_ends_the_program_loudly() -> None:
    class Broken(FakeEngine):
        async def __aenter__(self) -> Broken:
            raise RuntimeError("a bug")

    app = DownloaderApp(Broken(), Settings(), add_folder="/downloads")
    async with app.run_test() as pilot:
        await pilot.pause()
    with pytest.raises(RuntimeError, match="a bug"):
        await app.life.finish()


async def test_a_fault_of_the_interface_still_leaves_the_engine() -> None:
    engine = FakeEngine([RUNNING])
    app = DownloaderApp(engine, Settings(), add_folder="/downloads")

    async def crash() -> None:
        async with app.run_test() as pilot:
            await pilot.pause()
            app.call_later(lambda: 1 / 0)
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await crash()
    await app.life.finish()
    assert engine.is_left


# How often is looked.


async def test_nothing_is_sampled_while_nothing_moves() -> None:
    async with running([download(1, Status.COMPLETED)]) as ui:
        await ui.until(lambda: ui.app._feed.is_resting)
        before = ui.engine.snapshots_taken
        await ui.pilot.pause(0.6)
        assert ui.engine.snapshots_taken == before


async def test_looking_around_samples_nothing() -> None:
    async with running([download(n, Status.COMPLETED) for n in range(9)], size=(120, 30)) as ui:
        await ui.until(lambda: ui.app._feed.is_resting)
        before = ui.engine.snapshots_taken
        await ui.press("j", "k", "G", "g", "2", "1", "l", "enter", "escape", "i")
        assert ui.app._feed.is_resting
        assert ui.engine.snapshots_taken == before


async def test_an_event_of_the_engine_wakes_the_feed() -> None:
    async with running([download(1, Status.COMPLETED)]) as ui:
        await ui.until(lambda: ui.app._feed.is_resting)
        ui.engine.change(1, name="renamed.bin")
        ui.engine.tell(EventKind.STARTED, 1)
        await ui.until(lambda: "renamed.bin" in ui.text)


async def test_progress_reaches_the_screen_by_itself() -> None:
    async with running([download(1, Status.DOWNLOADING, total_bytes=100, heard_at=NOW)]) as ui:
        ui.engine.change(1, done_bytes=42)
        await ui.until(lambda: " 42%" in ui.text)


# How it looks.


async def test_without_colours_nothing_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running([RUNNING, download(2, Status.FAILED)]) as ui:
        styles = painted_styles(ui)
        colors = {color for style in styles for color in (style.color, style.bgcolor)}
        assert [color for color in colors if color is not None and not color.is_default] == []
        assert any(style.reverse for style in styles)


def painted_styles(ui: Ui) -> list[Style]:
    """Styles as they reach the terminal."""
    styles = []
    for strip in ui.app.screen._compositor.render_strips():
        painted = strip
        for line_filter in ui.app._filters:
            if line_filter.enabled:
                painted = painted.apply_filter(line_filter, Color(0, 0, 0))
        styles += [segment.style for segment in painted if segment.style is not None]
    return styles


@pytest.mark.parametrize("theme", ["dark", "light", "nord", "no-such-theme"])
async def test_every_theme_can_be_worn(theme: str) -> None:
    async with running([RUNNING], theme=theme) as ui:
        assert "file-1.bin" in ui.text


async def test_a_terminal_without_utf8_gets_ascii() -> None:
    rows = [
        download(1, Status.DOWNLOADING, done_bytes=5, total_bytes=10, heard_at=NOW),
        *(download(number, status) for number, status in enumerate(Status, 2)),
    ]
    async with running(rows, size=(120, 30), ascii="always") as ui:
        assert ui.text.isascii()
        assert "######......" in ui.text


async def test_a_key_proves_that_the_window_has_the_focus() -> None:
    async with running([RUNNING]) as ui:
        ui.app.post_message(AppBlur())
        await ui.until(lambda: (ui.app._feed.due_in_s or 0.0) > FOCUSED_PERIOD_S)
        await ui.press("j")
        await ui.until(lambda: (ui.app._feed.due_in_s or 1.0) <= FOCUSED_PERIOD_S)
