"""The benchmark measures what it says: its server, its runs, its verdicts."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks.measuring import Failed, Run, Series, Tool, run_once
from tests.benchmarks.metered import Shape
from tests.benchmarks.servers import MeteredSite, metered_site
from tests.benchmarks.table import Outcome, Verdict, lines_of
from tests.benchmarks.tools import bare_loop
from tests.benchmarks.work import Target, check_files, make_files

SIZE = 400_000


@contextmanager
def serving(root: Path, shape: Shape) -> Iterator[MeteredSite]:
    make_files(root, {"file.bin": SIZE})
    with metered_site(root, shape) as site:
        yield site


def fetch(url: str, byte_range: str = "") -> tuple[int, bytes]:
    request = urllib.request.Request(url, headers={"Range": byte_range} if byte_range else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:  # it is an answer, too
            return refused.code, b""


def python(code: str) -> Tool:
    return Tool("python", [sys.executable, "-c", code])


def test_the_metered_server_answers_ranges_and_counts(tmp_path: Path) -> None:
    with serving(tmp_path, Shape()) as site:
        content = (tmp_path / "file.bin").read_bytes()
        assert fetch(site.url("file.bin")) == (200, content)
        assert fetch(site.url("file.bin"), "bytes=100-199") == (206, content[100:200])
        assert fetch(site.url("file.bin"), f"bytes={SIZE}-")[0] == 416
        assert fetch(site.url("missing.bin"))[0] == 404
        counts = site.counts()
        assert (counts["requests"], counts["sent_bytes"]) == (4, SIZE + 100)
        site.reset()
        assert site.counts()["requests"] == 0


@pytest.mark.parametrize("shape", [Shape(line=2 * SIZE), Shape(total=2 * SIZE)])
def test_its_pace_holds(tmp_path: Path, shape: Shape) -> None:
    with serving(tmp_path, shape) as site:
        began_at = time.monotonic()
        fetch(site.url("file.bin"))
        assert time.monotonic() - began_at >= 0.45


def test_a_lame_connection_is_slower_than_the_others(tmp_path: Path) -> None:
    with serving(tmp_path, Shape(line=20 * SIZE, lame=2, lame_factor=10)) as site:
        taken = []
        for _ in range(3):
            began_at = time.monotonic()
            fetch(site.url("file.bin"))
            taken.append(time.monotonic() - began_at)
        assert taken[1] > 0.45
        assert min(taken[0], taken[2]) < taken[1]


def test_a_run_is_measured_without_our_own_memory(tmp_path: Path) -> None:
    run = run_once(python("import time; time.sleep(0.2); sum(range(10**6))"), tmp_path)
    assert run.wall_s > 0.2
    assert 0 < run.cpu_s < run.wall_s + 1
    assert run.rss_mb < 25


def test_a_run_that_fails_says_how(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="exit code 3: so it is"):
        run_once(python("import sys; print('so it is', file=sys.stderr); sys.exit(3)"), tmp_path)


def test_a_run_that_never_ends_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="still running"):
        run_once(python("import time; time.sleep(60)"), tmp_path, timeout_s=0.5)


def test_the_floor_fetches_the_file(tmp_path: Path) -> None:
    root, folder = tmp_path / "root", tmp_path / "folder"
    root.mkdir()
    folder.mkdir()
    digests = make_files(root, {"file.bin": SIZE})
    with metered_site(root, Shape()) as site:
        run_once(bare_loop(site.url("file.bin")), folder)
    check_files(folder, digests, compare=True)
    (folder / "file.bin").write_bytes(b"other")
    with pytest.raises(Failed, match="wrong bytes"):
        check_files(folder, digests, compare=True)


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.05, "wall ≤ 1.1: 1.05 — reached"), (1.21, "wall ≤ 1.1: 1.21 — missed by 10%"),
     (None, "wall ≤ 1.1: not measured")],
)  # fmt: skip
def test_a_verdict_in_words(value: float | None, words: str) -> None:
    assert str(Verdict("wall", 1.1, value)) == words


def test_a_tool_that_failed_leaves_its_target_unmeasured() -> None:
    series = {"ours": Series(python("")), "rival": Series(python(""), failure="it never ended")}
    series["ours"].runs.append(Run(1.0, 0.5, 10.0))
    target = Target("ratio", 1.0, lambda found: found["ours"].wall_s / found["rival"].wall_s)
    verdict = target.judge(series)
    assert verdict.value is None
    lines = "\n".join(lines_of(Outcome("a work", series, [verdict])))
    assert "failed: it never ended" in lines
    assert "not measured" in lines
