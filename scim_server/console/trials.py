"""A change that is tried out before it is made: whom it would give or take what, page by page or as a file.

The form of such a change is sent by GET to its own address with `look`, and the page that then shows the outlook has a
button that posts to the same address: what is typed stands in the address and nowhere else.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request
from werkzeug.wrappers import Response

from scim_server.console.answers import answered, file_of, hand_out, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.refusals import refusal_of
from scim_server.domain.errors import ConcernsTooMany, Refusal
from scim_server.domain.seats import SeatState
from scim_server.services import forecasting
from scim_server.services.csv_rows import csv_lines
from scim_server.services.forecasting import Attempt, Forecast, Outlook

LOOK = "look"
"""Is in the address once the form is filled in."""
NOW, AGAIN = "now", "again"
"""Its values: for the outlook, and for the form as it was filled in."""
MOST_CONCERNED = 500
"""People whom a change may concern that is tried out for a page: so long the tenant waits."""
COLUMNS = ("user_name", "kind", "of", "before", "after")


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would do, with the people of one page of it; `more` is the address of the rest."""

    forecast: Forecast
    shown: Sequence[Outlook]
    more: str | None
    hold_hours: int

    @property
    def gaining(self) -> int:
        return sum(bool(each.gains) for each in self.forecast.people)

    @property
    def losing(self) -> int:
        return sum(bool(each.loses) for each in self.forecast.people)

    @property
    def held(self) -> int:
        """Seats that the guard against mass removals would hold."""
        return sum(shift.after == SeatState.HELD for each in self.forecast.people for shift in each.shifts)

    @property
    def short(self) -> int:
        return sum(need.short for need in self.forecast.needs)


def tried(call: Call, attempt: Attempt, page: str, /, **content: Any) -> str | Response:
    """The page with the outlook as `trial`, the next people of it for a script, or all of it as a file.

    Where the change concerns too many, the page has that refusal as `too_many` instead.
    """
    try:
        forecast = forecasting.what_if(call.units, call.tenant, call.cause, attempt, MOST_CONCERNED)
    except ConcernsTooMany as refusal:
        return render(page, too_many=refusal, here=here, **content)
    if "file" in call.query:
        return file_of(csv_lines(COLUMNS, _rows(forecast)), "what-if.csv")
    (after,) = place(call.query.get("after"), 1) or ("",)
    rest = [each for each in forecast.people if each.user_name > after]
    shown, cursor = cut(rest, lambda outlook: (outlook.user_name,), PAGE)
    more = None if cursor is None else here(call, after=cursor)
    trial = Trial(forecast, shown, more, call.tenant.settings.number("hold_hours"))
    return render("trials/rows.html" if wants_part() else page, trial=trial, here=here, **content)


def tried_or_asked(
    call: Call, attempt: Callable[[], Attempt], form: str, page: str, /, **content: Any
) -> str | Response:
    """The same once the form is filled in; until then, and where it is refused, the form with what is typed."""
    filled_in = replace(call, form=call.query) if LOOK in call.query else call
    hand_out(filled_in)
    if call.query.get(LOOK) != NOW:
        return render(form, **content)
    try:
        return tried(call, attempt(), page, back=here(call, look=AGAIN, after=None), **content)
    except Refusal as error:
        status, sentence = refusal_of(error)
        hand_out(replace(filled_in, refusal=sentence))
        return answered(render(form, **content), status)


def here(call: Call, **changes: str | None) -> str:
    """The address of this page with another part of its query; None takes that out."""
    query = {**call.query.to_dict(flat=False), **changes}
    said = urlencode({name: value for name, value in query.items() if value is not None}, doseq=True)
    return f"{request.path}?{said}" if said else request.path


def lines(text: str | None) -> list[str]:
    """What is written in a field that takes one a line."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def _rows(forecast: Forecast) -> Iterator[tuple[str | None, ...]]:
    for person in forecast.people:
        for shift in person.shifts:
            yield person.user_name, "product", shift.product, shift.before, shift.after
        then, now = ({*side} for side in person.roles)
        for role in sorted(then ^ now):
            yield person.user_name, "role", role, role if role in then else None, role if role in now else None
        before, after = person.settings
        if before.language != after.language:
            yield person.user_name, "language", None, before.language, after.language
        for product in sorted(before.products.keys() | after.products.keys()):
            sides = before.products.get(product, {}), after.products.get(product, {})
            for key in sorted(sides[0].keys() | sides[1].keys()):
                if sides[0].get(key) != sides[1].get(key):
                    yield person.user_name, f"setting of {product}", key, sides[0].get(key), sides[1].get(key)
