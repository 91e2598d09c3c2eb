"""Rules: who is in the group, or meets the condition, gets the products. Priority 1 comes first when seats run out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scim_server.domain.instants import Instant
from scim_server.domain.seats import RULE, Place, Policy, Want


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for a group or for people who meet a condition.

    One for a group is written by its name and kept by its id: `group_id` is None until such a group exists. One with
    a `condition` (a SCIM filter on people) has an empty `group_name` and no `group_id`.

    `templates` names the settings template of a product, by product. `policy` stands before that of the subscription
    for people whose best claim is by this rule; `all_or_nothing` gives them all its products or none. `role_groups`
    are the ids of the groups that a manager by this rule looks after; none means all. `mail` names the template of the
    mail about what the rule gives, `none` sends nothing; without it the tenant's settings decide.
    """

    id: str
    priority: int
    group_id: str | None
    group_name: str
    products: frozenset[str]
    enabled: bool
    created: Instant
    condition: str | None = None
    role: str | None = None
    role_groups: tuple[str, ...] = ()
    language: str | None = None
    templates: Mapping[str, str] = field(default_factory=dict)
    policy: Policy | None = None
    all_or_nothing: bool = False
    mail: str | None = None

    @property
    def audience(self) -> str:
        """Who meets the rule, in words."""
        return f"group '{self.group_name}'" if self.condition is None else f"people with {self.condition}"

    @property
    def source(self) -> str:
        """What claims and grants by this rule name as their source."""
        return f"{RULE}{self.id}"

    def want(self, place: Place) -> Want:
        """On what terms somebody with a claim by this rule should have a seat."""
        return Want(place, self.policy, self.source if self.all_or_nothing else None)


@dataclass(frozen=True, slots=True)
class Template:
    """A named set of settings of one product, which the application reads: what they mean is its business."""

    product: str
    name: str
    values: Mapping[str, str]
