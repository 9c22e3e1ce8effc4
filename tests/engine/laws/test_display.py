"""Whatever a server says is harmless text by the time it leaves the engine."""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.engine.running import get, names_in, running
from tests.server import Pattern, Server
from tui_downloader.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE = Pattern(300_000)
# ESC, CSI as one byte, bell, DEL, a bidirectional override, zero width, a line break of Unicode.
EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\x7f\u202egpj.exe\u200b\u2028\ufeff"
# What a header can carry past an HTTP parser.
EVIL_HEADER = EVIL.replace("\x7f", "").encode()
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a picture, however deep."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name))
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from texts_in(part)


def assert_harmless(value: Any) -> None:
    for text in texts_in(value):
        assert not [char for char in text if unicodedata.category(char) in _UNSEEN], repr(text)


async def pictures_of(server: Server, folder: Path, path: str, **wanted: Any) -> list[Any]:
    """Download and return everything that anybody may show of it."""
    async with running() as engine:
        events = engine.events()
        download = await get(engine, server.url(path), folder, **wanted)
        details = engine.details(download.download_id)
        events.close()
        told = [event async for event in events]
    return [download, details, *told]


@pytest.mark.parametrize(
    "behaviour",
    [
        {"content_disposition": b'attachment; filename="' + EVIL_HEADER + b'a.bin"'},
        {"content_disposition": b"attachment; filename*=UTF-8''%1B%5B2J%E2%80%AEa%7F.bin"},
        {"extra_headers": (b"Server: " + EVIL_HEADER,)},
        {"etag": '"\u202e\u200b"'},
        {"content_type": "text/\u202eplain"},
        {"status": 404, "status_body": EVIL_HEADER, "status_content_type": "text/html"},
        {"status": 418},
        {"raw": b"HTTP/1.1 500 " + "\u202eowned\u200b".encode() + b"\r\nContent-Length: 0\r\n\r\n"},
        {"raw": b"\x1b[2J\x1b]0;owned\x07\r\n\r\n"},
        {"raw": b"HTTP/1.1 302 Found\r\nLocation: http://x\x1b[2J/\r\nContent-Length: 0\r\n\r\n"},
        {"location": "/\u202e\u200bto.bin"},
        {"location": "file:///\u202eetc"},
        {"length": "not-a-number"},
        {"content_encoding": "\u202egzip", "really_encoded": False},
        {"status": 503, "retry_after": "\u202esoon"},
    ],
    ids=" ".join,
)
async def test_nothing_that_a_server_sends_reaches_a_screen_raw(
    server: Server, tmp_path: Path, behaviour: dict[str, Any]
) -> None:
    server.put("/file.bin", FILE, **behaviour)
    for picture in await pictures_of(server, tmp_path, "/file.bin"):
        assert_harmless(picture)
    for name in names_in(tmp_path):
        assert_harmless(name)


@pytest.mark.parametrize(
    "path",
    [
        "/%1B%5B2J%E2%80%AEevil%7F.bin",
        "/a%0D%0ASet-Cookie:%20x.bin",
        "/..%2F..%2F..%2Fetc%2Fpasswd",
        "/%2e%2e/%2e%2e/%00.bin",
        "/[b]bold[/b].bin",
    ],
)
async def test_names_in_addresses_are_data(server: Server, tmp_path: Path, path: str) -> None:
    server.put(path, FILE)
    for picture in await pictures_of(server, tmp_path / "to", path):
        assert_harmless(picture)
    assert names_in(tmp_path) == ["to"]
    assert len(names_in(tmp_path / "to")) == 1


async def test_markup_in_a_name_stays_what_it_is(server: Server, tmp_path: Path) -> None:
    server.put("/x", FILE, content_disposition='attachment; filename="[red]a[bold].bin"')
    download, *_ = await pictures_of(server, tmp_path, "/x")
    assert download.status is Status.COMPLETED
    assert download.name == "[red]a[bold].bin"
    assert names_in(tmp_path) == ["[red]a[bold].bin"]


async def test_an_endless_text_is_cut(server: Server, tmp_path: Path) -> None:
    long = b"x" * 30_000
    server.put("/file.bin", FILE, extra_headers=(b"Server: " + long,), etag=f'"{"e" * 30_000}"')
    _, details, *_ = await pictures_of(server, tmp_path, "/file.bin")
    assert all(len(text) <= 1000 for text in texts_in(details))


async def test_a_failure_is_logged_with_its_name(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.put("/file.bin", FILE, status=404)
    await pictures_of(server, tmp_path, "/file.bin?token=s3cret")
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == "download 1, file.bin, failed: 404 not found (http-404)"


async def test_a_log_line_is_one_line(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.put("/file.bin", FILE, location="file:///a\u2028b\u202e")
    await pictures_of(server, tmp_path, "/file.bin")
    for record in caplog.records:
        assert_harmless(record.getMessage())
