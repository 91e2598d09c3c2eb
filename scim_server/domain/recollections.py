"""Objects out of what the audit trail keeps of them: `facts.py` read back."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from scim_server.domain.access import Grant, Role
from scim_server.domain.directory import Group, User
from scim_server.domain.rules import Rule, Template
from scim_server.domain.seats import FIRST_RANK, Claim, Exclusion, Place, Policy, Subscription
from scim_server.domain.sessions import Kind, Session

Facts = Mapping[str, Any]


def user_of(user_id: str, facts: Facts) -> User:
    """A person."""
    return User(
        id=user_id,
        user_name=facts["userName"],
        origin=facts["origin"],
        active=facts["active"],
        states_active=facts["statesActive"],
        blocked_for=facts["blockedFor"],
        true_name=facts["nameBeforeDeletion"],
        external_id=facts["externalId"],
        display_name=facts["displayName"],
        emails=tuple(facts["emails"]),
        entitlements=tuple(facts["entitlements"]),
        roles=tuple(facts["roles"]),
        profile=dict(facts["profile"]),
        version=facts["version"],
        created=facts["created"],
        modified=facts["modified"],
    )


def group_of(group_id: str, facts: Facts) -> Group:
    """A group; its members are kept apart."""
    return Group(
        id=group_id,
        display_name=facts["displayName"],
        origin=facts["origin"],
        unique_name=facts["uniqueName"],
        external_id=facts["externalId"],
        profile=dict(facts["profile"]),
        version=facts["version"],
        created=facts["created"],
        modified=facts["modified"],
    )


def claim_of(user_id: str, facts: Facts) -> Claim:
    """A claim that is a fact: it has a rank of its own, or the first."""
    place = Place(facts.get("rank", FIRST_RANK), facts["since"])
    return Claim(user_id, facts["product"], facts["source"], place)


def exclusion_of(user_id: str, facts: Facts) -> Exclusion:
    """What somebody is kept out of."""
    return Exclusion(user_id, facts["product"], facts["source"], facts["reason"], facts["since"])


def rule_of(rule_id: str, facts: Facts) -> Rule:
    """A rule."""
    return Rule(
        id=rule_id,
        priority=facts["priority"],
        group_id=facts["groupId"],
        group_name=facts["group"] or "",
        products=frozenset(facts["products"]),
        enabled=facts["enabled"],
        created=facts["created"],
        condition=facts["condition"],
        role=facts["role"],
        role_groups=tuple(facts["roleGroups"]),
        language=facts["language"],
        templates=dict(facts["templates"]),
        policy=Policy(facts["policy"]) if facts["policy"] else None,
        all_or_nothing=facts["allOrNothing"],
        mail=facts["mail"],
    )


def role_of(code: str, facts: Facts) -> Role:
    """A role that the tenant made."""
    permissions = frozenset(facts["permissions"])
    return Role(code, facts["name"], facts["description"], permissions, scoped=True, created=facts["created"])


def grant_of(facts: Facts) -> Grant:
    """A grant."""
    return Grant(facts["user"], facts["role"], facts["source"], facts["since"], tuple(facts["scope"]))


def subscription_of(present: Subscription, facts: Facts) -> Subscription:
    """The subscription under those terms."""
    return replace(present, seats=facts["seats"], policy=Policy(facts["policy"]), overage=facts["overage"])


def template_of(product: str, name: str, values: Mapping[str, str]) -> Template:
    """A template of settings."""
    return Template(product, name, dict(values))


def session_of(session_id: str, facts: Facts) -> Session:
    """A session that is no recording: of one of those the trail keeps nothing."""
    return Session(
        session_id,
        Kind(facts["kind"]),
        facts["organiser"],
        facts["title"],
        facts["starts"],
        facts["ends"],
        tuple(facts["coOrganisers"]),
    )
