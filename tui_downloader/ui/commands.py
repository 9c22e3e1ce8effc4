"""Every command once: its keys, words and when it applies.

Bindings, footer, help, palette and the keys named in messages are all made from `COMMANDS`; what a
command does is in the screens. A key may stand for one command only.
"""

from __future__ import annotations

from textual.binding import Binding

from tui_downloader.ui import situation as when
from tui_downloader.ui.command import Command, textual_keys
from tui_downloader.ui.order import SortKey


def _command(command_id: str, keys: str, title: str, sentence: str, group: str) -> Command:
    return Command(command_id, tuple(keys.split()), title, sentence, group)


_LIST, _QUEUE = "Move around", "The queue"
DOWNLOAD = "The highlighted download, or all marked ones"
_VIEWS, _MARKS, PANEL, _PROGRAM = "Views and order", "Marks", "Details", "The program"

# Groups whose commands ask nothing of the engine: the screen need not look what became of them.
LOOKING = frozenset({_LIST, _VIEWS, _MARKS, PANEL, _PROGRAM})

COMMANDS: tuple[Command, ...] = (
    Command(
        "add",
        ("a",),
        "Add",
        "Add links; pasting them does the same",
        _QUEUE,
        when.ready,
        footer_rank=1,
    ),
    Command(
        "undo",
        ("z",),
        "Undo",
        "Take back what was done last, for 10 seconds",
        _QUEUE,
        when.can_undo,
        footer_rank=1,
    ),
    Command(
        "pause",
        ("p",),
        "Pause",
        "Pause it, or let it go on",
        DOWNLOAD,
        when.can_pause_or_resume,
        when.pause_title,
        footer_rank=1,
    ),
    Command(
        "cancel",
        ("x",),
        "Cancel",
        "Stop it for good; asks what to do with the parts",
        DOWNLOAD,
        when.can_cancel,
        footer_rank=1,
    ),
    Command(
        "retry",
        ("r",),
        "Retry",
        "Try again, resume, or start what is cancelled or scheduled",
        DOWNLOAD,
        when.can_retry,
        when.retry_title,
        footer_rank=1,
    ),
    Command(
        "edit",
        ("e",),
        "Edit",
        "Edit name, folder, start, limit, conns, login, headers",
        DOWNLOAD,
        when.ready_with_highlight,
        footer_rank=4,
    ),
    Command(
        "remove",
        ("d", "delete"),
        "Remove",
        "Take it out of the list; a finished file stays",
        DOWNLOAD,
        when.ready_with_chosen,
        footer_rank=3,
    ),
    Command(
        "mark",
        ("space",),
        "Mark",
        "Mark it, or unmark it, and go to the next",
        _MARKS,
        when.with_highlight,
        footer_rank=3,
    ),
    Command(
        "mark_range",
        ("v",),
        "Mark range",
        "Mark from here to wherever you go; again ends it",
        _MARKS,
        when.with_highlight,
    ),
    Command(
        "mark_all", ("*",), "Mark all", "Mark or unmark the whole view", _MARKS, when.with_rows
    ),
    Command(
        "move_down",
        ("J",),
        "Move",
        "Move it down in the queue",
        _QUEUE,
        when.ready_with_chosen,
        footer_rank=4,
        footer_key="J/K",
    ),
    Command(
        "move_up", ("K",), "Move up", "Move it up in the queue", _QUEUE, when.ready_with_chosen
    ),
    Command(
        "move_top",
        ("<",),
        "Move to top",
        "Make it the next in the queue",
        _QUEUE,
        when.ready_with_chosen,
    ),
    Command(
        "move_bottom",
        (">",),
        "Move to end",
        "Make it the last in the queue",
        _QUEUE,
        when.ready_with_chosen,
    ),
    Command(
        "filter",
        ("/",),
        "Filter",
        "Show what fits: words !word state: host: size: /regex/",
        _VIEWS,
        when.ready_with_downloads,
        footer_rank=2,
    ),
    Command(
        "sort",
        ("s",),
        "Sort",
        "Sort by a column; the same again reverses",
        _VIEWS,
        when.ready_with_downloads,
        footer_rank=2,
    ),
    Command("reverse", ("S",), "Reverse", "Reverse the order", _VIEWS, when.ready_with_downloads),
    *(
        Command(
            f"sort_{key.value}",
            (),
            f"Sort by {key.value}",
            f"Sort by {key.value}; again reverses",
            _VIEWS,
            when.ready_with_downloads,
        )
        for key in SortKey
    ),
    Command(
        "limit",
        ("t",),
        "Limit",
        "Set the speed limit of the whole program",
        _QUEUE,
        when.ready,
        footer_rank=3,
    ),
    Command(
        "toggle_limit",
        ("T",),
        "Limit on/off",
        "Switch the last speed limit off and on",
        _QUEUE,
        when.can_toggle_limit,
    ),
    Command(
        "copy",
        ("y",),
        "Copy",
        "Copy its URL, path, name, digest, curl, error or log",
        DOWNLOAD,
        when.with_highlight,
        footer_rank=4,
    ),
    Command(
        "open_file",
        ("o",),
        "Open",
        "Open the finished file with its program",
        DOWNLOAD,
        when.can_open,
        footer_rank=1,
    ),
    Command(
        "open_folder",
        ("O",),
        "Open folder",
        "Open the folder it is in",
        DOWNLOAD,
        when.with_highlight,
    ),
    Command(
        "new_url",
        ("u",),
        "New URL",
        "Give it another address of the same file; its bytes stay",
        DOWNLOAD,
        when.can_change_url,
    ),
    Command(
        "checksum",
        ("c",),
        "Checksum",
        "Enter the checksum it must have, or check a finished file",
        DOWNLOAD,
        when.ready_with_highlight,
    ),
    Command(
        "more_connections",
        ("+",),
        "More connections",
        "One connection more for it",
        DOWNLOAD,
        when.can_change_url,
        footer_rank=4,
        footer_key="+/-",
        footer_title="Conns",
    ),
    Command(
        "fewer_connections",
        ("-",),
        "Fewer connections",
        "One connection fewer for it",
        DOWNLOAD,
        when.can_change_url,
    ),
    Command("restart", ("R",), "Restart", "Start again from byte 0", DOWNLOAD, when.can_restart),
    Command(
        "delete_file",
        ("D",),
        "Delete",
        "Take it out of the list and delete its file",
        DOWNLOAD,
        when.ready_with_chosen,
    ),
    Command(
        "pause_all",
        ("P",),
        "Pause all",
        "Pause everything, or resume everything paused",
        _QUEUE,
        when.ready_with_downloads,
    ),
    Command(
        "details",
        ("enter",),
        "Details",
        "Show everything about it on the full screen",
        PANEL,
        when.with_highlight,
        when.details_title,
        footer_rank=1,
    ),
    Command(
        "panel", ("i",), "Panel", "Show or hide the panel with its details", PANEL, footer_rank=5
    ),
    Command(
        "next_tab",
        ("l", "right"),
        "Next tab",
        "Next tab of the panel",
        PANEL,
        when.has_panel,
        footer_rank=1,
        footer_key="h/l",
        footer_title="Tab",
    ),
    Command(
        "previous_tab",
        ("h", "left"),
        "Previous tab",
        "Previous tab of the panel",
        PANEL,
        when.has_panel,
    ),
    Command(
        "switch_focus",
        ("tab", "shift+tab"),
        "Focus",
        "Go to the panel and back",
        PANEL,
        when.has_panel,
    ),
    _command("view_all", "1", "All", "Show all downloads", _VIEWS),
    _command("view_active", "2", "Active", "Show what is being downloaded", _VIEWS),
    _command("view_queued", "3", "Queued", "Show what is queued or paused", _VIEWS),
    _command("view_done", "4", "Done", "Show what is finished", _VIEWS),
    _command("view_failed", "5", "Failed", "Show what failed or was cancelled", _VIEWS),
    Command("down", ("j", "down"), "Down", "Next download", _LIST, when.with_rows),
    Command("up", ("k", "up"), "Up", "Previous download", _LIST, when.with_rows),
    Command("first", ("g", "home"), "First", "First download", _LIST, when.with_rows),
    Command("last", ("G", "end"), "Last", "Last download", _LIST, when.with_rows),
    Command("page_down", ("pagedown",), "Page down", "One page down", _LIST, when.with_rows),
    Command("page_up", ("pageup",), "Page up", "One page up", _LIST, when.with_rows),
    Command(
        "half_down", ("ctrl+d",), "Half a page down", "Half a page down", _LIST, when.with_rows
    ),
    Command("half_up", ("ctrl+u",), "Half a page up", "Half a page up", _LIST, when.with_rows),
    Command(
        "settings",
        (",",),
        "Settings",
        "Change the settings and keys",
        _PROGRAM,
        when.ready,
        footer_rank=3,
        footer_short="Set",
    ),
    Command(
        "history",
        ("H",),
        "History",
        "Show what was finished or removed, and add it again",
        _PROGRAM,
        when.ready,
        footer_rank=3,
    ),
    _command("log", "L", "Log", "Show the log of the program", _PROGRAM),
    Command(
        "export_list",
        (),
        "Export list",
        "Write the links of this view to a file",
        _PROGRAM,
        when.ready_with_downloads,
    ),
    Command("import_list", (), "Import list", "Add the links of a file", _PROGRAM, when.ready),
    _command("diagnostics", "", "Copy diagnostics", "Copy facts for a report", _PROGRAM),
    Command(
        "forget_hosts",
        (),
        "Forget hosts",
        "Forget how many connections hosts allow",
        _PROGRAM,
        when.ready,
    ),
    _command("theme", "", "Theme", "Choose the colours", _PROGRAM),
    _command("back", "escape", "Back", "Close what is open; it never quits", _PROGRAM),
    Command("palette", (":", "ctrl+p"), "Commands", "Search all commands", _PROGRAM, footer_rank=4),
    Command("help", ("?", "f1"), "Help", "Show all keys", _PROGRAM, footer_rank=3),
    Command(
        "quit", ("q", "ctrl+q"), "Quit", "Pause what runs, save and quit", _PROGRAM, footer_rank=3
    ),
)

BY_ID = {command.command_id: command for command in COMMANDS}

# They only move about in the window.
HARMLESS = frozenset(
    command.command_id for command in COMMANDS if command.group in (_LIST, _VIEWS)
) | {"next_tab", "previous_tab"}

# These keep their places at the end of the footer, however narrow it is.
ALWAYS_IN_FOOTER = ("help", "quit")

# From these widths on nothing else takes their places: nothing else on the screen names the keys.
STAYS_FROM_WIDTH = {"next_tab": 70}

# `footer_rank` while the details have the whole screen, where it is another: the list is not seen.
RANK_IN_FULL = {
    "cancel": 2, "more_connections": 2, "edit": 3, "copy": 3, "add": 4, "remove": 4, "limit": 4,
    "mark": 0, "move_down": 0, "filter": 0, "sort": 0, "panel": 0,
}  # fmt: skip


def bindings() -> list[Binding]:
    """Return the key bindings of the main screen; what has no key yet can be given one."""
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
