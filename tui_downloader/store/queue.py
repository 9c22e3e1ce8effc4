"""The queue and the history: what was asked for, in SQLite (`queue.db`).

Everything here blocks and is called from one thread. Headers and logins are in this file, which is
why nobody else may read it; it is in WAL mode with `synchronous=FULL`, so that a commit survives a
power cut: what was added is there.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
from contextlib import closing
from functools import lru_cache
from itertools import count
from typing import TYPE_CHECKING, Any, Self

from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance, DownloadRequest, OnConflict
from tui_downloader.model.errors import Failure
from tui_downloader.model.identity import Identity, KeptFile
from tui_downloader.model.status import Status
from tui_downloader.store.entry import Entry, QueueDamaged, QueueError
from tui_downloader.store.lock import HeldByOther

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_log = logging.getLogger(__name__)
SCHEMA_VERSION = 6
HISTORY_KEPT = 10_000
_SUFFIXES = ("", "-wal", "-shm")
_CREATE = """
CREATE TABLE downloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL, status TEXT NOT NULL,
    request TEXT NOT NULL, name TEXT NOT NULL, total_bytes INTEGER, done_bytes INTEGER NOT NULL,
    kept_bytes INTEGER NOT NULL, added_at REAL NOT NULL, finished_at REAL, active_s REAL NOT NULL,
    failure TEXT, assurance TEXT, checked_by TEXT NOT NULL, final_url TEXT NOT NULL, path TEXT,
    removed_at REAL, received_bytes INTEGER NOT NULL, from_zero INTEGER NOT NULL,
    kept_as TEXT NOT NULL, other_path TEXT NOT NULL
);
CREATE INDEX in_the_list ON downloads (position) WHERE removed_at IS NULL;
CREATE INDEX in_the_history ON downloads (removed_at) WHERE removed_at IS NOT NULL;
"""
# What speaks against the moment, not against the file: a full disk, a lock, a missing permission.
_PASSING = frozenset(
    {
        sqlite3.SQLITE_PERM, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_AUTH,
    }
)  # fmt: skip
# It is read once, from end to end, and written in passing: a larger cache only takes memory.
_CACHE_KIB = 256
_UPSERT = """
INSERT INTO downloads (
    id, position, status, request, name, total_bytes, done_bytes, kept_bytes, added_at,
    finished_at, active_s, failure, assurance, checked_by, final_url, path, received_bytes,
    from_zero, kept_as, other_path
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    position = excluded.position, status = excluded.status, request = excluded.request,
    name = excluded.name, total_bytes = excluded.total_bytes, done_bytes = excluded.done_bytes,
    kept_bytes = excluded.kept_bytes, added_at = excluded.added_at,
    finished_at = excluded.finished_at, active_s = excluded.active_s, failure = excluded.failure,
    assurance = excluded.assurance, checked_by = excluded.checked_by,
    final_url = excluded.final_url, path = excluded.path,
    received_bytes = excluded.received_bytes, from_zero = excluded.from_zero,
    kept_as = excluded.kept_as, other_path = excluded.other_path, removed_at = NULL
"""
_LIST = "SELECT * FROM downloads WHERE removed_at IS NULL ORDER BY position, id"
_HISTORY = """
SELECT * FROM downloads WHERE removed_at IS NOT NULL OR status = 'COMPLETED'
ORDER BY COALESCE(removed_at, finished_at) DESC, id DESC LIMIT ?
"""
_PRUNE = """
DELETE FROM downloads WHERE removed_at IS NOT NULL AND id NOT IN (
    SELECT id FROM downloads WHERE removed_at IS NOT NULL ORDER BY removed_at DESC, id DESC LIMIT ?
)
"""


class QueueStore:
    """An open queue file. Should somebody delete it, it is made again with all that was in it.

    Args:
        connection: to a file of the current schema.
        path: where that is.
        keep_lock: sees to it that no other program takes the queue for its own.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, keep_lock: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._path = path
        self._keep_lock = keep_lock
        # Tells it from another file of its name; numbers alone do not on every file system. Closed
        # after the connection: before, all of SQLite's locks would go with it.
        self._file = os.open(path, os.O_RDONLY)

    @classmethod
    def open(cls, path: Path, keep_lock: Callable[[], None] = lambda: None) -> Self:
        """Open or create the queue file.

        Raises:
            QueueDamaged: it is damaged, or of another version.
            QueueError: it cannot be opened or written now.
        """
        return cls(_connect(path), path, keep_lock)

    def load(self) -> list[Entry]:
        """Return what is in the list, in queue order."""
        return self._entries(_LIST)

    def history(self) -> list[Entry]:
        """Return what was finished or removed from the list, the latest first."""
        return self._entries(_HISTORY, (HISTORY_KEPT,))

    def next_id(self) -> int:
        """Return the first id that was never used."""
        try:
            row = self._connection.execute("SELECT seq FROM sqlite_sequence").fetchone()
        except sqlite3.Error as error:
            raise QueueError(f"the queue cannot be read: {error}") from error
        return 1 if row is None else int(row[0]) + 1

    def save(self, entries: Iterable[Entry]) -> None:
        """Insert or replace rows, all or none; what was in the history is in the list again.

        Raises:
            QueueError: the file cannot be written.
        """
        rows = [_row(entry) for entry in entries]
        self._write([(_UPSERT, row) for row in rows])

    def remove(self, download_ids: Iterable[int], at: float) -> None:
        """Move rows from the list to the history, of which the latest 10,000 are kept.

        Args:
            at: wall clock, seconds.
        """
        update = "UPDATE downloads SET removed_at = ? WHERE id = ?"
        changes: list[tuple[str, tuple[Any, ...]]] = [(update, (at, i)) for i in download_ids]
        self._write([*changes, (_PRUNE, (HISTORY_KEPT,))])

    def _write(self, changes: list[tuple[str, tuple[Any, ...]]]) -> None:
        self._see_to_file()
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                for statement, values in changes:
                    self._connection.execute(statement, values)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself ends some that failed
                    self._connection.execute("ROLLBACK")
                raise
        except (sqlite3.Error, OverflowError) as error:
            raise QueueError(f"the queue cannot be saved: {error}") from error

    def _entries(self, query: str, values: tuple[Any, ...] = ()) -> list[Entry]:
        try:
            with closing(self._connection.execute(query, values)) as rows:
                return [_entry(row) for row in rows]
        except (sqlite3.Error, KeyError, TypeError, ValueError) as error:
            kind = QueueError if _is_passing(error) else QueueDamaged
            raise kind(f"the queue cannot be read: {error}") from error

    def close(self) -> None:
        """Close the file.

        Raises:
            QueueError: it is gone, and nothing of it can be kept.
        """
        try:
            if self._file >= 0:
                self._see_to_file()
        finally:
            self._let_go()
            self._file = -1

    def _let_go(self) -> None:
        self._connection.close()
        if self._file >= 0:
            os.close(self._file)

    def _see_to_file(self) -> None:
        """Make the file again where it was deleted: SQLite would go on with what nobody can open.

        Raises:
            QueueError: that is not possible, or another file has its name by now.
        """
        try:
            if os.path.samestat(self._path.stat(), os.fstat(self._file)):
                return
            why = "it is another file by now"
        except FileNotFoundError:
            why = self._make_again()
        except OSError as error:
            why = str(error)
        if why:
            raise QueueError(f"the queue {self._path} cannot be saved: {why}")
        _log.warning("the queue %s was deleted; it is there again with all its rows", self._path)

    def _make_again(self) -> str:
        """Copy all rows, which the deleted file still has, into a new one; return why not."""
        copy = self._path.with_name(f"{self._path.name}.copy")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._keep_lock()
            for path in (copy, *(_companion(self._path, suffix) for suffix in _SUFFIXES[1:])):
                path.unlink(missing_ok=True)
            os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            with closing(sqlite3.connect(copy)) as rows:
                self._connection.backup(rows)
            copy.rename(self._path)
            connection = _connect(self._path)
        except (OSError, sqlite3.Error, QueueError, HeldByOther) as error:
            return str(error)
        self._let_go()
        self._connection, self._file = connection, os.open(self._path, os.O_RDONLY)
        return ""


def set_aside(path: Path) -> Path:
    """Rename a queue that cannot be used, with its companions; return the new path."""
    for n in count(1):
        aside = path.with_name(f"{path.name}.{n}.bad")
        if not aside.exists():
            for suffix in _SUFFIXES:
                companion = _companion(path, suffix)
                if companion.exists():
                    companion.rename(_companion(aside, suffix))
            return aside
    raise AssertionError("count() has no end")


def _companion(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _connect(path: Path) -> sqlite3.Connection:
    """Open or create a queue file; see `QueueStore.open`."""
    try:
        # Created by us first: SQLite gives -wal and -shm the permissions of the main file.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise QueueError(f"cannot open the queue {path}: {error}") from error
    try:
        _prepare(connection)
    except sqlite3.Error as error:
        connection.close()
        if _is_passing(error):
            raise QueueError(f"cannot open the queue {path}: {error}") from error
        raise QueueDamaged(f"the queue {path} is damaged: {error}") from error
    except QueueError:
        connection.close()
        raise
    return connection


def _is_passing(error: Exception) -> bool:
    # Its lowest byte is the kind; of errors of this module there is none.
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _PASSING


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"{_CREATE} PRAGMA user_version = {SCHEMA_VERSION};")
    elif version != SCHEMA_VERSION:
        raise QueueDamaged(
            f"the queue is of version {version}; this program knows version {SCHEMA_VERSION}"
        )


def _row(entry: Entry) -> tuple[Any, ...]:
    failure = entry.failure
    return (
        entry.download_id, entry.position, entry.status.name, _request_json(entry.request),
        _stored(entry.name), entry.total_bytes, entry.done_bytes, entry.kept_bytes, entry.added_at,
        entry.finished_at, entry.active_s,
        None if failure is None else json.dumps([failure.code, failure.message, failure.hint]),
        None if entry.assurance is None else entry.assurance.value, entry.checked_by,
        _stored(entry.final_url), _stored(entry.path), entry.received_bytes, entry.from_zero,
        json.dumps(entry.kept_as), _stored(entry.other_path),
    )  # fmt: skip


def _entry(row: sqlite3.Row) -> Entry:
    failure, assurance = row["failure"], row["assurance"]
    request, name = _request(row["request"]), _text(row["name"]) or ""
    return Entry(
        download_id=row["id"],
        position=row["position"],
        request=request,
        status=Status[row["status"]],
        name=request.name if name == request.name else name,  # one text where they are alike
        total_bytes=row["total_bytes"],
        done_bytes=row["done_bytes"],
        kept_bytes=row["kept_bytes"],
        added_at=row["added_at"],
        finished_at=row["finished_at"],
        active_s=row["active_s"],
        failure=None if failure is None else _failure(failure),
        assurance=None if assurance is None else Assurance(assurance),
        checked_by=sys.intern(row["checked_by"]),
        final_url=_text(row["final_url"]) or "",
        path=_text(row["path"]),
        removed_at=row["removed_at"],
        received_bytes=row["received_bytes"],
        from_zero=bool(row["from_zero"]),
        kept_as=tuple(
            KeptFile(path, Identity(*identity)) for path, identity in json.loads(row["kept_as"])
        ),
        other_path=_text(row["other_path"]) or "",
    )


@lru_cache(maxsize=64)
def _failure(text: str) -> Failure:
    return Failure(*json.loads(text))  # thousands may fail for the same reason


def _stored(text: str | None) -> str | bytes | None:
    """SQLite's text is Unicode: a path with bytes that are none, kept as surrogates, is a blob."""
    if text is None:
        return None
    data = text.encode("utf-8", "surrogatepass")
    return text if data.decode("utf-8", "replace") == text else data


def _text(stored: str | bytes | None) -> str | None:
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored


def _request_json(request: DownloadRequest) -> str:
    checksum = request.checksum
    return json.dumps(
        {
            "url": request.url,
            "folder": request.folder,
            "name": request.name,
            "mirrors": request.mirrors,
            "headers": request.headers,
            "credentials": request.credentials,
            "checksum": checksum and [checksum.algorithm, checksum.hexdigest, checksum.source],
            "on_conflict": request.on_conflict.value,
            "limit_bytes_per_s": request.limit_bytes_per_s,
            "connections": request.connections,
            "insecure": request.insecure,
            "start_at": request.start_at,
        }
    )


def _request(text: str) -> DownloadRequest:
    fields = json.loads(text)
    credentials, checksum = fields["credentials"], fields["checksum"]
    return DownloadRequest(
        url=fields["url"],
        folder=sys.intern(fields["folder"]),  # thousands go to the same few
        name=fields["name"],
        mirrors=tuple(fields["mirrors"]),
        headers=tuple((name, value) for name, value in fields["headers"]),
        credentials=None if credentials is None else (credentials[0], credentials[1]),
        checksum=None if checksum is None else Checksum(*checksum),
        on_conflict=OnConflict(fields["on_conflict"]),
        limit_bytes_per_s=fields["limit_bytes_per_s"],
        connections=fields["connections"],
        insecure=fields["insecure"],
        start_at=fields["start_at"],
    )
