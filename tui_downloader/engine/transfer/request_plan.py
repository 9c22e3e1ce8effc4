"""What to request next, as it follows from the server's earlier answers.

Nothing here sends anything: see `asking`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tui_downloader.model import digests
from tui_downloader.model.answers import Ask, AskAgain, Known, Take
from tui_downloader.model.http import Validators

if TYPE_CHECKING:
    from tui_downloader.engine.network.answer import Answer
    from tui_downloader.engine.network.hosts import Hosts
    from tui_downloader.engine.transfer.download import Download

OVERLAP_BYTES = 64 * 1024
# Within one run the server was met moments ago: a strong ETag suffices, else a short look back.
_SHORT_OVERLAP_BYTES = 4 * 1024


class RequestPlan:
    """Plans the requests of one run of a download.

    Args:
        download: its request says what to ask for; its facts are what is known.
        hosts: knows whose ETags mean nothing.

    Attributes:
        came_to_end: a body of unknown length came to its end, and nothing is left to request.
        is_told: the server's words about this version are of this run.
        alternates: machines behind the address date the file differently.
    """

    def __init__(self, download: Download, hosts: Hosts) -> None:
        self._download = download
        self._hosts = hosts
        self.came_to_end = self.alternates = False
        self._other_etag: str | None = None  # differed while everything else agreed
        self._meet_another_server()

    def _meet_another_server(self) -> None:
        self._is_plain = self._is_unconditional = self.is_told = False
        self._was_met = False  # bytes on disk were compared with it, or came from it in this run
        self._range_faults = 0
        self._received_before = self._download.progress.received_bytes

    # Planning.

    def next_gap(self) -> Ask:
        """Ask for the first gap, and some bytes before it to compare."""
        done = self._download.progress.done
        total = self._download.total_bytes
        gap = done.first_gap(total) if done.total and not self._is_plain else None
        if gap is None:
            return Ask(plain=self._is_plain)
        start, end = gap
        validators = self._download.facts.validators
        overlap = OVERLAP_BYTES
        if self._was_met:
            overlap = 0 if validators.is_strong else _SHORT_OVERLAP_BYTES
        ask = self._from(start, None if end == total else end, overlap)
        return ask if self._is_unconditional else ask._replace(if_range=validators.if_range)

    def _from(self, start: int, end: int | None, overlap: int) -> Ask:
        done = self._download.progress.done
        while overlap and not done.covers(max(0, start - overlap), start):
            overlap //= 2
        return Ask(max(0, start - overlap), end, overlap=min(start, overlap))

    def rests_on_bytes(self, ask: Ask) -> bool:
        """Tell whether only the bytes compared will say that an answer is of the same version."""
        is_told = ask.if_range is not None or self._download.facts.validators.is_strong
        return ask.overlap > 0 and not is_told

    def from_zero(self) -> Ask:
        """Ask for the file from byte 0, however much of it is here."""
        return Ask(plain=self._is_plain)

    def part(self, start: int, end: int, *, of_primary: bool) -> Ask:
        """Ask for the bytes [start, end) on a further connection.

        Args:
            of_primary: the server whose validators are known.
        """
        facts = self._download.facts
        # Without a strong ETag some bytes before are compared, as soon as they are here too.
        is_sure = facts.validators.is_strong and of_primary
        overlap = 0 if is_sure else min(start, _SHORT_OVERLAP_BYTES)
        end_asked = None if end == self._download.total_bytes else end
        return Ask(start - overlap, end_asked, overlap=overlap)

    def known(self) -> Known:
        """Return what an answer has to agree with."""
        download = self._download
        return Known(
            total_bytes=download.total_bytes,
            validators=download.facts.validators,
            done_bytes=download.progress.done.total,
            file_name=download.shown_name,
            range_faults=self._range_faults,
            asked_plain=self._is_plain,
            other_etag=self._other_etag,
            etags_flap=self._etags_flap,
        )

    def known_of_server(self) -> Known:
        """Return what an answer has to agree with, whichever version of the file it is about."""
        return Known(
            file_name=self._download.shown_name,
            asked_plain=self._is_plain,
            range_faults=self._range_faults,
        )

    @property
    def _etags_flap(self) -> bool:
        return self._hosts.etags_flap(self._download.request.url)

    # Learning.

    def change_way(self, verdict: AskAgain) -> None:
        """Ask in another way the next time."""
        self._download.note(time.time(), verdict.why)
        if verdict.plain:
            self._is_plain = True
        elif verdict.range_fault:
            self._range_faults += 1
        else:
            self._is_unconditional = True
            self._other_etag = verdict.other_etag
            self._was_met = self._was_met and verdict.other_etag is None  # compare much

    def settle(self, answer: Answer, take: Take) -> None:
        """Note what an accepted answer says of the file."""
        facts, head = self._download.facts, answer.head
        self.is_told = True
        self._download.total_bytes = take.total_bytes
        facts.resumable = take.ranges or facts.resumable or False
        if head.validators.etag or head.validators.last_modified:
            facts.validators = head.validators.after(facts.validators)
        if self._other_etag or self._etags_flap:
            facts.validators = facts.validators._replace(etag=None)
        facts.content_encoding = head.content_encoding
        is_whole = take.at == 0 and take.limit == take.total_bytes
        told = digests.from_headers(answer.response.headers, of_whole=is_whole)
        before = None if take.at == 0 else facts.announced
        facts.announced = told or before or facts.published

    def met(self) -> None:
        """The server's bytes agreed with those on disk, if any were compared."""
        self._was_met = True
        if self._other_etag is not None:
            self._hosts.drop_etags(self._download.request.url)
            self._download.note(time.time(), "the host's ETags change without the file: ignored")
            self._other_etag = None

    def note_progress(self) -> None:
        """Bytes received from this address in this run count as compared."""
        received = self._download.progress.received_bytes > self._received_before
        self._was_met = self._was_met or received

    def turn_to_another(self) -> None:
        """Another server is asked from now on: bytes on disk have to be compared with it."""
        self._download.facts.validators = Validators()
        self._other_etag = None
        self._meet_another_server()

    def forget_version(self) -> None:
        """Forget everything known of the file: it is another version."""
        self._download.total_bytes = None
        self._download.facts.validators = Validators()
        self._was_met = self.came_to_end = self.is_told = False
