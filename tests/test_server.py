"""What the test server answers, seen from a plain socket."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server import Pattern, Request, Server
from tests.server.client import DATA, SIZE, Client, ask, request_bytes
from tests.server.ranges import resolve


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    opened = await Client.connect(server)
    yield opened
    opened.leave()


def asked_for(byte_range: str) -> Request:
    return Request.parse(request_bytes("/f", f"Range: bytes={byte_range}"), 1, 0.0)


class TestHonestServer:
    async def test_a_plain_get_brings_everything_and_the_validators(self, server: Server) -> None:
        server.put("/f", DATA)
        reply = await ask(server, "/f")
        assert (reply.status, reply.body) == (200, DATA)
        assert reply["ETag"] == f'"{hashlib.sha256(DATA).hexdigest()[:16]}"'
        assert reply["Content-Length"] == str(SIZE)
        assert reply["Accept-Ranges"] == "bytes"
        assert reply["Last-Modified"] == "Sat, 14 Mar 2026 15:09:26 GMT"

    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("0-", 0, SIZE - 1),
            ("100-199", 100, 199),
            ("100-99999999", 100, SIZE - 1),
            ("-5", SIZE - 5, SIZE - 1),
            ("-99999999", 0, SIZE - 1),
        ],
    )
    async def test_a_range_brings_its_bytes(
        self, server: Server, asked: str, first: int, last: int
    ) -> None:
        server.put("/f", DATA)
        reply = await ask(server, "/f", f"Range: bytes={asked}")
        assert (reply.status, reply.body) == (206, DATA[first : last + 1])
        assert reply["Content-Range"] == f"bytes {first}-{last}/{SIZE}"

    @pytest.mark.parametrize("asked", [f"{SIZE}-", "-0"])
    async def test_a_range_outside_the_file_is_416(self, server: Server, asked: str) -> None:
        server.put("/f", DATA)
        reply = await ask(server, "/f", f"Range: bytes={asked}")
        assert (reply.status, reply["Content-Range"]) == (416, f"bytes */{SIZE}")

    @pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "bytes=-", "lines=0-1", "bytes=2-x"])
    async def test_a_range_that_it_does_not_know_is_ignored(
        self, server: Server, asked: str
    ) -> None:
        server.put("/f", DATA)
        assert (await ask(server, "/f", f"Range: {asked}")).status == 200

    async def test_head_has_the_head_only(self, server: Server) -> None:
        server.put("/f", DATA)
        reply = await ask(server, "/f", method="HEAD")
        assert (reply.status, reply["Content-Length"], reply.body) == (200, str(SIZE), b"")

    async def test_a_path_that_was_not_put_is_404(self, server: Server) -> None:
        assert (await ask(server, "/none")).status == 404

    async def test_other_methods_are_405(self, server: Server) -> None:
        server.put("/f", DATA)
        assert (await ask(server, "/f", method="DELETE")).status == 405

    async def test_if_range_brings_everything_after_a_change(self, server: Server) -> None:
        resource = server.put("/f", DATA)
        etag = (await ask(server, "/f"))["ETag"]
        lines = ("Range: bytes=5-", f"If-Range: {etag}")
        assert (await ask(server, "/f", *lines)).status == 206
        resource.replace(b"another version")
        assert (await ask(server, "/f", *lines)).body == b"another version"

    @pytest.mark.parametrize(
        ("line", "status"),
        [('If-Match: "other"', 412), ("If-None-Match: *", 304), ("If-Match: *", 200)],
    )
    async def test_preconditions_decide_the_status(
        self, server: Server, line: str, status: int
    ) -> None:
        server.put("/f", DATA)
        assert (await ask(server, "/f", line)).status == status

    async def test_one_connection_serves_many_requests(
        self, server: Server, client: Client
    ) -> None:
        server.put("/f", DATA)
        assert await client.get("/f", SIZE) == DATA
        assert await client.get("/f", SIZE) == DATA
        assert [request.connection_id for request in server.requests] == [1, 1]

    async def test_a_big_pattern_arrives_fast_and_whole(
        self, server: Server, client: Client
    ) -> None:
        pattern = Pattern(100 * 1024 * 1024)
        server.put("/big", pattern)
        client.send("/big")
        await client.reader.readuntil(b"\r\n\r\n")
        hasher, missing, started = hashlib.sha256(), pattern.size, time.monotonic()
        while missing:
            piece = await client.reader.read(1024 * 1024)
            hasher.update(piece)
            missing -= len(piece)
        assert time.monotonic() - started < 60
        assert hasher.hexdigest() == pattern.sha256()

    async def test_a_request_is_on_record(self, server: Server) -> None:
        resource = server.put("/f", DATA)
        await ask(server, "/f?a=b", "Range: bytes=10-19", "X-Test: yes")
        (request,) = server.requests
        assert (request.method, request.path, request.query) == ("GET", "/f", "a=b")
        assert (request.range_start, request.range_end, request.status) == (10, 19, 206)
        assert (request.headers["x-test"], request.sent_bytes) == ("yes", 10)
        assert request.finished
        assert (resource.hits, resource.sent_bytes, resource.open_max) == (1, 10, 1)


class TestRanges:
    @pytest.mark.parametrize(
        ("behaviour", "status", "content_range", "body"),
        [
            ({"ranges": "ignore"}, 200, None, DATA),
            ({"ranges": "refuse", "range_status": 501}, 501, None, b"sorry\n"),
            ({"ranges": "shifted"}, 206, f"bytes 107-199/{SIZE}", DATA[107:200]),
            (
                {"ranges": "shifted", "range_error_bytes": -7},
                206,
                f"bytes 93-199/{SIZE}",
                DATA[93:200],
            ),
            ({"ranges": "lying"}, 206, f"bytes 100-199/{SIZE}", DATA[93:193]),
            ({"ranges": "longer"}, 206, f"bytes 100-206/{SIZE}", DATA[100:207]),
            ({"ranges": "shorter"}, 206, f"bytes 100-192/{SIZE}", DATA[100:193]),
            ({"ranges": "no-content-range"}, 206, None, DATA[100:200]),
            ({"ranges": "bad-content-range"}, 206, "bytes banana", DATA[100:200]),
            ({"ranges": "wrong-total"}, 206, f"bytes 100-199/{SIZE + 7}", DATA[100:200]),
            ({"ranges": "star-total"}, 206, "bytes 100-199/*", DATA[100:200]),
            (
                {"ranges": "200-with-content-range"},
                200,
                f"bytes 100-199/{SIZE}",
                DATA[100:200],
            ),
        ],
    )
    async def test_a_range_is_mistreated_as_asked(
        self,
        server: Server,
        behaviour: dict[str, Any],
        status: int,
        content_range: str | None,
        body: bytes,
    ) -> None:
        server.put("/f", DATA, **behaviour)
        reply = await ask(server, "/f", "Range: bytes=100-199")
        assert (reply.status, reply["Content-Range"], reply.body) == (status, content_range, body)
        assert reply["Content-Length"] == str(len(body))

    @pytest.mark.parametrize("parts", [1, 2])
    async def test_multipart_holds_every_byte_of_the_range(
        self, server: Server, parts: int
    ) -> None:
        server.put("/f", DATA, ranges="multipart", multipart_parts=parts)
        reply = await ask(server, "/f", "Range: bytes=100-199")
        boundary = (reply["Content-Type"] or "").partition("boundary=")[2].encode()
        pieces = reply.body.split(b"--" + boundary)[1:-1]
        bodies = [piece.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for piece in pieces]
        assert (len(bodies), b"".join(bodies)) == (parts, DATA[100:200])

    @pytest.mark.parametrize(
        ("if_range", "validator", "status"),
        [("ignore", '"old"', 206), ("always-200", '"v1"', 200), ("honour", '"v1"', 206)],
    )
    async def test_if_range_is_treated_as_asked(
        self, server: Server, if_range: str, validator: str, status: int
    ) -> None:
        server.put("/f", DATA, if_range=if_range, etag='"v1"')
        reply = await ask(server, "/f", "Range: bytes=5-", f"If-Range: {validator}")
        assert reply.status == status

    @given(st.integers(0, 50), st.none() | st.integers(0, 50), st.integers(0, 40))
    def test_a_resolved_range_is_what_lies_in_the_file(
        self, start: int, end: int | None, size: int
    ) -> None:
        inside = range(size)[start : None if end is None else end + 1]
        expected = (inside[0], inside[-1]) if inside else None
        assert resolve(asked_for(f"{start}-{'' if end is None else end}"), size) == expected

    @given(st.integers(0, 50), st.integers(0, 40))
    def test_a_resolved_suffix_is_the_end_of_the_file(self, suffix: int, size: int) -> None:
        inside = range(size)[max(0, size - suffix) :]
        expected = (inside[0], inside[-1]) if inside else None
        assert resolve(asked_for(f"-{suffix}"), size) == expected


class TestValidators:
    @pytest.mark.parametrize(
        ("etag", "seen"), [("none", None), ("weak", 'W/"'), ('"mine"', '"mine"'), ("strong", '"')]
    )
    async def test_the_etag_is_of_the_kind_asked_for(
        self, server: Server, etag: str, seen: str | None
    ) -> None:
        server.put("/f", DATA, etag=etag)
        found = (await ask(server, "/f"))["ETag"]
        assert found is None if seen is None else (found or "").startswith(seen)

    async def test_a_flapping_etag_differs_each_time(self, server: Server) -> None:
        server.put("/f", DATA, etag="flapping")
        first, second = await ask(server, "/f"), await ask(server, "/f")
        assert first["ETag"] != second["ETag"]

    async def test_a_file_changes_after_so_many_bytes(self, server: Server) -> None:
        server.put("/f", DATA, change_after=100, change_to=b"new")
        assert (await ask(server, "/f")).body == DATA
        assert (await ask(server, "/f")).body == b"new"

    async def test_a_new_version_has_other_validators(self, server: Server) -> None:
        resource = server.put("/f", DATA)
        old = await ask(server, "/f")
        resource.replace(b"new", etag='W/"2"')
        new = await ask(server, "/f")
        assert new["ETag"] == 'W/"2"'
        assert new["Last-Modified"] != old["Last-Modified"]


class TestStatus:
    async def test_a_status_is_answered_so_many_times(self, server: Server) -> None:
        server.put("/f", DATA, status=503, fail_times=2, retry_after=7)
        replies = [await ask(server, "/f") for _ in range(3)]
        assert [reply.status for reply in replies] == [503, 503, 200]
        assert replies[0]["Retry-After"] == "7"

    @pytest.mark.parametrize("status", [204, 304])
    async def test_a_status_without_body_has_none(self, server: Server, status: int) -> None:
        server.put("/f", DATA, status=status, length="chunked")
        reply = await ask(server, "/f")
        assert (reply.status, reply.body, reply["Transfer-Encoding"]) == (status, b"", None)

    async def test_the_script_comes_first_and_then_the_default(self, server: Server) -> None:
        resource = server.put("/f", DATA, etag="none")
        resource.first(status=520).first(ranges="ignore")
        replies = [await ask(server, "/f", "Range: bytes=1-") for _ in range(3)]
        assert [reply.status for reply in replies] == [520, 200, 206]
        assert replies[1]["ETag"] is None

    @pytest.mark.parametrize("code", [301, 308])
    async def test_a_redirect_sends_its_location_exactly(self, server: Server, code: int) -> None:
        server.put("/f", b"", location="/x%2fy?n={n}", redirect_status=code)
        reply = await ask(server, "/f")
        assert (reply.status, reply["Location"]) == (code, "/x%2fy?n=1")

    async def test_redirect_hops_end_at_the_file(self, server: Server) -> None:
        server.put("/f", DATA, redirect_hops=2)
        assert (await ask(server, "/f"))["Location"] == "/f?hop=1"
        assert (await ask(server, "/f?hop=1"))["Location"] == "/f?hop=2"
        assert (await ask(server, "/f?hop=2")).body == DATA

    async def test_a_one_time_link_works_once_for_each_url(self, server: Server) -> None:
        server.put("/f", DATA, one_time=True, expire_status=410)
        replies = [await ask(server, target) for target in ("/f?t=1", "/f?t=1", "/f?t=2")]
        assert [reply.status for reply in replies] == [200, 410, 200]

    async def test_a_login_is_asked_for(self, server: Server) -> None:
        server.put("/f", DATA, require_auth=("me", "pass"))
        refused = await ask(server, "/f")
        assert (refused.status, refused["WWW-Authenticate"]) == (401, 'Basic realm="test"')
        token = base64.b64encode(b"me:pass").decode()
        assert (await ask(server, "/f", f"Authorization: Basic {token}")).status == 200

    async def test_a_cookie_is_asked_for(self, server: Server) -> None:
        server.put("/f", DATA, require_cookie="k=v")
        assert (await ask(server, "/f", "Cookie: k=other")).status == 403
        assert (await ask(server, "/f", "Cookie: a=b; k=v")).status == 200
