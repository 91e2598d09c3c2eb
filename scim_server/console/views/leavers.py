"""Deleted people: who can be brought back, and until when."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.doers import doer
from scim_server.console.paging import PAGE, cut, place
from scim_server.console.sections import TENANT, Section
from scim_server.domain.errors import Invalid
from scim_server.domain.receipts import Part
from scim_server.services import erasing, leaving, people, receipt_lists, receipting
from scim_server.services.csv_rows import csv_lines
from scim_server.services.people import Departed

leavers = Section("people")
DELETED = f"{TENANT}/people/deleted"
ENDS = "sessions.write"
"""What it takes to say that what somebody had in the application has ended."""
COLUMNS = ("userName", "displayName", "deleted", "restorableUntil", "continuedBy")


@leavers.get(DELETED, "people.read")
def list_deleted_people(call: Call) -> str:
    """Newest first."""
    after = place(call.query.get("after"), 2)
    behind = None if after is None else (after[0], after[1])
    found = people.departed_page(call.units, call.tenant, after=behind, limit=PAGE + 1)
    shown, more = cut(found, lambda gone: (gone.tombstone.deleted, gone.tombstone.user.id))
    template = "people/deleted_rows.html" if wants_part() else "people/deleted.html"
    return render(template, found=shown, more=more, now=call.units.now())


@leavers.get(f"{DELETED}.csv", "people.read")
def export_deleted_people(call: Call) -> Response:
    """The same as CSV."""
    rows = map(_row, people.departed(call.units, call.tenant))
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-deleted-people.csv")


@leavers.get(f"{DELETED}/<gone>", "people.read")
def show_deleted_person(call: Call) -> str:
    """Who they were, until when they can come back, and what the application has acknowledged."""
    gone = people.deleted(call.units, call.tenant, call.path["gone"])
    receipts = receipt_lists.of_person(call.units, call.tenant, gone.tombstone.user.id)
    return render("people/gone.html", gone=gone, receipts=receipts, doer=doer, now=call.units.now())


@leavers.post(f"{TENANT}/receipts/<receipt>", ENDS)
def acknowledge_part(call: Call) -> Response:
    """Say that a part of what somebody had has ended, as the application does where it can."""
    listed = receipt_lists.receipt(call.units, call.tenant, call.path["receipt"])
    part = call.form.get("part", "")
    if part not in set(Part):
        raise Invalid(gettext("Say which part has ended."))
    receipting.acknowledge(call.units, call.tenant, call.cause, listed.receipt.id, [Part(part)])
    gone, user_id = "gone" in call.form, listed.receipt.user_id
    page = call.url("show_deleted_person", gone=user_id) if gone else call.url("show_person", user=user_id)
    return go(page, gettext("Acknowledged."))


@leavers.get(f"{DELETED}/<gone>/restore", "people.write")
def look_at_deleted_person(call: Call) -> str:
    """What comes back with them, and what does not."""
    gone = people.deleted(call.units, call.tenant, call.path["gone"])
    return render("people/restore.html", gone=gone, back=call.url("list_deleted_people"))


@leavers.post(f"{DELETED}/<gone>/restore", "people.write")
def restore_person(call: Call) -> Response:
    """Bring them back under their old id."""
    cause = call.cause.quietly("quiet" in call.form)
    restored = leaving.restore_person(call.units, call.tenant, cause, call.path["gone"])
    return go(call.url("show_person", user=restored.user.id), gettext("Restored."), undo=call)


@leavers.get(f"{DELETED}/<gone>/erasure", "tenant.write")
def look_at_erasure(call: Call) -> str:
    """What it means, and what would go with them: for that the whole log and trail are read, so it is asked for."""
    gone = people.deleted(call.units, call.tenant, call.path["gone"])
    wanted = "look" in call.query
    foreseen = erasing.preview(call.units, call.tenant, gone.tombstone.user.id) if wanted else None
    kept = gone.restorable_until > call.units.now()
    back = call.url("list_deleted_people")
    return render("people/erase.html", gone=gone, foreseen=foreseen, kept=kept, back=back)


@leavers.post(f"{DELETED}/<gone>/erasure", "tenant.write")
def erase_person(call: Call) -> Response:
    """Erase them for good."""
    despite = "despite_retention" in call.form
    erasing.erase_person(call.units, call.tenant, call.cause, call.path["gone"], despite_retention=despite)
    return go(call.url("list_deleted_people"), gettext("Erased for good."))


def _row(gone: Departed) -> list[str]:
    tombstone = gone.tombstone
    user = tombstone.user
    return [
        user.user_name,
        user.display_name or "",
        tombstone.deleted,
        gone.restorable_until,
        tombstone.successor or "",
    ]
