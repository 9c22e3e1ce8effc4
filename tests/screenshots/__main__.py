"""Makes the pictures in `screenshots/`: `python -m tests.screenshots [SESSION …]`.

The session "film" makes the moving picture; it runs only when it is named, and needs Pillow.
They show the real interface on a real engine that downloads from the local test server. Each is
an SVG; those that the README shows are PNG as well, where rsvg-convert is installed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.events import Paste

from tests.screenshots.png import can_draw, draw, shrink, slim
from tests.screenshots.stage import (
    DATA,
    FILES,
    ISO,
    Stage,
    breathe,
    play,
    stage,
    start_one,
    start_some,
)

FOLDER = Path(__file__).parents[2] / "screenshots"
SMALL, MIDDLE, LARGE = (80, 24), (120, 30), (200, 50)
IN_README = {"main-120x30", "one-120x30", "few-200x50", "add-more", "light"}
ISO_NAME = "ubuntu-26.04-desktop-amd64.iso"
_SAMPLE_S = 0.4

# What a key opens over the main screen.
DIALOGS = {
    "help": "?",
    "cancel": "x",
    "quit": "q",
    "limit": "t",
    "palette": ":",
    "settings": ",",
    "edit": "e",
    "new-url": "u",
    "checksum": "c",
    "sort": "s",
    "copy": "y",
    "history": "H",
    "log": "L",
    "theme": "ctrl+t",
}

PASTED = f"""\
{DATA}dataset-part-00040-of-00064.tar.zst
Slides and notes: {FILES}slides-2026.pdf, {FILES}notes.pdf
{ISO}{ISO_NAME}
https:///no-host/file.zip
curl '{FILES}private.tar' -H 'Cookie: session=1'
"""


@dataclass
class Camera:
    """Takes pictures of the interface.

    Attributes:
        taken: files made so far.
    """

    stage: Stage
    taken: list[Path] = field(default_factory=list)

    async def press(self, *keys: str) -> None:
        """Press keys and let the next sample reach the screen."""
        await self.stage.pilot.press(*keys)
        self.stage.main.desk.wake()
        await self.stage.pilot.pause(_SAMPLE_S)

    async def take(self, name: str, size: tuple[int, int], *keys: str) -> None:
        """Press keys in a window of a size and take the picture."""
        await self.stage.pilot.resize_terminal(*size)
        await self.press(*keys)
        path = FOLDER / f"{name}.svg"
        picture = slim(self.stage.app.export_screenshot(title="tui-downloader"))
        path.write_text(picture, encoding="utf-8")
        self.taken.append(path)


async def in_colour(camera: Camera) -> None:
    """The three sizes, the light theme, the tabs of the details, views and dialogs."""
    await play(camera.stage, 30.0)
    await camera.take("main-80x24", SMALL)
    await camera.take("main-120x30", MIDDLE)
    await camera.take("main-200x50", LARGE)
    camera.stage.app.theme = "light"
    await camera.take("light", MIDDLE)
    camera.stage.app.theme = "dark"
    await camera.take("details-overview", MIDDLE, "enter")
    for tab in ("connections", "server", "check", "log"):
        await camera.take(f"details-{tab}", MIDDLE, "l")
    await camera.press("l", "escape")
    await camera.take("failed", MIDDLE, "5")
    await camera.press("1", "g")
    for name, key in DIALOGS.items():
        await camera.take(name, MIDDLE, key)
        await camera.press("escape")
    await camera.take(
        "marks-filter", MIDDLE, *"jj", "space", "space", "j", "space", "/", *"dataset"
    )
    await camera.press("escape", "escape", "g")
    camera.stage.app.post_message(Paste(PASTED))
    await camera.take("add", MIDDLE)
    await camera.take("add-more", MIDDLE, "ctrl+o")
    await camera.press("escape")
    camera.stage.app.post_message(Paste(f"{ISO}{ISO_NAME}"))
    await camera.take("duplicate", MIDDLE, "f2")
    await camera.press("escape", "escape")
    await camera.take("delete-file", MIDDLE, "4", "D")
    await camera.press("escape", "1", "g", ":")
    await camera.take("export", MIDDLE, *"export list", "enter")
    await camera.press("escape")
    await camera.take("quit-when-done", MIDDLE, "q", "w")
    await camera.press("z")


async def with_few(camera: Camera) -> None:
    """One download, and some: the details have the room that the list leaves."""
    rates = start_one(camera.stage)
    await breathe(camera.stage, rates, 75.0)
    await camera.take("one-120x30", MIDDLE)
    rates |= start_some(camera.stage)
    await breathe(camera.stage, rates, 40.0)
    await camera.take("few-200x50", LARGE)


async def in_ascii(camera: Camera) -> None:
    """A terminal without Unicode."""
    await play(camera.stage, 12.0)
    await camera.take("ascii", MIDDLE)


async def without_colour(camera: Camera) -> None:
    """A terminal without colours."""
    await play(camera.stage, 12.0)
    await camera.take("no-colour", MIDDLE)


@dataclass(frozen=True)
class Session:
    """One run of the program.

    Attributes:
        shoot: takes the pictures.
        settings: of the program.
        environment: variables that are set meanwhile.
    """

    shoot: Callable[[Camera], Awaitable[None]]
    settings: dict[str, Any] = field(default_factory=lambda: {"ascii": "never"})
    environment: dict[str, str] = field(default_factory=dict)


SESSIONS = {
    "colour": Session(in_colour),
    "few": Session(with_few),
    "ascii": Session(in_ascii, {"ascii": "always"}),
    "no-colour": Session(without_colour, environment={"NO_COLOR": "1"}),
}


@contextmanager
def _variables(wanted: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.pop("NO_COLOR", None)
    os.environ |= wanted
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


async def shoot_film(path: Path) -> None:
    """Make the moving picture."""
    from tests.screenshots.film import Film, act, develop

    with _variables({}):
        async with stage(ascii="never", jobs=4) as running:
            film = Film(running)
            await act(film)
    develop(film.frames, path)


async def shoot(session: Session) -> list[Path]:
    """Run a session; return the pictures it made."""
    with _variables(session.environment):
        async with stage(**session.settings) as running:
            camera = Camera(running)
            await session.shoot(camera)
            return camera.taken


def draw_png(path: Path, folder: Path) -> Path:
    """Draw a picture as PNG; return its path."""
    drawn = folder / f"{path.stem}.png"
    draw(path.read_text(encoding="utf-8"), drawn)
    return drawn


def main() -> None:
    """Parse the command line and make the pictures."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("sessions", nargs="*", choices=[*SESSIONS, "film", []])
    parser.add_argument("--png", type=Path, metavar="DIR", help="draw every picture there as PNG")
    arguments = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    if "film" in arguments.sessions:
        asyncio.run(shoot_film(FOLDER / "session.gif"))
        arguments.sessions.remove("film")
        if not arguments.sessions:
            return
    for name in arguments.sessions or SESSIONS:
        for path in asyncio.run(shoot(SESSIONS[name])):
            print(path.name)
            if path.stem in IN_README and can_draw():
                shrink(draw_png(path, FOLDER))
            if arguments.png is not None and can_draw():
                draw_png(path, arguments.png)
    if not can_draw():
        print("no PNG: rsvg-convert is missing (Debian package: librsvg2-bin)")


if __name__ == "__main__":
    main()
