"""RFC 7644 section 3.11: what a person may change of their own resource."""

from collections.abc import Iterator, Mapping
from typing import Any

from scim_server.protocol.errors import Forbidden
from scim_server.resources.callers import Caller


def check_own_change(caller: Caller, before: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raises Forbidden where a person changes more than the tenant leaves to them (switch `me.attributes`)."""
    if caller.person_id is None:
        return
    allowed = {name.lower() for name in caller.profile.me_attributes}
    for names in _changed(before, wanted):
        if not allowed.intersection(name.lower() for name in names):
            can = ", ".join(caller.profile.me_attributes) or "nothing"
            raise Forbidden(
                f"'{names[-1]}' cannot be changed at /Me. A person may change {can} here; send the rest as it is."
            )


def _changed(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The attributes that differ, each by the names it can be allowed under: its own, and its extension's first."""
    for name in before.keys() | wanted.keys():
        then, now = before.get(name), wanted.get(name)
        if then == now or name == "schemas":
            continue
        if not name.lower().startswith("urn:"):
            yield (name,)
            continue
        then, now = then or {}, now or {}
        yield from ((name, f"{name}:{part}") for part in then.keys() | now.keys() if then.get(part) != now.get(part))
