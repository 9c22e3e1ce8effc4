"""The queue and the history in SQLite (`queue.db`).

Everything here blocks and is called from one thread. The file holds headers and logins, so only the
user may read it. It is in WAL mode with `synchronous=FULL`, so that a commit survives a power cut.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from contextlib import closing
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Self, TypeVar

from tui_downloader.store.entry import QueueDamaged, QueueError
from tui_downloader.store.lock import HeldByOther
from tui_downloader.store.queue_rows import (
    CREATE,
    LATER_COLUMNS,
    SCHEMA_VERSION,
    UPSERT,
    entry_of,
    row_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tui_downloader.store.entry import Entry

_T = TypeVar("_T")
_log = logging.getLogger(__name__)
HISTORY_KEPT = 10_000
_SUFFIXES = ("", "-wal", "-shm")
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
    """An open queue file. If another program deletes it, it is recreated with all of its rows.

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
        return self.load_as(lambda entry: entry)

    def load_as(self, make: Callable[[Entry], _T]) -> list[_T]:
        """Return what is made of the list, in queue order.

        Args:
            make: of each entry as it is read: all of 10,000 besides take 2 MB more.
        """
        return self._entries(make, _LIST)

    def history(self) -> list[Entry]:
        """Return what was finished or removed from the list, the latest first."""
        return self._entries(lambda entry: entry, _HISTORY, (HISTORY_KEPT,))

    def next_id(self) -> int:
        """Return the first id that was never used."""
        try:
            row = self._connection.execute("SELECT seq FROM sqlite_sequence").fetchone()
        except sqlite3.Error as error:
            raise QueueError(f"the queue cannot be read: {error}") from error
        return 1 if row is None else int(row[0]) + 1

    def save(self, entries: Iterable[Entry]) -> None:
        """Insert or replace rows, all or none; rows of the history move to the list.

        Raises:
            QueueError: the file cannot be written.
        """
        self._write((UPSERT, row_of(entry)) for entry in entries)

    def remove(self, download_ids: Iterable[int], at: float) -> None:
        """Move rows from the list to the history, of which the latest 10,000 are kept.

        Args:
            at: wall clock, seconds.
        """
        update = "UPDATE downloads SET removed_at = ? WHERE id = ?"
        changes = ((update, (at, i)) for i in download_ids)
        self._write(chain(changes, [(_PRUNE, (HISTORY_KEPT,))]))

    def _write(self, changes: Iterable[tuple[str, tuple[Any, ...]]]) -> None:
        """Do all of it or nothing; one row at a time, as 10,000 of them are some megabytes."""
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

    def _entries(
        self, make: Callable[[Entry], _T], query: str, values: tuple[Any, ...] = ()
    ) -> list[_T]:
        try:
            with closing(self._connection.execute(query, values)) as rows:
                return [make(entry_of(row)) for row in rows]
        except (sqlite3.Error, LookupError, TypeError, ValueError, RecursionError) as error:
            kind = QueueError if _is_passing(error) else QueueDamaged
            raise kind(f"the queue cannot be read: {error}") from error

    def close(self) -> None:
        """Close the file; to be called once.

        Raises:
            QueueError: it is gone, and nothing of it can be kept.
        """
        try:
            self._see_to_file()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._connection.close()
        with contextlib.suppress(OSError):  # a disk that is gone
            os.close(self._file)

    def _see_to_file(self) -> None:
        """Recreate the file if it was deleted: SQLite would go on with one that nobody can open.

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
        """Copy all rows, which the deleted file still has, to a new one; return "" or an error."""
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
            connection, file = _connect(self._path), os.open(self._path, os.O_RDONLY)
        except (OSError, sqlite3.Error, QueueError, HeldByOther) as error:
            return str(error)
        self._let_go()
        self._connection, self._file = connection, file
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
        connection.executescript(f"{CREATE} PRAGMA user_version = {SCHEMA_VERSION};")
    elif version != SCHEMA_VERSION:
        raise QueueDamaged(
            f"the queue is of version {version}; this program knows version {SCHEMA_VERSION}"
        )
    columns = {column["name"] for column in connection.execute("PRAGMA table_info(downloads)")}
    for name, kind in LATER_COLUMNS.items():
        if columns and name not in columns:
            connection.execute(f"ALTER TABLE downloads ADD COLUMN {name} {kind}")
