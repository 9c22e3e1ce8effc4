"""Downloads as lines of text and of JSON, for `get` and the line mode."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui_downloader.model.digests import digest_name
from tui_downloader.model.download import Assurance
from tui_downloader.model.errors import ALLOW_HOST, BY_SETTING, DiskFull, code_of
from tui_downloader.model.speed import is_of_whole
from tui_downloader.model.status import Status
from tui_downloader.model.statuses import GIVE_LOGIN, TAKE_ADDRESS
from tui_downloader.model.text import clean, cut_to_cells
from tui_downloader.model.units import format_bytes, format_duration, format_eta, format_rate
from tui_downloader.store.paths import short_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui_downloader.model.download import QueueSnapshot, Snapshot
    from tui_downloader.model.errors import Failure

_ASSURANCES = {
    Assurance.VERIFIED: "verified",
    Assurance.CHECKED: "checked",
    Assurance.COMPLETE: "complete",
    Assurance.DIFFERS: "differs",
    Assurance.UNCHECKED: "size was not announced, so unchecked",
}

# Where there is no interface, what helps is an option.
_OPTIONS = {
    TAKE_ADDRESS: "give the address that it leads to, with user and password in it",
    GIVE_LOGIN: "give user and password in the address, or a header with -H",
    BY_SETTING: "with --ca-certificate FILE",
    ALLOW_HOST: "use --insecure",
}


def went_well(download: Snapshot) -> bool:
    """It ended as the user wanted."""
    return download.status is Status.COMPLETED or download.is_skipped


def ended_line(download: Snapshot) -> str:
    """One sentence about a download that ended."""
    if download.status is Status.COMPLETED:
        return _completed_line(download)
    failure = _why_ended(download)
    if download.is_skipped:
        return f"{download.name}: skipped, a file of that name exists"
    kept_bytes = download.kept_bytes + download.set_aside_bytes
    kept = f" ({format_bytes(kept_bytes)} kept)" if kept_bytes else ""
    if failure is None:
        return f"{download.name}: {download.status.name.lower()}{kept}"
    hint = f"; {advice(failure)}" if failure.hint else ""
    return f"{download.name}: {failure.message}{kept}{hint}"


def advice(failure: Failure) -> str:
    """Say what helps, in terms of the command line."""
    hint = failure.hint
    for here, option in _OPTIONS.items():
        hint = hint.replace(here, option)
    return hint


def waits_for_space(download: Snapshot) -> bool:
    """It is paused by a full disk, and goes on by itself once there is space."""
    return download.status is Status.PAUSED and code_of(download.failure) == DiskFull.code


def held_words(failure: Failure) -> str:
    """Say why a download waits for space, and that it will go on by itself."""
    return f"{failure.message}; goes on by itself when there is space"


def first_scheduled(queue: QueueSnapshot) -> Snapshot | None:
    """Return the download that waits for a time which comes first; None when none does."""
    scheduled = [download for download in queue.downloads if download.start_at is not None]
    return min(scheduled, key=lambda download: download.start_at or 0.0, default=None)


def start_time(download: Snapshot, now: float) -> str:
    """Write the time that a scheduled download waits for: "02:00", with the day where it must."""
    from tui_downloader.model.start_times import start_words  # few runs need it

    return start_words(download.start_at or 0.0, now)


def start_phrase_of(download: Snapshot, now: float) -> str:
    """The same, to be put behind "starts"."""
    from tui_downloader.model.start_times import start_phrase  # few runs need it

    return start_phrase(download.start_at or 0.0, now)


def _completed_line(download: Snapshot) -> str:
    size = format_bytes(download.total_bytes or 0)
    words = _ASSURANCES[download.assurance or Assurance.COMPLETE]
    if download.checked_by:
        words = f"{digest_name(download.checked_by)} {words}"
    pace = ""
    if download.active_s >= 1 and download.received_bytes:
        rate = format_rate(download.average_bytes_per_s)
        # What was here before is in the size, and came in a time that nobody knows.
        is_rest = not is_of_whole(download.received_bytes, download.total_bytes or 0)
        part = f", {format_bytes(download.received_bytes)} of it" if is_rest else ""
        pace = f"{part} in {format_duration(download.active_s)}, {rate}"
    return f"{download.name}: {size}{pace}, {words}"


def _why_ended(download: Snapshot) -> Failure | None:
    """Why it has ended; not for a cancelled one, whose last error was not the reason."""
    is_told = download.status is Status.FAILED or download.is_skipped
    return download.failure if is_told else None


def json_line(facts: Mapping[str, object], encoding: str) -> str:
    """Write an object as JSON: readable, or escaped where the encoding would lose something.

    The bytes of a path that are no text are surrogates, escaped too: `os.fsencode` has them back.
    """
    line = json.dumps(facts, ensure_ascii=False)
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        return json.dumps(facts)
    return line


def ended_facts(download: Snapshot) -> dict[str, object]:
    """What is written as JSON about a download that ended; the fields are in the README."""
    failure = _why_ended(download)
    is_whole = download.status is Status.COMPLETED
    return {
        "url": download.url,
        "path": f"{download.folder}/{download.name}" if is_whole else None,
        "status": download.status.name,
        "bytes": download.total_bytes if is_whole else download.kept_bytes,
        "seconds": round(download.active_s, 3),
        "error": None if failure is None else error_facts(failure),
    }


def error_facts(failure: Failure) -> dict[str, str]:
    """Return the JSON of a failure, with what helps in terms of the command line."""
    return {"code": failure.code, "message": failure.message, "hint": advice(failure)}


def summary_line(queue: QueueSnapshot, width: int) -> str:
    """Everything in one line of at most `width` cells: counts, bytes, throughput, a name."""
    ended = sum(download.stage.is_ended for download in queue.downloads)
    active = [download for download in queue.downloads if download.stage.is_running]
    parts = [f"{ended}/{len(queue.downloads)}"]
    if active:
        parts.append(_amount(active))
    parts.append(format_rate(queue.bytes_per_s))
    if queue.told_eta_s is not None:
        parts.append(f"{'>' * queue.is_eta_least}{format_eta(queue.told_eta_s)} left")
    held = next(filter(waits_for_space, queue.downloads), None)
    shown = active[0] if active else None if held else first_scheduled(queue)
    if shown is not None:
        parts.append(activity(shown, queue.taken_at))
    elif held is not None and held.failure is not None:
        parts.append(f"{held.name}: {held.failure.message}; waiting for space")
    return cut_to_cells("  ".join(parts), width)


def _amount(active: Sequence[Snapshot]) -> str:
    done = sum(_bytes_here(download) for download in active)
    totals = [download.total_bytes for download in active]
    if any(total is None for total in totals):
        return format_bytes(done)
    whole = sum(total or 0 for total in totals)
    percent = f"{100 * done // whole}%" if whole else "100%"
    return f"{percent} of {format_bytes(whole)}"


def _bytes_here(download: Snapshot) -> int:
    """What has come of a download; while it is checked, its own count is of what was hashed."""
    is_whole = download.stage is Status.VERIFYING and download.total_bytes is not None
    return (download.total_bytes or 0) if is_whole else download.done_bytes


def activity(download: Snapshot, now: float) -> str:
    """What a download does: "a.iso: 503 server busy, retry 2/6 in 0:12"; else its name."""
    failure = download.failure
    if download.start_at is not None:
        return f"{download.name}: starts {start_phrase_of(download, now)}"
    if download.disk_silent_since is not None:
        place = short_folder(clean(download.folder, 200))
        return f"{download.name}: waiting for the disk at {place}"
    if download.status is Status.WAITING and failure is not None:
        if download.resume_at is None:
            return f"{download.name}: {failure.message}; {failure.hint}".rstrip("; ")
        wait = format_eta(max(0.0, download.resume_at - now))
        retry = f"retry {download.retry.which} " if download.retry else ""
        return f"{download.name}: {failure.message}, {retry}in {wait}"
    if download.stage is Status.VERIFYING:
        words = f"{download.name}: checking {digest_name(download.phase)}".rstrip()
        done, whole = download.done_bytes, download.total_bytes or 0
        return f"{words} {100 * done // whole}%" if 0 < done < whole else words
    return download.name
