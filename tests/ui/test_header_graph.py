"""The throughput in the header of a wide window moves with the time, also while nothing runs."""

from __future__ import annotations

from tests.ui.fake_engine import FakeEngine, download
from tests.ui.running import Ui, running
from tests.ui.timers import Clock
from tui_downloader.model.status import Status


def newest(ui: Ui) -> int:
    """The column of the last second in which something came, -1 for none."""
    return ui.lines[0].rfind("█")


async def test_it_goes_on_with_the_clock_when_nothing_runs_any_more_until_it_is_empty() -> None:
    clock, engine = Clock(), FakeEngine([download(1, Status.DOWNLOADING)])
    engine.bytes_per_s = 7e6
    async with running(engine=engine, size=(200, 50), clock=clock) as ui:
        await ui.until(lambda: newest(ui) > 0)
        end = newest(ui)
        engine.change(1, status=Status.COMPLETED)
        engine.bytes_per_s = 0.0
        await ui.until(lambda: ui.app._feed.is_resting)
        clock.now += 1
        await ui.until(lambda: newest(ui) == end - 1)
        clock.now += 2
        await ui.until(lambda: newest(ui) == end - 3)
        clock.now += 40
        await ui.until(lambda: newest(ui) < 0)
        clock.now += 1
        engine.change(1, status=Status.DOWNLOADING)
        engine.bytes_per_s = 7e6
        await ui.refresh()
        assert newest(ui) > 0
