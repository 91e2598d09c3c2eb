"""The options that say what a rule is made of, shared by the commands that make, edit and try out rules."""

from collections.abc import Sequence
from typing import Any

import click

from scim_server.cli.parameters import together
from scim_server.domain.seats import Policy
from scim_server.services.rule_parts import RuleParts

NONE = "none"
"""What takes a role, its groups, a language, a policy, a template or all products out of a rule."""
DEFAULT = "default"
"""What leaves the mails of a rule to the tenant's settings."""
CLEARABLE = frozenset({"role", "language"})

part_options = together(
    click.argument("more", nargs=-1, metavar=""),
    click.option("--group", metavar="NAME_OR_ID", help="For everybody in this group, by its displayName or id."),
    click.option("--filter", "condition", metavar="TEXT", help="For people who meet a SCIM filter: 'title pr'."),
    click.option("--product", "products", multiple=True, metavar="CODE...", help="What it gives; repeatable."),
    click.option("--template", "templates", multiple=True, metavar="PRODUCT=NAME", help="A product's settings."),
    click.option("--role", metavar="CODE", help="The role that people get."),
    click.option("--role-group", "role_groups", multiple=True, metavar="NAME_OR_ID", help="Whom managers look after."),
    click.option("--language", metavar="TAG", help="The language of the application, for example fr."),
    click.option("--policy", type=click.Choice([*map(str, Policy), NONE]), help="Instead of the subscription's."),
    click.option("--all-or-nothing/--no-all-or-nothing", default=None, help="All its products together, or none."),
    click.option("--enable/--disable", "enabled", default=None, help="Whether the rule counts (at first: yes)."),
    click.option("--mail", metavar="NAME", help="The mail about what it gives; none: no mail; default: as the tenant."),
    click.option("--priority", type=click.IntRange(1), metavar="N", help="Its place among the rules, 1 first."),
)
"""A command takes them as keywords, for `parts_of`. Further words of the command line belong to --product, so that it
takes several codes."""


def parts_of(
    *,
    more: Sequence[str],
    products: Sequence[str],
    templates: Sequence[str],
    role_groups: Sequence[str],
    policy: str | None,
    mail: str | None,
    **plain: Any,
) -> RuleParts:
    """The parts that were named. Raises UsageError for words that belong to no option."""
    if more and not products:
        raise click.UsageError(f"'{more[0]}' belongs to no option: write products behind --product.")
    parts = RuleParts()
    for name, value in plain.items():
        if value is not None:
            parts[name] = None if value == NONE and name in CLEARABLE else value  # type: ignore[literal-required]
    if products:
        parts["products"] = [code for code in dict.fromkeys((*products, *more)) if code != NONE]
    if templates:
        parts["templates"] = dict(map(_template, templates))
    if role_groups:
        parts["role_groups"] = [group for group in role_groups if group != NONE]
    if policy is not None:
        parts["policy"] = None if policy == NONE else Policy(policy)
    if mail is not None:
        parts["mail"] = None if mail == DEFAULT else mail
    return parts


def _template(text: str) -> tuple[str, str | None]:
    product, equals, name = text.partition("=")
    if not (product and equals and name):
        raise click.BadParameter(f"'{text}' is no template: write PRODUCT=NAME, or PRODUCT={NONE}.")
    return product, None if name == NONE else name
