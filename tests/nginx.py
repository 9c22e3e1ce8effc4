"""A real nginx on free ports, for tests; by hand: `python -m tests.nginx ROOT [--port N]`."""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from tests.server.certificates import KINDS, Certificates, Kind

_STOP_S = 5.0
_START_S = 60.0

_CONFIG = """\
daemon off;
# Not `master_process off`: a lone process crashes when it takes over sockets.
worker_processes 1;
{user}
pid "{prefix}/nginx.pid";
error_log "{prefix}/error.log";
events {{ worker_connections 512; }}
http {{
  log_format sent "$uri $msec $request_time $body_bytes_sent";
  access_log "{prefix}/access.log" sent;
  client_body_temp_path "{prefix}/temp";
  proxy_temp_path "{prefix}/temp";
  fastcgi_temp_path "{prefix}/temp";
  uwsgi_temp_path "{prefix}/temp";
  scgi_temp_path "{prefix}/temp";
  types {{ text/html html; text/plain txt; application/gzip gz; }}
  default_type application/octet-stream;
  sendfile on;
  # One fast client must not keep the others waiting: there is a single worker.
  sendfile_max_chunk 512k;
  tcp_nopush on;
  keepalive_timeout 65;
  autoindex off;
  map $arg_rate $bytes_per_s {{ default $arg_rate; "" 0; }}
  limit_rate $bytes_per_s;
  limit_conn_zone $binary_remote_addr zone=two:1m;
  root "{root}";
{servers}
}}
"""
_PLAIN = "  server {{ listen {address}; location / {{ }} {slow} {two} }}"
_TLS = """\
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate "{pem}";
    ssl_certificate_key "{pem}";
    location / {{ }} {slow}
  }}"""
_SLOW = (
    "location ~ ^/slow/(?<kib>[0-9]+)(?<file>/.*)$ { limit_rate ${kib}k; try_files $file =404; }"
)
_TWO = "location ~ ^/two(?<file>/.*)$ { limit_conn two 2; limit_rate 300k; try_files $file =404; }"


