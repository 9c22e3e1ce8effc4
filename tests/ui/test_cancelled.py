"""A cancelled download of which there is nothing is at rest, and starts again with `r`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server import Pattern, Server
from tests.ui.fake_engine import download
from tests.ui.real import real, wanted
from tests.ui.running import running
from tui_downloader.model.status import Status


@pytest.mark.parametrize("path", ["/held.bin", "/missing.bin"])
async def test_what_never_had_a_byte_is_not_about_to_lose_any(
    tmp_path: Path, server: Server, path: str
) -> None:
    server.put("/held.bin", Pattern(1000), hold=True)
    async with real(tmp_path, wanted(server.url(path), tmp_path)) as ui:
        await ui.until(lambda: ui.download.status in (Status.CONNECTING, Status.FAILED))
        await ui.press("x")
        await ui.until_seen("cancelled · nothing kept · r restart")
        await ui.until(lambda: not ui.desk.board.is_moving)
        await ui.pilot.resize_terminal(40, 10)
        await ui.until(lambda: any("cancelled · r" in line for line in ui.lines))


@pytest.mark.parametrize(
    ("kept", "title"),
    [([0], "Restart"), ([0, 0], "Restart"), ([5, 5], "Resume"), ([5, 0], "Retry")],
)
async def test_what_is_marked_goes_on_by_the_word_of_its_rows(kept: list[int], title: str) -> None:
    rows = [
        download(number, Status.CANCELLED, kept_bytes=n_bytes, total_bytes=9)
        for number, n_bytes in enumerate(kept, 1)
    ]
    async with running([*rows, download(9, Status.COMPLETED)]) as ui:
        await ui.press("*")  # also what is done: it stays as it is
        assert "nothing kept · r restart" in ui.text or 0 not in kept
        assert f" r {title} " in ui.lines[-1]
        await ui.press("colon", *title.lower())
        await ui.until(lambda: f"{title}  (r)" in ui.text)
