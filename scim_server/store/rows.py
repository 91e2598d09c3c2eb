"""Between rows and the domain: what is written beside a document, and what is read back."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from scim_server.domain.access import Grant, Role
from scim_server.domain.directory import Group, User
from scim_server.domain.oauth_clients import TrustedIssuer
from scim_server.domain.resources import Resource
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Claim, Place, Policy, Seat, SeatState, Subscription, Want
from scim_server.domain.settings import TenantSettings
from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.protocol.normalising import address_key, fold, search_copy, username_key
from scim_server.protocol.schemas import ResourceType
from scim_server.resources import groups as group_documents
from scim_server.resources import users as user_documents
from scim_server.resources.representations import plain_mark

Row = Mapping[str, Any] | RowMapping
R = TypeVar("R")


def part(row: Row, prefix: str) -> Row:
    """The columns of one table in a row of several."""
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}


def record_of(kind: Callable[..., R], row: Row, /, **converted: Any) -> R:
    """A record whose fields are what the columns of their names hold, but for what is `converted`."""
    return kind(**{name: row[name] for name in _fields(kind) if name not in converted}, **converted)


def columns_of(record: Any, /, **converted: Any) -> dict[str, Any]:
    """What the columns named like the record's fields hold, but for what is `converted`, or comes beside."""
    return {name: getattr(record, name) for name in _fields(record.__class__) if name not in converted} | converted


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def user_row(user: User, kind: ResourceType) -> dict[str, Any]:
    """The columns of a user; document, search copy and extracted keys always change together."""
    document = user_documents.to_document(user)
    address = user.address
    return {
        "id": user.id,
        "user_name_key": username_key(user.user_name),
        "external_id": user.external_id,
        "display_name_key": None if user.display_name is None else fold(user.display_name),
        "active": user.active,
        "blocked_for": user.blocked_for,
        "true_name": user.true_name,
        "address_key": None if address is None else address_key(address),
        "document": document,
        "search": search_copy(document, kind),
        "version": user.version,
        "created": user.created,
        "modified": user.modified,
        "origin": user.origin,
        "plain": plain_mark(document, kind),
    }


def user_of(row: Row) -> User:
    user = User(
        id=row["id"],
        user_name="",
        origin=row["origin"],
        active=row["active"],
        blocked_for=row["blocked_for"],
        true_name=row["true_name"],
        version=row["version"],
        created=row["created"],
        modified=row["modified"],
    )
    return user_documents.adopt(user, row["document"])


def email_rows(user: User) -> list[dict[str, Any]]:
    """One row per e-mail that has a value, in order."""
    return [
        {
            "user_id": user.id,
            "position": position,
            "address_key": fold(str(email["value"])),
            "type": None if email.get("type") is None else fold(str(email["type"])),
        }
        for position, email in enumerate(user.emails)
        if email.get("value") is not None
    ]


def group_row(group: Group, kind: ResourceType) -> dict[str, Any]:
    """The columns of a group."""
    document = group_documents.to_document(group)
    key = fold(group.display_name)
    return {
        "id": group.id,
        "unique_name_key": key if group.unique_name else None,
        "display_name_key": key,
        "external_id": group.external_id,
        "document": document,
        "search": search_copy(document, kind),
        "version": group.version,
        "created": group.created,
        "modified": group.modified,
        "origin": group.origin,
    }


def group_of(row: Row) -> Group:
    group = Group(
        id=row["id"],
        display_name="",
        origin=row["origin"],
        unique_name=row["unique_name_key"] is not None,
        version=row["version"],
        created=row["created"],
        modified=row["modified"],
    )
    return group_documents.adopt(group, row["document"])


def resource_row(resource: Resource, kind: ResourceType) -> dict[str, Any]:
    """The columns of a resource of a type that a schema file describes."""
    document = resource.document
    return columns_of(resource, external_id=document.get("externalId"), search=search_copy(document, kind))


def resource_of(row: Row) -> Resource:
    return record_of(Resource, row)


def claim_row(claim: Claim) -> dict[str, Any]:
    return {
        "user_id": claim.user_id,
        "product": claim.product,
        "source": claim.source,
        "rank": claim.place.rank,
        "since": claim.place.since,
    }


