"""Rules in order, and one in full; another order is put together on the page, tried out, and saved as a whole.

An order stands in the address as the last characters of the ids of its rules. A rule that it does not name follows
those that it does, and one that is gone is passed over.
"""

from collections.abc import Sequence
from functools import partial

from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from scim_server.console.answers import file_of, go, render, wants_part
from scim_server.console.calls import Call
from scim_server.console.formats import number
from scim_server.console.sections import TENANT, Section
from scim_server.console.trials import tried
from scim_server.domain.rules import Rule
from scim_server.services import groups_seen, rule_changes, ruling
from scim_server.services.csv_rows import csv_lines

rules = Section("rules", lazy_gettext("Rules"), "list_rules")
RULES = f"{TENANT}/rules"
RULE = f"{RULES}/<rule>"
COLUMNS = (
    "priority", "id", "group", "condition", "products", "role", "language", "templates", "policy", "all_or_nothing",
    "mail", "enabled",
)  # fmt: skip
TAIL = 12
"""Characters of an id that no two rules of a tenant share: 48 random bits."""


@rules.get(RULES, "people.read")
def list_rules(call: Call) -> str:
    """The rules in order of priority, or in the order that is being put together."""
    found = ruling.rules(call.units, call.tenant)
    order = _moved(_ordered(call, found), call.query.get("up"), call.query.get("down"))
    return render("rules/list.html", order=order, tail=_tail, is_new=order != found, said=_said(order))


@rules.get(f"{RULES}/order", "rules.write")
def reorder_rules(call: Call) -> str | Response:
    """What another order would do."""
    order = _ordered(call, ruling.rules(call.units, call.tenant))
    attempt = partial(rule_changes.reorder, rule_ids=[rule.id for rule in order])
    back = call.url("list_rules", order=_said(order))
    return tried(call, attempt, "rules/order.html", order=order, back=back)


@rules.post(f"{RULES}/order", "rules.write")
def keep_order(call: Call) -> Response:
    """Save it."""
    order = _ordered(call, ruling.rules(call.units, call.tenant))
    ruling.reorder_rules(call.units, call.tenant, call.cause, [rule.id for rule in order])
    return go(call.url("list_rules"), gettext("The rules have their new order."), undo=call)


@rules.get(f"{RULES}/export", "people.read")
def export_rules(call: Call) -> Response:
    """Every rule as a file."""
    rows = (
        [
            rule.priority,
            rule.id,
            rule.group_name or None,
            rule.condition,
            ", ".join(sorted(rule.products)),
            rule.role,
            rule.language,
            ", ".join(f"{product}: {name}" for product, name in rule.templates.items()),
            rule.policy,
            str(rule.all_or_nothing).lower(),
            rule.mail,
            str(rule.enabled).lower(),
        ]
        for rule in ruling.rules(call.units, call.tenant)
    )
    return file_of(csv_lines(COLUMNS, rows), "rules.csv")


@rules.get(RULE, "people.read")
def show_rule(call: Call) -> str:
    """One rule with all its parts."""
    rule = ruling.rule(call.units, call.tenant, call.path["rule"])
    return render("rules/show.html", rule=rule, looked_after=looked_after(call, rule))


@rules.get(f"{RULE}/reach", "people.read")
def count_reach(call: Call) -> str:
    """How many people it meets: a part of pages, asked for when it comes into sight."""
    reach = ruling.reach(call.units, call.tenant, call.path["rule"])
    return number(reach) if wants_part() else render("rules/reach.html", reach=reach)


def looked_after(call: Call, rule: Rule) -> dict[str, str]:
    """The names of the groups that whoever has the role looks after."""
    return groups_seen.names(call.units, call.tenant, rule.role_groups) if rule.role_groups else {}


def _tail(rule: Rule) -> str:
    return rule.id[-TAIL:]


def _said(order: Sequence[Rule]) -> str:
    return ",".join(map(_tail, order))


def _ordered(call: Call, found: Sequence[Rule]) -> list[Rule]:
    known = {_tail(rule): rule for rule in found}
    named = [tail for tail in call.query.get("order", "").split(",") if tail in known]
    return [known[tail] for tail in dict.fromkeys([*named, *known])]


def _moved(order: list[Rule], up: str | None, down: str | None) -> list[Rule]:
    """The order after one step of one rule."""
    tails = [_tail(rule) for rule in order]
    if up in tails[1:]:
        _swap(order, tails.index(up) - 1)
    elif down in tails[:-1]:
        _swap(order, tails.index(down))
    return order


def _swap(order: list[Rule], place: int) -> None:
    order[place], order[place + 1] = order[place + 1], order[place]
