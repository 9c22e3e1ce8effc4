"""Where a paste goes: in the dialog, beside what is there already, and over everything else."""

from __future__ import annotations

import pytest
from textual.widgets import TextArea

from tests.ui.add_dialog import box, urls
from tests.ui.running import running

A, B = "https://a.example/a.iso", "https://b.example/b.iso"


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
        # Within a line, and what is no link.
        ("x {A}", (0, 1), B, "x{B} {A}"),
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
