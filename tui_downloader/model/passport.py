"""The passport of a partial file: its address and version, and which of its bytes are valid.

The format is documented in the README and versioned; anything that does not read cleanly is an
error, because a wrong guess here would be a wrong file later.
"""

from __future__ import annotations

import json
from enum import Enum, auto
from typing import Any, NamedTuple

from tui_downloader.model.digests import Checksum, parse_checksum
from tui_downloader.model.identity import Identity
from tui_downloader.model.links.equivalence import normalized
from tui_downloader.model.ranges import LARGEST_BYTES, RangeSet
from tui_downloader.model.text import strip_userinfo

FORMAT_VERSION = 1
# How each passport begins, and what it has in every version: what has none of it is not ours.
_BEGINNING = '{"version": '
_MARKS = frozenset({"urls", "final_name", "done"})
_CHECKSUM_FIELDS = ("algorithm", "hexdigest", "source")

Ranges = tuple[tuple[int, int], ...]


class Flaw(Enum):
    """Why a passport cannot be used."""

    TORN = auto()  # not whole JSON: a crash of another program, a cut file
    NEWER = auto()  # written by a later version of this program
    NONSENSE = auto()  # JSON, but its fields contradict the format
    FOREIGN = auto()  # nothing of it says that it is a passport: somebody's own file


class PassportError(Exception):
    """A passport that must not be trusted; `flaw` says why."""

    def __init__(self, flaw: Flaw, message: str) -> None:
        super().__init__(message)
        self.flaw = flaw


class Passport(NamedTuple):
    """See the README for the meaning of each field."""

    urls: tuple[str, ...]
    final_name: str
    total_bytes: int | None
    etag: str | None
    last_modified: str | None
    done: Ranges
    durable: Ranges
    checksum: Checksum | None
    boot_id: str
    finishing: bool = False
    content_encoding: str = ""
    decoded: bool = False
    seal: str = ""
    file: Identity | None = None
    sample: str = ""
    date: str | None = None
    mount: str = ""
    server: str = ""

    @property
    def addresses(self) -> frozenset[str]:
        """Its addresses as they are compared, see `normalized`."""
        return frozenset(map(normalized, self.urls))

    def is_of(self, url: str) -> bool:
        """Whether it records a file at this address, however that is spelled."""
        return url in self.urls or normalized(url) in self.addresses

    def to_json(self) -> str:
        """Return the text to store; no address in it has a user or a password."""
        checksum = self.checksum
        fields = {
            "version": FORMAT_VERSION,
            "urls": [strip_userinfo(url)[0] for url in self.urls],
            "final_name": self.final_name,
            "total_bytes": self.total_bytes,
            "etag": self.etag,
            "last_modified": self.last_modified,
            "done": self.done,
            "durable": self.durable,
            "checksum": None
            if checksum is None
            else {
                "algorithm": checksum.algorithm,
                "hexdigest": checksum.hexdigest,
                "source": checksum.source,
            },
            "boot_id": self.boot_id,
            "finishing": self.finishing,
            "content_encoding": self.content_encoding,
            "decoded": self.decoded,
            "seal": self.seal,
            "file": self.file,
            "sample": self.sample,
            "date": self.date,
            "mount": self.mount,
            "server": self.server,
        }
        return json.dumps(fields, ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> Passport:
        """Read a stored passport.

        Raises:
            PassportError: it is torn, of a newer version, makes no sense, or is none.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise unreadable(text) from error
        if not (isinstance(fields, dict) and fields.keys() >= _MARKS):
            raise PassportError(Flaw.FOREIGN, "not a passport of this program")
        version = fields.get("version")
        if type(version) is not int or version < 1:
            raise PassportError(Flaw.NONSENSE, "the passport tells no version")
        if version > FORMAT_VERSION:
            raise PassportError(Flaw.NEWER, f"the passport is of the newer version {version}")
        try:
            return _read(fields)
        except (KeyError, TypeError, ValueError) as error:
            raise PassportError(Flaw.NONSENSE, f"the passport makes no sense: {error}") from error


def unreadable(text: str) -> PassportError:
    """Return the error for a text that is a damaged passport, or never was one."""
    is_left = text.startswith(_BEGINNING) or _BEGINNING.startswith(text.rstrip("\0"))
    if is_left:
        return PassportError(Flaw.TORN, "the passport is not whole")
    return PassportError(Flaw.FOREIGN, "not a passport of this program")


def is_of_now(passport: Passport, boot_id: str, mount: str) -> bool:
    """Tell whether it was written in this boot and mount, so that no written byte can be lost.

    Args:
        boot_id: of the running system; another one means that the machine was restarted since.
        mount: of the file system now; another one means that the disk was away, or had failed.
    """
    is_mount = passport.mount == mount or "" in (passport.mount, mount)
    return passport.boot_id == boot_id and is_mount


def sound_ranges(passport: Passport, boot_id: str, mount: str, part_bytes: int) -> RangeSet:
    """Return the bytes that can be trusted; of an earlier boot or mount only those synced.

    Args:
        boot_id: see `is_of_now`.
        mount: the same.
        part_bytes: size of the partial; what is recorded beyond it is gone.
    """
    trusted = passport.done if is_of_now(passport, boot_id, mount) else passport.durable
    sound = RangeSet.from_pairs(trusted)
    if trusted:
        sound.discard(part_bytes, max(end for _, end in trusted))
    return sound


def _read(fields: dict[str, object]) -> Passport:
    total = _total(fields["total_bytes"])
    return Passport(
        urls=tuple(strip_userinfo(_text(url))[0] for url in _list(fields["urls"])),
        final_name=_text(fields["final_name"]),
        total_bytes=total,
        etag=_text_or_none(fields["etag"]),
        last_modified=_text_or_none(fields["last_modified"]),
        done=_ranges(fields["done"], total),
        durable=_ranges(fields["durable"], total),
        checksum=_checksum(fields["checksum"]),
        boot_id=_text(fields["boot_id"]),
        finishing=_switch(fields["finishing"]),
        content_encoding=_text(fields.get("content_encoding", "")),
        decoded=_switch(fields.get("decoded", False)),
        seal=_text(fields.get("seal", "")),
        file=_identity(fields.get("file")),
        sample=_text(fields.get("sample", "")),
        date=_text_or_none(fields.get("date")),
        mount=_text(fields.get("mount", "")),
        server=_text(fields.get("server", "")),
    )


def _total(value: object) -> int | None:
    if value is not None and (isinstance(value, bool) or not 0 <= _whole(value) <= LARGEST_BYTES):
        raise ValueError("total_bytes")
    return None if value is None else _whole(value)


def _ranges(value: object, total: int | None) -> Ranges:
    ranges = RangeSet.from_pairs(_list(value)).as_tuple()
    if ranges and ranges[-1][1] > (LARGEST_BYTES if total is None else total):
        raise ValueError("a range ends after the file")
    return ranges


def _checksum(value: object) -> Checksum | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise TypeError("a digest is missing")
    algorithm, hexdigest, source = (_text(value[key]) for key in _CHECKSUM_FIELDS)
    if parse_checksum(f"{algorithm}={hexdigest}") != Checksum(algorithm, hexdigest):
        raise ValueError("checksum")
    return Checksum(algorithm, hexdigest, source)


def _identity(value: object) -> Identity | None:
    if value is None:
        return None
    inode, total_bytes, written_ns = _list(value)
    is_written = total_bytes is None and written_ns is None
    if is_written:
        return Identity(_whole(inode))
    return Identity(_whole(inode), _whole(total_bytes), _whole(written_ns))


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("a list is missing")
    return value


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false is missing")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
