"""What the line mode does with links of its list, and with finished files that are not there."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import names_in, sha256
from tests.program import plain
from tests.server import Pattern
from tests.ui.fake_engine import FakeEngine, download
from tests.waiting import PATIENCE_S
from tui_downloader.cli.plain_session import PlainSession
from tui_downloader.cli.plain_teller import Teller
from tui_downloader.model.download import Details, DownloadRequest
from tui_downloader.model.status import Status
from tui_downloader.ui import file_looks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.program import Plain
    from tests.server import Server

FILE = Pattern(1_000_000)
GONE = "1: the file is gone, fetching it again"
CHANGED = "1: the file has changed, fetching it again"
LATER_S = 3600  # than what a clock of another machine may differ by


@pytest.fixture
async def file(server: Server, tmp_path: Path) -> Path:
    """The finished file of an earlier run."""
    server.put("/file.bin", FILE)
    async with plain(tmp_path, server.url("/file.bin")) as program:
        assert await program.ended() == 0
    return tmp_path / "file.bin"


async def run(folder: Path, *arguments: str, lines: tuple[str, ...] = ()) -> tuple[int, Plain]:
    async with plain(folder, *arguments) as program:
        program.tell(*lines)
        return await program.ended(), program


@pytest.mark.parametrize("by", ["command line", "line", "r"])
async def test_what_is_gone_is_downloaded_again(server: Server, file: Path, by: str) -> None:
    file.unlink()
    url = server.url("/file.bin")
    if by == "command line":
        code, program = await run(file.parent, url)
    else:
        code, program = await run(file.parent, "--plain", lines=("r 1" if by == "r" else url,))
    assert code == 0
    assert program.said[:2] == [GONE, "1: started file.bin"]
    assert [line for line in program.said[2:] if "complete" in line] == program.said[-1:]
    assert sha256(file) == FILE.sha256()
    assert names_in(file.parent) == ["file.bin"]


@pytest.mark.parametrize("line", ["r 1", "a {}"])
async def test_what_has_another_size_is_downloaded_again_beside_it(
    server: Server, file: Path, line: str
) -> None:
    file.write_bytes(b"mine")
    lines = (line.format(server.url("/file.bin")),)
    code, program = await run(file.parent, "--plain", lines=lines)
    assert code == 0
    assert program.said[0] == CHANGED
    assert file.read_bytes() == b"mine"
    assert names_in(file.parent) == ["file (1).bin", "file.bin"]
    assert sha256(file.with_name("file (1).bin")) == FILE.sha256()


async def test_what_was_written_again_is_downloaded_again_only_where_that_is_said(
    server: Server, file: Path
) -> None:
    """At the same size it may be the user's work on it, which nobody misses."""
    later = file.stat().st_mtime + LATER_S
    os.utime(file, (later, later))
    code, program = await run(file.parent, server.url("/file.bin"), lines=("r 1",))
    assert code == 0
    assert program.said[:2] == ["in the list already: 1", CHANGED]
    assert names_in(file.parent) == ["file (1).bin", "file.bin"]


async def test_what_is_there_is_not_downloaded_again(server: Server, file: Path) -> None:
    url = server.url("/file.bin")
    other = f"{url.replace('http:', 'HTTP:')}#top"
    before = len(server.requests)
    code, program = await run(file.parent, url, lines=(f"a {other}", "r 1"))
    assert code == 0
    assert program.said == [*["in the list already: 1"] * 2, "1: completed, cannot be resumed"]
    assert len(server.requests) == before


@pytest.mark.parametrize("line", ["r 1", "a {}"])
async def test_what_cannot_be_downloaded_again_is_1(server: Server, file: Path, line: str) -> None:
    file.unlink()
    server.put("/file.bin", FILE, status=404)
    lines = (line.format(server.url("/file.bin")),)
    code, program = await run(file.parent, "--plain", lines=lines)
    assert code == 1
    assert program.said[0] == GONE


@pytest.mark.parametrize("line", ["r 1", "a {}"])
async def test_what_failed_before_is_1_when_it_is_wanted_in_this_run(
    server: Server, tmp_path: Path, line: str
) -> None:
    url = server.url("/missing")
    assert (await run(tmp_path, url))[0] == 1
    assert (await run(tmp_path, "--plain"))[0] == 0
    assert (await run(tmp_path, "--plain", lines=(line.format(url),)))[0] == 1


