"""All that is stored of a tenant, object by object, in the words of the audit trail."""

import json
from collections.abc import Iterable, Iterator

from scim_server.domain import facts
from scim_server.domain.tenants import ApiToken, PersonToken, Tenant, Token
from scim_server.services.addressing import OWNED
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.replaying import Facts, Key, State, differences, replay

Item = tuple[Key, Facts]


def compare(units: Units, tenant: Tenant) -> list[str]:
    """Where the tenant's audit trail and what is stored are not the same, one sentence each.

    Exact only while nobody writes: one is read after the other. Holds all of the tenant in memory.
    """
    with units.read(tenant) as uow:
        return differences(replay(uow.trail.in_order()), stock(uow))


def stock(uow: UnitOfWork) -> State:
    """Every object that the trail keeps, as it is stored."""
    items = [*_people(uow), *_groups(uow), *_ledger(uow), *_rulebook(uow), *_outside(uow)]
    return {key: json.loads(json.dumps(each)) for key, each in items}


def _people(uow: UnitOfWork) -> Iterator[Item]:
    owned = {owner: key for key, owner in uow.addresses.owners().items()}
    for user in uow.users.all():
        yield ("user", user.id), {**facts.of_user(user), OWNED: owned.get(user.id)}
    for tombstone in uow.tombstones.all():
        yield ("tombstone", tombstone.user.id), facts.of_tombstone(tombstone)
    for receipt in uow.receipts.all():
        yield ("receipt", receipt.id), facts.of_receipt(receipt)
    for pending in uow.pending_adds.all():
        yield ("add", pending.id), facts.of_pending_add(pending)


def _groups(uow: UnitOfWork) -> Iterator[Item]:
    members = uow.inventory.members()
    for group in uow.inventory.groups():
        yield ("group", group.id), {**facts.of_group(group), "members": members.get(group.id, [])}
    for resource in uow.inventory.resources():
        yield ("resource", resource.id), facts.of_resource(resource)


def _ledger(uow: UnitOfWork) -> Iterator[Item]:
    ids = uow.users.ids()
    yield from _claims(uow, ids)
    for seat in uow.ledger.seats(ids):
        yield ("seat", seat.id), facts.of_seat(seat)
    for subscription in uow.ledger.subscriptions():
        yield ("subscription", subscription.product), facts.of_subscription(subscription)
    for reservation in uow.ledger.reservations():
        yield ("reservation", reservation.id), facts.of_reservation(reservation)
    for grant in uow.grants.of(ids):
        yield ("grant", "/".join(grant.key)), facts.of_grant(grant)


def _claims(uow: UnitOfWork, ids: Iterable[str]) -> Iterator[Item]:
    people = list(ids)
    sets: dict[str, dict[str, list[facts.Facts]]] = {}
    for claim in uow.ledger.claims(people):
        sets.setdefault(claim.user_id, {}).setdefault("claims", []).append(facts.of_claim(claim))
    for each in uow.ledger.exclusions(people):
        sets.setdefault(each.user_id, {}).setdefault("exclusions", []).append(facts.of_exclusion(each))
    for user_id, found in sets.items():
        yield ("claims", user_id), {"claims": [], "exclusions": [], **found}


def _rulebook(uow: UnitOfWork) -> Iterator[Item]:
    for rule in uow.rules.all():
        yield ("rule", rule.id), facts.of_rule(rule)
    for template in uow.templates.all():
        yield ("template", f"{template.product}/{template.name}"), facts.of_template(template)
    for text in uow.mail_templates.all():
        yield ("mail_template", f"{text.name}/{text.language}"), facts.of_mail_template(text)
    for role in uow.roles.all().custom:
        yield ("role", role.code), facts.of_role(role)


def _places(uow: UnitOfWork, tenant: Tenant) -> Iterator[Item]:
    """Where the tenant's people sign in, its events go, and its addresses lie."""
    provider = uow.sign_in_provider.get()
    if provider is not None:
        yield ("sign_in_provider", tenant.id), facts.of_sign_in_provider(provider)
    for webhook in uow.webhooks.all():
        yield ("webhook", webhook.id), facts.of_webhook(webhook)
    for stream in uow.streams.all():
        yield ("stream", stream.id), facts.of_stream(stream)
    for domain in uow.domains.all():
        yield ("domain", domain.name), facts.of_domain(domain)


def _outside(uow: UnitOfWork) -> Iterator[Item]:
    tenant = uow.inventory.tenant()
    yield ("tenant", tenant.id), facts.of_tenant(tenant)
    for connection in uow.connections.ever():
        yield ("connection", connection.id), facts.of_connection(connection)
    for issuer in uow.trusted_issuers.all():
        yield ("issuer", issuer.id), facts.of_issuer(issuer)
    yield from _places(uow, tenant)
    tokens: list[Token | PersonToken | ApiToken] = [*uow.inventory.tokens(), *uow.inventory.person_tokens()]
    for token in [*tokens, *uow.api_tokens.all()]:
        yield ("token", token.id), facts.of_token(token)
    for client in uow.oauth_clients.all():
        yield ("oauth_client", client.id), facts.of_oauth_client(client)
    for secret in uow.oauth_clients.all_secrets():
        yield ("client_secret", secret.id), facts.of_client_secret(secret)
    for invitation in uow.invitations.all():
        yield ("invitation", invitation.id), facts.of_invitation(invitation)
    for session in uow.sessions.visible(None):
        yield ("session", session.id), session.facts
