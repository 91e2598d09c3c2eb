"""/tenants/{tenant}/rules: who gets which products, role and settings, by group or by attribute."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from marshmallow import ValidationError, validates_schema
from marshmallow.validate import Length

from scim_server.api.answers import Answered, Made, Page, part_of
from scim_server.api.calls import Call, check_scope
from scim_server.api.endpoints import TENANT, Noun
from scim_server.api.fields import Choice, Cursor, Facts, Flag, Number, One, Text, Texts
from scim_server.api.items.rules import ForecastItem, RuleItem
from scim_server.api.shapes import Body, PageQuery
from scim_server.domain.seats import Policy
from scim_server.services import forecasting, rule_changes, ruling
from scim_server.services.forecasting import Attempt
from scim_server.services.rule_parts import RuleParts

rules = Noun("rules", "Whoever is in a group, or meets a condition, gets products, a role, a language or settings.")
MOST_RULES = 10_000
LONGEST_CONDITION = 4096
CHANGES = ("create", "edit", "delete", "reorder")


class RuleBody(Body):
    """The parts of a rule; those left out stay as they are, null takes a part away."""

    group = Text(about="By name or id. One that is named need not exist yet.")
    condition = Text(most=LONGEST_CONDITION, about="A SCIM filter on people, in place of a group.")
    products = Texts(about="Codes.")
    templates = Facts(
        keys=Text(),
        values=Text(allow_none=True),
        validate=Length(0, 1000),
        about="The name of the settings template, by product.",
    )
    role = Text(allow_none=True, about="No role that permits more than the caller's token.")
    role_groups = Texts(about="Names or ids of the groups whose people the role looks after.")
    language = Text(allow_none=True, about="The language of the application, for example fr.")
    policy = Choice(Policy, allow_none=True, about="What happens when no seat is left.")
    all_or_nothing = Flag(about="All its products together, or none.")
    mail = Text(allow_none=True, about="The mail about what it gives; none for no mail, null as the tenant has it.")
    enabled = Flag()
    priority = Number(1, about="Its place among the rules, 1 first.")


class RuleOrder(Body):
    """Rules in the order they should have."""

    rules = Texts(required=True, most=MOST_RULES, about="Ids; rules that are left out follow as before.")


class EditedRule(RuleBody):
    """A rule and its new parts."""

    rule = Text(required=True, about="Its id.")


class RuleChangeBody(Body):
    """One change of rules: exactly one of these."""

    create = One(RuleBody, about="Another rule.")
    edit = One(EditedRule, about="Other parts of a rule.")
    delete = Text(about="The id of a rule that goes.")
    reorder = Texts(most=MOST_RULES, about="Ids of rules in the order they should have.")

    @validates_schema
    def check_one(self, data: Mapping[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError(f"Say one change: {', '.join(CHANGES)}.")


class RulesQuery(PageQuery):
    """A part of the list of rules."""

    after = Cursor(int)


@rules.get(f"{TENANT}/rules", "people.read", shows=RuleItem, lists=True, query=RulesQuery)
def list_rules(call: Call) -> Answered:
    """List the rules by priority."""
    return part_of(ruling.rules(call.units, call.tenant), call.after, call.limit, lambda rule: rule.priority)


@rules.post(f"{TENANT}/rules", "rules.write", shows=RuleItem, body=RuleBody, status=201)
def create_rule(call: Call) -> Answered:
    """Make a rule: it counts now and from now on.

    It needs a group or a condition, and something to give. Without a priority it is the last.
    """
    rule = ruling.create_rule(call.units, call.tenant, call.cause, _parts(call.body))
    return Made(rule, f"/tenants/{call.tenant.slug}/rules/{rule.id}")


@rules.put(f"{TENANT}/rules/order", "rules.write", shows=RuleItem, lists=True, body=RuleOrder)
def reorder_rules(call: Call) -> Answered:
    """Order the rules: those named come first, the others follow as before. Answers all."""
    return Page(ruling.reorder_rules(call.units, call.tenant, call.cause, call.body["rules"]), None)


@rules.post(f"{TENANT}/rules/what-if", "rules.write", shows=ForecastItem, body=RuleChangeBody)
def forecast_rules(call: Call) -> Answered:
    """Try a change of rules out on the live directory: who gains and loses what, and the seats it needs.

    Nothing is kept of it. It tells of people, so it needs the scope `people.read` as well.
    """
    check_scope(call.bearer, "people.read", call.service.public_url)
    return forecasting.what_if(call.units, call.tenant, call.cause, _change(call.body))


@rules.get(f"{TENANT}/rules/{{rule}}", "people.read", shows=RuleItem)
def show_rule(call: Call) -> Answered:
    """Show one rule."""
    return ruling.rule(call.units, call.tenant, call.path["rule"])


@rules.patch(f"{TENANT}/rules/{{rule}}", "rules.write", shows=RuleItem, body=RuleBody)
def edit_rule(call: Call) -> Answered:
    """Change parts of a rule, for everybody whom it concerned or concerns now."""
    return ruling.edit_rule(call.units, call.tenant, call.cause, call.path["rule"], _parts(call.body))


@rules.delete(f"{TENANT}/rules/{{rule}}", "rules.write")
def delete_rule(call: Call) -> Answered:
    """Take a rule out: whoever has something by it alone loses that."""
    ruling.delete_rule(call.units, call.tenant, call.cause, call.path["rule"])


def _parts(body: Mapping[str, Any]) -> RuleParts:
    policy = body.get("policy")
    said = {name: value for name, value in body.items() if name != "rule"}
    return cast(RuleParts, said if policy is None else {**said, "policy": Policy(policy)})


def _change(body: Mapping[str, Any]) -> Attempt:
    ((name, wanted),) = body.items()
    match name:
        case "create":
            return partial(rule_changes.add, parts=_parts(wanted))
        case "edit":
            return partial(rule_changes.change, rule_id=wanted["rule"], parts=_parts(wanted))
        case "delete":
            return partial(rule_changes.remove, rule_id=wanted)
    return partial(rule_changes.reorder, rule_ids=wanted)
