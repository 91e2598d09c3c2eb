"""A rule as its form has it, and as the parts that use cases take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from scim_server.console.trials import lines
from scim_server.domain.rules import Rule
from scim_server.domain.seats import Policy
from scim_server.services.rule_parts import RuleParts

GROUP, CONDITION = "group", "condition"
TEMPLATE = "template:"
"""What the name of a field begins with that takes the settings template of a product."""


@dataclass(frozen=True, slots=True)
class RuleForm:
    """The fields of the form, filled in: with a rule, or with what is typed. `groups` are whom a role looks after."""

    audience: str = GROUP
    group: str = ""
    condition: str = ""
    products: Sequence[str] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    role: str = ""
    groups: Sequence[str] = ()
    language: str = ""
    policy: str = ""
    whole: bool = False
    mail: str = ""
    enabled: bool = True
    priority: str = ""

    @classmethod
    def of(cls, rule: Rule, names: Mapping[str, str]) -> "RuleForm":
        """The form of a rule; `names` are those of groups by id."""
        return cls(
            audience=GROUP if rule.condition is None else CONDITION,
            group=rule.group_name,
            condition=rule.condition or "",
            products=sorted(rule.products),
            templates=rule.templates,
            role=rule.role or "",
            groups=[names.get(group, group) for group in rule.role_groups],
            language=rule.language or "",
            policy=rule.policy.value if rule.policy else "",
            whole=rule.all_or_nothing,
            mail=rule.mail or "",
            enabled=rule.enabled,
            priority=str(rule.priority),
        )

    @classmethod
    def typed(cls, query: MultiDict[str, str]) -> "RuleForm":
        """The form as it is filled in."""
        names = ("audience", "group", "condition", "role", "language", "policy", "mail", "priority")
        products = query.getlist("product")
        return cls(
            **{name: query.get(name, "").strip() for name in names},
            products=products,
            templates={product: query.get(f"{TEMPLATE}{product}", "") for product in products},
            groups=lines(query.get("groups")),
            whole="whole" in query,
            enabled="enabled" in query,
        )

    def parts(self, before: "RuleForm | None" = None) -> RuleParts:
        """The parts of a rule as the form has them.

        Groups that stay as they were `before` are left alone: they are kept by id, and a name may be that of several.
        """
        parts = RuleParts(
            products=self.products,
            templates={product: name or None for product, name in self.templates.items()},
            role=self.role or None,
            language=self.language or None,
            policy=Policy(self.policy) if self.policy in set(Policy) else None,
            all_or_nothing=self.whole,
            mail=self.mail or None,
            enabled=self.enabled,
        )
        if before is None or (self.role, self.groups) != (before.role, before.groups):
            parts["role_groups"] = self.groups
        if before is None or self._is_for_others(before):
            if self.audience == CONDITION:
                parts["condition"] = self.condition
            else:
                parts["group"] = self.group
        if self.priority.isdecimal() and (before is None or self.priority != before.priority):
            parts["priority"] = int(self.priority)
        return parts

    def _is_for_others(self, before: "RuleForm") -> bool:
        said, had = (each.condition if each.audience == CONDITION else each.group for each in (self, before))
        return self.audience != before.audience or said != had
