"""What is to happen when a download's task has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui_downloader.engine.queue.earlier import Earlier
    from tui_downloader.engine.queue.filing import Edit
    from tui_downloader.model.errors import Failure
    from tui_downloader.model.status import Event


class Wish(NamedTuple):
    """What is wanted of a running download, carried out once its task has ended.

    Attributes:
        event: applied if it still fits; a download that completed meanwhile stays completed.
            None leaves the status as it is.
        then: applied after it.
        discard: delete what there is of the file.
        grace_s: but so many seconds later, and only if it does not go on before.
        gives_back: what the finished file replaced has its name again, and that one a free one.
        finished: delete the finished file.
        kept: delete what was kept of it with a wrong digest, too.
        returns: it left the list to be deleted; should files of it stay, it comes back.
        edit: carried out between the two events.
        failure: why it is stopped, when it is not the user's wish.
        earlier: how it was finished before, which it is again when what came since is gone.
    """

    event: Event | None
    then: Event | None = None
    discard: bool = False
    grace_s: float = 0.0
    gives_back: bool = False
    finished: bool = False
    kept: bool = False
    returns: bool = False
    edit: Edit | None = None
    failure: Failure | None = None
    earlier: Earlier | None = None
