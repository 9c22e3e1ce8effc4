"""Scheduled starts where there is no screen: `--at`, the line mode and `get`."""

from __future__ import annotations

import asyncio
import io
import json
import signal
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.telling import happened, told
from tests.program import plain, running_get
from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.waiting import PATIENCE_S
from tui_downloader.cli.arguments import UsageError, parse, requests_from
from tui_downloader.cli.get_report import Output, Report
from tui_downloader.cli.plain_session import PlainSession
from tui_downloader.cli.plain_teller import Teller
from tui_downloader.cli.reporting import summary_line
from tui_downloader.engine import EventKind
from tui_downloader.model.download import DownloadRequest, OnConflict, QueueSnapshot
from tui_downloader.model.start_times import start_words
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path

A, B = "https://a.example/x", "https://b.example/y"
FILE = Pattern(1_000_000)
AT = NOW + 3600.0
LATER = AT + 60.0


def at(moment: float) -> str:
    return start_words(moment, NOW)


# The command line.


def test_a_time_holds_for_every_link_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "links.txt").write_text(f"{B}\n")
    arguments = parse(["--at", "2099-01-02 03:04", A, "-i", str(tmp_path / "links.txt")])
    requests, _ = requests_from(arguments, "/downloads", OnConflict.RENAME)
    moment = datetime(2099, 1, 2, 3, 4).astimezone().timestamp()
    assert [(each.url, each.start_at) for each in requests] == [(A, moment), (B, moment)]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["get", "--at", "soon", A], "--at: 'soon' is not a time such as 02:00"),
        (["get", "--at", "", A], "--at: give a time such as 02:00"),
        (["--at", "2001-01-01 00:00", A], "is over"),
        (["--at", "02:00"], "--at needs a URL"),
    ],
)
def test_a_time_that_makes_no_sense_is_wrong_usage(argv: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse(argv)


# The line mode.


async def test_the_line_mode_waits_for_what_is_scheduled_and_starts_it_when_told(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE)
    async with plain(tmp_path, "--at", "in 1h", server.url("/a.bin")) as program:
        await program.until(lambda line: line.startswith("1: added a.bin, starts at "))
        waiting = await program.until(lambda line: line.startswith("waiting until "))
        assert waiting.endswith(": 1 scheduled")
        program.tell("s 1 in 2h")
        await program.until(lambda line: line.startswith("1: starts at "))
        assert await program.until(lambda line: line.startswith("waiting until ")) != waiting
        program.tell("r 1")
        await program.until(lambda line: line == "1: started a.bin")
        assert await program.ended() == 0
    assert "complete" in program.said[-1]


async def test_without_input_it_waits_too_and_a_signal_saves_the_time(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE)
    async with plain(tmp_path, "--json", "--at", "in 1h", server.url("/a.bin")) as program:
        assert program.process.stdin is not None
        program.process.stdin.close()
        await program.until(lambda line: "waiting until " in line)
        program.process.send_signal(signal.SIGTERM)
        assert await program.ended() == 0
    added, note = program.facts[:2]
    start_at = datetime.fromisoformat(added["start_at"])
    assert 0 < start_at.timestamp() - time.time() <= 3600
    assert (note["event"], note["message"][-13:]) == ("note", ": 1 scheduled")
    async with plain(tmp_path, "--json") as program:
        await program.until(lambda line: "waiting until " in line)
        program.tell("")
        summary = json.loads(await program.until(lambda line: '"summary"' in line))
        assert summary["downloads"][0]["start_at"] == added["start_at"]


def session_of(*rows: Any) -> tuple[FakeEngine, PlainSession, list[str]]:
    """A conversation about these downloads, and what is said in it."""
    said: list[str] = []
    engine = FakeEngine(rows)
    return engine, PlainSession(engine, "/d", Teller(said.append, as_json=False)), said


async def test_what_is_scheduled_by_a_line_shall_start_then() -> None:
    paused, done = download(1, Status.PAUSED), download(2, Status.COMPLETED)
    engine, session, said = session_of(paused, done, download(3))
    await session.command("s 1 2 3 9 2099-01-02 03:04")
    moment = datetime(2099, 1, 2, 3, 4).astimezone().timestamp()
    assert [engine.requests[key].start_at for key in (1, 3)] == [moment, moment]
    assert [call[:2] for call in engine.calls] == [("edit", 1), ("resume", 1), ("edit", 3)]
    assert said == [
        "1: starts at 2099-01-02 03:04",
        "2: completed, cannot be scheduled",
        "3: starts at 2099-01-02 03:04",
        "there is no download 9",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("s 1 soon", "not scheduled: 'soon' is not a time such as 02:00"),
        ("s 1", 'not understood: "s 1"; '),
        ("s 02:00", 'not understood: "s 02:00"; '),
    ],
)
async def test_a_line_with_no_time_or_no_number_changes_nothing(line: str, words: str) -> None:
    engine, session, said = session_of(download(1))
    await session.command(line)
    assert said[0].startswith(words)
    assert engine.calls == []


