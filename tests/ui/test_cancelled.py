"""A cancelled download of which there is nothing is at rest, on a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server import Pattern, Server
from tests.ui.real import real, wanted
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
