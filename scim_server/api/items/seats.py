"""Seats, as they are shown."""

from scim_server.api.fields import Flag, Many, Moment, Number, One, Text, Texts
from scim_server.api.items.users import UserItem
from scim_server.api.shapes import Item


class SeatItem(Item):
    """A person's place in a subscription."""

    id = Text(attribute="seat.id")
    user_id = Text(attribute="seat.user_id")
    user_name = Text()
    display_name = Text(allow_none=True)
    product = Text(attribute="seat.product")
    state = Text(attribute="seat.state", about="assigned, waiting, or held: still working, release pending.")
    since = Moment(attribute="seat.since", about="When it came into that state.")
    source = Text(about="The source of the best claim; fallback or held where there is none.")
    rank = Number(attribute="seat.place.rank", about="0 stands before rules, which rank by their priority.")
    claimed = Moment(attribute="seat.place.since", about="Since when it is claimed, which decides within a rank.")
    policy = Text(attribute="seat.want.policy", allow_none=True, about="That of its rule, before the subscription's.")
    due = Moment(attribute="seat.due", allow_none=True, about="When a held one goes.")


class WaitingItem(Item):
    """A place in a queue."""

    place = Number(about="1 is the first.")
    seat = One(SeatItem, attribute="view")


class ClaimItem(Item):
    """The intent that a person should have a product."""

    product = Text()
    source = Text()
    rank = Number(attribute="place.rank")
    since = Moment(attribute="place.since")


class ExclusionItem(Item):
    """What keeps a person out of a product."""

    product = Text()
    source = Text(about="What gives it in vain; * is rules and entitlements alike.")
    reason = Text(about="transfer or by_admin.")
    since = Moment()


class IntentsItem(Item):
    """What gives a person products, and what keeps them out of some."""

    user_id = Text(attribute="user.id")
    user_name = Text(attribute="user.user_name")
    claims = Many(ClaimItem)
    exclusions = Many(ExclusionItem)


class HandedItem(Item):
    """A person after products were given and taken by hand."""

    user = One(UserItem, attribute="portrait")
    changed = Flag(about="Whether that was news.")
    excluded = Texts(about="What rules or entitlements go on giving: the person is kept out of it.")
