"""The throughput of the last two minutes; in a low panel with the most important facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui_downloader.ui.view.cells import broken, cut, graph, grouped
from tui_downloader.ui.view.chart import LONGEST_S, chart_lines, graded
from tui_downloader.ui.view.details_parts import resume_words
from tui_downloader.ui.view.remedies import SLOWED_BY, with_remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_downloader.model.download import Details
    from tui_downloader.ui.view.details_parts import Line, Picture

_LOWEST_CHART, _ENOUGH_CHART = 5, 11
_GAP = 3  # cells between the graph and the facts beside it


def speed_lines(picture: Picture, height: int) -> list[Line]:
    """Say what limits the speed, never cut, and draw the graph in the remaining lines.

    The sentence stands beside the graph if there is room, else above it.

    Args:
        height: lines for both; the sentence takes more where it must.
    """
    why = with_remedy(picture.details.slowed_by, picture.context)
    sentence = f"{SLOWED_BY} {why}" if why else ""
    has_graph = _is_worth_drawing(picture.details.throughput)
    lines_beside = max(1, height)
    for most in (picture.width // 2, picture.width * 2 // 3):
        beside = broken(sentence, most - _GAP)
        if has_graph and len(beside) <= lines_beside:
            return graph_lines(picture, lines_beside, [*beside, *other_facts(picture)], most)
    told = broken(sentence, picture.width - 2)
    lines: list[Line] = [[(f" {line}", "muted")] for line in told]
    rest = height - len(lines)
    return lines + graph_lines(picture, rest, other_facts(picture)) if rest > 0 else lines


def other_facts(picture: Picture) -> list[str]:
    """Whether it can resume, and what it is checked against, on one line."""
    facts = [f"resume {resume}" if (resume := resume_words(picture)) else ""]
    facts.append(picture.details.checksum)
    told = picture.context.dot.join(filter(None, facts))
    return [told] if told else []


def speed_chart(picture: Picture) -> list[Line]:
    """The same as a chart, as high as the height of the panel suggests and nothing else."""
    details = picture.details
    if not _is_worth_drawing(details.throughput):
        return []
    average = picture.snapshot.average_bytes_per_s
    size = picture.width, chart_height(picture)
    figures, glyphs = picture.context.figures, picture.glyphs
    until_s = details.throughput_until
    last = "now" if picture.snapshot.status.is_running else "end"
    highest = highest_in_sight(details)
    values = details.throughput
    return [*chart_lines(values, average, size, figures, glyphs, until_s, last, highest)]


def highest_in_sight(details: Details) -> float:
    """What is told as the highest speed, if it was in the time of the graph; else its highest."""
    is_in_sight = details.max_at > details.throughput_until - LONGEST_S
    return max(details.max_bytes_per_s * is_in_sight, *details.throughput, 0.0)


def chart_height(picture: Picture) -> int:
    """Lines of the chart, with its time."""
    if picture.is_low:
        return max(_LOWEST_CHART, picture.height - 9)
    return max(_LOWEST_CHART, min(_ENOUGH_CHART, picture.height * 2 // 5), picture.height // 4)


def graph_lines(
    picture: Picture, height: int, facts: Sequence[str] = (), most_side: int = 0
) -> list[Line]:
    """The throughput of the last two minutes with its scale; `facts` stand to the right of it.

    How long that is stands beside the last line, unless a fact does. The facts have up to
    `most_side` cells, as a rule half of the width.
    """
    details = picture.details
    if not _is_worth_drawing(details.throughput):
        return [[(" " + fact, "muted")] for fact in facts]
    if len(facts) < height > 1:
        facts = [*facts, *[""] * (height - 1 - len(facts)), f"{LONGEST_S} s"]
    highest = highest_in_sight(details)
    scale = picture.context.figures.rate(highest)
    label_width = max(10, cell_len(scale))
    side = max((cell_len(fact) + _GAP for fact in facts[:height]), default=0)
    side = min(side, most_side or picture.width // 2)
    each_s = -(-LONGEST_S // max(1, picture.width - label_width - 4 - side))
    shown = grouped(details.throughput, LONGEST_S // each_s, each_s, details.throughput_until)
    drawn = graph(shown, height, picture.glyphs, highest)
    lines: list[Line] = []
    for row, columns in enumerate(drawn):
        label = scale if row == 0 else ("0" if row == height - 1 else "")
        line: Line = [
            (f" {label:>{label_width}} {picture.glyphs.scale}", "muted"),
            (columns, graded((height - row - 0.5) / height)),
        ]
        if row < len(facts):
            fact = cut(facts[row], side - _GAP, picture.glyphs.ellipsis)
            line.append((" " * _GAP + fact, "muted"))
        lines.append(line)
    return lines


def _is_worth_drawing(values: Sequence[float]) -> bool:
    """What came within a second has no course."""
    return len(values) > 1 and any(values)
