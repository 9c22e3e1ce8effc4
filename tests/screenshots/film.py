"""One short session as a moving picture: paste, watch, pause, ask, look at the details, finish.

Needs Pillow, which nothing else here does: `pip install pillow`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from textual.events import Paste

from tests.screenshots.png import draw, slim
from tests.screenshots.stage import DATA, FILES, ISO, MB, Stage
from tui_downloader.model.status import Status

SIZE = (120, 30)
_STEP_S = 0.5
_COLOURS = 256

# Megabytes, and megabytes per second of each connection.
_FILES: dict[str, tuple[float, float]] = {
    f"{ISO}alpine-standard-3.23.0-x86_64.iso": (260, 1.3),
    f"{DATA}dataset-part-00001-of-00004.tar.zst": (120, 0.6),
    f"{DATA}dataset-part-00002-of-00004.tar.zst": (120, 0.5),
    f"{FILES}talk-recording.mp4": (70, 0.25),
    f"{FILES}slides.pdf": (9, 1),
}


@dataclass
class Film:
    """Collects frames.

    Attributes:
        frames: SVGs, each shown for the same time.
    """

    stage: Stage
    frames: list[str] = field(default_factory=list)

    async def press(self, *keys: str, shown_s: float = _STEP_S) -> None:
        """Press keys and take a frame of what they do."""
        await self.stage.pilot.press(*keys)
        await self.watch(shown_s)

    async def watch(self, seconds: float) -> None:
        """Take frames while time goes by."""
        for _ in range(max(1, round(seconds / _STEP_S))):
            self.stage.main.desk.wake()
            await self.stage.pilot.pause(_STEP_S)
            self.frames.append(slim(self.stage.app.export_screenshot(title="tui-downloader")))


async def act(film: Film) -> None:
    """Play the session."""
    stage = film.stage
    await stage.pilot.resize_terminal(*SIZE)
    for url, (megabytes, rate) in _FILES.items():
        stage.serve(url, megabytes, throttle_bytes_per_s=rate * MB)
    await film.watch(1.0)
    stage.app.post_message(Paste("\n".join(_FILES)))
    await film.watch(1.5)
    await film.press("f2", shown_s=3.0)
    await film.press("j", "j", "j")
    await film.press("p", shown_s=2.0)
    await film.press("k", "k")
    await film.press("x", shown_s=1.5)
    await film.press("escape")
    await film.press("enter", shown_s=3.0)
    await film.press("escape")
    await film.press("j", "j", "p", shown_s=1.0)
    while any(each.status.is_running for each in stage.engine.snapshot().downloads):
        await film.watch(1.0)
    await film.watch(2.0)
    assert all(each.status is Status.COMPLETED for each in stage.engine.snapshot().downloads)


def develop(frames: list[str], path: Path) -> None:
    """Write frames as one GIF."""
    with TemporaryDirectory() as folder:
        drawn = Path(folder, "frame.png")
        images = []
        for svg in frames:
            draw(svg, drawn)
            with Image.open(drawn) as image:
                images.append(image.convert("RGB"))
    # One palette for all, so that what stands still stays the same.
    palette = _strip_of(images).quantize(_COLOURS, Image.Quantize.MAXCOVERAGE)
    first, *rest = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    first.save(path, save_all=True, append_images=rest, duration=int(_STEP_S * 1000), loop=0)


def _strip_of(images: list[Image.Image]) -> Image.Image:
    """All pictures below each other."""
    width, height = images[0].size
    strip = Image.new("RGB", (width, height * len(images)))
    for number, image in enumerate(images):
        strip.paste(image, (0, number * height))
    return strip
