"""All commands, each declared once with its keys, words and condition.

Bindings, footer, help, palette and the keys named in messages are all made from `COMMANDS`; what a
command does is in the screens. No two commands may share a key.
"""

from __future__ import annotations

from textual.binding import Binding

from tui_downloader.model.status import Status
from tui_downloader.ui.commands.command import MARKS, MOVING, PANEL, PROGRAM, VIEWS, textual_keys
from tui_downloader.ui.commands.list_commands import LIST_COMMANDS
from tui_downloader.ui.commands.window_commands import WINDOW_COMMANDS

# Groups whose commands ask nothing of the engine: the screen need not look what became of them.
LOOKING = frozenset({MOVING, VIEWS, MARKS, PANEL, PROGRAM})

COMMANDS = LIST_COMMANDS + WINDOW_COMMANDS

BY_ID = {command.command_id: command for command in COMMANDS}

# They only move about in the window.
HARMLESS = frozenset(
    command.command_id for command in COMMANDS if command.group in (MOVING, VIEWS)
) | {"next_tab", "previous_tab"}

# These keep their places at the end of the footer, however narrow it is.
ALWAYS_IN_FOOTER = ("help", "quit")

# From these widths on nothing else takes their places: nothing else on the screen names the keys.
STAYS_FROM_WIDTH = {"next_tab": 70}

# The same while the details have the whole screen, which names itself what helps a download.
STAYS_IN_FULL = {"details": 0, "next_tab": 60}

# `footer_rank` while such a download is highlighted, for which it is more useful, or of no use.
RANK_OF_STATUS = {
    Status.QUEUED: {"move_down": 1},
    Status.PAUSED: {"pause": -1},
    Status.COMPLETED: {"open_folder": 2},
    Status.FAILED: {"cancel": 0, "remove": 1, "edit": 2, "new_url": 2},
}

# The same while its finished file is not there any more: what is left is a row.
RANK_IF_GONE = {"open_file": 0, "remove": 1}

# The same while the rows are in another order than that of the queue: J only says so.
RANK_IF_SORTED = {"move_down": 0}

# The same while the list is empty: there is nothing to hold back, but time to look around.
RANK_IF_EMPTY = {"theme": 2, "limit": 0, "panel": 0}

# `footer_rank` while the details have the whole screen, where it is another: the list is not seen.
RANK_IN_FULL = {
    "cancel": 2, "more_connections": 2, "edit": 3, "copy": 3, "add": 4, "remove": 4, "limit": 4,
    "mark": 0, "move_down": 0, "filter": 0, "sort": 0, "panel": 0,
}  # fmt: skip


def bindings() -> list[Binding]:
    """Return the key bindings of the main screen; a command without a key can be given one."""
    return [
        Binding(
            textual_keys(command.keys) or f"<{command.command_id}>",
            f"run('{command.command_id}')",
            command.title,
            show=False,
            id=command.command_id,
        )
        for command in COMMANDS
    ]
