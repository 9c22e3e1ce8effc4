"""One instance per state folder, one writer per partial; a lock dies with its holder."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tui_downloader.store.lock import HeldByOther, InstanceLock, lock_partial

HOLDER = """
import sys
from pathlib import Path
from tui_downloader.store.lock import InstanceLock
lock = InstanceLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "instance.lock"


def holder_of(path: Path) -> subprocess.Popen[str]:
    """A process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="locks are others there")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_used_without(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import fcntl

    def flock(fd: int, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    with path.open("w") as file:
        assert lock_partial(file.fileno())


@pytest.mark.skipif(sys.platform == "win32", reason="locks are others there")
def test_a_disk_that_cannot_say_who_has_a_lock_gives_none(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def flock(fd: int, operation: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", flock)
    with path.open("w") as file, pytest.raises(OSError, match="Input/output error"):
        lock_partial(file.fileno())


def test_the_second_is_told_who_is_first_and_what_to_do(path: Path) -> None:
    with holder_of(path) as first:
        with pytest.raises(HeldByOther, match=rf"process {first.pid}\).*TUI_DOWNLOADER_HOME"):
            InstanceLock(path).acquire()
        assert path.read_text() == str(first.pid)
        first.communicate("")


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM])
def test_a_holder_that_died_holds_nothing(path: Path, blow: signal.Signals) -> None:
    with holder_of(path) as first:
        first.send_signal(blow)
        first.wait()
    lock = InstanceLock(path)
    lock.acquire()
    assert path.read_text() == str(os.getpid())
    lock.release()


def test_a_lock_given_back_is_free(path: Path) -> None:
    lock, other = InstanceLock(path), InstanceLock(path)
    for _ in range(3):
        lock.acquire()
        with pytest.raises(HeldByOther):
            other.acquire()
        lock.release()
        other.acquire()
        other.release()


def test_giving_back_twice_does_no_harm(path: Path) -> None:
    lock = InstanceLock(path)
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()
    InstanceLock(path).acquire()


def test_being_refused_leaks_no_descriptor(path: Path) -> None:
    lock = InstanceLock(path)
    lock.acquire()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(HeldByOther):
            InstanceLock(path).acquire()
    assert len(os.listdir("/proc/self/fd")) == before
    lock.release()


def test_what_an_old_holder_wrote_is_replaced(path: Path) -> None:
    path.write_text("99999999999999999999 and more")
    lock = InstanceLock(path)
    lock.acquire()
    assert path.read_text() == str(os.getpid())
    lock.release()


def test_a_holder_without_a_number_is_not_quoted(path: Path) -> None:
    lock = InstanceLock(path)
    lock.acquire()
    path.write_bytes(b"\x1b[31m\xff")
    with pytest.raises(HeldByOther, match="already running here with its queue in"):
        InstanceLock(path).acquire()
    lock.release()


def test_the_lock_file_is_for_the_user_alone(path: Path) -> None:
    lock = InstanceLock(path)
    lock.acquire()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lock.release()


def test_a_partial_is_locked_once(tmp_path: Path) -> None:
    part = tmp_path / "file.part"
    part.write_bytes(b"x" * 100)
    with part.open("r+b") as first, part.open("r+b") as second:
        assert lock_partial(first.fileno())
        assert not lock_partial(second.fileno())
        assert second.read() == b"x" * 100
        first.close()
        assert lock_partial(second.fileno())


def test_a_disk_that_is_gone_refuses_even_to_close_and_that_is_no_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, close = InstanceLock(path), os.close
    lock.acquire()

    def closed_with_an_error(number: int) -> None:
        close(number)
        raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", closed_with_an_error)
        lock.release()
        lock.release()  # nothing is held any more
