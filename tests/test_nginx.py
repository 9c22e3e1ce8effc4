"""The real nginx of the tests serves, limits and speaks TLS."""

from __future__ import annotations

import ssl
import time
import urllib.error
import urllib.request

import pytest

from tests.nginx import Nginx
from tests.server import Pattern
from tests.server.certificates import Certificates

PATTERN = Pattern(300_000)


@pytest.fixture(scope="module", autouse=True)
def pattern_file(nginx: Nginx) -> None:
    PATTERN.write_to(nginx.root / "a pattern.bin")


def get(url: str, byte_range: str = "0-", tls: ssl.SSLContext | None = None) -> bytes:
    request = urllib.request.Request(url, headers={"Range": f"bytes={byte_range}"})
    with urllib.request.urlopen(request, timeout=60, context=tls) as reply:
        assert reply.status == 206
        found: bytes = reply.read()
        return found


def test_it_serves_ranges_of_its_root(nginx: Nginx) -> None:
    assert get(nginx.url("/a pattern.bin"), "1000-1999") == PATTERN[1000:2000]


@pytest.mark.parametrize("slow", [True, False])
def test_a_rate_holds(nginx: Nginx, slow: bool) -> None:
    url = (
        nginx.url("/slow/200/a pattern.bin") if slow else nginx.url("/a pattern.bin", rate=200_000)
    )
    started = time.monotonic()
    assert get(url) == PATTERN[:]
    assert time.monotonic() - started > 0.3


def test_it_speaks_tls(nginx: Nginx, certificates: Certificates) -> None:
    tls = certificates.client_context()
    assert get(nginx.tls_url("/a pattern.bin"), tls=tls) == PATTERN[:]


def test_a_bad_certificate_is_served_on_request(nginx: Nginx, certificates: Certificates) -> None:
    tls = certificates.client_context()
    with pytest.raises(urllib.error.URLError, match="certificate has expired"):
        get(nginx.tls_url("/a pattern.bin", certificate="expired"), tls=tls)
