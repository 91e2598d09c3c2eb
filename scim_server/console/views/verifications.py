"""The proof that nobody changed the audit trail: its chain, the last checkpoint, verification, and export."""

from werkzeug.wrappers import Response

from scim_server.console.answers import answered, file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.notes import fault
from scim_server.console.sections import TENANT, Section
from scim_server.services import audit_verifications, auditing

verifications = Section("audit")
VERIFICATION = f"{TENANT}/audit/verification"
JSON_LINES = "application/x-ndjson"


@verifications.get(VERIFICATION, "audit.read")
def show_verification(call: Call) -> str:
    """How far the trail is sealed, by which checkpoint, and when it was last verified."""
    return _shown(call, "audit/verification.html")


@verifications.post(VERIFICATION, "audit.read")
def verify_trail(call: Call) -> Response:
    """Begin a verification, or follow the next stretch of the one that runs."""
    if "next" not in call.form:
        audit_verifications.begin(call.units, call.tenant)
    audit_verifications.go_on(call.units, call.tenant, call.service.signing_key())
    if wants_part():
        return answered(_shown(call, "audit/progress.html"))
    return go(call.url("show_verification"))


@verifications.get(f"{TENANT}/audit/export.jsonl", "audit.read")
def export_trail(call: Call) -> Response:
    """The whole trail as it is sealed, which anybody with the public key can verify."""
    lines = auditing.export(call.units, call.tenant, call.service.signing_key())
    return file_of(lines, f"audit-{call.tenant.slug}.jsonl", JSON_LINES)


def _shown(call: Call, template: str) -> str:
    return render(
        template,
        standing=audit_verifications.standing(call.units, call.tenant),
        public_key=auditing.public_key(call.service.signing_key()),
        said=fault,
    )