async def test_what_failed_before_and_is_scheduled_is_wanted_in_this_run() -> None:
    engine = FakeEngine([download(1, Status.FAILED)])
    session = PlainSession(engine, "/d", Teller(lambda _: None, as_json=False))
    assert session.went_well
    await session.command("s 1 in 1h")
    assert not session.went_well


async def test_what_is_asked_for_now_holds(server: Server, file: Path) -> None:
    """Such as another header, or the digest of another file."""
    file.unlink()
    url, checksum = server.url("/file.bin"), f"sha-256={'0' * 64}"
    code, program = await run(file.parent, "-H", "X-Now: 1", "--checksum", checksum, url)
    assert code == 1
    assert program.said[0] == GONE
    assert server.requests[-1].headers["x-now"] == "1"
    assert names_in(file.parent) == ["file.bin.bad"]


async def test_only_its_first_link_downloads_a_file_again(tmp_path: Path) -> None:
    said: list[str] = []
    listed = download(1, Status.COMPLETED, name="a.bin")
    engine = FakeEngine([listed])
    engine.details_by_id[1] = Details(path=str(tmp_path / "a.bin"))
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    first = DownloadRequest(listed.url, listed.folder, connections=2)
    await session.add([first, DownloadRequest(f"{listed.url}#top", listed.folder)])
    assert said == ["1: the file is gone, fetching it again"]
    assert engine.calls == [("restart", 1), ("edit", 1, first)]
    assert engine.added == []


async def test_a_disk_that_does_not_answer_keeps_no_command_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, answers, real = str(tmp_path / "a.bin"), threading.Event(), os.stat

    def stat(asked: Any, **options: Any) -> os.stat_result:
        if asked == path:
            answers.wait(PATIENCE_S)
        return real(asked, **options)

    said: list[str] = []
    engine = FakeEngine([download(1, Status.COMPLETED)])
    engine.details_by_id[1] = Details(path=path)
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    monkeypatch.setattr(os, "stat", stat)
    monkeypatch.setattr(file_looks, "DISK_PATIENCE_S", 0.01)
    try:
        await session.command("r 1")
    finally:
        answers.set()
    assert said == ["1: completed, cannot be resumed"]
    assert engine.calls == []


def with_login(url: str, login: str) -> str:
    return url.replace("://", f"://{login}@")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--plain",), "LOGIN"),
        (("--plain",), "curl -u joe:secret {}"),
        (("-H", "Authorization: Basic am9lOnNlY3JldA==", "{}"), ""),
    ],
    ids=["address", "curl", "header"],
)
async def test_what_needs_a_login_goes_on_when_it_is_given(
    server: Server, tmp_path: Path, arguments: tuple[str, ...], line: str
) -> None:
    """The advice of the failure, followed."""
    server.put("/file.bin", FILE, require_auth=("joe", "secret"))
    url = server.url("/file.bin")
    assert (await run(tmp_path, url))[0] == 1
    given = tuple(each.format(url) for each in arguments)
    typed = with_login(url, "joe:secret") if line == "LOGIN" else line.format(url)
    code, program = await run(tmp_path, *given, lines=(typed,) if typed else ())
    assert code == 0
    first, *then = (line for line in program.said if "%" not in line)
    assert first == "1: asked for in another way now, tried again"
    # What it was before is no news.
    assert then == ["1: started file.bin", "1: file.bin: 1.00 MB, complete"]
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_what_failed_and_is_asked_for_in_the_same_way_stays_as_it_is(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE, require_auth=("joe", "secret"))
    url = with_login(server.url("/file.bin"), "joe:wrong")
    assert (await run(tmp_path, url))[0] == 1
    before = len(server.requests)
    for again in (url, server.url("/file.bin")):
        code, program = await run(tmp_path, again)
        assert (code, program.said) == (1, ["in the list already: 1"])
    assert len(server.requests) == before


@pytest.mark.parametrize("status", [Status.PAUSED, Status.DOWNLOADING, Status.CANCELLED])
async def test_only_what_failed_is_asked_for_in_another_way(status: Status) -> None:
    engine = FakeEngine([download(1, status)])
    (listed,) = engine.downloads
    session = PlainSession(engine, "/d", Teller(lambda _: None, as_json=False))
    login = ("joe", "secret")
    await session.add([DownloadRequest(listed.url, listed.folder, credentials=login)])
    assert engine.calls == []


async def test_the_same_link_twice_in_one_command_line_is_one_download(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    url = server.url("/file.bin")
    code, program = await run(tmp_path, url, f"{url}#top")
    assert code == 0
    assert "in the list already: 1" in program.said
    assert names_in(tmp_path) == ["file.bin"]
