"""RFC 7643 section 4.1.1: `name.formatted` and the parts of a name say the same.

A client that changes a part and knows nothing of `formatted` would leave the old name behind in it. Where the
stored text is what the stored parts make in one of the usual ways, the new parts make the new one; a text that
somebody composed otherwise is theirs and stays.
"""

from collections.abc import Mapping
from typing import Any

FORMS = (
    "{givenName} {familyName}",
    "{givenName} {middleName} {familyName}",
    "{honorificPrefix} {givenName} {familyName}",
    "{honorificPrefix} {givenName} {middleName} {familyName}",
    "{givenName} {familyName}, {honorificSuffix}",
    "{honorificPrefix} {givenName} {middleName} {familyName}, {honorificSuffix}",
    "{familyName}, {givenName}",
    "{familyName} {givenName}",
)


def consistent(old: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The name `new`, with `formatted` brought up to date where the change from `old` forgot it."""
    formatted = old.get("formatted")
    if old == new or formatted is None or new.get("formatted") != formatted:
        return new
    form = next((form for form in FORMS if _filled(form, old) == formatted), None)
    if form is None:
        return new
    name = {part: value for part, value in new.items() if part != "formatted"}
    text = _filled(form, new)
    return {"formatted": text, **name} if text else name


def _filled(form: str, name: Mapping[str, Any]) -> str | None:
    """The name in that form, None where it lacks a part of it."""
    try:
        return form.format_map(name)
    except KeyError:
        return None
