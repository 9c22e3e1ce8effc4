"""The queue on disk: everything that was asked survives, and what is strange is kept aside."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.queue_entries import PLAIN, entries, ids
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance, DownloadRequest, OnConflict
from tui_downloader.model.errors import Failure
from tui_downloader.model.identity import Identity, KeptFile
from tui_downloader.model.proxy import DIRECT, Proxy
from tui_downloader.model.status import Status
from tui_downloader.store import queue
from tui_downloader.store.entry import Entry, QueueDamaged, QueueError
from tui_downloader.store.queue import QueueStore, set_aside
from tui_downloader.store.queue_rows import LATER_COLUMNS, SCHEMA_VERSION

FULL = Entry(
    download_id=7,
    position=-3,
    request=DownloadRequest(
        url="https://host.example/ü?a=%20",
        folder="/downloads/\udcff",
        name="my name.bin",
        mirrors=("https://m.example/1", "https://m.example/2"),
        headers=(("Cookie", "a=b"), ("Cookie", "c=d")),
        credentials=("user", "pässword"),
        checksum=Checksum("sha-256", "ab" * 32, "Repr-Digest"),
        on_conflict=OnConflict.ASK,
        limit_bytes_per_s=500_000,
        connections=8,
        insecure=True,
        trusted=("https://far.example:444",),
        start_at=1.8e9,
        proxy=Proxy("http://proxy.example:3128", ("user", "pässword")),
    ),
    status=Status.FAILED,
    name="名前\udcff.bin",
    total_bytes=(1 << 63) - 1,
    done_bytes=5,
    kept_bytes=4,
    added_at=1.5,
    finished_at=2.5,
    active_s=3.25,
    received_bytes=9,
    failure=Failure("tls", "it is self-signed", "check it", "https://far.example:444"),
    assurance=Assurance.CHECKED,
    checked_by="md5",
    final_url="https://cdn.example/\udce9",
    path="/downloads/\udcff/名前.bin",
    from_zero=True,
    kept_as=(
        KeptFile("/downloads/\udcff/名前.bin.bad", Identity(7, 5, 9)),
        KeptFile("/downloads/名前 (1).bin.bad", Identity(1 << 63, 5, -1)),
    ),
    other_path="/elsewhere/\udcff/名前.bin",
    resumable=False,
    computed=f"sha-256={'cd' * 32}",
    announced=Checksum("sha-256", "ef" * 32, "SHA256SUMS"),
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.db"


@pytest.fixture
def store(path: Path) -> Iterator[QueueStore]:
    with closing(QueueStore.open(path)) as opened:
        yield opened


@pytest.mark.parametrize("entry", [PLAIN, FULL], ids=["plain", "full"])
def test_what_is_saved_is_there_after_a_restart(path: Path, entry: Entry) -> None:
    with closing(QueueStore.open(path)) as first:
        first.save([entry])
    with closing(QueueStore.open(path)) as second:
        assert second.load() == [entry]


@pytest.mark.parametrize("proxy", [DIRECT, Proxy("https://proxy.example:443")])
def test_a_proxy_without_a_login_is_kept(store: QueueStore, proxy: Proxy) -> None:
    entry = PLAIN._replace(request=replace(PLAIN.request, proxy=proxy))
    store.save([entry])
    assert store.load() == [entry]


def test_a_queue_from_before_redirects_were_trusted_is_read(path: Path) -> None:
    with closing(QueueStore.open(path)) as first:
        first.save([PLAIN._replace(failure=Failure("http-404", "404 not found", "check it"))])
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("UPDATE downloads SET request = json_remove(request, '$.trusted')")
        rows.commit()
        (failure,) = rows.execute("SELECT failure FROM downloads").fetchone()
    assert failure == '["http-404", "404 not found", "check it"]'  # as that version reads it
    with closing(QueueStore.open(path)) as second:
        (entry,) = second.load()
    assert entry.request.trusted == ()


def test_a_queue_from_before_there_were_proxies_is_read(path: Path) -> None:
    with closing(QueueStore.open(path)) as first:
        first.save([PLAIN])
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("UPDATE downloads SET request = json_remove(request, '$.proxy')")
        rows.commit()
        (request,) = rows.execute("SELECT request FROM downloads").fetchone()
    assert "proxy" not in request
    with closing(QueueStore.open(path)) as second:
        assert second.load() == [PLAIN]


@given(url=TEXT, name=TEXT, final_url=TEXT, location=TEXT, words=TEXT)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_text_is_kept(
    store: QueueStore, url: str, name: str, final_url: str, location: str, words: str
) -> None:
    headers = ((words, words),)
    request = replace(FULL.request, url=url, folder=location, name=words, headers=headers)
    entry = FULL._replace(
        request=request,
        name=name,
        final_url=final_url,
        path=location,
        failure=Failure("x", words),
    )
    store.save([entry])
    assert store.load() == [entry]


@pytest.mark.parametrize("status", Status)
def test_every_state_is_kept_by_its_name(store: QueueStore, path: Path, status: Status) -> None:
    store.save([PLAIN._replace(status=status)])
    assert store.load()[0].status is status
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT status FROM downloads").fetchone() == (status.name,)


def test_saving_again_replaces(store: QueueStore) -> None:
    store.save([PLAIN])
    changed = FULL._replace(download_id=PLAIN.download_id)
    store.save([changed])
    assert store.load() == [changed]


def test_the_list_is_in_the_order_of_positions_then_of_ids(store: QueueStore) -> None:
    places = {1: 5, 2: -1, 3: 5, 4: 0}
    store.save([PLAIN._replace(download_id=n, position=place) for n, place in places.items()])
    assert ids(store.load()) == [2, 4, 1, 3]


def test_all_or_nothing_is_saved(store: QueueStore) -> None:
    store.save(entries(1))
    broken = PLAIN._replace(download_id=3, total_bytes=1 << 63)
    with pytest.raises(QueueError):
        store.save([*entries(2), broken])
    assert ids(store.load()) == [1]
    store.save(entries(4))
    assert ids(store.load()) == [1, 4]


def test_where_there_is_no_room_that_is_said_and_later_all_is_saved(store: QueueStore) -> None:
    """SQLite has given up its transaction by then."""
    store.save(entries(1))
    store._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(QueueError, match="full"):
        store.save(entries(*range(2, 2000)))
    assert ids(store.load()) == [1]
    store._connection.execute("PRAGMA max_page_count = 100000")
    store.save(entries(*range(2, 2000)))
    assert ids(store.load()) == [*range(1, 2000)]


def test_an_id_is_never_used_again(path: Path) -> None:
    with closing(QueueStore.open(path)) as store:
        assert store.next_id() == 1
        store.save(entries(1, 2, 9))
        store.remove([9], at=1.0)
        assert store.next_id() == 10
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("DELETE FROM downloads")
    with closing(QueueStore.open(path)) as store:
        assert store.next_id() == 10


# History.


def test_what_is_removed_is_history_the_latest_first(store: QueueStore) -> None:
    store.save(entries(1, 2, 3, 4))
    store.remove([2], at=10.0)
    store.remove([1, 3], at=20.0)
    assert ids(store.load()) == [4]
    assert ids(store.history()) == [3, 1, 2]


def test_what_is_saved_again_is_back_in_the_list(store: QueueStore) -> None:
    store.save(entries(1, 2))
    store.remove([1, 2], at=10.0)
    store.save(entries(1))
    assert ids(store.load()) == [1]
    assert ids(store.history()) == [2]


def test_the_history_is_pruned_from_its_old_end(
    store: QueueStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "HISTORY_KEPT", 3)
    store.save(entries(*range(1, 10)))
    store.remove([5], at=30.0)
    store.remove([1, 2], at=10.0)
    store.remove([3, 4], at=20.0)
    assert ids(store.history()) == [5, 4, 3]
    store.remove([6, 7, 8, 9], at=40.0)
    assert ids(store.history()) == [9, 8, 7]
    assert store.load() == []


def test_ten_thousand_are_kept() -> None:
    assert queue.HISTORY_KEPT == 10_000


# The file.


def test_headers_and_logins_are_for_the_user_alone(path: Path) -> None:
    with closing(QueueStore.open(path)) as store:
        store.save([FULL])
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == ["queue.db", "queue.db-shm", "queue.db-wal"]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_commit_survives_a_power_cut(store: QueueStore) -> None:
    connection = store._connection
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2


SAVER = """
import os, signal, sys
from pathlib import Path
from tests.store.queue_entries import entries
from tui_downloader.store.queue import QueueStore
QueueStore.open(Path(sys.argv[1])).save(entries(1, 2, 3))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_saved_survives_kill_9(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", SAVER, str(path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    with closing(QueueStore.open(path)) as store:
        assert ids(store.load()) == [1, 2, 3]


def test_the_version_is_in_the_file(path: Path) -> None:
    QueueStore.open(path).close()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


@pytest.mark.parametrize("version", [SCHEMA_VERSION - 1, SCHEMA_VERSION + 1])
def test_a_queue_of_another_version_is_refused_and_stays_as_it_is(path: Path, version: int) -> None:
    with closing(QueueStore.open(path)) as store:
        store.save(entries(1))
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(QueueError, match=f"version {version}; this program knows"):
        QueueStore.open(path)
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT count(*) FROM downloads").fetchone() == (1,)


def test_a_queue_that_lacks_what_came_later_is_read_and_written(path: Path) -> None:
    with closing(QueueStore.open(path)) as store:
        store.save([FULL])
    with closing(sqlite3.connect(path)) as raw:
        for column in LATER_COLUMNS:
            raw.execute(f"ALTER TABLE downloads DROP COLUMN {column}")
    with closing(QueueStore.open(path)) as store:
        assert store.load() == [FULL._replace(resumable=None, computed="", announced=None)]
        store.save([FULL])
        assert store.load() == [FULL]


@pytest.mark.parametrize("data", [b"no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_queue_is_told(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(QueueError, match="damaged"):
        QueueStore.open(path)
    assert path.read_bytes() == data


def test_a_queue_without_its_table_is_told(path: Path) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    with closing(QueueStore.open(path)) as store:
        for read in (store.load, store.history, store.next_id):
            with pytest.raises(QueueError, match="cannot be read"):
                read()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("status", "NAPPING"),
        ("request", "{}"),
        ("request", "torn"),
        ("failure", "[]"),
        ("failure", "torn"),
        ("assurance", "sure"),
    ],
)
def test_a_row_that_makes_no_sense_is_told(path: Path, column: str, value: str) -> None:
    with closing(QueueStore.open(path)) as store:
        store.save([FULL])
        with closing(sqlite3.connect(path)) as raw, raw:
            raw.execute(f"UPDATE downloads SET {column} = ?", (value,))
        with pytest.raises(QueueError, match="cannot be read"):
            store.load()


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(QueueError, match="cannot open the queue"):
        QueueStore.open(tmp_path / "missing" / "queue.db")


def test_a_queue_that_somebody_else_holds_is_told(path: Path, store: QueueStore) -> None:
    store._connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(QueueError, match="cannot be saved"):
            store.save(entries(1))
        other.execute("ROLLBACK")
    store.save(entries(1))
    assert ids(store.load()) == [1]


def test_what_is_set_aside_is_kept_whole_under_a_free_name(path: Path) -> None:
    for number in (1, 2):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).write_text(f"{number}{suffix}")
        aside = set_aside(path)
        assert aside.name == f"queue.db.{number}.bad"
        assert not path.exists()
    kept = {file.name: file.read_text() for file in path.parent.iterdir()}
    assert kept == {
        f"queue.db.{number}.bad{suffix}": f"{number}{suffix}"
        for number in (1, 2)
        for suffix in ("", "-wal", "-shm")
    }
    path.write_text("alone, as after a copy")
    assert set_aside(path).read_text() == "alone, as after a copy"
    QueueStore.open(path).close()


