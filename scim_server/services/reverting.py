"""How one change of a person, a group or what somebody was given is taken back, by the use cases that make such.

Every function runs inside the caller's transaction, under the tenant's guard held exclusively, and raises Obstructed
where the object has been changed since, or what the use case behind it raises.
"""

from collections.abc import Collection
from typing import Any

from scim_server.domain.errors import Missing
from scim_server.domain.facts import of_group, of_user
from scim_server.domain.recollections import claim_of, exclusion_of, grant_of, group_of, user_of
from scim_server.domain.reversals import Facts, Obstructed, reverse, without
from scim_server.domain.seats import BY_ADMIN, RULE, Claim, Exclusion
from scim_server.services import claim_records, entitling, granting, leaving, provisioning, taking_over
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.ports import UnitOfWork

MEMBERS = "members"
CLAIMS, EXCLUSIONS = claim_records.CLAIMS, claim_records.EXCLUSIONS


def revert_user(uow: UnitOfWork, entry: AuditEntry, given: Collection[AuditEntry] = ()) -> bool:
    """A person made, changed, deleted or brought back. Where somebody took over, the access of whoever did ends.

    Who was made is deleted with what the entries `given` say that they got at once, and nothing else.
    """
    present = uow.users.get(entry.object_id)
    facts = None if present is None else of_user(present)
    wanted = reverse(entry.before, entry.after, facts)
    if present is None:
        return _bring_back(uow, entry)
    if wanted is None:
        _refuse_what_hangs_on(uow, entry.object_id, given)
        leaver = provisioning.lock_leaver(uow, entry.object_id)
        assert leaver is not None, "the person is locked"
        provisioning.delete_user(uow, leaver)
        return True
    becomes = user_of(entry.object_id, wanted)
    if (becomes.user_name, becomes.address) != (present.user_name, present.address):
        granting.check_outranked(uow, present)
    after = provisioning.change_user(uow, present, becomes)
    if after != present and taking_over.was_taken_over(uow, present.id, entry.request_id):
        taking_over.end_access(uow, present, after)
    return after != present


def _bring_back(uow: UnitOfWork, entry: AuditEntry) -> bool:
    kept = [each for each in uow.tombstones.called(entry.object_id) if each.user.id == entry.object_id]
    if not kept:
        raise Missing(f"Who was deleted is not kept any more: '{(entry.before or {}).get('userName')}'.")
    leaving.bring_back(uow, kept[0])
    return True


def _refuse_what_hangs_on(uow: UnitOfWork, user_id: str, given: Collection[AuditEntry]) -> None:
    """Somebody who was made is not deleted with what they were given since."""
    at_once = {key for each in given for key in _claims(user_id, each.after)}
    granted = {each.object_id for each in given if each.object_type == "grant"}
    claims = [claim for claim in uow.ledger.claims([user_id]) if not claim.is_derived]
    grants = [grant for grant in uow.grants.of([user_id]) if grant.source == BY_ADMIN]
    hanging = {
        "groups": uow.members.groups_of(user_id),
        "claims": [claim for claim in claims if (claim.product, claim.source) not in at_once],
        "roles": [grant for grant in grants if "/".join(grant.key) not in granted],
        "sessions": uow.sessions.upcoming(user_id, uow.now),
    }
    if any(hanging.values()):
        raise Obstructed(tuple(name for name, found in hanging.items() if found))


