"""The conditions of a form above a list, as they stand in the address of the list."""

from collections.abc import Iterable
from datetime import UTC, datetime

from flask_babel import gettext

from scim_server.console.calls import Call
from scim_server.domain.errors import Invalid
from scim_server.domain.instants import FIRST_YEAR, LAST_YEAR, Instant, instant


def text(call: Call, name: str) -> str | None:
    """What the field says, None where it is empty. No text that is stored has a NUL."""
    return call.query.get(name, "").replace("\0", "").strip() or None


def moment(call: Call, name: str) -> Instant | None:
    """A moment in UTC unless it says otherwise. Raises Invalid for what is none."""
    written = text(call, name)
    if written is None:
        return None
    try:
        then = datetime.fromisoformat(written)
    except ValueError:
        then = None
    if then is None or not FIRST_YEAR <= then.year <= LAST_YEAR:
        raise Invalid(gettext("'%(text)s' is no date and time: write 2026-11-30T08:00.", text=written))
    return instant(then if then.tzinfo else then.replace(tzinfo=UTC))


def conditions(call: Call, names: Iterable[str]) -> dict[str, str | None]:
    """All of them, for the addresses of further pages."""
    return {name: text(call, name) for name in names}
