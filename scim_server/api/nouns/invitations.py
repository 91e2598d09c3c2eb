"""/tenants/{tenant}/invitations: people whose address another tenant's user owns are asked to come over."""

from scim_server.api.answers import Answered, Made, part_of
from scim_server.api.calls import Call, check_scope
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Cursor, Number, Text, Texts
from scim_server.api.items.invitations import InvitationItem, InvitationPreviewItem, SentInvitationItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.errors import Forbidden
from scim_server.domain.invitations import LONGEST_ADDRESS, LONGEST_NAME, Offer
from scim_server.services import answering, inviting

invitations = Noun("invitations", "A person outside moves here, if the person agrees. Nobody else can agree for them.")
INVITATIONS = f"{TENANT}/invitations"
NO_MAIL = (
    "The link of an invitation is for the invited person alone, and the server sends no mail (SCIM_SMTP_URL): only its "
    "operator can send invitations."
)


class NewInvitation(Body):
    """Whom to invite, and what is offered."""

    address = Text(required=True, most=LONGEST_ADDRESS)
    first_name = Text(load_default=None, allow_none=True, most=LONGEST_NAME, about="Else the person keeps theirs.")
    last_name = Text(load_default=None, allow_none=True, most=LONGEST_NAME, about="Likewise.")
    products = Texts(load_default=(), about="Codes; needs the scope seats.write as well.")
    role = Text(load_default=None, allow_none=True, about="Needs the scope roles.grant as well.")
    days = Number(
        1,
        inviting.LONGEST_LIFE,
        load_default=None,
        allow_none=True,
        about="How long it can be answered; as the tenant has it set, where it is left out.",
    )


class InvitationsQuery(PageQuery):
    """A part of the list of invitations."""

    after = Cursor(str, str)


@invitations.get(INVITATIONS, "people.read", shows=InvitationItem, lists=True, query=InvitationsQuery)
def list_invitations(call: Call) -> Answered:
    """List the invitations, oldest first."""
    found = inviting.invitations(call.units, call.tenant)
    return part_of(found, call.after, call.limit, lambda each: (each.invitation.created, each.invitation.id))


@invitations.post(INVITATIONS, "people.write", shows=SentInvitationItem, body=NewInvitation, status=201, hides="link")
def send_invitation(call: Call) -> Answered:
    """Invite the person who owns an address outside, and reserve the seats that are free now.

    Sent again while it is open, the invitation gets a new link, and the earlier one leads nowhere. Where the server
    sends no mail only the operator can invite, and is shown the link.
    """
    body = call.body
    if body["products"]:
        check_scope(call.bearer, "seats.write", call.service.public_url)
    if body["role"] is not None:
        check_scope(call.bearer, "roles.grant", call.service.public_url)
    if not call.service.by_mail and call.bearer.tenant is not None:
        raise Forbidden(NO_MAIL)
    sent = inviting.send(
        call.units,
        call.tenant,
        call.cause,
        body["address"],
        Offer(tuple(dict.fromkeys(body["products"])), body["role"], body["first_name"], body["last_name"]),
        body["days"],
        public_url=call.service.public_url,
        by_mail=call.service.by_mail,
    )
    return Made(sent, f"/tenants/{call.tenant.slug}/invitations/{sent.invitation.id}")


@invitations.get(f"{INVITATIONS}/{{invitation}}", "people.read", shows=InvitationItem)
def show_invitation(call: Call) -> Answered:
    """Show one invitation and how it stands."""
    return inviting.invitation(call.units, call.tenant, call.path["invitation"])


@invitations.get(f"{INVITATIONS}/{{invitation}}/preview", "people.read", shows=InvitationPreviewItem)
def preview_invitation(call: Call) -> Answered:
    """Show what the invited person is told behind the link, while the invitation is open."""
    return answering.preview(call.units, call.tenant, call.path["invitation"])
