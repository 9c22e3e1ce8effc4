"""The floor: one socket, `recv_into` one buffer, `write`. No checks, no flush, no record.

    python -m tests.benchmarks.bare_loop URL [--ca FILE]

Writes the body of the answer into the current folder, as fast as plain Python can.
"""

from __future__ import annotations

import argparse
import os
import socket
import ssl
from pathlib import PurePosixPath
from urllib.parse import SplitResult, urlsplit

_BUFFER_BYTES = 1 << 20
_HEAD_BYTES = 1 << 16


def connect(url: SplitResult, ca_file: str | None) -> socket.socket:
    """Open a connection to the server of a URL."""
    assert url.hostname is not None
    plain = socket.create_connection((url.hostname, url.port or 80))
    if url.scheme != "https":
        return plain
    context = ssl.create_default_context(cafile=ca_file)
    return context.wrap_socket(plain, server_hostname=url.hostname)


def read_head(sock: socket.socket) -> tuple[int, bytes]:
    """Return the length of the body and what of it came with the head."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += sock.recv(_HEAD_BYTES)
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    headers = {name.lower(): value for name, _, value in lines}
    return int(headers[b"content-length"]), rest


def fetch(address: str, ca_file: str | None) -> None:
    """Download one file into the current folder."""
    url = urlsplit(address)
    fd = os.open(PurePosixPath(url.path).name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    with connect(url, ca_file) as sock:
        sock.sendall(f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
        length, rest = read_head(sock)
        os.write(fd, rest)
        left = length - len(rest)
        buffer = memoryview(bytearray(_BUFFER_BYTES))
        while left:
            n_bytes = sock.recv_into(buffer)
            if not n_bytes:
                raise SystemExit(f"the server closed {left} bytes before the end")
            os.write(fd, buffer[:n_bytes])
            left -= n_bytes
    os.close(fd)


def main() -> None:
    """Parse the command line and download."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.bare_loop", description=__doc__
    )
    parser.add_argument("url")
    parser.add_argument("--ca", help="PEM file of the issuer to trust")
    options = parser.parse_args()
    fetch(options.url, options.ca)


if __name__ == "__main__":
    main()
