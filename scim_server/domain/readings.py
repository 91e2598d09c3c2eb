"""What only a rebuild makes out of the audit trail again, beside what `recollections.py` reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from scim_server.domain.domains import Domain
from scim_server.domain.invitations import Invitation, InvitationState, Offer
from scim_server.domain.notices import MailTemplate
from scim_server.domain.oauth_clients import ClientMethod, ClientSecret, OAuthClient, TrustedIssuer
from scim_server.domain.particulars import Newcomer, PendingAdd
from scim_server.domain.receipts import Acknowledgement, Ended, Part, Receipt, ReceiptState
from scim_server.domain.recollections import user_of
from scim_server.domain.resources import Resource
from scim_server.domain.seats import (
    FIRST_RANK,
    RULE,
    Claim,
    Place,
    Policy,
    Reservation,
    Seat,
    SeatState,
    Want,
)
from scim_server.domain.settings import TenantSettings
from scim_server.domain.sign_in_providers import PersonClaim, SignInProvider
from scim_server.domain.streams import Delivery, Form, Status, Stream
from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.domain.tombstones import Tombstone
from scim_server.domain.webhooks import Stopped, Webhook

Facts = Mapping[str, Any]


def tombstone_of(user_id: str, facts: Facts) -> Tombstone:
    """What is left of a deleted person."""
    return Tombstone(
        user=user_of(user_id, facts["person"]),
        deleted=facts["deleted"],
        claims=tuple((product, source) for product, source in facts["claims"]),
        exclusions=tuple((product, reason) for product, reason in facts["exclusions"]),
        held_back=tuple((code, role, connection_id) for code, role, connection_id in facts["heldBack"]),
        last_seen=facts["lastSeen"],
        successor=facts["successor"],
    )


def receipt_of(receipt_id: str, facts: Facts) -> Receipt:
    """What the application has to acknowledge of somebody who left."""
    outcome = facts["outcome"]
    return Receipt(
        id=receipt_id,
        user_id=facts["user"],
        ended=Ended(facts["ended"]),
        since=facts["since"],
        due=facts["due"],
        escalates=facts["escalates"],
        acknowledged={Part(part): Acknowledgement(**each) for part, each in facts["acknowledged"].items()},
        reported=facts["reported"],
        escalated=facts["escalated"],
        closed=facts["closed"],
        outcome=None if outcome is None else ReceiptState(outcome),
    )


def resource_of(resource_id: str, facts: Facts) -> Resource:
    """A resource of a custom schema."""
    meta = facts["meta"]
    return Resource(
        id=resource_id,
        type=meta["resourceType"],
        origin=meta["origin"],
        document={name: value for name, value in facts.items() if name != "meta"},
        version=meta["version"],
        created=meta["created"],
        modified=meta["lastModified"],
    )


def claims_of(user_id: str, facts: Facts, priorities: Mapping[str, int]) -> list[Claim]:
    """All claims of a person; `priorities` are those of the rules, by id."""
    return [
        Claim(user_id, each["product"], each["source"], Place(_rank(each, priorities), each["since"]))
        for each in facts["claims"]
    ]


def _rank(facts: Facts, priorities: Mapping[str, int]) -> int:
    source = str(facts["source"])
    follows = priorities[source.removeprefix(RULE)] if source.startswith(RULE) else FIRST_RANK
    return int(facts.get("rank", follows))


def seat_of(seat_id: str, facts: Facts, want: Want | None) -> Seat:
    """The seat; the terms of a held one are its own, those of any other are `want`."""
    if "rank" in facts:
        policy = Policy(facts["policy"]) if facts["policy"] else None
        want = Want(Place(facts["rank"], facts["claimed"]), policy, facts["bond"])
    assert want is not None, "a seat that is not held has a claim"
    state = SeatState(facts["state"])
    ends = facts.get("due"), facts.get("heldFor")
    return Seat(seat_id, facts["user"], facts["product"], state, facts["since"], want, *ends)


def reservation_of(reservation_id: str, facts: Facts) -> Reservation:
    """A seat that is kept for somebody who is invited."""
    return Reservation(reservation_id, facts["invitation"], facts["product"], facts["since"])


def tenant_of(tenant_id: str, facts: Facts) -> Tenant:
    """A tenant."""
    switched, chosen = _pairs(facts["switches"].items()), _pairs(facts["settings"].items())
    named = facts["slug"], facts["name"], facts["profile"], facts["created"]
    return Tenant(tenant_id, *named, switched, TenantSettings(chosen))


def _pairs(items: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(items))


def connection_of(tenant_id: str, connection_id: str, facts: Facts) -> Connection:
    """An identity provider's link."""
    return Connection(
        tenant_id=tenant_id,
        id=connection_id,
        name=facts["name"],
        idp=facts["idp"],
        manages_entitlements=facts["managesEntitlements"],
        wrote_entitlements=facts["wroteEntitlements"],
        max_role=facts["maxRole"],
        created=facts["created"],
        accepts_basic=facts["acceptsBasic"],
        accepts_raw=facts["acceptsRaw"],
        creator_only=facts["creatorOnly"],
        networks=tuple(facts["networks"]),
        removed=facts.get("removed"),
        successor=facts.get("successor"),
    )


