"""Parses the command line. Nothing is opened or started here."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from tui_downloader import __version__
from tui_downloader.model.digests import parse_checksum
from tui_downloader.model.download import DownloadRequest, OnConflict
from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url
from tui_downloader.model.naming import typed_name
from tui_downloader.model.text import clean, strip_userinfo
from tui_downloader.model.units import parse_rate
from tui_downloader.store.link_requests import request_for
from tui_downloader.store.settings import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui_downloader.model.links.link import ParsedLinks
    from tui_downloader.model.proxy import Proxy

_EXAMPLES = """\
examples:
  tui-downloader                                   open the interface, then paste links
  tui-downloader get https://example.org/a.iso     download one file and exit
  tui-downloader get -i links.txt -j 16 -d ~/iso   download a list, 16 files at once
  wget-list | tui-downloader get -i -              read the list from standard input

An interrupted `get` goes on where it was when the same command is run again."""


class UsageError(Exception):
    """The command line is invalid; the message says why."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; `get` is True for the command of that name.

    Raises:
        UsageError: wrong usage. SystemExit: --help or --version was answered.
    """
    is_get = _is_get(argv)
    arguments = _parser(is_get=is_get).parse_intermixed_args(argv)
    arguments.get = is_get
    if is_get:
        del arguments.urls[0]
    _check(arguments)
    return arguments


def _is_get(argv: Sequence[str]) -> bool:
    """Whether the first argument that belongs to no option is the command; `-d get` is a folder."""
    if "get" not in argv or argv[0] == "get":
        return "get" in argv
    arguments, _ = _parser(is_get=True).parse_known_intermixed_args(argv)
    return list(arguments.urls[:1]) == ["get"]


def _parser(*, is_get: bool) -> _Parser:
    parser = _Parser(
        prog="tui-downloader get" if is_get else "tui-downloader",
        usage="%(prog)s [OPTIONS] URL …"
        if is_get
        else "tui-downloader [OPTIONS] [URL …]\n       tui-downloader get [OPTIONS] URL …",
        description="Download without an interface: print progress on stderr, then exit."
        if is_get
        else "A download manager in the terminal. With `get`: no interface, download and exit.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    parser.add_argument("urls", metavar="URL", nargs="*", help="what to download")
    _add_files(parser)
    _add_transfers(parser)
    _add_output(parser, is_get=is_get)
    return parser


def _add_files(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("files")
    group.add_argument(
        "-d",
        "--dir",
        metavar="DIR",
        type=_filled,
        help="destination folder, created when missing",
    )
    group.add_argument("-o", "--out", metavar="NAME", type=_filled, help="file name; one URL only")
    group.add_argument(
        "-i",
        "--input-file",
        metavar="FILE",
        help="a list of URLs, a Metalink or a .part of ours, - for standard input: one download a "
        "line, TAB between mirrors, # comments, curl or wget commands, indented option=value lines "
        "for the line above (out, dir, header, checksum, user-agent, split, max-download-limit, …)",
    )
    group.add_argument(
        "--on-conflict",
        type=_from(_setting("on_conflict")),
        metavar="{rename,overwrite,skip,ask}",
        help="when a file of that name exists (default: rename); ask only in the interface",
    )
    group.add_argument(
        "--checksum",
        metavar="ALGORITHM=HEX",
        type=_from(parse_checksum),
        help="digest the file must have, e.g. sha-256=9f86…; one URL only",
    )


def _add_transfers(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("transfers")
    group.add_argument(
        "-j", "--jobs", metavar="N", type=_from(_setting("jobs")), help="downloads at once"
    )
    group.add_argument(
        "-x",
        "--connections",
        metavar="N",
        type=_from(_setting("connections")),
        help="connections for one file (default: as many as pay, up to 16)",
    )
    group.add_argument(
        "--limit-rate",
        metavar="RATE",
        type=_limit,
        help="for the whole program, e.g. 500K, 2M, 40Mbit; 0 for no limit",
    )
    group.add_argument(
        "-H",
        "--header",
        metavar="'Name: value'",
        action="append",
        default=[],
        type=_header,
        help="send this to the URL's own origin; repeatable",
    )
    group.add_argument(
        "--proxy",
        metavar="URL",
        type=_from(_proxy),
        help="for these links, [http://][user:password@]host:port, https://… or none; without it "
        "the environment's (http_proxy, https_proxy, all_proxy, no_proxy)",
    )
    group.add_argument(
        "--at",
        metavar="TIME",
        type=_from(_moment),
        help="start then, on this machine's clock: 02:00, 'tomorrow 02:00', '2026-11-27 02:00', "
        "'in 2h'; the program runs and waits until then",
    )
    group.add_argument("--ca-certificate", metavar="FILE", help="trust these issuers besides")
    group.add_argument("--insecure", action="store_true", help="accept any certificate")


def _add_output(parser: argparse.ArgumentParser, *, is_get: bool) -> None:
    group = parser.add_argument_group("output")
    json_help = "a JSON object a line on stdout" + ("" if is_get else "; means --plain")
    group.add_argument("--json", action="store_true", help=json_help)
    if is_get:
        group.add_argument("-q", "--quiet", action="store_true", help="no progress")
    else:
        group.add_argument("--plain", action="store_true", help="line mode, for screen readers")
        group.add_argument("--paused", action="store_true", help="do not go on with the queue")
        group.add_argument("--no-color", action="store_true", help="no colours")
        group.add_argument("--ascii", action="store_true", help="draw with ASCII only")
    group.add_argument("--version", action="version", version=f"tui-downloader {__version__}")
    group.add_argument("-h", "--help", action="help", help="show this and exit")


def _check(arguments: argparse.Namespace) -> None:
    if arguments.get and not (arguments.urls or arguments.input_file):
        raise UsageError("get needs a URL, or a list with -i FILE")
    for option in ("at", "proxy"):
        if getattr(arguments, option) is not None and not (arguments.urls or arguments.input_file):
            raise UsageError(f"--{option} needs a URL, or a list with -i FILE")
    if arguments.get and arguments.on_conflict is OnConflict.ASK:
        raise UsageError("--on-conflict ask needs the interface; get takes rename, overwrite, skip")
    for option in ("out", "checksum"):
        if getattr(arguments, option) and (len(arguments.urls) != 1 or arguments.input_file):
            raise UsageError(f"--{option} is for one URL only")
    if not arguments.get and arguments.input_file == "-":
        raise UsageError("-i - is for get: the interface reads keys from standard input")


def requests_from(
    arguments: argparse.Namespace, folder: str, on_conflict: OnConflict
) -> tuple[list[DownloadRequest], list[str]]:
    """Make requests of the URLs and the list.

    Returns:
        The requests, and sentences about what of the list was left out.

    Raises:
        UsageError: a URL or name on the command line is none, or the list cannot be read.
    """
    requests = [_given(url, arguments, folder, on_conflict) for url in arguments.urls]
    if not arguments.input_file:
        return requests, []
    parsed = _read_list(arguments.input_file)
    typed = {"start_at": arguments.at, "proxy": arguments.proxy}
    outranking = {name: value for name, value in typed.items() if value is not None}
    notes = []
    for link in parsed.links:
        try:
            request = request_for(link, folder, tuple(arguments.header), on_conflict)
            requests.append(replace(request, **outranking))
        except ValueError as error:
            notes.append(f"{clean(link.url, 80)}: {error}")
    return requests, [*notes, *parsed.notes]


def _given(
    url: str, arguments: argparse.Namespace, folder: str, on_conflict: OnConflict
) -> DownloadRequest:
    try:
        check_url(url)
    except UrlError as error:
        raise UsageError(f"{error.message}; {error.hint}") from error
    plain, credentials = strip_userinfo(url)
    return DownloadRequest(
        url=plain,
        folder=folder,
        name=_name(arguments.out or ""),
        headers=tuple(arguments.header),
        credentials=credentials,
        checksum=arguments.checksum,
        on_conflict=on_conflict,
        start_at=arguments.at,
        proxy=arguments.proxy,
    )


def _name(out: str) -> str | None:
    try:
        return typed_name(out) or None
    except ValueError as error:
        raise UsageError(f"--out: {error}; -d names the folder") from error


def _read_list(path: str) -> ParsedLinks:
    # Everything that a text may mean: only lists need it.
    from tui_downloader.store.list_files import ListError, read_list, read_stream

    try:
        if path == "-":
            return read_stream(sys.stdin.buffer, "standard input")
        return read_list(path, waits=True)
    except ListError as error:
        raise UsageError(str(error)) from error


def _from(read: Callable[[str], object]) -> Callable[[str], object]:
    """Make a type for argparse that shows the message of a ValueError."""

    def convert(text: str) -> object:
        try:
            return read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def _filled(text: str) -> str:
    """Refuse an empty text: it comes from a variable that is not set, and is never meant."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _setting(name: str) -> Callable[[str], object]:
    """Return a function that parses a text as the setting of that name."""
    kind = kind_of(name)
    return lambda text: kind.read(kind.typed(text))


def _limit(text: str) -> int:
    """Parse a limit; 0 means no limit, unlike an option that was not given."""
    try:
        return parse_rate(text) or 0
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _moment(text: str) -> float:
    from tui_downloader.model.start_times import EXPECTED, parse_start  # few runs need it

    moment = parse_start(text, time.time())
    if moment is None:
        raise ValueError(f"give {EXPECTED}")
    return moment


def _proxy(text: str) -> Proxy | None:
    from tui_downloader.model.proxy import typed_proxy

    return typed_proxy(_filled(text))


def _header(text: str) -> tuple[str, str]:
    from tui_downloader.model.links.link_options import parse_header

    header = parse_header(text)
    if header is None:
        raise argparse.ArgumentTypeError("a header is written 'Name: value'")
    return header