def test_closing_leaves_one_file(path: Path) -> None:
    store = QueueStore.open(path)
    store.save(entries(1))
    store.close()
    assert os.listdir(path.parent) == ["queue.db"]


def test_what_is_finished_is_history_while_it_is_in_the_list(store: QueueStore) -> None:
    one, two, three = entries(1, 2, 3)
    done = two._replace(status=Status.COMPLETED, finished_at=15.0)
    store.save([one, done, three])
    store.remove([3], at=10.0)
    assert ids(store.history()) == [2, 3]
    assert [entry.removed_at for entry in store.history()] == [None, 10.0]
    assert ids(store.load()) == [1, 2]


# What passes: taken for damaged, a queue would be put away and the list be empty.


def test_a_queue_that_another_program_holds_just_now_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "queue.db"
    at_once = partial(sqlite3.connect, timeout=0.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr(sqlite3, "connect", at_once)
        with pytest.raises(QueueError, match="locked") as refused:
            QueueStore.open(path)
    assert not isinstance(refused.value, QueueDamaged)


def test_a_queue_whose_reading_was_interrupted_is_not_damaged(tmp_path: Path) -> None:
    with closing(QueueStore.open(tmp_path / "queue.db")) as store:
        store.save(entries(1, 2))
        store._connection.set_progress_handler(lambda: 1, 1)
        with pytest.raises(QueueError, match="interrupted") as refused:
            store.load()
        assert not isinstance(refused.value, QueueDamaged)
        store._connection.set_progress_handler(None, 1)
        assert ids(store.load()) == [1, 2]


@pytest.mark.parametrize(
    "request_text",
    ["'nonsense'", f"'{'[' * 100_000}'", "json_set(request, '$.credentials', json('[1]'))"],
    ids=lambda text: text[:9],
)
def test_a_queue_that_says_what_nobody_understands_is_damaged(
    tmp_path: Path, request_text: str
) -> None:
    with closing(QueueStore.open(tmp_path / "queue.db")) as store:
        store.save(entries(1))
        store._connection.execute(f"UPDATE downloads SET request = {request_text}")
        with pytest.raises(QueueDamaged):
            store.load()


def test_what_is_no_queue_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "other.db").write_bytes(b"no database " * 1000)
    with pytest.raises(QueueDamaged):
        QueueStore.open(tmp_path / "other.db")
