"""Results as text: one line per tool, then each target with its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.measuring import GB, Series

# Counted by the metered server, as shown.
_COUNTED = {"requests": "requests", "refused": "refused", "most_open": "most open"}


@dataclass(frozen=True)
class Verdict:
    """A target of the table and what was found.

    Attributes:
        words: what must be reached, without the limit.
        limit: the largest value that is good.
        value: what was measured, None when it could not be.
        unit: shown behind both.
    """

    words: str
    limit: float
    value: float | None
    unit: str = ""

    def __str__(self) -> str:
        target = f"{self.words} ≤ {self.limit:g}{self.unit}"
        if self.value is None:
            return f"{target}: not measured"
        found = f"{target}: {self.value:.3g}{self.unit}"
        if self.value <= self.limit:
            return f"{found} — reached"
        over = self.value - self.limit
        by = f"{over / self.limit:.0%}" if self.limit else f"{over:.3g}{self.unit}"
        return f"{found} — missed by {by}"


@dataclass(frozen=True)
class Outcome:
    """Everything measured for one work.

    Attributes:
        series: by the name of the tool; one of them is ours.
        n_bytes: bytes that each run fetched, 0 where CPU s/GB means nothing.
        notes: further lines.
    """

    title: str
    series: Mapping[str, Series]
    verdicts: Sequence[Verdict]
    n_bytes: int = 0
    notes: Sequence[str] = ()


def lines_of(outcome: Outcome) -> list[str]:
    """Return the table of one work."""
    measured = [series for series in outcome.series.values() if series.runs]
    runs = max((len(series.runs) for series in measured), default=0)
    lines = [f"{outcome.title} (median of {runs}; smallest and largest in brackets)"]
    if measured:
        lines.append(_head(outcome, measured[0]))
        ours_s = measured[0].wall_s
        lines += [_line(series, outcome.n_bytes, ours_s) for series in measured]
    lines += [
        f"  {series.tool.name:27} failed: {series.failure}"
        for series in outcome.series.values()
        if series.failure
    ]
    return [*lines, *(f"  {note}" for note in outcome.notes), *_verdict_lines(outcome)]


def _verdict_lines(outcome: Outcome) -> list[str]:
    return [f"  → {verdict}" for verdict in outcome.verdicts]


def _head(outcome: Outcome, first: Series) -> str:
    cpu = "CPU s/GB" if outcome.n_bytes else "CPU s"
    counted = "".join(f"{title:>10}" for title in _counted(first).values())
    return f"  {'':27}{'wall s':>9}{'':17}{cpu:>10}{'peak MB':>9}{'ours / it':>11}{counted}"


def _line(series: Series, n_bytes: int, ours_s: float) -> str:
    low, high = series.span(lambda run: run.wall_s)
    cpu = series.cpu_s / (n_bytes / GB if n_bytes else 1)
    span = f"({low:.3f}–{high:.3f})"
    counted = "".join(f"{series.count(name):10.0f}" for name in _counted(series))
    return (
        f"  {series.tool.name:27}{series.wall_s:9.3f} {span:16}{cpu:10.2f}{series.rss_mb:9.1f}"
        f"{ours_s / series.wall_s:11.2f}{counted}"
    )


def _counted(series: Series) -> dict[str, str]:
    return {name: title for name, title in _COUNTED.items() if name in series.names}


def summary_of(outcomes: Sequence[Outcome]) -> list[str]:
    """Return every target of every work, one a line."""
    lines = ["All targets"]
    for outcome in outcomes:
        lines.append(f"  {outcome.title}")
        lines += [f"    {verdict}" for verdict in outcome.verdicts]
    return lines
