"""Where downloads are seen once a command has brought them to another state. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.model.status import Status
from tui_downloader.ui.view.board import View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import Snapshot
    from tui_downloader.ui.view.board import Board
    from tui_downloader.ui.view.context import Context


def going_on(board: Board, downloads: Sequence[Snapshot]) -> Status:
    """Return the state that what is resumed comes to: it starts at once where a slot is free."""
    is_full = board.snapshot.at_once and not all(each.status.is_running for each in downloads)
    return Status.QUEUED if is_full else Status.CONNECTING


def shown_elsewhere(board: Board, context: Context, becomes: Status, count: int = 1) -> str:
    """Say which view shows what leaves the current one: " · 2 shows it"; "" when it stays in sight.

    Args:
        becomes: its state from now on.
        count: how many there are.
    """
    key = _view_key(board, context, becomes)
    return f"{context.dot}{key} shows {'it' if count == 1 else 'them'}" if key else ""


def added_elsewhere(
    board: Board, context: Context, added: Sequence[Snapshot], becomes: Status
) -> str:
    """Say which keys show what was added out of sight, by view and filter: " · esc shows them".

    Args:
        becomes: their state from now on.
    """
    new = [each._replace(status=becomes) for each in added]
    passing = sum(board.wanted.lets_through(each) for each in new)
    way_out = context.keymap.key_of("back") if passing < len(new) else ""
    keys = [way_out, _view_key(board, context, becomes)]
    if not any(keys):
        return ""
    which = "it" if len(new) == 1 else "all of them" if passing and way_out else "them"
    shows = "show" if all(keys) else "shows"
    return f"{context.dot}{' and '.join(filter(None, keys))} {shows} {which}"


def _view_key(board: Board, context: Context, becomes: Status) -> str:
    """Return the key of a view that shows what has this state from now on, "" for this one."""
    if becomes in board.view.statuses:
        return ""
    if becomes is Status.CONNECTING:
        view = View.ALL  # a moment later it may be done, have failed, or stand in line
    else:
        view = next(each for each in View if each is not View.ALL and becomes in each.statuses)
    return context.keymap.key_of(view.command_id)
