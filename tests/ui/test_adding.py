"""Pastes and the add dialog: what is new is added, what is not is counted and named."""

from __future__ import annotations

import pytest
from textual.widgets import Input, TextArea

from tests.ui.fake_engine import Added, FakeEngine, download
from tests.ui.running import Ui, running
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import DownloadRequest, OnConflict
from tui_downloader.model.links import parse_links
from tui_downloader.ui.adding import AddOptions, make_plan, preview_rows, requests_for
from tui_downloader.ui.screens.add import AddScreen
from tui_downloader.ui.widgets.preview import Preview

A, B, C = "https://a.example/a.iso", "https://b.example/b.iso", "https://c.example/c.iso"


def urls(engine: FakeEngine) -> list[str]:
    return [request.url for request in engine.added]


# The plan.


def test_new_known_and_refused_lines_are_told_apart() -> None:
    plan = make_plan(parse_links(f"{A}\n{B}\n{A}\nftp://c.example/x"), {B})
    assert [link.url for link in plan.new] == [A]
    assert [link.url for link in plan.known] == [B, A]
    assert len(plan.refused) == 1
    assert plan.total == "1 new, 2 duplicates, 1 invalid"


def test_the_outcome_names_the_first_line_that_was_refused() -> None:
    plan = make_plan(parse_links(f"{A}\nftp://c.example/x\nftp://c.example/y"), set())
    assert plan.outcome.startswith("Added 1 · line 2: ")
    assert plan.outcome.endswith(" and 1 more")


def test_the_outcome_counts_what_was_skipped() -> None:
    assert make_plan(parse_links(f"{A}\n{B}"), {B}).outcome == "Added 1, skipped 1"


def test_the_preview_shows_name_and_host() -> None:
    (row,) = preview_rows(make_plan(parse_links(A), set()))
    assert (row.kind, row.text, row.note) == ("new", "a.iso", "a.example")


def test_a_link_whose_checksum_makes_no_sense_does_not_block_the_others() -> None:
    plan = make_plan(parse_links(f"{A}\n  checksum=nonsense\n{B}"), set())
    assert [link.url for link in plan.new] == [B]
    assert [refused.text for refused in plan.refused] == [A]


def test_an_option_that_is_left_out_is_named() -> None:
    plan = make_plan(parse_links(f"{A}\n  bogus=1"), set())
    assert plan.outcome.startswith("Added 1 · line 2: ")
    assert [row.kind for row in preview_rows(plan)] == ["note", "new"]


def test_options_of_a_link_go_with_it() -> None:
    plan = make_plan(parse_links(f"{A}\n  out=x.iso\n  dir=sub\n  header=A: b"), set())
    (request,) = requests_for(plan, AddOptions("/downloads", OnConflict.RENAME))
    assert (request.name, request.folder) == ("x.iso", "/downloads/sub")
    assert request.headers == (("A", "b"),)


def test_a_name_for_many_links_is_ignored() -> None:
    plan = make_plan(parse_links(f"{A}\n{B}"), set())
    options = AddOptions("/downloads", OnConflict.RENAME, name="one.iso", checksum="nonsense")
    assert [request.name for request in requests_for(plan, options)] == [None, None]


def test_a_checksum_that_makes_no_sense_is_refused_with_a_sentence() -> None:
    plan = make_plan(parse_links(A), set())
    with pytest.raises(ValueError, match="checksum"):
        requests_for(plan, AddOptions("/downloads", OnConflict.RENAME, checksum="nonsense"))


def test_requests_take_what_the_user_wants() -> None:
    digest = "0" * 64
    options = AddOptions("/data", OnConflict.SKIP, name="x.iso", checksum=f"sha-256={digest}")
    (request,) = requests_for(make_plan(parse_links(A), set()), options)
    assert request == DownloadRequest(
        A,
        "/data",
        name="x.iso",
        checksum=parse_checksum(f"sha-256={digest}"),
        on_conflict=OnConflict.SKIP,
    )


# Pasting on the main screen.


async def test_a_pasted_link_is_added_at_once_when_the_settings_say_so() -> None:
    async with running(paste="add") as ui:
        await ui.paste(A)
        await ui.until(lambda: "Added 1" in ui.text)
        assert urls(ui.engine) == [A]


async def test_a_paste_of_many_counts_duplicates() -> None:
    known = download(1, url=B)
    async with running([known], paste="add") as ui:
        await ui.paste(f"{A}\r\n{B}\r\n{C}\r{A}\n")
        await ui.until(lambda: "Added 2, skipped 2" in ui.text)
        assert urls(ui.engine) == [A, C]


async def test_the_same_paste_twice_adds_once() -> None:
    async with running(paste="add") as ui:
        await ui.paste(A)
        await ui.paste(A)
        await ui.until(lambda: "Added 0, skipped 1" in ui.text)
        assert urls(ui.engine) == [A]


