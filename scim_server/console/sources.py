"""Where seats come from, and why somebody has none yet, in words."""

from collections.abc import Mapping

from flask_babel import gettext

from scim_server.console.calls import Call
from scim_server.console.words import word
from scim_server.services import ruling
from scim_server.services.subscribing import Seating


def audiences(call: Call) -> Mapping[str, str]:
    """Whom each rule is for, by the source that seats by it have."""
    return {rule.source: rule.group_name or rule.condition or "" for rule in ruling.rules(call.units, call.tenant)}


def source(text: str, rules: Mapping[str, str]) -> str:
    """Where a seat comes from, by the source of its best claim; `rules` are the audiences of rules."""
    if text in rules:
        return str(gettext("By the rule for %(audience)s", audience=rules[text]))
    return word("source", text)


def why_waiting(seating: Seating, *, bound: bool = False) -> str:
    """Why somebody has no seat yet; beside a free one only those wait who get all that a rule gives or none."""
    if not seating.seats:
        said = gettext("No seat is bought.")
    elif seating.free and bound:
        said = gettext("A rule gives all of its products or none, and a seat of another one is missing.")
    else:
        figures = {"assigned": seating.assigned, "seats": seating.seats}
        said = gettext("%(assigned)s of %(seats)s seats are assigned.", **figures)
    return str(said)
