"""The tasks that carry out downloads, and what follows when one of them has ended."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from typing import TYPE_CHECKING

from tui_downloader.engine.disk.destination import Skipped
from tui_downloader.engine.queue.comparisons import Comparisons, is_comparable, lacks_verdict
from tui_downloader.engine.queue.filing import Edit, Filing
from tui_downloader.engine.queue.grace_periods import GracePeriods
from tui_downloader.engine.queue.wish import Wish
from tui_downloader.engine.transfer.bad_files import delete_kept
from tui_downloader.engine.transfer.tools import Deferred, Tools
from tui_downloader.model.errors import (
    DiskFull,
    DownloadError,
    Failure,
    InternalError,
    PartGone,
    skipped,
)
from tui_downloader.model.status import Event, Status, allows, next_status

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from tui_downloader.engine.queue.earlier import Earlier
    from tui_downloader.engine.transfer.download import Download

_log = logging.getLogger(__name__)


class DownloadTasks:
    """Owns the tasks of downloads, at most one for each.

    Args:
        group: the engine's task group, in which every task lives.
        tools: what transfers work with.
        undeleted: told of what left the list to be deleted, and of which files stay.
    """

    def __init__(
        self, group: asyncio.TaskGroup, tools: Tools, undeleted: Callable[[Download], None]
    ) -> None:
        self._group = group
        self._tools = tools
        self._undeleted = undeleted
        self._tasks: dict[int, asyncio.Task[None] | None] = {}
        self._wishes: dict[int, Wish] = {}
        self._edits: dict[int, Edit] = {}  # the latest of each whose files are not there yet
        self._begun: set[int] = set()  # tasks that have taken their first step
        self._filing = Filing(tools)
        self._comparisons = Comparisons(tools)
        self._grace = GracePeriods(self._discard_idle)

    @property
    def ids(self) -> dict[int, asyncio.Task[None] | None]:
        """Ids of downloads that have a task now."""
        return self._tasks

    def start(self, download: Download) -> None:
        """Give a QUEUED download to a new task."""
        download.apply(Event.START, time.time())
        self._spawn(download, self._carry(download))

    def discard(self, download: Download, grace_s: float = 0.0) -> None:
        """Delete the files of a download without a task, at once or after a while."""
        if not self._grace.give(download, grace_s):
            self.follow(download, Wish(None, discard=True, grace_s=grace_s))

    def _discard_idle(self, download: Download) -> bool:
        is_idle = download.download_id not in self._tasks
        if is_idle:
            self.discard(download)
        return is_idle

    def follow(self, download: Download, wish: Wish) -> None:
        """Carry out a wish for a download without a task."""
        self._wishes[download.download_id] = wish
        self._spawn(download, self._follow(download))

    def edit(self, download: Download, edit: Edit) -> None:
        """Move the files of a download, then let the edit count; drop one that still waits."""
        key = download.download_id
        waiting = self._wishes.get(key)
        if waiting is not None and waiting.edit is not None:
            dropped = waiting.edit.new_path
            if dropped not in (edit.new_path, download.final_path):
                self._tools.names.release(*os.path.split(dropped), key)
        self._edits[key] = edit
        event = Event.REQUEUE if key in self._tasks else None
        self._stop_or_follow(download, Wish(event, edit=edit))

    def pending_edit(self, download: Download) -> Edit | None:
        """Return an edit that is to apply once the files have been moved."""
        return self._edits.get(download.download_id)

    def hold(self, download: Download, failure: Failure) -> None:
        """Pause a running or queued download for this reason; a wish of the user comes first."""
        if download.download_id not in self._tasks:
            self._take_over(download, failure)
            self._change_if_allowed(download, Event.PAUSE)
        elif not self.is_stopping(download):
            self.stop(download, Wish(Event.PAUSE, failure=failure))

    def _take_over(self, download: Download, failure: Failure) -> None:
        """Give a download the failure that others had."""
        download.failure = failure
        download.note(time.time(), failure.message)

    def let_go_on(self, download: Download) -> None:
        """Queue a download that was held back."""
        if download.download_id not in self._tasks:
            download.failure = None
            self._change_if_allowed(download, Event.RESUME)

    def fail(self, download: Download, failure: Failure) -> None:
        """Fail a download for this reason, unless it has failed or completed by itself."""
        if self.status_as_wished(download) is Status.FAILED:
            return  # also what a task has in hand, such as one that moves its files
        if download.download_id in self._tasks:
            self.stop(download, Wish(Event.RESUME, Event.FAIL, failure=failure))
        elif download.status is not Status.COMPLETED:
            self._change_if_allowed(download, Event.RESUME)
            download.failure = failure
            self._change_if_allowed(download, Event.FAIL)

    def give_up_for(self, download: Download, earlier: Earlier) -> None:
        """Stop fetching a finished file again, or drop the new one: it is COMPLETED as before."""
        wish = Wish(Event.CANCEL, discard=True, gives_back=True, earlier=earlier)
        self._stop_or_follow(download, wish)

    def give_back(self, download: Download) -> None:
        """Rename the file that a finished one replaced back to its name, if it is still kept."""
        if download.download_id in self._tools.replaced:
            self._stop_or_follow(download, Wish(None, gives_back=True))

    def _stop_or_follow(self, download: Download, wish: Wish) -> None:
        if download.download_id in self._tasks:
            self.stop(download, wish)
        else:
            self.follow(download, wish)

    def way_back(self, download: Download) -> Wish:
        """Return what undoes a removal: it goes on, or is paused, as it was or was just to be."""
        key = download.download_id
        if key not in self._tasks or download.status.is_ended:
            return Wish(None)  # leaving the list changes no status
        pending = self._wishes.get(key, Wish(None))
        last = pending.then or pending.event
        is_paused = last is Event.PAUSE or (last is None and download.status is Status.PAUSED)
        return Wish(Event.RESUME, Event.PAUSE) if is_paused else Wish(Event.REQUEUE, Event.RESUME)

    def welcome_back(self, download: Download, way_back: Wish) -> None:
        """Add a removed download again."""
        self._grace.spare(download)
        if download.name and not download.status.is_ended and not self._filing.claims(download):
            # Another download took the name, and what there was, meanwhile.
            download.name = ""
            download.forget_bytes()
        if download.download_id in self._tasks:
            # What its removal wished may still be to come, and is not wanted any more.
            self.stop(download, way_back)
        elif way_back.event is not None:
            download.failure = None
            self._change_if_allowed(download, way_back.event)
            self._change_if_allowed(download, way_back.then)

    def let_go(
        self, download: Download, *, delete_file: bool, grace_s: float, gives_back: bool
    ) -> tuple[str, ...]:
        """Stop a download that was removed from the list; return what is to be deleted, too."""
        is_done = download.status is Status.COMPLETED
        discard = delete_file and not is_done
        is_at_once = delete_file and not grace_s
        kept = is_at_once and bool(download.kept_as)
        wish = Wish(None, discard=discard, grace_s=grace_s, gives_back=gives_back, kept=kept)
        wish = wish._replace(returns=is_at_once)
        if download.download_id in self._tasks:
            # It may finish just now; who takes its adding back does not want that either.
            finished = delete_file and (is_done or gives_back)
            self.stop(download, wish._replace(event=Event.CANCEL, finished=finished))
            return ()
        finished = delete_file and is_done
        gives_back = gives_back and download.download_id in self._tools.replaced
        if download.name and (discard or kept or gives_back):
            self.follow(download, wish._replace(finished=finished))
            return ()
        return (download.final_path,) if finished and download.name else ()

    def give_up(self, download: Download) -> None:
        """Fail a download for the reason it is held back for."""
        if download.failure is not None:
            download.failure = download.failure._replace(hint="free some space and try again")
        self._change_if_allowed(download, Event.RESUME)
        self._change_if_allowed(download, Event.FAIL)

    def check(self, download: Download) -> None:
        """Compare the digest of a file that is complete, or kept as .bad, and has no task."""
        self._spawn(download, self._check(download))

    def check_moved(self, download: Download) -> None:
        """The same once its files are where they are just moving to."""
        self._comparisons.owe(download)

    def _spawn(self, download: Download, work: Coroutine[None, None, None]) -> None:
        # Registered first: an eager task may run, and even end, before it is returned.
        key = download.download_id
        self._tasks[key] = None
        task = self._group.create_task(work)
        if key in self._tasks and not task.done():
            self._tasks[key] = task

    def is_stopping(self, download: Download) -> bool:
        """The task of this download is about to end, and a wish waits for that."""
        return download.download_id in self._wishes

    def status_as_wished(self, download: Download) -> Status:
        """Return the status that it will have once what has been wished so far is carried out."""
        status = download.status
        wish = self._wishes.get(download.download_id, Wish(None))
        for event in (wish.event, wish.then):
            if event is not None and allows(status, event):
                status = next_status(status, event)
        return status

    def stop(self, download: Download, wish: Wish) -> None:
        """End the task of a download; the latest wish applies, after pending moves of its files."""
        waiting = self._wishes.get(download.download_id)
        if waiting is not None:
            gives_back = wish.gives_back or waiting.gives_back
            wish = wish._replace(edit=wish.edit or waiting.edit, gives_back=gives_back)
        self._wishes[download.download_id] = wish
        self._interrupt(download.download_id)

    def _interrupt(self, download_id: int) -> None:
        """Cancel a task; one that has not begun sees the wish by itself, and can clean up then."""
        task = self._tasks[download_id]
        if task is not None and download_id in self._begun:
            task.cancel()

    async def stop_all(self) -> None:
        """End every task and save everything; downloads that ran are queued again."""
        self._grace.end()
        tasks = [task for task in self._tasks.values() if task is not None]
        for download_id in self._tasks:
            self._wishes.setdefault(download_id, Wish(Event.REQUEUE))
            self._interrupt(download_id)
        if tasks:
            await asyncio.wait(tasks)
        self._tools.replaced.end()  # one may just have finished, or given back what it replaced

    async def _carry(self, download: Download) -> None:
        # aiohttp is behind this import; it was loaded when the engine was entered.
        from tui_downloader.engine.transfer.transfer import Transfer

        key = download.download_id
        self._begun.add(key)
        try:
            if key not in self._wishes:
                await Transfer(download, self._tools.of(download)).run()
        except asyncio.CancelledError:
            if key not in self._wishes:
                raise  # not ours: the whole engine is going down
        except Deferred:
            pass
        except Skipped as error:
            download.failure = skipped(str(error))
            self._tools.step(download, Event.CANCEL)
        except DiskFull as error:
            self._fail(download, error, Event.PAUSE)
        except DownloadError as error:
            self._fail(download, error)
        except Exception as error:  # noqa: BLE001 - a bug in one download must not end the others
            _log.exception("download %s failed unexpectedly", download)
            self._fail(download, InternalError(f"internal error: {type(error).__name__}"))
        # Another digest may have been asked for while the file got its name.
        await self._follow(download, owes_check=lacks_verdict(download))

    def _fail(self, download: Download, error: DownloadError, event: Event = Event.FAIL) -> None:
        download.failure = error.failure
        download.note(time.time(), error.message)
        if isinstance(error, PartGone):
            download.lose_part()
        _log.warning(
            "download %s, %s, %s: %s (%s)",
            download.download_id,
            download.clean_name,
            "failed" if event is Event.FAIL else "paused",
            error.message,
            error.code,
        )
        self._tools.step(download, event)

    def _change_if_allowed(self, download: Download, event: Event | None) -> None:
        if event is not None and allows(download.status, event):
            self._tools.step(download, event)

    async def _check(self, download: Download) -> None:
        self._begun.add(download.download_id)
        is_cut = not await self._compare(download)
        await self._follow(download, owes_check=is_cut)

    async def _compare(self, download: Download) -> bool:
        """Compare the digest of a file that is whole; return False when a wish cut that short."""
        try:
            await self._comparisons.carry_out(download)
        except asyncio.CancelledError:
            if download.download_id not in self._wishes:
                raise  # not ours: the whole engine is going down
            return False
        return True

    async def _follow(self, download: Download, *, owes_check: bool = False) -> None:
        """Carry out the wish, which may change meanwhile.

        Args:
            owes_check: what is here is to be compared, unless it is not wanted any more.
        """
        key, stays = download.download_id, False
        await self._filing.gather(download)
        while key in self._wishes or owes_check or self._comparisons.is_due(download):
            wish = self._wishes.pop(key, None)
            if wish is not None:
                stays = not await self._fulfil(download, wish) and wish.returns
                owes_check = owes_check and wish.event is not Event.CANCEL
            elif self._grace.is_over or not is_comparable(download):
                break
            else:
                owes_check = not await self._compare(download)
        del self._tasks[key]
        self._begun.discard(key)
        self._comparisons.forget(download)
        self._tools.report(download)
        if stays:
            self._undeleted(download)

    async def _fulfil(self, download: Download, wish: Wish) -> bool:
        """Carry out one wish; False when not all that it wants deleted could or may be deleted."""
        if wish.failure is not None and not download.status.is_ended:
            self._take_over(download, wish.failure)
        elif wish.event is Event.PAUSE and allows(download.status, Event.PAUSE):
            download.failure = None  # the user's pause needs no other reason
        self._change_if_allowed(download, wish.event)
        if wish.edit is not None:
            await self._filing.move(download, wish.edit)
            if self._edits.get(download.download_id) is wish.edit:
                del self._edits[download.download_id]
        self._change_if_allowed(download, wish.then)
        is_deleted = await self._delete(download, wish)
        if download.status is Status.COMPLETED:
            await self._undo_finish(download, wish)
        elif wish.earlier is not None and allows(download.status, Event.KEEP):
            await delete_kept(download, self._tools, but=wish.earlier.kept_as)
            wish.earlier.restore(download)
            self._tools.step(download, Event.KEEP)
        return is_deleted

    async def _delete(self, download: Download, wish: Wish) -> bool:
        """Delete what is wished of its unfinished or wrong files; False when some of them stay."""
        is_deleted = not wish.discard or await self._condemn(download, wish.grace_s)
        return (not wish.kept or await delete_kept(download, self._tools)) and is_deleted

    async def _condemn(self, download: Download, grace_s: float) -> bool:
        if not await self._filing.knows_all_parts(download):
            return False
        if self._grace.give(download, grace_s):
            return True
        download.condemn_parts(time.time())  # nobody reads meanwhile that they are kept
        return await self._filing.delete(download)

    async def _undo_finish(self, download: Download, wish: Wish) -> None:
        """Bring back what a finished file replaced, and delete it, as far as the wish says so."""
        stays = not wish.finished and wish.earlier is None
        if wish.gives_back and not await self._filing.has_given_back(download, is_told=stays):
            return
        earlier = wish.earlier
        if earlier is not None and download.name == earlier.name:
            self._tools.tell(download, "too late: the new file is whole")
        elif not stays:
            self._tools.clean_up((download.final_path,), download.final_path)
            if earlier is not None:
                earlier.restore(download)
