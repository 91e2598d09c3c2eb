"""/tenants/{tenant}/audit: who changed what, and the proof that nobody changed it since."""

from scim_server.api.answers import Answered, Stream, page_of
from scim_server.api.calls import Call
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Moment, Text
from scim_server.api.items.audits import AuditEntryItem, AuditKeyItem, VerificationItem
from scim_server.api.shapes import PageQuery
from scim_server.services import auditing
from scim_server.services.audit_entries import SoughtEntries

audits = Noun("audit", "Who changed what, and the proof that nobody changed it since.")
AUDIT = f"{TENANT}/audit"
JSON_LINES = "application/x-ndjson"


class AuditQuery(PageQuery):
    """Entries that meet every condition."""

    user = Text(load_default=None, about="Entries about that person, by id or user name, also one who is gone.")
    object_id = Text(data_key="object", load_default=None, about="Entries about that person, group, rule, ..., by id.")
    request_id = Text(data_key="request", load_default=None, about="Entries of one request, by its X-Request-Id.")
    action = Text(load_default=None, about="Entries of that action, for example `user.created`.")
    since = Moment(load_default=None, about="Entries from that moment on.")
    until = Moment(load_default=None, about="Entries before that moment.")


@audits.get(f"{AUDIT}/entries", "audit.read", shows=AuditEntryItem, lists=True, query=AuditQuery)
def list_audit_entries(call: Call) -> Answered:
    """List the changes that were made, newest first."""
    conditions = {name: call.query[name] for name in ("object_id", "request_id", "action", "since", "until")}
    sought = SoughtEntries(call.limit + 1, user_name=call.query["user"], below=call.after, **conditions)
    return page_of(auditing.entries(call.units, call.tenant, sought), call.limit, lambda entry: entry.id)


@audits.get(f"{AUDIT}/entries/{{entry}}", "audit.read", shows=AuditEntryItem)
def show_audit_entry(call: Call) -> Answered:
    """Show one entry."""
    return auditing.entry(call.units, call.tenant, call.path["entry"])


@audits.post(f"{AUDIT}/verify", "audit.read", shows=VerificationItem)
def verify_audit(call: Call) -> Answered:
    """Prove that the trail is what was written: nothing changed, removed, added or moved.

    Entries that are not in the chain yet are sealed first, and counted. A broken chain is no error: `fault` tells it.
    """
    return auditing.check(call.units, call.tenant, call.service.signing_key())


@audits.get(f"{AUDIT}/export", "audit.read", gives=JSON_LINES)
def export_audit(call: Call) -> Answered:
    """Export the whole trail as JSON lines, which anybody with the public key can verify.

    Facts about people stay encrypted in it.
    """
    lines = auditing.export(call.units, call.tenant, call.service.signing_key())
    return Stream(lines, JSON_LINES, f"audit-{call.tenant.slug}.jsonl")


@audits.get(f"{AUDIT}/key", "audit.read", shows=AuditKeyItem)
def show_audit_key(call: Call) -> Answered:
    """Show the public key that checkpoints are verified with, the same for every tenant of this server."""
    return auditing.public_key(call.service.signing_key())