def claim_of(row: Row) -> Claim:
    return Claim(row["user_id"], row["product"], row["source"], Place(row["rank"], row["since"]))


def seat_row(seat: Seat) -> dict[str, Any]:
    return {
        "id": seat.id,
        "user_id": seat.user_id,
        "product": seat.product,
        "state": seat.state.value,
        "since": seat.since,
        "due": seat.due,
        "held_for": seat.held_for,
        **want_columns(seat.want),
    }


def want_columns(want: Want) -> dict[str, Any]:
    """The columns of a seat that say on what terms the person should have it."""
    return {
        "rank": want.place.rank,
        "claimed": want.place.since,
        "policy": want.policy.value if want.policy else None,
        "bond": want.bond,
    }


def seat_of(row: Row) -> Seat:
    return Seat(
        row["id"],
        row["user_id"],
        row["product"],
        SeatState(row["state"]),
        row["since"],
        Want(Place(row["rank"], row["claimed"]), Policy(row["policy"]) if row["policy"] else None, row["bond"]),
        row["due"],
        row["held_for"],
    )


def subscription_of(row: Row) -> Subscription:
    return record_of(Subscription, row, policy=Policy(row["policy"]))


def tenant_of(row: Row) -> Tenant:
    return Tenant(
        row["id"],
        row["slug"],
        row["name"],
        row["profile"],
        row["created"],
        tuple(sorted(row["switched"].items())),
        TenantSettings(tuple(sorted(row["settings"].items()))),
        row["cell"],
        row["tells"],
        tuple(row["told"]),
    )


def connection_of(row: Row) -> Connection:
    return record_of(Connection, row, name=row["former_name"] or row["name"], networks=tuple(row["networks"]))


def trusted_issuer_of(row: Row) -> TrustedIssuer:
    return record_of(TrustedIssuer, row, scopes=frozenset(row["scopes"]))


def token_of(row: Row) -> Token:
    return record_of(Token, row, scopes=frozenset(row["scopes"]))


def person_token_of(row: Row) -> PersonToken:
    return record_of(PersonToken, row)


def api_token_of(row: Row, tenant_id: str | None) -> ApiToken:
    return record_of(ApiToken, row, tenant_id=tenant_id, scopes=frozenset(row["scopes"]))


def api_token_row(token: ApiToken) -> dict[str, Any]:
    """The columns of a token of the admin API, but its tenant."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "digest": token.digest,
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
    }


def rule_row(rule: Rule) -> dict[str, Any]:
    """The columns of a rule; its products lie in a table of their own."""
    return {
        "id": rule.id,
        "priority": rule.priority,
        "group_id": rule.group_id,
        "group_name": rule.group_name,
        "group_name_key": fold(rule.group_name),
        "enabled": rule.enabled,
        "created": rule.created,
        "condition": rule.condition,
        "role": rule.role,
        "role_groups": list(rule.role_groups),
        "language": rule.language,
        "policy": rule.policy.value if rule.policy else None,
        "all_or_nothing": rule.all_or_nothing,
        "mail": rule.mail,
    }


def rule_product_rows(rule: Rule) -> list[dict[str, Any]]:
    """One row per product of a rule, by product."""
    return [
        {"rule_id": rule.id, "product": product, "template": rule.templates.get(product)}
        for product in sorted(rule.products)
    ]


def rule_of(row: Row, products: Mapping[str, str | None]) -> Rule:
    """A rule with its products and the settings template of each."""
    return record_of(
        Rule,
        row,
        products=frozenset(products),
        role_groups=tuple(row["role_groups"]),
        templates={product: template for product, template in products.items() if template is not None},
        policy=Policy(row["policy"]) if row["policy"] else None,
    )


def role_row(role: Role) -> dict[str, Any]:
    return {
        "code": role.code,
        "name": role.name,
        "description": role.description,
        "permissions": sorted(role.permissions),
        "created": role.created,
    }


def role_of(row: Row) -> Role:
    """A role that a tenant made."""
    permissions = frozenset(row["permissions"])
    return Role(row["code"], row["name"], row["description"], permissions, scoped=True, created=row["created"])


def grant_row(grant: Grant) -> dict[str, Any]:
    return columns_of(grant, scope=list(grant.scope))


def grant_of(row: Row) -> Grant:
    return record_of(Grant, row, scope=tuple(row["scope"]))
