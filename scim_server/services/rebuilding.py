"""A tenant written anew into an empty store from what its audit trail says: what is derived is worked out again, and
secrets, which no trail holds, are lost."""

from collections import Counter
from collections.abc import Iterator, Mapping

from scim_server.domain import readings, recollections
from scim_server.domain.events import Cause
from scim_server.domain.products import Catalogue
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Claim, Policy, Seat, SeatState, Subscription
from scim_server.domain.sharing import Person
from scim_server.domain.tenants import ApiToken, PersonToken, Tenant, Token
from scim_server.domain.webhooks import Secrets
from scim_server.services import feeds
from scim_server.services.addressing import OWNED
from scim_server.services.ports import UnitOfWork, Units
from scim_server.services.replaying import Facts, State
from scim_server.services.settling import want_of
from scim_server.services.streaming import settle_told
from scim_server.services.webhook_signatures import new_secret

REBUILDING = Cause("system", "", "rebuild from the audit trail")


def rebuild(units: Units, state: State) -> Tenant:
    """Write a tenant as `replaying.replay` has it, in a store that has its products and no trace of it.

    Nobody's tokens open anything there, and no link of an invitation does: new ones must be issued. Nothing of an
    erased person can be rebuilt: raises KeyError where there is one.
    """
    ((tenant_id, facts),) = _of(state, "tenant")
    tenant = readings.tenant_of(tenant_id, facts)
    with units.operator() as operator:
        operator.add_tenant(tenant)
        operator.commit()
    with units.write(tenant, REBUILDING) as uow:
        _write_connections(uow, state)
        _write_people(uow, state)
        for stream in uow.streams.all():
            feeds.begin(uow, stream)
        _write_groups(uow, state)
        rules = _write_rulebook(uow, state)
        _write_invitations(uow, state)
        _write_ledger(uow, state, rules)
        uow.sessions.save(*(recollections.session_of(*each) for each in _of(state, "session")))
        uow.commit()
    return tenant


def _of(state: State, object_type: str) -> list[tuple[str, Facts]]:
    """The objects of one type with their ids, in order."""
    return sorted((object_id, facts) for (kind, object_id), facts in state.items() if kind == object_type)


def _write_connections(uow: UnitOfWork, state: State) -> None:
    for connection_id, facts in _of(state, "connection"):
        uow.connections.add(readings.connection_of(uow.tenant.id, connection_id, facts))
    for client_id, facts in _of(state, "oauth_client"):
        uow.oauth_clients.add(readings.oauth_client_of(uow.tenant.id, client_id, facts))
    for secret_id, facts in _of(state, "client_secret"):
        uow.oauth_clients.add_secret(readings.client_secret_of(uow.tenant.id, secret_id, facts, _lost(secret_id)))
    for issuer_id, facts in _of(state, "issuer"):
        uow.trusted_issuers.add(readings.issuer_of(uow.tenant.id, issuer_id, facts))
    for tenant_id, facts in _of(state, "sign_in_provider"):
        uow.sign_in_provider.put(readings.sign_in_provider_of(tenant_id, facts), _lost(tenant_id))
    for webhook_id, facts in _of(state, "webhook"):
        uow.webhooks.add(readings.webhook_of(webhook_id, facts), Secrets(new_secret()), 0)
    for stream_id, facts in _of(state, "stream"):
        uow.streams.add(readings.stream_of(stream_id, facts), None, 0)
    settle_told(uow)
    for _, facts in _of(state, "domain"):
        uow.domains.put(readings.domain_of(facts))


def _write_people(uow: UnitOfWork, state: State) -> None:
    for user_id, facts in _of(state, "user"):
        uow.users.add(recollections.user_of(user_id, facts))
        if facts[OWNED] is not None:
            uow.addresses.take({user_id: facts[OWNED]})
    for user_id, facts in _of(state, "tombstone"):
        uow.tombstones.add(readings.tombstone_of(user_id, facts))
    uow.receipts.add(*(readings.receipt_of(*each) for each in _of(state, "receipt")))
    for add_id, facts in _of(state, "add"):
        uow.pending_adds.put(readings.pending_add_of(add_id, facts))
    for token_id, facts in _of(state, "token"):
        match readings.token_of(uow.tenant.id, token_id, facts, _lost(token_id)):
            case Token() as token:
                uow.connections.add_token(token)
            case PersonToken() as persons:
                uow.person_tokens.add(persons)
            case ApiToken() as programs:
                uow.api_tokens.add(programs)


