"""Pastes and the add dialog: what is new is added, what is not is counted and named."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from tests.ui.add_dialog import box, field, focused, preview, urls
from tests.ui.fake_engine import FakeEngine, download
from tests.ui.running import running
from tui_downloader.model.download import Details, DownloadRequest, OnConflict
from tui_downloader.model.errors import DownloadError, Unreachable
from tui_downloader.model.passport import Passport
from tui_downloader.model.status import Status
from tui_downloader.model.statuses import status_error
from tui_downloader.store import passports
from tui_downloader.ui.adding.link_sizes import MOST_ASKED
from tui_downloader.ui.screens.add import AddScreen

if TYPE_CHECKING:
    pass

A, B, C = "https://a.example/a.iso", "https://b.example/b.iso", "https://c.example/c.iso"


# Pasting on the main screen, added at once.


async def test_a_pasted_link_is_added_at_once_when_the_settings_say_so() -> None:
    async with running(paste="add") as ui:
        await ui.paste(A)
        await ui.until(lambda: "Added 1" in ui.text)
        assert urls(ui.engine) == [A]


async def test_a_paste_of_many_counts_duplicates_whatever_ends_its_lines() -> None:
    async with running([download(1, url=B)], paste="add") as ui:
        await ui.paste(f"{A}\r\n{B}\r\n{C}\r{A}\n")
        await ui.until(lambda: "Added 2, skipped 2" in ui.text)
        assert urls(ui.engine) == [A, C]


async def test_the_same_paste_twice_adds_once() -> None:
    async with running(paste="add") as ui:
        await ui.paste(A)
        await ui.paste(A)
        await ui.until(lambda: "Nothing added: 1 is there already" in ui.text)
        assert urls(ui.engine) == [A]


async def test_a_paste_fetches_again_what_has_lost_its_file_as_the_command_line_does(
    tmp_path: Path,
) -> None:
    there, gone = (
        download(n, Status.COMPLETED, url=url, name=f"{n}.bin", total_bytes=4)
        for n, url in enumerate((A, B), 1)
    )
    engine = FakeEngine([there, gone])
    for each in (there, gone):
        engine.details_by_id[each.download_id] = Details(path=str(tmp_path / each.name))
    (tmp_path / there.name).write_bytes(b"1234")
    async with running(engine=engine, paste="add") as ui:
        await ui.paste(f"{A}\n{B}#top\n{C}")
        await ui.until(lambda: "Added 1, restarted 1, skipped 1 · z undo" in ui.text)
        assert urls(engine) == [C]
        assert [call for call in engine.calls if call[0] in ("edit", "restart")] == [
            ("edit", 2, DownloadRequest(f"{B}#top", "/downloads")),
            ("restart", 2),
        ]


async def test_a_file_that_exists_is_left_to_the_settings(tmp_path: Path) -> None:
    (tmp_path / "a.iso").touch()
    async with running(paste="add", on_conflict=OnConflict.RENAME) as ui:
        await ui.paste(f"{A}\n  dir={tmp_path}")
        await ui.until(lambda: ui.engine.added)
        assert ui.engine.added == [DownloadRequest(A, str(tmp_path), on_conflict=OnConflict.RENAME)]


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
        await ui.until(lambda: "Added 0, 1 line not understood · a shows it" in ui.text)
        assert ui.engine.calls == []
        await ui.press("a")
        assert box(ui).text == "ftp://old.example/file"


async def test_an_empty_paste_does_nothing() -> None:
    async with running() as ui:
        await ui.paste("  \n\n")
        assert ui.app.screen is ui.main


async def test_a_pasted_escape_sequence_is_never_obeyed() -> None:
    async with running(paste="add") as ui:
        await ui.paste("ftp://x.example/\x1b]2;owned\x07\x1b[31m[red]")
        await ui.until(lambda: "Added 0, 1 line" in ui.text)
        assert "\x1b" not in ui.text


async def test_a_dropped_list_is_added(tmp_path: Path) -> None:
    (tmp_path / "my list.txt").write_text(f"{A}\n{B}\n")
    async with running(paste="add") as ui:
        await ui.paste(f"'{tmp_path}/my list.txt' ")
        await ui.until(lambda: "Added 2" in ui.text)
        assert urls(ui.engine) == [A, B]


async def test_a_copied_command_is_added_with_its_headers() -> None:
    async with running(paste="add") as ui:
        await ui.paste(f"curl '{A}' \\\n  -H 'accept: */*' \\\n  -b 'sid=1' --compressed")
        await ui.until(lambda: "Added 1" in ui.text)
        headers = (("accept", "*/*"), ("Cookie", "sid=1"))
        assert ui.engine.added == [DownloadRequest(A, "/downloads", headers=headers)]


# The dialog.


async def test_a_paste_opens_the_dialog_filled_in() -> None:
    async with running([download(1, url=B)], size=(120, 30)) as ui:
        await ui.paste(f"{A}\n{B}\nftp://c.example/x")
        await ui.until(lambda: "1 new, 1 duplicate, 1 invalid" in ui.text)
        assert box(ui).text == f"{A}\n{B}\nftp://c.example/x"
        assert "✓ a.iso" in ui.text
        assert "= b.iso" in ui.text
        assert "already in list (shift+tab, ⏎ goes there)" in ui.text
        assert "✗ line 3: " in ui.text


async def test_lines_of_a_paste_end_as_they_should_whatever_ended_them() -> None:
    async with running() as ui:
        await ui.paste(f"{A}\r{B}\r\n{C}")
        await ui.until(lambda: "3 new" in ui.text)
        assert box(ui).text == f"{A}\n{B}\n{C}"


async def test_the_preview_follows_when_typing_stops() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.pilot.press(*"ftp://a/x")
        await ui.until(lambda: "✗ line 1: ftp:// is not supported" in preview(ui))
        assert "0 new, 1 invalid" in ui.text
        await ui.pilot.press("home", "delete", *"ht")
        await ui.until(lambda: preview(ui).startswith("✓ x "))
        assert "1 new" in ui.text


@pytest.mark.parametrize(
    ("text", "goal"),
    [
        (f"{A}\n{B}", "2 new → /downloads "),
        (f"{A}\n  dir=/isos\n{B}\n  dir=/isos", "2 new → /isos "),
        (f"{A}\n{B}\n  dir=sub\n{C}\n  dir=/isos", "3 new → /downloads and 2 more "),
        (f"{A}\n  dir=/x\x1b[31m", "1 new → /x[31m "),
        ("", "0 new → /downloads "),
    ],
)
async def test_the_folders_that_new_links_go_to_are_named(text: str, goal: str) -> None:
    async with running() as ui:
        await ui.press("a")
        box(ui).text = text
        await ui.until(lambda: goal in ui.text)


async def test_the_dialog_adds_what_is_typed() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.pilot.press(*"http://a/b")
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: ui.app.screen is ui.main)
        assert urls(ui.engine) == ["http://a/b"]


@pytest.mark.parametrize("key", ["f2", "ctrl+enter"])
async def test_the_keys_of_the_dialog_add(key: str) -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.press(key)
        await ui.until(lambda: ui.engine.added)
        assert urls(ui.engine) == [A]


async def test_no_line_of_the_smallest_box_is_lost_to_a_scrollbar() -> None:
    links = [f"http://{number}.example/{'long-' * 20}name.bin" for number in range(6)]
    async with running(size=(40, 10)) as ui:
        await ui.paste("\n".join(links))
        await ui.until(lambda: "6 new" in ui.text)
        await ui.press("shift+tab", "shift+tab")
        assert all(link[:20] in ui.text for link in links[-3:])


async def test_as_much_of_the_folder_is_named_as_there_is_room() -> None:
    async with running(size=(60, 20)) as ui:
        await ui.paste(f"{A}\n  dir=/home/{'long-' * 20}name")
        await ui.until(lambda: "1 new → /home/long-" in ui.text)


async def test_enter_adds_also_on_a_row_of_something_new() -> None:
    async with running() as ui:
        await ui.paste(f"{A}\nhttp://")
        await ui.until(lambda: "1 new, 1 invalid" in ui.text)
        await ui.press("shift+tab")
        await ui.until(lambda: "enter goes there · F2 adds" in ui.text)
        await ui.press("down")
        await ui.until(lambda: "enter adds" in ui.text)
        await ui.press("enter")
        await ui.until(lambda: ui.engine.added)
        assert urls(ui.engine) == [A]


async def test_enter_on_a_line_that_makes_no_sense_goes_to_it_in_the_box() -> None:
    async with running() as ui:
        await ui.paste(f"{A}\nhttp://\n{B}")
        await ui.until(lambda: "2 new, 1 invalid" in ui.text)
        await ui.press("shift+tab", "enter")
        await ui.until(lambda: focused(ui) == "links")
        assert box(ui).cursor_location == (1, len("http://"))
        await ui.pilot.press(*"c.example/z")
        await ui.until(lambda: "3 new" in ui.text)


async def test_the_button_adds() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.pilot.click("#add-button")
        await ui.until(lambda: ui.engine.added)
        assert urls(ui.engine) == [A]


async def test_invalid_lines_hold_nothing_up_and_wait_in_the_box_for_the_next_a() -> None:
    async with running(size=(120, 30)) as ui:
        await ui.paste(f"{A}\nftp://c.example/x\n  out=y\nwords")
        await ui.press("f2")
        await ui.until(lambda: "Added 1, 2 lines not understood · a shows them" in ui.text)
        assert urls(ui.engine) == [A]
        assert ui.app.screen is ui.main
        await ui.press("a")
        assert box(ui).text == "ftp://c.example/x\n  out=y\nwords"


async def test_invalid_lines_do_not_come_back_with_a_paste() -> None:
    async with running() as ui:
        await ui.paste(f"{A}\nrubbish")
        await ui.press("f2")
        await ui.until(lambda: "1 line not understood · a shows it" in ui.text)
        await ui.paste(f"{B}\nmore rubbish")
        assert box(ui).text == f"{B}\nmore rubbish"
        await ui.press("f2")
        await ui.until(lambda: urls(ui.engine) == [A, B])
        await ui.until(lambda: ui.app.screen is ui.main)
        await ui.press("a")
        assert box(ui).text == "rubbish\nmore rubbish"
        box(ui).text = ""
        await ui.press("escape", "a")
        assert box(ui).text == ""


async def test_a_text_without_any_link_stays_to_be_mended() -> None:
    async with running() as ui:
        await ui.paste("rubbish")
        await ui.until(lambda: "1 invalid" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: "nothing new to add" in ui.text)
        assert box(ui).text == "rubbish"


async def test_the_preview_is_of_the_text_that_could_not_be_added() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("ctrl+o")
        await ui.until(lambda: ui.app.screen.query("#limit"))
        ui.app.screen.query_one("#limit", Input).value = "fast"
        box(ui).text = f"rubbish\n{B}"
        await ui.press("f2")  # sooner than the text would be looked at
        await ui.until(lambda: "'fast' is not" in ui.text and "line 1: no link" in ui.text)


async def test_a_refused_command_stays_as_it_was_typed() -> None:
    command = f"curl '{B}' \\\n  --data-raw 'a=1'"
    async with running(size=(120, 30)) as ui:
        await ui.paste(f"{A}\n{command}")
        await ui.until(lambda: "1 new, 1 invalid" in ui.text)
        assert "line 2: curl --data-raw asks with POST; only GET can be downloaded" in ui.text
        await ui.press("f2")
        await ui.until(lambda: ui.app.screen is ui.main)
        await ui.press("a")
        assert box(ui).text == command


async def test_esc_keeps_the_text_for_the_next_time() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.main)
        await ui.press("a")
        assert box(ui).text == A
        assert ui.engine.calls == []


async def test_a_paste_shows_nothing_of_what_was_kept_and_is_kept_below_it() -> None:
    async with running() as ui:
        await ui.press("a", *A, "escape")
        await ui.paste(B)
        assert box(ui).text == B
        await ui.press("escape", "a")
        assert box(ui).text == f"{A}\n{B}"
        await ui.press("escape", "a")
        assert box(ui).text == f"{A}\n{B}"


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (A, f"{A}\n", A),
        (f"{A}\n{B}", B, f"{A}\n{B}"),
        (f"{A}2\n", A, f"{A}2\n{A}"),
        (f"{A}\n  out=x", A, f"{A}\n  out=x\n{A}"),
        (A, f"{A}\n  out=x", f"{A}\n{A}\n  out=x"),
    ],
)
async def test_what_is_dismissed_twice_is_kept_once(first: str, second: str, kept: str) -> None:
    async with running() as ui:
        await ui.paste(first)
        await ui.press("escape")
        await ui.paste(second)
        await ui.press("escape", "a")
        assert box(ui).text == kept


async def test_a_paste_that_is_added_leaves_the_kept_text_alone() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.press("escape")
        await ui.paste(B)
        await ui.press("f2")
        await ui.until(lambda: urls(ui.engine) == [B])
        await ui.press("a")
        assert box(ui).text == A


async def test_a_paste_in_the_dialog_goes_where_the_cursor_is_or_below() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.paste(f"{A}\r\n")
        assert box(ui).text == f"{A}\n"
        await ui.press("tab")
        await ui.paste(B)
        await ui.until(lambda: box(ui).text == f"{A}\n{B}")


async def test_added_text_is_not_kept() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.press("f2")
        await ui.until(lambda: ui.app.screen is ui.main)
        await ui.press("a")
        assert box(ui).text == ""


async def test_nothing_at_all_is_said_and_the_dialog_stays() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.until(lambda: "0 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: "nothing new to add" in ui.text)
        assert ui.engine.calls == []


@pytest.mark.parametrize(
    "text", ["https://a.example/\x1b[31mred", "https://a.example/\x07\u202egnp"]
)
async def test_pasted_controls_are_neither_obeyed_nor_passed_over(text: str) -> None:
    async with running(size=(120, 30)) as ui:
        await ui.paste(f"{text}\n[b]{B}[/b]\n文件 \u200b{C}")
        await ui.until(lambda: "1 invalid" in ui.text)
        assert not set("\x1b\x07\u202e\u200b") & set(ui.text)
        assert "there is a space or a control character" in ui.text
        assert "文件" in ui.text
        assert "[b]https://b.example" in ui.text


# Going to what is there.


async def test_only_an_identical_address_is_called_already_in_the_list() -> None:
    url = "https://x.example/range.bin"
    known = [
        download(1, Status.COMPLETED, url=url, name="range.bin", total_bytes=5),
        download(2, Status.COMPLETED, name="range (1).bin", total_bytes=5),
    ]
    async with running(known, size=(120, 30)) as ui:
        await ui.paste(f"{url}?x=2")
        await ui.until(lambda: "same name in list · F2 asks" in ui.text)
        assert "already in list" not in ui.text
        await ui.press("f2")
        await ui.until(lambda: "A download named range.bin is in the list already." in ui.text)
        assert "Added besides, it will be range (2).bin." in ui.text
        await ui.press("escape")
        await ui.paste(f"\n{url}\n{A}")
        await ui.until(lambda: "already in list (shift+tab, ⏎ goes there)" in ui.text)
        await ui.press("f2")
        told = "2 of 3 are there already, 1 in the list and 1 by its name only."
        await ui.until(lambda: told in ui.text)


async def test_a_link_of_the_list_is_new_where_another_folder_is_wanted() -> None:
    async with running([download(1, url=A)], size=(80, 24)) as ui:
        await ui.paste(A)
        await ui.until(lambda: "0 new, 1 duplicate" in ui.text)
        await ui.press("ctrl+o")
        await ui.press(*"other")
        await ui.until(lambda: "1 new" in ui.text)
        assert "already in list" not in ui.text
        await ui.press("tab", *"b.iso", "shift+tab", *["backspace"] * 5)
        await ui.until(lambda: "1 new → /downloads" in ui.text)  # for its name
        await ui.press("tab", *["backspace"] * 5)
        await ui.until(lambda: "0 new, 1 duplicate" in ui.text)


async def test_a_row_names_the_keys_that_go_to_its_download_from_where_the_focus_is() -> None:
    async with running([download(1, url=A)], size=(80, 24)) as ui:
        await ui.paste(A)
        await ui.until(lambda: "already in list (shift+tab, ⏎ goes there)" in ui.text)
        await ui.press("shift+tab")
        assert "already in list (⏎ goes there)" in ui.text
        assert "enter goes there · F2 adds" in ui.text
        await ui.press("shift+tab")
        assert "already in list (tab, ⏎ goes there)" in ui.text
        await ui.press("tab", "enter")
        assert ui.app.screen is ui.main


async def test_enter_on_a_row_goes_to_the_download_that_is_in_the_list() -> None:
    known = [download(1), download(2, url=B, status=Status.COMPLETED), download(3)]
    async with running(known) as ui:
        await ui.press("2")  # the view of active downloads, which does not hold it
        await ui.paste(f"{A}\n{B}")
        await ui.until(lambda: "1 new, 1 duplicate" in ui.text)
        await ui.press("tab", "tab", "enter")
        await ui.until(lambda: ui.app.screen is ui.main)
        assert ui.queue.highlighted_id == 2
        await ui.press("a")
        assert box(ui).text == f"{A}\n{B}"


async def test_below_messages_of_several_lines_enter_goes_where_the_row_says() -> None:
    option = "an-option-of-another-program-with-a-long-name-that-nobody-knows-here"
    async with running([download(1), download(2, url=B), download(3)], size=(120, 30)) as ui:
        await ui.paste(f"{A}\n  {option}=1\n{B}")
        await ui.until(lambda: "1 new, 1 duplicate" in ui.text)
        await ui.pilot.resize_terminal(50, 24)
        await ui.until(lambda: "was left out" in " ".join(ui.text.replace("│", " ").split()))
        await ui.press("tab", "tab")
        await ui.pilot.resize_terminal(70, 24)
        await ui.press("enter")
        await ui.until(lambda: ui.app.screen is ui.main)
        assert ui.queue.highlighted_id == 2


async def test_enter_on_a_new_row_does_nothing() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("tab", "enter")
        assert isinstance(ui.app.screen, AddScreen)


# Enter after a paste, and what a long line looks like.

LONG = f"https://start.example/{'a' * 300}/end.iso"


async def test_enter_adds_what_was_just_pasted() -> None:
    async with running() as ui:
        await ui.paste(f"{A}\n{B}\n")
        await ui.until(lambda: "2 new" in ui.text)
        assert "enter adds · F3 sizes" in ui.text
        await ui.press("enter")
        await ui.until(lambda: urls(ui.engine) == [A, B])


async def test_a_further_paste_goes_into_the_box_and_presses_nothing() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.paste(f"{B}\n{C}\n")
        await ui.until(lambda: "3 new" in ui.text)
        assert box(ui).text == f"{A}\n{B}\n{C}\n"
        assert not ui.engine.adds


async def test_in_the_box_enter_begins_a_line_and_another_key_adds() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.until(lambda: "enter begins a line · F2 adds · F3 sizes" in ui.text)
        await ui.press("b", "enter", "c")
        assert box(ui).text == "b\nc"
        await ui.press("tab", "tab")
        await ui.until(lambda: "enter adds · F3 sizes" in ui.text)


async def test_a_long_pasted_line_shows_its_beginning_until_it_is_typed_in() -> None:
    async with running() as ui:
        await ui.paste(LONG)
        await ui.until(lambda: "1 new" in ui.text)
        assert "https://start.example/" in ui.text
        await ui.press("tab")
        await ui.paste(f"\n{LONG}")
        await ui.until(lambda: "1 duplicate" in ui.text)
        assert ui.text.count("https://start.example/") == 2
        await ui.press("x")
        await ui.until(lambda: "end.isox" in ui.text)


# Sizes.


@pytest.mark.parametrize(
    ("total", "words", "whole"),
    [
        (40_000_000, "12.3 of 40.0 MB here", "1 new · 40.0 MB →"),
        (None, "12.3 MB here", "1 new →"),
    ],
)
async def test_a_dropped_partial_says_how_much_of_it_is_here(
    tmp_path: Path, total: int | None, words: str, whole: str
) -> None:
    part = tmp_path / "film.mkv.part"
    part.touch()
    os.truncate(part, 12_300_000)
    done = ((0, 12_300_000),)
    passport = Passport((A,), "film.mkv", total, None, None, done, done, None, passports.boot_id())
    passports.write(str(part), passport)
    async with running(size=(120, 30)) as ui:
        await ui.paste(str(part))
        await ui.until(lambda: f"✓ film.mkv {words}" in " ".join(preview(ui).split()))
        assert whole in ui.text
        assert sizes_asked(ui.engine) == []


def sizes_asked(engine: FakeEngine) -> list[str]:
    return [request.url for request in engine.size_requests]


async def test_sizes_are_asked_for_with_a_key_only_and_of_what_is_new() -> None:
    async with running([download(1, url=C)]) as ui:
        ui.engine.sizes = {A: 5_000_000}
        await ui.paste(f"{A}\n{B}\n{C}")
        await ui.until(lambda: "2 new, 1 duplicate" in ui.text)
        assert sizes_asked(ui.engine) == []
        await ui.press("f3")
        await ui.until(lambda: "2 new, 1 duplicate · at least 5.00 MB" in ui.text)
        assert "5.00 MB · a.example" in preview(ui)
        assert "size not told · b.example" in preview(ui)
        assert sizes_asked(ui.engine) == [A, B]


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            Unreachable("cannot find host a.example", host="a.example", code="dns"),
            "cannot find host",
        ),
        (status_error(404), "404 not found"),
    ],
)
async def test_a_link_that_leads_nowhere_is_not_said_to_tell_no_size(
    problem: DownloadError, words: str
) -> None:
    class Lost(FakeEngine):
        async def size_of(self, request: DownloadRequest) -> int | None:
            raise problem

    async with running(engine=Lost()) as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("f3")
        await ui.until(lambda: f"{words} · a.example" in preview(ui))
        assert "size not told" not in ui.text


async def test_a_size_that_is_known_is_not_asked_for_again() -> None:
    async with running() as ui:
        ui.engine.sizes = {A: 5_000_000}
        await ui.paste(f"{A}\n{B}")
        await ui.until(lambda: "2 new" in ui.text)
        await ui.press("f3")
        await ui.until(lambda: "at least 5.00 MB" in ui.text)
        ui.engine.sizes[B] = 1_000_000
        await ui.press("f3")
        await ui.until(lambda: "2 new · 6.00 MB" in ui.text)
        assert sizes_asked(ui.engine) == [A, B, B]


async def test_sizes_are_asked_for_with_the_login_that_was_typed() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("ctrl+o")
        field(ui, "user").value = "ann"
        field(ui, "password").value = "secret"
        await ui.press("f3")
        await ui.until(lambda: ui.engine.size_requests)
        assert ui.engine.size_requests[0].credentials == ("ann", "secret")


async def test_a_long_list_is_not_asked_for_at_once() -> None:
    text = "\n".join(f"https://host.example/{number}.bin" for number in range(150))
    async with running() as ui:
        await ui.paste(text)
        await ui.until(lambda: "150 new" in ui.text)
        await ui.press("f3")
        await ui.until(lambda: len(ui.engine.size_requests) == MOST_ASKED)
        await ui.until(lambda: "asking" not in preview(ui))
        assert len(ui.engine.size_requests) == MOST_ASKED


async def test_a_dialog_that_is_closed_while_it_asks_asks_no_more() -> None:
    async with running() as ui:
        ui.engine.size_gate = asyncio.Event()
        await ui.paste("\n".join(f"https://host.example/{number}.bin" for number in range(9)))
        await ui.until(lambda: "9 new" in ui.text)
        await ui.press("f3")
        await ui.until(lambda: "asking for the size" in preview(ui))
        await ui.press("escape")
        await ui.until(lambda: not isinstance(ui.app.screen, AddScreen))
        ui.engine.size_gate.set()
        await ui.pilot.pause()
        assert len(ui.engine.size_requests) <= 4
