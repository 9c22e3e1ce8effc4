"""History, log, lists in files and diagnostics: what the user sees, and what is asked of whom."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from tests.ui.fake_engine import NOW, REQUEST, FakeEngine, download, past
from tests.ui.running import Ui, running
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance, OnConflict
from tui_downloader.model.errors import Failure
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.proxy import Proxy
from tui_downloader.model.status import Status
from tui_downloader.store.entry import Entry
from tui_downloader.store.link_requests import request_for
from tui_downloader.store.log_tail import tail
from tui_downloader.store.paths import resolve
from tui_downloader.store.settings import Settings
from tui_downloader.ui.actions.diagnostics import diagnostics
from tui_downloader.ui.actions.record_actions import list_text
from tui_downloader.ui.screens.ask import AskScreen

if TYPE_CHECKING:
    from pathlib import Path


def engine_with(*entries: Entry) -> FakeEngine:
    engine = FakeEngine([download(1)])
    engine.past = list(entries)
    return engine


def leave(path: Path) -> None:
    """Let a file have been written when the history says."""
    os.utime(path, (NOW - 600, NOW - 600))


# History.


async def test_the_history_shows_what_was_finished_or_removed() -> None:
    gone = past(
        2,
        status=Status.FAILED,
        finished_at=None,
        removed_at=NOW - 60,
        failure=Failure("http-404", "the server has no such file"),
    )
    async with running(engine=engine_with(gone, past(1)), size=(120, 30)) as ui:
        await ui.press("H")
        await ui.until(lambda: "old-1.iso" in ui.text)
        assert "5.00 MB" in ui.text
        assert "the server has no such file" in ui.text
        assert "removed" in ui.text
        await ui.press("j")
        assert "in the list" in ui.text
        assert "https://host.example/files/old-1.iso" in ui.text


async def test_what_ran_when_it_was_removed_is_not_said_to_run() -> None:
    gone = past(1, status=Status.DOWNLOADING, finished_at=None, removed_at=NOW - 60)
    async with running(engine=engine_with(gone)) as ui:
        await ui.press("H")
        await ui.until(lambda: "⊘ old-1.iso" in ui.text)
        assert "cancelled · removed" in ui.text


async def test_the_history_says_once_that_one_was_skipped() -> None:
    taken = Failure("exists", "skipped: old-1.iso exists already")
    async with running(engine=engine_with(past(1, status=Status.CANCELLED, failure=taken))) as ui:
        await ui.press("H")
        await ui.until(lambda: "⊘ old-1.iso" in ui.text)
        assert " skipped: old-1.iso exists already · " in ui.text
        assert ui.text.count("skipped") == 1


async def test_the_history_says_of_a_finished_file_that_it_is_gone_or_has_changed(
    tmp_path: Path,
) -> None:
    for name in ("same", "longer"):
        (tmp_path / name).write_bytes(b"whole")
    with (tmp_path / "longer").open("ab") as file:
        file.write(b" and more")
    for name in ("same", "longer"):
        leave(tmp_path / name)
    names = ("same", "longer", "missing")
    entries = [
        past(n, name=name, path=str(tmp_path / name), total_bytes=5)
        for n, name in enumerate(names, 1)
    ]
    async with running(engine=engine_with(*entries)) as ui:
        await ui.press("H")
        await ui.until(lambda: "gone" in ui.text)
        assert " ✓ same" in next(line for line in ui.lines if "same" in line)
        assert "5 B" in next(line for line in ui.lines if "same" in line)
        for name, word in (("longer", "changed"), ("missing", "gone")):
            line = next(line for line in ui.lines if name in line)
            assert "✓" not in line
            assert word in line
        await ui.press("j")
        assert "done · has another size now" in ui.text
        await ui.press("j")
        assert "done · the file is gone" in ui.text


async def test_the_history_says_of_a_finished_file_that_it_was_written_again(
    tmp_path: Path,
) -> None:
    file = tmp_path / "old-1.iso"
    file.write_bytes(b"other")
    os.utime(file, (NOW, NOW))
    async with running(engine=engine_with(past(1, path=str(file), total_bytes=5))) as ui:
        await ui.press("H")
        await ui.until(lambda: "done · was written again since" in ui.text)
        assert "changed" in next(line for line in ui.lines if "old-1.iso" in line)


async def test_the_history_follows_what_ends_while_it_is_open(tmp_path: Path) -> None:
    file = tmp_path / "old-1.iso"
    old = [past(n, name=f"old-{n}.iso", path=str(tmp_path / f"old-{n}.iso")) for n in (1, 2)]
    async with running(engine=engine_with(*old)) as ui:
        await ui.press("H")
        await ui.until(lambda: ui.text.count("gone") == 3)
        await ui.press("enter")
        await ui.until(lambda: "History · Added 1" in ui.text)
        file.write_bytes(bytes(5_000_000))
        leave(file)
        ui.engine.past = [past(9, name="old-1.iso", path=str(file)), *old]
        ui.engine.change(1, status=Status.COMPLETED)
        ui.desk.wake()
        await ui.until(lambda: ui.text.count("✓ old-1.iso") == 2)
        await ui.until(lambda: ui.text.count("gone") == 1)
        # The highlight is still on the old one, and so is what was done with it.
        assert ui.lines.index(next(each for each in ui.lines if "> " in each)) == 3
        assert "History · Added 1" in ui.text
        await ui.press("j")
        assert "Added 1" not in ui.lines[1]


async def test_the_history_shows_what_was_found_to_differ_as_the_list_does(
    tmp_path: Path,
) -> None:
    file = tmp_path / "old-1.iso"
    file.write_bytes(b"other")
    leave(file)
    facts = {"path": str(file), "total_bytes": 5, "checked_by": "sha-256"}
    entry = past(1, assurance=Assurance.DIFFERS, **facts)
    async with running(engine=engine_with(entry)) as ui:
        await ui.press("H")
        await ui.until(lambda: "✗ old-1.iso" in ui.text)
        assert "sha256 differs" in ui.text


async def test_a_history_that_is_being_read_does_not_say_that_it_is_empty(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = engine_with(past(1))
    is_read, at_once = asyncio.Event(), engine.history

    async def history() -> list[Entry]:
        await is_read.wait()
        return await at_once()

    monkeypatch.setattr(engine, "history", history)
    async with running(engine=engine) as ui:
        await ui.press("H")
        await ui.until(lambda: "loading…" in ui.text)
        assert "nothing was" not in ui.text
        is_read.set()
        await ui.until(lambda: "old-1.iso" in ui.text)
        assert "loading" not in ui.text


async def test_an_empty_history_says_so() -> None:
    async with running(engine=engine_with()) as ui:
        await ui.press("H", "enter", "y", "o", "O")
        await ui.until(lambda: "nothing was finished or removed yet" in ui.text)
        assert ui.engine.adds == []


async def test_an_empty_history_says_all_of_it_in_a_narrow_window() -> None:
    async with running(engine=engine_with(), size=(40, 10)) as ui:
        await ui.press("H")
        await ui.until(lambda: "nothing was finished or removed" in ui.text)
        assert any(line.strip("│ ") == "yet" for line in ui.lines)


async def test_a_filter_that_nothing_in_the_history_matches_says_so() -> None:
    async with running(engine=engine_with(past(1))) as ui:
        await ui.press("H")
        await ui.until(lambda: "old-1.iso" in ui.text)
        await ui.press("slash", *"zzzz")
        assert "nothing matches; esc shows all" in ui.text
        assert "nothing was" not in ui.text
        await ui.press("escape")
        assert "old-1.iso" in ui.text


async def test_enter_adds_it_again_with_everything_that_was_asked() -> None:
    async with running(engine=engine_with(past(1), past(2))) as ui:
        await ui.press("H")
        await ui.until(lambda: "old-2.iso" in ui.text)
        await ui.press("j", "enter")
        await ui.until(lambda: ui.engine.added == [past(2).request])
        await ui.until(lambda: "History · Added 1" in ui.lines[1] + ui.lines[0])


async def test_what_is_in_the_list_is_added_again_only_when_asked_for() -> None:
    entry = past(2, request=replace(REQUEST, headers=(("Cookie", "secret"),)))
    engine = engine_with(entry)
    engine.change(1, url=entry.request.url)
    async with running(engine=engine) as ui:
        await ui.press("H")
        await ui.until(lambda: "old-2.iso" in ui.text)
        await ui.press("enter")
        await ui.until(lambda: "file-1.bin in /downloads is in the list already." in ui.text)
        await ui.press("s")
        await ui.until(lambda: "History · Nothing added: 1 is there already" in ui.text)
        assert engine.adds == []
        await ui.press("enter")
        await ui.until(lambda: isinstance(ui.app.screen, AskScreen))
        await ui.press("n")
        await ui.until(lambda: len(engine.added) == 1)
        assert engine.added == [replace(entry.request, on_conflict=OnConflict.RENAME)]
        await ui.until(lambda: "History · Added 1" in ui.text)


async def test_the_history_is_filtered_by_words() -> None:
    async with running(engine=engine_with(*(past(n) for n in range(1, 30)))) as ui:
        await ui.press("H")
        await ui.until(lambda: "old-2.iso" in ui.text)
        await ui.press("slash", *"old-17", "enter")
        assert "old-17.iso" in ui.text
        assert "old-2.iso" not in ui.text
        await ui.press("enter")
        await ui.until(lambda: ui.engine.added == [past(17).request])
        await ui.press("escape")
        assert "old-2.iso" in ui.text
        await ui.press("escape")
        assert ui.app.screen is ui.main


async def test_addresses_are_copied_files_and_folders_opened() -> None:
    async with running(engine=engine_with(past(1))) as ui:
        await ui.press("H")
        await ui.until(lambda: "old-1.iso" in ui.text)
        await ui.press("y")
        assert ui.app.clipboard == "https://host.example/files/old-1.iso"
        await ui.press("o")
        await ui.until(lambda: ui.engine.opened == ["/downloads/old-1.iso"])
        await ui.press("O")
        await ui.until(lambda: ui.engine.opened == ["/downloads/old-1.iso", "/downloads"])


async def test_what_stands_in_the_history_is_text_and_no_markup() -> None:
    strange = past(1, name="[b]x[/b]\x1b[31m\u202e.iso", status=Status.CANCELLED, finished_at=None)
    async with running(engine=engine_with(strange)) as ui:
        await ui.press("H")
        await ui.until(lambda: "[b]x[/b][31m.iso" in ui.text)


async def test_ten_thousand_entries_are_shown_and_filtered() -> None:
    async with running(engine=engine_with(*(past(n) for n in range(10_000)))) as ui:
        await ui.press("H")
        await ui.until(lambda: "old-3.iso" in ui.text)
        await ui.press("G")
        assert "old-9999.iso" in ui.text
        await ui.press("slash", *"9998")
        assert "old-9998.iso" in ui.text
        assert "old-9999.iso" not in ui.text


# Log.


async def test_the_log_shows_its_newest_line_and_goes_on(tmp_path: Path) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    paths.log_file.write_text("".join(f"2026-11-25 10:00:00 INFO line {n}\n" for n in range(200)))
    async with running([download(1)], paths=paths) as ui:
        await ui.press("L")
        await ui.until(lambda: "line 199" in ui.text)
        with paths.log_file.open("a") as file:
            file.write("2026-11-25 10:00:01 ERROR it broke\x1b[2J\n")
        await ui.until(lambda: "it broke[2J" in ui.text)
        await ui.press("y")
        assert ui.app.clipboard == "2026-11-25 10:00:01 ERROR it broke[2J"
        await ui.press("slash", *"line 42")
        assert "line 42" in ui.text
        assert "line 199" not in ui.text


async def test_a_log_that_is_not_there_is_empty(tmp_path: Path) -> None:
    async with running(paths=resolve({"TUI_DOWNLOADER_HOME": str(tmp_path / "none")})) as ui:
        await ui.press("L")
        await ui.until(lambda: "nothing was logged yet" in ui.text)
        await ui.press("y", "escape")
        assert ui.app.screen is ui.main


async def test_a_filter_that_no_line_of_the_log_matches_says_so(tmp_path: Path) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    paths.log_file.write_text("2026-11-25 10:00:00 INFO it began\n")
    async with running(paths=paths) as ui:
        await ui.press("L")
        await ui.until(lambda: "it began" in ui.text)
        await ui.press("slash", *"qqqqq")
        assert "nothing matches; esc shows all" in ui.text
        assert "nothing was" not in ui.text
        await ui.press("escape")
        assert "it began" in ui.text


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text("".join(f"line {n:06}\n" for n in range(100_000)))
    lines = tail(file)
    assert lines[-1] == "line 099999"
    assert len(lines) < 50_000
    assert all(line.startswith("line ") for line in lines)


# Lists.


def test_a_list_has_no_secrets_and_is_read_again() -> None:
    request = replace(
        REQUEST,
        name="new name.iso",
        mirrors=("https://mirror.example/old.iso",),
        checksum=Checksum("sha-256", "ab" * 32),
        proxy=Proxy("http://p.example:3128", ("me", "secret")),
    )
    text = list_text([request, REQUEST])
    assert "session" not in text
    assert "secret" not in text
    first, second = parse_links(text).links
    assert (first.url, first.name, first.folder) == (request.url, request.name, request.folder)
    assert first.mirrors == request.mirrors
    assert first.checksum == f"sha-256={'ab' * 32}"
    assert (second.url, second.name) == (REQUEST.url, None)
    assert (first.proxy, second.proxy) == (Proxy("http://p.example:3128"), None)


def test_a_list_keeps_the_own_limit_connections_and_trust_of_a_download() -> None:
    bare = replace(REQUEST, headers=(), credentials=None)
    asked = replace(bare, limit_bytes_per_s=512 * 1024, connections=3, insecure=True)
    text = list_text([asked, bare])
    # aria2 counts K and M by 1024: bytes mean the same to both.
    assert "\n  max-download-limit=524288\n" in text
    read = [request_for(link, "/", (), OnConflict.RENAME) for link in parse_links(text).links]
    assert read == [asked, bare]


@pytest.mark.parametrize(("connections", "to_one_server"), [(1, 1), (8, 8), (16, 16), (64, 16)])
def test_aria2_opens_as_many_connections_as_it_can_of_those_that_were_set(
    connections: int, to_one_server: int
) -> None:
    lines = list_text([replace(REQUEST, connections=connections)]).splitlines()
    assert f"  split={connections}" in lines
    assert f"  max-connection-per-server={to_one_server}" in lines
    assert "connection" not in list_text([REQUEST])


async def run_from_palette(ui: Ui, words: str) -> None:
    await ui.press("colon")
    await ui.pilot.pause()
    await ui.press(*["space" if char == " " else char for char in words])
    await ui.until(lambda: words.lower() in ui.text.lower())
    await ui.pilot.pause(0.3)
    await ui.press("enter")


async def test_the_list_is_exported_to_a_new_file(tmp_path: Path) -> None:
    rows = [download(1), download(2, Status.COMPLETED)]
    async with running(rows) as ui:
        await run_from_palette(ui, "export list")
        await ui.until(lambda: "Write 2 downloads of this view" in ui.text)
        told = " ".join(ui.text.replace("│", " ").split())
        assert "headers, logins and start times are left out" in told
        field = ui.app.screen.query_one("#field", Input)
        field.value = str(tmp_path / "taken.txt")
        (tmp_path / "taken.txt").write_text("mine")
        await ui.press("enter")
        assert "a file of that name exists" in ui.text
        field.value = str(tmp_path / "list.txt")
        await ui.press("enter")
        await ui.until(lambda: "Wrote 2 downloads to" in ui.text)
    assert (tmp_path / "taken.txt").read_text() == "mine"
    links = parse_links((tmp_path / "list.txt").read_text()).links
    assert [link.url for link in links] == [row.url for row in rows]


async def test_only_the_marked_ones_are_exported(tmp_path: Path) -> None:
    rows = [download(1), download(2), download(3)]
    async with running(rows) as ui:
        await ui.press("j", "space")
        await run_from_palette(ui, "export list")
        await ui.until(lambda: "Write 1 marked download to" in ui.text)
        ui.app.screen.query_one("#field", Input).value = str(tmp_path / "list.txt")
        await ui.press("enter")
        await ui.until((tmp_path / "list.txt").exists)
        await ui.until(lambda: "Wrote 1 download to" in ui.text)
    (link,) = parse_links((tmp_path / "list.txt").read_text()).links
    assert link.url == rows[1].url


async def test_a_list_is_imported_through_the_add_dialog(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("https://a.example/x.iso\n  out=y.iso\n")
    async with running() as ui:
        await run_from_palette(ui, "import list")
        field = ui.app.screen.query_one("#field", Input)
        field.value = str(tmp_path / "none.txt")
        await ui.press("enter")
        assert "there is no such file" in ui.text
        field.value = str(tmp_path / "list.txt")
        await ui.press("enter")
        await ui.until(lambda: "1 new" in ui.text)
        await ui.press("f2")
        await ui.until(lambda: ui.engine.added)
        assert ui.engine.added[0].name == "y.iso"


# Palette and diagnostics.


async def test_the_palette_goes_to_a_download_in_another_view() -> None:
    rows = [download(n, Status.COMPLETED, name=f"song-{n}.ogg") for n in range(1, 40)]
    async with running([download(99), *rows]) as ui:
        await ui.press("3")
        await ui.press("colon", *"song-31")
        await ui.until(lambda: "Go to song-31.ogg" in ui.text)
        await ui.pilot.pause(0.3)
        await ui.press("enter")
        await ui.until(lambda: ui.queue.highlighted_id == 31)


async def test_a_theme_of_the_palette_is_saved(tmp_path: Path) -> None:
    paths = resolve({"TUI_DOWNLOADER_HOME": str(tmp_path)})
    async with running([download(1)], paths=paths) as ui:
        await run_from_palette(ui, "theme: light")
        await ui.until(paths.settings_file.exists)
        assert ui.app.theme == "light"
    assert paths.settings_file.read_text() == 'theme = "light"\n'


async def test_diagnostics_are_copied() -> None:
    rows = [download(1, Status.FAILED, failure=Failure("dns", "no host")), download(2)]
    async with running(rows, jobs=7, download_dir="/secret/folder") as ui:
        await run_from_palette(ui, "copy diagnostics")
        await ui.until(lambda: ui.app.clipboard)
        text = ui.app.clipboard
    for words in ("tui-downloader ", "Python 3", "textual ", "window 80x24", "jobs=7", "1 dns"):
        assert words in text
    for words in ("secret", "host1", "file-1"):
        assert words not in text


def test_diagnostics_tell_nothing_of_where_one_came_from() -> None:
    engine = FakeEngine()
    environ = {"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22", "TERM": "xterm"}
    text = diagnostics(engine.snapshot(), Settings(), environ, (80, 24))
    assert "SSH_CONNECTION=set" in text
    assert "10.0.0.1" not in text


@pytest.mark.parametrize("keys", [["H"], ["L"], [","], ["e"], ["u"], ["c"], ["?"]])
async def test_esc_closes_every_dialog_and_never_quits(keys: list[str]) -> None:
    async with running([download(1)]) as ui:
        await ui.press(*keys)
        assert ui.app.screen is not ui.main
        await ui.press("escape", "escape", "escape")
        assert ui.app.screen is ui.main
        assert ui.app.is_running


async def test_what_was_learnt_of_hosts_is_forgotten_on_demand() -> None:
    async with running([download(1)]) as ui:
        ui.app.main.action_run("forget_hosts")
        await ui.until(lambda: "Forgot what was learnt of 3 hosts" in ui.toasts)
        assert ("forget_hosts",) in ui.engine.calls
