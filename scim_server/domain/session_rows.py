"""Sessions as an application lists them: rows of JSON that name people by user name or id."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import FIRST_YEAR, LAST_YEAR, Instant, instant
from scim_server.domain.sessions import Kind

REQUIRED = ("id", "kind", "organiser", "title", "starts")
OPTIONAL = ("ends", "coOrganisers")
LONGEST = 512
"""Characters of an id, a title or a name."""


class BadRow(Exception):
    """A row cannot be a session; the message says why."""


class BadRows(Invalid):
    """Some rows cannot be sessions; the detail names each by its number, which begins with 1, and its reason."""

    def __init__(self, reasons: Mapping[int, str]) -> None:
        self.reasons = reasons
        named = "; ".join(f"row {number}: {reasons[number]}" for number in sorted(reasons))
        super().__init__(f"Nothing was loaded. Correct these rows and load the file again: {named}.")


@dataclass(frozen=True, slots=True)
class Row:
    """One session as listed. `organiser` and `co_organisers` are user names or ids, as they came."""

    id: str
    kind: Kind
    organiser: str
    title: str
    starts: Instant
    ends: Instant | None
    co_organisers: tuple[str, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody the row names."""
        return self.organiser, *self.co_organisers


def read_rows(values: Iterable[Any]) -> tuple[dict[int, Row], dict[int, str]]:
    """The rows by number, and of those that can be none the reason by number."""
    rows: dict[int, Row] = {}
    reasons: dict[int, str] = {}
    first: dict[str, int] = {}
    for number, value in enumerate(values, start=1):
        try:
            row = _row(value)
        except BadRow as bad:
            reasons[number] = str(bad)
            continue
        if first.setdefault(row.id, number) != number:
            reasons[number] = f"the id '{row.id}' is that of row {first[row.id]} already"
        else:
            rows[number] = row
    return rows, reasons


def _row(value: Any) -> Row:
    if not isinstance(value, dict):
        raise BadRow("a session is a JSON object")
    unknown = sorted(value.keys() - {*REQUIRED, *OPTIONAL})
    if unknown:
        raise BadRow(f"there is no member '{unknown[0]}'; a session has {', '.join((*REQUIRED, *OPTIONAL))}")
    session_id, kind, organiser, title = (_text(value, name) for name in REQUIRED[:4])
    if kind not in set(Kind):
        raise BadRow(f"kind cannot be '{kind}', only one of {', '.join(Kind)}")
    starts = _moment(value, "starts")
    ends = None if value.get("ends") is None else _moment(value, "ends")
    if ends is not None and ends < starts:
        raise BadRow("it ends before it starts")
    return Row(session_id, Kind(kind), organiser, title, starts, ends, tuple(_names(value.get("coOrganisers"))))


def _text(value: Mapping[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST or "\0" in text:
        raise BadRow(f"{name} must be a text of 1 to {LONGEST} characters")
    return text


def _moment(value: Mapping[str, Any], name: str) -> Instant:
    text = value.get(name)
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadRow(
            f"{name} must be a moment with its offset from UTC, {FIRST_YEAR} to {LAST_YEAR}, for example "
            "2030-01-31T09:00:00Z"
        )
    return instant(moment)


def _names(listed: Any) -> Iterator[str]:
    if listed is None:
        return
    if not isinstance(listed, list):
        raise BadRow("coOrganisers must be a list of user names or ids")
    for position, name in enumerate(listed, start=1):
        yield _text({f"co-organiser {position}": name}, f"co-organiser {position}")
