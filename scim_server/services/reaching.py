"""Whom a transaction may concern, read off the changes that it recorded: with a fixed number of statements."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scim_server.domain.events import Change
from scim_server.services.ports import UnitOfWork

Audiences = set[tuple[str | None, str | None]]
"""Whom rules look at: the id of a group, or a condition."""


def reached(uow: UnitOfWork) -> set[str]:
    """The ids of everybody whose products, roles or settings may be others by now than when it began.

    Those are whom its changes are about, who joined or left a group, themselves or with a group in it, and who meets
    or met a rule that changed, or that gives a template that did. Some may be there no more, or not be people.
    """
    changes = list(uow.changes.values())
    people = {change.person for change in changes if change.person is not None}
    members = {each for facts in _facts(changes, "group") for each in facts.get("members", ())}
    audiences: Audiences = {
        (facts.get("groupId"), facts.get("condition"))
        for facts in _facts(changes, "rule")
        if facts.get("enabled", True)
    }
    audiences |= _given_templates(uow, {change.object_id for change in changes if change.object_type == "template"})
    groups = members | {group for group, _ in audiences if group is not None}
    conditions = {str(place): text for place, (_, text) in enumerate(audiences) if text is not None}
    people |= members
    people.update(user_id for user_id, _ in uow.conditions.meeting(conditions))
    people.update(uow.members.users_below(groups) if groups else ())
    return people


def _facts(changes: Iterable[Change], object_type: str) -> Iterator[Mapping[str, Any]]:
    """Both sides of the changes of objects of that type."""
    for change in changes:
        if change.object_type == object_type:
            yield from (facts for facts in (change.before, change.after) if facts is not None)


def _given_templates(uow: UnitOfWork, changed: set[str]) -> Audiences:
    """Whom the rules look at that give one of those templates."""
    return {
        (rule.group_id, rule.condition)
        for rule in (uow.rules.all() if changed else ())
        if any(f"{product}/{name}" in changed for product, name in rule.templates.items())
    }
