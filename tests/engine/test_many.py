"""What ten thousand downloads that only stand in the list take."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

from tui_downloader.engine.queue.entries import download_of, entry_of
from tui_downloader.engine.queue.snapshots import Snapshots
from tui_downloader.engine.transfer.details import details_of
from tui_downloader.engine.transfer.download import Download
from tui_downloader.engine.transfer.showing import snapshot_of
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Event, Status
from tui_downloader.store.queue import QueueStore

if TYPE_CHECKING:
    from pathlib import Path

    from tui_downloader.store.entry import Entry

_MANY = 1000
# 10,000 of them, with what is said of each on the screen, are to take 12 MB.
_MOST_BYTES = 1200


def _fill(path: Path, folder: str) -> QueueStore:
    queue = QueueStore.open(path)
    wanted = (
        DownloadRequest(f"https://host.example/files/{n}.bin", folder) for n in range(1, _MANY + 1)
    )
    queue.save(entry_of(Download(n, request, float(n))) for n, request in enumerate(wanted, 1))
    return queue


def test_a_download_that_waits_takes_little_memory(tmp_path: Path) -> None:
    queue = _fill(tmp_path / "queue.db", str(tmp_path))
    tracemalloc.start()
    try:
        downloads = [download_of(entry) for entry in queue.load()]
        picture = Snapshots().take(downloads, 0.0, None, {})
        gc.collect()  # Python keeps the rows that were read, to use their space again
        taken_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        queue.close()
    assert len(picture.downloads) == _MANY
    assert taken_bytes / _MANY < _MOST_BYTES


def test_what_thousands_have_in_common_is_there_once(tmp_path: Path) -> None:
    queue = QueueStore.open(tmp_path / "queue.db")
    queue.save(map(_failed, range(1, 3)))
    first, second = map(download_of, queue.load())
    queue.close()
    assert first.failure is second.failure
    assert first.request.folder is second.request.folder
    assert first.name is first.request.name
    assert first.known_facts is second.known_facts  # nothing is: their sizes were told before


def _failed(number: int) -> Entry:
    request = DownloadRequest(f"https://host.example/{number}", "/downloads", f"{number}.bin")
    download = Download(number, request, 0.0)
    download.name, download.total_bytes = f"{number}.bin", 1 << 30
    for event in (Event.START, Event.FAIL):
        download.apply(event, 0.0)
    download.failure = Failure("http-404", "404 not found")
    return entry_of(download)


def test_downloads_brought_back_share_the_name_of_their_folder(tmp_path: Path) -> None:
    queue = _fill(tmp_path / "queue.db", str(tmp_path))
    entries = queue.load()
    queue.close()
    assert len({id(entry.request.folder) for entry in entries}) == 1


def test_what_never_ran_shares_all_it_has_also_when_it_is_brought_back() -> None:
    made = [Download(n, DownloadRequest(f"https://host.example/{n}", "/x"), 0.0) for n in (1, 2)]
    for download in made:
        download.apply(Event.CANCEL, 1.0)
        download.forget_bytes()
        download.grant_tries()
        download.count_afresh()
        download.apply(Event.RESUME, 2.0)
    first, second = made
    assert first.status is Status.QUEUED
    assert first.known_progress is second.known_progress
    assert first.known_facts is second.known_facts


def test_the_time_of_every_run_counts() -> None:
    download = Download(1, DownloadRequest("https://host.example/x", "/downloads"), 0.0)
    for start in (10.0, 20.0):
        download.apply(Event.START, start)
        download.apply(Event.ANSWERED, start + 1)
        assert snapshot_of(download, start + 3, 0).active_s == (start - 10) / 10 * 4 + 2
        download.apply(Event.PAUSE, start + 5)
        download.apply(Event.RESUME, start + 6)
    assert download.status is Status.QUEUED
    assert entry_of(download).active_s == 8.0


def test_a_log_keeps_its_last_lines() -> None:
    download = Download(1, DownloadRequest("https://host.example/x", "/downloads"), 0.0)
    for n in range(300):
        download.note(float(2 * n), f"line {n}")
    log = details_of(download, 0.0).log
    assert [words for _, words in log] == [f"line {n}" for n in range(100, 300)]
