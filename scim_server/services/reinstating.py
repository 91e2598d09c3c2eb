"""How one change of what a tenant is set up with, or of a session or resource, is taken back; as `reverting` does it.

Every function runs inside the caller's transaction, under the tenant's guard held exclusively, and raises Obstructed
where the object has been changed since, or what the use case behind it raises.
"""

from dataclasses import replace
from typing import Any

from scim_server.domain.errors import Invalid, Missing, Taken
from scim_server.domain.events import Change
from scim_server.domain.facts import (
    of_connection,
    of_mail_template,
    of_role,
    of_rule,
    of_subscription,
    of_template,
    of_tenant,
)
from scim_server.domain.notices import MailTemplate
from scim_server.domain.recollections import role_of, rule_of, session_of, subscription_of, template_of
from scim_server.domain.resources import Resource
from scim_server.domain.reversals import Facts, Obstructed, reverse, without
from scim_server.domain.rules import Rule
from scim_server.services import authorising, connecting, keeping, rule_changes, subscribing, templating, wording
from scim_server.services.audit_entries import AuditEntry
from scim_server.services.ports import UnitOfWork


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
    present = templating.find_template(uow, product, name)
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
        raise Invalid("A connection that was made is not undone: remove it, and say whose people and groups are then.")
    present = next((each for each in uow.connections.all() if each.id == entry.object_id), None)
    if present is None:
        raise Missing("The connection was removed: what it was called or might do does not come back.")
    facts = reverse(entry.before, entry.after, of_connection(present))
    assert facts is not None, "it was there before the change"
    wanted = replace(
        present,
        name=facts["name"],
        idp=facts["idp"],
        manages_entitlements=facts["managesEntitlements"],
        max_role=facts["maxRole"],
        accepts_basic=facts["acceptsBasic"],
        accepts_raw=facts["acceptsRaw"],
        creator_only=facts["creatorOnly"],
        networks=tuple(facts["networks"]),
    )
    if wanted != present:
        connecting.keep_connection(uow, present, wanted)
    return wanted != present


def revert_resource(uow: UnitOfWork, entry: AuditEntry) -> bool:
    """A resource of a custom schema changed; one that is gone does not come back under its id."""
    meta = (entry.after or entry.before or {})["meta"]
    present = uow.resources.get(meta["resourceType"], entry.object_id)
    facts = None if present is None else present.document
    wanted = reverse(without(entry.before, "meta"), without(entry.after, "meta"), facts)
    if present is None:
        raise Missing("A resource that was deleted does not come back under its id: create it anew.")
    if wanted is None:
        keeping.delete_resource(uow, present)
        return True
    return _changed(uow, present, wanted)


def _changed(uow: UnitOfWork, present: Resource, wanted: Facts) -> bool:
    document = {name: value for name, value in wanted.items() if value is not None}
    return keeping.change_resource(uow, present, document) != present


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
