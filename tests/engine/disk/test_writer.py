"""The process that writes small files: what it does, and that nothing depends on it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.engine.crafting import small_file
from tests.engine.disk.bad_folder import good_and_bad
from tests.engine.running import idle, names_in, running, wanted
from tests.server import Pattern, Server
from tests.waiting import PATIENCE_S, eventually
from tui_downloader.engine.disk import batches, small_files, writer, writer_process
from tui_downloader.engine.disk.batches import Batches
from tui_downloader.engine.disk.disk import Disk
from tui_downloader.engine.disk.names import Names
from tui_downloader.engine.disk.owned_files import Finished, finished_earlier
from tui_downloader.engine.disk.part_files import delete
from tui_downloader.engine.disk.small_files import Committed, Committer, SmallFile
from tui_downloader.engine.disk.writer import Unwritten, Writer
from tui_downloader.engine.disk.writer_process import DONE
from tui_downloader.model.download import OnConflict
from tui_downloader.model.errors import DiskError
from tui_downloader.model.status import Status
from tui_downloader.store.lock import lock_partial

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2,
    reason="Linux and two processors are needed",
)
MANY = 20


@pytest.fixture
def process() -> Iterator[Writer]:
    process = Writer()
    assert process.is_there
    yield process
    process.close()


@pytest.fixture
def committer() -> Iterator[Committer]:
    committer = Committer(recorded=False)
    yield committer
    committer.close()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Writer]:
    """Every process that was begun."""
    processes: list[Writer] = []

    class Counted(Writer):
        def __init__(self) -> None:
            super().__init__()
            processes.append(self)

    monkeypatch.setattr(small_files, "Writer", Counted)
    return processes


def unwritten(folder: Path, name: str, data: bytes) -> Unwritten:
    path = str(folder / name)
    return Unwritten(str(folder), f"{path}.part", path, data)


def kill(process: Writer) -> None:
    os.kill(process.process.pid, signal.SIGKILL)


def test_files_get_their_bytes_and_names_and_nothing_else_is_there(
    process: Writer, tmp_path: Path
) -> None:
    files = [unwritten(tmp_path, f"{n}.bin", os.urandom(n * 3000)) for n in range(80)]
    assert process.commit(files) == [(DONE, DONE)] * 80
    assert names_in(tmp_path) == sorted(f"{n}.bin" for n in range(80))
    for file in files:
        assert Path(file.path).read_bytes() == file.data


def served(files: list[Unwritten]) -> tuple[list[int], list[list[int]]]:
    """What the process answers, where a thread of ours does its work."""
    ours, theirs = socket.socketpair()
    serving = threading.Thread(target=writer_process.serve, args=[theirs])
    serving.start()
    with ours, theirs:
        ours.settimeout(PATIENCE_S)
        assert ours.recv(1) == writer_process.READY
        orders = [file.order() for file in files]
        ours.sendall(writer_process.message(orders) + b"".join(file.data for file in files))
        answers = writer_process.received(ours), writer_process.received(ours)
        ours.close()
        serving.join(PATIENCE_S)
    return answers


def test_names_come_between_the_flush_of_the_files_and_that_of_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the power goes there is the whole file or nothing, and what was told is there."""
    seen: dict[int, list[str]] = {}  # by inode, the names that were there after its flush
    flush = os.fsync

    def fsync(fd: int) -> None:
        flush(fd)
        seen[os.fstat(fd).st_ino] = names_in(tmp_path)
        if os.fstat(fd).st_size == 3:
            raise OSError(errno.EIO, "I/O error")

    monkeypatch.setattr(os, "fsync", fsync)
    files = [unwritten(tmp_path, f"{n}.bin", b"x" * n) for n in range(1, 6)]
    inodes, results = served(files)
    assert [number for number, _ in results] == [DONE, DONE, errno.EIO, DONE, DONE]
    named = ["1.bin", "2.bin", "4.bin", "5.bin"]
    assert seen.pop(tmp_path.stat().st_ino) == names_in(tmp_path) == named
    assert len(seen) == len(files)
    assert set(map(tuple, seen.values())) == {()}
    assert [bool(inode) for inode in inodes] == [True, True, False, True, True]


