"""Explanations, as they are shown."""

from scim_server.api.fields import Flag, Many, Moment, Number, One, Text, Texts
from scim_server.api.shapes import Item
from scim_server.services.telling import tell


class BeginningItem(Item):
    """When something began, and the change that began it; null where nobody recorded who made it."""

    at = Moment()
    actor = Text(allow_none=True, about="As the audit trail names it.")
    who = Text(allow_none=True, about="The same in words.")
    request_id = Text(allow_none=True)
    cause = Text(allow_none=True, about="What was being done.")


class ExplainingRuleItem(Item):
    """A rule, by what tells it from others."""

    id = Text()
    priority = Number()
    group = Text(get=lambda rule: rule.group_name or None, allow_none=True)
    condition = Text(allow_none=True)
    enabled = Flag()


class StepItem(Item):
    """A group on the way to that of a rule."""

    id = Text(attribute="group_id")
    display_name = Text(attribute="group_name")
    joined = One(BeginningItem, allow_none=True, about="How whoever stands before it came into it.")


class ReasonItem(Item):
    """A claim: why somebody should have a product."""

    product = Text(about="The product itself, or a bundle that includes it.")
    source = Text()
    began = One(BeginningItem)
    rule = One(ExplainingRuleItem, allow_none=True)
    path = Many(StepItem, about="From the person's own group to that of the rule.")
    values = Texts(about="The entitlements that name it.")
    counterpart = Text(allow_none=True, about="Who gave it away, of a transfer.")


class HindranceItem(Item):
    """What stands in the way."""

    obstacle = Text(
        about="not_in_catalogue, suspended, excluded, no_seat, all_or_nothing, rule_disabled or nothing_gives_it."
    )
    detail = Text(allow_none=True, about="The reason of a suspension or exclusion.")
    source = Text(allow_none=True, about="What an exclusion keeps away; * is rules and entitlements alike.")
    began = One(BeginningItem, allow_none=True)
    rule = One(ExplainingRuleItem, allow_none=True)
    products = Texts(about="What must have room as well, of a rule that gives all or nothing.")
    counterpart = Text(allow_none=True, about="Who received it, of a transfer.")


class UnmetItem(Item):
    """A rule that would give the product, and what the person lacks for it."""

    rule = One(ExplainingRuleItem)
    product = Text(about="The product itself, or a bundle that includes it.")
    lack = Text(about="group, group_missing or condition.")


class QueueItem(Item):
    """A place in the queue."""

    place = Number(about="1 is the first.")
    length = Number()
    needed = Number(about="How many seats must be released or bought until it is the person's turn.")


class ExplainedSeatItem(Item):
    """The person's seat."""

    id = Text()
    state = Text()
    since = Moment()
    due = Moment(allow_none=True, about="When a held seat goes.")


class BoughtItem(Item):
    """How the subscription stands."""

    seats = Number()
    assigned = Number()
    waiting = Number()
    free = Number()
    policy = Text()
    overage = Number()


class ProductExplanationItem(Item):
    """What a person has of one product and why, and what stands in the way of more."""

    product = Text()
    outcome = Text(about="assigned, held, waiting, covered, fallback or none.")
    seat = One(ExplainedSeatItem, allow_none=True)
    began = One(BeginningItem, allow_none=True, about="How the seat came into its state.")
    reasons = Many(ReasonItem)
    hindrances = Many(HindranceItem)
    unmet = Many(UnmetItem)
    covered_by = Texts(about="The bundles whose seat includes it.")
    stands_in_for = Texts(about="The bundles in whose place the person has it while waiting for them.")
    fallbacks = Texts(about="What stands in while the person waits for this one.")
    queue = One(QueueItem, allow_none=True)
    subscription = One(BoughtItem, allow_none=True)
    sentences = Texts(get=tell, about="All of this in words.")


class AccountItem(Item):
    """Why a person has what they have."""

    user_id = Text(attribute="user.id")
    user_name = Text(attribute="user.user_name")
    products = Many(ProductExplanationItem)
