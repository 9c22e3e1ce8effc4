"""A passport with a value in each of its fields."""

from __future__ import annotations

from tui_downloader.model.digests import Checksum
from tui_downloader.model.identity import Identity
from tui_downloader.model.passport import Passport

TOTAL = 1000
PASSPORT = Passport(
    urls=("https://host.example/file.bin", "https://mirror.example/file.bin"),
    final_name="file.bin",
    total_bytes=TOTAL,
    etag='"v1"',
    last_modified="Sat, 14 Mar 2026 10:00:00 GMT",
    done=((0, 400), (500, 600)),
    durable=((0, 300),),
    checksum=Checksum("sha-256", "ab" * 32),
    boot_id="boot-1",
    seal="5ea1",
    file=Identity(7, 600, 1_790_000_000_000_000_000),
    sample="cd" * 32,
    date="Sat, 14 Mar 2026 10:00:30 GMT",
    mount="31-41",
    server="files.example:8080",
)
