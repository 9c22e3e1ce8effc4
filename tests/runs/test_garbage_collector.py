"""The collector of garbage leaves alone what stays."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from tui_downloader.runs.garbage_collector import GarbageCollector


class Knot:
    """Holds itself: only the collector takes it away."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _collector_as_before() -> Iterator[None]:
    thresholds, was_enabled = gc.get_threshold(), gc.isenabled()
    gc.unfreeze()
    yield
    gc.freeze()  # as it was before, and little more
    gc.set_threshold(*thresholds)
    if not was_enabled:
        gc.disable()


def is_in_sight(thing: object) -> bool:
    return any(each is thing for each in gc.get_objects())


def test_many_new_downloads_are_moved_out_of_its_sight() -> None:
    collector = GarbageCollector()
    collector.look(0)
    kept = [[number] for number in range(1000)]
    collector.look(499)
    assert is_in_sight(kept)
    assert is_in_sight(kept[-1])
    collector.look(1000)
    assert not is_in_sight(kept)
    assert not is_in_sight(kept[-1])


def test_what_was_loaded_is_moved_out_of_its_sight() -> None:
    collector = GarbageCollector()
    collector.look(0)
    before = gc.get_freeze_count()
    kept = [[number] for number in range(100)]
    collector.keep()
    assert gc.get_freeze_count() >= before + len(kept)


def test_what_is_left_over_from_the_start_is_cleared_away() -> None:
    gc.disable()
    knot = weakref.ref(Knot())
    assert knot() is not None
    GarbageCollector().clear_away()
    assert knot() is None


def test_what_a_dialog_is_made_of_is_looked_through_young_alone() -> None:
    GarbageCollector().look(0)
    gc.collect()
    before = gc.get_stats()
    made = [[number] for number in range(60_000)]
    young, middle, old = (
        now["collections"] - then["collections"]
        for now, then in zip(gc.get_stats(), before, strict=True)
    )
    assert made
    assert young > 0
    assert (middle, old) == (0, 0)


def test_it_begins_with_the_first_look() -> None:
    gc.disable()
    collector = GarbageCollector()
    assert not gc.isenabled()
    collector.look(10_000)
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
