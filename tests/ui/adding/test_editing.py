"""Editing a download: what the dialogs show, refuse, and ask of the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input, TextArea

from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import Ui, running
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Details, DownloadRequest
from tui_downloader.model.errors import Failure
from tui_downloader.model.proxy import DIRECT, Proxy
from tui_downloader.model.status import Status
from tui_downloader.ui.adding.editing import (
    FieldError,
    edited,
    fields_of,
    read_digest,
    read_link,
    with_link,
)
from tui_downloader.ui.widgets.check import Check

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://host1.example/files/file-1.bin"
SECRET = DownloadRequest(
    URL,
    "/downloads",
    headers=(("Cookie", "session=1"), ("Referer", "https://page.example/")),
    credentials=("me", "pass word"),
    limit_bytes_per_s=2_000_000,
    connections=4,
)
RUNNING = download(1, Status.DOWNLOADING, done_bytes=5_000, total_bytes=10_000, heard_at=NOW)
DONE = download(1, Status.COMPLETED, done_bytes=10, total_bytes=10)
SHA256 = "ab" * 32


def failed(code: str) -> Any:
    return download(1, Status.FAILED, failure=Failure(code, "it failed"))


def engine_with(row: Any, request: DownloadRequest = SECRET) -> FakeEngine:
    engine = FakeEngine([row])
    engine.requests[1] = request
    return engine


async def fill(ui: Ui, field: str, text: str) -> None:
    ui.app.screen.query_one(f"#{field}", Input).value = text
    await ui.pilot.pause()


# The fields, without a screen.


def test_what_is_not_touched_stays_as_it_was() -> None:
    before = fields_of(SECRET, "file-1.bin", NOW)
    assert edited(SECRET, before, before, NOW) == SECRET


def test_secrets_are_not_written_into_the_fields() -> None:
    headers = fields_of(SECRET, "x", NOW).headers
    assert headers == "Cookie: ***\nReferer: https://page.example/"


def test_a_masked_header_keeps_its_value_and_another_value_replaces_it() -> None:
    before = fields_of(SECRET, "x", NOW)
    after = before._replace(headers="Cookie: ***\nX-Token: 7")
    assert edited(SECRET, before, after, NOW).headers == (("Cookie", "session=1"), ("X-Token", "7"))
    after = before._replace(headers="Cookie: new=2")
    assert edited(SECRET, before, after, NOW).headers == (("Cookie", "new=2"),)


def test_a_proxy_is_shown_without_its_login_and_changed() -> None:
    request = replace(SECRET, proxy=Proxy("http://p.example:3128", ("me", "s3cret")))
    before = fields_of(request, "x", NOW)
    assert before.proxy == "***@p.example:3128"
    assert edited(request, before, before._replace(name="y"), NOW).proxy == request.proxy
    for text, proxy in (("", None), ("none", DIRECT), ("q:1", Proxy("http://q:1"))):
        assert edited(request, before, before._replace(proxy=text), NOW).proxy == proxy


def test_every_field_changes_its_part_of_the_request() -> None:
    before = fields_of(SECRET, "file-1.bin", NOW)
    after = before._replace(
        name="new.bin",
        folder="sub",
        limit="500K",
        connections="8",
        headers="",
        user="you",
        password="",
        proxy="p.example:3128",
        unproven=(URL, "https://far.example:444"),
    )
    assert edited(SECRET, before, after, NOW) == DownloadRequest(
        URL,
        "/downloads/sub",
        name="new.bin",
        limit_bytes_per_s=500_000,
        connections=8,
        credentials=("you", ""),
        insecure=True,
        trusted=("https://far.example:444",),
        proxy=Proxy("http://p.example:3128"),
    )


def test_empty_fields_take_limits_and_login_away() -> None:
    before = fields_of(SECRET, "file-1.bin", NOW)
    after = before._replace(limit="", connections="", user="", password="")
    wanted = edited(SECRET, before, after, NOW)
    assert (wanted.limit_bytes_per_s, wanted.connections, wanted.credentials) == (None, 0, None)
    assert fields_of(wanted, "x", NOW) == after._replace(name="x")
    named = replace(SECRET, name="file-1.bin")
    assert edited(named, before, before._replace(name=" "), NOW).name is None
    alone = before._replace(user="", password="pw")
    assert edited(SECRET, before, alone, NOW).credentials == ("", "pw")


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("name", "sub/file.bin", "no path"),
        ("name", "sub\\file.bin", "no path"),
        ("name", "...", "nothing of this name"),
        ("limit", "fast", "rate such as"),
        ("connections", "65", "up to 64"),
        ("connections", "many", "up to 64"),
        ("headers", "no colon", "Name: value"),
        ("folder", " ", "needs a folder"),
        ("proxy", "socks5://p:1", "only http and https"),
        ("start", "soon", "a time such as"),
    ],
)
def test_a_field_that_makes_no_sense_is_named(field: str, text: str, words: str) -> None:
    before = fields_of(SECRET, "x", NOW)
    change: dict[str, Any] = {field: text}
    with pytest.raises(FieldError, match=words) as raised:
        edited(SECRET, before, before._replace(**change), NOW)
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("url", "keeps_secrets"),
    [
        ("https://host1.example/other", True),
        ("https://HOST1.example:443/other", True),
        ("http://host1.example/other", False),
        ("https://host1.example:444/other", False),
        ("https://host2.example/other", False),
    ],
)
def test_secrets_stay_with_the_place_they_were_given_for(url: str, keeps_secrets: bool) -> None:
    request = replace(SECRET, insecure=True, trusted=("https://far.example",))
    wanted = with_link(request, read_link(url))
    assert wanted.url == url
    assert bool(wanted.headers) is keeps_secrets
    assert bool(wanted.credentials) is keeps_secrets
    assert wanted.insecure is keeps_secrets
    assert bool(wanted.trusted) is keeps_secrets
    assert wanted.limit_bytes_per_s == 2_000_000


def test_the_proxy_stays_for_a_new_address_unless_that_brings_its_own() -> None:
    request = replace(SECRET, proxy=DIRECT)
    assert with_link(request, read_link("https://host2.example/x")).proxy == DIRECT
    link = read_link("curl -x p:1 https://host2.example/x")
    assert with_link(request, link).proxy == Proxy("http://p:1")


def test_a_login_in_the_new_address_is_taken() -> None:
    wanted = with_link(SECRET, read_link("https://you:word@host2.example/x"))
    assert (wanted.url, wanted.credentials) == ("https://host2.example/x", ("you", "word"))


def test_headers_of_the_new_address_replace_those_of_the_old_one() -> None:
    link = read_link("curl -H 'x-a: 1' https://host1.example/x")
    assert with_link(SECRET, link).headers == (("x-a", "1"),)


def test_a_copied_command_may_accept_any_certificate_of_its_address() -> None:
    assert with_link(SECRET, read_link("curl -k https://host2.example/x")).insecure


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "paste the new address"),
        ("ftp://x/y", "ftp:// is not supported"),
        ("https://a.example/1 https://a.example/2", "more than one address"),
    ],
)
def test_what_is_not_one_link_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_link(text)


@pytest.mark.parametrize(
    ("text", "checksum"),
    [
        (SHA256, Checksum("sha-256", SHA256)),
        (f"{SHA256}  file.iso", Checksum("sha-256", SHA256)),
        (f"\\{SHA256}  odd\\nname.iso", Checksum("sha-256", SHA256)),
        (f"sha256:{SHA256}", Checksum("sha-256", SHA256)),
        (f"SHA256 = {SHA256}", Checksum("sha-256", SHA256)),
        ("d41d8cd98f00b204e9800998ecf8427e", Checksum("md5", "d41d8cd98f00b204e9800998ecf8427e")),
        ("  ", None),
    ],
)
def test_the_algorithm_is_told_by_the_length(text: str, checksum: Checksum | None) -> None:
    assert read_digest(text) == checksum


@pytest.mark.parametrize("later_s", [90.0, 3_000_000.0])
def test_a_start_that_was_not_touched_stays_to_the_second(later_s: float) -> None:
    request = replace(SECRET, start_at=NOW + later_s)
    before = fields_of(request, "x", NOW)
    assert before.start
    assert edited(request, before, before._replace(limit="1M"), NOW).start_at == NOW + later_s
    assert edited(request, before, before._replace(start=""), NOW).start_at is None
    assert edited(request, before, before._replace(start="in 2h"), NOW).start_at == NOW + 7200


def test_a_start_that_has_passed_is_not_shown() -> None:
    assert fields_of(replace(SECRET, start_at=NOW - 1), "x", NOW).start == ""


# The edit dialog.


async def test_the_dialog_shows_what_is_wanted_now_and_no_secret() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e")
        for words in ("file-1.bin", "/downloads", "2M", "Cookie: ***", "me", "host1.example"):
            assert words in ui.text
        assert "session" not in ui.text
        assert "pass word" not in ui.text


async def test_what_is_changed_is_asked_of_the_engine() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e")
        await fill(ui, "user", "you")
        await fill(ui, "limit", "1M")
        await ui.press("f2")
        wanted = replace(SECRET, credentials=("you", "pass word"), limit_bytes_per_s=1_000_000)
        assert ui.engine.calls == [("edit", 1, wanted)]
        await ui.until(lambda: "Changed file-1.bin" in ui.text)


async def test_a_proxy_is_changed_and_a_wrong_one_is_said_at_once() -> None:
    request = replace(SECRET, proxy=Proxy("http://p.example:3128", ("me", "s3cret")))
    async with running(engine=engine_with(RUNNING, request)) as ui:
        await ui.press("e")
        assert "***@p.example:3128" in ui.text
        assert "s3cret" not in ui.text
        await fill(ui, "proxy", "socks5://q:1")
        await ui.until(lambda: "only http and https proxies" in ui.text)
        await fill(ui, "proxy", "q.example:1")
        await ui.press("f2")
        wanted = replace(request, proxy=Proxy("http://q.example:1"))
        assert ui.engine.calls == [("edit", 1, wanted)]


async def test_how_moving_a_file_went_is_for_the_engine_to_tell(tmp_path: Path) -> None:
    request = replace(SECRET, folder=str(tmp_path))
    engine = engine_with(DONE._replace(folder=str(tmp_path)), request)
    async with running(engine=engine) as ui:
        await ui.press("e")
        await fill(ui, "name", "other.bin")
        await ui.press("f2")
        wanted = replace(request, name="other.bin")
        await ui.until(lambda: ui.engine.calls == [("edit", 1, wanted)])
        assert ui.app.screen is ui.main
        assert not ui.toasts


async def test_a_name_that_a_running_file_is_about_to_have_is_the_one_to_edit(
    tmp_path: Path,
) -> None:
    request = replace(SECRET, folder=str(tmp_path))
    async with running(engine=engine_with(RUNNING, request)) as ui:
        await ui.press("e")
        await fill(ui, "name", "other.bin")
        await ui.press("f2")
        await ui.until(lambda: ui.engine.calls)
        await ui.press("e")
        assert ui.app.screen.query_one("#name", Input).value == "other.bin"


@pytest.mark.parametrize("status", list(Status))
async def test_of_a_finished_download_only_name_and_folder_are_left_to_edit(status: Status) -> None:
    async with running(engine=engine_with(download(1, status))) as ui:
        await ui.press("e")
        shown = [title for title in ("Name", "Folder", "Speed limit", "User") if title in ui.text]
        assert ("Speed limit" in shown, "User" in shown) == ((status is not Status.COMPLETED),) * 2
        assert shown[:2] == ["Name", "Folder"]
        await ui.press("f2")
        assert ui.engine.calls == []


async def test_moving_a_finished_file_leaves_all_else_as_it_was_asked_for(tmp_path: Path) -> None:
    engine = engine_with(DONE._replace(folder=str(tmp_path)), replace(SECRET, folder=str(tmp_path)))
    async with running(engine=engine) as ui:
        await ui.press("e")
        await fill(ui, "folder", str(tmp_path / "new"))
        await ui.press("f2")
        wanted = replace(SECRET, folder=str(tmp_path / "new"))
        await ui.until(lambda: ui.engine.calls == [("edit", 1, wanted)])


async def test_another_folder_is_completed_with_tab(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    engine = engine_with(RUNNING, replace(SECRET, folder=str(tmp_path)))
    async with running(engine=engine) as ui:
        await ui.press("e")
        await fill(ui, "folder", f"{tmp_path}/el")
        ui.app.screen.query_one("#folder").focus()
        await ui.press("tab")
        folder = ui.app.screen.query_one("#folder", Input)
        await ui.until(lambda: folder.value == f"{tmp_path}/elsewhere/")
        assert folder.has_focus


async def test_a_name_with_a_folder_in_it_is_refused() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e")
        await fill(ui, "name", "sub/other.bin")
        assert "a name is no path" in ui.text
        await ui.press("f2")
        assert "a name is no path" in ui.text
        assert ui.app.screen.query_one("#name", Input).has_focus
        assert ui.engine.calls == []


async def test_what_a_name_turns_into_is_said_while_it_is_typed() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e")
        await fill(ui, "name", "what?.bin")
        assert "the name will be what_.bin" in ui.text
        await fill(ui, "name", "what.bin")
        assert "the name will be" not in ui.text


async def test_a_name_that_is_taken_on_disk_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken.bin").touch()
    request = replace(SECRET, folder=str(tmp_path))
    engine = engine_with(DONE._replace(folder=str(tmp_path)), request)
    async with running(engine=engine) as ui:
        await ui.press("e")
        await fill(ui, "name", "taken.bin")
        await ui.press("f2")
        await ui.until(lambda: "taken.bin exists there; choose another name" in ui.text)
        assert ui.engine.calls == []


async def test_an_impossible_folder_is_refused_and_nothing_typed_is_lost(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    request = replace(SECRET, folder=str(tmp_path))
    engine = engine_with(DONE._replace(folder=str(tmp_path)), request)
    async with running(engine=engine, size=(120, 40)) as ui:
        await ui.press("e")
        await fill(ui, "name", "other.bin")
        await fill(ui, "folder", "file")
        await ui.press("f2")
        await ui.until(lambda: "cannot" in ui.text)  # where the sentence wraps, the path decides
        folder = ui.app.screen.query_one("#folder", Input)
        assert folder.has_focus
        assert ui.engine.calls == []
        folder.value = "new"
        await ui.press("f2")
        await ui.until(lambda: bool(ui.engine.calls))
        wanted = replace(request, name="other.bin", folder=str(tmp_path / "new"))
        assert ui.engine.calls == [("edit", 1, wanted)]


async def test_a_name_of_another_download_is_refused() -> None:
    engine = FakeEngine([RUNNING, download(2, name="soon.bin")])
    engine.requests[1] = SECRET
    async with running(engine=engine) as ui:
        await ui.press("e")
        await fill(ui, "name", "Soon.bin")
        await ui.press("f2")
        await ui.until(lambda: "another download has the name Soon.bin" in ui.text)
        assert ui.engine.calls == []


async def test_nothing_is_asked_when_nothing_changed_or_esc_is_pressed() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e", "enter")
        assert ui.app.screen is ui.main
        await ui.press("e")
        await fill(ui, "limit", "1M")
        await ui.press("escape")
        assert ui.engine.calls == []


async def test_a_wrong_field_is_said_at_once_and_keeps_the_dialog() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e")
        await fill(ui, "connections", "99")
        assert "up to 64" in ui.text
        await ui.press("f2")
        assert ui.app.screen.focused is not None
        assert ui.app.screen.focused.id == "connections"
        assert ui.engine.calls == []


async def test_a_wrong_start_is_said_at_once() -> None:
    async with running(engine=engine_with(download(1, Status.QUEUED))) as ui:
        await ui.press("e")
        await fill(ui, "start", "25:00")
        assert "'25:00' is not a time such as 02:00" in ui.text
        await fill(ui, "start", "in 2h")
        await ui.press("f2")
        wanted = ui.engine.requests[1]
        assert wanted.start_at is not None
        assert wanted == replace(SECRET, start_at=wanted.start_at)


async def test_headers_are_edited_one_a_line() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e")
        ui.app.screen.query_one("#headers", TextArea).text = "X-Token: 7"
        await ui.press("f2")
        assert ui.engine.calls == [("edit", 1, replace(SECRET, headers=(("X-Token", "7"),)))]


@pytest.mark.parametrize(
    ("code", "field"),
    [("tls", "unproven-0"), ("auth", "user"), ("disk-full", "folder"), ("http-404", "name")],
)
async def test_the_field_that_mends_the_failure_has_the_focus(code: str, field: str) -> None:
    async with running(engine=engine_with(failed(code))) as ui:
        await ui.press("e")
        assert ui.app.screen.focused is not None
        assert ui.app.screen.focused.id == field


@pytest.mark.parametrize(
    ("code", "message"),
    [("auth", "407 the proxy p:1 needs a login"), ("connect", "cannot reach the proxy p:1")],
)
async def test_for_a_fault_of_the_proxy_that_is_the_proxy(code: str, message: str) -> None:
    """Its login in the field of the user would go to the server."""
    shown = failed(code)._replace(failure=Failure(code, message))
    async with running(engine=engine_with(shown)) as ui:
        await ui.press("e")
        assert ui.app.screen.focused is not None
        assert ui.app.screen.focused.id == "proxy"


async def test_a_certificate_is_allowed_for_this_host_and_it_is_tried_again() -> None:
    async with running(engine=engine_with(failed("tls"))) as ui:
        await ui.press("e")
        assert "[ ] accept any certificate of host1.example" in ui.text
        await ui.press("space")
        assert "[x] accept any certificate of host1.example" in ui.text
        await ui.press("f2")
        assert ui.engine.calls[1:] == [("edit", 1, replace(SECRET, insecure=True)), ("resume", 1)]
        await ui.until(lambda: "trying again" in ui.text)


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (120, 40)])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_it_is_the_host_whose_certificate_failed(scheme: str, size: tuple[int, int]) -> None:
    """A redirect led there from one that proves who it is, or need not."""
    url, far = f"{scheme}://host1.example/1", "https://far.example:444"
    message = "the certificate of far.example:444 is self-signed"
    shown = failed("tls")._replace(url=url, failure=Failure("tls", message, "", far))
    request = replace(SECRET, url=url, insecure=scheme == "https")
    async with running(engine=engine_with(shown, request), size=size) as ui:
        assert "self-signed · e allow for this host" in ui.text
        await ui.press("e")
        assert "[ ] accept any certificate of far.example:444" in ui.text
        own = "[x] accept any certificate of host1.example" in ui.text
        assert own is (scheme == "https")
        await ui.press("space")
        assert "[x] accept any certificate of far.example:444" in ui.text
        await ui.press("f2")
        assert ui.engine.calls == [
            ("set_unchecked", frozenset({("https", "far.example", 444)})),
            ("edit", 1, replace(request, trusted=(far,))),
            ("resume", 1),
        ]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_that_ends_for_such_a_host_where_it_is_unticked(scheme: str) -> None:
    url, far = f"{scheme}://host1.example/1", "https://far.example:444"
    request = replace(SECRET, url=url, insecure=scheme == "https")
    engine = engine_with(RUNNING._replace(url=url), replace(request, trusted=(far,)))
    async with running(engine=engine) as ui:
        await ui.press("e")
        assert "[x] accept any certificate of far.example:444" in ui.text
        ui.app.screen.query(Check).last().value = False
        await ui.press("f2")
        assert ("edit", 1, request) in ui.engine.calls


@pytest.mark.parametrize("url", ["http://host1.example/1", "https://host1.example/1"])
async def test_without_a_certificate_to_allow_the_focus_is_in_sight(url: str) -> None:
    shown = failed("tls")._replace(url=url, failure=Failure("tls", "no TLS with far.example: eof"))
    async with running(engine=engine_with(shown, replace(SECRET, url=url))) as ui:
        await ui.press("e")
        focused = ui.app.screen.focused
        assert focused is not None
        assert focused.region
        assert ("accept any certificate" in ui.text) is url.startswith("https")
        assert ("space ticks" in ui.text) is url.startswith("https")


async def test_what_was_accepted_of_a_plain_link_stays_with_another_edit() -> None:
    request = replace(SECRET, url="http://host1.example/1", insecure=True)
    shown = RUNNING._replace(url=request.url)
    async with running(engine=engine_with(shown, request)) as ui:
        await ui.press("e", "tab", "tab", *"5M", "f2")
        assert ui.engine.requests[1].insecure


async def test_enter_on_the_certificate_saves_as_in_every_other_field() -> None:
    async with running(engine=engine_with(failed("tls"))) as ui:
        await ui.press("e")
        assert "space ticks · enter saves" in ui.text
        await ui.press("space", "enter")
        assert ui.engine.calls[1:] == [("edit", 1, replace(SECRET, insecure=True)), ("resume", 1)]


async def test_enter_after_a_user_asks_for_the_password_and_then_saves() -> None:
    request = replace(SECRET, credentials=None)
    async with running(engine=engine_with(failed("auth"), request)) as ui:
        await ui.press("e", *"ann", "enter")
        assert ui.app.screen.query_one("#password", Input).has_focus
        assert ui.engine.calls == []
        await ui.press(*"pw", "enter")
        wanted = replace(request, credentials=("ann", "pw"))
        assert ui.engine.calls == [("edit", 1, wanted), ("resume", 1)]


async def test_the_keys_that_save_are_those_of_the_field() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("e")
        assert "enter saves · tab move · esc back" in ui.text
        ui.app.screen.query_one("#headers", TextArea).focus()
        await ui.pilot.pause()
        assert "F2 saves · tab move · esc back" in ui.text


async def test_the_dialog_fits_the_smallest_usual_window() -> None:
    async with running(engine=engine_with(RUNNING), size=(80, 24)) as ui:
        await ui.press("e")
        assert "Save  F2" in ui.text
        assert "accept any certificate of host1.example" in ui.text
        assert "for all of its links here, and for new ones until you quit" in ui.text


async def test_where_there_is_no_certificate_none_can_be_accepted() -> None:
    request = replace(SECRET, url="http://host1.example/x")
    async with running(engine=engine_with(RUNNING, request)) as ui:
        await ui.press("e")
        assert "certificate" not in ui.text


# A new address.


async def test_a_new_address_keeps_the_bytes_and_tries_again() -> None:
    row = failed("http-403")._replace(kept_bytes=312_000_000)
    async with running(engine=engine_with(row)) as ui:
        await ui.press("u")
        assert "312 MB stay if the file is the same" in ui.text
        assert f"now {URL}" in ui.text
        await fill(ui, "field", "https://host1.example/new")
        await ui.press("enter")
        wanted = replace(SECRET, url="https://host1.example/new")
        assert ui.engine.calls == [("edit", 1, wanted), ("resume", 1)]


@pytest.mark.parametrize(
    "command",
    [
        "curl 'https://host1.example/new' \\\n  -H 'x-a: 1' \\\n  --compressed\n",
        "curl 'https://host1.example/new' \\\r\n  -H 'x-a: 1'",
        'curl ^"https://host1.example/new^" ^\n  -H ^"x-a: 1^"',
        'curl.exe "https://host1.example/new" `\n  -H "x-a: 1"',
    ],
)
async def test_a_new_address_may_be_a_command_of_several_lines(command: str) -> None:
    async with running(engine=engine_with(failed("http-403"))) as ui:
        await ui.press("u")
        await ui.paste(command)
        await ui.press("enter")
        wanted = replace(SECRET, url="https://host1.example/new", headers=(("x-a", "1"),))
        assert ui.engine.calls == [("edit", 1, wanted), ("resume", 1)]


async def test_several_pasted_addresses_are_too_many_for_one_file() -> None:
    async with running(engine=engine_with(failed("http-403"))) as ui:
        await ui.press("u")
        await ui.paste("https://host1.example/new\nhttps://host1.example/newer")
        await ui.press("enter")
        assert "that is more than one address" in ui.text
        assert ui.engine.calls == []


async def test_an_address_that_cannot_be_asked_is_explained() -> None:
    async with running(engine=engine_with(failed("http-404"))) as ui:
        await ui.press("u", *"ftp", "colon", "slash", "slash", *"x", "slash")
        assert "only http and https" in ui.text
        await ui.press("enter")
        assert "only http and https" in ui.text
        await ui.press("escape")
        assert ui.engine.calls == []


async def test_a_finished_file_needs_no_new_address() -> None:
    async with running(engine=engine_with(DONE)) as ui:
        await ui.press("u", "+")
        assert ui.app.screen is ui.main
        assert ui.engine.calls == []


# Checksums.


async def test_a_checksum_is_expected_of_what_still_runs() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("c")
        await fill(ui, "field", SHA256)
        assert "sha-256" in ui.text
        await ui.press("enter")
        wanted = replace(SECRET, checksum=Checksum("sha-256", SHA256))
        assert ui.engine.calls == [("edit", 1, wanted)]
        await ui.until(lambda: "sha256 is compared when" in ui.text)
        assert any(told.endswith("is complete · z undo") for told in ui.toasts)


async def test_a_finished_file_is_checked_at_once() -> None:
    engine = engine_with(DONE, replace(SECRET, checksum=Checksum("sha-256", SHA256, "Digest")))
    engine.details_by_id[1] = Details(computed_checksum=f"sha-256={'cd' * 32}")
    async with running(engine=engine) as ui:
        await ui.press("c")
        assert "enter checks the file now" in ui.text
        assert "expected by Digest" in ui.text
        assert "found" in ui.text
        assert "sha-256=cdcd" in ui.text
        await ui.press("enter")
        assert engine.calls == [("verify", 1)]


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (40, 16), (40, 10)])
@pytest.mark.parametrize("algorithm", ["sha-256", "sha-512"])
async def test_both_digests_are_shown_whole(size: tuple[int, int], algorithm: str) -> None:
    half = "0123456789abcdef" * (2 if algorithm == "sha-256" else 4)
    expected, found = f"{half}{half}", f"{half[::-1]}{half[::-1]}"
    engine = engine_with(DONE, replace(SECRET, checksum=Checksum(algorithm, expected, "you")))
    engine.details_by_id[1] = Details(computed_checksum=f"{algorithm}={found}")
    async with running(engine=engine, size=size) as ui:
        await ui.press("c")
        shown = ui.text
        for _ in range(12):  # to what a low window has no room for
            await ui.press("up")
            shown += f"\n{ui.text}"
        frame = f"{algorithm}="
        lines = (line.partition("│")[2] or line for line in shown.split("\n"))
        digits = "".join(line.strip("│ ▁▂▃▄▅▆▇█▔▎").removeprefix(frame) for line in lines)
        assert expected in digits
        assert found in digits
        assert "expected by you" in shown
        assert "found" in shown


async def test_the_field_with_a_digest_begins_at_its_beginning_and_typing_replaces_it() -> None:
    engine = engine_with(RUNNING, replace(SECRET, checksum=Checksum("sha-256", SHA256, "you")))
    async with running(engine=engine) as ui:
        await ui.press("c")
        field = ui.app.screen.query_one("#field", Input)
        await ui.until(lambda: field.has_focus)
        assert any(line.strip("│ ") == f"sha-256={SHA256}"[:67] for line in ui.lines)
        await ui.press("d")
        assert field.value == "d"


async def test_a_checksum_that_makes_no_sense_is_explained_and_not_taken() -> None:
    async with running(engine=engine_with(RUNNING)) as ui:
        await ui.press("c", *"abc", "enter")
        assert "3 hexadecimal digits fit no known checksum" in ui.text
        await ui.press("escape")
        assert ui.engine.calls == []


async def test_an_empty_field_expects_nothing() -> None:
    request = replace(SECRET, checksum=Checksum("sha-256", SHA256))
    async with running(engine=engine_with(RUNNING, request)) as ui:
        await ui.press("c")
        await fill(ui, "field", "")
        assert "nothing is checked" in ui.text
        await ui.press("enter")
        assert ui.engine.calls == [("edit", 1, SECRET)]


async def test_after_a_mismatch_what_is_kept_is_checked() -> None:
    async with running(engine=engine_with(failed("checksum"))) as ui:
        await ui.press("c")
        assert "enter checks the file now" in ui.text
        await fill(ui, "field", SHA256)
        await ui.press("enter")
        await ui.until(lambda: "Checking what is kept of file-1.bin · z undo" in ui.toasts)
        assert ui.engine.calls[-1] == ("verify", 1)


# Connections.

AUTOMATIC = replace(SECRET, connections=0)


@pytest.mark.parametrize(
    ("asked", "shown", "keys", "numbers"),
    [
        (4, 0, ["+"], [5]),
        (4, 0, ["-", "-"], [3, 2]),
        (0, 6, ["+"], [7]),
        (1, 0, ["-"], []),
        (40, 0, ["-"], [15]),
    ],
)
async def test_connections_are_counted_up_and_down(
    asked: int, shown: int, keys: list[str], numbers: list[int]
) -> None:
    request = replace(SECRET, connections=asked)
    row = RUNNING._replace(wanted_connections=shown)
    async with running(engine=engine_with(row, request)) as ui:
        await ui.press(*keys)
        calls = [("edit", 1, replace(request, connections=number)) for number in numbers]
        assert ui.engine.calls == calls
        await ui.until(lambda: "file-1.bin" in "".join(ui.toasts))


@pytest.mark.parametrize("status", [Status.PAUSED, Status.FAILED, Status.CANCELLED, Status.QUEUED])
async def test_what_finds_out_itself_how_many_pay_is_not_made_slower_by_more(
    status: Status,
) -> None:
    async with running(engine=engine_with(RUNNING._replace(status=status), AUTOMATIC)) as ui:
        await ui.press("+")
        assert ui.engine.calls == []
        await ui.until(lambda: "16 connections to one host are the most" in ui.toasts[-1])
        await ui.press("-")
        assert ui.engine.calls == [("edit", 1, replace(AUTOMATIC, connections=15))]
        told = "15 connections for file-1.bin, not automatic · z undo"
        await ui.until(lambda: told in ui.toasts)


async def test_a_burst_of_more_connections_is_one_deed_and_leads_back_to_automatic() -> None:
    row = RUNNING._replace(wanted_connections=4)
    async with running(engine=engine_with(row, AUTOMATIC)) as ui:
        await ui.press("+", "+", "+")
        await ui.until(lambda: "7 connections for file-1.bin · z undo" in ui.toasts)
        await ui.press("z")
        assert ui.engine.request_of(1) == AUTOMATIC
        await ui.until(lambda: "z Undo" not in ui.lines[-1])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "16 connections to one host are the most · setting connections_per_host (,)"),
        (
            {"connections_per_host": 32, "connections_total": 20},
            "20 connections in all are the most · setting connections_total (,)",
        ),
        (
            {"connections_per_host": 64, "connections_total": 64},
            "64 connections for one file are the most",
        ),
        (
            {"connections": 24},
            "24 connections to one host are the most · setting connections_per_host",
        ),
    ],
)
async def test_no_number_is_promised_beyond_a_bound_and_the_bound_is_named(
    settings: dict[str, Any], told: str
) -> None:
    request = replace(SECRET, connections=64)
    async with running(engine=engine_with(RUNNING, request), **settings) as ui:
        await ui.press("+")
        await ui.until(lambda: ui.toasts and ui.toasts[-1].startswith(told))
        assert ui.engine.calls == []


async def test_a_server_of_whole_files_gets_no_more_connections() -> None:
    row = RUNNING._replace(resumable=False, wanted_connections=1)
    async with running(engine=engine_with(row, SECRET)) as ui:
        await ui.press("+")
        await ui.until(lambda: "as the server sends whole files only" in "".join(ui.toasts))
        assert ui.engine.calls == []


async def test_all_marked_ones_get_more_connections_with_one_undo() -> None:
    other = RUNNING._replace(download_id=2, wanted_connections=16)
    engine = FakeEngine(
        [RUNNING._replace(wanted_connections=4), other, DONE._replace(download_id=3)]
    )
    async with running(engine=engine) as ui:
        await ui.press("*", "+", "-")
        assert [call[1] for call in engine.calls] == [1, 1, 2]
        assert [engine.requests[key].connections for key in (1, 2)] == [4, 15]
        await ui.until(lambda: "4-15 connections for 2 downloads" in "".join(ui.toasts))
        await ui.press("z")
        assert [engine.requests[key].connections for key in (1, 2)] == [0, 0]


@pytest.mark.parametrize("key", ["e", "w", "u", "c"])
async def test_a_dialog_about_one_says_so_while_others_are_marked(key: str) -> None:
    other = RUNNING._replace(download_id=2)
    async with running([RUNNING, other]) as ui:
        await ui.press(key)
        assert "only the highlighted one" not in ui.text
        await ui.press("escape", "*", key)
        assert ": only the highlighted one (2 marked)" in ui.text
