"""What the queue on disk keeps of a download is all there again at the next start."""

from __future__ import annotations

from typing import Any

import pytest

from tui_downloader.engine.queue.entries import download_of, entry_of
from tui_downloader.model.digests import Checksum
from tui_downloader.model.download import Assurance, DownloadRequest
from tui_downloader.model.errors import Failure
from tui_downloader.model.identity import Identity, KeptFile
from tui_downloader.model.status import Status
from tui_downloader.store.entry import Entry

FULL = Entry(
    download_id=7,
    position=-3,
    request=DownloadRequest("https://host.example/a", "/to", checksum=Checksum("md5", "ab" * 16)),
    status=Status.FAILED,
    name="a.bin",
    total_bytes=40,
    done_bytes=40,
    kept_bytes=40,
    added_at=1.5,
    finished_at=2.5,
    active_s=3.25,
    failure=Failure("checksum", "md5 differs", "check it"),
    assurance=Assurance.DIFFERS,
    checked_by="md5",
    final_url="https://cdn.example/a",
    path="/to/a.bin",
    received_bytes=60,
    from_zero=True,
    kept_as=(KeptFile("/to/a.bin.bad", Identity(7, 5, 9)),),
    other_path="/from/a.bin",
    resumable=True,
    computed="md5=" + "cd" * 16,
    announced=Checksum("md5", "ab" * 16, "Content-MD5"),
)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"resumable": False},
        {"resumable": None},
        {"final_url": ""},
        {"computed": "", "announced": None},
        {"final_url": "", "resumable": None},
        {"name": "", "path": None, "total_bytes": None},
        *({"status": status} for status in Status if not status.is_running),
    ],
    ids=str,
)
def test_a_download_comes_back_as_it_was(change: dict[str, Any]) -> None:
    entry = FULL._replace(**change)
    if entry.status is Status.QUEUED:  # it goes on, whatever stopped it last
        assert entry_of(download_of(entry)) == entry._replace(failure=None)
    else:
        assert entry_of(download_of(entry)) == entry


@pytest.mark.parametrize("status", [each for each in Status if each.is_running])
def test_what_ran_stands_in_line_without_its_last_error(status: Status) -> None:
    again = download_of(FULL._replace(status=status))
    assert entry_of(again) == FULL._replace(status=Status.QUEUED, failure=None)


def test_no_login_of_an_address_that_a_server_named_is_kept() -> None:
    entry = entry_of(download_of(FULL._replace(final_url="https://me:secret@cdn.example/a")))
    assert "secret" not in entry.final_url
