"""Commands for the window and the program: details, views, navigation, in that order."""

from __future__ import annotations

from tui_downloader.ui.commands import situation as when
from tui_downloader.ui.commands.command import MOVING, PANEL, PROGRAM, VIEWS, Command

WINDOW_COMMANDS: tuple[Command, ...] = (
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
    Command("view_all", ("1",), "All", "Show all downloads", VIEWS),
    Command("view_active", ("2",), "Active", "Show what is being downloaded", VIEWS),
    Command("view_queued", ("3",), "Queued", "Show what is queued or paused", VIEWS),
    Command("view_done", ("4",), "Done", "Show what is finished", VIEWS),
    Command("view_failed", ("5",), "Failed", "Show what failed or was cancelled", VIEWS),
    Command("down", ("j", "down"), "Down", "Next download", MOVING, when.with_rows),
    Command("up", ("k", "up"), "Up", "Previous download", MOVING, when.with_rows),
    Command("first", ("g", "home"), "First", "First download", MOVING, when.with_rows),
    Command("last", ("G", "end"), "Last", "Last download", MOVING, when.with_rows),
    Command("page_down", ("pagedown",), "Page down", "One page down", MOVING, when.with_rows),
    Command("page_up", ("pageup",), "Page up", "One page up", MOVING, when.with_rows),
    Command(
        "half_down", ("ctrl+d",), "Half a page down", "Half a page down", MOVING, when.with_rows
    ),
    Command("half_up", ("ctrl+u",), "Half a page up", "Half a page up", MOVING, when.with_rows),
    Command(
        "settings",
        (",",),
        "Settings",
        "Change the settings and keys",
        PROGRAM,
        when.ready,
        footer_rank=3,
        footer_short="Set",
    ),
    Command(
        "history",
        ("H",),
        "History",
        "Show what was finished or removed, and add it again",
        PROGRAM,
        when.ready,
        footer_rank=3,
    ),
    Command("log", ("L",), "Log", "Show the log of the program", PROGRAM),
    Command(
        "export_list",
        (),
        "Export list",
        "Write the links of this view to a file",
        PROGRAM,
        when.ready_with_downloads,
    ),
    Command("import_list", (), "Import list", "Add the links of a file", PROGRAM, when.ready),
    Command("diagnostics", (), "Copy diagnostics", "Copy facts for a report", PROGRAM),
    Command(
        "forget_hosts",
        (),
        "Forget hosts",
        "Forget how many connections hosts allow",
        PROGRAM,
        when.ready,
    ),
    Command("theme", ("ctrl+t",), "Theme", "Choose the colours", PROGRAM, footer_rank=5),
    Command("back", ("escape",), "Back", "Close what is open; it never quits", PROGRAM),
    Command("palette", (":", "ctrl+p"), "Commands", "Search all commands", PROGRAM, footer_rank=4),
    Command("help", ("?", "f1"), "Help", "Show all keys", PROGRAM, footer_rank=3),
    Command(
        "quit", ("q", "ctrl+q"), "Quit", "Pause what runs, save and quit", PROGRAM, footer_rank=3
    ),
)
