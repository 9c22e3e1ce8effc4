"""How the test server breaks answers, and how it lives and dies, seen from a plain socket."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import ssl
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.server import Behaviour, Pattern, Server
from tests.server.certificates import Certificates
from tests.server.client import DATA, SIZE, Client, ask, request_bytes


@pytest.fixture
async def client(server: Server) -> AsyncIterator[Client]:
    opened = await Client.connect(server)
    yield opened
    opened.leave()


class TestBreaks:
    async def test_a_reset_comes_after_exactly_so_many_bytes(self, server: Server) -> None:
        pattern = Pattern(5_000_000)
        server.put("/f", pattern, reset_after=1_234_567)
        reply = await ask(server, "/f")
        assert (reply.reset, reply.body) == (True, pattern[:1_234_567])
        assert server.requests[0].sent_bytes == 1_234_567
        assert not server.requests[0].finished

    async def test_an_early_end_comes_after_exactly_so_many_bytes(self, server: Server) -> None:
        server.put("/f", DATA, close_after=100)
        reply = await ask(server, "/f")
        assert (reply.reset, reply.body, reply["Content-Length"]) == (False, DATA[:100], str(SIZE))

    async def test_every_answer_dies_at_the_poisoned_byte(self, server: Server) -> None:
        server.put("/f", DATA, poison_at=300, poison_times=2)
        assert (await ask(server, "/f")).body == DATA[:300]
        assert (await ask(server, "/f", "Range: bytes=300-")).body == b""
        assert (await ask(server, "/f", "Range: bytes=250-")).body == DATA[250:]

    async def test_an_answer_without_the_poisoned_byte_lives(self, server: Server) -> None:
        server.put("/f", DATA, poison_at=300)
        assert (await ask(server, "/f", "Range: bytes=0-299")).body == DATA[:300]

    async def test_a_stalled_answer_goes_on_when_released(
        self, server: Server, client: Client
    ) -> None:
        resource = server.put("/f", DATA, stall_after=100)
        client.send("/f")
        await server.until(lambda: server.held_now == 1)
        assert (resource.sent_bytes, resource.open_now) == (100, 1)
        server.release()
        assert await client.body(SIZE) == DATA

    async def test_a_stalled_answer_ends_when_the_client_leaves(
        self, server: Server, client: Client
    ) -> None:
        server.put("/f", DATA, stall_after=0)
        client.send("/f")
        await server.until(lambda: server.held_now == 1)
        client.leave()
        await server.until(lambda: server.connections_now == 0)
        assert (server.held_now, server.answers_now) == (0, 0)

    async def test_a_held_answer_sends_no_head_before_release(
        self, server: Server, client: Client
    ) -> None:
        server.put("/f", DATA, hold=True)
        client.send("/f")
        await server.until(lambda: server.held_now == 1)
        assert server.requests[0].status == 0
        server.release()
        assert await client.body(SIZE) == DATA

    async def test_a_throttled_answer_takes_its_time(self, server: Server) -> None:
        server.put("/f", DATA[:1000], throttle_bytes_per_s=5000)
        started = time.monotonic()
        assert (await ask(server, "/f")).body == DATA[:1000]
        assert time.monotonic() - started >= 0.2

    async def test_a_stale_connection_dies_at_the_next_request(
        self, server: Server, client: Client
    ) -> None:
        server.put("/f", DATA, stale="reset")
        await client.get("/f", SIZE)
        client.send("/f")
        with pytest.raises(ConnectionResetError):
            await client.rest()
        assert len(server.requests) == 1

    async def test_a_stale_connection_closes_without_having_said_so(
        self, server: Server, client: Client
    ) -> None:
        server.put("/f", DATA, stale="close")
        client.send("/f")
        raw = await client.rest()
        assert raw.endswith(DATA)
        assert b"Connection: close" not in raw

    @pytest.mark.parametrize("surplus", [403, 503])
    async def test_a_connection_too_many_is_refused(
        self, server: Server, client: Client, surplus: Any
    ) -> None:
        server.max_connections, server.surplus = 1, surplus
        server.put("/f", DATA, hold=True)
        client.send("/f")
        await server.until(lambda: server.held_now == 1)
        assert (await ask(server, "/f")).status == surplus

    async def test_a_connection_too_many_is_reset(self, server: Server, client: Client) -> None:
        server.max_connections, server.surplus = 1, "reset"
        server.put("/f", DATA, hold=True)
        client.send("/f")
        await server.until(lambda: server.held_now == 1)
        assert (await ask(server, "/f")).reset


class TestFraming:
    @pytest.mark.parametrize(
        ("length", "seen"),
        [
            ("until-close", []),
            ("negative", [str(-1 - SIZE)]),
            ("not-a-number", ["many"]),
            ("double", [str(SIZE), str(SIZE + 10)]),
            ("wrong-more", [str(SIZE + 10)]),
            ("wrong-less", [str(SIZE - 10)]),
            ("huge", [str(2**60)]),
        ],
    )
    async def test_a_length_is_as_wrong_as_asked(
        self, server: Server, length: str, seen: list[str]
    ) -> None:
        server.put("/f", DATA, length=length)
        reply = await ask(server, "/f")
        assert (reply.all("Content-Length"), reply.body) == (seen, DATA)

    @pytest.mark.parametrize(("last_chunk", "end"), [(True, b"\r\n0\r\n\r\n"), (False, b"\r\n")])
    async def test_a_chunked_body_ends_or_not(
        self, server: Server, last_chunk: bool, end: bytes
    ) -> None:
        server.put("/f", DATA, length="chunked", last_chunk=last_chunk)
        reply = await ask(server, "/f")
        assert reply.body == b"%x\r\n" % SIZE + DATA + end

    async def test_gzip_is_real_or_a_label(self, server: Server) -> None:
        server.put("/real", DATA, content_encoding="gzip")
        server.put("/label", DATA, content_encoding="gzip", really_encoded=False)
        real, label = await ask(server, "/real"), await ask(server, "/label")
        assert (gzip.decompress(real.body), label.body) == (DATA, DATA)
        assert (real["Content-Encoding"], label["Content-Encoding"]) == ("gzip", "gzip")

    async def test_raw_lines_and_early_heads_are_sent_as_they_are(self, server: Server) -> None:
        server.put("/f", DATA, extra_headers=(b"X: \x1b[31m\xe9",), informational=(103, 102))
        raw = (await ask(server, "/f")).raw
        assert raw.startswith(b"HTTP/1.1 103 Wait\r\n\r\nHTTP/1.1 102 Wait\r\n\r\nHTTP/1.1 200 OK")
        assert b"\r\nX: \x1b[31m\xe9\r\n" in raw

    async def test_a_raw_answer_is_all_there_is(self, server: Server) -> None:
        server.put("/f", DATA, raw=b"SSH-2.0-OpenSSH\r\n")
        assert (await ask(server, "/f")).raw == b"SSH-2.0-OpenSSH\r\n"

    async def test_a_dribbled_head_is_whole_at_the_end(self, server: Server) -> None:
        server.put("/f", DATA, head_dribble_s=0)
        assert (await ask(server, "/f")).body == DATA

    @pytest.mark.parametrize(
        ("field", "header", "form", "data"),
        [
            ("repr_digest", "Repr-Digest", "sha-256=:{sha256}:", DATA),
            ("content_digest", "Content-Digest", "sha-256=:{sha256}:", DATA[5:50]),
            ("digest", "Digest", "SHA-256={sha256}", DATA),
            ("content_md5", "Content-MD5", "{md5}", DATA),
            ("x_goog_hash", "x-goog-hash", "md5={md5}", DATA),
        ],
    )
    async def test_digests_are_right_or_wrong(
        self, server: Server, field: str, header: str, form: str, data: bytes
    ) -> None:
        right = form.format(
            sha256=base64.b64encode(hashlib.sha256(data).digest()).decode(),
            md5=base64.b64encode(hashlib.md5(data).digest()).decode(),
        )
        server.put("/right", DATA, **{field: "right"})
        server.put("/wrong", DATA, **{field: "wrong"})
        assert (await ask(server, "/right", "Range: bytes=5-49"))[header] == right
        wrong = (await ask(server, "/wrong", "Range: bytes=5-49"))[header]
        assert wrong is not None
        assert (wrong != right, len(wrong)) == (True, len(right))

    def test_a_misspelt_choice_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="ingore"):
            Behaviour().but(ranges="ingore")


class TestLife:
    async def test_closing_leaves_no_task_behind(self) -> None:
        before = asyncio.all_tasks()
        async with Server() as server:
            server.put("/f", DATA, stall_after=10)
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(request_bytes("/f"))
            await server.until(lambda: server.held_now == 1)
        assert asyncio.all_tasks() == before
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()

    async def test_it_starts_again_on_the_same_port(self, server: Server) -> None:
        server.put("/f", DATA)
        port = server.port
        await server.stop()
        with pytest.raises(ConnectionRefusedError):
            await ask(server, "/f")
        await server.start()
        assert (server.port, (await ask(server, "/f")).body) == (port, DATA)

    async def test_a_fault_of_its_own_is_not_hidden(self) -> None:
        server = Server()
        await server.start()
        server.put("/f", DATA, extra_headers=("text where bytes belong",))
        await ask(server, "/f")
        with pytest.raises(TypeError):
            await server.stop()

    async def test_until_gives_up(self, server: Server) -> None:
        with pytest.raises(TimeoutError):
            await server.until(lambda: False, timeout_s=0.01)


class TestTls:
    async def test_it_speaks_tls(self, certificates: Certificates) -> None:
        async with Server(tls=certificates.server_context()) as server:
            server.put("/f", DATA)
            reply = await ask(server, "/f", tls=certificates.client_context())
        assert (reply.body, server.url("/f")[:6]) == (DATA, "https:")

    async def test_a_reset_comes_after_exactly_so_many_bytes(
        self, certificates: Certificates
    ) -> None:
        pattern = Pattern(5_000_000)
        async with Server(tls=certificates.server_context()) as server:
            server.put("/f", pattern, reset_after=1_234_567)
            reply = await ask(server, "/f", tls=certificates.client_context())
        assert (reply.cut or reply.reset, reply.body) == (True, pattern[:1_234_567])

    async def test_a_reset_is_one(self, certificates: Certificates) -> None:
        tls = certificates.client_context()
        async with Server(tls=certificates.server_context()) as server:
            server.put("/f", DATA, reset_after=100)
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=tls)
            writer.write(request_bytes("/f"))
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    async def test_an_early_end_is_a_cut_without_notice(self, certificates: Certificates) -> None:
        async with Server(tls=certificates.server_context()) as server:
            server.put("/f", DATA, close_after=100)
            reply = await ask(server, "/f", tls=certificates.client_context())
        assert (reply.cut, reply.body) == (True, DATA[:100])

    @pytest.mark.parametrize(
        ("kind", "reason"),
        [
            ("expired", "certificate has expired"),
            ("wrong-name", "IP address mismatch"),
            ("unknown-issuer", "unable to get local issuer"),
        ],
    )
    async def test_a_bad_certificate_is_refused_for_its_reason(
        self, certificates: Certificates, kind: Any, reason: str
    ) -> None:
        async with Server(tls=certificates.server_context(kind)) as server:
            with pytest.raises(ssl.SSLCertVerificationError, match=reason):
                await ask(server, "/f", tls=certificates.client_context())
