"""Moving things in a list, pure."""

from __future__ import annotations

from tui_downloader.engine.options import Move


def moved(order: list[int], chosen: frozenset[int], where: Move) -> list[int]:
    """Return `order` with the chosen ones moved; their order among themselves stays.

    One step up or down moves each past its neighbour; a group at the edge stays where it is.
    """
    if where is Move.TOP:
        return [i for i in order if i in chosen] + [i for i in order if i not in chosen]
    if where is Move.BOTTOM:
        return [i for i in order if i not in chosen] + [i for i in order if i in chosen]
    if where is Move.DOWN:
        return moved(order[::-1], chosen, Move.UP)[::-1]
    result = list(order)
    for place in range(1, len(result)):
        if result[place] in chosen and result[place - 1] not in chosen:
            result[place - 1], result[place] = result[place], result[place - 1]
    return result
