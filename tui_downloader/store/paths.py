"""Where the program keeps its files, in one place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "tui-downloader"


def short_folder(folder: str) -> str:
    """Write the home folder as ~."""
    home = os.path.expanduser("~")
    if folder == home or folder.startswith(home + os.sep):
        return "~" + folder[len(home) :]
    return folder


class Paths(NamedTuple):
    """Files of the program, and the folder that downloads go to by default."""

    settings_file: Path
    queue_file: Path
    lock_file: Path
    log_file: Path
    hosts_file: Path
    unsent_file: Path
    download_dir: Path

    def make_folders(self) -> None:
        """Create the folders of the program's own files, for the user alone.

        Raises:
            OSError: they cannot be created.
        """
        for file in (self.settings_file, self.queue_file, self.log_file):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def resolve(environ: Mapping[str, str]) -> Paths:
    """Return the paths: the platform's, or all below TUI_DOWNLOADER_HOME when that is set.

    Raises:
        OSError: the user has no home folder, as in a container, and that is not set.
    """
    # Asking for the platform's folders is a matter of milliseconds that only runs need, not --help.
    import platformdirs

    home = environ.get("TUI_DOWNLOADER_HOME")
    try:
        if home:
            config = state = log = Path(home).expanduser().absolute()
        else:
            config = platformdirs.user_config_path(APP, appauthor=False)
            state = platformdirs.user_state_path(APP, appauthor=False)
            log = platformdirs.user_log_path(APP, appauthor=False)
    except RuntimeError as error:
        raise OSError("no home folder is known: set HOME or TUI_DOWNLOADER_HOME") from error
    try:
        downloads = Path(platformdirs.user_downloads_path())
    except RuntimeError:
        downloads = Path.cwd()
    return Paths(
        settings_file=config / "settings.toml",
        queue_file=state / "queue.db",
        lock_file=state / "instance.lock",
        hosts_file=state / "hosts.json",
        unsent_file=state / "unsent.txt",
        log_file=log / f"{APP}.log",
        download_dir=downloads,
    )
