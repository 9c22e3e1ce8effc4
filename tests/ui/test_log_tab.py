"""The log of a download in its panel: the newest is in sight, unless the user has gone back."""

from __future__ import annotations

from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import Details
from tui_downloader.model.status import Status
from tui_downloader.ui.view.details_lines import Tab
from tui_downloader.ui.widgets.details import DetailsPanel


def story(events: int) -> Details:
    return Details(log=tuple((NOW + n, f"event {n}.") for n in range(events)))


def engine_with(events: int) -> FakeEngine:
    engine = FakeEngine([download(1, Status.DOWNLOADING), download(2, Status.DOWNLOADING)])
    engine.details_by_id = {1: story(events), 2: story(3)}
    return engine


async def open_log(ui: Ui) -> None:
    await ui.press("h")
    assert ui.main.query_one(DetailsPanel).tab is Tab.LOG
    await ui.refresh()


async def test_the_newest_events_are_in_sight_and_stay_there() -> None:
    engine = engine_with(60)
    async with running(size=(80, 30), engine=engine) as ui:
        await open_log(ui)
        assert "event 59." in ui.text
        engine.details_by_id[1] = story(65)
        await ui.refresh()
        assert "event 64." in ui.text
        await ui.press("enter")
        await ui.refresh()
        assert "event 64." in ui.text


async def test_who_has_gone_back_stays_there() -> None:
    engine = engine_with(60)
    async with running(size=(80, 30), engine=engine) as ui:
        await open_log(ui)
        await ui.press("tab", "g")
        assert "event 0." in ui.text
        engine.details_by_id[1] = story(65)
        await ui.refresh()
        assert "event 0." in ui.text
        assert "event 64." not in ui.text


async def test_another_download_and_the_next_tab_begin_anew() -> None:
    engine = engine_with(60)
    async with running(size=(80, 30), engine=engine) as ui:
        await open_log(ui)
        await ui.press("j")
        assert "event 2." in ui.text
        await ui.press("k")
        assert "event 59." in ui.text
        await ui.press("l")
        assert ui.main.query_one(DetailsPanel).tab is Tab.OVERVIEW
        assert "https://host1.example" in ui.text