def issuer_of(tenant_id: str, issuer_id: str, facts: Facts) -> TrustedIssuer:
    """A foreign issuer that a connection trusts."""
    return TrustedIssuer(
        tenant_id=tenant_id,
        id=issuer_id,
        connection_id=facts["connectionId"],
        client_id=facts["clientId"],
        name=facts["name"],
        issuer=facts["issuer"],
        audience=facts["audience"],
        subject=facts["subject"],
        created=facts["created"],
        claims=facts["claims"],
        jwks_uri=facts["jwksUri"],
        scopes=frozenset(facts["scopes"]),
    )


def sign_in_provider_of(tenant_id: str, facts: Facts) -> SignInProvider:
    """A provider that people sign in with."""
    claim = PersonClaim(facts["claim"])
    return SignInProvider(tenant_id, facts["issuer"], facts["clientId"], claim, facts["created"])


def webhook_of(webhook_id: str, facts: Facts) -> Webhook:
    """A webhook."""
    stopped = None if facts["stopped"] is None else Stopped(facts["stopped"])
    return Webhook(
        webhook_id, facts["name"], facts["url"], tuple(facts["types"]), facts["created"], stopped, facts["overlaps"]
    )


def stream_of(stream_id: str, facts: Facts) -> Stream:
    """A stream."""
    return Stream(
        id=stream_id,
        name=facts["name"],
        delivery=Delivery(facts["delivery"]),
        audience=tuple(facts["audience"]),
        owner=facts["owner"],
        created=facts["created"],
        form=Form(facts["form"]),
        requested=tuple(facts["requested"]),
        filter=facts["filter"],
        url=facts["url"],
        authorized=facts["authorized"],
        description=facts["description"],
        status=Status(facts["status"]),
        reason=facts["reason"],
        by_admin=facts.get("byAdmin", False),
    )


def domain_of(facts: Facts) -> Domain:
    """A domain of the tenant's."""
    return Domain(*(facts[name] for name in ("name", "proof", "created", "verified", "checked")))


def token_of(tenant_id: str, token_id: str, facts: Facts, digest: str) -> Token | PersonToken | ApiToken:
    """A token, which needs a `digest` from elsewhere: nothing of a secret is in the trail."""
    life = facts["created"], facts["expires"], facts["revoked"]
    if "connectionId" in facts:
        return Token(tenant_id, token_id, facts["connectionId"], digest, *life, frozenset(facts["scopes"]))
    if "user" in facts:
        return PersonToken(tenant_id, token_id, facts["user"], digest, *life)
    return ApiToken(tenant_id, token_id, facts["name"], frozenset(facts["scopes"]), digest, *life)


def invitation_of(invitation_id: str, facts: Facts, digest: str) -> Invitation:
    """An invitation, which needs the `digest` of its link likewise."""
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


def pending_add_of(add_id: str, facts: Facts) -> PendingAdd:
    """Somebody who waits to be added."""
    newcomer = {name: fact for name, fact in facts.items() if name != "created"}
    return PendingAdd(add_id, Newcomer.of_facts(newcomer), facts["created"])


def mail_template_of(facts: Facts) -> MailTemplate:
    """A text of mails."""
    return MailTemplate(*(facts[name] for name in ("name", "language", "subject", "body")))


def oauth_client_of(tenant_id: str, client_id: str, facts: Facts) -> OAuthClient:
    """A client of the authorization server."""
    return OAuthClient(
        tenant_id=tenant_id,
        id=client_id,
        connection_id=facts["connectionId"],
        name=facts["name"],
        method=ClientMethod(facts["method"]),
        scopes=frozenset(facts["scopes"]),
        created=facts["created"],
        redirect_uris=tuple(facts["redirectUris"]),
        jwks=facts["jwks"],
        jwks_uri=facts["jwksUri"],
        token_seconds=facts["tokenSeconds"],
        dpop=facts["dpop"],
        certificate_bound=facts["certificateBound"],
        pkce=facts["pkce"],
        revoked=facts["revoked"],
    )


def client_secret_of(tenant_id: str, secret_id: str, facts: Facts, digest: str) -> ClientSecret:
    """A secret of such a client, which needs a `digest` from elsewhere likewise."""
    life = facts["created"], facts["expires"], facts["revoked"]
    return ClientSecret(tenant_id, secret_id, facts["clientId"], digest, *life)
