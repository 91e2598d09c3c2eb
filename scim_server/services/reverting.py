"""How one change of each kind of object is taken back, through the use cases that make such changes.

Every function runs inside the caller's transaction, under the tenant's guard held exclusively, and raises Obstructed
where the object has been changed since, or what the use case behind it raises.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.events import Change
from scim_server.domain.facts import (
    of_connection,
    of_group,
    of_mail_template,
    of_role,
    of_rule,
    of_subscription,
    of_template,
    of_tenant,
    of_user,
)
from scim_server.domain.notices import MailTemplate
from scim_server.domain.recollections import (
    claim_of,
    exclusion_of,
    grant_of,
    group_of,
    role_of,
    rule_of,
    session_of,
    subscription_of,
    template_of,
    user_of,
)
from scim_server.domain.resources import Resource
from scim_server.domain.reversals import Obstructed, reverse
from scim_server.domain.rules import Rule
from scim_server.domain.seats import BY_ADMIN, RULE, Claim, Exclusion
from scim_server.services import (
    authorising,
    claim_records,
    connecting,
    entitling,
    granting,
    keeping,
    leaving,
    provisioning,
    rule_changes,
    subscribing,
    taking_over,
    templating,
    wording,
)
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.ports import UnitOfWork

Facts = Mapping[str, Any]

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
    kept = [each for each in uow.tombstones.all() if each.user.id == entry.object_id]
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
    then, left = _without(entry.before, MEMBERS), _without(entry.after, MEMBERS)
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
    changed = _revert_exclusions(uow, entry) | _revert_claims(uow, entry)
    if changed:
        provisioning.claim_entitlements(uow, [user])
        entitling.refresh(uow, {user.id: user.may_hold})
    return changed


def _revert_claims(uow: UnitOfWork, entry: AuditEntry) -> bool:
    gone, come = (_claims(entry.object_id, side) for side in (entry.before, entry.after))
    present = {(claim.product, claim.source): claim for claim in uow.ledger.claims([entry.object_id])}
    ended = [present[key] for key, claim in come.items() if key in present.keys() - gone.keys() and _is_fact(claim)]
    begun = [claim for key, claim in gone.items() if key not in present]
    claim_records.end_claims(uow, ended)
    claim_records.begin_claims(uow, begun)
    return any(map(_is_fact, (*ended, *begun)))


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


def revert_rules(uow: UnitOfWork, entries: list[AuditEntry]) -> bool:
    """Rules made, changed, deleted or reordered, all at once: each has its place among the others."""
    present = {rule.id: rule for rule in uow.rules.all()}
    wanted: dict[str, Rule | None] = {}
    for entry in entries:
        rule = wanted.get(entry.object_id, present.get(entry.object_id))
        facts = reverse(entry.before, entry.after, None if rule is None else of_rule(rule), frozenset({"created"}))
        wanted[entry.object_id] = None if facts is None else rule_of(entry.object_id, facts)
    return rule_changes.bring(uow, wanted)


def revert_subscription(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """Seats bought or given back, and the policy of a subscription."""
    present = next((each for each in uow.ledger.subscriptions() if each.product == entry.object_id), None)
    if present is None:
        raise Obstructed
    facts = reverse(entry.before or _NOTHING_BOUGHT, entry.after, of_subscription(present))
    assert facts is not None, "a subscription stays, if only with no seats"
    wanted = subscription_of(present, facts)
    subscribing.change_terms(uow, wanted.product, wanted.seats, wanted.policy, wanted.overage)
    return wanted != present


_NOTHING_BOUGHT: Facts = {"seats": 0, "policy": "wait", "overage": 0}


def revert_template(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A template of settings."""
    product, _, name = entry.object_id.partition("/")
    present = next((each for each in uow.templates.all() if (each.product, each.name) == (product, name)), None)
    facts = reverse(entry.before, entry.after, None if present is None else of_template(present))
    wanted = None if facts is None else template_of(product, name, facts["values"])
    if wanted is not None:
        uow.templates.put(wanted)
        templating.record_template(uow, "template.changed" if present else "template.created", present, wanted)
    elif present is not None:
        templating.remove_template(uow, present)
    return wanted != present