def test_of_each_name_it_is_told_whether_its_folder_could_be_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = good_and_bad(tmp_path, monkeypatch)
    _, results = served([unwritten(folder, "1.bin", b"x") for folder in (good, bad)])
    assert results == [[DONE, DONE], [DONE, errno.EIO]]


def test_a_name_that_the_system_reads_as_no_text_is_kept_byte_for_byte(
    process: Writer, tmp_path: Path
) -> None:
    name = os.fsdecode(b"caf\xe9 \xe6\x97\xa5.bin")
    assert process.commit([unwritten(tmp_path, name, b"x")]) == [(DONE, DONE)]
    assert os.listdir(os.fsencode(tmp_path)) == [b"caf\xe9 \xe6\x97\xa5.bin"]


def test_what_is_there_already_is_never_touched(process: Writer, tmp_path: Path) -> None:
    (tmp_path / "taken.bin").write_bytes(b"mine")
    (tmp_path / "begun.bin.part").write_bytes(b"half")
    files = [unwritten(tmp_path, name, b"new") for name in ("taken.bin", "begun.bin", "free.bin")]
    files.append(unwritten(tmp_path / "nowhere", "lost.bin", b"new"))
    assert [number == DONE for number, _ in process.commit(files)] == [False, False, True, False]
    assert names_in(tmp_path) == ["begun.bin.part", "free.bin", "taken.bin"]
    assert (tmp_path / "taken.bin").read_bytes() == b"mine"


def test_a_process_that_is_killed_leaves_the_work_to_others(
    process: Writer, tmp_path: Path
) -> None:
    kill(process)
    results = process.commit([unwritten(tmp_path, "a.bin", bytes(10_000_000))])
    assert [number == DONE for number, _ in results] == [False]
    assert not process.is_there
    assert names_in(tmp_path) == []


