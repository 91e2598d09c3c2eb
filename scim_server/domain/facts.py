"""What the audit trail keeps of each kind of object: all that is stored of it, secrets and what follows from the rest
apart. `services/replaying.py` reads it back.
"""

from dataclasses import asdict
from typing import Any

from scim_server.domain.access import Grant, Role
from scim_server.domain.directory import Group, User
from scim_server.domain.domains import Domain
from scim_server.domain.invitations import Invitation
from scim_server.domain.notices import MailTemplate
from scim_server.domain.oauth_clients import ClientSecret, OAuthClient, TrustedIssuer
from scim_server.domain.particulars import PendingAdd
from scim_server.domain.receipts import Receipt
from scim_server.domain.resources import Resource
from scim_server.domain.rules import Rule, Template
from scim_server.domain.seats import FIRST_RANK, RULE, Claim, Exclusion, Reservation, Seat, SeatState, Subscription
from scim_server.domain.sign_in_providers import SignInProvider
from scim_server.domain.streams import Stream
from scim_server.domain.tenants import ApiToken, Connection, PersonToken, Tenant, Token
from scim_server.domain.tombstones import Tombstone
from scim_server.domain.webhooks import Webhook

Facts = dict[str, Any]


def of_user(user: User) -> Facts:
    """A person, whatever the business does not look at under `profile`."""
    return {
        "userName": user.user_name,
        "externalId": user.external_id,
        "displayName": user.display_name,
        "active": user.active,
        "statesActive": user.states_active,
        "blockedFor": user.blocked_for,
        "nameBeforeDeletion": user.true_name,
        "emails": list(user.emails),
        "entitlements": list(user.entitlements),
        "roles": list(user.roles),
        "profile": user.profile,
        "origin": user.origin,
        "version": user.version,
        "created": user.created,
        "modified": user.modified,
    }


def of_tombstone(tombstone: Tombstone) -> Facts:
    """What is left of a deleted person."""
    return {
        "person": of_user(tombstone.user),
        "deleted": tombstone.deleted,
        "claims": [list(each) for each in tombstone.claims],
        "exclusions": [list(each) for each in tombstone.exclusions],
        "heldBack": [list(each) for each in tombstone.held_back],
        "lastSeen": tombstone.last_seen,
        "successor": tombstone.successor,
    }


def of_receipt(receipt: Receipt) -> Facts:
    """What the application has to acknowledge of somebody who left, and what it did."""
    return {
        "user": receipt.user_id,
        "ended": receipt.ended.value,
        "since": receipt.since,
        "due": receipt.due,
        "escalates": receipt.escalates,
        "acknowledged": {part.value: {"at": each.at, "by": each.by} for part, each in receipt.acknowledged.items()},
        "reported": receipt.reported,
        "escalated": receipt.escalated,
        "closed": receipt.closed,
        "outcome": None if receipt.outcome is None else receipt.outcome.value,
    }


def of_group(group: Group) -> Facts:
    """A group without its members."""
    return {
        "displayName": group.display_name,
        "uniqueName": group.unique_name,
        "externalId": group.external_id,
        "profile": group.profile,
        "origin": group.origin,
        "version": group.version,
        "created": group.created,
        "modified": group.modified,
    }


def of_resource(resource: Resource) -> Facts:
    """A resource of a custom schema: its document, and beside it what the server knows of it."""
    meta = {
        "resourceType": resource.type,
        "origin": resource.origin,
        "version": resource.version,
        "created": resource.created,
        "lastModified": resource.modified,
    }
    return {**resource.document, "meta": meta}


def of_claim(claim: Claim) -> Facts:
    """A claim of a person; the rank of one by a rule is the rule's priority, that of most others the first."""
    rank = claim.place.rank
    follows = claim.source.startswith(RULE) or rank == FIRST_RANK
    facts = {"product": claim.product, "source": claim.source, "since": claim.place.since}
    return facts if follows else {**facts, "rank": rank}


def of_exclusion(exclusion: Exclusion) -> Facts:
    return {
        "product": exclusion.product,
        "source": exclusion.source,
        "reason": exclusion.reason,
        "since": exclusion.since,
    }


def of_seat(seat: Seat) -> Facts:
    """A seat. Its terms are those of the person's best claim, but for a held one, which may have none any more."""
    facts = {"user": seat.user_id, "product": seat.product, "state": seat.state.value, "since": seat.since}
    if seat.state is not SeatState.HELD:
        return facts
    terms = {
        "rank": seat.want.place.rank,
        "claimed": seat.want.place.since,
        "policy": seat.want.policy.value if seat.want.policy else None,
        "bond": seat.want.bond,
    }
    return {**facts, "due": seat.due, "heldFor": seat.held_for, **terms}


def of_subscription(subscription: Subscription) -> Facts:
    """What was bought; how many seats are taken follows from the seats."""
    return {"seats": subscription.seats, "policy": subscription.policy.value, "overage": subscription.overage}


def of_reservation(reservation: Reservation) -> Facts:
    return {"invitation": reservation.invitation_id, "product": reservation.product, "since": reservation.since}


def of_rule(rule: Rule) -> Facts:
    """A rule with its products."""
    return {
        "priority": rule.priority,
        "group": rule.group_name or None,
        "groupId": rule.group_id,
        "condition": rule.condition,
        "products": sorted(rule.products),
        "templates": dict(rule.templates),
        "role": rule.role,
        "roleGroups": list(rule.role_groups),
        "language": rule.language,
        "policy": rule.policy.value if rule.policy else None,
        "allOrNothing": rule.all_or_nothing,
        "mail": rule.mail,
        "enabled": rule.enabled,
        "created": rule.created,
    }


