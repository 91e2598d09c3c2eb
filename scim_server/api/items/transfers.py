"""Transfers, as they are shown before and after they are carried out."""

from collections.abc import Sequence

from scim_server.api.fields import Many, Moment, One, Text, Texts
from scim_server.api.shapes import Item
from scim_server.domain.transfers import Plan, Staying


class PartyItem(Item):
    """Somebody whom a transfer concerns; who takes over has the id of the person before them."""

    id = Text()
    user_name = Text()
    address = Text(allow_none=True)


class MoveItem(Item):
    """A product that moves."""

    product = Text()
    state = Text(about="How the giver has it: assigned, held, waiting or covered by a bundle that moves.")
    given_by = Texts(about="Rules and entitlements that would give it back: the giver is kept out of it.")


class MovedSessionItem(Item):
    """An upcoming session that moves."""

    id = Text()
    kind = Text()
    title = Text()
    starts = Moment()


class UnmovedItem(Item):
    """What does not move, and why."""

    what = Text(about="A product's code or a session's id.")
    reason = Text()


class UnmovedItems(Item):
    """All that does not move."""

    products = Many(UnmovedItem)
    sessions = Many(UnmovedItem)


class ReplacementItem(Item):
    """An attribute of a person who is taken over."""

    attribute = Text()
    before = Text(allow_none=True)
    after = Text(allow_none=True)


def _staying(plan: Plan) -> dict[str, Sequence[Staying]]:
    return {"products": plan.staying_products, "sessions": plan.staying_sessions}


class TransferItem(Item):
    """Exactly what a transfer does."""

    mode = Text()
    from_ = One(PartyItem, attribute="giver")
    to = One(PartyItem, attribute="receiver")
    products = Many(MoveItem)
    sessions = Many(MovedSessionItem)
    staying = One(UnmovedItems, get=_staying)
    replacements = Many(ReplacementItem)
    notes = Texts(about="Further consequences, a sentence each.")
