"""People, as they are shown."""

from typing import Any

from scim_server.api.fields import Facts, Flag, Get, Many, Moment, Number, One, Text, Texts
from scim_server.api.shapes import Item
from scim_server.domain.directory import Status
from scim_server.domain.employments import ENTERPRISE
from scim_server.domain.particulars import PendingAdd
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


def _profile(*names: str) -> Get:
    """What the profile says under those names, one inside another; None where it says nothing."""

    def get(portrait: Portrait) -> Any:
        found: Any = portrait.user.profile
        for name in names:
            found = (found or {}).get(name)
        return found or None

    return get


def _employment(name: str) -> Text:
    return Text(get=_profile(ENTERPRISE, name), allow_none=True)


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
    first_name = Text(get=_profile("name", "givenName"), allow_none=True)
    last_name = Text(get=_profile("name", "familyName"), allow_none=True)
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
    preferred_language = Text(get=_profile("preferredLanguage"), allow_none=True, about="Of the person's own choice.")
    title = Text(get=_profile("title"), allow_none=True)
    employee_number = _employment("employeeNumber")
    department = _employment("department")
    division = _employment("division")
    organization = _employment("organization")
    cost_center = _employment("costCenter")
    manager = Text(get=_profile(ENTERPRISE, "manager", "value"), allow_none=True, about="The id of a person.")
    created = Moment(attribute="user.created")
    modified = Moment(attribute="user.modified")


class DeletedUserItem(Item):
    """Somebody who was deleted."""

    id = Text(attribute="tombstone.user.id")
    user_name = Text(attribute="tombstone.user.user_name")
    display_name = Text(attribute="tombstone.user.display_name", allow_none=True)
    status = Text(get=lambda _: Status.DELETED.value)
    deleted = Moment(attribute="tombstone.deleted")
    restorable_until = Moment(about="From then on nobody can bring them back.")
    continued_by = Text(attribute="tombstone.successor", allow_none=True, about="The id of who came after them.")


def _roles(pending: PendingAdd) -> list[str]:
    newcomer = pending.newcomer
    return [*([newcomer.role] if newcomer.role else ()), *(newcomer.listed.roles if newcomer.listed else ())]


class PendingAddItem(Item):
    """Somebody who is added as soon as nobody outside the tenant has the address."""

    id = Text()
    status = Text(get=lambda _: "pending")
    email = Text(attribute="newcomer.address")
    first_name = Text(attribute="newcomer.first")
    last_name = Text(attribute="newcomer.last")
    products = Texts(attribute="newcomer.products")
    roles = Texts(get=_roles, about="Codes.")
    preferred_language = Text(attribute="newcomer.language", allow_none=True)
    created = Moment()