def revert_mail_template(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A text of the tenant's mails."""
    key = tuple(entry.object_id.split("/"))
    present = next((each for each in uow.mail_templates.all() if (each.name, each.language) == key), None)
    facts = reverse(entry.before, entry.after, None if present is None else of_mail_template(present))
    wanted = None if facts is None else MailTemplate(**facts)
    wording.keep_wording(uow, present, wanted)
    return wanted != present


def revert_role(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A custom role made or deleted; its grants do not return by this, but by their own entries."""
    present = uow.roles.all().by_code.get(entry.object_id)
    facts = reverse(entry.before, entry.after, None if present is None else of_role(present), frozenset({"created"}))
    if facts is None:
        authorising.remove_role(uow, entry.object_id)
    else:
        authorising.add_role(uow, role_of(entry.object_id, facts))
    return True


def revert_session(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A meeting, webinar or training registered, handed over or cancelled."""
    present = next(iter(uow.sessions.visible_among(None, [entry.object_id])), None)
    facts = reverse(entry.before, entry.after, None if present is None else present.facts)
    wanted = None if facts is None else session_of(entry.object_id, facts)
    if wanted is None:
        uow.sessions.remove([entry.object_id])
    else:
        if wanted.organiser is None or not uow.users.lock([wanted.organiser]):
            raise Missing(f"Nobody organises the session '{wanted.title}' any more: its organiser has gone.")
        if uow.sessions.taking_recordings([wanted]):
            raise Taken(f"The id of the session '{wanted.title}' is in use meanwhile: it does not come back under it.")
        uow.sessions.save(wanted)
    action = "session.cancelled" if wanted is None else "session.registered"
    sides = [None if each is None else each.facts for each in (present, wanted)]
    uow.record(Change("session", entry.object_id, action, *sides))
    return wanted != present


def revert_tenant(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """The tenant's name, profile, switches or settings."""
    present = uow.inventory.tenant()
    now, then, left = (_settings_apart(each) for each in (of_tenant(present), entry.before or {}, entry.after or {}))
    facts = _settings_together(reverse(then, left, now) or {})
    wanted = replace(
        present,
        name=facts["name"],
        profile=facts["profile"],
        switched=tuple(sorted(facts["switches"].items())),
        settings=replace(present.settings, chosen=tuple(sorted(facts["settings"].items()))),
    )
    if wanted == present:
        return False
    uow.save_tenant(wanted)
    uow.record(Change("tenant", present.id, "tenant.changed", of_tenant(present), of_tenant(wanted)))
    return True


def revert_connection(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """What a connection is called and may do; one that was made stays, for its tokens and what it made."""
    if entry.before is None:
        raise Invalid("A connection that was made stays: revoke its tokens, and it can do nothing.")
    present = next((each for each in uow.connections.all() if each.id == entry.object_id), None)
    facts = reverse(entry.before, entry.after, None if present is None else of_connection(present))
    assert present is not None, "a connection is never removed"
    assert facts is not None, "it was there before the change"
    wanted = replace(
        present,
        name=facts["name"],
        idp=facts["idp"],
        manages_entitlements=facts["managesEntitlements"],
        max_role=facts["maxRole"],
    )
    if wanted != present:
        connecting.keep_connection(uow, present, wanted)
    return wanted != present


def revert_resource(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A resource of a custom schema changed; one that is gone does not come back under its id."""
    meta = (entry.after or entry.before or {})["meta"]
    present = uow.resources.get(meta["resourceType"], entry.object_id)
    facts = None if present is None else present.document
    wanted = reverse(_without(entry.before, "meta"), _without(entry.after, "meta"), facts)
    if present is None:
        raise Missing("A resource that was deleted does not come back under its id: create it anew.")
    if wanted is None:
        keeping.delete_resource(uow, present)
        return True
    return _changed(uow, present, wanted)


def _changed(uow: UnitOfWork, present: Resource, wanted: Facts) -> bool:
    document = {name: value for name, value in wanted.items() if value is not None}
    return keeping.change_resource(uow, present, document) != present


def is_by_hand(entry: AuditEntry) -> bool:
    """Whether an entry of claims says of any that was given, or of anything that was kept, by hand."""
    return any(
        any(map(_is_fact, _claims(entry.object_id, side).values())) or _exclusions(entry.object_id, side)
        for side in (entry.before, entry.after)
    )


def _without(facts: Facts | None, name: str) -> Facts | None:
    return None if facts is None else {key: value for key, value in facts.items() if key != name}


def _elements(facts: Facts | None, name: str) -> list[Any]:
    return list((facts or {}).get(name, ()))


def _settings_apart(facts: Facts) -> dict[str, Any]:
    """Switches and settings one by one, so that a later change of another one stands in nobody's way."""
    apart = {f"{kind}.{name}": value for kind in _KINDS for name, value in facts.get(kind, {}).items()}
    return {"name": facts.get("name"), "protocol": facts.get("profile"), **apart}


def _settings_together(apart: Facts) -> dict[str, Any]:
    together: dict[str, Any] = {"name": apart["name"], "profile": apart["protocol"], **{kind: {} for kind in _KINDS}}
    for key, value in apart.items():
        kind, dot, name = key.partition(".")
        if dot and value is not None:
            together[kind][name] = value
    return together


_KINDS = ("switches", "settings")
