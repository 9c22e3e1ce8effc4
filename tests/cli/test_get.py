"""`tui-downloader get`: what it prints where, and how it exits."""

from __future__ import annotations

import asyncio
import io
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.running import names_in, sha256
from tests.program import Ended, Run, get, has_ended, pipe_of, running_get
from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.cli import invocation
from tui_downloader.cli.get_report import Output, Report
from tui_downloader.engine import EngineEvent, EventKind
from tui_downloader.model.download import QueueSnapshot, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.retry import Retry
from tui_downloader.model.status import Status

FILE = Pattern(1_000_000)


async def test_all_well_is_0_and_told_on_stderr(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE)
    ended = await get("-d", str(tmp_path / "new" / "folder"), server.url("/a.bin"))
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("a.bin: 1.00 MB")
    assert "\x1b" not in ended.err
    assert sha256(tmp_path / "new" / "folder" / "a.bin") == FILE.sha256()


@pytest.mark.parametrize("words", ["there is no certificate file", "holds no certificates"])
async def test_issuers_of_the_settings_that_are_none_are_told_and_stop_nothing(
    server: Server, tmp_path: Path, words: str
) -> None:
    server.put("/a.bin", FILE)
    issuers, settings = tmp_path / "issuers.pem", tmp_path / "settings.toml"
    if words == "holds no certificates":
        issuers.write_text("none")
    settings.write_text(f"jobs = 3\nca_certificate = '{issuers}'\n")
    argv = ("-d", str(tmp_path / "dl"), server.url("/a.bin"))
    async with running_get(*argv, TUI_DOWNLOADER_HOME=str(tmp_path)) as run:
        ended = await run.end()
    assert ended.code == 0
    assert f"{settings}, line 2: ca_certificate: " in ended.err
    assert words in ended.err
    assert "the system's issuers alone are trusted" in ended.err


async def test_where_the_settings_want_to_ask_a_new_name_is_taken(
    server: Server, tmp_path: Path
) -> None:
    """Nobody is there to be asked."""
    server.put("/a.bin", FILE)
    (tmp_path / "settings.toml").write_text("on_conflict = 'ask'\n")
    folder = tmp_path / "dl"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"mine")
    argv = ("-d", str(folder), server.url("/a.bin"))
    async with running_get(*argv, TUI_DOWNLOADER_HOME=str(tmp_path)) as run:
        assert (await run.end()).code == 0
    assert (folder / "a.bin").read_bytes() == b"mine"
    assert sha256(folder / "a (1).bin") == FILE.sha256()


@pytest.mark.parametrize("words", ["there is no certificate file", "holds no certificates"])
async def test_issuers_of_the_command_line_that_are_none_are_wrong_usage(
    server: Server, tmp_path: Path, words: str
) -> None:
    issuers = tmp_path / "issuers.pem"
    if words == "holds no certificates":
        issuers.write_text("none")
    ended = await get("--ca-certificate", str(issuers), server.url("/a.bin"))
    assert ended.code == 2
    assert words in ended.err


async def test_one_failure_is_1_and_harms_no_other(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE)
    ended = await get("-q", "-d", str(tmp_path), server.url("/missing"), server.url("/a.bin"))
    assert ended.code == 1
    assert ended.err.splitlines() == [
        "missing: 404 not found; check the address; the file may have moved"
    ]
    assert names_in(tmp_path) == ["a.bin"]


async def test_a_login_that_is_wanted_elsewhere_is_given_in_the_address_there(
    server: Server, tmp_path: Path
) -> None:
    async with Server() as far:
        far.put("/file.bin", FILE, require_auth=("me", "secret"))
        server.put("/from", b"", location=far.url("/file.bin", host="localhost"))
        login = {"userinfo": "me:secret"}
        first = await get("-d", str(tmp_path), server.url("/from", **login))
        place = f"localhost:{far.port}"
        assert first.code == 1
        assert f"401 {place} needs a login" in first.err
        assert f"with user and password in it: http://{place}/file.bin" in first.err
        assert not [one for one in far.requests if "authorization" in one.headers]
        there = far.url("/file.bin", host="localhost", **login)
        assert (await get("-d", str(tmp_path), there)).code == 0