def of_template(template: Template) -> Facts:
    return {"product": template.product, "name": template.name, "values": dict(template.values)}


def of_mail_template(template: MailTemplate) -> Facts:
    return asdict(template)


def of_role(role: Role) -> Facts:
    """A role that the tenant made."""
    return {
        "name": role.name,
        "description": role.description,
        "permissions": sorted(role.permissions),
        "created": role.created,
    }


def of_grant(grant: Grant) -> Facts:
    return {
        "user": grant.user_id,
        "role": grant.role,
        "source": grant.source,
        "scope": list(grant.scope),
        "since": grant.since,
    }


def of_tenant(tenant: Tenant) -> Facts:
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "profile": tenant.profile,
        "switches": dict(tenant.switched),
        "settings": dict(tenant.settings.chosen),
        "created": tenant.created,
    }


def of_connection(connection: Connection) -> Facts:
    return {
        "name": connection.name,
        "idp": connection.idp,
        "managesEntitlements": connection.manages_entitlements,
        "wroteEntitlements": connection.wrote_entitlements,
        "maxRole": connection.max_role,
        "acceptsBasic": connection.accepts_basic,
        "acceptsRaw": connection.accepts_raw,
        "creatorOnly": connection.creator_only,
        "networks": list(connection.networks),
        "created": connection.created,
        "removed": connection.removed,
        "successor": connection.successor,
    }


def of_issuer(issuer: TrustedIssuer) -> Facts:
    """A foreign issuer that a connection trusts."""
    return {
        "connectionId": issuer.connection_id,
        "clientId": issuer.client_id,
        "name": issuer.name,
        "issuer": issuer.issuer,
        "audience": issuer.audience,
        "subject": issuer.subject,
        "claims": dict(issuer.claims),
        "jwksUri": issuer.jwks_uri,
        "scopes": sorted(issuer.scopes),
        "created": issuer.created,
    }


def of_sign_in_provider(provider: SignInProvider) -> Facts:
    """A provider that people sign in with, without the secret."""
    return {
        "issuer": provider.issuer,
        "clientId": provider.client_id,
        "claim": provider.claim.value,
        "created": provider.created,
    }


def of_webhook(webhook: Webhook) -> Facts:
    """A webhook, without its secrets."""
    return {
        "name": webhook.name,
        "url": webhook.url,
        "types": list(webhook.types),
        "created": webhook.created,
        "stopped": webhook.stopped and webhook.stopped.value,
        "overlaps": webhook.overlaps,
    }


def of_stream(stream: Stream) -> Facts:
    """A stream, without what its receiver is authorized by."""
    return {
        "name": stream.name,
        "delivery": stream.delivery.value,
        "url": stream.url,
        "authorized": stream.authorized,
        "audience": list(stream.audience),
        "owner": stream.owner,
        "created": stream.created,
        "form": stream.form.value,
        "requested": list(stream.requested),
        "filter": stream.filter,
        "description": stream.description,
        "status": stream.status.value,
        "reason": stream.reason,
        "byAdmin": stream.by_admin,
    }


def of_domain(domain: Domain) -> Facts:
    """A domain that the tenant says is its own. The proof is no secret: it is published."""
    return asdict(domain)


def of_token(token: Token | PersonToken | ApiToken) -> Facts:
    """A token of a connection, a person or the admin API, without its digest."""
    match token:
        case Token():
            owner: Facts = {"connectionId": token.connection_id, "scopes": sorted(token.scopes)}
        case PersonToken():
            owner = {"user": token.user_id}
        case ApiToken():
            owner = {"name": token.name, "scopes": sorted(token.scopes)}
    return {**owner, "created": token.created, "expires": token.expires, "revoked": token.revoked}


def of_invitation(invitation: Invitation) -> Facts:
    """An invitation without its link."""
    offer = invitation.offer
    return {
        "address": invitation.address,
        "state": invitation.state.value,
        "created": invitation.created,
        "expires": invitation.expires,
        "answered": invitation.answered,
        "products": list(offer.products),
        "role": offer.role,
        "first": offer.first,
        "last": offer.last,
        "user": invitation.user_id,
    }


def of_pending_add(pending: PendingAdd) -> Facts:
    """Somebody who waits to be added."""
    return {**pending.newcomer.facts(), "created": pending.created}


def of_oauth_client(client: OAuthClient) -> Facts:
    """A client of the authorization server; its keys are public ones."""
    return {
        "connectionId": client.connection_id,
        "name": client.name,
        "method": client.method.value,
        "scopes": sorted(client.scopes),
        "redirectUris": list(client.redirect_uris),
        "jwks": None if client.jwks is None else dict(client.jwks),
        "jwksUri": client.jwks_uri,
        "tokenSeconds": client.token_seconds,
        "dpop": client.dpop,
        "certificateBound": client.certificate_bound,
        "pkce": client.pkce,
        "created": client.created,
        "revoked": client.revoked,
    }


def of_client_secret(secret: ClientSecret) -> Facts:
    """A secret of such a client, without its digest."""
    return {
        "clientId": secret.client_id,
        "created": secret.created,
        "expires": secret.expires,
        "revoked": secret.revoked,
    }
