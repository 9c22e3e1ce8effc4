"""How quick the interface is with 10,000 downloads, 32 of them active, through a real terminal."""

from __future__ import annotations

import itertools
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.measuring import environment, fresh_folder
from tests.benchmarks.table import Outcome, Verdict
from tests.benchmarks.typist import Typist
from tests.nginx import Nginx
from tests.server.certificates import Certificates
from tui_downloader.model.download import DownloadRequest
from tui_downloader.model.errors import Failure
from tui_downloader.model.status import Status
from tui_downloader.store.entry import Entry
from tui_downloader.store.queue import QueueStore

_COLUMNS, _ROWS = 160, 45
_DOWNLOADS, _ACTIVE = 10_000, 32
# Lasts longer than it is looked at: nothing ends meanwhile. Large files have their room reserved.
_FILE, _SIZE, _RATE_KIB = "file.bin", 16 << 20, 16
_KEYS = 200
_FROZEN_S, _OBSERVED_S = 20.0, 10.0
_SAMPLES, _PIECE = 500, 50_000
_WATCHED = str(Path(__file__).with_name("watched.py"))
_REST = (Status.QUEUED, Status.QUEUED, Status.COMPLETED, Status.PAUSED, Status.FAILED)
_DIALOG_OUTPUT = "output with a dialog open"
_FOCUS_IN, _FOCUS_OUT = "\x1b[I", "\x1b[O"

# Key, words that are shown when its dialog is there.
_DIALOGS = (
    ("a", "Add downloads"),
    ("?", "Keys"),
    (",", "Settings"),
    ("t", "limit"),
    ("H", "History"),
    (":", "earch for"),  # the cursor stands on the first letter
    ("a", "Add downloads"),
    (":", "earch for"),  # the cursor stands on the first letter
)

# When it began, how long it took, and how long the processor worked for it; seconds.
Callback = tuple[float, float, float]


@dataclass
class Found:
    """What was measured; times in seconds, by name.

    Attributes:
        spans: when a measurement began and ended, to find the callbacks in it.
        waits: the same for each time that somebody waited for words.
    """

    values: dict[str, list[float]] = field(default_factory=dict)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    waits: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        self.values.setdefault(name, []).append(value)

    def time(self, name: str, typist: Typist, pressed: tuple[float, int], words: str) -> None:
        """Note how long it takes from a key press or paste until words are shown."""
        shown_at = typist.until(words, pressed[1])
        self.note(name, shown_at - pressed[0])
        self.waits.setdefault(name, []).append((pressed[0], shown_at))

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        began_at = time.perf_counter()
        yield
        self.spans[name] = began_at, time.perf_counter()


def measure(parent: Path, runs: int) -> Outcome:
    """Start the program some times as users do, then once with a watch on its loop and use it.

    The watch remembers every callback, in the memory of the program: that is measured without it.
    """
    root, prefix = fresh_folder(parent), fresh_folder(parent)
    with (root / _FILE).open("wb") as file:
        file.truncate(_SIZE)
    found = Found()
    with Nginx(prefix, Certificates(prefix), root=root) as nginx:
        url, report = nginx.url(f"/slow/{_RATE_KIB}/{_FILE}"), fresh_folder(parent) / "report.json"
        for number in range(runs):
            with _running(["-m", "tui_downloader"], url, parent) as typist:
                found.note("start", typist.until("Quit") - typist.began_at)
                found.note("start cpu", typist.cpu_s)
                if number == runs - 1:
                    _settle(typist)
                    _keys(typist, Found())
                    found.note("memory", typist.peak_mb)
        with _running([_WATCHED, str(report)], url, parent) as typist:
            use(typist, found)
        callbacks: list[Callback] = json.loads(report.read_text())["all"]
    title = f"the screen: {_DOWNLOADS:,} downloads, {_ACTIVE} active, {_COLUMNS}x{_ROWS}"
    return Outcome(title, {}, _verdicts(found, callbacks), notes=_notes(found, callbacks))


@contextmanager
def _running(program: Sequence[str], url: str, parent: Path) -> Iterator[Typist]:
    home = fresh_folder(parent)
    fill_queue(home, url, fresh_folder(parent))
    command = [sys.executable, *program, "-j", str(_ACTIVE), "-x", "1"]
    typist = Typist(command, home, environment(home), _COLUMNS, _ROWS)
    try:
        yield typist
    finally:
        typist.stop()


def fill_queue(home: Path, url: str, folder: Path) -> None:
    """Put 10,000 downloads into the queue of a home folder; the first 32 are to run."""
    settings = f'paste = "add"\nconnections_per_host = {_ACTIVE}\n'
    (home / "settings.toml").write_text(settings)
    queue = QueueStore.open(home / "queue.db")
    states = itertools.chain([Status.QUEUED] * _ACTIVE, itertools.cycle(_REST))
    queue.save(
        _entry(number, next(states), f"{url}?n={number}", folder)
        for number in range(1, _DOWNLOADS + 1)
    )
    queue.close()


