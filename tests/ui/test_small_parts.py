"""Feed, title, opener, terminal and themes, each alone."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from textual.color import Color

from tests.ui.fake_engine import download
from tests.ui.timers import Timers
from tests.waiting import eventually
from tui_downloader.model.download import QueueSnapshot
from tui_downloader.model.status import Status
from tui_downloader.ui.feed import Feed
from tui_downloader.ui.terminal.opener import open_detached, opener_command
from tui_downloader.ui.terminal.window_title import Title, window_title
from tui_downloader.ui.view.board import Board, View, look_at
from tui_downloader.ui.view.contrast import contrast
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.glyphs import ASCII, UNICODE, choose_glyphs
from tui_downloader.ui.view.theme import DARK, LIGHT, with_roles

if TYPE_CHECKING:
    from pathlib import Path

RUNNING = QueueSnapshot((download(1, Status.DOWNLOADING),), bytes_per_s=48.1e6)
RESTING = QueueSnapshot((download(1, Status.COMPLETED),))


# Feed.


async def sampled(feed: Feed, seen: list[Board], count: int) -> None:
    await eventually(lambda: len(seen) >= count)


async def test_the_feed_goes_on_while_something_runs() -> None:
    seen: list[Board] = []
    feed = Feed(lambda: RUNNING, seen.append, hz=10)
    feed.wake()
    await sampled(feed, seen, 3)
    assert not feed.is_resting
    feed.stop()


async def test_the_feed_rests_when_nothing_moves() -> None:
    seen: list[Board] = []
    feed = Feed(lambda: RESTING, seen.append, hz=10)
    feed.wake()
    await eventually(lambda: feed.is_resting)
    assert len(seen) == 2


async def test_a_stopped_feed_stays_stopped() -> None:
    feed = Feed(lambda: RUNNING, lambda _: None, hz=10)
    feed.stop()
    feed.wake()
    assert feed.is_resting


async def test_many_wishes_at_once_are_one_sample() -> None:
    taken: list[int] = []

    def take() -> QueueSnapshot:
        taken.append(1)
        return RUNNING

    seen: list[Board] = []
    feed = Feed(take, seen.append, hz=1)
    for _ in range(50):
        feed.wake()
    await sampled(feed, seen, 1)
    assert len(taken) == 1
    feed.stop()


async def test_wishes_that_follow_each_other_are_not_looked_at_more_than_ten_times_a_second() -> (
    None
):
    seen: list[Board] = []
    feed = Feed(lambda: RUNNING, seen.append, hz=1)
    for number in (1, 2):
        feed.wake()
        assert feed.due_in_s == pytest.approx(0.0, abs=0.05)
        await sampled(feed, seen, number)
    feed.wake()
    assert feed.due_in_s == pytest.approx(0.2, abs=0.05)
    feed.stop()


async def test_nothing_is_sampled_for_a_terminal_that_does_not_keep_up() -> None:
    seen: list[Board] = []
    answers = iter([True, True, False])
    feed = Feed(lambda: RUNNING, seen.append, hz=10, is_jammed=lambda: next(answers, False))
    feed.wake()
    await sampled(feed, seen, 1)
    assert next(answers, None) is None
    feed.stop()


@pytest.mark.parametrize(
    ("hz", "focused", "period_s"), [(4, True, 0.25), (50, True, 0.1), (4, False, 1.0)]
)
async def test_the_rate_is_bounded_and_slower_without_focus(
    hz: float, focused: bool, period_s: float
) -> None:
    feed = Feed(lambda: RUNNING, lambda _: None, hz=hz)
    feed.set_focused(is_focused=focused)
    feed.hint()
    assert feed.due_in_s == pytest.approx(period_s, abs=0.05)
    feed.stop()


# The window's title.


def test_the_title_tells_speed_and_how_many_are_done() -> None:
    snapshot = QueueSnapshot(
        (*RUNNING.downloads, *RESTING.downloads, download(3)), bytes_per_s=48.1e6
    )
    title = window_title(look_at(snapshot, View.ALL), Figures(), UNICODE)
    assert title == "▼48.1 MB/s 1/3 · tui-downloader"


def test_the_title_of_an_empty_queue_is_the_name() -> None:
    assert window_title(Board(), Figures(), UNICODE) == "tui-downloader"


def test_the_title_changes_at_most_once_a_second() -> None:
    later = Timers()
    written: list[str] = []
    title = Title(written.append, later.call, lambda: later.now)
    title.show("one")
    later.advance(0.5)
    title.show("two")
    later.advance(0.5)
    title.show("three")
    assert written == ["\x1b]2;one\x1b\\", "\x1b]2;two\x1b\\"]


def test_the_last_title_is_shown_even_when_it_came_too_soon() -> None:
    later = Timers()
    written: list[str] = []
    title = Title(written.append, later.call, lambda: later.now)
    for text in ("one", "two", "three"):
        title.show(text)
    later.advance(1.0)
    assert written == ["\x1b]2;one\x1b\\", "\x1b]2;three\x1b\\"]


def test_a_title_that_did_not_change_is_not_written() -> None:
    later = Timers()
    written: list[str] = []
    title = Title(written.append, later.call, lambda: later.now)
    title.show("one")
    later.advance(5)
    title.show("one")
    assert len(written) == 1


# Opening.


@pytest.mark.parametrize(
    ("platform", "program"), [("linux", "xdg-open"), ("darwin", "open"), ("win32", "explorer")]
)
def test_each_platform_has_its_opener(platform: str, program: str) -> None:
    assert opener_command("/x", platform) == [program, "/x"]


class Process:
    """A started opener: it ends at once with a status, or, with None, runs on."""

    def __init__(self, status: int | None) -> None:
        self._status = status

    def wait(self, timeout: float | None = None) -> int:
        if self._status is None and timeout is not None:
            raise subprocess.TimeoutExpired("opener", timeout)
        return self._status or 0


@pytest.mark.parametrize("status", [0, None])
def test_a_path_is_opened_detached(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, status: int | None
) -> None:
    path = tmp_path / "x; rm"
    path.touch()
    calls: list[tuple[list[str], dict[str, Any]]] = []

    def start(command: list[str], **options: Any) -> Process:
        calls.append((command, options))
        return Process(status)

    monkeypatch.setattr("shutil.which", lambda program: program)
    assert open_detached(str(path), start) == ""
    ((command, options),) = calls
    assert command[1:] == [str(path)]
    assert options["start_new_session"] is True


def test_a_missing_opener_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert "is not installed" in open_detached("/")


def test_what_is_gone_is_not_said_to_be_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("shutil.which", lambda program: program)
    told = open_detached(str(tmp_path / "gone"), lambda *_, **__: Process(None))
    assert told == "cannot open it: it was moved or deleted"
    assert open_detached("https://a.example/page", lambda *_, **__: Process(0)) == ""


def test_an_opener_that_finds_no_program_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: program)
    assert "no program for it" in open_detached("/", lambda *_, **__: Process(3))


def test_an_opener_that_cannot_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: Any, **__: Any) -> Process:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.which", lambda program: program)
    assert open_detached("/", start) == "cannot open it: Permission denied"


# Glyphs and themes.


@pytest.mark.parametrize(
    ("setting", "encoding", "term", "is_ascii"),
    [
        ("auto", "utf-8", "xterm-256color", False),
        ("auto", "UTF-8", "xterm", False),
        ("auto", "ascii", "xterm", True),
        ("auto", "iso-8859-1", "xterm", True),
        ("auto", "utf-8", "linux", True),
        ("always", "utf-8", "xterm", True),
        ("never", "ascii", "linux", False),
    ],
)
def test_the_terminal_decides_what_is_drawn_with(
    setting: str, encoding: str, term: str, is_ascii: bool
) -> None:
    chosen = choose_glyphs(ascii_setting=setting, encoding=encoding, term=term)
    assert chosen is (ASCII if is_ascii else UNICODE)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_state_has_a_sign_of_its_own(glyphs: Any) -> None:
    assert len(set(glyphs.status.values())) == len(Status)


TEXT_ROLES = ["foreground", "primary", "accent", "warning", "error", "success"]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("ground", ["background", "surface", "highlight", "highlight-blurred"])
@pytest.mark.parametrize("role", [*TEXT_ROLES, "muted"])
def test_every_text_has_enough_contrast(theme: Any, ground: str, role: str) -> None:
    color = theme.variables["role-muted"] if role == "muted" else getattr(theme, role)
    variables = theme.variables
    under = variables.get(f"role-{ground}") or getattr(theme, ground)
    assert contrast(Color.parse(color), Color.parse(under)) >= 4.5


def test_a_theme_of_ours_keeps_its_colours() -> None:
    own = DARK.to_color_system().generate() | DARK.variables
    assert own.items() <= with_roles(own).items()
    assert with_roles(own)["role-error"] == own["error"]
