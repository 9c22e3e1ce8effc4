"""A local HTTP/1.1 server that is honest by default and misbehaves on request.

    async with Server() as server:
        file = server.put("/file.bin", Pattern(1_000_000), reset_after=300_000)
        file.first(status=503, retry_after=1)      # the first request is answered so
        ...                                        # ask for server.url("/file.bin")
        await server.until(lambda: file.hits == 2)
        assert server.requests[1].range_start == 0

`Behaviour` lists everything a resource can do.

    content, resource           bytes; files, requests, counters
    ranges, logins, answer      what to answer
    delivery, wire              how that goes out, or breaks
    certificates, client        for TLS, good and bad; a plain socket that asks
"""

from tests.server.behaviour import Behaviour, http_date
from tests.server.content import Blob, Content, Pattern
from tests.server.resource import Request, Resource
from tests.server.server import Server

__all__ = [
    "Behaviour", "Blob", "Content", "Pattern", "Request", "Resource", "Server", "http_date",
]  # fmt: skip