def test_what_a_process_had_named_before_it_was_killed_counts_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed in the middle of its names; some are those of other files with equal bytes."""
    code = Path(writer_process.__file__).read_text(encoding="utf-8")
    lethal = "os.link(" + code.partition("    os.link(")[2].partition("\n")[0]
    assert code.count(lethal) == 1
    script = tmp_path / "dying.py"
    dying = f"{lethal}; b'2.bin' in path and os.kill(os.getpid(), 9)"
    script.write_text(code.replace(lethal, dying), encoding="utf-8")
    monkeypatch.setattr(writer_process, "__file__", str(script))
    process, folder = Writer(), tmp_path / "here"
    folder.mkdir()
    (folder / "1.bin").write_bytes(b"equal")
    (folder / "4.bin").write_bytes(b"equal")
    results = process.commit([unwritten(folder, f"{n}.bin", b"equal") for n in range(5)])
    assert [number == DONE for number, _ in results] == [True, False, True, False, False]
    assert names_in(folder) == ["0.bin", "1.bin", "2.bin", "4.bin"]


def test_a_process_that_somebody_stopped_is_not_waited_for(
    process: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_LOOK_S", 0.05)
    os.kill(process.process.pid, signal.SIGSTOP)
    results = process.commit([unwritten(tmp_path, f"{n}.bin", bytes(300_000)) for n in range(9)])
    assert {number == DONE for number, _ in results} == {False}
    assert process.process.returncode == -signal.SIGKILL
    assert names_in(tmp_path) == []


def begin_and(step: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Writer:
    """Start a process that takes this step before it does anything else."""
    code = Path(writer_process.__file__).read_text(encoding="utf-8")
    ready = "        link.sendall(READY)\n"
    assert code.count(ready) == 1
    script = folder / "other.py"
    script.write_text(code.replace(ready, f"{ready}        {step}\n"), encoding="utf-8")
    monkeypatch.setattr(writer_process, "__file__", str(script))
    process = Writer()
    assert process.is_there
    return process


@pytest.fixture
def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """A process that begins and then does nothing at all."""
    monkeypatch.setattr(writer, "_LOOK_S", 0.05)
    process = begin_and("threading.Event().wait()", tmp_path, monkeypatch)
    yield process
    process.close()


def test_a_process_that_hangs_while_its_disk_answers_is_not_waited_for(
    stuck: Writer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    assert stuck.commit([unwritten(folder, "a.bin", b"x")]) == [(errno.EPIPE, DONE)]
    assert not stuck.is_there
    assert stuck.process.returncode == -signal.SIGKILL
    assert "hangs though its disk answers: they are written without it" in caplog.text
    assert names_in(folder) == []


def test_a_process_that_hangs_with_its_disk_is_waited_for_as_long_as_that(
    stuck: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, released, flush = threading.Event(), threading.Event(), os.fsync

    def hang(fd: int) -> None:
        begun.set()
        assert released.wait(2 * PATIENCE_S)
        flush(fd)

    monkeypatch.setattr(os, "fsync", hang)
    with ThreadPoolExecutor(1) as threads:
        results = threads.submit(stuck.commit, [unwritten(tmp_path, "a.bin", b"x")])
        assert begun.wait(PATIENCE_S)
        assert (results.done(), stuck.is_there) == (False, True)
        released.set()
        assert results.result(PATIENCE_S) == [(errno.EPIPE, DONE)]


def test_a_process_that_works_on_is_waited_for_however_slow_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_LOOK_S", 0.5)
    step = "for _ in range(12): threading.Event().wait(0.1)"
    process = begin_and(step, tmp_path, monkeypatch)
    assert process.commit([unwritten(tmp_path, "a.bin", b"x")]) == [(DONE, DONE)]
    process.close()


def test_what_a_process_does_can_be_seen(process: Writer, tmp_path: Path) -> None:
    before = process._steps()
    process.commit([unwritten(tmp_path, "a.bin", b"x")])
    assert process._steps() > before


def test_a_process_keeps_no_file_open(process: Writer, tmp_path: Path) -> None:
    """Thousands come one batch after the other, refused ones among them."""
    descriptors = f"/proc/{process.process.pid}/fd"
    before = os.listdir(descriptors)
    for name in ("1.bin", "2.bin", "2.bin"):
        process.commit([unwritten(tmp_path, name, b"x")])
    assert os.listdir(descriptors) == before


def test_a_process_gives_no_names_for_somebody_who_is_gone(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(writer_process.message([unwritten(tmp_path, "a.bin", b"x").order()]) + b"x")
        ours.shutdown(socket.SHUT_WR)
        writer_process.serve(theirs)
    assert names_in(tmp_path) == []


def test_a_process_that_does_not_begin_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "slow.py"
    script.write_text("import time; time.sleep(60)", encoding="utf-8")
    monkeypatch.setattr(writer_process, "__file__", str(script))
    monkeypatch.setattr(writer, "_START_S", 0.05)
    slow = Writer()
    assert not slow.is_there
    assert slow.process.returncode == -signal.SIGKILL
    assert "does not begin: they are written without it" in caplog.text


def test_a_process_that_does_not_end_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system call on a disk that hangs holds it, whatever signal it gets."""
    process = Writer()
    process.process.send_signal(signal.SIGSTOP)
    with monkeypatch.context() as patched:
        patched.setattr(process.process, "kill", lambda: None)
        process.close()
    assert process.process.returncode is None
    process.process.kill()
    process.process.wait(PATIENCE_S)