def _entry(number: int, status: Status, url: str, folder: Path) -> Entry:
    name = f"dataset-part-{number:05}-of-{_DOWNLOADS}.tar.zst"
    return Entry(
        download_id=number,
        position=number,
        request=DownloadRequest(url=url, folder=str(folder), name=name),
        status=status,
        name=name if status is Status.COMPLETED else "",
        total_bytes=_SIZE,
        done_bytes=_SIZE if status is Status.COMPLETED else 0,
        kept_bytes=0,
        added_at=time.time(),
        finished_at=time.time() if status is Status.COMPLETED else None,
        active_s=100.0,
        failure=Failure("http-404", "404 not found") if status is Status.FAILED else None,
        assurance=None,
        checked_by="",
        final_url="",
        path=None,
    )


def use(typist: Typist, found: Found) -> None:
    """Do what a user does, and look at the clock."""
    _settle(typist)
    with found.span("keys"):
        _keys(typist, found)
    with found.span("samples"):
        cpu, bytes_per_s = typist.over(_OBSERVED_S)
    found.note("cpu", cpu)
    typist.press(_FOCUS_OUT)
    time.sleep(1.0)
    found.note("cpu at 1 Hz", typist.over(_OBSERVED_S)[0])
    typist.press(_FOCUS_IN)
    found.note("output", bytes_per_s)
    found.note(_DIALOG_OUTPUT, _output_under_a_dialog(typist))
    with found.span("dialogs"):
        _dialogs(typist, found)
    with found.span("frozen"):
        typist.freeze(_FROZEN_S)
    time.sleep(1.0)
    with found.span("filters"):
        _filters(typist, found)
    with found.span("pastes"):
        _pastes(typist, found)
    typist.press("P")
    typist.until("2 Active 0")
    time.sleep(3.0)
    found.note("idle", typist.over(_OBSERVED_S)[0])
    found.note("memory at last", typist.peak_mb)


def _settle(typist: Typist) -> None:
    """Wait until everything runs."""
    typist.press(_FOCUS_IN)
    typist.until(f"2 Active {_ACTIVE}")
    time.sleep(3.0)


def _keys(typist: Typist, found: Found) -> None:
    """Move the highlight at the speed of a fast hand; it is on screen when its sign is.

    At the end of the list nothing runs, so nothing but a key paints that sign.
    """
    typist.press("G")
    time.sleep(0.5)
    chance = random.Random(4)
    for number in range(_KEYS):
        key = "k" if number % 2 == 0 else "j"
        found.time("key", typist, typist.press(key), ">")
        time.sleep(chance.uniform(0.03, 0.09))
    typist.press("g")


def _dialogs(typist: Typist, found: Found) -> None:
    for key, words in _DIALOGS:
        found.time("dialog", typist, typist.press(key), words)
        time.sleep(0.5)
        typist.press("\x1b")
        time.sleep(0.7)


def _output_under_a_dialog(typist: Typist) -> float:
    """Return the bytes a second for what shows through while the list goes on."""
    typist.until("Keys", typist.press("?")[1])
    time.sleep(1.0)
    _, bytes_per_s = typist.over(_OBSERVED_S)
    typist.press("\x1b")
    time.sleep(1.0)
    return bytes_per_s


def _filters(typist: Typist, found: Found) -> None:
    """Sort by name and back, then filter by a word that one file has."""
    for key, order in (("n", "sort: name"), ("q", "sort: queue")) * 3:
        typist.press("s")
        time.sleep(0.3)
        found.time("sort", typist, typist.press(key), order)
        time.sleep(0.3)
    typist.press("/")
    time.sleep(0.5)
    typist.press("0777")
    time.sleep(0.5)
    found.time("filter", typist, typist.press("7"), "dataset-part-07777")
    typist.press("\x1b")
    time.sleep(1.0)


def _pastes(typist: Typist, found: Found) -> None:
    total = _DOWNLOADS
    for count in (100, 10_000):
        links = "\r".join(f"http://127.0.0.1:1/{total + n}.bin" for n in range(count))
        total += count
        found.time(f"paste {count}", typist, typist.paste(links), f"1 All {total}")
        time.sleep(2.0)


