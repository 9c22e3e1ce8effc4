"""How the program ends, what a bug in one download may do, and how two programs share a folder."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.crafting import leave_part
from tests.engine.one_file import FILE, HALF, SIZE
from tests.engine.running import get, idle, names_in, running, sha256, until, wanted
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine import Engine, EngineOptions, EventKind
from tui_downloader.engine.queue import journal
from tui_downloader.engine.transfer import asking
from tui_downloader.model import answers
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.status import Status
from tui_downloader.runs import signals
from tui_downloader.store import passports
from tui_downloader.store.entry import QueueError
from tui_downloader.store.queue import QueueStore
from tui_downloader.ui import engine_life

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tui_downloader.store.entry import Entry

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

# Runs `get` on a disk whose flushes take for ever.
ON_A_STUCK_DISK = """
import os, sys, time
from tui_downloader.cli import main

def stuck(fd):
    print("flushing", file=sys.stderr, flush=True)
    time.sleep(600)

os.fdatasync = stuck
sys.exit(main(sys.argv[1:]))
"""
ONE_STUCK_DISK = ON_A_STUCK_DISK.replace(
    "(fd):", '(fd):\n    if "stuck" not in os.readlink(f"/proc/self/fd/{fd}"):\n        return'
)


async def start(
    *arguments: str, script: str | None = None, stdin: int = subprocess.DEVNULL
) -> asyncio.subprocess.Process:
    """Start the program, or a script that stands for it."""
    begin = ["-m", "tui_downloader"] if script is None else ["-c", script]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *begin, *arguments),
        stdin=stdin,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """Wait for its end; return the exit code and everything it said on stderr."""
    async with asyncio.timeout(PATIENCE_S):
        _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, errors.decode()


async def half_is_here(server: Server, folder: Path, name: str = "file.bin", held: int = 1) -> None:
    """Wait until half of the file has been written and the server holds the rest back."""
    await server.until(lambda: server.held_now == held)
    part = folder / f"{name}.part"
    await eventually(lambda: part.exists() and part.stat().st_size >= HALF)


# Signals.


@pytest.mark.parametrize("number", SIGNALS)
async def test_a_signal_syncs_records_and_leaves(
    server: Server, tmp_path: Path, number: signal.Signals
) -> None:
    resource = server.put("/file.bin", FILE).first(stall_after=HALF)
    process = await start("get", "-x1", "-d", str(tmp_path), server.url("/file.bin"))
    await half_is_here(server, tmp_path)
    process.send_signal(number)
    code, errors = await ended(process)
    assert code == 130
    assert "the same command goes on" in errors
    passport = passports.read(str(tmp_path / "file.bin.part"))
    assert passport is not None
    assert passport.durable == passport.done == ((0, HALF),)
    process = await start("get", "-x1", "-d", str(tmp_path), server.url("/file.bin"))
    assert (await ended(process))[0] == 0
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert resource.sent_bytes < SIZE + 100_000


@pytest.mark.parametrize(
    "state",
    [{"hold": True}, {"status": 503, "retry_after": 3600}, {"status": 503, "retry_after": 20}],
    ids=["connecting", "waiting long", "waiting"],
)
async def test_a_signal_ends_every_kind_of_wait(
    server: Server, tmp_path: Path, state: dict[str, Any]
) -> None:
    server.put("/file.bin", FILE, **state)
    process = await start("get", "-x1", "-d", str(tmp_path), server.url("/file.bin"))
    await server.until(lambda: server.requests != [])
    process.send_signal(signal.SIGTERM)
    assert (await ended(process))[0] == 130
    assert "file.bin" not in names_in(tmp_path)


async def test_a_stuck_disk_does_not_keep_the_program(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE).first(stall_after=HALF)
    process = await start(
        "get", "-x1", "-d", str(tmp_path), server.url("/file.bin"), script=ON_A_STUCK_DISK
    )
    await half_is_here(server, tmp_path)
    process.send_signal(signal.SIGTERM)
    code, errors = await ended(process)
    assert code == 130
    assert "a disk does not answer" in errors
    assert "file.bin" not in names_in(tmp_path)


async def test_what_is_on_other_disks_is_saved_all_the_same(server: Server, tmp_path: Path) -> None:
    for folder in ("stuck", "sound"):
        server.put(f"/{folder}.bin", FILE).first(stall_after=HALF)
    links = tmp_path / "links.txt"
    names = "stuck", "sound"
    lines = [f"{server.url(f'/{name}.bin')}\n dir={tmp_path / name}\n" for name in names]
    links.write_text("".join(lines))
    process = await start("get", "-x1", "-i", str(links), script=ONE_STUCK_DISK)
    await half_is_here(server, tmp_path / "stuck", "stuck.bin", held=2)
    await half_is_here(server, tmp_path / "sound", "sound.bin", held=2)
    process.send_signal(signal.SIGTERM)
    assert (await ended(process))[0] == 130
    passport = passports.read(str(tmp_path / "sound" / "sound.bin.part"))
    assert passport is not None
    assert passport.durable == passport.done == ((0, HALF),)


async def test_a_queue_that_cannot_be_saved_is_told_and_everything_ends(tmp_path: Path) -> None:
    queue = QueueStore.open(tmp_path / "queue.db")
    engine = await Engine(EngineOptions(), queue).__aenter__()
    engine.add([wanted("http://host.example/file.bin", tmp_path)], paused=True)
    queue.close()  # stands for a file that cannot be written
    with pytest.raises(QueueError):
        await engine.__aexit__(None, None, None)
    assert asyncio.all_tasks() == {asyncio.current_task()}


class CountingStore(QueueStore):
    """Counts how often it is to save something."""

    saves = 0

    def save(self, entries: Iterable[Entry]) -> None:
        self.saves += 1
        super().save(entries)


async def tried_again(engine: Engine, store: CountingStore) -> None:
    """Wait until what could not be saved was tried again, and more than once."""
    before = store.saves
    await until(engine, lambda _: store.saves > before + 2)


async def test_a_queue_in_trouble_is_told_at_once_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_RETRY_S", 0.01)
    store = CountingStore.open(tmp_path / "queue.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "queue.db")) as trouble:
        async with Engine(EngineOptions(), store) as engine:
            notes = engine.events(EventKind.NOTE)
            for number in range(2):
                refusal = "BEGIN SELECT RAISE(ABORT, 'no room'); END"
                trouble.execute(f"CREATE TRIGGER refusal BEFORE INSERT ON downloads {refusal}")
                engine.add([wanted(f"http://host.example/{number}.bin", tmp_path)], paused=True)
                told = await anext(notes)
                assert told.message.startswith("the queue cannot be saved: no room; until it can")
                assert (told.download_id, told.name) == (0, "")
                await tried_again(engine, store)
                assert notes.taken() == []
                trouble.execute("DROP TRIGGER refusal")
                assert (await anext(notes)).message == "the queue is saved again"
    store.close()
    with contextlib.closing(QueueStore.open(tmp_path / "queue.db")) as saved:
        assert len(saved.load()) == 2


async def test_who_suspends_the_program_does_not_suffer_from_a_queue_in_trouble(
    tmp_path: Path,
) -> None:
    queue = QueueStore.open(tmp_path / "queue.db")
    is_flushed = False
    with contextlib.suppress(QueueError):  # whoever leaves is told, other than who suspends
        async with Engine(EngineOptions(), queue) as engine:
            engine.add([wanted("http://host.example/file.bin", tmp_path)], paused=True)
            queue.close()
            await engine.flush()
            is_flushed = True
    assert is_flushed


# Lets no file grow beyond a size at which the queue is made, but nothing long is added to it.
ON_A_SMALL_DISK = """
import resource, sys
from tui_downloader.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
async def test_a_queue_that_cannot_be_saved_is_told_in_words(tmp_path: Path) -> None:
    links = [f"http://127.0.0.1:1/{letter * 60_000}" for letter in "abcdef"]
    process = await start(
        *("--plain", "-d", str(tmp_path), *links),
        script=ON_A_SMALL_DISK,
        stdin=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(b"q\n")
    code, errors = await ended(process)
    assert code == 1
    assert "the queue cannot be saved" in errors
    assert "Traceback" not in errors


async def test_a_stuck_disk_does_not_keep_who_quits_by_a_line(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE).first(stall_after=HALF)
    process = await start(
        *("--plain", "-d", str(tmp_path), server.url("/file.bin")),
        script=ON_A_STUCK_DISK,
        stdin=subprocess.PIPE,
    )
    await half_is_here(server, tmp_path)
    assert process.stdin is not None
    process.stdin.write(b"q\n")
    code, errors = await ended(process)
    assert code == 0
    assert "a disk does not answer" in errors


def test_nobody_who_told_the_program_to_end_waits_for_more_than_three_seconds() -> None:
    assert signals._GRACE_S < 3
    assert engine_life._SAVING_S + engine_life._LAST_CHANCE_S < 3


async def test_a_second_ctrl_c_leaves_at_once(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE).first(stall_after=HALF)
    patient = f"from tui_downloader.runs import signals\nsignals._GRACE_S = 600\n{ON_A_STUCK_DISK}"
    process = await start(
        "get", "-x1", "-d", str(tmp_path), server.url("/file.bin"), script=patient
    )
    await half_is_here(server, tmp_path)
    assert process.stderr is not None
    process.send_signal(signal.SIGINT)
    while b"flushing" not in await process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    assert (await ended(process))[0] == 130
    assert passports.read(str(tmp_path / "file.bin.part")) is not None


# A bug.


@pytest.mark.parametrize("bug", [ZeroDivisionError, KeyError, RecursionError, AssertionError])
async def test_a_bug_in_one_download_fails_it_and_nothing_else(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    bug: type[Exception],
) -> None:
    real = answers.judge

    def judge(ask: Any, known: Any, head: Any) -> Any:
        if known.file_name == "bad.bin":
            raise bug("on purpose")
        return real(ask, known, head)

    monkeypatch.setattr(asking, "judge", judge)
    for name in ("good", "bad", "later"):
        server.put(f"/{name}.bin", FILE)
    async with running(tmp_path / "queue.db") as engine:
        engine.add(
            [wanted(server.url(f"/{name}.bin"), tmp_path / "to") for name in ("good", "bad")]
        )
        good, bad = await idle(engine)
        later = await get(engine, server.url("/later.bin"), tmp_path / "to")
        assert (good.status, later.status) == (Status.COMPLETED, Status.COMPLETED)
        assert bad.failure is not None
        assert (bad.status, bad.failure.code) == (Status.FAILED, "internal")
        assert bug.__name__ in bad.failure.message
        assert "on purpose" in caplog.text  # with the traceback
        monkeypatch.undo()
        engine.resume([bad.download_id])
        await idle(engine)
    assert sha256(tmp_path / "to" / "bad.bin") == FILE.sha256()


async def test_a_bug_while_bytes_arrive_leaves_a_sound_partial(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.pwrite

    def pwrite(fd: int, data: bytes, offset: int) -> int:
        if offset >= HALF:
            raise RuntimeError("on purpose")
        return real(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    server.put("/file.bin", FILE)
    async with running() as engine:
        download = await get(engine, server.url("/file.bin"), tmp_path)
        assert download.failure is not None
        assert (download.status, download.failure.code) == (Status.FAILED, "internal")
        monkeypatch.undo()
        engine.resume([download.download_id])
        (download,) = await idle(engine)
    assert download.status is Status.COMPLETED
    assert sha256(tmp_path / "file.bin") == FILE.sha256()


async def test_requests_that_make_no_sense_fail_alone(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE)
    strange = [
        "",
        "nonsense",
        "http://",
        "http://[::1",
        "http://a b/",
        "gopher://x/",
        "http://x:0/",
    ]
    async with running() as engine:
        engine.add([DownloadRequest(url=url, folder=str(tmp_path)) for url in strange])
        for folder in ("nul \0", "surrogate \ud800"):  # as a list of links may say
            engine.add([wanted(server.url("/file.bin"), tmp_path / folder)])
        await idle(engine)
        engine.add([wanted(server.url("/file.bin"), tmp_path)])
        *failed, good = await idle(engine)
    assert {download.status for download in failed} == {Status.FAILED}
    assert all(d.failure is not None and d.failure.code != "internal" for d in failed)
    assert good.status is Status.COMPLETED


# Two programs.


async def test_two_programs_never_write_one_partial(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE).first(stall_after=HALF)
    first = await start("get", "-x1", "-d", str(tmp_path), server.url("/file.bin"))
    await server.until(lambda: server.held_now == 1)
    second = await start("get", "-x1", "-d", str(tmp_path), server.url("/file.bin"))
    assert (await ended(second))[0] == 0
    assert sha256(tmp_path / "file (1).bin") == FILE.sha256()
    server.release()
    assert (await ended(first))[0] == 0
    assert sha256(tmp_path / "file.bin") == FILE.sha256()
    assert names_in(tmp_path) == ["file (1).bin", "file.bin"]


async def test_a_partial_that_another_program_writes_is_left_alone(
    server: Server, tmp_path: Path
) -> None:
    resource = server.put("/file.bin", FILE)
    leave_part(tmp_path, resource, server.url("/file.bin"), (0, HALF))
    before = (tmp_path / "file.bin.part").read_bytes()
    with (tmp_path / "file.bin.part").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        async with running() as engine:
            download = await get(engine, server.url("/file.bin"), tmp_path)
        assert (download.status, download.name) == (Status.COMPLETED, "file (1).bin")
    assert (tmp_path / "file.bin.part").read_bytes() == before
    assert sha256(tmp_path / "file (1).bin") == FILE.sha256()


async def test_many_programs_at_once_make_whole_files_only(server: Server, tmp_path: Path) -> None:
    server.put("/file.bin", FILE, throttle_bytes_per_s=6_000_000)
    server.put("/small.bin", Pattern(5000))
    urls = server.url("/file.bin"), server.url("/small.bin")
    all_ = [await start("get", "-q", "-d", str(tmp_path), *urls) for _ in range(4)]
    assert [(await ended(process))[0] for process in all_] == [0] * 4
    # One that starts when another has just finished may find that its work is done.
    digests = [sha256(path) for path in tmp_path.iterdir()]
    assert set(digests) == {FILE.sha256(), Pattern(5000).sha256()}
    assert max(digests.count(each) for each in digests) <= 4


async def test_a_second_instance_on_the_same_state_says_so(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_DOWNLOADER_HOME", str(tmp_path / "home"))
    server.put("/file.bin", FILE).first(stall_after=HALF)
    arguments = "--plain", "-x", "1", "-d", str(tmp_path / "to"), server.url("/file.bin")
    first = await start(*arguments)
    await server.until(lambda: server.held_now == 1)
    second = await start(*arguments)
    code, errors = await ended(second)
    assert code == 1
    assert "already running" in errors
    assert str(first.pid) in errors
    assert server.resources["/file.bin"].hits == 1
    first.send_signal(signal.SIGTERM)
    await ended(first)


async def test_get_runs_beside_an_instance(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUI_DOWNLOADER_HOME", str(tmp_path / "home"))
    server.put("/file.bin", FILE).first(stall_after=HALF)
    first = await start("--plain", "-x1", "-d", str(tmp_path / "to"), server.url("/file.bin"))
    await server.until(lambda: server.held_now == 1)
    beside = await start("get", "--json", "-d", str(tmp_path / "to"), server.url("/file.bin"))
    out, _ = await beside.communicate()
    assert beside.returncode == 0
    assert json.loads(out)["status"] == "COMPLETED"
    assert sha256(tmp_path / "to" / "file (1).bin") == FILE.sha256()
    first.send_signal(signal.SIGTERM)
    await ended(first)


async def test_leaving_while_everything_happens_keeps_every_record_sound(
    server: Server, tmp_path: Path
) -> None:
    """Pause, cancel, remove and leave at any step: each record is of bytes that are there."""
    names = [f"{n}.bin" for n in range(8)]
    for n, name in enumerate(names):
        server.put(f"/{name}", FILE, throttle_bytes_per_s=1_000_000 * (n + 1))
    async with running(tmp_path / "queue.db", jobs=8, connections=0) as engine:
        ids = engine.add([wanted(server.url(f"/{name}"), tmp_path / "to") for name in names])
        await until(engine, lambda all_: sum(d.done_bytes > 0 for d in all_) == 8)
        engine.pause(ids[:2])
        engine.cancel(ids[2:4], keep=True)
        engine.remove(ids[4:5])
        engine.restart(ids[5:6])
    for path in (tmp_path / "to").glob("*.part"):
        passport = passports.read(str(path))
        assert passport is not None
        part = path.read_bytes()
        assert all(part[start:end] == FILE[start:end] for start, end in passport.done)
    for name in names:
        server.resources[f"/{name}"].behaviour.throttle_bytes_per_s = None
    async with running(tmp_path / "queue.db", jobs=8) as engine:
        engine.resume([d.download_id for d in engine.snapshot().downloads])
        await until(engine, lambda all_: all(d.status is Status.COMPLETED for d in all_))
    assert {sha256(path) for path in (tmp_path / "to").glob("*.bin")} == {FILE.sha256()}


# A queue that was lost.


@pytest.mark.parametrize("content", [b"this is no queue" * 100, None])
async def test_when_the_queue_is_lost_partials_are_offered_again(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """A file that is no queue, and one of a newer version."""
    home, folder = tmp_path / "home", tmp_path / "to"
    monkeypatch.setenv("TUI_DOWNLOADER_HOME", str(home))
    folder.mkdir()
    resource = server.put("/file.bin", FILE)
    leave_part(folder, resource, server.url("/file.bin"), (0, HALF))
    queue_file = await the_queue_file(home, folder)
    if content is None:
        with contextlib.closing(sqlite3.connect(queue_file)) as queue:
            queue.execute("PRAGMA user_version = 99")
    else:
        queue_file.write_bytes(content)
    before = queue_file.read_bytes()
    process = await start("--plain", "-d", str(folder), stdin=subprocess.PIPE)
    out, errors = await process.communicate(b"r 1\n")
    assert b"it was kept as queue.db.1.bad" in errors
    assert b"listed again, paused: 1" in errors
    assert (queue_file.parent / "queue.db.1.bad").read_bytes() == before
    assert process.returncode == 0, out + errors
    assert sha256(folder / "file.bin") == FILE.sha256()
    assert server.requests[0].range_start == HALF - 64 * 1024


async def test_a_queue_whose_damage_shows_late_is_kept_aside_too(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, folder = tmp_path / "home", tmp_path / "to"
    monkeypatch.setenv("TUI_DOWNLOADER_HOME", str(home))
    folder.mkdir()
    resource = server.put("/file.bin", FILE)
    leave_part(folder, resource, server.url("/file.bin"), (0, HALF))
    queue_file = await the_queue_file(home, folder)
    async with running(queue_file) as engine:
        engine.add([wanted(f"http://host.example/{n}", folder) for n in range(500)], paused=True)
    damaged = bytearray(queue_file.read_bytes())
    for page in range(6 * 4096, len(damaged), 4096):
        damaged[page : page + 200] = bytes(200)
    queue_file.write_bytes(damaged)
    process = await start("--plain", "-d", str(folder), stdin=subprocess.PIPE)
    out, errors = await process.communicate(b"r 1\n")
    assert b"it was kept as queue.db.1.bad" in errors
    assert b"listed again, paused: 1" in errors
    assert (queue_file.parent / "queue.db.1.bad").read_bytes() == damaged
    assert process.returncode == 0, out + errors
    assert sha256(folder / "file.bin") == FILE.sha256()


@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
async def test_a_queue_that_has_no_room_today_is_left_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, folder = tmp_path / "home", tmp_path / "to"
    monkeypatch.setenv("TUI_DOWNLOADER_HOME", str(home))
    queue_file = await the_queue_file(home, folder)
    async with running(queue_file) as engine:
        engine.add([wanted("http://host.example/file.bin", folder)], paused=True)
    before = queue_file.read_bytes()
    script = ON_A_SMALL_DISK.replace("200_000", "1000")
    process = await start("--plain", "-d", str(folder), script=script)
    code, errors = await ended(process)
    assert code == 1
    assert "the queue" in errors
    assert "Traceback" not in errors
    assert queue_file.read_bytes() == before
    assert not list(home.rglob("*.bad"))


async def the_queue_file(home: Path, folder: Path) -> Path:
    """Let the program make its queue, and return where it is."""
    process = await start("--plain", "-d", str(folder), stdin=subprocess.PIPE)
    await process.communicate(b"q\n")
    (found,) = home.rglob("queue.db")
    return found
