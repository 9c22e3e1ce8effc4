"""The day on which an expired certificate ended, which OpenSSL's error does not say."""

from __future__ import annotations

import asyncio
import re
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from tui_downloader.engine.network.network_faults import EXPIRED
from tui_downloader.model.errors import DownloadError, TlsError

_TIMEOUT_S = 5.0
# The first two times that follow each other in a certificate are its validity (RFC 5280, 4.1):
# UTCTime or GeneralizedTime, both with their length.
_TIME = rb"(?:\x17\x0d(?:\d{12})Z|\x18\x0f(?:\d{14})Z)"
_VALIDITY = re.compile(rb"\x30." + _TIME + rb"[\x17\x18].(\d{12,14})Z", re.DOTALL)


async def dated(error: DownloadError, url: str) -> DownloadError:
    """Return the error, with the last day of the certificate if that has expired."""
    if not isinstance(error, TlsError) or not error.message.endswith(EXPIRED):
        return error
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or 443)
    try:
        pem = await asyncio.to_thread(ssl.get_server_certificate, address, timeout=_TIMEOUT_S)
    except (OSError, ValueError):
        return error
    day = end_of_validity(ssl.PEM_cert_to_DER_cert(pem))
    if not day:
        return error
    return TlsError(f"{error.message} {day}", hint=error.hint, origin=error.origin)


def end_of_validity(der: bytes) -> str:
    """Return the last day of a certificate, "" when it cannot be found."""
    found = _VALIDITY.search(der)
    if found is None:
        return ""
    digits = found[1].decode()
    form = "%y%m%d%H%M%S" if len(digits) == len("YYMMDDhhmmss") else "%Y%m%d%H%M%S"
    day = datetime.strptime(digits, form).replace(tzinfo=UTC)
    return f"{day.day} {day:%b %Y}"
