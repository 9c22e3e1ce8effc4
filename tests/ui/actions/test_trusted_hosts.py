"""A host whose certificate does not matter: what "any certificate" is about, and how long."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input

from tests.server import Pattern, Server
from tests.ui.fake_engine import NOW, FakeEngine, download, past
from tests.ui.real import real, wanted
from tests.ui.running import Ui, running
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.errors import Failure
from tui_downloader.model.links.link import ParsedLinks, link_to
from tui_downloader.model.status import Status
from tui_downloader.ui.actions.trusted_hosts import TrustedHosts

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.certificates import Certificates

DOUBTED = Failure("tls", "unknown issuer")
URL = "https://host1.example/1"
DONE = [Status.COMPLETED]


def row(key: int, status: Status, host: str = "host1.example", **facts: Any) -> Any:
    return download(key, status, url=f"https://{host}/{key}", **facts)


def engine_with(*rows: Any) -> FakeEngine:
    engine = FakeEngine(rows)
    for each in rows:
        engine.requests[each.download_id] = DownloadRequest(
            each.url.replace("***@", ""), each.folder
        )
    return engine


async def trust(ui: Ui) -> None:
    """Tick or untick the box of the highlighted download."""
    await ui.press("e", "space", "f2")
    await ui.until(lambda: "Changed file-1.bin" in ui.text)


def accepting(engine: FakeEngine) -> dict[object, tuple[bool, tuple[str, ...]]]:
    """The downloads that were asked for differently: whose certificates do not matter to them."""
    edits = [call[1:] for call in engine.calls if call[0] == "edit"]
    return {
        key: (request.insecure, request.trusted)
        for key, request in edits
        if isinstance(request, DownloadRequest)
    }


def edited(engine: FakeEngine) -> dict[object, bool]:
    """The same, without hosts that redirects lead to."""
    return {key: insecure for key, (insecure, _) in accepting(engine).items()}


async def added_after(ui: Ui, url: str) -> DownloadRequest:
    """What is asked for when a link is pasted now."""
    await ui.paste(url)
    await ui.until(lambda: "1 new" in ui.text)
    await ui.press("f2")
    await ui.until(lambda: url in [request.url for request in ui.engine.added])
    return ui.engine.added[-1]


async def test_it_is_about_everything_of_the_host_that_is_still_to_come() -> None:
    engine = engine_with(
        row(1, Status.FAILED, failure=DOUBTED),
        row(2, Status.FAILED, "***@HOST1.example:443", failure=DOUBTED),
        row(3, Status.FAILED, "host1.example:444", failure=DOUBTED),
        row(4, Status.FAILED, failure=Failure("http-404", "not found")),
        row(5, Status.QUEUED),
        row(6, Status.COMPLETED),
        row(7, Status.DOWNLOADING, heard_at=NOW),
        row(8, Status.QUEUED, "host2.example"),
    )
    async with running(engine=engine) as ui:
        await trust(ui)
        await ui.until(lambda: "and 3 more, trying again" in ui.text)
        assert edited(engine) == dict.fromkeys((1, 2, 4, 5), True)
        assert [call for call in engine.calls if call[0] == "resume"] == [
            ("resume", 1),
            ("resume", 2),
        ]
        engine.calls.clear()
        await ui.press("z")
        assert edited(engine) == dict.fromkeys((1, 2, 4, 5), False)


async def test_links_that_are_added_later_are_too_and_the_preview_says_so() -> None:
    async with running(engine=engine_with(row(1, Status.FAILED, failure=DOUBTED))) as ui:
        await trust(ui)
        await ui.paste("https://host1.example/new.bin\nhttps://host2.example/other.bin\n")
        await ui.until(lambda: "2 new" in ui.text)
        assert [line for line in ui.lines if "any certificate" in line] == [
            line for line in ui.lines if "any certificate · host1.example" in line
        ]
        assert "any certificate · host1.example" in ui.text
        await ui.press("f2")
        await ui.until(lambda: len(ui.engine.added) == 2)
        assert [request.insecure for request in ui.engine.added] == [True, False]


async def test_it_is_taken_back_also_when_the_file_got_another_name_with_it() -> None:
    engine = engine_with(
        row(1, Status.FAILED, failure=DOUBTED), row(2, Status.FAILED, failure=DOUBTED)
    )
    async with running(engine=engine) as ui:
        await ui.press("e", "space")
        ui.app.screen.query_one("#name", Input).value = "other.bin"
        await ui.press("f2")
        await ui.until(lambda: edited(engine) == {1: True, 2: True})
        engine.calls.clear()
        await ui.press("z")
        assert edited(engine) == {1: False, 2: False}
        assert engine.requests[1].name == "1"  # as it was called on the disk
        assert not (await added_after(ui, "https://host1.example/new.bin")).insecure


@pytest.mark.parametrize("end", ["z", "untick"])
async def test_it_ends_when_the_user_says_so(end: str) -> None:
    async with running(engine=engine_with(row(1, Status.FAILED, failure=DOUBTED))) as ui:
        await trust(ui)
        if end == "z":
            await ui.press("z")
        else:
            assert (await added_after(ui, "https://host1.example/new.bin")).insecure
            await trust(ui)
        assert not (await added_after(ui, "https://host1.example/newer.bin")).insecure


async def test_a_new_address_and_the_history_know_the_host_too() -> None:
    engine = engine_with(
        row(1, Status.FAILED, failure=DOUBTED), row(2, Status.QUEUED, "host2.example")
    )
    request = DownloadRequest("https://host1.example/old", "/downloads")
    engine.past = [past(9, request=request)]
    async with running(engine=engine) as ui:
        await trust(ui)
        await ui.press("j", "u")
        await ui.paste("https://host1.example/other")
        await ui.press("enter")
        await ui.until(lambda: edited(engine).get(2))
        await ui.press("H")
        await ui.until(lambda: "old-9.iso" in ui.text)
        await ui.press("enter")
        await ui.until(lambda: len(engine.added) == 1)
        assert engine.added[0].insecure


async def test_it_is_about_all_that_failed_at_that_host_wherever_their_links_are() -> None:
    far, other = "https://far.example:444", "https://far.example:445"
    led_there = Failure("tls", "self-signed", "", far)
    engine = engine_with(
        row(1, Status.FAILED, failure=led_there),
        row(2, Status.FAILED, "host2.example", failure=led_there),
        row(3, Status.FAILED, "host2.example", failure=led_there._replace(origin=other)),
        row(4, Status.FAILED, "far.example:444", failure=led_there),
        row(5, Status.FAILED, "far.example:444", failure=led_there._replace(origin=other)),
        row(6, Status.QUEUED, "host2.example"),
    )
    async with running(engine=engine) as ui:
        await trust(ui)
        await ui.until(lambda: "and 3 more, trying again" in ui.text)
        assert accepting(engine) == {
            1: (False, (far,)),
            2: (False, (far,)),
            4: (True, ()),
            5: (True, ()),
        }
        resumed = [call[1:] for call in engine.calls if call[0] == "resume"]
        assert resumed == [(1,), (2, 4)]
        engine.calls.clear()
        await ui.press("z")
        assert ("set_unchecked", frozenset()) in engine.calls
        assert accepting(engine) == dict.fromkeys((1, 2, 4, 5), (False, ()))


def test_where_nothing_proves_who_a_host_is_there_is_nothing_to_accept() -> None:
    trusted = TrustedHosts(lambda _: None)
    trusted.trust("http://host1.example/1")
    assert "http://host1.example/1" not in trusted
    trusted.trust(URL)
    assert "http://host1.example/1" not in trusted
    plain = DownloadRequest("http://host1.example/1", "/d")
    assert trusted.applied_to(plain) == plain


def test_links_stay_as_they_are_where_no_host_is_trusted() -> None:
    parsed = ParsedLinks((link_to(URL), replace(link_to("https://b.example/2"), insecure=True)))
    trusted = TrustedHosts(lambda _: None)
    assert trusted.applied_to_links(parsed) == parsed
    trusted.trust(URL)
    assert [link.insecure for link in trusted.applied_to_links(parsed).links] == [True, True]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_it_is_the_host_that_a_redirect_leads_to(
    tmp_path: Path, certificates: Certificates, server: Server, scheme: str
) -> None:
    tls = certificates.server_context("unknown-issuer")
    async with Server(tls=tls) as far, Server(tls=certificates.server_context()) as near:
        first = near if scheme == "https" else server
        for name in "abc":
            far.put(f"/{name}.bin", Pattern(100_000, seed=ord(name)))
            first.put(f"/to-{name}", b"", location=far.url(f"/{name}.bin", host="localhost"))
        requests = [wanted(first.url(f"/to-{name}"), tmp_path) for name in "ab"]
        async with real(tmp_path, *requests, ca_certificate=str(certificates.ca_file)) as ui:
            await ui.until(lambda: all(each.status.is_ended for each in ui.snapshot.downloads))
            host = f"localhost:{far.port}"
            await ui.until_seen(f"{host}: unknown issuer · e allow for this host")
            await ui.press("e")
            await ui.until_seen(f"[ ] accept any certificate of {host}")
            await ui.press("space", "f2")
            await ui.until(lambda: [each.status for each in ui.snapshot.downloads] == DONE * 2)
            await ui.paste(first.url("/to-c"))
            await ui.until_seen("1 new")
            await ui.press("f2")
            await ui.until(lambda: [each.status for each in ui.snapshot.downloads] == DONE * 3)


async def test_the_next_file_of_such_a_host_comes_without_another_word(
    tmp_path: Path, certificates: Certificates
) -> None:
    tls = certificates.server_context("unknown-issuer")
    async with Server(tls=tls) as server, Server(tls=tls) as other:
        for each in (server, other):
            each.put("/a.bin", Pattern(100_000))
            each.put("/b.bin", Pattern(100_000, seed=1))
        request = wanted(server.url("/a.bin"), tmp_path)
        async with real(tmp_path, request, ca_certificate=str(certificates.ca_file)) as ui:
            await ui.until_seen("e allow for this host")
            await ui.press("e", "space", "f2")
            await ui.until_done()
            await ui.paste(f"{server.url('/b.bin')}\n{other.url('/b.bin')}\n")
            await ui.until_seen("2 new")
            await ui.press("f2")
            await ui.until(lambda: len(ui.snapshot.downloads) == 3)
            await ui.until(lambda: all(each.status.is_ended for each in ui.snapshot.downloads))
            statuses = [each.status for each in ui.snapshot.downloads]
            assert statuses == [Status.COMPLETED, Status.COMPLETED, Status.FAILED]