async def test_quiet_is_silent_about_what_went_well(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE)
    assert await get("-q", "-d", str(tmp_path), server.url("/a.bin")) == Ended(0, "", "")


async def test_json_is_a_line_for_each_on_stdout(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE)
    urls = [server.url("/a.bin"), server.url("/missing")]
    ended = await get("--json", "-q", "-d", str(tmp_path), *urls)
    lines = {line["url"]: line for line in map(json.loads, ended.out.splitlines())}
    assert set(lines) == set(urls)
    whole, failed = lines[urls[0]], lines[urls[1]]
    assert (whole["status"], whole["bytes"], whole["error"]) == ("COMPLETED", 1_000_000, None)
    assert whole["path"] == str(tmp_path / "a.bin")
    assert (failed["status"], failed["error"]["code"]) == ("FAILED", "http-404")
    assert ended.code == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
async def test_a_name_that_the_output_cannot_write_is_no_failure(
    server: Server, tmp_path: Path, encoding: str
) -> None:
    server.put("/%E5%90%8D.bin", FILE)
    argv = ("--json", "-d", str(tmp_path), server.url("/%E5%90%8D.bin"))
    async with running_get(*argv, PYTHONIOENCODING=encoding) as run:
        ended = await run.end(encoding=encoding)
    assert ended.code == 0
    assert json.loads(ended.out)["status"] == "COMPLETED"
    assert names_in(tmp_path) == ["名.bin"]


@pytest.mark.parametrize(
    ("argv", "words"), [([], "get needs a URL"), (["-j", "0", "http://h/x"], "from 1 to 64")]
)
async def test_wrong_usage_is_2(argv: list[str], words: str) -> None:
    ended = await get(*argv)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert "Traceback" not in ended.err


async def test_a_list_without_a_link_is_1(tmp_path: Path) -> None:
    ended = await get("-i", "-", "-d", str(tmp_path), given=b"no link\n")
    assert ended.code == 1
    assert "line 1: no link in it: no link" in ended.err
    assert "no link to download" in ended.err


# Streams that are full, closed or not read.


async def get_through(shell: str, *argv: str) -> Ended:
    """Run `get` with redirections of a shell, such as ">&-"."""
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f'"$0" -m tui_downloader get "$@" {shell}', sys.executable, *argv),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return await Run(process).end()


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
@pytest.mark.parametrize("shell", ["2>&-", ">&-", "<&- >&- 2>&-", "2>/dev/full", "2>&1 | true"])
async def test_files_arrive_whoever_hears_of_them(
    server: Server, tmp_path: Path, shell: str
) -> None:
    names = [f"{number}.bin" for number in range(10)]
    for name in names:
        server.put(f"/{name}", FILE)
    urls = [server.url(f"/{name}") for name in names]
    ended = await get_through(shell, "--json", "-d", str(tmp_path), *urls)
    assert ended.code == 0
    assert names_in(tmp_path) == names
    assert all(sha256(tmp_path / name) == FILE.sha256() for name in names)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
