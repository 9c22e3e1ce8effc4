"""How often a disk is tried again that stays full although no number shows it."""

from __future__ import annotations

from tui_downloader.engine.queue.full_disks import Full, Room, _hit_again


def test_it_is_tried_ever_more_seldom_but_every_five_minutes_in_the_end() -> None:
    room, full, waits_s = Room(1, 1000), None, list[float]()
    for now in range(9):
        full = _hit_again(full, room, float(now))
        waits_s.append(full.retry_s)
    assert waits_s == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert full == Full(since=0, hit_at=8, waited_at=8, free_bytes=1000, retry_s=300)
