"""Requests and snapshots are values: frozen, comparable, and silent about secrets."""

from __future__ import annotations

from typing import Any

import pytest

from tui_downloader.model.download import (
    Assurance,
    Details,
    DownloadRequest,
    OnConflict,
    QueueSnapshot,
    Snapshot,
)
from tui_downloader.model.status import Status

REQUEST = DownloadRequest(
    "https://host.example/x",
    "/downloads",
    headers=(("Cookie", "s3cret"),),
    credentials=("user", "pa55word"),
)
SNAPSHOT = Snapshot(1, 1, "https://host.example/x", "x", "/downloads", Status.QUEUED)


def test_a_request_does_not_show_its_secrets() -> None:
    shown = repr(REQUEST)
    assert "host.example" in shown
    assert "s3cret" not in shown
    assert "pa55word" not in shown


@pytest.mark.parametrize(
    "value",
    [REQUEST, SNAPSHOT, QueueSnapshot((SNAPSHOT,)), Details()],
    ids=lambda v: type(v).__name__,
)
def test_a_picture_cannot_be_changed(value: Any) -> None:
    name = type(value).__match_args__[0]
    with pytest.raises(AttributeError):
        setattr(value, name, None)
    assert hash(value) == hash(value)


def test_a_request_asks_for_nothing_by_itself() -> None:
    plain = DownloadRequest("https://host.example/x", "/downloads")
    assert plain.on_conflict is OnConflict.RENAME
    assert (plain.name, plain.mirrors, plain.headers, plain.credentials, plain.checksum) == (
        None,
        (),
        (),
        None,
        None,
    )


def test_a_new_snapshot_claims_nothing() -> None:
    unknown = (SNAPSHOT.total_bytes, SNAPSHOT.eta_s, SNAPSHOT.resumable, SNAPSHOT.failure)
    assert unknown == (None, None, None, None)
    assert SNAPSHOT.done_bytes == SNAPSHOT.connections == SNAPSHOT.queue_place == 0


def test_the_words_of_the_command_line_and_the_files() -> None:
    assert [choice.value for choice in OnConflict] == ["rename", "overwrite", "skip", "ask"]
    values = ["verified", "checked", "complete", "unchecked", "differs"]
    assert [each.value for each in Assurance] == values