async def test_ten_thousand_links_go_in_slices() -> None:
    text = "\n".join(f"https://host.example/{number}" for number in range(10_000))
    async with running(paste="add") as ui:
        await ui.paste(text)
        await ui.until(lambda: len(ui.engine.added) == 10_000)
        assert [len(call.requests) for call in ui.engine.adds] == [2_000] * 5
        await ui.until(lambda: "All 10000" in ui.text)


async def test_rubbish_adds_nothing_and_is_named() -> None:
    async with running(paste="add") as ui:
        await ui.paste("ftp://old.example/file")
        await ui.until(lambda: "Added 0 · line 1: " in ui.text)
        assert ui.engine.calls == []


async def test_an_empty_paste_does_nothing() -> None:
    async with running() as ui:
        await ui.paste("  \n\n")
        assert ui.app.screen is ui.main


async def test_a_pasted_escape_sequence_is_never_obeyed() -> None:
    async with running(paste="add") as ui:
        await ui.paste("ftp://x.example/\x1b]2;owned\x07\x1b[31m[red]")
        await ui.until(lambda: "Added 0 · line 1" in ui.text)
        assert "\x1b" not in ui.text


# The dialog.


def box(ui: Ui) -> TextArea:
    return ui.app.screen.query_one("#links", TextArea)


def preview(ui: Ui) -> str:
    return ui.app.screen.query_one(Preview).text


async def test_a_paste_opens_the_dialog_filled_in() -> None:
    async with running([download(1, url=B)], size=(120, 30)) as ui:
        await ui.paste(f"{A}\n{B}\nftp://c.example/x")
        await ui.until(lambda: "1 new, 1 duplicate, 1 invalid" in ui.text)
        assert box(ui).text == f"{A}\n{B}\nftp://c.example/x"
        assert "✓ a.iso" in preview(ui)
        assert "= b.iso" in preview(ui)
        assert "✗ line 3: " in preview(ui)


async def test_the_dialog_adds_what_is_typed() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.pilot.press(*A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: ui.app.screen is ui.main)
        assert urls(ui.engine) == [A]


async def test_the_button_adds() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.pilot.click("#add-button")
        await ui.until(lambda: ui.engine.added)
        assert urls(ui.engine) == [A]


async def test_invalid_lines_stay_in_the_box() -> None:
    async with running() as ui:
        await ui.paste(f"{A}\nftp://c.example/x")
        await ui.press("f2")
        await ui.until(lambda: ui.engine.added)
        await ui.until(lambda: box(ui).text.strip() == "ftp://c.example/x")
        assert isinstance(ui.app.screen, AddScreen)


async def test_esc_keeps_the_text_for_the_next_time() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.press("escape")
        assert ui.app.screen is ui.main
        await ui.press("a")
        assert box(ui).text == A
        assert ui.engine.calls == []


async def test_a_paste_goes_below_the_text_that_was_kept() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.press("escape")
        await ui.paste(B)
        assert box(ui).text == f"{A}\n{B}"


async def test_added_text_is_not_kept() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.press("f2")
        await ui.until(lambda: ui.app.screen is ui.main)
        await ui.press("a")
        assert box(ui).text == ""


async def test_nothing_new_is_said_and_the_dialog_stays() -> None:
    async with running([download(1, url=A)]) as ui:
        await ui.paste(A)
        await ui.press("f2")
        await ui.until(lambda: "nothing new to add" in ui.text)
        assert ui.engine.calls == []


async def test_more_fields_are_shown_and_used() -> None:
    async with running(size=(120, 30)) as ui:
        await ui.paste(A)
        await ui.press("ctrl+o")
        assert "start paused" in ui.text
        ui.app.screen.query_one("#folder", Input).value = "/elsewhere"
        ui.app.screen.query_one("#name", Input).value = "renamed.iso"
        await ui.pilot.click("#paused")
        await ui.pilot.click("#first")
        await ui.press("f2")
        await ui.until(lambda: ui.engine.adds)
        wanted = DownloadRequest(A, "/elsewhere", name="renamed.iso")
        assert ui.engine.adds == [Added((wanted,), paused=True, first=True)]


async def test_a_checksum_that_makes_no_sense_is_explained() -> None:
    async with running(size=(120, 30)) as ui:
        await ui.paste(A)
        await ui.press("ctrl+o")
        ui.app.screen.query_one("#checksum", Input).value = "nonsense"
        await ui.press("f2")
        await ui.until(lambda: ui.app.screen.query_one("#total").has_class("-error"))
        assert ui.engine.calls == []


async def test_the_dialog_works_in_a_small_window() -> None:
    async with running(size=(50, 14)) as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: ui.engine.added)
        assert urls(ui.engine) == [A]
