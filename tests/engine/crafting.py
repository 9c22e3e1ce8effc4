"""Made by hand: partials with any holes, as an earlier run would have left them; small files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui_downloader.engine.disk.destination import Destination
from tui_downloader.engine.disk.small_files import SmallFile
from tui_downloader.model.download import OnConflict
from tui_downloader.model.identity import Identity
from tui_downloader.model.passport import Passport
from tui_downloader.store import passports

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.server import Content, Resource
    from tui_downloader.engine.disk.names import Names

Range = tuple[int, int]


def leave_part(
    folder: Path,
    resource: Resource,
    url: str,
    *ranges: Range,
    name: str = "file.bin",
    content: Content | None = None,
    **fields: Any,
) -> Passport:
    """Write `name`.part with these ranges of the resource's content, zeros between, and its record.

    Args:
        content: what the part holds, when it is not what the server has.
        fields: of the passport, instead of the ones that fit.
    """
    part_path = folder / f"{name}.part"
    write_ranges(part_path, resource.content if content is None else content, ranges)
    version = resource.version
    known: dict[str, Any] = {
        "urls": (url,),
        "final_name": name,
        "total_bytes": version.content.size,
        "etag": f'"{version.tag}"',
        "last_modified": version.last_modified,
        "done": ranges,
        "durable": ranges,
        "checksum": None,
        "boot_id": passports.boot_id(),
        "file": Identity(part_path.stat().st_ino),
    }
    passport = Passport(**(known | fields))
    passports.write(str(part_path), passport)
    return passport


def write_ranges(path: Path, content: Content, ranges: Iterable[Range]) -> None:
    """Write these ranges of `content` at their offsets into a new file."""
    with path.open("wb") as file:
        for start, end in ranges:
            file.seek(start)
            file.write(content[start:end])


def small_file(number: int, folder: Path, names: Names) -> SmallFile:
    """A small file that holds its own number."""
    data = b"%d" % number
    url = "http://host.example/file.bin"
    passport = Passport((url,), f"{number}.bin", len(data), None, None, (), (), None, "boot")
    destination = Destination(number, str(folder), OnConflict.RENAME, names)
    return SmallFile(f"{number}.bin", destination, url, data, passport)
