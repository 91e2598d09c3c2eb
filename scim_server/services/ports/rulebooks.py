"""Rules, their conditions and templates, roles and grants."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from scim_server.domain.access import Grant, GrantEntry, Role, Roles
from scim_server.domain.rules import Rule, Template


class Rules(Protocol):
    def expect(self) -> None:
        """Have every rule read with the next question."""
        ...

    def all(self) -> list[Rule]:
        """Every rule by priority."""
        ...

    def known(self) -> Sequence[Rule]:
        """Every rule as this transaction has last read them; none where it had no need of them. Costs nothing."""
        ...

    def add(self, rule: Rule) -> None: ...

    def save(self, rule: Rule) -> None:
        """Save all of the rule but its priority's place among the others: that must be free."""
        ...

    def reorder(self, rule_ids: Sequence[str]) -> None:
        """Give all rules of the tenant the priorities from 1 on, in that order."""
        ...

    def remove(self, rule_id: str) -> None: ...

    def matches(self, user_ids: Collection[str]) -> list[tuple[str, str]]:
        """Which of those users meet which rules by being in a group, enabled or not: user id and rule id."""
        ...

    def bind(self, group_name: str, group_id: str) -> list[Rule]:
        """Bind the rules that wait for a group of that name; answers them."""
        ...

    def rename(self, group_id: str, group_name: str) -> list[Rule]:
        """Show the rules of a group under its new name; answers them as they were."""
        ...

    def unbind(self, group_id: str) -> list[Rule]:
        """Leave the rules of a deleted group without one; answers them."""
        ...


class AttributeCondition(Protocol):
    """What the conditions of rules mean: filters over people, in the words of the tenant's schemas."""

    def check(self, text: str) -> None:
        """Raises Invalid where `text` is no condition, or looks at what the server works out itself."""
        ...

    def meeting(
        self, conditions: Mapping[str, str], user_ids: Collection[str] | None = None, most: int | None = None
    ) -> list[tuple[str, str]]:
        """Who of those users, or of the whole tenant, meets which of the conditions by rule id: user id and rule id.

        One statement, however many people and (up to a hundred short ones) conditions. Of more than `most` answers
        some are left out.
        """
        ...

    def count(self, text: str) -> int:
        """How many people of the tenant meet the condition; nobody meets one that cannot be read."""
        ...


class Templates(Protocol):
    """Named sets of settings that the application reads, by product and name."""

    def all(self) -> list[Template]:
        """Every template by product and name."""
        ...

    def put(self, template: Template) -> None:
        """Write the template, over an earlier one of its product and name."""
        ...

    def remove(self, product: str, name: str) -> None: ...


class RoleRegister(Protocol):
    def all(self, *, kept: bool = False) -> Roles:
        """Every role of the tenant. Those that are `kept` stay until this transaction ends."""
        ...

    def add(self, role: Role) -> None:
        """Raises Taken where the code is in use."""
        ...

    def lock(self, code: str) -> bool:
        """Whether the tenant has a role of its own under that code, which nobody then can grant meanwhile."""
        ...

    def remove(self, code: str) -> None:
        """Take a role of the tenant's own out; nobody may have it."""
        ...


class Grants(Protocol):
    """Who has which role. Only `services/granting.py` writes it; the people must be locked."""

    def of(self, user_ids: Collection[str]) -> list[Grant]: ...

    def with_role(self, role: str) -> list[Grant]:
        """The grants of that role, by user and source."""
        ...

    def entries(
        self, user_id: str | None, role: str | None, after: tuple[str, str, str] | None, most: int | None
    ) -> list[GrantEntry]:
        """The grants of one person, of one role, or all, by user, role and source; those behind `after`."""
        ...

    def people(self) -> dict[str, int]:
        """How many people have each role that anybody has."""
        ...

    def lock(self, role: str) -> None:
        """Lock the grants of that role, in the order of their users: after the people, before subscriptions."""
        ...

    def add(self, new: Sequence[Grant]) -> None: ...

    def drop(self, ended: Sequence[Grant]) -> None: ...
