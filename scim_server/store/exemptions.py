"""What is stored and can not be rebuilt from the audit trail, each with the reason: everything else can.

`docs/audit.md` tells it to whoever reads the trail, and the tests hold every table and column against it.
"""

from collections.abc import Mapping

_SECRET = "a secret's digest: whoever reads the trail must not be able to prove themselves with it"  # noqa: S105
_SEALED = "a secret of ours at another server: whoever reads the trail must not be able to use it"
_SIGNS = "what events are signed or sent with: whoever reads the trail must not be able to send others"
_TRAIL = "the trail itself"
_COUNTER = "counted while guarding against mass removals, and forgotten within minutes"
_VENDOR = "the vendor's catalogue, the same for every tenant"
_INSTALLATION = "the installation's own, no tenant's"
_USE = "when it was used, not a change that anybody made"
_HOURS = "issued by the authorization server to clients that are in the trail, and over within hours"
_VISIT = "of the console, over within hours: what a visitor changes is in the trail"
_CONSENT = "what came of a consent, which the trail tells of; a client that loses it asks for another"
_SHOWN = "counts what makes a kept rendering of a group stale: one that is begun anew is as good"
_REPORTED = "what the application reports, not a change that anybody made"
_CELL = "the database that the tenant lives in, which the operator decides"
_ABOVE = "webhooks of the operator, of which tenants know nothing"
_WAITING = "requests that wait: what they change is in the trail, once they are carried out"
_DELIVERY = "what is on its way out"
_STREAMS = "derived from the streams that there are"

EXEMPT: Mapping[str, str] = {
    "tokens.digest": _SECRET,
    "api_tokens.digest": _SECRET,
    "person_tokens.digest": _SECRET,
    "invitations.digest": _SECRET,
    "client_secrets.digest": _SECRET,
    "sign_in_providers.client_secret": _SEALED,
    "webhooks.secret": _SIGNS,
    "webhooks.former_secret": _SIGNS,
    "webhooks.operator_id": _ABOVE,
    "connections.settled": "whether nothing belongs to a removed connection any more, which another look tells",
    "tokens.last_used": _USE,
    "api_tokens.last_used": _USE,
    "person_tokens.last_used": _USE,
    "client_secrets.last_used": _USE,
    "tenants.cell": _CELL,
    "tenants.moved": _CELL,
    "tenants.copy": _CELL,
    "tenants.tells": _STREAMS,
    "tenants.told": _STREAMS,
    "access_tokens": _HOURS,
    "used_proofs": _HOURS,
    "visits": _VISIT,
    "oauth_grants": _CONSENT,
    "refresh_tokens": _CONSENT,
    "approval_codes": _CONSENT,
    "person_keys": "what facts about people are encrypted with; whoever's is dropped is erased",
    "audit": _TRAIL,
    "audit_chains": _TRAIL,
    "audit_checkpoints": _TRAIL,
    "audit_verifications": _TRAIL,
    "provisioning_log": "the log of requests, which are kept for a while only",
    "idempotent_requests": "requests with a key, kept for a day",
    "outbox": _DELIVERY,
    "event_numbers": _DELIVERY,
    "event_positions": _DELIVERY,
    "webhook_cursors": _DELIVERY,
    "stream_subjects": _DELIVERY,
    "deliveries": _DELIVERY,
    "mails": _DELIVERY,
    "async_requests": _WAITING,
    "async_results": _WAITING,
    "welcomes": _DELIVERY,
    "member_stamps": _SHOWN,
    "sightings": _REPORTED,
    "seat_uses": "reports, which follow from the seats of each day",
    "issues": "derived: they say what is wrong with the rest",
    "resource_counts": "counted by the database as resources come and go",
    "guarded_releases": _COUNTER,
    "imports": "jobs: what they changed is in the trail",
    "import_rows": "jobs: what they changed is in the trail",
    "products": _VENDOR,
    "product_includes": _VENDOR,
    "installation_secrets": _INSTALLATION,
    "chore_leases": _INSTALLATION,
    "operator_tokens": _INSTALLATION,
    "operator_visits": _INSTALLATION,
    "operator_webhooks": _INSTALLATION,
    "signing_keys": _INSTALLATION,
}
"""By table, or by table and column."""
EXEMPT_SESSIONS = "recordings are their organiser's alone: the trail says nothing of them"
"""Why the sessions of that one kind are left out as well."""