def revert_group(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A group made, changed or deleted, and its members by the difference."""
    then, left = without(entry.before, MEMBERS), without(entry.after, MEMBERS)
    gone, come = _elements(entry.before, MEMBERS), _elements(entry.after, MEMBERS)
    present = provisioning.lock_group(uow, entry.object_id)
    wanted = reverse(then, left, None if present is None else of_group(present))
    if wanted is None:
        return _remove_group(uow, entry.object_id, come)
    made = group_of(entry.object_id, wanted)
    group = present or provisioning.restore_group(uow, made)
    there = uow.members.present(group.id, [*gone, *come])
    kinds = uow.members.kinds([each for each in gone if each not in there])
    removed = {member: there[member] for member in come if member in there}
    after = provisioning.change_group(uow, group, group if present is None else made, added=kinds, removed=removed)
    return present is None or after != present


def _remove_group(uow: UnitOfWork, group_id: str, come: list[str]) -> bool:
    group = uow.groups.get(group_id)
    assert group is not None, "the group is locked"
    if set(uow.members.of(group_id)) - set(come):
        raise Obstructed((MEMBERS,))
    provisioning.delete_group(uow, group)
    return True


def revert_claims(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """What somebody was given or kept out of by hand; what follows from rules and entitlements follows again."""
    user = uow.users.get(entry.object_id)
    if user is None:
        raise Obstructed
    before = _decided(uow, user.id)
    if not (_revert_exclusions(uow, entry) | _revert_claims(uow, entry)):
        return False
    provisioning.claim_entitlements(uow, [user])
    entitling.refresh(uow, {user.id: user.may_hold})
    return _decided(uow, user.id) != before  # what kept out of a rule that is not met any more has lapsed again


def _decided(uow: UnitOfWork, user_id: str) -> tuple[set[Claim], set[Exclusion]]:
    """What was given or kept away by hand."""
    return set(filter(_is_fact, uow.ledger.claims([user_id]))), set(uow.ledger.exclusions([user_id]))


def _revert_claims(uow: UnitOfWork, entry: AuditEntry) -> bool:
    gone, come = (_claims(entry.object_id, side) for side in (entry.before, entry.after))
    present = {(claim.product, claim.source): claim for claim in uow.ledger.claims([entry.object_id])}
    ended = [present[key] for key, claim in come.items() if key in present.keys() - gone.keys() and _is_fact(claim)]
    begun = [claim for key, claim in gone.items() if key not in present]
    claim_records.end_claims(uow, ended)
    claim_records.begin_claims(uow, begun)
    return bool(ended or begun)


def _claims(user_id: str, side: Facts | None) -> dict[tuple[str, str], Claim]:
    """Claims by hand, and those by entitlements: these keep their time if they are to be there again."""
    found = [claim_of(user_id, facts) for facts in _elements(side, CLAIMS)]
    return {(claim.product, claim.source): claim for claim in found if not claim.source.startswith(RULE)}


def _is_fact(claim: Claim) -> bool:
    return not claim.is_derived


def _revert_exclusions(uow: UnitOfWork, entry: AuditEntry) -> bool:
    gone, come = (_exclusions(entry.object_id, side) for side in (entry.before, entry.after))
    present = {(each.product, each.source): each for each in uow.ledger.exclusions([entry.object_id])}
    ended = [present[key] for key in come.keys() - gone.keys() if key in present]
    begun = [each for key, each in gone.items() if key not in present]
    claim_records.end_exclusions(uow, ended)
    claim_records.begin_exclusions(uow, begun)
    return bool(ended or begun)


def _exclusions(user_id: str, side: Facts | None) -> dict[tuple[str, str], Exclusion]:
    found = [exclusion_of(user_id, facts) for facts in _elements(side, EXCLUSIONS)]
    return {(each.product, each.source): each for each in found}


def revert_grant(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A role given or taken by hand."""
    user_id, role, source = entry.object_id.split("/")
    held = next((each for each in uow.grants.of([user_id]) if each.key == (user_id, role, source)), None)
    was = None if entry.before is None else grant_of(entry.before)
    if (held and held.scope) == (was and was.scope):
        return False
    if was is None:
        granting.revoke_by_hand(uow, user_id, role)
    else:
        granting.grant_by_hand(uow, user_id, role, was.scope)
    return True


def is_by_hand(entry: AuditEntry) -> bool:
    """Whether an entry of claims says of any that was given, or of anything that was kept, by hand."""
    return any(
        any(map(_is_fact, _claims(entry.object_id, side).values())) or _exclusions(entry.object_id, side)
        for side in (entry.before, entry.after)
    )


def _elements(facts: Facts | None, name: str) -> list[Any]:
    return list((facts or {}).get(name, ()))
