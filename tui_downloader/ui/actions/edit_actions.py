"""Commands that change a download's request: edit, new address, checksum."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_downloader.model.digests import digest_name
from tui_downloader.model.edits import name_wanted
from tui_downloader.model.errors import ChecksumMismatch, TlsError, code_of
from tui_downloader.model.start_times import start_phrase
from tui_downloader.model.status import Event, Status, allows
from tui_downloader.ui.actions.action_support import ActionSupport
from tui_downloader.ui.actions.selection import are_dear_to_stop, not_to_be_stopped, received_bytes
from tui_downloader.ui.actions.whereabouts import going_on, shown_elsewhere
from tui_downloader.ui.screens.ask import Choice
from tui_downloader.ui.view.reasons import NEW_URL, PROXY, steps_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.engine import Engine
    from tui_downloader.model.digests import Checksum
    from tui_downloader.model.download import DownloadRequest, Snapshot
    from tui_downloader.ui.desk import Desk
    from tui_downloader.ui.screens.checksum import ChecksumWish

# Their host's certificate was checked already, or nothing asks for it any more.
_PAST_CERTIFICATES = frozenset({Status.DOWNLOADING, Status.VERIFYING, Status.COMPLETED})

# What runs is stopped for a moment when one of these changes.
_SOURCE = ("url", "mirrors", "headers", "credentials", "insecure", "trusted", "proxy")
_STOPPING = (*_SOURCE, "name", "folder")
_CHANGE = Choice(("y",), "change", "change")


class EditActions:
    """Carries them out for the highlighted download.

    The dialogs are loaded when they are first needed: start-up stays short.
    """

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk = desk
        self._engine = engine
        self._support = ActionSupport(desk, engine)
        self._back = self._support.back
        self._trusted = desk.trusted_hosts
        self.handlers: dict[str, Callable[[], None]] = {
            "edit": lambda: self._with_request(self._edit),
            "start_at": lambda: self._with_request(partial(self._edit, first="start")),
            "new_url": lambda: self._with_request(self._ask_url),
            "checksum": lambda: self._with_request(self._ask_checksum),
        }

    def _with_request(self, act: Callable[[Snapshot, DownloadRequest], None]) -> None:
        download = self._desk.highlighted
        if download is None:
            return
        request = self._engine.request_of(download.download_id)
        if request is not None:
            act(download, request)

    def _title(self, what: str) -> str:
        """The title of a dialog; with marks it says that they are not affected."""
        if not (marked := len(self._desk.marks.ids)):
            return what
        return f"{what}: only the highlighted one ({marked} marked)"

    def _edit(self, download: Snapshot, request: DownloadRequest, *, first: str = "") -> None:
        """Open all that can be edited; `first` is the field with the focus, "" for the usual."""
        from tui_downloader.ui.screens.edit import EditScreen

        dialog = EditScreen(
            request,
            os.path.basename(self._engine.path_to_be(download.download_id)) or download.name,
            download.failure,
            lambda path: self._owner(download, path),
            title=self._title("Edit"),
            is_finished=download.status is Status.COMPLETED,
            first=first or ("proxy" if PROXY in steps_for(download) else ""),
        )
        self._desk.open(dialog, lambda wanted: self._want(download, wanted))

    def _owner(self, download: Snapshot, path: str) -> str:
        """Say which other download already has a path, "" for none."""
        wanted = path.casefold()
        for each in self._desk.board.snapshot.downloads:
            is_other = each.download_id != download.download_id and not each.status.is_ended
            if is_other and os.path.join(each.folder, each.name).casefold() == wanted:
                return "another download"
        return ""

    def _ask_url(self, download: Snapshot, request: DownloadRequest) -> None:
        from tui_downloader.ui.screens.new_url import NewUrlScreen

        received = received_bytes(download)
        kept = self._desk.figures.size(received) if received else ""
        led_to = self._engine.details(download.download_id).final_url
        dialog = NewUrlScreen(
            request,
            download.name,
            kept,
            self._title("New address"),
            led_to if _needs_address(download) else "",
        )
        self._desk.open(dialog, lambda wanted: self._want(download, wanted))

    def _want(self, download: Snapshot, wanted: DownloadRequest | None) -> None:
        """Change the request; ask first if much would have to be fetched again."""
        if wanted is None:
            return
        losing = self._losing(download.download_id, wanted)
        change = partial(self._change, download, wanted)
        if are_dear_to_stop(losing):
            question = f"Change {download.name}? {self._support.losses(losing, is_only=True)}."
            self._support.ask(question, (_CHANGE,), lambda _: change())
        else:
            change()

    def _losing(self, key: int, wanted: DownloadRequest) -> list[Snapshot]:
        """Return the download if the change stops it and it cannot resume, else nothing."""
        asked, now = self._engine.request_of(key), self._desk.find(key)
        if asked is None or now is None:
            return []
        is_put_off = wanted.start_at not in (None, asked.start_at)
        is_stopping = any(getattr(asked, name) != getattr(wanted, name) for name in _STOPPING)
        return not_to_be_stopped([now]) if is_put_off or is_stopping else []

    def _change(self, download: Snapshot, wanted: DownloadRequest) -> None:
        """Change the request; a failed download is tried again, as that was the point of it.

        One that gets a start time will start then, even if it was paused or cancelled.
        """
        key = download.download_id
        requests, trusted = self._back.asked_of([key]), self._trusted.origins
        file_name = os.path.basename(self._engine.details(key).path)
        asked, losing = requests.get(key), self._losing(key, wanted)
        wanted, others = self._with_trust(key, asked, wanted)
        is_moving = self._engine.edit(key, wanted)
        now = self._desk.find(key) or download
        starts_at = _new_start(now, asked, wanted)
        tries_again = _is_tried_again(now, asked, wanted)
        goes_on = (starts_at is not None or tries_again) and allows(now.status, Event.RESUME)
        if goes_on:
            self._engine.resume([key])
        where = self._elsewhere(now, goes_on=goes_on, is_put_off=starts_at is not None)
        untrusted = [each for each in others if self._is_untrusted(each)]
        more = self._trust(others, untrusted)
        if is_moving and asked is not None:
            # Only a name that is asked for gives the file its old one back.
            requests[key] = replace(asked, name=file_name or asked.name)
        before = {each.download_id: each for each in (now, *untrusted)}

        def take_back() -> None:
            self._trusted.become(trusted)
            self._back.ask_as_before(requests | more, before)

        changed = f"Changed {now.name if is_moving else self._name_of(now)}"
        changed += f" and {len(more)} more" if more else ""
        how = self._how(starts_at, tries_again=tries_again)
        told = f"{changed}{how}{self._support.note_of(losing, is_only=True)}{where}"
        if is_moving and not losing:  # and the engine tells how moving its files went
            name = name_wanted(asked or wanted, wanted, now.name)
            told = f"{name} goes on{where}" if where else ""
        self._desk.did(
            self._support.undone(changed, losing),
            take_back,
            told=told,
            stays=partial(self._back.what_stays, before),
            moves=key if is_moving else 0,
        )
        self._desk.wake()

    def _how(self, starts_at: float | None, *, tries_again: bool) -> str:
        """Say what follows from a change; an undo does not, as nothing goes on by it."""
        if starts_at is not None:
            return f", starts {start_phrase(starts_at, self._desk.words.now)}"
        return ", trying again" if tries_again else ""

    def _name_of(self, download: Snapshot) -> str:
        """Its current name, which another address may have changed."""
        rows = self._engine.snapshot().downloads
        names = (each.name for each in rows if each.download_id == download.download_id)
        return next(names, download.name)

    def _elsewhere(self, now: Snapshot, *, goes_on: bool, is_put_off: bool) -> str:
        """Name the view with a download that leaves the current one, behind a dot; else ""."""
        board = self._desk.board
        becomes = going_on(board, [now]) if goes_on else now.status
        if is_put_off:
            becomes = Status.QUEUED
        return shown_elsewhere(board, self._desk.words, becomes)

    def _with_trust(
        self, key: int, asked: DownloadRequest | None, wanted: DownloadRequest
    ) -> tuple[DownloadRequest, list[Snapshot]]:
        """Keep what the user says of a host's certificates: it is about all of its files.

        Returns:
            The request, and what else is to accept any certificate from now on.
        """
        if asked is None or asked.url != wanted.url:
            return self._trusted.applied_to(wanted), []
        before, after = set(asked.unproven), set(wanted.unproven)
        for place in before - after:
            self._trusted.distrust(place)
        if not after - before:
            return wanted, []
        for place in after - before:
            self._trusted.trust(place)
        downloads = self._desk.board.snapshot.downloads
        to_come = (each for each in downloads if each.status not in _PAST_CERTIFICATES)
        others = [each for each in to_come if each.download_id != key]
        return wanted, [
            each for each in others if each.url in self._trusted or self._is_untrusted(each)
        ]

    def _is_untrusted(self, download: Snapshot) -> bool:
        """It failed because of the certificate of a host that is trusted now."""
        if download.status is not Status.FAILED or code_of(download.failure) != TlsError.code:
            return False
        return (_failed_at(download) or download.url) in self._trusted

    def _trust(
        self, downloads: Sequence[Snapshot], untrusted: Sequence[Snapshot]
    ) -> dict[int, DownloadRequest]:
        """Accept any certificate for downloads; return the old requests of those that did not.

        Args:
            untrusted: those of them that are to be tried again.
        """
        requests = self._back.asked_of(each.download_id for each in downloads)
        failed_at = {each.download_id: _failed_at(each) for each in downloads}
        wanted = {
            key: self._trusted.applied_to(each, failed_at[key]) for key, each in requests.items()
        }
        changed = {key: each for key, each in wanted.items() if each != requests[key]}
        self._back.edit(changed)
        self._back.ask(self._engine.resume, [each.download_id for each in untrusted])
        return {key: requests[key] for key in changed}

    def _ask_checksum(self, download: Snapshot, request: DownloadRequest) -> None:
        from tui_downloader.ui.screens.checksum import ChecksumScreen

        dialog = ChecksumScreen(
            download.name,
            request.checksum,
            self._engine.details(download.download_id).computed_checksum,
            title=self._title("Checksum"),
            is_finished=_is_whole(download),
        )
        self._desk.open(dialog, lambda wish: self._want_checksum(download, wish))

    def _want_checksum(self, download: Snapshot, wish: ChecksumWish | None) -> None:
        request = self._engine.request_of(download.download_id)
        if wish is None or request is None:
            return
        now = self._desk.find(download.download_id) or download
        told = _what_is_checked(now, wish.checksum)
        if wish.checksum != request.checksum:
            key = download.download_id
            self._back.edit({key: replace(request, checksum=wish.checksum)})
            before = {key: now}
            self._desk.did(
                f"Changed the checksum of {download.name}",
                partial(self._back.edit_unfinished, {key: request}, before),
                told=told,
                stays=partial(self._back.what_stays, before),
            )
        elif told:
            self._desk.say(told)
        if _is_whole(now) and wish.checksum is not None:
            self._engine.verify([download.download_id])
        self._desk.wake()


def _new_start(
    now: Snapshot, asked: DownloadRequest | None, wanted: DownloadRequest
) -> float | None:
    """The changed start time, None if it was not changed."""
    is_as_before = asked is not None and wanted.start_at == asked.start_at
    return None if is_as_before or now.status is Status.COMPLETED else wanted.start_at


def _is_tried_again(now: Snapshot, asked: DownloadRequest | None, wanted: DownloadRequest) -> bool:
    """What has failed is tried again, but not what came whole and wrong for its name's sake."""
    is_wrong = now.status is Status.FAILED and code_of(now.failure) == ChecksumMismatch.code
    if is_wrong and now.kept_as and asked is not None:
        return any(getattr(asked, name) != getattr(wanted, name) for name in _SOURCE)
    return now.status in (Status.FAILED, Status.WAITING)


def _needs_address(download: Snapshot) -> bool:
    """It needs a login of a server that its link leads to, which gets that with its address."""
    is_login = download.status is Status.FAILED and code_of(download.failure) == "auth"
    return is_login and NEW_URL in steps_for(download)


def _failed_at(download: Snapshot) -> str:
    """Return whose certificate was not accepted, "" when that is not known."""
    return "" if download.failure is None else download.failure.origin


def _what_is_checked(now: Snapshot, checksum: Checksum | None) -> str:
    """Say what is compared when; "" for a finished file, whose row tells that."""
    if checksum is None:
        return f"{now.name} is not checked"
    if not _is_whole(now):
        return f"{digest_name(checksum.algorithm)} is compared when {now.name} is complete"
    return f"Checking what is kept of {now.name}" if now.status is Status.FAILED else ""


def _is_whole(download: Snapshot) -> bool:
    """All of its bytes are here, whether or not the digest matches."""
    has_other_digest = code_of(download.failure) == ChecksumMismatch.code
    return download.status is Status.COMPLETED or (
        download.status is Status.FAILED and has_other_digest
    )
