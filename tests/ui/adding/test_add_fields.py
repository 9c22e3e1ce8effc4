"""The add dialog: duplicates, and the fields behind More."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.widgets import Label, Static, TextArea

from tests.ui.add_dialog import box, field, focused, preview, urls
from tests.ui.fake_engine import Added, download
from tests.ui.running import Ui, running
from tui_downloader.model.download import DownloadRequest, OnConflict
from tui_downloader.model.proxy import Proxy
from tui_downloader.model.status import Status
from tui_downloader.ui.screens.add import AddScreen
from tui_downloader.ui.screens.ask import AskScreen, Choice
from tui_downloader.ui.widgets.add_fields import AddFields
from tui_downloader.ui.widgets.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.dom import DOMNode

A, B, C = "https://a.example/a.iso", "https://b.example/b.iso", "https://c.example/c.iso"


async def fill(ui: Ui, **values: str) -> None:
    """Type into fields, and into the one for headers."""
    if not ui.app.screen.query("#folder"):
        await ui.press("ctrl+o")
    for name, value in values.items():
        typed = ui.app.screen.query_one(f"#{name}")
        if isinstance(typed, TextArea):
            typed.text = value
        else:
            field(ui, name).value = value
    await ui.pilot.pause()


def is_on(ui: Ui, screen: type) -> Callable[[], bool]:
    return lambda: isinstance(ui.app.screen, screen)


async def test_opening_the_fields_works_out_the_styles_of_each_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    styled: list[object] = []
    apply = Stylesheet.apply

    def noting(sheet: Stylesheet, node: DOMNode, **options: Any) -> None:
        styled.append(node)
        apply(sheet, node, **options)

    async with running() as ui:
        await ui.press("a")
        monkeypatch.setattr(Stylesheet, "apply", noting)
        await ui.press("ctrl+o")
        labels = [*ui.app.screen.query(AddFields).first().query(Label)]
        assert {styled.count(label) for label in labels} == {1}


# Duplicates.


async def asked(ui: Ui, text: str) -> None:
    """Paste a text with duplicates in it and ask for it to be added."""
    await ui.paste(text)
    await ui.until(lambda: "duplicate" in ui.text)
    await ui.press("f2")
    await ui.until(is_on(ui, AskScreen))


async def test_the_question_is_asked_once_for_all(tmp_path: Path) -> None:
    (tmp_path / "c.iso").touch()
    known = [download(1, url=B), download(2, url="https://d.example/d.iso")]
    async with running(known, size=(120, 30)) as ui:
        await asked(ui, f"{A}\n{B}\nhttps://d.example/d.iso\n{C}\n  dir={tmp_path}")
        assert "3 of 4 are there already, 2 in the list and 1 on disk." in ui.text
        await ui.press("n")
        await ui.until(lambda: ui.engine.added)
        assert urls(ui.engine) == [A, B, "https://d.example/d.iso", C]
        assert {request.on_conflict for request in ui.engine.added} == {OnConflict.RENAME}
        await ui.until(lambda: "Added 4" in ui.text)


async def test_the_question_names_the_only_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "c.iso").touch()
    async with running([download(1, url=B)], size=(120, 30)) as ui:
        await asked(ui, f"{A}\n{B}")
        assert "1 of 2 is there already, in the list: b.iso" in ui.text
        await ui.press("escape", "escape")
        await asked(ui, f"{A}\n{C}\n  dir={tmp_path}")
        assert "1 of 2 is there already, on disk: c.iso" in ui.text
        await ui.press("escape", "escape")
        await asked(ui, f"{C}\n  dir={tmp_path}")
        assert "│  c.iso in " in ui.text
        assert "on disk already." in ui.text


async def test_an_empty_box_says_what_it_takes() -> None:
    offer = "links, one a line; or a curl command, or the path of a list"
    async with running() as ui:
        await ui.press("a")
        await ui.until(lambda: offer in ui.text)
        await ui.press("x")
        assert offer not in ui.text


async def test_duplicates_are_skipped() -> None:
    async with running([download(1, url=B)]) as ui:
        await asked(ui, f"{A}\n{B}")
        await ui.press("s")
        await ui.until(lambda: "Added 1, skipped 1" in ui.text)
        assert urls(ui.engine) == [A]
        assert ui.engine.calls == []


async def test_when_only_duplicates_are_skipped_nothing_is_added() -> None:
    async with running([download(1, url=A)]) as ui:
        await asked(ui, A)
        assert "file-1.bin in /downloads is in the list already." in ui.text
        await ui.press("s")
        await ui.until(lambda: "Nothing added: 1 is there already" in ui.text)
        assert ui.app.screen is ui.main
        assert ui.engine.adds == []


@pytest.mark.parametrize(
    ("status", "follows"),
    [(Status.COMPLETED, "restart"), (Status.FAILED, "resume"), (Status.DOWNLOADING, "resume")],
)
async def test_a_duplicate_is_replaced_in_its_place(status: Status, follows: str) -> None:
    async with running([download(1, status, url=B)]) as ui:
        await asked(ui, f"curl {B} -H 'a: b'")
        await ui.press("r")
        await ui.until(lambda: "Replaced 1" in ui.text)
        headers = (("a", "b"),)
        wanted = DownloadRequest(B, "/downloads", headers=headers, on_conflict=OnConflict.OVERWRITE)
        assert ui.engine.calls == [("edit", 1, wanted), (follows, 1)]
        assert ui.engine.adds == []


@pytest.mark.parametrize("policy", OnConflict)
async def test_a_file_is_replaced_only_when_that_was_the_answer(
    tmp_path: Path, policy: OnConflict
) -> None:
    (tmp_path / "a.iso").touch()
    async with running(on_conflict=policy) as ui:
        await asked(ui, f"{A}\n  dir={tmp_path}\n{B}")
        assert "= a.iso" in preview_behind(ui)
        await ui.press("r")
        await ui.until(lambda: ui.engine.added)
        answers = {request.url: request.on_conflict for request in ui.engine.added}
        assert answers == {A: OnConflict.OVERWRITE, B: policy}


def preview_behind(ui: Ui) -> str:
    return ui.app.screen_stack[-2].query_one(Preview).text


async def test_esc_at_the_question_goes_back_to_the_dialog() -> None:
    async with running([download(1, url=A)]) as ui:
        await asked(ui, A)
        await ui.press("escape")
        assert isinstance(ui.app.screen, AddScreen)
        assert box(ui).text == A
        assert (ui.engine.calls, ui.engine.adds) == ([], [])


# The fields behind "More".


async def test_the_fields_are_shown_and_used(tmp_path: Path) -> None:
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        assert "start paused" not in ui.text
        await ui.press("ctrl+o")
        await ui.until(lambda: focused(ui) == "folder")
        await fill(
            ui, folder=f"{tmp_path}/new", name="renamed.iso", checksum="0" * 64, connections="4",
            limit="2M", user="me", password="s3cret", proxy="p.example:3128",
            headers="A: b\n\nCookie: c=d\n",
        )  # fmt: skip
        await ui.pilot.click("#paused")
        await ui.pilot.click("#first")
        await ui.until(lambda: "2.00 MB/s each" in ui.text)
        assert "sha-256" in ui.text
        assert "s3cret" not in ui.text
        await ui.press("f2")
        await ui.until(lambda: ui.engine.adds)
        (added,) = ui.engine.adds
        assert (added.paused, added.first) == (True, True)
        (request,) = added.requests
        assert request.checksum is not None
        assert request == DownloadRequest(
            A,
            str(tmp_path / "new"),
            name="renamed.iso",
            headers=(("A", "b"), ("Cookie", "c=d")),
            credentials=("me", "s3cret"),
            checksum=request.checksum,
            limit_bytes_per_s=2_000_000,
            connections=4,
            proxy=Proxy("http://p.example:3128"),
        )
        assert request.checksum.algorithm == "sha-256"


async def test_a_name_that_is_typed_is_the_one_that_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "taken.iso").touch()
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await ui.until(lambda: "✓ a.iso" in preview(ui))
        await fill(ui, folder=str(tmp_path), name="free?.iso")
        await ui.until(lambda: "✓ free_.iso" in preview(ui))
        await fill(ui, name="taken.iso")
        await ui.until(lambda: "= taken.iso" in preview(ui) and "file exists" in preview(ui))
        await ui.press("f2")
        await ui.until(is_on(ui, AskScreen))
        assert "Added besides, it will be taken (1).iso." in ui.text
        await ui.press("r")
        await ui.until(lambda: ui.engine.added)
        (request,) = ui.engine.added
        assert (request.name, request.on_conflict) == ("taken.iso", OnConflict.OVERWRITE)


async def test_a_name_is_for_a_single_link() -> None:
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await ui.until(lambda: "✓ a.iso" in preview(ui))
        await fill(ui, name="mine.iso")
        await ui.until(lambda: "✓ mine.iso" in preview(ui))
        box(ui).text = f"{A}\n{B}"
        await ui.until(lambda: "✓ a.iso" in preview(ui) and "✓ b.iso" in preview(ui))


async def test_an_impossible_folder_is_refused_before_anything_is_added(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await fill(ui, folder=f"{tmp_path}/file", name="renamed.iso")
        await ui.press("f2")
        await ui.until(lambda: "/file cannot be made" in ui.text)
        assert focused(ui) == "folder"
        assert ui.engine.adds == []
        assert field(ui, "name").value == "renamed.iso"


async def test_what_is_not_typed_is_as_the_settings_say() -> None:
    async with running(on_conflict=OnConflict.SKIP) as ui:
        await ui.paste(A)
        await ui.press("ctrl+o", "f2")
        await ui.until(lambda: ui.engine.adds)
        wanted = DownloadRequest(A, "/downloads", on_conflict=OnConflict.SKIP)
        assert ui.engine.adds == [Added((wanted,), paused=False, first=False)]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("checksum", "nonsense", "a checksum is ALGORITHM=HEX"),
        ("checksum", "0" * 63, "63 hexadecimal digits fit no known checksum"),
        ("name", "sub/b.iso", "a name is no path"),
        ("connections", "65", "connections are a whole number up to 64"),
        ("connections", "many", "connections are a whole number up to 64"),
        ("limit", "fast", "is not a rate"),
        ("proxy", "socks5://p:1", "only http and https proxies are supported"),
        ("start", "soon", "is not a time such as"),
    ],
)
async def test_a_field_that_makes_no_sense_is_explained(name: str, value: str, words: str) -> None:
    async with running(size=(140, 40)) as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await fill(ui, **{name: value})
        await ui.press("f2")
        total = ui.app.screen.query_one("#total")
        await ui.until(lambda: total.has_class("-error"))
        assert words in ui.text
        await ui.until(lambda: focused(ui) == name)
        assert ui.engine.adds == []


async def test_a_start_is_told_while_it_is_typed_and_holds_for_what_is_added() -> None:
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await fill(ui, start="25:00")
        await ui.until(lambda: "no time to come" in ui.text)
        await fill(ui, start="2099-01-02 03:04")
        await ui.until(lambda: "2099-01-02 03:04" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: ui.engine.adds)
        (request,) = ui.engine.adds[0].requests
        assert (
            request.start_at == datetime.fromisoformat("2099-01-02T03:04").astimezone().timestamp()
        )


@pytest.mark.parametrize(
    ("name", "hint"), [("sub/b.iso", "no usable name"), ("a:b.iso", "will be a_b.iso")]
)
async def test_what_becomes_of_a_name_is_told_while_it_is_typed(name: str, hint: str) -> None:
    async with running(size=(80, 24)) as ui:
        await ui.paste(A)
        await fill(ui, name=name)
        await ui.until(lambda: hint in ui.text)


async def test_a_header_that_makes_no_sense_is_explained() -> None:
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await fill(ui, headers="nonsense")
        await ui.press("f2")
        await ui.until(lambda: "a header is written Name: value" in ui.text)
        assert ui.engine.adds == []


async def test_a_name_is_for_one_link_only() -> None:
    async with running(size=(120, 40)) as ui:
        await ui.paste(f"{A}\n{B}")
        await ui.until(lambda: "2 new" in ui.text)
        await fill(ui, checksum="nonsense", name="sub/b.iso")
        lines = [line for line in ui.lines if "one link only" in line]
        assert [line.split()[1] for line in lines] == ["Name", "Checksum"]
        assert field(ui, "name").disabled
        assert field(ui, "checksum").disabled
        await ui.press("f2")
        await ui.until(lambda: len(ui.engine.added) == 2)


async def test_the_folder_is_completed_with_tab_and_the_preview_follows(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    (tmp_path / "music" / "a.iso").touch()
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await ui.press("ctrl+o")
        field(ui, "folder").value = f"{tmp_path}/mu"
        await ui.press("tab")
        await ui.until(lambda: field(ui, "folder").value == f"{tmp_path}/music/")
        assert focused(ui) == "folder"
        await ui.until(lambda: "file exists" in ui.text)
        await ui.press("tab")
        await ui.until(lambda: focused(ui) == "name")


async def test_tab_shows_which_folders_begin_with_what_was_typed(tmp_path: Path) -> None:
    for name in ("music-new", "music-old"):
        (tmp_path / name).mkdir()
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await ui.press("ctrl+o")
        field(ui, "folder").value = f"{tmp_path}/mu"
        await ui.press("tab")
        await ui.until(lambda: "music-new  music-old" in ui.text)
        assert field(ui, "folder").value == f"{tmp_path}/music-"
        assert focused(ui) == "folder"
        await ui.pilot.press("n")
        await ui.until(lambda: "tab completes" in ui.text)
        await ui.press("tab")
        await ui.until(lambda: field(ui, "folder").value == f"{tmp_path}/music-new/")
        await ui.press("tab")
        await ui.until(lambda: focused(ui) == "name")


async def test_tab_leaves_a_folder_that_was_not_typed_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    async with running([download(1, folder=str(tmp_path))], size=(120, 40)) as ui:
        await ui.press("a", "ctrl+o", "down")
        assert field(ui, "folder").value == str(tmp_path)
        await ui.press("tab")
        assert (focused(ui), field(ui, "folder").value) == ("name", str(tmp_path))


async def test_the_folders_used_before_are_offered() -> None:
    known = [
        download(1, folder="/old"),
        download(2, folder="/downloads"),
        download(3, folder="/new"),
    ]
    async with running(known, size=(120, 40)) as ui:
        await ui.paste(A)
        await ui.press("ctrl+o")
        await ui.until(lambda: "down: /new" in ui.text)
        assert field(ui, "folder").value == "/downloads"
        await ui.press("down")
        assert field(ui, "folder").value == "/new"
        await ui.press("down")
        assert field(ui, "folder").value == "/old"
        await ui.press("up", "f2")
        await ui.until(lambda: ui.engine.added)
        assert ui.engine.added == [DownloadRequest(A, "/new")]


async def test_more_opens_and_closes_and_takes_the_cursor_along() -> None:
    async with running(size=(80, 24)) as ui:
        await ui.press("a")
        await ui.press("ctrl+o")
        await ui.until(lambda: focused(ui) == "folder")
        await ui.press("ctrl+o")
        await ui.until(lambda: focused(ui) == "links")
        assert "Folder" not in ui.text


async def test_every_field_can_be_reached_in_a_usual_window() -> None:
    async with running(size=(80, 24)) as ui:
        await ui.press("a", "ctrl+o")
        await ui.press("shift+tab", "tab")
        seen = []
        for _ in range(14):
            seen.append(focused(ui))
            assert ui.app.focused is not None
            assert ui.app.focused.region.height > 0
            await ui.press("tab")
            await ui.pilot.pause(0.05)
        assert seen == [
            "folder", "name", "checksum", "connections", "limit", "start", "headers", "user",
            "password", "proxy", "paused", "first", "add-button", "links",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("p:1", ""), ("none", "not the environment's"), ("p:x", "no usable proxy")],
)
async def test_what_becomes_of_a_proxy_is_told_while_it_is_typed(typed: str, hint: str) -> None:
    async with running(size=(120, 40)) as ui:
        await ui.paste(A)
        await ui.press("ctrl+o")
        await fill(ui, proxy=typed)
        told = ui.app.screen.query_one("#proxy-hint", Static)
        await ui.until(lambda: str(told.content) == hint)


@pytest.mark.parametrize("size", [(50, 14), (40, 10)])
async def test_the_dialog_works_in_a_small_window(size: tuple[int, int]) -> None:
    async with running(size=size) as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: ui.engine.added)
        assert urls(ui.engine) == [A]


async def test_a_preview_that_comes_late_does_not_stop_what_is_being_added() -> None:
    async with running() as ui:
        await ui.paste(A)
        await ui.until(lambda: "1 new" in ui.text)
        dialog = ui.app.screen
        assert isinstance(dialog, AddScreen)
        dialog.action_submit()
        dialog._look()
        await ui.until(lambda: urls(ui.engine) == [A])


async def test_enter_leads_from_a_user_to_the_password_and_adds_from_every_other_field() -> None:
    async with running() as ui:
        await ui.paste(A)
        await fill(ui, user="ann")
        field(ui, "user").focus()
        await ui.press("enter")
        assert focused(ui) == "password"
        assert not ui.engine.adds
        await ui.press("tab", "tab", "space")
        assert "enter adds" in ui.text
        await ui.press("enter")
        await ui.until(lambda: urls(ui.engine) == [A])
        assert ui.engine.adds[0].paused


@pytest.mark.parametrize("width", [60, 80, 100, 120])
async def test_a_question_leaves_the_frame_of_the_dialog_whole(width: int) -> None:
    async with running(size=(width, 24)) as ui:
        await ui.press("a")
        await ui.until(is_on(ui, AddScreen))
        ui.app.push_screen(
            AskScreen("what is asked in many words " * 9, (Choice(("s",), "skip", ""),))
        )
        await ui.until(lambda: "s skip" in ui.text)
        top, *inside = ui.lines[1:17]
        for corner in (top.index("╭"), top.rindex("╮")):
            assert {line[corner] for line in inside} == {"│"}


async def test_the_preview_names_the_proxy_that_is_typed_for_all_links() -> None:
    async with running() as ui:
        await ui.press("a")
        await ui.paste("https://a.example/a.iso\ncurl -x own.example:1 https://b.example/b.iso")
        await ui.until(lambda: "via proxy own.example:1" in preview(ui))
        await fill(ui, proxy="p.example:3128")
        await ui.until(lambda: preview(ui).count("via proxy p.example:3128") == 2)
        assert "own.example" not in preview(ui)
        await fill(ui, proxy="p.example:x")
        await ui.until(lambda: "via proxy own.example:1" in preview(ui))
        assert "p.example" not in preview(ui)
