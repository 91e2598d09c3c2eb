"""When seats run out, by the pace of the last days."""

from datetime import date, timedelta

import pytest

from scim_server.domain.seat_trends import LEAST_DAYS, Outlook, Trend

TODAY = date(2026, 11, 27)


def trend(seats: int, *assigned: int) -> Trend:
    """Of a product with so many seats, of which so many were assigned on each of the last days."""
    days = {TODAY - timedelta(days=back): each for back, each in enumerate(reversed(assigned))}
    return Trend.of(TODAY, seats, days)


@pytest.mark.parametrize(
    ("seats", "assigned", "outlook", "left"),
    [
        (20, (4, 5, 6, 7, 8, 9, 10), Outlook.RUNNING_OUT, 10),
        (20, (4, 4, 6, 6, 8, 8, 10), Outlook.RUNNING_OUT, 10),
        (11, (1, 2, 4, 6, 7, 9, 10), Outlook.RUNNING_OUT, 1),
        (5_000, (4, 5, 6, 7, 8, 9, 10), Outlook.LASTING, None),
        (20, (5,) * 7, Outlook.STEADY, None),
        (20, (10, 9, 8, 7, 6, 5, 4), Outlook.STEADY, None),
        (20, (4, 5, 6, 7, 8, 9), Outlook.UNKNOWN, None),
        (20, (9,), Outlook.UNKNOWN, None),
        (10, (4, 5, 6, 7, 8, 9, 10), Outlook.NONE_FREE, None),
        (0, (0,), Outlook.NONE_FREE, None),
    ],
)
def test_seats_run_out_at_the_pace_of_the_last_days(
    seats: int, assigned: tuple[int, ...], outlook: Outlook, left: int | None
) -> None:
    found = trend(seats, *assigned)
    assert found.outlook is outlook
    assert found.runs_out == (None if left is None else TODAY + timedelta(days=left))


def test_days_that_nobody_saw_count_as_time() -> None:
    seen = {TODAY - timedelta(days=LEAST_DAYS - 1): 4, TODAY: 10}
    assert Trend.of(TODAY, 20, seen).pace == pytest.approx(1.0)


def test_no_more_are_expected_than_were_bought_and_no_fewer_than_none() -> None:
    growing, shrinking = trend(12, 4, 5, 6, 7, 8, 9, 10), trend(12, 10, 9, 8, 7, 6, 5, 4)
    assert [growing.expected(TODAY + timedelta(days=days)) for days in (0, 1, 50)] == pytest.approx([10, 11, 12])
    assert [shrinking.expected(TODAY + timedelta(days=days)) for days in (1, 50)] == pytest.approx([3, 0])
