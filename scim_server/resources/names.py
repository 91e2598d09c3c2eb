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


def with_true_name(before: Mapping[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """`wanted`, a changed User document, with `name.formatted` brought up to date where the change forgot it."""
    old, new = before.get("name", {}), wanted.get("name", {})
    formatted = old.get("formatted")
    if old == new or formatted is None or new.get("formatted") != formatted:
        return wanted
    form = next((form for form in FORMS if _filled(form, old) == formatted), None)
    if form is None:
        return wanted
    name = {part: value for part, value in new.items() if part != "formatted"}
    text = _filled(form, new)
    return {**wanted, "name": {"formatted": text, **name} if text else name}


def _filled(form: str, name: Mapping[str, Any]) -> str | None:
    """The name in that form, None where it lacks a part of it."""
    try:
        return form.format_map(name)
    except KeyError:
        return None
