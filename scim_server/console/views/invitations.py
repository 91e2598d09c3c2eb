"""Invitations: people whose address another tenant's user owns are asked to come over; sent, and sent again."""

from flask_babel import gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render
from scim_server.console.calls import Call
from scim_server.console.sections import TENANT, Section
from scim_server.console.words import called
from scim_server.domain.errors import Forbidden
from scim_server.domain.invitations import Offer
from scim_server.services import inviting, people_facets
from scim_server.services.csv_rows import csv_lines
from scim_server.services.inviting import Invited

invitations = Section("people")
INVITATIONS = f"{TENANT}/people/invitations"
COLUMNS = ("address", "state", "products", "role", "sent", "expires")


@invitations.get(INVITATIONS, "people.read")
def list_invitations(call: Call) -> str:
    """How each stands, newest first."""
    found = inviting.invitations(call.units, call.tenant)
    return render("people/invitations.html", found=found[::-1])


@invitations.get(f"{INVITATIONS}.csv", "people.read")
def export_invitations(call: Call) -> Response:
    """The same as CSV."""
    rows = map(_row, inviting.invitations(call.units, call.tenant))
    return file_of(csv_lines(COLUMNS, rows), f"{call.tenant.slug}-invitations.csv")


@invitations.get(f"{TENANT}/people/invite", "people.write")
def invite_person(call: Call) -> str:
    """What to offer the owner of an address."""
    facets = people_facets.facets(call.units, call.tenant)
    mine = [role for role in facets.roles[1:] if role.permissions <= call.visitor.permits]
    return render(
        "people/invite.html",
        products=facets.products if call.may("seats.write") else [],
        roles=[(role.code, called(role)) for role in mine] if call.may("roles.grant") else [],
        days=call.tenant.settings.number("invitation_days"),
        can_send=_can_send(call),
    )


@invitations.post(f"{TENANT}/people/invite", "people.write")
def send_invitation(call: Call) -> str | Response:
    """Send it, or send it again with a new link. Where there is no mail server the operator is shown the link."""
    if not _can_send(call):
        raise Forbidden(
            gettext("The server sends no mail, and the link is for the invited person alone: ask the operator.")
        )
    text = {name: call.form.get(name, "").strip() or None for name in ("role", "first", "last")}
    products = tuple(call.form.getlist("product"))
    if products:
        call.demand("seats.write")
    if text["role"]:
        call.demand("roles.grant")
    sent = inviting.send(
        call.units,
        call.tenant,
        call.cause,
        call.form.get("address", "").strip(),
        Offer(products, text["role"], text["first"], text["last"]),
        None,
        public_url=call.service.public_url,
        by_mail=call.service.by_mail,
    )
    if not sent.by_mail:
        return render("people/invited.html", sent=sent)
    said = gettext("The invitation to %(address)s is on its way.", address=sent.invitation.address)
    return go(call.url("list_invitations"), said)


def _can_send(call: Call) -> bool:
    return call.service.by_mail or call.visitor.tenant is None


def _row(invited: Invited) -> list[str]:
    invitation = invited.invitation
    offer = invitation.offer
    return [
        invitation.address,
        invited.state.value,
        " ".join(offer.products),
        offer.role or "",
        invitation.created,
        invitation.expires,
    ]
