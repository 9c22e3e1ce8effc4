"""Moving things in a list, pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_downloader.engine.options import Move

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def moved(
    order: list[int],
    chosen: Collection[int],
    where: Move,
    among: Collection[int] | None = None,
) -> list[int]:
    """Return `order` with the chosen ones moved; their order among themselves stays.

    One step up or down moves each past its neighbour; a group at the edge stays where it is.

    Args:
        among: the only neighbours that a step counts, such as those on the screen; None for all.
    """
    if where is Move.TOP:
        return [i for i in order if i in chosen] + [i for i in order if i not in chosen]
    if where is Move.BOTTOM:
        return [i for i in order if i not in chosen] + [i for i in order if i in chosen]
    if among is not None:
        seen = [i for i in order if i in among or i in chosen]
        return arranged(order, moved(seen, chosen, where))
    if where is Move.DOWN:
        return moved(order[::-1], chosen, Move.UP)[::-1]
    result = list(order)
    for place in range(1, len(result)):
        if result[place] in chosen and result[place - 1] not in chosen:
            result[place - 1], result[place] = result[place], result[place - 1]
    return result


def arranged(order: list[int], wanted: Iterable[int]) -> list[int]:
    """Return `order` with those in `wanted` in that order, on the places they have together."""
    known = set(order)
    following = [i for i in dict.fromkeys(wanted) if i in known]
    taking = set(following)
    next_one = iter(following)
    return [next(next_one) if i in taking else i for i in order]
