"""What the rows of the queue on disk hold: their columns, written from entries and read back."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance, DownloadRequest, OnConflict
from tui_downloader.model.errors import Failure
from tui_downloader.model.identity import Identity, KeptFile
from tui_downloader.model.proxy import Proxy
from tui_downloader.model.status import Status
from tui_downloader.store.entry import Entry

if TYPE_CHECKING:
    import sqlite3

SCHEMA_VERSION = 6
CREATE = """
CREATE TABLE downloads (
    id INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL, status TEXT NOT NULL,
    request TEXT NOT NULL, name TEXT NOT NULL, total_bytes INTEGER, done_bytes INTEGER NOT NULL,
    kept_bytes INTEGER NOT NULL, added_at REAL NOT NULL, finished_at REAL, active_s REAL NOT NULL,
    failure TEXT, assurance TEXT, checked_by TEXT NOT NULL, final_url TEXT NOT NULL, path TEXT,
    removed_at REAL, received_bytes INTEGER NOT NULL, from_zero INTEGER NOT NULL,
    kept_as TEXT NOT NULL, other_path TEXT NOT NULL, resumable INTEGER,
    computed TEXT, announced TEXT, set_aside_bytes INTEGER
);
CREATE INDEX in_the_list ON downloads (position) WHERE removed_at IS NULL;
CREATE INDEX in_the_history ON downloads (removed_at) WHERE removed_at IS NOT NULL;
"""
# Columns that a queue of the same version may still lack; in every row of it they are NULL then.
LATER_COLUMNS = {
    "resumable": "INTEGER", "computed": "TEXT", "announced": "TEXT", "set_aside_bytes": "INTEGER",
}  # fmt: skip
_COLUMNS = (
    "id", "position", "status", "request", "name", "total_bytes", "done_bytes", "kept_bytes",
    "added_at", "finished_at", "active_s", "failure", "assurance", "checked_by", "final_url",
    "path", "received_bytes", "from_zero", "kept_as", "other_path",
    "resumable", "computed", "announced", "set_aside_bytes",
)  # fmt: skip
UPSERT = f"""
INSERT INTO downloads ({", ".join(_COLUMNS)}) VALUES ({", ".join("?" * len(_COLUMNS))})
ON CONFLICT (id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])}, removed_at = NULL
"""  # noqa: S608 - our own names


def row_of(entry: Entry) -> tuple[Any, ...]:
    """Return the values of `_COLUMNS`."""
    failure = entry.failure
    return (
        entry.download_id, entry.position, entry.status.name, _request_json(entry.request),
        _stored(entry.name), entry.total_bytes, entry.done_bytes, entry.kept_bytes, entry.added_at,
        entry.finished_at, entry.active_s,
        None if failure is None else _failure_json(failure),
        None if entry.assurance is None else entry.assurance.value, entry.checked_by,
        _stored(entry.final_url), _stored(entry.path), entry.received_bytes, entry.from_zero,
        json.dumps(entry.kept_as), _stored(entry.other_path),
        entry.resumable, entry.computed or None,
        None if entry.announced is None else json.dumps(entry.announced),
        entry.set_aside_bytes,
    )  # fmt: skip


def entry_of(row: sqlite3.Row) -> Entry:
    """Read a row; raises KeyError, TypeError or ValueError when it is damaged."""
    failure, assurance = row["failure"], row["assurance"]
    request, name = _request(row["request"]), _text(row["name"]) or ""
    download_id, position = row["id"], row["position"]
    return Entry(
        download_id=download_id,
        position=download_id if position == download_id else position,  # one object, here and below
        request=request,
        status=Status[row["status"]],
        name=request.name if name == request.name else name,
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
        resumable=None if row["resumable"] is None else bool(row["resumable"]),
        computed=row["computed"] or "",
        announced=None if row["announced"] is None else Checksum(*json.loads(row["announced"])),
        set_aside_bytes=row["set_aside_bytes"] or 0,
    )


def _failure_json(failure: Failure) -> str:
    # Others are written as older programs read them.
    return json.dumps(failure if failure.origin else failure[:-1])


@lru_cache(maxsize=64)
def _failure(text: str) -> Failure:
    return Failure(*json.loads(text))  # thousands may fail for the same reason


def _stored(text: str | None) -> str | bytes | None:
    """Return a text for SQLite; a path that is no valid Unicode (has surrogates) is a blob."""
    if text is None:
        return None
    data = text.encode("utf-8", "surrogatepass")
    return text if data.decode("utf-8", "replace") == text else data


def _text(stored: str | bytes | None) -> str | None:
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored


def _request_json(request: DownloadRequest) -> str:
    return json.dumps(
        {
            "url": request.url,
            "folder": request.folder,
            "name": request.name,
            "mirrors": request.mirrors,
            "headers": request.headers,
            "credentials": request.credentials,
            "checksum": request.checksum,
            "on_conflict": request.on_conflict.value,
            "limit_bytes_per_s": request.limit_bytes_per_s,
            "connections": request.connections,
            "insecure": request.insecure,
            "trusted": request.trusted,
            "start_at": request.start_at,
            "proxy": request.proxy and [request.proxy.url, request.proxy.credentials],
        }
    )


def _request(text: str) -> DownloadRequest:
    fields = json.loads(text)
    credentials, checksum = fields["credentials"], fields["checksum"]
    proxy = fields.get("proxy")  # unknown to older queues of this version
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
        trusted=tuple(fields.get("trusted", ())),  # as above
        start_at=fields["start_at"],
        proxy=None if proxy is None else _proxy(*proxy),
    )


def _proxy(url: str, credentials: list[str] | None) -> Proxy:
    return Proxy(url, None if credentials is None else (credentials[0], credentials[1]))
