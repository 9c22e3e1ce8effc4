"""Reads the arguments and settings, and starts the run that they ask for."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

from tui_downloader.cli.arguments import UsageError, parse, requests_from
from tui_downloader.cli.complaints import FAILED, WRONG_USAGE, complain
from tui_downloader.cli.drawing import can_be_drawn_on
from tui_downloader.cli.invocation import Invocation
from tui_downloader.model.download import OnConflict
from tui_downloader.runs.signals import INTERRUPTED
from tui_downloader.store.paths import resolve

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that the terminal's encoding does not have is no reason to stop.
            stream.reconfigure(errors="replace")
    try:
        return _run(_invocation(parse(sys.argv[1:] if argv is None else argv)))
    except UsageError as error:
        return complain(str(error), WRONG_USAGE)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return complain(f"{where}{error.strerror or error}", FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED  # where signals cannot be handled on the loop


def _run(invocation: Invocation) -> int:
    if invocation.arguments.get:
        from tui_downloader.cli.get import get

        return get(invocation)
    from tui_downloader.cli.with_queue import run_with_queue

    return run_with_queue(invocation)


def _invocation(arguments: argparse.Namespace) -> Invocation:
    """Combine the arguments with the settings file.

    Raises:
        UsageError: that makes no sense.
    """
    from tui_downloader.store.settings import by_line, load
    from tui_downloader.store.settings_checks import usable

    paths = resolve(os.environ)
    settings, notices = load(paths.settings_file)
    changes = _given(arguments)
    settings, left_out = usable(settings, paths.settings_file, outranked=changes)
    notices = by_line([*notices, *left_out], paths.settings_file)
    settings = replace(settings, **changes)
    if not arguments.get:
        # JSON is for a reader of lines, though it may ask for it from a terminal.
        arguments.plain = arguments.plain or arguments.json or not _has_terminal()
    if settings.on_conflict is OnConflict.ASK and (arguments.get or arguments.plain):
        settings = replace(settings, on_conflict=OnConflict.RENAME)  # nobody is there to be asked
    folder = os.path.abspath(os.path.expanduser(settings.download_dir or paths.download_dir))
    requests, left_out = requests_from(arguments, folder, settings.on_conflict)
    notices += left_out
    return Invocation(arguments, settings, paths, folder, requests, notices, changes.keys())


def _has_terminal() -> bool:
    """Standard input is a terminal, and standard output one that can be drawn on."""
    return sys.stdin.isatty() and can_be_drawn_on(sys.stdout)


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings given on the command line, by name: they override the file.

    Raises:
        UsageError: the file with issuers holds none.
    """
    if arguments.ca_certificate is not None:
        _check_given_issuers(arguments.ca_certificate)
    changes = {
        "download_dir": arguments.dir,
        "jobs": arguments.jobs,
        "connections": arguments.connections,
        "on_conflict": arguments.on_conflict,
        "ca_certificate": arguments.ca_certificate,
        "insecure": True if arguments.insecure else None,
        "ascii": "always" if getattr(arguments, "ascii", False) else None,
    }
    given = {name: value for name, value in changes.items() if value is not None}
    if arguments.limit_rate is not None:
        given |= {"limit_rate": arguments.limit_rate or None, "limit_times": ()}
    return given


def _check_given_issuers(path: str) -> None:
    from tui_downloader.store.settings_checks import check_issuers

    try:
        check_issuers(path)
    except ValueError as error:
        raise UsageError(str(error)) from error
