"""One walk over the queue counts it and narrows it to a view."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ui.fake_engine import NOW, download
from tui_downloader.model.download import Assurance, QueueSnapshot
from tui_downloader.model.status import Status
from tui_downloader.ui.view.board import Board, View, look_at
from tui_downloader.ui.view.filtering import Sieve, parse_filter
from tui_downloader.ui.view.rates import Rates
from tui_downloader.ui.view.sort_keys import Sort, SortKey
from tui_downloader.ui.view.sorting import sorted_rows

SNAPSHOT = QueueSnapshot(
    tuple(download(number, status) for number, status in enumerate(Status, 1)), bytes_per_s=7.0
)


def test_every_download_is_in_exactly_one_other_view_than_all() -> None:
    views = [view for view in View if view is not View.ALL]
    seen = [status for view in views for status in view.statuses]
    assert sorted(status.value for status in seen) == sorted(status.value for status in Status)


@pytest.mark.parametrize(
    ("view", "statuses"),
    [
        (View.ALL, list(Status)),
        (
            View.ACTIVE,
            [Status.CONNECTING, Status.DOWNLOADING, Status.VERIFYING, Status.WAITING],
        ),
        (View.QUEUED, [Status.QUEUED, Status.PAUSED]),
        (View.DONE, [Status.COMPLETED]),
        (View.FAILED, [Status.FAILED, Status.CANCELLED]),
    ],
)
def test_a_view_shows_its_states_in_queue_order(view: View, statuses: list[Status]) -> None:
    board = look_at(SNAPSHOT, view)
    assert [row.status for row in board.rows] == statuses
    assert board.count(view) == len(statuses)


# Its file has its name, and another digest than the one that was expected afterwards.
WRONG = download(2, Status.COMPLETED, assurance=Assurance.DIFFERS, checked_by="md5")
DONE, FAILED = download(1, Status.COMPLETED), download(3, Status.FAILED)


def test_a_finished_file_with_a_wrong_digest_is_found_where_failures_are() -> None:
    snapshot = QueueSnapshot((DONE, WRONG, FAILED))
    assert look_at(snapshot, View.FAILED).rows == (WRONG, FAILED)
    assert look_at(snapshot, View.DONE).rows == (DONE,)
    assert look_at(snapshot).counts == {Status.COMPLETED: 1, Status.FAILED: 2}
    assert Sieve(parse_filter("state:failed")).narrow(snapshot.downloads) == (WRONG, FAILED)
    assert Sieve(parse_filter("state:done")).narrow(snapshot.downloads) == (DONE,)
    assert sorted_rows(snapshot.downloads, Sort(SortKey.STATE)) == [WRONG, FAILED, DONE]


def test_while_it_is_checked_again_nobody_knows_that_it_is_wrong() -> None:
    snapshot = QueueSnapshot((WRONG._replace(phase="sha-256"),))
    assert look_at(snapshot).counts == {Status.VERIFYING: 1}


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_what_is_checked_again_is_active_and_found_as_what_is_checked(status: Status) -> None:
    checked = download(1, status, phase="sha-256")
    snapshot = QueueSnapshot((checked, download(2, status)))
    board = look_at(snapshot, View.ACTIVE)
    assert board.rows == board.active == (checked,)
    assert board.counts == {Status.VERIFYING: 1, status: 1}
    for word in ("active", "checking"):
        assert Sieve(parse_filter(f"state:{word}")).narrow(snapshot.downloads) == (checked,)
    assert sorted_rows(snapshot.downloads, Sort(SortKey.STATE))[0] is checked


def test_the_view_of_everything_copies_nothing() -> None:
    assert look_at(SNAPSHOT, View.ALL).rows is SNAPSHOT.downloads


def test_what_runs_is_known() -> None:
    assert look_at(SNAPSHOT, View.DONE).running == 4


_statuses = st.lists(st.sampled_from(Status), max_size=6)
_ORDERS = {"queue": None, "newest first": lambda rows: tuple(reversed(rows))}


@given(_statuses, _statuses, st.sampled_from(View), st.sampled_from([*_ORDERS]), st.booleans())
def test_what_was_counted_before_is_counted_as_if_for_the_first_time(
    statuses: list[Status], others: list[Status], view: View, order: str, goes_on: bool
) -> None:
    rows = tuple(download(n, status) for n, status in enumerate(statuses))
    before = look_at(QueueSnapshot(rows, edition=5), view)
    if goes_on:  # nothing but what runs has changed
        later = tuple(row._replace(done_bytes=9) if row.status.is_running else row for row in rows)
    else:
        later = tuple(download(n, status) for n, status in enumerate(others))
    snapshot = QueueSnapshot(later, edition=5 if goes_on else 6)
    board = look_at(snapshot, view, arrange=_ORDERS[order], before=before)
    assert board == look_at(snapshot, view, arrange=_ORDERS[order])


def test_nothing_is_counted_twice_of_one_edition() -> None:
    first = look_at(SNAPSHOT._replace(edition=5))
    assert look_at(SNAPSHOT._replace(edition=5), before=first).counts is first.counts
    assert look_at(SNAPSHOT._replace(edition=6), before=first).counts is not first.counts
    unknown = look_at(SNAPSHOT)
    assert look_at(SNAPSHOT, before=unknown).counts is not unknown.counts


BOARD = look_at(SNAPSHOT._replace(edition=5))


@pytest.mark.parametrize(
    ("before", "after", "goes_on"),
    [
        (BOARD, BOARD, True),
        (replace(BOARD, view=View.DONE), replace(BOARD, view=View.DONE), True),
        (BOARD, replace(BOARD, snapshot=SNAPSHOT._replace(edition=6)), False),
        (look_at(SNAPSHOT), look_at(SNAPSHOT), False),
        (BOARD, replace(BOARD, view=View.ACTIVE), False),
        (BOARD, replace(BOARD, held=3), False),
        (BOARD, replace(BOARD, wanted=parse_filter("x")), False),
        # What passes a filter or comes first may be decided by progress.
        (*[replace(BOARD, wanted=parse_filter("speed:>1k"))] * 2, False),
        (*[replace(BOARD, sort=Sort(SortKey.SPEED))] * 2, False),
    ],
)
def test_rows_are_known_to_stand_where_they_stood(
    before: Board, after: Board, goes_on: bool
) -> None:
    assert after.merely_goes_on(before) is goes_on


def test_speeds_are_kept_once_a_second() -> None:
    rates = Rates()
    board = look_at(SNAPSHOT, View.ALL)
    for at in (NOW, NOW + 0.25, NOW + 0.5, NOW + 1.0):
        rates.note(board, at)
    assert list(rates.total)[-2:] == [7.0, 7.0]
    assert 7.0 not in list(rates.total)[:-2]


def test_seconds_without_a_sample_were_standing_still() -> None:
    rates = Rates()
    board = look_at(SNAPSHOT, View.ALL)
    rates.note(board, NOW)
    rates.note(board, NOW + 3)
    assert list(rates.total)[-4:] == [7.0, 0.0, 0.0, 7.0]


def test_a_second_that_a_late_sample_missed_was_as_those_around_it() -> None:
    rates = Rates()
    board = look_at(SNAPSHOT, View.ALL)
    rates.note(board, NOW + 0.99)
    rates.note(board, NOW + 2.01)
    assert list(rates.total)[-3:] == [7.0, 7.0, 7.0]


def test_time_that_passes_without_samples_moves_the_graph() -> None:
    rates = Rates()
    rates.note(look_at(SNAPSHOT, View.ALL), NOW)
    rates.stand_still(NOW + 2)
    assert list(rates.total)[-3:] == [7.0, 0.0, 0.0]
    rates.note(look_at(SNAPSHOT, View.ALL), NOW + 3)
    assert list(rates.total)[-4:] == [7.0, 0.0, 0.0, 7.0]


def test_speeds_of_downloads_that_ended_are_forgotten() -> None:
    rates = Rates()
    rates.note(look_at(QueueSnapshot((download(1, Status.DOWNLOADING),)), View.ALL), NOW)
    rates.note(look_at(QueueSnapshot((download(1, Status.COMPLETED),)), View.ALL), NOW + 1)
    assert rates.by_id == {}


def test_a_file_that_is_checked_again_moves() -> None:
    done = download(1, Status.COMPLETED)
    assert not look_at(QueueSnapshot((done,))).is_moving
    assert look_at(QueueSnapshot((done._replace(phase="sha-256"),))).is_moving
    assert look_at(QueueSnapshot((download(1, Status.DOWNLOADING),))).is_moving


def test_what_is_about_to_lose_its_parts_moves_although_nothing_runs() -> None:
    cancelled = download(1, Status.CANCELLED, kept_bytes=5)
    assert not look_at(QueueSnapshot((cancelled,))).is_moving
    assert look_at(QueueSnapshot((cancelled._replace(parts_go_at=NOW + 5),))).is_moving
