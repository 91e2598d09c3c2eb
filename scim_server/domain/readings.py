"""Facts of the audit trail read back as the objects they tell of: the other direction of `domain/facts.py`."""

from collections.abc import Iterable, Mapping
from typing import Any

from scim_server.domain.access import Grant, Role
from scim_server.domain.directory import Group, User
from scim_server.domain.invitations import Invitation, InvitationState, Offer
from scim_server.domain.particulars import Newcomer, PendingAdd
from scim_server.domain.resources import Resource
from scim_server.domain.rules import Rule, Template
from scim_server.domain.seats import (
    FIRST_RANK,
    RULE,
    Claim,
    Exclusion,
    Place,
    Policy,
    Reservation,
    Seat,
    SeatState,
    Subscription,
    Want,
)
from scim_server.domain.sessions import Kind, Session
from scim_server.domain.settings import TenantSettings
from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.domain.tombstones import Tombstone

Facts = Mapping[str, Any]


def user(user_id: str, facts: Facts) -> User:
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
        profile=facts["profile"],
        version=facts["version"],
        created=facts["created"],
        modified=facts["modified"],
    )


def tombstone(user_id: str, facts: Facts) -> Tombstone:
    return Tombstone(
        user=user(user_id, facts["person"]),
        deleted=facts["deleted"],
        claims=tuple((product, source) for product, source in facts["claims"]),
        exclusions=tuple((product, reason) for product, reason in facts["exclusions"]),
        held_back=tuple((code, role, connection_id) for code, role, connection_id in facts["heldBack"]),
        last_seen=facts["lastSeen"],
        successor=facts["successor"],
    )


def group(group_id: str, facts: Facts) -> Group:
    """The group, without its members."""
    return Group(
        id=group_id,
        display_name=facts["displayName"],
        origin=facts["origin"],
        unique_name=facts["uniqueName"],
        external_id=facts["externalId"],
        profile=facts["profile"],
        version=facts["version"],
        created=facts["created"],
        modified=facts["modified"],
    )


def resource(resource_id: str, facts: Facts) -> Resource:
    meta = facts["meta"]
    document = {name: value for name, value in facts.items() if name != "meta"}
    return Resource(
        id=resource_id,
        type=meta["resourceType"],
        origin=meta["origin"],
        document=document,
        version=meta["version"],
        created=meta["created"],
        modified=meta["lastModified"],
    )


def claims(user_id: str, facts: Facts, priorities: Mapping[str, int]) -> list[Claim]:
    """The claims of a person; `priorities` are those of the rules, by id."""
    return [
        Claim(user_id, each["product"], each["source"], Place(_rank(each, priorities), each["since"]))
        for each in facts["claims"]
    ]


def _rank(facts: Facts, priorities: Mapping[str, int]) -> int:
    source = str(facts["source"])
    follows = priorities[source.removeprefix(RULE)] if source.startswith(RULE) else FIRST_RANK
    return int(facts.get("rank", follows))


def exclusions(user_id: str, facts: Facts) -> list[Exclusion]:
    return [
        Exclusion(user_id, each["product"], each["source"], each["reason"], each["since"])
        for each in facts["exclusions"]
    ]


def seat(seat_id: str, facts: Facts, want: Want | None) -> Seat:
    """The seat; the terms of a held one are its own, those of any other `want`."""
    if "rank" in facts:
        policy = Policy(facts["policy"]) if facts["policy"] else None
        want = Want(Place(facts["rank"], facts["claimed"]), policy, facts["bond"])
    assert want is not None, "a seat that is not held has a claim"
    return Seat(
        seat_id,
        facts["user"],
        facts["product"],
        SeatState(facts["state"]),
        facts["since"],
        want,
        facts.get("due"),
        facts.get("heldFor"),
    )


def subscription(product: str, facts: Facts) -> Subscription:
    """What was bought, nothing counted."""
    return Subscription(product, facts["seats"], Policy(facts["policy"]), facts["overage"])


def reservation(reservation_id: str, facts: Facts) -> Reservation:
    return Reservation(reservation_id, facts["invitation"], facts["product"], facts["since"])


def rule(rule_id: str, facts: Facts) -> Rule:
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
        templates=facts["templates"],
        policy=Policy(facts["policy"]) if facts["policy"] else None,
        all_or_nothing=facts["allOrNothing"],
        mail=facts["mail"],
    )


def template(facts: Facts) -> Template:
    return Template(facts["product"], facts["name"], facts["values"])


def role(code: str, facts: Facts) -> Role:
    return Role(
        code,
        facts["name"],
        facts["description"],
        frozenset(facts["permissions"]),
        scoped=True,
        created=facts["created"],
    )


def grant(facts: Facts) -> Grant:
    return Grant(facts["user"], facts["role"], facts["source"], facts["since"], tuple(facts["scope"]))


def tenant(tenant_id: str, facts: Facts) -> Tenant:
    return Tenant(
        tenant_id,
        facts["slug"],
        facts["name"],
        facts["profile"],
        facts["created"],
        _pairs(facts["switches"].items()),
        TenantSettings(_pairs(facts["settings"].items())),
    )


def _pairs(items: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(items))


def connection(tenant_id: str, connection_id: str, facts: Facts) -> Connection:
    return Connection(
        tenant_id,
        connection_id,
        facts["name"],
        facts["idp"],
        facts["managesEntitlements"],
        facts["wroteEntitlements"],
        facts["maxRole"],
        facts["created"],
    )


def token(tenant_id: str, token_id: str, facts: Facts, digest: str) -> Token | PersonToken | ApiToken:
    """A token, which `digest` must be put into: nothing of the secret is in the trail."""
    life = facts["created"], facts["expires"], facts["revoked"]
    if "connectionId" in facts:
        return Token(tenant_id, token_id, facts["connectionId"], digest, *life)
    if "user" in facts:
        return PersonToken(tenant_id, token_id, facts["user"], digest, *life)
    return ApiToken(tenant_id, token_id, facts["name"], frozenset(facts["scopes"]), digest, *life)


def invitation(invitation_id: str, facts: Facts, digest: str) -> Invitation:
    """An invitation, which the `digest` of its link must be put into likewise."""
    return Invitation(
        id=invitation_id,
        address=facts["address"],
        digest=digest,
        state=InvitationState(facts["state"]),
        created=facts["created"],
        expires=facts["expires"],
        offer=Offer(tuple(facts["products"]), facts["role"], facts["first"], facts["last"]),
        answered=facts["answered"],
        user_id=facts["user"],
    )


def pending_add(add_id: str, facts: Facts) -> PendingAdd:
    newcomer = {name: fact for name, fact in facts.items() if name != "created"}
    return PendingAdd(add_id, Newcomer.of_facts(newcomer), facts["created"])


def session(session_id: str, facts: Facts) -> Session:
    return Session(
        session_id,
        Kind(facts["kind"]),
        facts["organiser"],
        facts["title"],
        facts["starts"],
        facts["ends"],
        tuple(facts["coOrganisers"]),
    )