def _verdicts(found: Found, callbacks: Sequence[Callback]) -> list[Verdict]:
    def ms(name: str, pick: Callable[[list[float]], float] = statistics.median) -> float:
        return pick(found.values[name]) * 1000

    def callback_ms(pick: Callable[[list[float]], float], *spans: str) -> float:
        return pick([worked_s for _, _, worked_s in _within(callbacks, found, spans)]) * 1000

    def work_ms(name: str) -> float:
        return statistics.median(_worked_ms(found, callbacks, name))

    usual = ("keys", "samples")
    return [
        Verdict("start to first paint, median", 350, ms("start"), " ms"),
        Verdict("key to bytes, median", 15, ms("key"), " ms"),
        Verdict("key to bytes, 99th percentile", 40, ms("key", p99), " ms"),
        Verdict("callback, 99th percentile", 12, callback_ms(p99, *usual), " ms"),
        Verdict("callback, longest", 25, callback_ms(max, *usual), " ms"),
        Verdict("dialog, median", 150, ms("dialog"), " ms"),
        Verdict("dialog, longest callback", 40, callback_ms(max, "dialogs"), " ms"),
        Verdict("paste of 100 until shown", 50, ms("paste 100"), " ms"),
        Verdict("paste of 10,000 until shown", 1000, ms("paste 10000"), " ms"),
        Verdict("sort of 10,000, loop's work", 50, work_ms("sort"), " ms"),
        Verdict("filter of 10,000, loop's work", 50, work_ms("filter"), " ms"),
        Verdict("frozen terminal, longest callback", 100, callback_ms(max, "frozen"), " ms"),
        Verdict("CPU of the screen at 4 Hz", 5, _screen_cpu(found) * 100, " %"),
        Verdict("CPU idle", 0.5, found.values["idle"][0] * 100, " %"),
        Verdict("memory, whole process", 80, found.values["memory"][0], " MB"),
        Verdict("output at 4 Hz", 100, found.values["output"][0] / 1000, " kB/s"),
        Verdict("output with a dialog open", 100, found.values[_DIALOG_OUTPUT][0] / 1000, " kB/s"),
    ]


def _screen_cpu(found: Found) -> float:
    """The share of a core that four samples a second take: without focus there is one a second."""
    return (found.values["cpu"][0] - found.values["cpu at 1 Hz"][0]) * 4 / 3


def _within(callbacks: Sequence[Callback], found: Found, spans: Sequence[str]) -> list[Callback]:
    """The callbacks that began in some measurements."""
    ranges = [found.spans[name] for name in spans]
    return [
        callback
        for callback in callbacks
        if any(start <= callback[0] <= end for start, end in ranges)
    ]


def p99(values: list[float]) -> float:
    """The 99th percentile."""
    return sorted(values)[int(len(values) * 0.99)]


def _notes(found: Found, callbacks: Sequence[Callback]) -> list[str]:
    dialogs = zip(
        _DIALOGS, found.values["dialog"], _worked_ms(found, callbacks, "dialog"), strict=True
    )
    shown = ", ".join(
        f"{key} {worked_ms:.0f} ({taken_s * 1000:.0f})" for (key, _), taken_s, worked_ms in dialogs
    )
    longest = ", ".join(f"{name} {_longest_ms(callbacks, found, name)}" for name in found.spans)
    waits = ", ".join(
        f"{name} {statistics.median(_worked_ms(found, callbacks, name)):.1f}"
        for name in found.waits
    )
    return [
        "milliseconds of the processor (of the wall):",
        f"  dialogs: {shown}",
        f"  longest callback: {longest}",
        f"  the loop's work between a key and what it shows, median: {waits}",
        f"processor until the first paint: {statistics.median(found.values['start cpu']):.2f} s",
        f"CPU at 4 Hz with the {_ACTIVE} transfers: {found.values['cpu'][0]:.1%}",
        f"the same work takes this processor {_slowness():.1f} times its best now",
        f"memory at last, with 20,100 downloads: {found.values['memory at last'][0]:.0f} MB",
    ]


def _slowness() -> float:
    """How much longer the same work takes at the median than at its best: others work too."""
    taken_s = []
    for _ in range(_SAMPLES):
        began_s = time.thread_time()
        sum(range(_PIECE))
        taken_s.append(time.thread_time() - began_s)
    return statistics.median(taken_s) / min(taken_s)


def _worked_ms(found: Found, callbacks: Sequence[Callback], name: str) -> list[float]:
    """What the loop worked in each of these waits."""
    return [
        1000 * sum(worked_s for at, _, worked_s in callbacks if began_at <= at <= ended_at)
        for began_at, ended_at in found.waits[name]
    ]


def _longest_ms(callbacks: Sequence[Callback], found: Found, name: str) -> str:
    measured = _within(callbacks, found, [name]) or [(0.0, 0.0, 0.0)]
    worked_s = max(callback[2] for callback in measured)
    taken_s = max(callback[1] for callback in measured)
    return f"{worked_s * 1000:.0f} ({taken_s * 1000:.0f})"
