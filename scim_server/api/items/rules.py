"""Rules and what a change of them would do, as they are shown."""

from collections.abc import Callable
from typing import Any

from scim_server.api.fields import Anything, Facts, Flag, Many, Moment, Number, One, Text, Texts
from scim_server.api.shapes import Item
from scim_server.services.forecasting import Outlook


class RuleItem(Item):
    """Who gets which products, role and settings."""

    id = Text()
    priority = Number(1, about="Its place among the tenant's rules, 1 first.")
    group = Text(get=lambda rule: rule.group_name or None, allow_none=True)
    group_id = Text(allow_none=True, about="Null until there is a group of that name.")
    condition = Text(allow_none=True, about="A SCIM filter on people, in place of a group.")
    products = Texts(get=lambda rule: sorted(rule.products))
    templates = Facts(about="The name of the settings template, by product.")
    role = Text(allow_none=True)
    role_groups = Texts(about="Ids of the groups whose people the role looks after; none means all.")
    language = Text(allow_none=True)
    policy = Text(allow_none=True, about="What happens when no seat is left, in place of the subscription's.")
    all_or_nothing = Flag(about="All its products together, or none.")
    mail = Text(allow_none=True, about="The mail about what it gives; null leaves that to the tenant's settings.")
    enabled = Flag()
    bound = Flag(
        get=lambda rule: rule.condition is not None or rule.group_id is not None,
        about="False while the group is still to come.",
    )
    created = Moment()


class ShiftItem(Item):
    """What a person has of a product: covered by a bundle, or the state of their seat; null is nothing."""

    product = Text()
    before = Text(allow_none=True)
    after = Text(allow_none=True)


def _sides(of: Callable[[Outlook], tuple[Any, Any]]) -> Callable[[Outlook], dict[str, Any]]:
    """Both sides of what changes for somebody."""

    def get(outlook: Outlook) -> dict[str, Any]:
        before, after = of(outlook)
        return {"before": before, "after": after}

    return get


class SidesItem(Item):
    """Something before and after; null where there is nothing."""

    before = Anything(allow_none=True)
    after = Anything(allow_none=True)


class OutlookItem(Item):
    """What would become of one person."""

    id = Text(attribute="user_id")
    user_name = Text()
    gains = Many(ShiftItem)
    loses = Many(ShiftItem, about="A seat that would be held counts as lost.")
    changes = Many(ShiftItem)
    roles = One(SidesItem, get=_sides(lambda outlook: (sorted(outlook.roles[0]), sorted(outlook.roles[1]))))
    language = One(SidesItem, get=_sides(lambda outlook: (outlook.settings[0].language, outlook.settings[1].language)))
    settings = One(SidesItem, get=_sides(lambda outlook: (outlook.settings[0].products, outlook.settings[1].products)))


class NeedItem(Item):
    """The seats of one product: bought, and needed (assigned, held or waited for) before and after."""

    product = Text()
    seats = Number()
    needed_before = Number()
    needed = Number()
    assigned = Number()
    free = Number()
    short = Number()


class ForecastItem(Item):
    """What a change of rules would do: for whom something changes, and the seats that it needs."""

    people = Many(OutlookItem)
    products = Many(NeedItem, attribute="needs")
