"""What cannot resume is not stopped without a question when it has much; little is told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from textual.events import Key
from textual.widgets import Input

from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, download
from tests.ui.real import Real, real, wanted
from tests.ui.running import Ui, question, running
from tui_downloader.model.download import SAVING, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path


def receiving(key: int, done_bytes: int, **facts: Any) -> Snapshot:
    """A download of a server that sends whole files only."""
    known = {"total_bytes": 90_000_000, "heard_at": NOW, "resumable": False} | facts
    return download(key, Status.DOWNLOADING, done_bytes=done_bytes, **known)


RESUMABLE = receiving(1, 50_000_000, resumable=True)
LITTLE, MUCH = receiving(2, 3_200_000), receiving(3, 14_000_000)
ANEW = "cannot resume: it will start again from 0 and fetch its"
LONG = receiving(4, 1000, active_s=31.0)


@pytest.mark.parametrize("key", ["p", "P"])
async def test_much_is_not_lost_without_a_question(key: str) -> None:
    async with running([MUCH]) as ui:
        await ui.press(key)
        asked = question(ui)
        assert f"Pause file-3.bin? It {ANEW} 14.0 MB anew." in asked
        assert "the others" not in asked
        await ui.press("enter", "escape")
        assert ui.engine.calls == []
        await ui.press(key, "y")
        assert ui.engine.calls == [("pause", 3)]


FULL = Failure("disk-full", "disk full on /downloads: 1.2 MB free")


@pytest.mark.parametrize(
    ("key", "full", "others", "told"),
    [
        ("P", 3, 0, "Retried 3; they go on once their disk has room · z undo"),
        ("P", 2, 3, "Resumed 5; 2 go on once their disk has room · z undo"),
        ("P", 1, 2, "Resumed 3; 1 goes on once its disk has room · z undo"),
        ("p", 1, 0, "Retried file-1.bin; it goes on once its disk has room · z undo"),
        ("P", 0, 3, "Resumed 3 · z undo"),
    ],
)
async def test_what_a_full_disk_has_paused_is_not_said_to_go_on(
    key: str, full: int, others: int, told: str
) -> None:
    paused = [download(n + 1, Status.PAUSED) for n in range(full + others)]
    rows = [row._replace(failure=FULL) for row in paused[:full]] + paused[full:]
    async with running(rows, size=(120, 30)) as ui:
        await ui.press(key)
        await ui.until(lambda: ui.toasts == [told])


@pytest.mark.parametrize("width", [40, 72, 74, 76, 80])
async def test_no_line_of_a_question_ends_between_a_number_and_its_unit(width: int) -> None:
    async with running([MUCH], size=(width, 24)) as ui:
        await ui.press("p")
        assert question(ui)
        assert "14.0 MB" in ui.text


async def test_the_others_can_be_paused_without_it() -> None:
    async with running([RESUMABLE, LITTLE, MUCH]) as ui:
        await ui.press("P")
        assert "Pause 3 downloads?" in question(ui)
        assert "2 cannot resume: they will start again from 0 and fetch their 17.2 MB" in question(
            ui
        )
        await ui.press("o")
        assert ui.engine.calls == [("pause", 1)]


async def test_half_a_minute_is_much_however_little_came_in_it() -> None:
    async with running([LONG]) as ui:
        await ui.press("p")
        assert "Pause file-4.bin?" in question(ui)


async def test_little_is_paused_at_once_and_said_and_so_is_what_undo_cannot_bring_back() -> None:
    async with running([RESUMABLE, LITTLE], size=(150, 30)) as ui:
        await ui.press("P")
        assert ui.engine.calls == [("pause", 1, 2)]
        told = f"Paused 2; 1 {ANEW} 3.20 MB anew · z undo"
        await ui.until(lambda: [each.replace("\n", " ") for each in ui.toasts] == [told])
        await ui.press("z")
        undone = (
            "Undone: Paused 2: 1 starts again from 0; "
            "the 3.20 MB from before are kept until it has more"
        )
        await ui.until(lambda: ui.toasts == [undone])


async def test_what_only_has_to_be_saved_is_neither_paused_nor_counted_as_that() -> None:
    saved = [download(key, Status.VERIFYING, phase=SAVING) for key in (4, 5)]
    async with running([RESUMABLE, download(2), *saved]) as ui:
        await ui.press("P")
        assert ui.engine.calls == [("pause", 1, 2)]
        await ui.until(lambda: "Paused 2 · z undo" in ui.text)


async def test_what_was_saved_since_the_last_look_is_not_counted_as_paused() -> None:
    async with running([RESUMABLE, download(2), download(3)]) as ui:
        ui.engine.change(3, status=Status.COMPLETED)
        await ui.press("P")
        assert ui.engine.calls == [("pause", 1, 2)]
        await ui.until(lambda: "Paused 2 · z undo" in ui.text)


async def test_the_key_says_why_it_does_not_pause_what_only_has_to_be_saved() -> None:
    async with running([download(1, Status.VERIFYING, phase=SAVING)]) as ui:
        await ui.press("p")
        assert ui.engine.calls == []
        await ui.until(lambda: "Nothing to pause: file-1.bin is being saved" in ui.text)


async def test_where_all_is_done_the_key_for_all_does_nothing() -> None:
    async with running([download(1, Status.COMPLETED)]) as ui:
        await ui.press("P")
        assert (ui.engine.calls, ui.toasts) == ([], [])


@pytest.mark.parametrize("key", ["x", "d"])
async def test_undoing_what_stopped_it_says_the_same(key: str) -> None:
    async with running([LITTLE], size=(150, 30)) as ui:
        await ui.press(key, "z")
        await ui.until(lambda: any("file-2.bin: starts again from 0;" in t for t in ui.toasts))


@pytest.mark.parametrize(
    "facts",
    [
        {"status": Status.VERIFYING, "done_bytes": 5, "kept_bytes": 90_000_000},
        {"status": Status.WAITING},
        {"status": Status.QUEUED, "kept_bytes": 14_000_000},
        {"resumable": None},
        {"done_bytes": 90_000_000},
        {"done_bytes": 1000, "set_aside_bytes": 14_000_000},
    ],
)
async def test_what_loses_nothing_by_it_is_not_asked_about(facts: dict[str, Any]) -> None:
    async with running([MUCH._replace(**facts)]) as ui:
        await ui.press("p")
        assert ui.engine.calls == [("pause", 3)]


async def changed(ui: Ui, field: str, value: str) -> None:
    await ui.press("e")
    ui.app.screen.query_one(f"#{field}", Input).value = value
    await ui.press("f2")


@pytest.mark.parametrize(("field", "value"), [("user", "me"), ("start", "in 2h")])
async def test_a_change_that_stops_it_is_asked_about_in_the_same_way(
    field: str, value: str
) -> None:
    async with running([MUCH], size=(120, 40)) as ui:
        await changed(ui, field, value)
        asked = question(ui)
        assert f"Change file-3.bin? It {ANEW} 14.0 MB anew." in asked
        await ui.press("escape")
        assert ui.engine.calls == []
        await changed(ui, field, value)
        await ui.press("y")
        assert ui.engine.calls[0][:2] == ("edit", 3)


async def test_a_change_that_stops_little_is_told() -> None:
    async with running([LITTLE], size=(150, 40)) as ui:
        await changed(ui, "user", "me")
        told = f"Changed file-2.bin; it {ANEW} 3.20 MB anew · z undo"
        await ui.until(lambda: [each.replace("\n", " ") for each in ui.toasts] == [told])


async def test_a_change_that_stops_nothing_is_not_asked_about() -> None:
    async with running([MUCH], size=(120, 40)) as ui:
        await changed(ui, "limit", "1M")
        assert [call[0] for call in ui.engine.calls] == ["edit"]


async def test_a_key_is_heeded_before_the_row_shows_what_the_one_before_it_did(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", Pattern(3_000_000), throttle_bytes_per_s=300_000)
    async with real(tmp_path, wanted(server.url("/a.bin"), tmp_path)) as ui:
        for answers, keys in enumerate(("", "pp", "pr", "xr")):
            for key in keys:
                ui.app.post_message(Key(key, key))
            await ui.until(partial(is_receiving, ui, server, answers + 1))


def is_receiving(ui: Real, server: Server, answers: int) -> bool:
    return ui.download.status is Status.DOWNLOADING and len(server.requests) == answers
