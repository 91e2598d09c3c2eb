"""Sign-ins as an application lists them: JSON objects, a line each, or CSV with the columns user and at."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from scim_server.domain.errors import Invalid
from scim_server.domain.instants import Instant
from scim_server.domain.periods import begins

COLUMNS = ("user", "at")
LONGEST = 512
"""Characters of a user name or id."""

Sighting = tuple[str, Instant | None]


def read_sightings(lines: Iterable[str]) -> Iterator[Sighting]:
    """Who was seen when, one after the other; None where the row does not say when. Raises Invalid naming the line."""
    numbered = enumerate(lines, start=1)
    first = next(((number, line) for number, line in numbered if line.strip()), None)
    if first is None:
        return
    if first[1].lstrip().startswith("{"):
        yield from _of_json(first)
        for each in numbered:
            yield from _of_json(each)
    else:
        yield from _of_csv(first[1], (line for _, line in numbered), first[0])


def _of_json(numbered: tuple[int, str]) -> Iterator[Sighting]:
    number, line = numbered
    if not line.strip():
        return
    try:
        value = json.loads(line)
    except ValueError as error:
        raise Invalid(f"Line {number} is no JSON object: {error}.") from error
    if not isinstance(value, dict) or value.keys() - {*COLUMNS}:
        raise Invalid(f"Line {number}: write an object with the members user and, perhaps, at.")
    yield _sighting(number, value.get("user"), value.get("at"))


def _of_csv(header: str, lines: Iterator[str], number: int) -> Iterator[Sighting]:
    divider = ";" if ";" in header else ","
    names = next(csv.reader([header], delimiter=divider))
    if sorted(names) not in (["user"], sorted(COLUMNS)):
        raise Invalid(
            f"Line {number}: the first line names the columns, user and perhaps at; it is '{header.strip()}'."
        )
    reader = csv.reader(lines, delimiter=divider, strict=True)
    try:
        for cells in reader:
            if cells:
                row = dict(zip(names, cells, strict=False))
                yield _sighting(number + reader.line_num, row.get("user"), row.get("at") or None)
    except csv.Error as error:
        raise Invalid(f"Line {number + reader.line_num} cannot be read: {error}.") from error


def _sighting(number: int, user: Any, moment: Any) -> Sighting:
    if not isinstance(user, str) or not user.strip() or len(user) > LONGEST or "\0" in user:
        raise Invalid(f"Line {number}: user must be a user name or id.")
    if moment is None:
        return user, None
    try:
        return user, begins(str(moment))
    except Invalid as invalid:
        raise Invalid(f"Line {number}: {invalid.detail}") from invalid
