"""The line mode as a real process without a terminal: what it says and what it obeys."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.telling import Look, happened, told
from tests.engine.running import names_in, sha256
from tests.program import has_ended, pipe_of, plain
from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.cli.plain_session import PlainSession
from tui_downloader.cli.plain_teller import PROGRESS_S, Teller
from tui_downloader.engine import EngineEvent, EventKind
from tui_downloader.model.download import Assurance, DownloadRequest, QueueSnapshot, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.retry import Retry
from tui_downloader.model.status import Status
from tui_downloader.store.queue import QueueStore

FILE = Pattern(1_000_000)


async def test_without_a_terminal_the_bare_command_speaks_in_lines(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    async with plain(tmp_path, server.url("/file.bin")) as program:
        assert await program.ended() == 0
    assert program.said[0] == "1: added file.bin"
    assert program.said[-1].startswith("1: file.bin: 1.00 MB")
    assert "complete" in program.said[-1]
    assert sum("complete" in line for line in program.said) == 1
    assert "\x1b" not in "".join(program.said)
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_where_the_settings_want_to_ask_a_new_name_is_taken(
    server: Server, tmp_path: Path
) -> None:
    """There is nobody who could be shown a question."""
    server.put("/file.bin", FILE)
    (tmp_path / "settings.toml").write_text("on_conflict = 'ask'\n")
    folder = tmp_path / "dl"
    folder.mkdir()
    (folder / "file.bin").write_bytes(b"mine")
    async with plain(folder, server.url("/file.bin"), TUI_DOWNLOADER_HOME=str(tmp_path)) as program:
        assert await program.ended() == 0
    assert (folder / "file.bin").read_bytes() == b"mine"
    assert sha256(folder / "file (1).bin") == FILE.sha256()


async def test_skipped_as_asked_is_0(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    (tmp_path / "file.bin").write_bytes(b"mine")
    async with plain(tmp_path, "--on-conflict", "skip", server.url("/file.bin")) as program:
        assert await program.ended() == 0
    assert program.said[-1] == "1: file.bin: skipped, a file of that name exists"
    assert (tmp_path / "file.bin").read_bytes() == b"mine"


async def test_what_failed_is_1_unless_it_had_failed_before(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with plain(tmp_path, server.url("/missing")) as program:
        assert await program.ended() == 1
    async with plain(tmp_path, server.url("/file.bin")) as program:
        assert await program.ended() == 0


async def test_links_are_added_by_line_and_numbers_are_obeyed(
    server: Server, tmp_path: Path
) -> None:
    file = server.put("/slow.bin", FILE, stall_after=300_000)
    async with plain(tmp_path, "--plain", "-x", "1") as program:
        program.tell(f"a {server.url('/slow.bin')}")
        await program.until(lambda line: line == "1: started slow.bin")
        await server.until(lambda: server.held_now == 1)
        program.tell("p 1")
        await program.until(lambda line: line == "1: paused slow.bin")
        program.tell("p 1")
        await program.until(lambda line: line == "1: paused, cannot be paused")
        program.tell("")
        await program.until(lambda line: line == "Besides: 1 paused")
        file.behaviour.stall_after = None
        program.tell("r 1")
        await program.until(lambda line: "1.00 MB" in line and "complete" in line)
        program.tell("x 1", "p 7", "nonsense", "q")
        assert await program.ended() == 0
    assert "1: completed, cannot be cancelled" in program.said
    assert "there is no download 7" in program.said
    assert any(line.startswith('not understood: "nonsense"') for line in program.said)


async def test_a_command_is_judged_by_those_before_it_though_they_are_not_carried_out_yet(
    server: Server, tmp_path: Path
) -> None:
    server.put("/slow.bin", FILE).first(stall_after=300_000)
    async with plain(tmp_path, "--plain", "-x", "1") as program:
        program.tell(f"a {server.url('/slow.bin')}")
        await program.until(lambda line: line == "1: started slow.bin")
        await server.until(lambda: server.held_now == 1)
        program.tell("p 1", "r 1", "x 1", "s 1 in 1h", "r 1")
        await program.until(lambda line: "1.00 MB" in line and "complete" in line)
        program.tell("q")
        assert await program.ended() == 0
    assert [line for line in program.said if "cannot be" in line] == []


async def test_a_line_that_is_not_understood_is_named(tmp_path: Path) -> None:
    async with plain(tmp_path, "--plain") as program:
        program.tell("gar\x1bbage", "p two", "q 3", "a", "a rubbish", "magnet:?xt=urn:btih:0")
        program.tell("x" * 300)
        await program.ended()
    assert program.said[:6] == [
        'not understood: "garbage"; ? lists the commands',
        'not understood: "p two"; ? lists the commands',
        'not understood: "q 3"; ? lists the commands',
        'not understood: "a"; ? lists the commands',
        "not added: no link in it: rubbish",
        "not added: magnet: is not supported, only http and https",
    ]
    assert len(program.said[6]) < 300


@pytest.mark.parametrize("line", ["?", "help", "h"])
async def test_the_commands_are_told_when_asked_for(tmp_path: Path, line: str) -> None:
    async with plain(tmp_path, "--plain") as program:
        program.tell(line)
        await program.ended()
    assert [said.startswith("Commands: a URL or ") for said in program.said] == [True]


async def test_a_reader_who_stops_reading_stops_no_download(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with plain(tmp_path, "--plain") as program:
        program.tell(*["?"] * 2000, server.url("/file.bin"))
        # More than a pipe holds was said by then, and nothing of it was read.
        await eventually((tmp_path / "file.bin").exists)
        assert await program.ended() == 0
    assert len(program.said) > 2000
    assert program.said[-1] == "1: file.bin: 1.00 MB, complete"


async def test_who_is_told_to_end_waits_for_no_reader(server: Server, tmp_path: Path) -> None:
    server.put("/slow.bin", FILE, stall_after=300_000)
    async with plain(tmp_path, "--plain") as program:
        out = pipe_of(program.process, 1)
        out.pause_reading()
        program.tell(*["?"] * 2000, server.url("/slow.bin"))
        await server.until(lambda: server.held_now == 1)
        program.process.send_signal(signal.SIGTERM)
        try:
            await has_ended(program.process)
        finally:
            out.resume_reading()
        assert await program.ended() == 0


async def test_the_last_line_needs_no_end(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    async with plain(tmp_path, "--plain") as program:
        assert program.process.stdin is not None
        program.process.stdin.write(server.url("/file.bin").encode())
        assert await program.ended() == 0
    assert names_in(tmp_path) == ["file.bin"]


async def test_a_command_of_several_lines_and_a_dropped_list_are_understood(
    server: Server, tmp_path: Path
) -> None:
    server.put("/a.bin", FILE, require_auth=("me", "secret"))
    for name in ("b.bin", "c.bin"):
        server.put(f"/{name}", FILE)
    (tmp_path / "my list.txt").write_text(f"{server.url('/b.bin')}\n")
    async with plain(tmp_path / "here", "--plain") as program:
        program.tell(f"curl '{server.url('/a.bin')}' \\", "  -u me:secret \\", "  --compressed")
        program.tell(f"curl \\\r\n  '{server.url('/c.bin')}'\r", f"'{tmp_path}/my list.txt'")
        program.tell("trailing \\")
        assert await program.ended() == 0
    assert {"a.bin", "b.bin", "c.bin"} <= set(names_in(tmp_path / "here"))
    assert next(line for line in program.said if "understood" in line).count("trailing") == 1
    assert "secret" not in "".join(program.said)


async def test_a_list_is_read_while_everything_goes_on(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("".join(f"http://a.example/{n}\n" for n in range(20_000)))
    engine = FakeEngine()
    session = PlainSession(engine, "/downloads", Teller(lambda _: None, as_json=False))
    adding = asyncio.create_task(session.command(f"a {tmp_path}/list.txt"))
    turns = 0
    while not engine.added:
        turns += 1
        await asyncio.sleep(0)
    await adding
    assert turns > 10
    assert len(engine.added) == 20_000


async def test_cancelling_keeps_the_part(server: Server, tmp_path: Path) -> None:
    server.put("/slow.bin", Pattern(9_000_000), stall_after=3_000_000)
    async with plain(tmp_path, "-x1", server.url("/slow.bin")) as program:
        await program.until(lambda line: line.startswith("1: 33 percent of 9.00 MB"))
        program.tell("x 1")
        await program.until(lambda line: line == "1: slow.bin: cancelled (3.00 MB kept)")
        assert await program.ended() == 1
    assert "slow.bin.part" in names_in(tmp_path)


async def test_progress_is_told_every_tenth(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", Pattern(3_000_000), throttle_bytes_per_s=1_500_000)
    async with plain(tmp_path, "-x", "1", server.url("/file.bin")) as program:
        assert await program.ended() == 0
    told = [line for line in program.said if " percent of 3.00 MB, " in line]
    assert 1 <= len(told) <= 10


async def test_json_tells_every_event(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", Pattern(3_000_000), throttle_bytes_per_s=1_500_000)
    server.put("/busy.bin", FILE, status=503, fail_times=1, retry_after=1)
    urls = [server.url(f"/{name}.bin") for name in ("file", "busy", "missing")]
    async with plain(tmp_path, "--json", "-x", "1", *urls) as program:
        program.tell("")
        assert await program.ended() == 1
    events = {(fact["event"], fact.get("name")) for fact in program.facts}
    assert events >= {
        ("added", "file.bin"),
        ("started", "file.bin"),
        ("progress", "file.bin"),
        ("completed", "file.bin"),
        ("waiting", "busy.bin"),
        ("failed", "missing.bin"),
        ("summary", None),
    }
    completed = next(fact for fact in program.facts if fact["event"] == "completed")
    assert completed["path"] == str(tmp_path / completed["name"])
    failed = next(fact for fact in program.facts if fact["event"] == "failed")
    assert failed["error"]["code"] == "http-404"
    waiting = next(fact for fact in program.facts if fact["event"] == "waiting")
    assert waiting["error"]["code"] == "http-503"


async def test_who_quits_is_told_as_json_what_is_left(server: Server, tmp_path: Path) -> None:
    server.put("/slow.bin", FILE, stall_after=300_000)
    async with plain(tmp_path, "--json", server.url("/slow.bin")) as program:
        await server.until(lambda: server.held_now == 1)
        program.tell("q")
        assert await program.ended() == 0
    (told,) = [fact for fact in program.facts if fact["event"] == "summary"]
    assert [each["name"] for each in told["downloads"]] == ["slow.bin"]
    server.release()


async def test_what_ran_before_stays_paused_when_that_is_asked_for(
    server: Server, tmp_path: Path
) -> None:
    server.put("/slow.bin", FILE, stall_after=300_000)
    async with plain(tmp_path, server.url("/slow.bin")) as program:
        await server.until(lambda: server.held_now == 1)
        program.tell("q")
        assert await program.ended() == 0
    server.release()
    before = len(server.requests)
    async with plain(tmp_path, "--paused") as program:
        assert await program.ended() == 1  # it is not done
    assert len(server.requests) == before


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
async def test_a_signal_saves_and_leaves(server: Server, tmp_path: Path, name: str) -> None:
    server.put("/slow.bin", FILE, stall_after=300_000)
    url = server.url("/slow.bin")
    async with plain(tmp_path, url) as program:
        await server.until(lambda: server.held_now == 1)
        program.process.send_signal(getattr(signal, name))
        await program.until(lambda line: line == "saved; what ran goes on next time")
        assert await program.ended() == 0
    server.release()
    server.resources["/slow.bin"].behaviour.stall_after = None
    async with plain(tmp_path, url) as program:
        assert await program.ended() == 0
    assert "in the list already: 1" in program.said
    assert sha256(tmp_path / "slow.bin") == FILE.sha256()


async def test_a_listener_who_leaves_ends_it_in_good_order(server: Server, tmp_path: Path) -> None:
    server.put("/slow.bin", FILE, stall_after=300_000)
    listener, voice = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tui_downloader", "-d", str(tmp_path), server.url("/slow.bin"),
        stdin=asyncio.subprocess.PIPE, stdout=voice, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    os.close(voice)
    await server.until(lambda: server.held_now == 1)
    os.close(listener)
    assert process.stdin is not None
    process.stdin.write(b"\n")
    async with asyncio.timeout(PATIENCE_S):
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
@pytest.mark.parametrize("mode", ["--plain", "--json"])
async def test_where_nothing_can_be_told_it_ends_with_1(
    server: Server, tmp_path: Path, mode: str
) -> None:
    server.put("/file.bin", FILE)
    full_device = os.open("/dev/full", os.O_WRONLY)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui_downloader", mode, "-d", str(tmp_path)),
        server.url("/file.bin"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=full_device,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(full_device)
    async with asyncio.timeout(PATIENCE_S):
        _, told = await process.communicate()
    assert process.returncode == 1
    assert b"cannot write to standard output: No space left on device" in told


async def test_where_nothing_can_be_kept_the_way_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui_downloader", "--plain"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"TUI_DOWNLOADER_HOME": str(tmp_path / "file" / "home")},
    )
    async with asyncio.timeout(PATIENCE_S):
        _, told = await process.communicate()
    assert process.returncode == 1
    assert b"file/home: Not a directory; TUI_DOWNLOADER_HOME=DIR keeps" in told


async def test_who_deletes_its_folder_while_it_runs_loses_no_queue(
    server: Server, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        server.put(f"/{name}.bin", FILE)
    home, downloads = tmp_path / "home", tmp_path / "to"
    async with plain(downloads, "--plain", TUI_DOWNLOADER_HOME=str(home)) as program:
        program.tell(server.url("/a.bin"))
        await program.until(lambda line: "complete" in line)
        shutil.rmtree(home)
        program.tell(server.url("/b.bin"))
        await program.until(lambda line: line.startswith("2:") and "complete" in line)
        await eventually((home / "queue.db").exists)
        async with plain(downloads, "--plain", TUI_DOWNLOADER_HOME=str(home)) as second:
            assert await second.ended() == 1  # it is still this one's
        assert await program.ended() == 0
    assert "queue.db was deleted; it is there again" in (home / "tui-downloader.log").read_text()
    with closing(QueueStore.open(home / "queue.db")) as queue:
        assert [entry.name for entry in queue.load()] == ["a.bin", "b.bin"]


async def test_a_closed_standard_input_is_no_input(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    command = f'exec "{sys.executable}" -m tui_downloader -d "$0" "$1" <&-'
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", command, str(tmp_path), server.url("/file.bin"), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE_S):
        said, _ = await process.communicate()
    assert process.returncode == 0
    assert b"complete" in said


async def test_names_that_the_encoding_lacks_are_no_reason_to_stop(
    server: Server, tmp_path: Path
) -> None:
    server.put("/%C3%BC%E2%82%AC.bin", FILE)
    url = server.url("/%C3%BC%E2%82%AC.bin")
    async with plain(tmp_path, url, PYTHONIOENCODING="ascii") as program:
        assert await program.ended() == 0
    assert program.said[0] == "1: added ??.bin"


async def test_many_links_are_one_sentence(server: Server, tmp_path: Path) -> None:
    names = [f"/{number}.bin" for number in range(30)]
    for name in names:
        server.put(name, b"x")
    links = tmp_path / "links.txt"
    links.write_text("\n".join(map(server.url, names)))
    async with plain(tmp_path, "-i", str(links)) as program:
        assert await program.ended() == 0
    assert "added 30 downloads, 1 to 30" in program.said
    assert not any(line.endswith(": added 0.bin") for line in program.said)


# What is told, without a process.


def test_progress_is_told_every_half_minute_when_it_is_slow() -> None:
    slow = download(1, Status.DOWNLOADING, done_bytes=5, total_bytes=1000, bytes_per_s=2.0)
    text = told(([], [slow], 0.0), ([], [slow], PROGRESS_S - 1), ([], [slow], PROGRESS_S))
    assert text == "1: 0 percent of 1.00 kB, 2 B/s"


def test_nobody_hears_of_progress_behind_many_lines() -> None:
    said: list[str] = []
    waiting = 1000
    teller = Teller(said.append, as_json=False, waiting=lambda: waiting)
    running = download(1, Status.DOWNLOADING, done_bytes=50, total_bytes=100)
    teller.look([], QueueSnapshot((running,)))
    assert said == []
    waiting = 0
    teller.look([], QueueSnapshot((running,)))
    assert len(said) == 1


def test_a_size_that_is_not_told_is_said_so() -> None:
    first = download(1, Status.DOWNLOADING, done_bytes=5_000_000)
    assert told(([], [first], 0.0), ([], [first], 31.0)) == "1: 5.00 MB so far, size not told"


def test_each_wait_is_told_once() -> None:
    waiting = download(
        1,
        Status.WAITING,
        failure=Failure("http-503", "503 server busy"),
        retry=Retry(12.0, 2, 6),
        resume_at=NOW + 12,
    )
    text = told(([], [waiting], 0.0), ([], [waiting], 0.5))
    assert text == "1: 503 server busy, retry 2 of 6 in 12s"


def test_the_time_of_a_start_is_told_once_also_when_it_is_set_again_within_its_minute() -> None:
    full_minute = 1_800_000_000.0
    for later_s, lines in ((0.4, 1), (59.9, 1), (60.0, 2)):
        looks: list[Look] = [
            ([], [download(1, start_at=full_minute + s)], 0.0) for s in (0.0, later_s)
        ]
        said = told(*looks).splitlines()
        assert [line[:14] for line in said] == ["waiting until "] * lines


def test_a_summary_counts_what_was_skipped_as_that() -> None:
    said: list[str] = []
    taken = Failure("exists", "skipped: b.iso exists already")
    skipped = download(1, Status.CANCELLED, failure=taken)
    queue = QueueSnapshot((skipped, download(2, Status.CANCELLED)), taken_at=NOW)
    Teller(said.append, as_json=False).summary(queue)
    assert said[1:] == ["Besides: 1 skipped, 1 cancelled"]


def test_what_ran_meanwhile_makes_it_another_wait() -> None:
    scheduled, running = download(1, start_at=NOW + 3600), download(2, Status.DOWNLOADING)
    looks: list[Look] = [
        ([], [scheduled], 0.0),
        ([], [scheduled, running], 1.0),
        ([], [scheduled], 2.0),
    ]
    assert len(told(*looks).splitlines()) == 2


BUSY = Failure("http-503", "503 server busy")
NO_NETWORK = Failure("no-network", "no network", "it goes on by itself")


def waiting(failure: Failure, in_s: float | None, **facts: Any) -> Snapshot:
    resume_at = None if in_s is None else NOW + in_s
    return download(1, Status.WAITING, failure=failure, resume_at=resume_at, **facts)


def test_a_retry_is_told_from_a_start_and_so_is_the_end_of_a_wait_without_a_time() -> None:
    running = download(1, Status.DOWNLOADING, name="a.bin")
    nothing: list[EngineEvent] = []
    start = ([happened(EventKind.STARTED)], [running], 0.0)
    busy = (nothing, [waiting(BUSY, 0.2, retry=Retry(12.0, 1, 6))], 0.0)
    dead = (nothing, [waiting(NO_NETWORK, None)], 0.0)
    pause = ([happened(EventKind.PAUSED)], [download(1, Status.PAUSED)], 0.0)
    assert told(start, busy, start, dead, dead, start, pause, start).splitlines() == [
        "1: started a.bin",
        "1: 503 server busy, retry 1 of 6 now",
        "1: retrying a.bin",
        "1: no network; it goes on by itself",
        "1: goes on with a.bin",
        "1: paused a.bin",
        "1: started a.bin",
    ]


def test_what_started_and_was_put_off_is_told_when_it_starts_again() -> None:
    start = ([happened(EventKind.STARTED)], [download(1, Status.DOWNLOADING)], 0.0)
    nothing: list[EngineEvent] = []
    put_off = (nothing, [download(1)], 0.0)
    assert told(start, start, put_off, put_off, start).splitlines() == ["1: started a.bin"] * 2


def test_a_wait_without_a_time_has_none_as_json() -> None:
    fact = json.loads(told(([], [waiting(NO_NETWORK, None)], 0.0), as_json=True))
    assert (fact["event"], fact["wait_s"], fact["error"]["code"]) == ("waiting", None, "no-network")


async def test_answers_come_behind_what_happened_before_them() -> None:
    said: list[str] = []
    engine = FakeEngine([download(1, name="a.bin"), download(2, name="b.bin")])
    session = PlainSession(engine, engine.downloads[0].folder, Teller(said.append, as_json=False))
    for line in ("p 1 7", "s 2 in 2h", "", "https://host1.example/files/file-1.bin"):
        engine.tell(EventKind.STARTED, 1, f"for {line}")
        engine.tell(EventKind.PAUSED, 1, "a.bin")
        await session.command(line)
    told = [line for line in said if not line.endswith(" a.bin")]
    assert [line.partition(" ")[0] for line in told if not line.startswith("Besides")] == [
        *("1:", "there"),
        *("1:", "2:"),
        *("1:", "0"),
        *("1:", "in"),
    ]


@pytest.mark.parametrize(
    ("first", "status", "second", "told"),
    [
        ("p", Status.PAUSED, "r", "1: resumed before it was paused"),
        ("x", Status.CANCELLED, "r", "1: resumed before it was cancelled"),
        ("p", Status.PAUSED, "x", "1: cancelled before it was paused"),
        ("p", Status.PAUSED, "s 1 in 1h", "1: scheduled before it was paused"),
    ],
)
async def test_a_command_that_another_overtakes_is_answered_by_that(
    first: str, status: Status, second: str, told: str
) -> None:
    said: list[str] = []
    engine = FakeEngine([download(1, Status.DOWNLOADING, name="a.bin")])
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    await session.command(f"{first} 1")
    engine.change(1, status=status)  # as wished: no event has told it yet
    await session.command(second if " " in second else f"{second} 1")
    assert said[0] == told
    assert len(said) == (2 if second.startswith("s") else 1)
    engine.change(1, status=Status.CONNECTING)
    engine.tell(EventKind.STARTED, 1, "a.bin")
    await session.command("p 1")
    assert said[-1] == "1: started a.bin"


async def test_a_refusal_comes_behind_the_event_that_it_followed_from() -> None:
    said: list[str] = []
    engine = FakeEngine([download(1, Status.DOWNLOADING), download(2, Status.COMPLETED)])
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    await session.command("p 1")
    engine.change(1, status=Status.PAUSED)
    await session.command("p 1 2")
    assert said == ["2: completed, cannot be paused"]
    engine.tell(EventKind.PAUSED, 1, "a.bin")
    session.look()
    assert said[1:] == ["1: paused a.bin", "1: paused, cannot be paused"]


async def test_a_refusal_is_not_kept_for_an_event_that_never_comes() -> None:
    said: list[str] = []
    engine = FakeEngine([download(1, Status.DOWNLOADING)])
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    await session.command("p 1")
    engine.change(1, status=Status.PAUSED)
    await session.command("p 1")
    session.look(is_last=True)
    assert said == ["1: paused, cannot be paused"]


async def test_what_is_resumed_and_has_no_turn_yet_is_told(server: Server, tmp_path: Path) -> None:
    server.put("/before.bin", FILE, hold=True)
    url = server.url("/file.bin")
    async with plain(tmp_path, "--plain", "-j", "1", server.url("/before.bin")) as program:
        await program.until(lambda line: line == "1: started before.bin")
        program.tell(f"a {url}", "p 2")
        await program.until(lambda line: line == "2: paused file.bin")
        program.tell("r 2")
        await program.until(lambda line: line == "2: stands in line")
        program.tell("q")
        await program.ended()


@pytest.mark.parametrize(
    ("stop", "stopped"), [("p 2", "2: paused file.bin"), ("x 2", "2: file.bin: cancelled")]
)
async def test_what_goes_back_to_its_time_says_so_and_is_told_each_time_that_it_is_stopped(
    server: Server, tmp_path: Path, stop: str, stopped: str
) -> None:
    server.put("/before.bin", FILE, hold=True)
    async with plain(tmp_path, "--plain", "-j", "1", server.url("/before.bin")) as program:
        await program.until(lambda line: line == "1: started before.bin")
        program.tell(f"a {server.url('/file.bin')}", "s 2 in 2h")
        scheduled = await program.until(lambda line: line.startswith("2: starts "))
        program.tell(stop, "r 2")
        await program.until(lambda line: line.startswith("2: sta"))
        program.tell(stop, "q")
        await program.ended()
    of_it = [line for line in program.said if line.startswith("2: ")]
    assert of_it[1:] == [scheduled, stopped, scheduled, stopped]


def test_what_stood_in_line_again_is_told_when_it_is_stopped_again() -> None:
    paused = ([happened(EventKind.PAUSED)], [download(1, Status.PAUSED)], 0.0)
    nothing: list[EngineEvent] = []
    in_line = (nothing, [download(1)], 0.0)
    assert told(paused, paused, in_line, in_line, paused).splitlines() == ["1: paused a.bin"] * 2


async def test_a_link_for_another_folder_or_name_is_another_download() -> None:
    said: list[str] = []
    listed = download(1, name="a.bin")
    engine = FakeEngine([listed])
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    url, folder = listed.url, listed.folder
    await session.add(
        [
            DownloadRequest(url, folder),
            DownloadRequest(url, folder, name="a.bin"),
            DownloadRequest(url, "/elsewhere"),
            DownloadRequest(url, folder, name="b.bin"),
        ]
    )
    assert said == ["in the list already: 1"] * 2
    assert [(request.folder, request.name) for request in engine.added] == [
        ("/elsewhere", None),
        (folder, "b.bin"),
    ]


async def test_a_list_that_is_here_already_is_looked_at_once_not_once_a_link() -> None:
    said: list[str] = []
    engine = FakeEngine([download(number) for number in range(1, 31)])
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    looks_before = engine.snapshots_taken
    await session.add([DownloadRequest(each.url, each.folder) for each in engine.downloads])
    assert said == [f"in the list already: {number}" for number in range(1, 31)]
    assert engine.snapshots_taken - looks_before == 2


async def test_what_is_scheduled_right_behind_being_added_is_told_in_that_order(
    server: Server, tmp_path: Path
) -> None:
    server.put("/before.bin", FILE, hold=True)
    async with plain(tmp_path, "--plain", "-j", "1", server.url("/before.bin")) as program:
        # It has the only turn: however slowly the lines come, the other one begins nothing.
        await program.until(lambda line: line == "1: started before.bin")
        program.tell(f"a {server.url('/file.bin')}", "s 2 in 2h", "q")
        await program.ended()
    _, _, added, scheduled, *_ = program.said
    assert added == "2: added file.bin"
    assert scheduled.startswith("2: starts at ")


@pytest.mark.parametrize("line", ["p {}", "r 1 {}", "s {} 02:00", "s 1 {} in 1h", "x ²"])
async def test_a_number_that_no_download_can_have_is_not_understood(line: str) -> None:
    """Python reads no more than 4,300 digits."""
    said: list[str] = []
    session = PlainSession(FakeEngine([download(1)]), "/d", Teller(said.append, as_json=False))
    await session.command(line.format(f"{1:05000}"))
    assert [each.partition(":")[0] for each in said] == ["not understood"]


@pytest.mark.parametrize("time", ["2x", "25:00", "tomorow 02:00", "2026-13-01 02:00"])
async def test_a_time_that_is_none_is_told_from_a_command_that_is_none(time: str) -> None:
    said: list[str] = []
    session = PlainSession(FakeEngine([download(1)]), "/d", Teller(said.append, as_json=False))
    await session.command(f"s 1 {time}")
    assert [line.partition(":")[0] for line in said] == ["not scheduled"]


def full(number: int, **facts: Any) -> Snapshot:
    no_room = Failure("disk-full", "disk full on /d: needs 3.00 MB, 2.00 MB free", "free some")
    return download(number, Status.PAUSED, name="a.bin", failure=no_room, **facts)


def test_what_a_full_disk_pauses_says_why_and_that_it_goes_on_by_itself_as_it_does() -> None:
    running = download(1, Status.DOWNLOADING, name="a.bin")
    held = ([happened(EventKind.PAUSED)], [full(1)], 0.0)
    going_on = ([happened(EventKind.STARTED)], [running], 0.5)
    paused = ([happened(EventKind.PAUSED)], [download(1, Status.PAUSED)], 1.0)
    resumed = ([happened(EventKind.STARTED)], [running], 1.5)
    assert told(held, going_on, paused, resumed).splitlines() == [
        "1: paused a.bin: disk full on /d: needs 3.00 MB, 2.00 MB free; "
        "goes on by itself when there is space",
        "1: goes on with a.bin",
        "1: paused a.bin",
        "1: started a.bin",
    ]


def test_what_a_full_disk_pauses_has_an_error_as_json() -> None:
    fact = json.loads(told(([happened(EventKind.PAUSED)], [full(1)], 0.0), as_json=True))
    assert fact["event"] == "paused"
    assert fact["error"] == {
        "code": "disk-full",
        "message": "disk full on /d: needs 3.00 MB, 2.00 MB free",
        "hint": "free some",
    }


async def test_what_a_full_disk_pauses_can_be_told_to_stay_paused() -> None:
    said: list[str] = []
    engine = FakeEngine([full(1), download(2, Status.PAUSED)])
    session = PlainSession(engine, "/d", Teller(said.append, as_json=False))
    await session.command("p 1 2")
    assert engine.calls == [("pause", 1)]
    assert said == ["1: stays paused when there is space", "2: paused, cannot be paused"]


def test_what_waits_for_space_is_counted_apart() -> None:
    said: list[str] = []
    paused = download(3, Status.PAUSED)
    Teller(said.append, as_json=False).summary(QueueSnapshot((full(1), full(2), paused)))
    assert said[1:] == ["Besides: 2 paused by a full disk, 1 paused"]


def test_notes_and_removed_downloads_are_told() -> None:
    note = EngineEvent(EventKind.NOTE, 1, "a.bin", "disk full")
    turn = EngineEvent(EventKind.MIRROR, 1, "a.bin", "going on with http://b")
    gone = EngineEvent(EventKind.REMOVED, 2, "b.bin", "")
    assert told(([note, turn, gone], [], 0.0)).splitlines() == [
        "a.bin: disk full",
        "a.bin: going on with http://b",
        "2: removed b.bin",
    ]


def test_the_summary_tells_what_runs_and_what_failed_and_counts_the_rest() -> None:
    gone = Failure("http-404", "the server says 404", "give a new address")
    busy = Failure("http-503", "503 server busy")
    downloads = (
        *(download(n, Status.COMPLETED, name=f"{n}.bin") for n in range(1, 101)),
        download(101, Status.FAILED, name="gone.bin", failure=gone),
        download(102, Status.QUEUED),
        download(
            105,
            Status.COMPLETED,
            name="w.bin",
            total_bytes=1000,
            checked_by="md5",
            assurance=Assurance.DIFFERS,
        ),
        download(103, Status.WAITING, name="busy.bin", failure=busy, resume_at=NOW + 12),
        download(104, Status.DOWNLOADING, name="a.bin", done_bytes=500, total_bytes=1000),
        checked_again(106),
    )
    said: list[str] = []
    Teller(said.append, as_json=False).summary(QueueSnapshot(downloads, taken_at=NOW))
    assert said == [
        "102 of 106 ended, 0 B/s",
        "103: busy.bin: 503 server busy, in 0:12",
        "104: a.bin, downloading 50 percent of 1.00 kB, 0 B/s",
        "106: c.bin, verifying 44 percent of 1.00 kB",
        "101: gone.bin: the server says 404; give a new address; r 101 tries again",
        "105: w.bin: 1.00 kB, md5 differs",
        "Besides: 100 completed, 1 queued",
    ]


def checked_again(number: int) -> Snapshot:
    """A finished file whose digest is compared."""
    size = {"done_bytes": 440, "total_bytes": 1000}
    return download(number, Status.COMPLETED, name="c.bin", phase="sha-256", **size)


def test_a_file_that_is_checked_again_is_told_of_as_that_in_json_too() -> None:
    said: list[str] = []
    Teller(said.append, as_json=True).summary(QueueSnapshot((checked_again(1),), taken_at=NOW))
    (told,) = json.loads(said[0])["downloads"]
    assert (told["status"], told["done_bytes"]) == ("VERIFYING", 440)


def test_while_a_file_is_checked_again_nothing_is_said_to_be_waited_for() -> None:
    scheduled = download(2, start_at=NOW + 3600)
    assert told(([], [checked_again(1), scheduled], 0.0)) == ""


@pytest.mark.parametrize(
    ("status", "eta_s", "is_least", "words"),
    [
        (Status.DOWNLOADING, 90.0, False, "0 of 1 ended, 0 B/s, 1:30 left"),
        (Status.DOWNLOADING, 2.0, False, "0 of 1 ended, 0 B/s, 0:02 left"),
        (Status.DOWNLOADING, 90.0, True, "0 of 1 ended, 0 B/s, at least 1:30 left"),
        (Status.DOWNLOADING, 2.0, True, "0 of 1 ended, 0 B/s"),
        (Status.COMPLETED, 0.0, False, "1 of 1 ended, 0 B/s"),
    ],
)
def test_the_summary_tells_a_time_only_while_something_is_left_and_it_says_something(
    status: Status, eta_s: float, is_least: bool, words: str
) -> None:
    said: list[str] = []
    queue = QueueSnapshot((download(1, status),), eta_s=eta_s, is_eta_least=is_least, taken_at=NOW)
    Teller(said.append, as_json=False).summary(queue)
    assert said[0] == words