def nginx_binary() -> str | None:
    """Where nginx is; its folder is not on every user's PATH."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


class Nginx:
    """nginx serving a folder, between `start` and `stop` or inside `with`.

    `/slow/KIB/path` and `path?rate=BYTES` limit the bytes per second of each request; `/two/path`
    is slow, too, and answered twice at once, not oftener.

    Args:
        prefix: an empty folder of its own, for configuration and logs.
        root: folder to serve, one below `prefix` when None.
        port: of plain HTTP, 0 for a free one.
        listening: takes the requests over plain HTTP, instead of one on this machine.
    """

    def __init__(
        self,
        prefix: Path,
        certificates: Certificates,
        *,
        root: Path | None = None,
        port: int = 0,
        listening: socket.socket | None = None,
    ) -> None:
        self.root = prefix / "root" if root is None else root.resolve()
        self.ca_file = certificates.ca_file
        self._prefix = prefix
        self._certificates = certificates
        self._wanted_port = port
        self._listening = listening
        self._host = "127.0.0.1" if listening is None else listening.getsockname()[0]
        self._ports: dict[Kind | None, int] = {}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def url(self, path: str, rate: int | None = None) -> str:
        """Address of `path` under `root`; `rate` in bytes per second."""
        return f"http://{self._host}:{self._ports[None]}{_target(path, rate)}"

    def tls_url(self, path: str, rate: int | None = None, certificate: Kind = "good") -> str:
        """The same over TLS, with a good certificate or a bad one."""
        return f"https://127.0.0.1:{self._ports[certificate]}{_target(path, rate)}"

    def sent_bytes(self, path: str) -> list[int]:
        """Bytes of each body that was sent for `path`, once its answer has ended."""
        return [int(sent) for _, _, sent in self._answers(path)]

    def began_at(self, path: str, skip: int = 0) -> float:
        """When the first request for `path`, after `skip` ones that were answered, arrived.

        By the wall clock, and known once it was answered.
        """
        answers = self._answers(path)[skip:]
        return min(float(ended_at) - float(took_s) for ended_at, took_s, _ in answers)

    def _answers(self, path: str) -> list[list[str]]:
        lines = (self._prefix / "access.log").read_text().splitlines()
        answers = (line.rsplit(" ", 3) for line in lines)
        return [facts for uri, *facts in answers if uri == path]

    def start(self) -> None:
        """Start and wait until a request is answered.

        Raises:
            RuntimeError: nginx is missing or does not run; its log is in the message.
        """
        binary = nginx_binary()
        if binary is None:
            raise RuntimeError("nginx is not installed (Debian package: nginx-light)")
        self.root.mkdir(exist_ok=True)
        (self._prefix / "temp").mkdir(exist_ok=True)
        sockets = self._listen()
        try:
            self._spawn(binary, [sock.fileno() for sock in sockets])
        finally:
            for sock in sockets:
                sock.close()
        self._check()

    def stop(self) -> None:
        """End the process and wait for it."""
        if self._process is None:
            return
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_S)
        self._process.kill()
        self._process.wait()
        self._process = None

    def wait(self) -> None:
        """Wait until nginx ends by itself."""
        if self._process is not None:
            self._process.wait()

    def _listen(self) -> list[socket.socket]:
        # nginx takes over sockets that listen already: no port is lost to another program
        # meanwhile, and the first client waits in the backlog instead of being refused.
        sockets = []
        for kind in (None, *KINDS):
            if kind is None and self._listening is not None:
                sock = self._listening.dup()
            else:
                port = self._wanted_port if kind is None else 0
                sock = socket.create_server(("127.0.0.1", port), backlog=511)
            sockets.append(sock)
            self._ports[kind] = sock.getsockname()[1]
        return sockets

    def _spawn(self, binary: str, descriptors: Sequence[int]) -> None:
        config = self._prefix / "nginx.conf"
        config.write_text(self._config())
        self._process = subprocess.Popen(
            [binary, "-p", self._prefix, "-c", config, "-e", self._prefix / "error.log"],
            env={**os.environ, "NGINX": "".join(f"{fd};" for fd in descriptors)},
            pass_fds=descriptors,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _config(self) -> str:
        plain = f"{self._host}:{self._ports[None]}"
        servers = [_PLAIN.format(address=plain, slow=_SLOW, two=_TWO)]
        servers += [
            _TLS.format(port=self._ports[kind], pem=self._certificates.leaf_file(kind), slow=_SLOW)
            for kind in KINDS
        ]
        # Started by root, workers would become a user that may not read the root's own folders.
        user = "user root root;" if os.geteuid() == 0 else ""
        return _CONFIG.format(
            prefix=self._prefix, root=self.root, servers="\n".join(servers), user=user
        )

    def _check(self) -> None:
        connection = http.client.HTTPConnection(self._host, self._ports[None], timeout=_START_S)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            self.stop()
            log = (self._prefix / "error.log").read_text(errors="replace")
            raise RuntimeError(f"nginx does not run: {log}") from error
        finally:
            connection.close()


def _target(path: str, rate: int | None) -> str:
    return quote(path) + ("" if rate is None else f"?rate={rate}")


def main() -> None:
    """Serve a folder until Ctrl-C or SIGTERM; nginx ends with this program."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m tests.nginx", description=__doc__)
    parser.add_argument("root", type=Path, help="folder to serve")
    parser.add_argument("--port", type=int, default=0, help="of plain HTTP; default: a free one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder)
        certificates = Certificates(prefix)
        with Nginx(prefix, certificates, root=options.root, port=options.port) as nginx:
            print(nginx.url("/"), nginx.tls_url("/"), f"CA: {nginx.ca_file}", sep="\n", flush=True)
            with suppress(KeyboardInterrupt):
                nginx.wait()


if __name__ == "__main__":
    main()
