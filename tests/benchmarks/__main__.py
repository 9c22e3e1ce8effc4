"""Speed beside the rivals, in one run: `python -m tests.benchmarks [WORK ...] [--runs N]`.

Runs of the tools are interleaved on this machine; absolute times are noisy, so medians and ratios
are quoted. Rivals that are not installed are left out.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import interface, killing, memory, screen
from tests.benchmarks.far_line import Unavailable
from tests.benchmarks.table import Outcome, lines_of, summary_of
from tests.benchmarks.works import COMPARED

WORKS = {
    **{name: work.measure for name, work in COMPARED.items()},
    "kill": killing.measure,
    "memory": memory.measure,
    "interface": interface.measure,
    "screen": screen.measure,
}
_DESCRIPTORS = 8192


def measure(names: list[str], parent: Path, runs: int) -> list[Outcome]:
    """Do the works one after the other; print each table as soon as it is there."""
    outcomes = []
    for name in names:
        place = Path(tempfile.mkdtemp(dir=parent))
        try:
            outcome = WORKS[name](place, runs)
        except Unavailable as error:
            print(f"\n[{name}] left out: {error}", flush=True)
            continue
        print("\n".join([f"\n[{name}]", *lines_of(outcome)]), flush=True)
        outcomes.append(outcome)
    return outcomes


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"works: {', '.join(WORKS)}",
    )
    parser.add_argument("works", nargs="*", metavar="WORK", help="default: all")
    parser.add_argument("--runs", type=int, default=5, help="that count, of each tool (default 5)")
    parser.add_argument("--dir", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    if unknown := set(options.works) - set(WORKS):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(WORKS)}")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_DESCRIPTORS, most), most))
    # Whoever is told to end has files of gigabytes to clear away first.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(f"ended by signal {number}"))
    parent = Path(tempfile.mkdtemp(dir=options.dir))
    try:
        outcomes = measure(options.works or list(WORKS), parent, options.runs)
    finally:
        shutil.rmtree(parent)
    print("\n".join(["", *summary_of(outcomes)]))


if __name__ == "__main__":
    main()
