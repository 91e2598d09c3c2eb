"""People, as they are shown."""

from typing import Any

from scim_server.api.fields import Facts, Flag, Many, Moment, Number, One, Text, Texts
from scim_server.api.shapes import Item
from scim_server.domain.seats import Claim
from scim_server.services.people import Portrait


class HeldSeatItem(Item):
    """A place of the person's in a subscription."""

    product = Text()
    state = Text(about="assigned, waiting, or held: still working, release pending.")
    since = Moment()
    source = Text(about="The source of the best claim; fallback or held where there is none.")


class HeldClaimItem(Item):
    """The intent that the person should have a product."""

    product = Text()
    source = Text(about="direct, direct:admin, import, transfer, or rule: with the id of a rule.")
    since = Moment(attribute="place.since")


class GrantItem(Item):
    """A role of the person's."""

    role = Text()
    source = Text()
    scope = Texts(about="Ids of the groups whose people it is limited to; none means everybody.")
    since = Moment()


class OpenIssueItem(Item):
    """A problem about the person that an admin can act on."""

    code = Text()
    product = Text(allow_none=True)
    subject = Text()
    opened = Moment()


def _held(portrait: Portrait) -> list[dict[str, Any]]:
    return [
        {"product": seat.product, "state": seat.state.value, "since": seat.since, "source": portrait.source(seat)}
        for seat in sorted(portrait.seats, key=lambda seat: seat.product)
    ]


def _claims(portrait: Portrait) -> list[Claim]:
    return sorted(portrait.claims, key=lambda claim: (claim.product, claim.source))


class WelcomesItem(Item):
    """How often somebody was welcomed by mail, and when."""

    sent = Number()
    first = Moment()
    last = Moment()


class UserItem(Item):
    """A person: who they are, what they hold, and why."""

    id = Text(attribute="user.id")
    user_name = Text(attribute="user.user_name")
    external_id = Text(attribute="user.external_id", allow_none=True)
    display_name = Text(attribute="user.display_name", allow_none=True)
    email = Text(attribute="user.address", allow_none=True, about="The address that counts.")
    active = Flag(attribute="user.active", about="What the identity provider says.")
    status = Text(about="active, inactive, invited, unassigned, waiting or suspended.")
    reason = Text(allow_none=True, about="Why the person stands there.")
    last_seen = Moment(allow_none=True)
    welcome = One(WelcomesItem, allow_none=True, about="The mails that welcomed the person, if any did.")
    continues = Texts(about="Ids of deleted people whom this one continues, newest first.")
    seats = Many(HeldSeatItem, get=_held)
    claims = Many(HeldClaimItem, get=_claims)
    roles = Many(GrantItem, attribute="grants")
    language = Text(attribute="settings.language", allow_none=True, about="By rule.")
    settings = Facts(attribute="settings.products", about="By product, what the application reads.")
    issues = Many(OpenIssueItem)
    created = Moment(attribute="user.created")
    modified = Moment(attribute="user.modified")