async def test_r_takes_the_time_away() -> None:
    engine, session, said = session_of(download(1, start_at=AT))
    engine.requests[1] = DownloadRequest(A, "/d", start_at=AT)
    await session.command("r 1")
    assert engine.calls == [("edit", 1, DownloadRequest(A, "/d"))]
    assert [line.partition(" until ")[0] for line in said] == ["waiting"]


def test_a_time_is_told_once_and_only_where_nothing_else_is_to_do() -> None:
    first, second = download(1, start_at=AT, name="a.bin"), download(2, start_at=LATER)
    busy = download(3, Status.DOWNLOADING)
    assert told(
        ([happened(EventKind.ADDED)], [first, second, busy], 0.0),
        ([], [first, second, download(3)], 0.5),
        ([], [first, second], 1.0),
        ([], [first, second], 1.5),
        ([], [second], 2.0),
    ).splitlines() == [
        f"1: added a.bin, starts at {at(AT)}",
        f"waiting until {at(AT)}: 2 scheduled",
        f"waiting until {at(LATER)}: 1 scheduled",
    ]


def test_the_summary_counts_what_is_scheduled_and_tells_the_first_time() -> None:
    said: list[str] = []
    rows = (download(1, start_at=LATER), download(2, start_at=AT), download(3))
    Teller(said.append, as_json=False).summary(QueueSnapshot(rows, taken_at=NOW))
    assert said[1:] == [f"Besides: 1 queued, 2 scheduled from {at(AT)} on"]


# `get`.


async def test_get_waits_for_its_time_and_says_so(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE)
    async with running_get("--at", "in 1h", "-d", str(tmp_path), server.url("/a.bin")) as run:
        assert run.process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            line = (await run.process.stderr.readline()).decode()
        assert line.startswith("a.bin: starts at ")
        run.process.send_signal(signal.SIGTERM)
        assert (await run.end()).code == 130
    assert server.sent_bytes == 0


def test_a_log_tells_the_time_once() -> None:
    report = Report(Output(io.StringIO(), err := io.StringIO()))
    rows = [download(number, start_at=AT) for number in (1, 2, 3)]
    for queue in (rows, rows, [download(1, Status.CONNECTING), *rows[1:]]):
        report.show(FakeEngine(queue))
    assert err.getvalue() == f"file-1.bin and 2 more: start at {at(AT)}\n"
    quiet = Report(Output(io.StringIO(), err := io.StringIO(), quiet=True))
    quiet.show(FakeEngine(rows))
    assert err.getvalue() == ""


def test_the_status_line_tells_what_comes_first() -> None:
    rows = (download(1, start_at=LATER), download(2, start_at=AT))
    line = summary_line(QueueSnapshot(rows, taken_at=NOW), 80)
    assert line == f"0/2  0 B/s  file-2.bin: starts at {at(AT)}"
