"""Copying: what each letter takes, from one download and from many."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest

from tests.ui.fake_engine import NOW, FakeEngine, download
from tests.ui.running import running
from tui_downloader.model.download import Assurance, Details, DownloadRequest, Snapshot
from tui_downloader.model.errors import Failure
from tui_downloader.model.links.links import parse_links
from tui_downloader.model.proxy import DIRECT, Proxy
from tui_downloader.model.status import Status

FAILED = download(
    1,
    Status.FAILED,
    url="https://***@host1.example/file-1.bin",
    failure=Failure("http-404", "not found here"),
)
REQUEST = DownloadRequest(
    "https://host1.example/file-1.bin?a=1&b='2'",
    "/downloads",
    headers=(("Cookie", "id=7; x"),),
    credentials=("me", "se cret"),
)
DETAILS = Details(
    path="/downloads/file-1.bin",
    computed_checksum="sha-256=abc",
    log=((NOW, "it began"), (NOW, "it ended")),
)


def engine() -> FakeEngine:
    made = FakeEngine([FAILED, download(2)])
    made.requests[1] = REQUEST
    made.details_by_id[1] = DETAILS
    return made


@pytest.mark.parametrize(
    ("key", "copied", "told"),
    [
        ("u", REQUEST.url, "Copied the URL"),
        ("p", "/downloads/file-1.bin", "Copied the path"),
        ("n", "file-1.bin", "Copied the name"),
        ("s", "sha-256=abc", "Copied the digest"),
        ("e", "http-404: not found here", "Copied the error"),
    ],
)
async def test_a_letter_takes_its_part(key: str, copied: str, told: str) -> None:
    async with running(engine=engine()) as ui:
        await ui.press("y", key)
        assert ui.app.clipboard == copied
        await ui.until(lambda: told in ui.text)


async def test_the_log_is_copied_line_by_line() -> None:
    async with running(engine=engine()) as ui:
        await ui.press("y", "l")
        lines = ui.app.clipboard.splitlines()
        assert [line.partition(" ")[2] for line in lines] == ["it began", "it ended"]


async def test_the_curl_command_asks_for_the_same() -> None:
    async with running(engine=engine()) as ui:
        await ui.press("y", "c")
        assert shlex.split(ui.app.clipboard) == [
            "curl", "-L", "-o", "file-1.bin", "-H", "Cookie: id=7; x", "-u", "me:se cret",
            REQUEST.url,
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        (Proxy("http://p.example:3128"), "-x http://p.example:3128"),
        (Proxy("http://p:1", ("me", "se cret")), "-x http://p:1 -U 'me:se cret'"),
        (DIRECT, "--noproxy '*'"),
    ],
)
async def test_the_curl_command_goes_the_same_way(proxy: Proxy, words: str) -> None:
    made = engine()
    made.requests[1] = replace(REQUEST, proxy=proxy)
    async with running(engine=made) as ui:
        await ui.press("y", "c")
        assert f" {words} " in ui.app.clipboard
        (link,) = parse_links(ui.app.clipboard).links
        assert link.proxy == proxy


async def test_only_what_there_is_is_offered() -> None:
    async with running(engine=engine(), size=(120, 30)) as ui:
        await ui.press("y")
        assert "copy: u URL  p path  n name  s digest  c curl command  e error  l log" in ui.text
        await ui.press("escape", "j", "y")
        assert "copy: u URL  p path  n name  c curl command" in ui.text
        await ui.press("e")
        assert ui.app.clipboard == ""


@pytest.mark.parametrize(
    ("shown", "copied"),
    [
        (download(1), "sha-256=abc"),
        (download(1, Status.COMPLETED, assurance=Assurance.DIFFERS), ""),
        (download(1, Status.FAILED, failure=Failure("checksum", "sha256 differs")), ""),
    ],
    ids=["to come", "another", "kept as .bad"],
)
async def test_an_expected_digest_is_that_of_a_file_only_while_none_says_otherwise(
    shown: Snapshot, copied: str
) -> None:
    """Older queues do not tell what was computed."""
    made = FakeEngine([shown])
    made.details_by_id[1] = Details(checksum="sha-256=abc (you)")
    async with running(engine=made) as ui:
        await ui.press("y", "s")
        assert ui.app.clipboard == copied


async def test_of_many_downloads_each_gives_a_line() -> None:
    async with running(engine=engine()) as ui:
        await ui.press("*", "y", "u")
        assert ui.app.clipboard == f"{REQUEST.url}\nhttps://host2.example/files/file-2.bin"
        await ui.until(lambda: "Copied 2 URLs" in ui.text)


async def test_nothing_to_copy_is_told() -> None:
    async with running([download(1), download(2)]) as ui:
        await ui.press("*", "y", "e")
        await ui.until(lambda: "There is no error to copy" in ui.text)
