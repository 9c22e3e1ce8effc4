"""The tab Check names where the expected digest came from, whatever brought it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.server import Pattern, Server
from tests.ui.real import real

if TYPE_CHECKING:
    from pathlib import Path

FILE = Pattern(100_000)


async def test_a_digest_of_a_metalink_is_not_called_the_users(
    server: Server, tmp_path: Path
) -> None:
    server.put("/file.bin", FILE)
    file = tmp_path / "file.meta4"
    file.write_text(f"""<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="file.bin">
        <hash type="sha-256">{FILE.sha256()}</hash><url>{server.url("/file.bin")}</url>
        </file></metalink>""")
    async with real(tmp_path) as ui:
        await ui.paste(str(file))
        await ui.until_seen("1 new")
        await ui.press("enter")
        await ui.until(lambda: ui.snapshot.downloads)
        await ui.until_done()
        await ui.press("l", "l", "l")
        await ui.until_seen(f"{FILE.sha256()} (Metalink)")
        await ui.until_seen("verified: sha256 fits")
        await ui.press("c")
        await ui.until_seen("expected by Metalink")


async def test_what_is_said_of_a_finished_file_is_of_the_digest_that_is_expected_now(
    server: Server, tmp_path: Path
) -> None:
    """Also when the digest is taken back: without hashing, as it was computed already."""
    server.put("/file.bin", FILE)
    async with real(tmp_path) as ui:
        await ui.paste(server.url("/file.bin"))
        await ui.until_seen("1 new")
        await ui.press("enter")
        await ui.until(lambda: ui.snapshot.downloads)
        await ui.until_done()
        await ui.press("l", "l", "l")
        await ui.until_seen("as many bytes as the server said")
        for digest, result in ((FILE.sha256(), "verified: sha256 fits"), ("0" * 64, "differs")):
            await ui.press("c")
            await ui.until_seen("Checksum")
            await ui.press("ctrl+u")
            await ui.paste(f"sha256:{digest}")
            await ui.press("enter")
            await ui.until_seen(result)
        await ui.until_seen("sha256 differs")
        await ui.press("z")
        await ui.until_seen("verified: sha256 fits")
        await ui.press("z")
        await ui.until_seen("nothing to compare")