def _lost(object_id: str) -> str:
    """In place of a digest: nothing has it."""
    return f"lost {object_id}"


def _write_groups(uow: UnitOfWork, state: State) -> None:
    for group_id, facts in _of(state, "group"):
        uow.groups.add(recollections.group_of(group_id, facts))
    for group_id, facts in _of(state, "group"):
        uow.members.add(group_id, {each: _kind(state, each) for each in facts["members"]})
    for resource_id, facts in _of(state, "resource"):
        uow.resources.add(readings.resource_of(resource_id, facts))


def _kind(state: State, member_id: str) -> str:
    return "Group" if ("group", member_id) in state else "User"


def _write_rulebook(uow: UnitOfWork, state: State) -> dict[str, Rule]:
    for code, facts in _of(state, "role"):
        uow.roles.add(recollections.role_of(code, facts))
    for _, facts in _of(state, "template"):
        uow.templates.put(recollections.template_of(facts["product"], facts["name"], facts["values"]))
    for _, facts in _of(state, "mail_template"):
        uow.mail_templates.put(readings.mail_template_of(facts))
    rules = {rule_id: recollections.rule_of(rule_id, facts) for rule_id, facts in _of(state, "rule")}
    for rule in rules.values():
        uow.rules.add(rule)
    uow.grants.add([recollections.grant_of(facts) for _, facts in _of(state, "grant")])
    return rules


def _write_invitations(uow: UnitOfWork, state: State) -> None:
    for invitation_id, facts in _of(state, "invitation"):
        uow.invitations.add(readings.invitation_of(invitation_id, facts, _lost(invitation_id)))


def _write_ledger(uow: UnitOfWork, state: State, rules: Mapping[str, Rule]) -> None:
    subscriptions = {
        product: recollections.subscription_of(Subscription(product, 0), facts)
        for product, facts in _of(state, "subscription")
    }
    if subscriptions:
        uow.ledger.open(list(subscriptions))
    for each in subscriptions.values():
        uow.ledger.save_terms(each.product, each.seats, each.policy, each.overage)
    claims = _claims(state, rules)
    uow.ledger.add_claims(claims)
    for user_id, facts in _of(state, "claims"):
        uow.ledger.add_exclusions([recollections.exclusion_of(user_id, each) for each in facts["exclusions"]])
    seats = list(_seats(state, claims, rules, subscriptions, uow.products.catalogue()))
    uow.ledger.add_seats(seats)
    reservations = [readings.reservation_of(*each) for each in _of(state, "reservation")]
    uow.ledger.add_reservations(reservations)
    assigned = Counter(each.product for each in reservations) + Counter(seat.product for seat in seats if seat.counts)
    waiting = Counter(seat.product for seat in seats if not seat.counts)
    for product in subscriptions:
        uow.ledger.recount(product, assigned[product], waiting[product])


def _claims(state: State, rules: Mapping[str, Rule]) -> list[Claim]:
    priorities = {rule.id: rule.priority for rule in rules.values()}
    return [each for user_id, facts in _of(state, "claims") for each in readings.claims_of(user_id, facts, priorities)]


def _seats(
    state: State,
    claims: list[Claim],
    rules: Mapping[str, Rule],
    subscriptions: Mapping[str, Subscription],
    catalogue: Catalogue,
) -> Iterator[Seat]:
    """The seats on the terms of each person's best claim, bundles first: who waits for one may have a fallback."""
    people: dict[str, Person] = {}
    for claim in claims:
        _person(people, claim.user_id).claim(claim.product, want_of(claim, rules))
    seats = {(facts["product"], seat_id): facts for seat_id, facts in _of(state, "seat")}
    order = {product: place for place, product in enumerate(catalogue.bundles_first(catalogue.products))}
    for (product, seat_id), facts in sorted(seats.items(), key=lambda each: (order[each[0][0]], each[0][1])):
        person = _person(people, facts["user"])
        seat = readings.seat_of(seat_id, facts, person.wanted(product, catalogue))
        if seat.state is SeatState.WAITING and subscriptions[product].policy_for(seat.want) is Policy.DOWNGRADE:
            person.offer(catalogue.covers(product), seat.want)
        yield seat


def _person(people: dict[str, Person], user_id: str) -> Person:
    return people.setdefault(user_id, Person(user_id, True, {}, {}))
