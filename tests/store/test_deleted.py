"""The program's own files are deleted while it runs: all that it still knows is there again."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.store.queue_entries import PLAIN, entries, ids
from tui_downloader.store import settings
from tui_downloader.store.entry import QueueError
from tui_downloader.store.lock import HeldByOther, InstanceLock
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "home" / "state"
    folder.mkdir(parents=True)
    return folder / "queue.db"


@pytest.fixture
def store(path: Path) -> QueueStore:
    """An open queue with 1 in the list and 2 in the history."""
    opened = QueueStore.open(path)
    opened.save(entries(1, 2))
    opened.remove([2], at=1.0)
    return opened


def delete_home(path: Path) -> None:
    shutil.rmtree(path.parent.parent)


def delete_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def delete_file(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("delete", [delete_home, delete_folder, delete_file])
def test_the_next_change_brings_the_queue_back_with_all_its_rows(
    path: Path, store: QueueStore, delete: Callable[[Path], None]
) -> None:
    path.parent.chmod(0o700)
    delete(path)
    store.save(entries(3))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    # As after `kill -9`: nobody closes what is open here.
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1, 3]
        assert ids(other.history()) == [2]
        assert other.next_id() == 4
    store.save(entries(4))
    store.close()
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1, 3, 4]
    assert sorted(os.listdir(path.parent)) == ["queue.db"]


def test_what_a_crash_left_of_an_earlier_copy_is_not_in_the_way(
    path: Path, store: QueueStore
) -> None:
    path.with_name("queue.db.copy").write_bytes(b"half of a copy")
    delete_file(path)
    store.save(entries(3))
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1, 3]
    store.close()
    assert sorted(os.listdir(path.parent)) == ["queue.db"]


def test_it_is_back_at_the_end_when_nothing_changed(path: Path, store: QueueStore) -> None:
    delete_folder(path)
    store.close()
    with closing(QueueStore.open(path)) as other:
        assert other.load() == [PLAIN._replace(position=1)]


def test_it_may_be_deleted_again(path: Path, store: QueueStore) -> None:
    for number in (3, 4):
        delete_folder(path)
        store.save(entries(number))
    store.close()
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1, 3, 4]


def test_another_file_in_its_place_is_left_alone_and_that_is_said(
    path: Path, store: QueueStore
) -> None:
    delete_folder(path)
    path.parent.mkdir()
    with closing(QueueStore.open(path)) as other:
        other.save(entries(9))
        with pytest.raises(QueueError, match="cannot be saved: it is another file by now"):
            store.save(entries(3))
        with pytest.raises(QueueError):
            store.close()
        assert ids(other.load()) == [9]


def test_where_it_cannot_be_made_that_is_said_and_it_is_tried_again(
    path: Path, store: QueueStore
) -> None:
    delete_folder(path)
    path.parent.touch()
    with pytest.raises(QueueError, match="cannot be saved"):
        store.save(entries(3))
    path.parent.unlink()
    store.save(entries(3))
    store.close()
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1, 3]


def test_what_has_the_name_of_its_copy_and_cannot_go_is_said_and_it_is_tried_again(
    path: Path, store: QueueStore
) -> None:
    delete_file(path)
    path.with_name("queue.db.copy").mkdir()
    with pytest.raises(QueueError, match="cannot be saved"):
        store.save(entries(3))
    path.with_name("queue.db.copy").rmdir()
    store.close()
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1]


def test_a_disk_that_is_gone_refuses_even_to_close_and_that_is_no_error(
    path: Path, store: QueueStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = os.close

    def closed_with_an_error(number: int) -> None:
        close(number)
        raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", closed_with_an_error)
        store.close()
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1]


@pytest.fixture
def lock(path: Path) -> Iterator[InstanceLock]:
    held = InstanceLock(path.with_name("instance.lock"))
    held.acquire()
    yield held
    held.release()


def test_the_lock_comes_back_with_the_queue(path: Path, lock: InstanceLock) -> None:
    with closing(QueueStore.open(path, lock.keep)) as store:
        delete_folder(path)
        store.save(entries(1))
        with pytest.raises(HeldByOther):
            InstanceLock(path.with_name("instance.lock")).acquire()
        path.unlink()  # and the lock is still there
        store.save(entries(2))
    with closing(QueueStore.open(path)) as other:
        assert ids(other.load()) == [1, 2]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="no /proc")
def test_nothing_of_what_was_deleted_stays_open(path: Path, lock: InstanceLock) -> None:
    before = len(os.listdir("/proc/self/fd"))
    store = QueueStore.open(path, lock.keep)
    delete_folder(path)
    store.save(entries(1))
    store.close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_who_took_the_folder_meanwhile_keeps_it(path: Path, lock: InstanceLock) -> None:
    store = QueueStore.open(path, lock.keep)
    delete_folder(path)
    path.parent.mkdir()
    other = InstanceLock(path.with_name("instance.lock"))
    other.acquire()
    with pytest.raises(QueueError, match="already running here"):
        store.save(entries(1))
    assert not path.exists()
    other.release()
    store.save(entries(1))
    store.close()


def test_settings_are_saved_where_their_folder_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "all" / "gone" / "settings.toml"
    settings.save(file, {"jobs": 3})
    assert settings.load(file)[0].jobs == 3
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    settings.save(file, {"jobs": 4})
    assert settings.load(file)[0].jobs == 4
