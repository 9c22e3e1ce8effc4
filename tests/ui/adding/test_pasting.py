"""Where a paste goes: in the dialog, beside what is there already, and over everything else."""

from __future__ import annotations

import pytest
from textual.widgets import TextArea

from tests.ui.add_dialog import box, urls
from tests.ui.fake_engine import download
from tests.ui.running import question, running
from tui_downloader.model.status import Status
from tui_downloader.ui.screens.menu import MenuScreen

A, B = "https://a.example/a.iso", "https://b.example/b.iso"
BIG = download(1, Status.DOWNLOADING, done_bytes=50_000_000, total_bytes=100_000_000)


# Into the box.


async def test_links_that_are_pasted_one_after_the_other_are_lines_of_their_own() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.paste(A)
        await ui.paste(B)
        await ui.until(lambda: "2 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: urls(ui.engine) == [A, B])


@pytest.mark.parametrize(
    ("there", "at", "pasted", "becomes"),
    [
        ("{A}", (0, 99), f"{B}\r\n", "{A}\n{B}\n"),
        ("{A} ", (0, 99), B, "{A} \n{B}"),
        ("{A}\nx", (0, 99), B, "{A}\n{B}\nx"),
        ("{A}", (0, 99), f"\n{B}", "{A}\n{B}"),
        ("{A}", (0, 99), f"see: {B}", "{A}\nsee: {B}"),
        ("{A}", (0, 99), f"curl '{B}'", "{A}\ncurl '{B}'"),
        ("{A}", (0, 0), B, "{B}\n{A}"),
        ("{A}", (0, 0), f"{B}\n", "{B}\n{A}"),
        ("  {A}", (0, 2), B, "  {B}\n{A}"),
        ("{A}\n", (1, 0), B, "{A}\n{B}"),
        # Within a word it would tear, and below what belongs to the line.
        ("{A}", (0, 11), B, "{A}\n{B}"),
        ("{A}\nx", (0, 11), f"{B}\n{A}", "{A}\n{B}\n{A}\nx"),
        ("x {A}", (0, 1), B, "x {A}\n{B}"),
        ("x {A}", (0, 2), B, "x {A}\n{B}"),
        ("{A}\n  out=a\n\tdir=b\nx", (0, 11), B, "{A}\n  out=a\n\tdir=b\n{B}\nx"),
        ("{A}\n  out=a", (0, 99), B, "{A}\n  out=a\n{B}"),
        ("{A}\n  {A}", (0, 99), B, "{A}\n{B}\n  {A}"),
        # Within a line where there is room for it.
        ("x  {A}", (0, 2), B, "x {B} {A}"),
        ("curl '' -o a", (0, 6), B, "curl '{B}' -o a"),
        ("[name]() and so on", (0, 7), B, "[name]({B}) and so on"),
        # What is no link, or the piece of one.
        ("{A}", (0, 99), "a comment |of a line", "{A}\na comment |of a line"),
        ("{A}", (0, 11), "a comment", "{A}\na comment"),
        ("see {A}", (0, 3), " it at", "see it at {A}"),
        ("curl {A}", (0, 99), " -o a", "curl {A} -o a"),
        ("x", (0, 99), "y z", "xy z"),
        ("{A}", (0, 99), ".sig", "{A}.sig"),
        ("{A}", (0, 99), "?next=https://c.example/", "{A}?next=https://c.example/"),
        ("https", (0, 99), "://b.example/b.iso", "{B}"),
    ],
)
async def test_a_paste_beside_a_text(
    there: str, at: tuple[int, int], pasted: str, becomes: str
) -> None:
    async with running() as ui:
        await ui.press("a")
        box(ui).text = there.format(A=A)
        box(ui).move_cursor(at)
        await ui.paste(pasted)
        assert box(ui).text == becomes.format(A=A, B=B)


async def test_a_paste_in_place_of_a_line_stays_in_its_place() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.paste(f"{A}\n{A}")
        await ui.press("shift+home")
        await ui.paste(B)
        assert box(ui).text == f"{A}\n{B}"


async def test_what_was_copied_here_is_pasted_as_a_line_too() -> None:
    async with running() as ui:
        await ui.press("a")
        ui.app.copy_to_clipboard(A)
        await ui.press("ctrl+v", "ctrl+v")
        assert box(ui).text == f"{A}\n{A}"


async def test_a_link_that_is_pasted_into_a_header_stays_in_its_line() -> None:
    async with running() as ui:
        await ui.press("a", "ctrl+o")
        await ui.until(lambda: ui.app.screen.query("#headers"))
        ui.app.screen.query_one("#headers").focus()
        await ui.press(*"referer:")
        await ui.paste(A)
        assert ui.app.screen.query_one("#headers", TextArea).text == f"referer:{A}"


# Over other screens.

OPEN = [
    pytest.param(["comma"], "─ Settings ─", id="settings"),
    pytest.param(["H"], "─ History", id="history"),
    pytest.param(["L"], "─ Log", id="log"),
    pytest.param(["ctrl+t"], "─ Theme", id="themes"),
    pytest.param(["x"], "Cancel", id="question"),
    pytest.param(["f1", "tab"], "─ Keys ─", id="help"),
    pytest.param(["e", "shift+tab"], "─ Edit", id="edit"),
]
KEPT = "The paste is kept until the list is back"


@pytest.mark.parametrize(("keys", "title"), OPEN)
async def test_what_is_pasted_over_another_screen_comes_when_the_list_is_back(
    keys: list[str], title: str
) -> None:
    async with running([BIG]) as ui:
        await ui.press(*keys)
        await ui.until(lambda: title in ui.text and not ui.app.takes_letters)
        over = ui.app.screen
        await ui.paste(A)
        await ui.paste(f"{B}\n")
        assert ui.toasts == [KEPT]
        assert ui.app.screen is over
        await ui.press("escape")
        await ui.until(lambda: "2 new" in ui.text)
        assert box(ui).text == f"{A}\n{B}\n"
        assert ui.engine.calls == []


async def test_it_is_added_then_where_the_settings_say_so() -> None:
    async with running([BIG], paste="add") as ui:
        await ui.press("x")
        await ui.paste(A)
        assert ui.toasts == [KEPT]
        assert not ui.engine.added
        await ui.press("escape")
        await ui.until(lambda: urls(ui.engine) == [A])
        assert ui.app.screen is ui.main


async def test_it_waits_for_a_larger_window_as_well() -> None:
    async with running([BIG]) as ui:
        await ui.press("x")
        await ui.paste(A)
        await ui.pilot.resize_terminal(39, 9)
        await ui.press("escape")
        await ui.until(lambda: ui.app.screen is ui.main)
        assert ui.lines[0].startswith("window too small (40x10), paste kept")
        await ui.pilot.resize_terminal(80, 24)
        await ui.until(lambda: "1 new" in ui.text)


async def test_it_is_not_lost_unasked() -> None:
    async with running([download(1)]) as ui:
        await ui.press("L")
        await ui.paste(A)
        await ui.press("ctrl+q")
        assert "1 line in the add dialog (a) is not added and would be lost." in question(ui)


async def test_the_dialog_that_was_asked_for_is_not_covered_by_a_paste_that_waits() -> None:
    async with running([download(1)]) as ui:
        await ui.press("f1", *"settings")
        await ui.until(lambda: "setting" in ui.text)
        await ui.press("tab")
        await ui.paste(A)
        assert ui.toasts == [KEPT]
        await ui.press("shift+tab", "enter")
        await ui.until(lambda: "─ Settings ─" in ui.text)
        await ui.press("escape")
        await ui.until(lambda: "1 new" in ui.text)


@pytest.mark.parametrize("key", ["s", "y"])
async def test_a_menu_of_one_line_gives_way_to_a_paste(key: str) -> None:
    async with running([download(1)]) as ui:
        await ui.press(key)
        await ui.until(lambda: isinstance(ui.app.screen, MenuScreen))
        await ui.paste(A)
        await ui.paste(B)
        await ui.until(lambda: "2 new" in ui.text)
        assert ui.toasts == []
        await ui.press("escape")
        assert ui.app.screen is ui.main


async def test_a_field_keeps_what_is_pasted_into_it() -> None:
    async with running([BIG]) as ui:
        await ui.press("slash")
        await ui.paste("https://a.example")
        await ui.until(lambda: ui.desk.lens.wanted.text == "https://a.example")
        await ui.press("escape", "e")
        await ui.until(lambda: ui.app.screen.query("#headers"))
        headers = ui.app.screen.query_one("#headers", TextArea)
        headers.focus()
        await ui.paste("referer: https://a.example")
        assert headers.text == "referer: https://a.example"
        await ui.press("escape")
        assert ui.app.screen is ui.main
        assert ui.toasts == []