async def test_lines_of_both_streams_in_one_place_stay_whole(
    server: Server, tmp_path: Path
) -> None:
    names = [f"{number:03}.bin" for number in range(100)]
    for name in names:
        server.put(f"/{name}", b"x")
    urls = [server.url(f"/{name}") for name in names]
    ended = await get_through("2>&1", "--json", "-d", str(tmp_path), *urls)
    objects, sentences = ended.out.splitlines()[::2], ended.out.splitlines()[1::2]
    said = [f"{Path(json.loads(line)['path']).name}: 1 B, complete" for line in objects]
    assert said == sentences
    assert len(said) == 100


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
async def test_results_that_cannot_be_written_are_1_when_all_is_here(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    argv = ("--json", "-d", str(tmp_path), server.url("/file.bin"))
    ended = await get_through(">/dev/full", *argv)
    assert ended.code == 1
    assert "cannot write to standard output: No space left on device" in ended.err
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
async def test_words_that_cannot_be_written_are_no_failure(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    ended = await get_through(">/dev/full 2>&1", "-d", str(tmp_path), server.url("/file.bin"))
    assert ended.code == 0
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_results_that_nobody_reads_any_more_are_no_failure(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE, stall_after=300_000)
    async with running_get("--json", "-d", str(tmp_path), server.url("/file.bin")) as run:
        await server.until(lambda: server.held_now == 1)
        pipe_of(run.process, 1).close()
        resource.behaviour.stall_after = None
        server.release()
        ended = await run.end()
    assert ended.code == 0
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


# Neither who was told to end nor the entry has patience with a terminal that takes nothing.
HASTY = """
from tui_downloader import __main__
from tui_downloader.cli import get
__main__._DRAIN_S = get.DRAIN_S = 0.01
__main__.main()
"""


async def test_a_reader_who_stops_reading_stops_no_download_and_gets_everything(
    server: Server, tmp_path: Path
) -> None:
    names = [f"{number:03}{'x' * 200}" for number in range(200)]
    for name in names:
        server.put(f"/{name}", b"x")
    urls = [server.url(f"/{name}") for name in names]
    async with running_get("--json", "-d", str(tmp_path), *urls, program=("-c", HASTY)) as run:
        out = pipe_of(run.process, 1)
        out.pause_reading()  # what is said is more than a pipe holds
        await eventually(lambda: names_in(tmp_path) == names)
        with pytest.raises(TimeoutError):  # it waits for the reader
            async with asyncio.timeout(1.0):
                await has_ended(run.process)
        out.resume_reading()
        ended = await run.end()
    assert ended.code == 0
    assert len(ended.out.splitlines()) == 200


async def test_who_is_interrupted_waits_for_no_reader(server: Server, tmp_path: Path) -> None:
    names = [f"{number:03}{'x' * 200}" for number in range(200)]
    for name in names:
        server.put(f"/{name}", b"x")
    server.put("/slow.bin", FILE, stall_after=300_000)
    urls = [server.url(f"/{name}") for name in [*names, "slow.bin"]]
    async with running_get("--json", "-d", str(tmp_path), *urls) as run:
        out = pipe_of(run.process, 1)
        out.pause_reading()
        await eventually(lambda: set(names) <= set(names_in(tmp_path)))
        await server.until(lambda: server.held_now == 1)
        run.process.send_signal(signal.SIGINT)
        try:
            await has_ended(run.process)
        finally:
            out.resume_reading()
        assert (await run.end()).code == 130


async def test_a_list_comes_from_standard_input(server: Server, tmp_path: Path) -> None:
    for name in ("a", "b"):
        server.put(f"/{name}.bin", FILE)
    given = f"{server.url('/a.bin')}\n  out=x.bin\n{server.url('/b.bin')}\n"
    ended = await get("-q", "-i", "-", "-d", str(tmp_path), given=given.encode())
    assert ended.code == 0
    assert names_in(tmp_path) == ["b.bin", "x.bin"]


async def test_a_list_comes_from_a_pipe_as_shells_name_them(server: Server, tmp_path: Path) -> None:
    """In bash, `-i <(some command)` is `-i /dev/fd/63`."""
    server.put("/a.bin", FILE)
    read_end, write_end = os.pipe()
    os.write(write_end, server.url("/a.bin").encode())
    os.close(write_end)
    try:
        async with running_get(
            "-q", "-i", f"/dev/fd/{read_end}", "-d", str(tmp_path), pass_fds=(read_end,)
        ) as run:
            assert await run.end() == Ended(0, "", "")
    finally:
        os.close(read_end)
    assert names_in(tmp_path) == ["a.bin"]


async def test_who_waits_for_a_list_can_be_interrupted(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list")
    async with running_get("-i", str(tmp_path / "list")) as run:
        # Returns when somebody has opened it to read.
        write_end = await asyncio.to_thread(os.open, tmp_path / "list", os.O_WRONLY)
        run.process.send_signal(signal.SIGINT)
        assert await run.end() == Ended(130, "", "")
        os.close(write_end)


# Gives up servers that are silent for a second.
IMPATIENT = """
import sys
from tui_downloader import cli
from tui_downloader.engine.network import body_faults

body_faults.SILENCE_S = 1.0
sys.exit(cli.main())
"""


@pytest.mark.parametrize("length", ["content-length", "chunked"])
async def test_what_came_while_the_program_was_stopped_is_no_silence(
    server: Server, tmp_path: Path, length: str
) -> None:
    """As after ctrl+z and fg: where a server sends whole files only, it would start from 0."""
    resource = server.put(
        "/a.bin", FILE, ranges="ignore", length=length, throttle_bytes_per_s=500_000
    )
    argv = ("--quiet", "-d", str(tmp_path), server.url("/a.bin"))
    async with running_get(*argv, program=("-c", IMPATIENT)) as run:
        await eventually(lambda: resource.sent_bytes > 300_000)
        run.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(3)
        run.process.send_signal(signal.SIGCONT)
        assert await run.end() == Ended(0, "", "")
    assert resource.hits == 1
    assert (tmp_path / "a.bin").read_bytes() == bytes(FILE)


@pytest.mark.parametrize(
    ("soft", "hard", "most"),
    [(64, 64, 64), (64, 256, 256), (256, resource.RLIM_INFINITY, 1024)],
)
def test_no_more_is_counted_on_than_the_system_allows(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, most: int
) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: raised.append(limits))
    assert invocation._descriptors() == most
    assert raised == ([] if soft == most else [(most, hard)])


WAITS_HALF_A_SECOND = """
from tui_downloader.__main__ import main
from tui_downloader.cli import get
get._SPACE_PATIENCE_S = 0.5
main()
"""


async def test_a_disk_without_room_is_waited_for_but_not_for_ever(
    server: Server, tmp_path: Path
) -> None:
    server.put("/vast.bin", Pattern(1 << 50))
    argv = ("--json", "-d", str(tmp_path), server.url("/vast.bin"))
    async with running_get(*argv, program=("-c", WAITS_HALF_A_SECOND)) as run:
        ended = await run.end()
    assert ended.code == 1
    assert json.loads(ended.out)["error"]["code"] == "disk-full"
    assert names_in(tmp_path) == []


async def test_skipped_as_asked_is_0(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE)
    (tmp_path / "a.bin").write_bytes(b"mine")
    argv = ("--on-conflict", "skip", "-d", str(tmp_path), server.url("/a.bin"))
    ended = await get(*argv)
    assert (ended.code, ended.err) == (0, "a.bin: skipped, a file of that name exists\n")
    assert await get("-q", *argv) == Ended(0, "", "")
    assert (tmp_path / "a.bin").read_bytes() == b"mine"


async def test_a_log_has_a_line_for_a_mirror_that_takes_over(
    server: Server, tmp_path: Path
) -> None:
    server.put("/gone/a.bin", FILE, status=404)
    server.put("/a.bin", FILE)
    gone, url = server.url("/gone/a.bin"), server.url("/a.bin")
    given = f"{gone}\t{url}\n".encode()
    ended = await get("-i", "-", "-d", str(tmp_path), given=given)
    assert ended.code == 0
    line = f"a.bin: {gone} failed (404 not found); going on with {url}\n"
    assert ended.err.count(line) == 1
    assert (await get("-q", "-i", "-", "-d", str(tmp_path), given=given)).err == ""


@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_interrupted_is_130_and_the_same_command_goes_on(
    server: Server, tmp_path: Path, blow: signal.Signals
) -> None:
    resource = server.put("/a.bin", Pattern(4_000_000), stall_after=2_000_000)
    argv = ("-d", str(tmp_path), server.url("/a.bin"))
    async with running_get(*argv) as run:
        await server.until(lambda: server.held_now >= 1)
        run.process.send_signal(blow)
        ended = await run.end()
    assert ended.code == 130
    assert "the same command goes on where it was" in ended.err
    assert names_in(tmp_path) == ["a.bin.part", "a.bin.part.json"]
    resource.behaviour.stall_after = None
    server.release()
    assert (await get("-q", *argv)).code == 0
    assert sha256(tmp_path / "a.bin") == Pattern(4_000_000).sha256()
    assert names_in(tmp_path) == ["a.bin"]


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
async def test_a_hangup_that_is_ignored_from_the_start_ends_nothing(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/a.bin", FILE, stall_after=300_000)
    command = 'trap "" HUP; exec "$0" -m tui_downloader get "$@"'  # as nohup does
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", command, sys.executable, "-d", str(tmp_path), server.url("/a.bin")),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    await server.until(lambda: server.held_now == 1)
    process.send_signal(signal.SIGHUP)
    resource.behaviour.stall_after = None
    server.release()
    ended = await Run(process).end()
    assert ended.code == 0
    assert sha256(tmp_path / "a.bin") == FILE.sha256()


# What is printed.


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(*downloads: Any, terminal: bool = False, **options: Any) -> tuple[str, str]:
    """Show a queue twice, the second time for the last time."""
    out, err = io.StringIO(), Terminal() if terminal else io.StringIO()
    report = Report(Output(out, err, **options))
    engine = FakeEngine(downloads)
    report.show(engine)
    report.show(engine, last=True)
    return out.getvalue(), err.getvalue()


DONE = download(1, Status.COMPLETED, total_bytes=5)
BUSY = download(2, Status.DOWNLOADING, done_bytes=1, total_bytes=4)
LOST = download(3, Status.FAILED, failure=Failure("x", "it broke"))


def test_each_end_is_told_once() -> None:
    assert shown(DONE, LOST) == ("", "file-1.bin: 5 B, complete\nfile-3.bin: it broke\n")


def test_quiet_tells_failures_only() -> None:
    assert shown(DONE, BUSY, LOST, quiet=True) == ("", "file-3.bin: it broke\n")


def test_quiet_looks_at_thousands_of_downloads_only_when_one_failed() -> None:
    looks = 0

    class Counting(FakeEngine):
        def snapshot(self) -> QueueSnapshot:
            nonlocal looks
            looks += 1
            return super().snapshot()

    engine = Counting([DONE, LOST])
    turn = EngineEvent(EventKind.MIRROR, 1, "file-1.bin", "another address")
    report = Report(Output(io.StringIO(), err := io.StringIO(), quiet=True))
    report.tell([], engine)
    report.tell([turn], engine)
    assert (looks, err.getvalue()) == (0, "")
    report.tell([turn, EngineEvent(EventKind.FAILED, 3, "file-3.bin", "it broke")], engine)
    assert (looks, err.getvalue()) == (1, "file-3.bin: it broke\n")
    for quiet, as_json in ((False, False), (True, True)):
        Report(Output(io.StringIO(), io.StringIO(), as_json, quiet)).tell([], engine)
    assert looks == 3


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("quiet", [False, True])
def test_what_is_found_and_done_meanwhile_is_told_at_once(terminal: bool, quiet: bool) -> None:
    """To a person, too, who need not notice that another address took over."""
    err = Terminal() if terminal else io.StringIO()
    note = EngineEvent(EventKind.NOTE, 2, "file-2.bin", "starts from 0")
    turn = EngineEvent(EventKind.MIRROR, 2, "file-2.bin", "another address")
    Report(Output(io.StringIO(), err, quiet=quiet)).tell([note, turn], FakeEngine([]))
    said = ["file-2.bin: starts from 0", *["file-2.bin: another address"] * (not terminal)]
    assert [line for line in err.getvalue().splitlines() if ":" in line] == said * (not quiet)


async def test_a_part_that_cannot_be_gone_on_with_is_named_with_its_passport(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE)
    (tmp_path / "a.bin.part").write_bytes(b"x" * 100)
    (tmp_path / "a.bin.part.json").write_text('{"version": ')
    ended = await get("-d", str(tmp_path), server.url("/a.bin"))
    said = "starts from 0, as a.bin.part cannot be gone on with: the passport is not whole"
    first, second = ended.err.splitlines()
    assert (ended.code, ended.out) == (0, "")
    assert first == f"a (1).bin: {said}; it is kept as a.bin.part.json.bad"
    assert second.startswith("a (1).bin: 1.00 MB, complete")
    assert (tmp_path / "a.bin.part").read_bytes() == b"x" * 100


def test_a_terminal_has_a_status_line_that_goes_away() -> None:
    _, err = shown(BUSY, terminal=True)
    assert err.startswith("0/1  25% of 4 B")
    assert err.endswith("\r\x1b[K")
    assert "\n" not in err


def test_who_has_the_terminal_back_is_not_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = io.StringIO(), Terminal()
    monkeypatch.setattr(err, "fileno", lambda: 2)
    report = Report(Output(out, err))
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp())
    report.show(FakeEngine([BUSY]))
    before = err.getvalue()
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp() + 1)  # ctrl+z and bg
    report.show(FakeEngine([BUSY]))
    assert err.getvalue() == before
    report.show(FakeEngine([DONE]), last=True)
    assert err.getvalue() == f"{before}file-1.bin: 5 B, complete\n"


def test_a_result_does_not_stand_behind_the_status_line() -> None:
    terminal = Terminal()
    report = Report(Output(terminal, terminal, json=True))
    report.show(FakeEngine([BUSY]))
    report.show(FakeEngine([DONE]), last=True)
    assert '\r\x1b[K{"url"' in terminal.getvalue()


def test_a_terminal_that_has_not_taken_the_last_one_gets_no_status_line() -> None:
    assert shown(BUSY, terminal=True, is_jammed=lambda: True) == ("", "")


class Lagging(Terminal):
    """Takes what is written only when it is given the time for it, as a thread may do."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[str] = []
        self.taken: list[str] = []

    def write(self, text: str, /) -> int:
        self.waiting.append(text)
        return len(text)

    def catch_up(self) -> None:
        self.taken += self.waiting
        self.waiting.clear()


def test_the_status_line_is_rewritten_each_time_and_never_blank_in_between() -> None:
    terminal = Lagging()
    output = Output(io.StringIO(), terminal, is_jammed=lambda: bool(terminal.waiting))
    report = Report(output)
    engine = FakeEngine([BUSY])
    for done_bytes in (1, 2, 3):
        engine.change(2, done_bytes=done_bytes)
        report.show(engine)
        terminal.catch_up()
    erased = "\r\x1b[K"
    starts = ("0/1  25%", f"{erased}0/1  50%", f"{erased}0/1  75%")
    for text, start in zip(terminal.taken, starts, strict=True):
        assert text.startswith(start)
    report.show(engine)
    report.show(engine)  # the terminal has not taken the last one
    assert len(terminal.waiting) == 1


def test_the_status_line_stands_below_what_was_told_at_the_same_time() -> None:
    terminal = Lagging()
    report = Report(Output(io.StringIO(), terminal, is_jammed=lambda: bool(terminal.waiting)))
    report.show(FakeEngine([BUSY, DONE]))
    terminal.catch_up()
    assert terminal.taken[-1].startswith("1/2 ")


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
def test_the_status_line_is_as_wide_as_the_terminal_it_is_on() -> None:
    import termios

    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (24, 30))
    with open(slave, "w", encoding="utf-8") as err, open(master, "rb", buffering=0) as seen:
        Report(Output(io.StringIO(), err)).show(FakeEngine([BUSY._replace(name="n" * 60)]))
        line = seen.read(200).decode()
    assert len(line) == 29
    assert line.endswith("…")


def test_a_quiet_terminal_has_none() -> None:
    assert shown(BUSY, DONE, terminal=True, quiet=True) == ("", "")


def test_a_pipe_has_no_status_line() -> None:
    assert shown(BUSY) == ("", "")


def test_a_terminal_that_draws_nothing_is_told_what_a_log_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert shown(BUSY, terminal=True) == ("", "")
    assert Report(Output(io.StringIO(), Terminal())).period_s == 1.0


def test_a_terminal_is_rewritten_often_and_a_log_seldom() -> None:
    assert Report(Output(io.StringIO(), Terminal())).period_s == 0.25
    report = Report(Output(io.StringIO(), err := io.StringIO()))
    assert report.period_s == 1.0
    for _ in range(3):
        report.show(FakeEngine([BUSY]))
    assert err.getvalue() == ""


def waits(code: str, message: str, number: int = 1, **facts: Any) -> Snapshot:
    return download(number, Status.WAITING, failure=Failure(code, message, "soon"), **facts)


def test_a_log_is_told_of_each_long_wait() -> None:
    report = Report(Output(io.StringIO(), err := io.StringIO()))
    for attempt, wait_s in ((1, 1), (2, 2), (5, 8), (5, 8), (6, 16)):
        facts: dict[str, Any] = {"retry": Retry(wait_s, attempt, 10), "resume_at": NOW + wait_s}
        report.show(FakeEngine([waits("dns", "no host", **facts)]))
    assert err.getvalue().splitlines() == [
        "file-1.bin: no host, retry 1/10 in 0:01",
        "file-1.bin: no host, retry 5/10 in 0:08",
        "file-1.bin: no host, retry 6/10 in 0:16",
    ]


def test_a_log_is_told_once_for_each_reason_why_a_download_waits() -> None:
    report = Report(Output(io.StringIO(), err := io.StringIO()))
    busy = waits("http-503", "503 server busy", retry=Retry(12.0, 2, 6), resume_at=NOW + 12)
    later = busy._replace(retry=Retry(12.0, 3, 6))
    for queue in ([busy], [later], [later, waits("x", "no network", 2)], [waits("x", "lost")]):
        report.show(FakeEngine(queue))
    assert err.getvalue().splitlines() == [
        "file-1.bin: 503 server busy, retry 2/6 in 0:12",
        "file-2.bin: no network; soon",
        "file-1.bin: lost; soon",
    ]
    assert shown(busy, quiet=True) == ("", "")


def test_a_log_tells_what_a_full_disk_pauses_and_what_goes_on() -> None:
    report = Report(Output(io.StringIO(), err := io.StringIO()))
    full = Failure("disk-full", "disk full on /d: 1.00 MB free")
    held = [download(number, Status.PAUSED, failure=full) for number in (1, 2, 3)]
    running = [download(number, Status.CONNECTING) for number in (1, 2)]
    for queue in (held, held, [*running, held[2]], [held[0], running[1], LOST]):
        report.show(FakeEngine(queue))
    why = "disk full on /d: 1.00 MB free; goes on by itself when there is space"
    assert err.getvalue().splitlines() == [
        f"file-1.bin and 2 more: paused, {why}",
        "file-1.bin and 1 more: going on",
        "file-3.bin: it broke",
        f"file-1.bin: paused, {why}",
    ]
    assert shown(*held, quiet=True) == ("", "")


async def test_a_server_that_is_busy_is_told_of_while_it_is(server: Server, tmp_path: Path) -> None:
    server.put("/a.bin", FILE, status=503, retry_after="60")
    async with running_get("-d", str(tmp_path), server.url("/a.bin")) as run:
        assert run.process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            line = (await run.process.stderr.readline()).decode()
        assert line.startswith("a.bin: 503 server busy, ")
