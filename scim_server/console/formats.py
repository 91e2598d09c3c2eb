"""How dates and numbers are written in the language of the page."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from flask_babel import format_date, format_datetime, format_decimal, format_percent, format_timedelta, get_locale
from markupsafe import Markup

from scim_server.domain.instants import Instant


def moment(at: Instant | None) -> Markup | str:
    """A moment to the minute, in UTC; the browser writes it in its own time zone, where scripts run."""
    if at is None:
        return ""
    then = datetime.fromisoformat(at)
    return Markup('<time datetime="{}" title="{}">{}&nbsp;UTC</time>').format(at, at, format_datetime(then, "short"))


def second(at: Instant) -> Markup:
    """A moment to the second, likewise."""
    then = format_datetime(datetime.fromisoformat(at), "medium")
    return Markup('<time datetime="{}" title="{}" data-exact>{}&nbsp;UTC</time>').format(at, at, then)


def day(at: Instant | None) -> Markup | str:
    """The day of a moment, or a day as it is."""
    return "" if at is None else _day(at[:10], str(get_locale()))


def number(value: Any) -> str:
    """A number, with the separators of the language."""
    return "" if value is None else _number(value, str(get_locale()))


def percent(value: float) -> str:
    """A share of one, in percent."""
    return str(format_percent(value))


@lru_cache(10_000)
def _day(date: str, _locale: str) -> Markup:
    """Charts have the same days again and again, and tables the same numbers."""
    return Markup('<time datetime="{}">{}</time>').format(date, format_date(datetime.fromisoformat(date), "medium"))


@lru_cache(10_000)
def _number(value: Any, _locale: str) -> str:
    return str(format_decimal(value))


def span(every: timedelta) -> str:
    """How long something takes, in the largest unit that fits."""
    return str(format_timedelta(every, threshold=1))


FILTERS = {"moment": moment, "second": second, "day": day, "number": number, "percent": percent, "span": span}
