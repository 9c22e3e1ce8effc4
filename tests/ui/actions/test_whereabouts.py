"""What leaves the view by what was done is told by the name it has now, and where it is.

What starts may be anywhere a moment later: the view of all shows it in any case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, download
from tests.ui.real import real, wanted
from tests.ui.running import running
from tui_downloader.model.download import QueueSnapshot, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.ui.actions.whereabouts import added_elsewhere, going_on, shown_elsewhere
from tui_downloader.ui.commands.keymap import read_keymap
from tui_downloader.ui.view.board import View, look_at
from tui_downloader.ui.view.context import Context
from tui_downloader.ui.view.figures import Figures
from tui_downloader.ui.view.filtering import parse_filter

if TYPE_CHECKING:
    from pathlib import Path

FAILED = download(1, Status.FAILED, failure=Failure("http-404", "404 not found"))
RUNNING = download(1, Status.DOWNLOADING, total_bytes=100, heard_at=NOW)
WAITING = download(1, Status.WAITING)
PAUSED = download(1, Status.PAUSED)
QUEUED = download(1)


@pytest.mark.parametrize(
    ("view", "becomes", "count", "words"),
    [
        (View.ALL, Status.CANCELLED, 1, ""),
        (View.FAILED, Status.CANCELLED, 1, ""),
        (View.FAILED, Status.CONNECTING, 1, "1 shows it"),
        (View.FAILED, Status.CONNECTING, 3, "1 shows them"),
        (View.FAILED, Status.QUEUED, 3, "3 shows them"),
        (View.ACTIVE, Status.PAUSED, 1, "3 shows it"),
        (View.ACTIVE, Status.CANCELLED, 2, "5 shows them"),
        (View.QUEUED, Status.PAUSED, 1, ""),
    ],
)
def test_the_view_that_shows_it_is_named_when_the_current_one_does_not(
    view: View, becomes: Status, count: int, words: str
) -> None:
    board = look_at(QueueSnapshot(()), view)
    told = f" · {words}" if words else ""
    assert shown_elsewhere(board, Context(NOW, Figures()), becomes, count) == told


NEW = download(7), download(8)


@pytest.mark.parametrize(
    ("view", "wanted", "added", "becomes", "words"),
    [
        (View.ALL, "", NEW, Status.CONNECTING, ""),
        (View.ALL, "file", NEW, Status.CONNECTING, ""),
        (View.DONE, "", NEW, Status.CONNECTING, "1 shows them"),
        (View.DONE, "", NEW, Status.PAUSED, "3 shows them"),
        (View.DONE, "", NEW[:1], Status.CONNECTING, "1 shows it"),
        (View.ALL, "iso", NEW, Status.CONNECTING, "esc shows them"),
        (View.ALL, "file-8", NEW, Status.CONNECTING, "esc shows all of them"),
        (View.ALL, "state:active", NEW, Status.CONNECTING, ""),
        (View.FAILED, "iso", NEW[:1], Status.QUEUED, "esc and 3 show it"),
    ],
)
def test_the_keys_that_show_what_was_added_are_named_when_it_is_out_of_sight(
    view: View, wanted: str, added: tuple[Snapshot, ...], becomes: Status, words: str
) -> None:
    board = replace(look_at(QueueSnapshot(()), view), wanted=parse_filter(wanted))
    told = f" · {words}" if words else ""
    assert added_elsewhere(board, Context(NOW, Figures()), added, becomes) == told


def test_the_keys_that_are_named_are_the_users_own() -> None:
    board = replace(look_at(QueueSnapshot(()), View.FAILED), wanted=parse_filter("iso"))
    keymap, _ = read_keymap({"back": "f8", "view_queued": "f5"})
    context = Context(NOW, Figures(), keymap=keymap)
    assert added_elsewhere(board, context, NEW[:1], Status.QUEUED) == " · f8 and f5 show it"


@pytest.mark.parametrize(
    ("keys", "text", "told"),
    [
        ("5", "http://a.example/1\nhttp://a.example/2", "Added 2 · 1 shows them · z undo"),
        (
            "5",
            "http://a.example/1\nwords",
            "Added 1 · 1 shows it · 1 line not understood · a shows it",
        ),
        ("1", "http://a.example/1", "Added 1 · z undo"),
    ],
)
async def test_a_paste_says_where_it_is_seen(keys: str, text: str, told: str) -> None:
    async with running([FAILED], size=(120, 30), paste="add") as ui:
        await ui.press(*keys)
        await ui.paste(text)
        await ui.until(lambda: any(toast.startswith(told) for toast in ui.toasts))


@pytest.mark.parametrize(
    ("at_once", "downloads", "becomes"),
    [
        (0, [FAILED], Status.CONNECTING),
        (5, [FAILED], Status.QUEUED),
        (5, [FAILED, WAITING], Status.QUEUED),
        (5, [WAITING], Status.CONNECTING),
    ],
)
def test_what_goes_on_stands_in_line_where_no_more_run(
    at_once: int, downloads: list[Snapshot], becomes: Status
) -> None:
    assert going_on(look_at(QueueSnapshot((), at_once=at_once)), downloads) is becomes


@pytest.mark.parametrize(
    ("row", "keys", "at_once", "told"),
    [
        (FAILED, "5r", 0, "Retried file-1.bin · 1 shows it · z undo"),
        (FAILED, "5r", 5, "Retried file-1.bin · 3 shows it · z undo"),
        (FAILED, "5R", 0, "Restarted file-1.bin · 1 shows it"),
        (RUNNING, "2p", 0, "Paused file-1.bin · 3 shows it · z undo"),
        (RUNNING, "2x", 0, "Cancelled file-1.bin · 5 shows it · z undo"),
        (PAUSED, "3p", 0, "Resumed file-1.bin · 1 shows it · z undo"),
    ],
)
async def test_what_leaves_the_view_is_told_with_the_view_that_shows_it(
    row: Snapshot, keys: str, at_once: int, told: str
) -> None:
    async with running([row]) as ui:
        ui.engine.at_once = at_once
        await ui.refresh()
        await ui.press(*keys)
        await ui.until(lambda: ui.toasts == [told])


@pytest.mark.parametrize(("row", "keys"), [(FAILED, "r"), (RUNNING, "p"), (QUEUED, "3p")])
async def test_what_stays_in_sight_tells_by_its_row(row: Snapshot, keys: str) -> None:
    async with running([row]) as ui:
        await ui.press(*keys)
        assert ui.engine.calls
        assert ui.toasts == []


@pytest.mark.parametrize(("jobs", "key"), [(5, 1), (1, 3)])
async def test_what_is_mended_among_the_failed_is_told_by_its_name_and_its_view(
    tmp_path: Path, server: Server, jobs: int, key: int
) -> None:
    """It fails first, and then another download takes the only place where there is one."""
    server.put("/other.bin", Pattern(1000), hold=True)
    server.put("/new-place.bin", Pattern(1000), hold=True)
    async with real(tmp_path, wanted(server.url("/old-name.bin"), tmp_path), jobs=jobs) as ui:
        await ui.until_seen("404 not found")
        ui.app._engine.add([wanted(server.url("/other.bin"), tmp_path)])
        await ui.until(lambda: server.held_now)
        await ui.until(lambda: bool(ui.desk.board.snapshot.at_once) is (jobs == 1))
        await ui.press("5", "u")
        ui.app.screen.query_one(Input).value = server.url("/new-place.bin")
        await ui.press("enter")
        told = f"Changed old-name.bin, trying again · {key} shows it · z undo"
        await ui.until(lambda: told in ui.toasts)
        server.release()


async def test_a_part_that_is_renamed_and_goes_on_is_told_by_its_new_name(
    tmp_path: Path, server: Server
) -> None:
    file = server.put("/old-name.bin", Pattern(3_000_000), status=404)
    file.first(close_after=1_500_000, status=None)
    async with real(tmp_path, wanted(server.url("/old-name.bin"), tmp_path)) as ui:
        await ui.until_seen("404 not found")
        await ui.press("5", "e")
        await ui.until(lambda: bool(ui.app.screen.query("#name")))
        ui.app.screen.query_one("#name", Input).value = "called.bin"
        await ui.press("f2")
        told = "called.bin goes on · 1 shows it"
        await ui.until(lambda: told in "\n".join(ui.toasts))


async def test_a_failed_download_that_is_called_otherwise_is_told_by_that_name(
    tmp_path: Path, server: Server
) -> None:
    async with real(tmp_path, wanted(server.url("/old-name.bin"), tmp_path)) as ui:
        await ui.until_seen("404 not found")
        server.put("/old-name.bin", Pattern(1000), hold=True)
        await ui.press("5", "e")
        ui.app.screen.query_one("#name", Input).value = "called.bin"
        await ui.press("f2")
        told = "Changed called.bin, trying again · 1 shows it · z undo"
        await ui.until(lambda: told in ui.toasts)
        server.release()