def test_a_process_ends_with_whoever_started_it() -> None:
    code = (
        "import os, signal\n"
        "from tui_downloader.engine.disk.writer import Writer\n"
        "print(Writer().process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    pid = int(done.stdout)
    with contextlib.suppress(ProcessLookupError):  # it was quick
        watched = os.pidfd_open(pid)
        assert select.select([watched], [], [], PATIENCE_S)[0]
        os.close(watched)


def test_a_process_loads_nothing_of_this_program() -> None:
    code = "import runpy, sys; runpy.run_path(sys.argv[1]); print(*sys.modules)"
    path = writer_process.__file__
    command = [sys.executable, "-I", "-S", "-c", code, path]
    loaded = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert not [name for name in loaded if name.startswith("tui_downloader")]
    assert not {"asyncio", "logging", "subprocess"} & set(loaded)


# Batches, with and without it.


def batch(folder: Path, names: Names, count: int = MANY) -> list[SmallFile]:
    return [small_file(number, folder, names) for number in range(count)]


def test_many_files_at_once_are_worth_a_process(
    committer: Committer, started: list[Writer], tmp_path: Path
) -> None:
    names = Names()
    assert committer.commit(batch(tmp_path, names, 2)) == [
        Committed(f"{n}.bin", ()) for n in (0, 1)
    ]
    assert not started
    again = committer.commit(batch(tmp_path, names))
    assert len(started) == 1
    assert all(isinstance(outcome, Committed) for outcome in again)
    assert len(names_in(tmp_path)) == MANY + 2  # the first two have other names now
    assert committer.commit(batch(tmp_path / "elsewhere", names)) == [
        Committed(f"{n}.bin", ()) for n in range(MANY)
    ]
    assert len(started) == 1


async def test_the_process_ends_when_nothing_comes_and_another_one_begins_when_it_is_needed(
    started: list[Writer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "_REST_S", 0.01)
    disk = Disk()
    line = Batches(disk, recorded=False)
    serving = asyncio.create_task(line.run())
    for times in (1, 2):
        here = tmp_path / str(times)
        outcomes = await asyncio.gather(*map(line.put, batch(here, Names())))
        assert outcomes == [Committed(f"{n}.bin", ()) for n in range(MANY)]
        await eventually(lambda: started[-1].process.returncode is not None)
        assert len(started) == times
    serving.cancel()
    await asyncio.wait({serving})
    disk.close()


def test_what_takes_a_decision_is_decided_as_ever(committer: Committer, tmp_path: Path) -> None:
    (tmp_path / "3.bin").write_bytes(b"before")
    (tmp_path / "4.bin").write_bytes(b"before")
    (tmp_path / "no folder").touch()
    names = Names()
    files = batch(tmp_path, names)
    replacing = files[4].destination._replace(on_conflict=OnConflict.OVERWRITE)
    files[4] = files[4]._replace(destination=replacing)
    files[5] = small_file(5, tmp_path / "no folder", names)
    outcomes = committer.commit(files)
    assert outcomes[3] == Committed("3 (1).bin", ())
    assert (tmp_path / "3.bin").read_bytes() == b"before"
    assert isinstance(outcomes[4], Committed)
    assert (tmp_path / "4.bin").read_bytes() == b"4"
    assert isinstance(outcomes[5], DiskError)
    kinds = {type(outcome) for n, outcome in enumerate(outcomes) if n != 5}
    assert kinds == {Committed}


def test_a_batch_survives_the_end_of_the_process(
    committer: Committer, started: list[Writer], tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    committer.commit(batch(tmp_path / "a", Names()))
    kill(started[0])
    for name in ("b", "c"):
        outcomes = committer.commit(batch(tmp_path / name, Names()))
        assert outcomes == [Committed(f"{n}.bin", ()) for n in range(MANY)]
        for number in range(MANY):
            assert (tmp_path / name / f"{number}.bin").read_bytes() == b"%d" % number
    assert len(started) == 1


def test_where_no_process_can_be_started_files_are_written_all_the_same(
    committer: Committer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(writer, "_START_S", PATIENCE_S)
    monkeypatch.setattr(writer_process, "__file__", str(tmp_path / "missing.py"))
    assert committer.commit(batch(tmp_path, Names())) == [
        Committed(f"{n}.bin", ()) for n in range(MANY)
    ]
    assert "ended at once with code 2: they are written without it" in caplog.text
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    other = Committer(recorded=False)
    assert len(other.commit(batch(tmp_path / "other", Names()))) == MANY
    other.close()
    assert f"can be started ([Errno {errno.ENOENT}] No such file or directory" in caplog.text


def test_with_a_queue_there_is_a_trace_of_each_until_it_knows(
    started: list[Writer], tmp_path: Path
) -> None:
    committer = Committer(recorded=True)
    outcomes = committer.commit(batch(tmp_path, Names()))
    committer.close()
    assert len(started) == 1
    for n, outcome in enumerate(outcomes):
        assert isinstance(outcome, Committed)
        assert finished_earlier(str(tmp_path / f"{n}.bin")) == Finished(
            len(b"%d" % n), outcome.leftovers
        )
        delete(outcome.leftovers)
    assert names_in(tmp_path) == sorted(f"{n}.bin" for n in range(MANY))


@pytest.mark.parametrize("name", ["1.bin", "1.bin.part", "1.bin.part.old", "1.bin.part.json"])
def test_a_trace_takes_no_name_that_is_taken(process: Writer, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    traced = unwritten(tmp_path, "1.bin", b"new")._replace(passport="{}")
    assert [number == DONE for number, _ in process.commit([traced])] == [False]
    assert names_in(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"mine"


def test_a_trace_is_locked_until_its_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else may go on with it: to others it is a partial like any."""
    looked: list[bool] = []
    give = writer_process.give_name

    def give_name(fd: int, path: bytes) -> None:
        give(fd, path)
        other = os.open(path, os.O_RDWR)
        looked.append(lock_partial(other))
        os.close(other)

    monkeypatch.setattr(writer_process, "give_name", give_name)
    file = writer_process._File(
        unwritten(tmp_path, "1.bin", b"new")._replace(passport="{}").order()
    )
    file.write(bytearray(b"new"))
    file.name()
    file.close()
    assert looked == [False, False]


@pytest.mark.parametrize("refused", ["1.bin", "1.bin.part", ".1.bin.part.json.tmp"])
def test_a_trace_that_finds_no_room_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    give, write = writer_process.give_name, os.write

    def full(path: str) -> None:
        if os.path.basename(path) == refused:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def give_name(fd: int, path: bytes) -> None:
        full(os.fsdecode(path))
        give(fd, path)

    def write_(fd: int, data: bytes) -> int:
        full(os.readlink(f"/proc/self/fd/{fd}"))
        return write(fd, data)

    file = writer_process._File(
        unwritten(tmp_path, "1.bin", b"new")._replace(passport="{}").order()
    )
    file.write(bytearray(b"new"))
    monkeypatch.setattr(writer_process, "give_name", give_name)
    monkeypatch.setattr(os, "write", write_)
    file.attempt(file.name)
    file.close()
    assert file.number == errno.ENOSPC
    assert names_in(tmp_path) == []


KILLED_AT = [
    ("os.rename(temporary, self._passport_path)", False),
    ("give_name(self._fd, self._part_path)", False),
    ("give_name(self._fd, self._path)\n            undo", True),
]


@pytest.mark.parametrize(("step", "is_last"), KILLED_AT)
@pytest.mark.parametrize("side", ["before", "after"])
def test_a_process_that_is_killed_around_a_trace_leaves_each_file_once(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: list[Writer],
    step: str,
    is_last: bool,
    side: str,
) -> None:
    code = Path(writer_process.__file__).read_text(encoding="utf-8")
    assert code.count(step) == 1
    call, _, rest = step.partition("\n")
    death = "b'7.bin' in self._path and os.kill(os.getpid(), 9)"
    both = (death, call) if side == "before" else (call, death)
    script = tmp_path / "dying.py"
    script.write_text(code.replace(step, "; ".join(both) + "\n" * is_last + rest), "utf-8")
    monkeypatch.setattr(writer_process, "__file__", str(script))
    committer, folder = Committer(recorded=True), tmp_path / "here"
    folder.mkdir()
    outcomes = committer.commit(batch(folder, Names()))
    assert not started[0].is_there
    committer.close()
    leftovers = {
        path for each in outcomes if isinstance(each, Committed) for path in each.leftovers
    }
    delete(tuple(leftovers))
    assert names_in(folder) == sorted(f"{n}.bin" for n in range(MANY))
    for number in range(MANY):
        assert (folder / f"{number}.bin").read_bytes() == b"%d" % number


async def test_thousands_of_files_over_a_real_socket_are_whole(
    server: Server, started: list[Writer], tmp_path: Path
) -> None:
    files = {f"/{n}.bin": Pattern(200 + n, seed=n) for n in range(400)}
    for path, file in files.items():
        server.put(path, file)
    async with running(jobs=16) as engine:
        engine.add([wanted(server.url(path), tmp_path) for path in files])
        ended = await idle(engine)
    assert {download.status for download in ended} == {Status.COMPLETED}
    assert len(started) == 1
    assert started[0].process.returncode is not None
    assert names_in(tmp_path) == sorted(path[1:] for path in files)
    for path, file in files.items():
        assert (tmp_path / path[1:]).read_bytes() == bytes(file)
