"""Files that contain links: lists, Metalinks, and our own partials. Everything here blocks.

A partial is added from its passport, with its own folder and name, so that it goes on from there.
"""

from __future__ import annotations

import codecs
import math
import os
import re
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_downloader.model.digests import YOU
from tui_downloader.model.errors import UrlError
from tui_downloader.model.links.addresses import check_url
from tui_downloader.model.links.link import Link, ParsedLinks, Refused
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.passport import PassportError, sound_ranges
from tui_downloader.model.text import clean, decoded
from tui_downloader.store import passports
from tui_downloader.store.file_systems import mount_of
from tui_downloader.store.passports import PASSPORT_SUFFIX, SUFFIX

if TYPE_CHECKING:
    from typing import BinaryIO

    from tui_downloader.model.links.link import NamedFile
    from tui_downloader.model.passport import Passport

LARGEST_BYTES = 32 << 20
_TEXT_TOLD_BY = 4096
_LINES_NAMED = 20
_EXCERPT = 80
_TORRENT = re.compile(rb"d\d+:")  # a dictionary, and the length of its first key
_LINE = re.compile(r"lines? (?P<number>\d+)")
_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class ListError(Exception):
    """A file without usable links; a sentence for the user."""


def read_links(text: str) -> ParsedLinks:
    """Read the links of a text, and of the files that its lines name."""
    parsed = parse_links(text, takes_files=True)
    for named in parsed.files:
        parsed = _joined(parsed, _from_file(named))
    return parsed


def read_list(path: str, *, waits: bool = False) -> ParsedLinks:
    """Read the links of a file.

    Args:
        waits: it may be a pipe, which is read to its end whenever that comes.

    Raises:
        ListError: it cannot be read, or is none.
    """
    path = os.path.abspath(os.path.expanduser(path))
    try:
        if path.endswith((SUFFIX, PASSPORT_SUFFIX)):
            return ParsedLinks((_link_of_partial(path),))
        return parse_list(_read(path, waits=waits), os.path.basename(path))
    except FileNotFoundError as error:
        raise ListError(f"there is no file {_shown(path)}") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a possible name"
        raise ListError(f"cannot read {_shown(path)}: {why}") from error


def parse_list(data: bytes, name: str) -> ParsedLinks:
    """Parse a list; lines without a link become notes. `name` is for messages.

    Raises:
        ListError: it is no text, or a torrent: the addresses in it are no files.
    """
    if _TORRENT.match(data) is not None and b"4:infod" in data:
        raise ListError(f"{_shown(name)} is a torrent: not supported, only http and https")
    coding = next((coding for mark, coding in _MARKS.items() if data.startswith(mark)), None)
    if coding is None and b"\0" in data[:_TEXT_TOLD_BY]:
        raise ListError(f"{_shown(name)} is no text file")
    parsed = parse_links(data.decode(coding, "replace") if coding else decoded(data))
    problems = [f"line {refused.line_no}: {refused.reason}" for refused in parsed.refused]
    if len(problems) > _LINES_NAMED:
        more = len(problems) - _LINES_NAMED
        problems[_LINES_NAMED:] = [f"{more} more lines without a link"]
    notes = sorted((*problems, *parsed.notes), key=_line_of)
    return parsed._replace(refused=(), notes=tuple(notes))


def _line_of(note: str) -> float:
    """The line of a note; notes about the whole text come last."""
    found = _LINE.match(note)
    return int(found["number"]) if found is not None else math.inf


def _from_file(named: NamedFile) -> ParsedLinks:
    name = _shown(os.path.basename(named.path))
    try:
        found = read_list(named.path)
    except ListError as error:
        return _refused(named, str(error))
    if not found.links:
        return _refused(named, f"no link in {name}")
    return ParsedLinks(
        tuple(replace(link, line_no=named.line_no) for link in found.links),
        notes=tuple(f"{name}: {note}" for note in found.notes),
    )


def _refused(named: NamedFile, reason: str) -> ParsedLinks:
    return ParsedLinks(refused=(Refused(named.line_no, named.path, reason),))


def _joined(one: ParsedLinks, other: ParsedLinks) -> ParsedLinks:
    return ParsedLinks(
        one.links + other.links, one.refused + other.refused, one.notes + other.notes, one.files
    )


def read_stream(stream: BinaryIO, name: str) -> ParsedLinks:
    """Read a list from a stream to its end, as `parse_list`.

    Raises:
        ListError: as there; or there is too much.
    """
    return parse_list(_bounded(stream, name), name)


def _read(path: str, *, waits: bool) -> bytes:
    waits = waits and stat.S_ISFIFO(os.stat(path).st_mode)
    # A pipe or a device that was named by mistake must not hold us up.
    descriptor = os.open(path, os.O_RDONLY | (0 if waits else getattr(os, "O_NONBLOCK", 0)))
    try:
        mode = os.fstat(descriptor).st_mode
        if not (waits or stat.S_ISREG(mode)):
            raise ListError(f"{_shown(path)} is {_kind(mode)}, no file")
        with open(descriptor, "rb", closefd=False) as file:
            return _bounded(file, path)
    finally:
        os.close(descriptor)


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device"


def _bounded(stream: BinaryIO, name: str) -> bytes:
    data = stream.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise ListError(f"{_shown(name)} is too large for a list of links")
    return data


def _link_of_partial(path: str) -> Link:
    """Return the link that goes on with a partial of ours."""
    part_path = path.removesuffix(PASSPORT_SUFFIX).removesuffix(SUFFIX) + SUFFIX
    try:
        passport = passports.read(part_path)
        if passport is None or not passport.urls:
            raise ListError(
                f"{_shown(part_path)} has no passport {PASSPORT_SUFFIX}: it cannot go on"
            )
        for url in passport.urls:
            check_url(url)
    except (PassportError, UrlError) as error:
        raise ListError(f"the passport of {_shown(part_path)} is of no use: {error}") from error
    checksum = passport.checksum
    if checksum is not None and not checksum.is_asked:
        checksum = None  # the passport is read again for it: it is of this part of the file alone
    return Link(
        passport.urls[0],
        name=os.path.basename(part_path).removesuffix(SUFFIX),
        folder=os.path.dirname(part_path),
        checksum=None if checksum is None else f"{checksum.algorithm}={checksum.hexdigest}",
        checksum_source=YOU if checksum is None else checksum.source,
        mirrors=passport.urls[1:],
        done_bytes=_done_bytes(part_path, passport),
        total_bytes=passport.total_bytes,
    )


def _done_bytes(part_path: str, passport: Passport) -> int:
    """How many bytes of a partial count."""
    try:
        facts = os.lstat(part_path)
    except FileNotFoundError:
        return 0
    mount = mount_of(facts.st_dev)
    return sound_ranges(passport, passports.boot_id(), mount, facts.st_size).total


def _shown(path: str) -> str:
    return clean(path, _EXCERPT)
