"""How much room there is: in a window, and in a short list for what stands below it."""

from __future__ import annotations

MIN_WIDTH, MIN_HEIGHT = 40, 10

# Rows; few steps, so that hardly any download that is added moves something.
LOANS = (28, 20, 14, 8)
_FREE = 1  # a row stays empty, as a sign that the list ends there


def is_too_small(width: int, height: int) -> bool:
    """Tell whether a window cannot show the list."""
    return width < MIN_WIDTH or height < MIN_HEIGHT


def lent_rows(list_rows: int, downloads: int) -> int:
    """Return how many of its rows the list can do without.

    Only adding and removing change that, not what the downloads do.

    Args:
        list_rows: that there are for the list.
        downloads: in the queue, shown or not: a view or a filter changes only the list.
    """
    if not downloads:
        return 0
    return next((loan for loan in LOANS if downloads + _FREE + loan <= list_rows), 0)
