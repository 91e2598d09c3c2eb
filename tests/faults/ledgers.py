"""Faults of the ledger: of seats, claims, roles, addresses and the audit trail, each with the tests that must fail.

Unlike the others they are none of the conformance suite, which knows no seats: `tests/http/test_ledger_faults.py`
plants each and runs the tests that it names.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import select, update

from scim_server.domain.directory import User
from scim_server.domain.seats import RULE, Seat, SeatState, Subscription, Want
from scim_server.domain.sharing import Line, Person
from scim_server.services import audit_chains, entitling, granting, handing, provisioning, rule_changes, settling
from scim_server.services.guarding import Guard
from scim_server.services.opening import lock_subscriptions
from scim_server.services.settling import Settlement
from scim_server.store import ledgers, outboxes
from scim_server.store.grants import Grants
from scim_server.store.ledgers import Ledger
from scim_server.store.people import Addresses
from scim_server.store.tables import subscriptions
from scim_server.store.unit_of_work import UnitOfWork
from tests import databases
from tests.faults.catalogue import Patch, Plant
from tests.faults.mutations import replace_function, wrap_method

PATIENCE = 5.0
"""Seconds that one of two transactions waits for the other to come as far."""


@dataclass(frozen=True)
class LedgerFault:
    """One thing broken; `says` tells what the server then does.

    `caught_by` are the tests that must fail, each as `seats.a_joiner_...`: the module and the name without `test_`.
    """

    name: str
    says: str
    plant: Plant
    caught_by: tuple[str, ...]
    databases: tuple[str, ...]


FAULTS: list[LedgerFault] = []


def fault(says: str, *caught_by: str, on: tuple[str, ...] = databases.KINDS) -> Callable[[Plant], Plant]:
    """Register the decorated function, which plants the fault."""

    def decorate(plant: Plant) -> Plant:
        FAULTS.append(LedgerFault(plant.__name__, says, plant, caught_by, on))
        return plant

    return decorate


def _ignore(*_: Any, **__: Any) -> None:
    """In the place of a method that does something."""


def _during(patch: Patch, function: Any, owner: Any, name: str, replacement: Any) -> None:
    """While `function` runs, and only then, `replacement` stands for an attribute of a module or class."""

    def run(*given: Any, **named: Any) -> Any:
        with pytest.MonkeyPatch.context() as meanwhile:
            meanwhile.setattr(owner, name, replacement)
            return function(*given, **named)

    replace_function(patch, function, run)


def _meet(meeting: Barrier) -> None:
    """Wait until both are here; whoever comes later, or alone, goes on."""
    try:
        meeting.wait(PATIENCE)
    except BrokenBarrierError:
        return


# Counting


@fault(
    "Seats are counted first and taken afterwards, without a lock or a condition in between.",
    "pairs.of_two_who_want_the_last_seat_one_waits",
    on=("postgresql",),
)
def counts_then_inserts(patch: Patch) -> None:
    meeting = Barrier(2)
    patch.setattr(ledgers, "_LOCK", ledgers._LOCK.with_for_update(read=True, key_share=True))

    def count(ledger: Ledger, product: str, assigned: int, waiting: int) -> None:
        mine = (subscriptions.c.tenant_id == ledger.scope.tenant_id, subscriptions.c.product == product)
        found = ledger.scope.row(select(subscriptions).where(*mine))
        assert found is not None
        if assigned > 0:
            _meet(meeting)
        counted = {"assigned": found["assigned"] + assigned, "waiting": found["waiting"] + waiting}
        ledger.scope.run(update(subscriptions).where(*mine).values(counted))

    patch.setattr(Ledger, "count", count)


@fault(
    "What was counted at the first request is taken for true ever after.",
    "seats.the_one_beyond_the_last_seat_waits_and_moves_up_when_somebody_leaves",
)
def counts_once(patch: Patch) -> None:
    known: dict[str, Subscription] = {}

    def lock(original: Any, ledger: Ledger, products: Any) -> dict[str, Subscription]:
        found: dict[str, Subscription] = original(ledger, products)
        return {product: known.setdefault(product, each) for product, each in found.items()}

    wrap_method(patch, Ledger, "lock", lock)


@fault(
    "A seat that goes is not counted as free.",
    "seats.the_last_claim_takes_the_seat_along",
    "leavers.a_leaver_frees_seat_name_and_address_at_once",
)
def leaks_seats(patch: Patch) -> None:
    def count(original: Any, ledger: Ledger, product: str, assigned: int, waiting: int) -> None:
        original(ledger, product, max(0, assigned), waiting)

    wrap_method(patch, Ledger, "count", count)


@fault(
    "The allowance beyond what was bought is never used.",
    "policies.overage_assigns_up_to_the_allowance_and_says_so",
)
def ignores_overage(patch: Patch) -> None:
    patch.setattr(Subscription, "limit", lambda subscription, _: subscription.seats)


@fault(
    "A product that a bundle includes takes a seat of its own.",
    "bundles.a_covered_product_takes_no_seat",
    "bundles.a_gained_bundle_releases_the_included_seat_to_the_queue",
)
def counts_cover_twice(patch: Patch) -> None:
    patch.setattr(Person, "is_covered", lambda *_: False)


@fault(
    "A seat kept for somebody who is invited counts as free.",
    "invitations.a_reservation_counts_as_assigned_and_goes_to_the_next_when_declined",
    "invitations.a_reserved_seat_is_there_at_a_full_pool",
)
def reservations_uncounted(patch: Patch) -> None:
    _during(patch, entitling.reserve, Ledger, "count", _ignore)


# The queue


def _queue_in(patch: Patch, order: Callable[[list[Seat]], list[Seat]]) -> None:
    patch.setattr(Ledger, "queue", lambda ledger, subscription: order(ledger.waiting(subscription.product)))
    patch.setattr(Line, "in_order", lambda line: [*line.first, *line.queue, *line.newcomers])


@fault(
    "Who came last is promoted first.",
    "seats.bought_seats_go_to_the_queue_in_the_order_of_joining",
    "seats.who_returns_queues_behind_those_who_waited",
)
def promotes_in_reverse(patch: Patch) -> None:
    _queue_in(patch, lambda queue: queue[::-1])


@fault(
    "People are promoted in the order of their seats' ids, whatever claims they have.",
    "seats.rules_queue_by_priority_before_time",
    "seats.a_direct_claim_stands_before_those_of_rules_however_old",
    "seats.a_second_better_claim_moves_a_waiting_person_up",
)
def promotes_without_order(patch: Patch) -> None:
    _queue_in(patch, lambda queue: sorted(queue, key=lambda seat: seat.id))


@fault(
    "Nobody is promoted.",
    "seats.the_one_beyond_the_last_seat_waits_and_moves_up_when_somebody_leaves",
    "seats.bought_seats_go_to_the_queue_in_the_order_of_joining",
)
def promotes_nobody(patch: Patch) -> None:
    patch.setattr(Ledger, "queue", lambda *_: [])


@fault("Who comes back has the place of before.", "seats.who_returns_queues_behind_those_who_waited")
def returns_to_the_old_place(patch: Patch) -> None:
    patch.setattr(Ledger, "restart_claims", _ignore)


@fault("All-or-nothing rules give what there is.", "shared_terms.all_or_nothing_gives_both_or_none")
def gives_parts(patch: Patch) -> None:
    patch.setattr(settling.Bonds, "may_take", lambda *_: True)


# Paths past the allocator


@fault(
    "Joiners get their seats without the allocator.",
    "seats.a_joiner_with_an_entitlement_gets_a_seat",
    "seats.the_one_beyond_the_last_seat_waits_and_moves_up_when_somebody_leaves",
    "bundles.a_covered_product_takes_no_seat",
)
def joiners_bypass_the_allocator(patch: Patch) -> None:
    _during(patch, provisioning.create_user, entitling, "refresh", _insert_seats)


@fault("Products given by hand come without the allocator.", "returns.what_was_given_by_hand_and_a_block_return")
def gifts_bypass_the_allocator(patch: Patch) -> None:
    _during(patch, handing.give, entitling, "refresh", _insert_seats)


def _insert_seats(uow: UnitOfWork, may_hold: Mapping[str, bool], **_: bool) -> None:
    for claim in uow.ledger.claims(may_hold.keys()):
        if not uow.ledger.seats([claim.user_id], [claim.product]):
            lock_subscriptions(uow, [claim.product], [claim.product])
            want, new_id = Want(claim.place), uow.new_id()
            uow.ledger.add_seats([Seat(new_id, claim.user_id, claim.product, SeatState.ASSIGNED, uow.now, want)])


# Leavers, and the guard


@fault(
    "Who leaves a group keeps what its rules gave.",
    "rules.whoever_joins_gets_and_whoever_leaves_loses",
    "rules.a_deleted_group_releases_its_seats_and_leaves_an_orphan_rule",
)
def claims_outlast_membership(patch: Patch) -> None:
    def drop(original: Any, ledger: Ledger, gone: Any) -> None:
        original(ledger, [claim for claim in gone if not claim.source.startswith(RULE)])

    wrap_method(patch, Ledger, "drop_claims", drop)


@fault(
    "Who is suspended keeps the seat.",
    "seats.a_suspended_person_holds_nothing_and_keeps_claims_and_memberships",
    "bundles.a_suspended_holder_of_a_bundle_takes_no_included_seat",
)
def suspension_keeps_seats(patch: Patch) -> None:
    patch.setattr(User, "may_hold", property(lambda user: user.blocked_for is None))


def _unguarded(patch: Patch, function: Any) -> None:
    original = entitling.refresh

    def refresh(uow: UnitOfWork, may_hold: Mapping[str, bool], **_: bool) -> None:
        original(uow, may_hold)

    _during(patch, function, entitling, "refresh", refresh)


@fault("No guard over the deletion of groups.", "guard.a_held_seat_says_when_it_goes_and_which_request_took_it")
def group_deletion_unguarded(patch: Patch) -> None:
    _unguarded(patch, provisioning.delete_group)


@fault(
    "No guard over changes of members.",
    "guard.an_emptied_group_is_empty_at_once_and_most_seats_are_held",
    "guard.removals_one_by_one_count_together_within_the_window",
)
def members_unguarded(patch: Patch) -> None:
    _unguarded(patch, provisioning.change_group)


@fault("No guard over the deletion of rules.", "guard.a_rule_that_ends_holds_most_seats_too[way=delete]")
def rule_deletion_unguarded(patch: Patch) -> None:
    _unguarded(patch, rule_changes.remove)


@fault("No guard over the end of a rule that is disabled.", "guard.a_rule_that_ends_holds_most_seats_too[way=disable]")
def rule_change_unguarded(patch: Patch) -> None:
    _unguarded(patch, rule_changes.change)


@fault(
    "The guard forgets what went a moment ago.",
    "guard.removals_one_by_one_count_together_within_the_window",
)
def guard_forgets(patch: Patch) -> None:
    patch.setattr(Ledger, "guarded_releases", lambda *_: 0)


@fault("A held seat goes with the next change.", "guard.a_held_seat_outlasts_what_else_happens_to_the_person")
def held_seats_go_at_once(patch: Patch) -> None:
    patch.setattr(Settlement, "_stays_held", lambda *_: False)


@fault(
    "A held seat outlasts suspension and deletion.",
    "guard.a_leaver_is_never_held_and_ends_a_held_seat_at_once[way=suspend]",
)
def held_seats_outlast_their_holders(patch: Patch) -> None:
    patch.setattr(Settlement, "_stays_held", lambda _, seat: seat.state is SeatState.HELD)


@fault("Whatever too many would lose is released.", "guard.an_emptied_group_is_empty_at_once_and_most_seats_are_held")
def guard_holds_nothing(patch: Patch) -> None:
    patch.setattr(Guard, "hold", lambda *_: [])


# Transfers and exclusions


@fault(
    "A transfer releases the giver's seat, which goes to who waits, before it looks at the receiver.",
    "transfers.a_seat_moves_at_0_free_past_everybody_who_waits",
    "transfers.a_seat_by_a_rule_moves_past_a_direct_claim_that_waits",
)
def transfers_release_first(patch: Patch) -> None:
    class Apart(Settlement):
        """Settles the giver alone, and the receiver, an heir of nothing any more, afterwards."""

        def settle(self, may_hold: Mapping[str, bool]) -> None:
            givers = {user_id for user_id, _ in self.ended}
            for of_givers in (True, False):
                some = {each: allowed for each, allowed in may_hold.items() if (each in givers) is of_givers}
                Settlement(self.uow, self.rules, ended=self.ended, returned=Counter()).settle(some)

    _during(patch, entitling.hand_over, entitling, "Settlement", Apart)


@fault(
    "Entitlements and rules give back what somebody gave away.",
    "transfers.the_seat_does_not_come_back_when_the_client_sends_the_giver_again",
    "transfers.a_rule_gives_the_giver_nothing_until_that_membership_ends_and_returns",
)
def exclusions_ignored(patch: Patch) -> None:
    patch.setattr(Ledger, "exclusions", lambda *_: [])


@fault(
    "An exclusion outlasts the membership it was from.",
    "transfers.a_rule_gives_the_giver_nothing_until_that_membership_ends_and_returns",
)
def exclusions_last(patch: Patch) -> None:
    patch.setattr(Ledger, "drop_exclusions", _ignore)


# Roles, addresses, the audit trail


@fault(
    "Whether a super admin is left is looked at without a lock.",
    "pairs.of_two_super_admins_who_are_demoted_one_stays",
    on=("postgresql",),
)
def super_admins_unlocked(patch: Patch) -> None:
    meeting = Barrier(2)
    patch.setattr(Grants, "lock", _ignore)

    def keep(original: Any, uow: UnitOfWork, ended: Collection[Any], sparing: Collection[str]) -> None:
        original(uow, ended, sparing)
        if ended:
            _meet(meeting)

    wrap_method(patch, granting, "_keep_one_super_admin", keep)


@fault("Nobody asks at a deletion whether a super admin is left.", "grants.the_refusal_says_what_to_do")
def deletion_spares_nobody(patch: Patch) -> None:
    def end(uow: UnitOfWork, user_id: str) -> None:
        granting.replace_grants(uow, uow.grants.of([user_id]), [])

    replace_function(patch, granting.end_grants, end)


@fault(
    "An address is not free when its owner is gone.",
    "leavers.a_leaver_frees_seat_name_and_address_at_once",
    "addresses.the_issue_closes_when_the_address_is_free_and_the_request_then_succeeds",
)
def addresses_kept(patch: Patch) -> None:
    patch.setattr(Addresses, "leave", _ignore)


@fault("Deletions are not in the audit trail.", "audit.a_request_leaves_one_entry_per_object_tied_by_its_id")
def deletions_unrecorded(patch: Patch) -> None:
    def record(original: Any, uow: UnitOfWork, change: Any) -> None:
        if change.action != "user.deleted":
            original(uow, change)

    wrap_method(patch, UnitOfWork, "record", record)


@fault("The hash of an entry is over that entry alone.", "audit_trail.a_hash_is_over_every_entry_before_it")
def hashes_unchained(patch: Patch) -> None:
    def link(_: str, entry: Mapping[str, Any]) -> str:
        return sha256(audit_chains.canonical(entry)).hexdigest()

    replace_function(patch, audit_chains.link, link)


@fault("Events of one user share a number.", "audit.events_of_a_user_are_numbered_in_order_without_gaps")
def events_unnumbered(patch: Patch) -> None:
    patch.setattr(outboxes, "_PUBLISH", outboxes.publishing(0))
    patch.setattr(outboxes, "_numbers", lambda _scope, counts: dict.fromkeys(counts, repeat(1)))
