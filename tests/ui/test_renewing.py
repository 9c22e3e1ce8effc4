"""A link with the name of a download that failed may be its new address: what is here stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Static

from tests.engine.running import names_in, sha256
from tests.server import Pattern, Server
from tests.ui.fake_engine import download
from tests.ui.real import real, wanted
from tests.ui.running import Ui, running
from tui_downloader.engine.transfer import request_plan
from tui_downloader.model.download import DownloadRequest, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.status import Status
from tui_downloader.ui.adding.add_plan import Duplicates, KnownLink, Plan
from tui_downloader.ui.adding.planning import make_plan
from tui_downloader.ui.adding.queue_index import QueueIndex
from tui_downloader.ui.screens.add import AddScreen
from tui_downloader.ui.widgets.preview import Preview

if TYPE_CHECKING:
    from pathlib import Path

FILE = Pattern(3_000_000)
KEPT = 1_500_000
OLD, NEW = "https://old.example/file.zip?sig=1", "https://new.example/file.zip?sig=2"
FAILED = download(
    1,
    Status.FAILED,
    url=OLD,
    name="file.zip",
    kept_bytes=KEPT,
    failure=Failure("http", "404 not found"),
)


def plan_of(text: str, *downloads: Snapshot) -> Plan:
    return make_plan(parse_links(text), QueueIndex(downloads), "/downloads")


def test_only_what_failed_or_left_something_gets_a_new_address() -> None:
    cancelled = download(2, Status.CANCELLED, name="b.zip", kept_bytes=1)
    nothing = download(3, Status.CANCELLED, name="c.zip")
    paused = download(4, Status.PAUSED, name="d.zip", kept_bytes=1)
    text = "\n".join(f"https://new.example/{name}.zip" for name in ("file", "b", "c", "d"))
    plan = plan_of(text, FAILED, cancelled, nothing, paused)
    assert {key: each.kept_bytes for key, each in plan.renewable.items()} == {1: KEPT, 2: 1}
    assert [link.url[-5:] for link in plan.new] == ["c.zip", "d.zip"]


def test_the_same_address_and_another_folder_are_no_new_address() -> None:
    assert plan_of(OLD, FAILED).known == (KnownLink(plan_of(OLD, FAILED).known[0].link, 1),)
    elsewhere = download(1, Status.FAILED, name="file.zip", folder="/elsewhere")
    assert plan_of(NEW, elsewhere).new


def test_of_two_links_the_first_is_taken() -> None:
    plan = plan_of(f"{NEW}\nhttps://third.example/file.zip", FAILED)
    assert [each.link.url for each in plan.renewable.values()] == [NEW]
    assert plan.outcome("a", Duplicates.RENEW) == "New address for 1, skipped 1"


async def test_one_key_after_the_paste_mends_what_was_not_found() -> None:
    async with running([FAILED], size=(80, 24)) as ui:
        ui.engine.requests[1] = DownloadRequest(OLD, "/downloads", headers=(("Cookie", "a=b"),))
        await ui.paste(NEW)
        await ui.until(lambda: "name of a failed download · u new URL" in ui.text)
        await ui.press("u")
        await ui.until(lambda: "New address for 1" in ui.text)
        # What was given for one place is not told to another.
        expected = DownloadRequest(NEW, "/downloads")
        assert ui.engine.calls == [("edit", 1, expected), ("resume", 1)]
        assert not ui.engine.added


async def test_what_is_added_besides_a_new_address_is_added_by_the_same_key() -> None:
    async with running([FAILED]) as ui:
        ui.engine.requests[1] = OLD_REQUEST
        await ui.paste(f"{NEW}\nhttps://new.example/other.bin")
        await ui.until(lambda: "u new URL" in ui.text)
        await ui.press("u")
        await ui.until(lambda: ("edit", 1, DownloadRequest(NEW, "/downloads")) in ui.engine.calls)
        assert [request.url for request in ui.engine.added] == ["https://new.example/other.bin"]


@pytest.mark.parametrize(
    ("text", "focus"),
    [
        (NEW, "links"),  # there it is a letter
        ("https://new.example/fresh.bin", "add-button"),
        (f"{NEW}\nhttps://third.example/file.zip", "add-button"),  # which of them?
    ],
)
async def test_where_it_is_not_offered_the_key_adds_and_changes_nothing(
    text: str, focus: str
) -> None:
    async with running([FAILED]) as ui:
        ui.engine.requests[1] = OLD_REQUEST
        await ui.paste(text)
        await ui.until(lambda: " new" in preview_total(ui))
        ui.app.screen.query_one(f"#{focus}").focus()
        await ui.press("u")
        await ui.pilot.pause(0.3)
        assert "u new URL" not in ui.text
        assert ui.engine.calls == []
        assert not ui.engine.added
        assert isinstance(ui.app.screen, AddScreen)


async def test_the_narrowest_preview_names_the_key_for_a_new_address() -> None:
    async with running([FAILED], size=(40, 10)) as ui:
        await ui.paste(NEW)
        await ui.until(lambda: "1 duplicate" in ui.text)
        assert ui.app.screen.query_one(Preview).text == "= file.zip failed · u new URL"


def preview_total(ui: Ui) -> str:
    """The line below the preview, once it says how many there are."""
    return str(ui.app.screen.query_one("#total", Static).content)


async def test_three_keys_mend_what_was_not_found_by_the_question() -> None:
    async with running([FAILED], size=(80, 24)) as ui:
        ui.engine.requests[1] = DownloadRequest(OLD, "/downloads", headers=(("Cookie", "a=b"),))
        await ui.paste(NEW)
        await ui.until(lambda: "name of a failed download" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: "With a new address the 1.50 MB that are here stay." in ui.text)
        await ui.press("u")
        await ui.until(lambda: "New address for 1" in ui.text)
        assert ui.engine.calls == [("edit", 1, DownloadRequest(NEW, "/downloads")), ("resume", 1)]
        assert not ui.engine.added


OLD_REQUEST = DownloadRequest(OLD, "/downloads", headers=(("Cookie", "a=b"),))
WAY_BACK = [("edit", 1, OLD_REQUEST), ("fail_again", {1: FAILED.failure})]


async def test_a_new_address_from_the_dialog_is_taken_back() -> None:
    async with running([FAILED]) as ui:
        ui.engine.requests[1] = OLD_REQUEST
        await ui.paste(NEW)
        await ui.until(lambda: "name of a failed download" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: "u use as new address" in ui.text)
        await ui.press("u")
        await ui.until(lambda: "New address for 1 · z undo" in ui.text)
        await ui.press("z")
        assert ui.engine.calls[2:] == WAY_BACK
        await ui.until(lambda: ui.toasts == ["Undone: New address for 1"])


async def test_a_new_address_given_by_its_key_is_taken_back() -> None:
    async with running([FAILED]) as ui:
        ui.engine.requests[1] = OLD_REQUEST
        await ui.press("u")
        await ui.paste(NEW)
        await ui.press("enter")
        await ui.until(lambda: "Changed file.zip, trying again · z undo" in ui.text)
        await ui.press("z")
        assert ui.engine.calls[2:] == WAY_BACK


async def test_the_old_address_is_asked_for_again_and_fails_as_before(
    server: Server, tmp_path: Path
) -> None:
    server.put("/old/file.zip", FILE, status=404).first(close_after=KEPT, status=None)
    server.put("/new/file.zip", FILE).first(stall_after=0)
    async with real(tmp_path, wanted(server.url("/old/file.zip"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.status is Status.FAILED)
        await ui.press("u")
        await ui.paste(server.url("/new/file.zip"))
        await ui.press("enter")
        await ui.until(lambda: ui.download.status.is_running)
        await ui.press("z")
        await ui.until(lambda: ui.download.status is Status.FAILED)
        assert ui.download.url == server.url("/old/file.zip")
        assert ui.download.failure is not None
        assert ui.download.failure.code == "http-404"


async def test_what_came_before_an_address_of_another_file_goes_on_when_that_is_taken_back(
    server: Server, tmp_path: Path
) -> None:
    server.put("/old/file.zip", FILE).first(stall_after=KEPT)
    other = server.put("/new/file.zip", Pattern(FILE.size, seed=9), stall_after=1000)
    other.first(stall_after=None)  # what is compared first
    async with real(tmp_path, wanted(server.url("/old/file.zip"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.done_bytes == KEPT)
        await ui.press("u")
        await ui.paste(server.url("/new/file.zip"))
        await ui.press("enter")
        await ui.until_seen("it is another file now: starts from 0")
        await ui.until(lambda: ui.download.done_bytes == 1000)
        before = server.resources["/old/file.zip"].sent_bytes
        await ui.press("z")
        await ui.until_seen("its own part is back")
        await ui.until_done()
        assert ui.download.url == server.url("/old/file.zip")
    assert names_in(tmp_path) == ["file.zip"]
    assert sha256(tmp_path / "file.zip") == FILE.sha256()
    assert server.resources["/old/file.zip"].sent_bytes - before < FILE.size


async def test_what_is_whole_by_now_goes_on_to_say_from_where_it_came(
    server: Server, tmp_path: Path
) -> None:
    server.put("/old/file.zip", FILE, status=404)
    server.put("/new/file.zip", FILE)
    async with real(tmp_path, wanted(server.url("/old/file.zip"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.status is Status.FAILED)
        await ui.press("u")
        await ui.paste(server.url("/new/file.zip"))
        await ui.press("enter")
        await ui.until(lambda: ui.download.status is Status.COMPLETED)
        await ui.until_seen("✓ file.zip")
        await ui.press("z")
        await ui.until(lambda: "file.zip is done by now, and stays" in ui.toasts)
        assert ui.download.status is Status.COMPLETED
        assert ui.download.url == server.url("/new/file.zip")


async def test_the_other_answers_are_still_there() -> None:
    async with running([FAILED], size=(80, 24)) as ui:
        await ui.paste(NEW)
        await ui.until(lambda: "name of a failed download" in ui.text)
        await ui.press("f2")
        await ui.until(
            lambda: "u use as new address · s skip · n new name · r replace · esc back" in ui.text
        )
        await ui.press("n")
        await ui.until(lambda: [request.url for request in ui.engine.added] == [NEW])


async def test_the_bytes_stay_and_only_the_rest_is_fetched(server: Server, tmp_path: Path) -> None:
    server.put("/old/file.zip", FILE, status=404).first(close_after=KEPT, status=None)
    server.put("/new/file.zip", FILE)
    async with real(tmp_path, wanted(server.url("/old/file.zip"), tmp_path)) as ui:
        await ui.until(lambda: ui.download.status is Status.FAILED)
        await ui.paste(server.url("/new/file.zip"))
        await ui.until_seen("name of a failed download")
        await ui.press("f2")
        await ui.until_seen("u use as new address")
        await ui.press("u")
        await ui.until_done()
    assert names_in(tmp_path) == ["file.zip"]
    assert sha256(tmp_path / "file.zip") == FILE.sha256()
    # The last bytes that are kept are compared; several connections may share the rest.
    asked = [each for each in server.requests if each.path == "/new/file.zip"]
    assert min(each.range_start or 0 for each in asked) == KEPT - request_plan.OVERLAP_BYTES
