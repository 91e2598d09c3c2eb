"""`scim-server invitation`: people whose address another tenant's user owns are asked to come over."""

import click

from scim_server.api.items.invitations import InvitationItem, InvitationPreviewItem, SentInvitationItem
from scim_server.api.shapes import dump, dump_all
from scim_server.cli.installations import cause, migrated
from scim_server.cli.outputs import (
    asks,
    counted,
    json_option,
    listing,
    report,
    show_one,
    to_the_second,
    yes_option,
)
from scim_server.domain.invitations import InvitationState, Offer
from scim_server.services import accepting, answering, inviting, tenancy
from scim_server.services.inviting import Sent

COLUMNS = {
    "Address": "address",
    "State": "state",
    "Products": "products",
    "Reserved": "reserved",
    "Role": "role",
    "Sent": "created",
    "Expires": "expires",
    "Id": "id",
}


@click.group("invitation")
def invitations() -> None:
    """Invitations: a person outside moves here, if the person agrees."""


@invitations.command("send")
@click.argument("tenant")
@click.argument("address", metavar="EMAIL")
@click.option("--first", metavar="NAME", help="First name; without it the person keeps theirs.")
@click.option("--last", metavar="NAME", help="Last name, likewise.")
@click.option("--product", "products", multiple=True, metavar="CODE", help="What is offered; repeatable.")
@click.option("--role", metavar="ROLE", help="The role that is offered.")
@click.option("--days", type=int, metavar="N", help="How long it can be answered; by default as the tenant has it set.")
@json_option
def send(
    tenant: str,
    address: str,
    first: str | None,
    last: str | None,
    products: tuple[str, ...],
    role: str | None,
    days: int | None,
    as_json: bool,
) -> None:
    """Invite the person who owns EMAIL outside of TENANT to move here.

    The seats that are free now are reserved until the answer. Sent again, the invitation gets a new link and the
    earlier one leads nowhere. Without SCIM_SMTP_URL the link is printed here, to be passed on to that person alone.
    """
    installation = migrated()
    settings, units = installation.settings, installation.units
    owner = tenancy.tenant(units, tenant)
    offer = Offer(tuple(dict.fromkeys(products)), role, first, last)
    by_mail = settings.smtp_url is not None
    sent = inviting.send(units, owner, cause(), address, offer, days, public_url=settings.public_url, by_mail=by_mail)
    if by_mail:
        installation.deliver_mails()
    report(dump(SentInvitationItem, sent), _sentences(sent), as_json=as_json)


@invitations.command("list")
@click.argument("tenant", required=False)
@json_option
def list_(tenant: str | None, as_json: bool) -> None:
    """Every invitation of TENANT, oldest first; of all tenants, with whose each is, where none is named."""
    units = migrated().units
    none = "There is no invitation yet: `scim-server invitation send` makes one."
    if tenant is not None:
        found = dump_all(InvitationItem, inviting.invitations(units, tenancy.tenant(units, tenant)))
        listing(found, COLUMNS, none, as_json=as_json)
        return
    everybodys = [
        {"tenant": owner.slug, **dump(InvitationItem, invited)}
        for owner in tenancy.tenants(units)
        for invited in inviting.invitations(units, owner)
    ]
    listing(everybodys, {"Tenant": "tenant", **COLUMNS}, none, as_json=as_json)


@invitations.command("show")
@click.argument("tenant")
@click.argument("invitation_id", metavar="ID")
@json_option
def show(tenant: str, invitation_id: str, as_json: bool) -> None:
    """One invitation of TENANT and how it stands."""
    units = migrated().units
    found = dump(InvitationItem, inviting.invitation(units, tenancy.tenant(units, tenant), invitation_id))
    show_one(found, as_json=as_json)


@invitations.command("preview")
@click.argument("tenant")
@click.argument("invitation_id", metavar="ID")
@json_option
def preview(tenant: str, invitation_id: str, as_json: bool) -> None:
    """What the invited person is told behind the link, while the invitation is open."""
    units = migrated().units
    told = dump(InvitationPreviewItem, answering.preview(units, tenancy.tenant(units, tenant), invitation_id))
    show_one(told, as_json=as_json)


@invitations.command("accept")
@click.argument("link", metavar="LINK")
@yes_option
@json_option
def accept(link: str, yes: bool, as_json: bool) -> None:
    """Accept an invitation for the person who was sent LINK, or the token at its end."""
    installation = migrated()
    sighting = answering.look(installation.units, link)
    address, tenant = sighting.invitation.address, sighting.tenant
    if asks(yes=yes, as_json=as_json):
        click.echo(f"{address} moves to '{tenant.slug}' with sessions and recordings, and loses the present access.")
        click.confirm("This cannot be taken back. Accept?", abort=True)
    accepted = accepting.accept(installation.units, cause(), link)
    person = accepted.newcomer
    facts = {"tenant": tenant.slug, "userName": person.user_name, "id": person.id, "sessions": accepted.sessions}
    along = counted(accepted.sessions, "session")
    sentence = f"'{person.user_name}' is a user of '{tenant.slug}' now; {along} came along."
    report({**facts, "state": InvitationState.ACCEPTED.value}, sentence, as_json=as_json)


@invitations.command("decline")
@click.argument("link", metavar="LINK")
@json_option
def decline(link: str, as_json: bool) -> None:
    """Decline an invitation for the person who was sent LINK, or the token at its end."""
    installation = migrated()
    sighting = answering.decline(installation.units, cause(), link)
    address, slug = sighting.invitation.address, sighting.tenant.slug
    facts = {"tenant": slug, "address": address, "state": InvitationState.DECLINED.value}
    report(facts, f"The invitation of '{address}' to '{slug}' is declined; what it reserved is free.", as_json=as_json)


def _sentences(sent: Sent) -> str:
    invitation = sent.invitation
    sentences = [f"'{invitation.address}' is invited until {to_the_second(invitation.expires)}."]
    if sent.reserved:
        sentences.append(f"Reserved: {', '.join(sent.reserved)}.")
    if sent.unreserved:
        sentences.append(f"No seat is free of {', '.join(sent.unreserved)}: whoever accepts waits for it.")
    if sent.by_mail:
        sentences.append("The link goes by mail.")
    else:
        sentences.append(f"SCIM_SMTP_URL is not set: pass this link on to that person alone.\n{sent.link}")
    return " ".join(sentences)
