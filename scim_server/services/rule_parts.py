"""What a rule is made of, as it is asked for: checked against the tenant before anything is written."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypedDict
from uuid import UUID

from scim_server.domain.access import Role
from scim_server.domain.directory import Group
from scim_server.domain.errors import Invalid, Missing
from scim_server.domain.languages import TAG
from scim_server.domain.notices import QUIET
from scim_server.domain.products import Catalogue
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Policy
from scim_server.services import wording
from scim_server.services.naming import LONGEST_GROUP_NAME, locked_group
from scim_server.services.ports import UnitOfWork


class RuleParts(TypedDict, total=False):
    """The parts of a rule that are to be set; those left out stay as they are, None takes a part away.

    Groups are given by name or id, `templates` by product. `priority` is a place among the tenant's rules, 1 first.
    """

    group: str
    condition: str
    products: Collection[str]
    role: str | None
    role_groups: Collection[str]
    language: str | None
    templates: Mapping[str, str | None]
    policy: Policy | None
    all_or_nothing: bool
    enabled: bool
    mail: str | None
    priority: int


def with_parts(uow: UnitOfWork, rule: Rule, parts: RuleParts) -> Rule:
    """The rule with those parts, its priority apart. Raises Invalid, Missing.

    The tenant's guard must be held exclusively.
    """
    changed = _with_audience(uow, rule, parts)
    changed = _with_products(uow, changed, parts)
    changed = _with_role(uow, changed, parts)
    changed = replace(
        changed,
        language=_language(parts["language"]) if "language" in parts else rule.language,
        policy=parts.get("policy", rule.policy),
        all_or_nothing=parts.get("all_or_nothing", rule.all_or_nothing),
        enabled=parts.get("enabled", rule.enabled),
        mail=_mail(uow, parts["mail"]) if "mail" in parts else rule.mail,
    )
    if not (changed.products or changed.role or changed.language):
        raise Invalid("A rule needs something to give: at least one product, a role or a language.")
    return changed


def _with_audience(uow: UnitOfWork, rule: Rule, parts: RuleParts) -> Rule:
    if "group" in parts and "condition" in parts:
        raise Invalid("A rule is for a group or for people who meet a condition, not both: make two rules.")
    if "condition" in parts:
        uow.conditions.check(parts["condition"])
        return replace(rule, condition=parts["condition"], group_id=None, group_name="")
    if "group" in parts:
        group = _group(uow, parts["group"])
        name = parts["group"] if group is None else group.display_name
        return replace(rule, condition=None, group_id=group.id if group else None, group_name=name)
    if not rule.group_name and rule.condition is None:
        raise Invalid("A rule needs a group, by name or id, or a condition on people's attributes.")
    return rule


def _group(uow: UnitOfWork, text: str) -> Group | None:
    """The group of that id or name, locked; None where the name is still to come."""
    if not text.strip():
        raise Invalid("A rule needs the name or id of a group.")
    if len(text) > LONGEST_GROUP_NAME:
        raise Invalid(f"No group's name is longer than {LONGEST_GROUP_NAME} characters: correct the name.")
    group = locked_group(uow, text)
    if group is None and _is_id(text):
        raise Missing(
            f"There is no group with the id '{text}' any more. Name the group instead: "
            "the rule then begins with the first group created under that name."
        )
    return group


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _with_products(uow: UnitOfWork, rule: Rule, parts: RuleParts) -> Rule:
    products = frozenset(parts.get("products", rule.products))
    _check_products(uow.products.catalogue(), products)
    asked = parts.get("templates", {})
    _check_templates(uow, products, asked)
    merged = {**{product: name for product, name in rule.templates.items() if product in products}, **asked}
    templates = {product: name for product, name in merged.items() if name is not None}
    return replace(rule, products=products, templates=templates)


def _check_products(catalogue: Catalogue, products: Collection[str]) -> None:
    unknown = sorted(set(products) - catalogue.products.keys())
    if unknown:
        raise catalogue.unknown(unknown[0])


def _check_templates(uow: UnitOfWork, products: Collection[str], asked: Mapping[str, str | None]) -> None:
    known = {(template.product, template.name) for template in uow.templates.all()} if asked else set()
    for product, name in asked.items():
        if product not in products:
            raise Invalid(f"The rule does not give '{product}', so it takes no settings template for it.")
        if name is not None and (product, name) not in known:
            names = ", ".join(sorted(name for of, name in known if of == product)) or "none yet"
            raise Missing(f"There is no template '{name}' of '{product}'. Known templates: {names}")


def _with_role(uow: UnitOfWork, rule: Rule, parts: RuleParts) -> Rule:
    code = parts.get("role", rule.role)
    role = None if code is None else _role(uow, code)
    scope = rule.role_groups if role and role.code == rule.role else ()
    if "role_groups" in parts:
        scope = tuple(sorted({_existing(uow, text).id for text in parts["role_groups"]}))
    if scope and not (role and role.scoped):
        raise Invalid("Only a role that looks after people can be limited to groups: give manager or a custom role.")
    return replace(rule, role=role.code if role else None, role_groups=scope)


def _role(uow: UnitOfWork, text: str) -> Role:
    """The role of that code, which stays until the transaction ends."""
    roles = uow.roles.all(kept=True)
    code = roles.find(text)
    if code is None:
        raise Missing(f"There is no role '{text}'. Known roles: {', '.join(roles.by_code)}")
    return roles.by_code[code]


def _existing(uow: UnitOfWork, text: str) -> Group:
    group = _group(uow, text)
    if group is None:
        raise Missing(f"There is no group '{text}' to look after. Create it first, or give the id of another.")
    return group


def _language(text: str | None) -> str | None:
    if text is not None and not TAG.fullmatch(text):
        raise Invalid(f"'{text}' is no language tag: write fr, pt-BR or zh-Hant, for example.")
    return text


def _mail(uow: UnitOfWork, name: str | None) -> str | None:
    if name not in {None, QUIET, *wording.names(uow)}:
        raise wording.unknown_name(uow, str(name))
    return name
