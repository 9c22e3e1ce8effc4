"""Other words by which the palette finds commands and settings. Pure."""

from __future__ import annotations

import re

_COMMANDS = {
    "add": "new download link url paste get fetch start",
    "undo": "revert back restore recover",
    "pause": "stop hold halt play",
    "cancel": "stop abort kill end",
    "retry": "repeat start now run continue",
    "edit": "change rename move folder properties options schedule time later user password "
    "cookie speed proxy",
    "start_at": "schedule time later when delay night tomorrow",
    "remove": "delete hide forget",
    "remove_done": "clear clean finished completed purge tidy",
    "mark": "select check tag",
    "mark_range": "select several",
    "mark_all": "select everything none unmark",
    "move_down": "order priority later reorder",
    "move_up": "order priority sooner reorder",
    "move_top": "order priority first now reorder",
    "move_bottom": "order priority last end reorder",
    "filter": "search find look grep only hide",
    "sort": "order arrange",
    "reverse": "sort order descending ascending",
    "sort_queue": "order priority",
    "sort_name": "order alphabetical title file",
    "sort_size": "order largest biggest bytes",
    "sort_percent": "order progress done",
    "sort_speed": "order rate fastest slowest",
    "sort_left": "order time remaining eta",
    "sort_added": "order date time newest",
    "sort_host": "order server site domain",
    "sort_state": "order status",
    "limit": "bandwidth throttle rate maximum cap slow",
    "toggle_limit": "bandwidth throttle rate unlimited full slow",
    "copy": "clipboard yank link address",
    "open_file": "view run launch show play",
    "open_folder": "directory reveal show file manager location",
    "new_url": "link address mirror change replace expired refresh",
    "checksum": "verify hash sha256 md5 digest integrity",
    "more_connections": "threads segments parallel faster add increase slow",
    "fewer_connections": "threads segments parallel less decrease",
    "restart": "again redownload scratch reset zero",
    "delete_file": "erase trash disk",
    "pause_all": "stop everything resume continue hold start",
    "details": "info properties full status why slow",
    "panel": "details info sidebar toggle pane",
    "next_tab": "details overview connections server log check",
    "previous_tab": "details overview connections server log check",
    "switch_focus": "panel list pane other",
    "view_all": "everything view tab",
    "view_active": "running downloading current view tab",
    "view_queued": "waiting scheduled pending view tab",
    "view_done": "completed complete ready view tab",
    "view_failed": "errors problems broken view tab",
    "down": "next move",
    "up": "previous move",
    "first": "top start go",
    "last": "bottom end go",
    "page_down": "scroll",
    "page_up": "scroll",
    "half_down": "scroll",
    "half_up": "scroll",
    "settings": "preferences options configuration configure setup rebind shortcuts",
    "history": "past old finished removed earlier",
    "log": "errors messages debug events",
    "export_list": "save backup links urls",
    "import_list": "load open read links urls text file batch",
    "diagnostics": "bug report debug version system support",
    "forget_hosts": "reset clear server memory connections",
    "theme": "color colors colour dark light mode appearance style skin",
    "back": "close escape clear filter marks leave",
    "help": "shortcuts keyboard bindings manual usage",
    "quit": "exit leave close stop bye",
}
_SETTINGS = {
    "download_dir": "directory path destination save location default",
    "on_conflict": "duplicate already overwrite rename skip same",
    "paste": "clipboard",
    "jobs": "parallel simultaneous concurrent maximum number active",
    "connections": "threads segments parallel",
    "connections_per_host": "threads server site maximum",
    "connections_total": "threads maximum all",
    "restart_below_bytes": "redownload changed again",
    "checksum_scout": "hash sha256 md5 digest integrity automatic verification",
    "limit_rate": "bandwidth throttle maximum cap",
    "limit_last": "bandwidth throttle toggle previous remembered",
    "limit_times": "bandwidth throttle schedule scheduled night hours clock",
    "user_agent": "browser identify",
    "ca_certificate": "tls ssl https authority pem trusted",
    "insecure": "tls ssl https verify unsafe self signed",
    "theme": "color colors dark light mode appearance",
    "units": "bytes mib mb kib format",
    "refresh_hz": "fps update frequency rate redraw",
    "ascii": "unicode characters glyphs symbols plain",
    "mouse": "click pointer wheel",
    "title": "window terminal tab",
    "taskbar": "dock progress",
    "notify": "notifications desktop bell sound alert message",
    "keys": "shortcuts rebind keyboard bindings hotkeys",
}
THEME_WORDS = "color colors mode appearance style skin"

# What can be asked for besides the views: the text of the filter, what it shows, and other words.
FILTERS = (
    ("state:scheduled", "Show what waits for its time", "later timed clock"),
    ("state:downloading", "Show what receives bytes now", "running transferring"),
    ("state:connecting", "Show what waits for an answer", "dns handshake"),
    ("state:queued", "Show what waits for its turn", "pending"),
    ("state:paused", "Show what is paused", "held"),
    ("state:retrying", "Show what waits to be tried again", "waiting retry"),
    ("state:checking", "Show what is being checked", "checksum hash verifying"),
    ("state:done", "Show what is finished", "completed complete"),
    ("state:failed", "Show what failed", "errors problems broken"),
    ("state:cancelled", "Show what was cancelled", "canceled aborted"),
    ("state:skipped", "Show what was skipped, as its file exists", "exists duplicates"),
)
_WORD = re.compile(r"[^\W_]+")


def command_words(command_id: str) -> str:
    """Other words for a command."""
    return _COMMANDS.get(command_id, "")


def setting_words(name: str) -> str:
    """Other words for a setting."""
    return _SETTINGS.get(name, "")


def likeness(query: str, text: str) -> int:
    """Score how well a text matches the words of a query; case and plurals do not matter.

    Returns:
        2 when it has each word, 1 when each begins a word of it, 0 when one does not.
    """
    wanted = [word.lower() for word in _WORD.findall(query)]
    words = {word.lower() for word in _WORD.findall(text)}
    if not wanted:
        return 0
    if words.issuperset(wanted):
        return 2
    return int(all(any(_begins(word, each) for word in words) for each in wanted))


def _begins(word: str, wanted: str) -> bool:
    return word.startswith(wanted) or f"{word}s" == wanted
