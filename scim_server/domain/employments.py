"""What somebody is in the company: RFC 7643 sections 4.1.1 (title) and 4.3 (enterprise extension), edited by hand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scim_server.domain.errors import Invalid

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LONGEST = 512
ATTRIBUTES: Mapping[str, str] = {
    "employee_number": "employeeNumber",
    "department": "department",
    "division": "division",
    "organization": "organization",
    "cost_center": "costCenter",
}
"""Members of `Employment` that are attributes of the extension."""


@dataclass(frozen=True, slots=True)
class Employment:
    """What is to change of it: None leaves as it is, an empty text takes away. `manager` is the id of a person.

    Raises Invalid for what cannot be written down.
    """

    title: str | None = None
    department: str | None = None
    division: str | None = None
    organization: str | None = None
    cost_center: str | None = None
    employee_number: str | None = None
    manager: str | None = None

    def __post_init__(self) -> None:
        for what in ("title", *ATTRIBUTES):
            text = getattr(self, what)
            if text and (text != text.strip() or not text.isprintable() or len(text) > LONGEST):
                raise Invalid(
                    f"'{text[:LONGEST]}' cannot be a {what.replace('_', ' ')}: write 1 to {LONGEST} printable "
                    "characters, no blanks around them."
                )

    def of(self, profile: Mapping[str, Any]) -> dict[str, Any]:
        """The profile of a person, as it should be."""
        before: dict[str, Any] = profile.get(ENTERPRISE, {})
        changes = dict(self._changes())
        after = {name: value for name, value in (before | changes).items() if value or name not in changes}
        if after != before:
            profile = _with_extension(profile, after)
        if self.title is None:
            return dict(profile)
        rest = {name: value for name, value in profile.items() if name != "title"}
        return {**rest, "title": self.title} if self.title else rest

    def _changes(self) -> Iterator[tuple[str, Any]]:
        for member, attribute in ATTRIBUTES.items():
            if getattr(self, member) is not None:
                yield attribute, getattr(self, member)
        if self.manager is not None:
            yield "manager", {"value": self.manager} if self.manager else None


def manager_of(profile: Mapping[str, Any]) -> str | None:
    """The id of the person whom somebody of that profile reports to."""
    found: str | None = (profile.get(ENTERPRISE, {}).get("manager") or {}).get("value")
    return found


def _with_extension(profile: Mapping[str, Any], extension: Mapping[str, Any]) -> dict[str, Any]:
    """The profile with that extension, which its `schemas` name while there is something in it."""
    others = [schema for schema in profile.get("schemas", [CORE]) if schema != ENTERPRISE]
    rest = {name: value for name, value in profile.items() if name not in {ENTERPRISE, "schemas"}}
    if not extension:
        return {"schemas": others, **rest}
    return {"schemas": [*others, ENTERPRISE], **rest, ENTERPRISE: dict(extension)}
