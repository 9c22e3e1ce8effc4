"""In the preview of the add dialog, what is said of the links stands in one column."""

from __future__ import annotations

import pytest

from tests.ui.fake_engine import download
from tests.ui.running import Ui, running
from tui_downloader.ui.widgets.preview import Preview

KNOWN = "https://a.example/known.iso"
LONG = (
    "https://b.example/long.iso\n  dir=/srv/media/films/of/this/year\n  header=X: 1\n  header=Y: 1"
)
TEXT = f"{KNOWN}\nhttps://c.example/short.iso\n{LONG}\n  checksum=md5={'0' * 32}\n  user-agent=me"


def notes_begin_at(ui: Ui, *notes: str) -> set[int]:
    """The columns in which the notes of the preview begin."""
    lines = ui.app.screen.query_one(Preview).text.splitlines()
    return {line.index(note) for note in notes for line in lines if note in line}


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 50)])
async def test_a_long_note_begins_where_the_others_do(size: tuple[int, int]) -> None:
    async with running([download(1, url=KNOWN)], size=size) as ui:
        await ui.paste(TEXT)
        await ui.until(lambda: "2 new, 1 duplicate" in ui.text)
        assert len(notes_begin_at(ui, "already in list", "c.example", "into /srv")) == 1


COMMAND = (
    "curl 'https://files.example/dataset-part-000{number}-of-00064.zst?token=0' \\\n"
    "  -H 'accept: */*' \\\n  -b 'session=0' \\\n  -H 'priority: u=0, i' \\\n"
    "  -H 'upgrade-insecure-requests: 1' \\\n  -H 'user-agent: Mozilla/5.0'\n"
)


@pytest.mark.parametrize(
    ("size", "note"),
    [
        ((80, 24), "cookie *** · files.example"),
        ((120, 30), "4 headers · cookie *** · files.example"),
    ],
)
async def test_names_of_copied_commands_are_whole_before_their_headers_are_counted(
    size: tuple[int, int], note: str
) -> None:
    async with running(size=size) as ui:
        await ui.paste("".join(COMMAND.format(number=number) for number in (11, 12)))
        await ui.until(lambda: "2 new" in ui.text)
        rows = [" ".join(line.strip(" │▅▄").split()) for line in ui.lines if "✓" in line]
        assert rows == [f"✓ dataset-part-000{number}-of-00064.zst {note}" for number in (11, 12)]


async def test_of_a_long_paste_the_first_lines_are_in_sight_as_in_the_preview() -> None:
    async with running() as ui:
        await ui.paste("".join(COMMAND.format(number=number) for number in (11, 12, 13)))
        await ui.until(lambda: "3 new" in ui.text)
        assert "curl 'https://files.example/dataset-part-00011" in ui.lines[2]
        await ui.press("shift+tab", "shift+tab")
        assert ui.app.focused is ui.app.screen.query_one("#links")
        await ui.until(lambda: "curl 'https://files.example/dataset-part-00013" in ui.text)
        assert "part-00011-of-00064.zst?token" not in ui.text


async def test_what_is_pasted_below_is_in_sight() -> None:
    async with running() as ui:
        await ui.paste("".join(COMMAND.format(number=number) for number in (11, 12, 13)))
        await ui.until(lambda: "3 new" in ui.text)
        await ui.paste("https://files.example/last.zst")
        await ui.until(lambda: "4 new" in ui.text)
        assert any("https://files.example/last.zst" in line for line in ui.lines)
