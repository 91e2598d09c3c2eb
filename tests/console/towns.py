"""Two tenants of every kind of thing, few and many, and those who visit their pages."""

from dataclasses import dataclass, field
from functools import cached_property

from scim_server.domain.access import PERMISSIONS
from scim_server.domain.particulars import Newcomer
from scim_server.services import authorising, joining
from scim_server.services.visiting import READING
from tests.console import visitors
from tests.console.estates import Estate, estate
from tests.console.visitors import Visitor
from tests.walls.secrets import MARK
from tests.worlds import CAUSE, World

FEW, MANY = 3, 60
"""Fewer than a page of a list has, and more."""


@dataclass
class Town:
    """A world with `few`, whose names and texts are all marked, beside `many`."""

    world: World
    few: Estate = field(init=False)
    many: Estate = field(init=False)

    def __post_init__(self) -> None:
        self.many = estate(self.world, "acme", MANY)
        self.few = estate(self.world, f"{MARK}globex", FEW, lambda text: f"{MARK}{text}", MARK)
        self._with: dict[frozenset[str], Visitor] = {}

    @cached_property
    def operator(self) -> Visitor:
        return visitors.operator(self.world)

    @cached_property
    def french_operator(self) -> Visitor:
        return visitors.operator(self.world, accept_language="fr")

    def boss(self, of: Estate, **headers: str) -> Visitor:
        """The super admin of one of the tenants."""
        return visitors.person(self.world, of.tenant, of.boss, **headers)

    def only(self, *permissions: str) -> Visitor:
        """Somebody of `few` who may read about people, and do these things."""
        return self._who({READING, *permissions})

    def all_but(self, permission: str) -> Visitor:
        """Somebody of `few` who may do everything else."""
        return self._who(PERMISSIONS.keys() - {permission})

    def _who(self, permits: set[str]) -> Visitor:
        key = frozenset(permits)
        if key not in self._with:
            tenant, number = self.few.tenant, len(self._with)
            code, name = f"{MARK}only-{number}", f"{MARK}visitor{number}@{self.few.tenant.slug}.test"
            authorising.create_role(self.world.units, tenant, CAUSE, code, code, "", permits)
            joining.add_person(self.world.units, tenant, CAUSE, Newcomer(name, f"{MARK}V", f"{MARK}W"))
            self._with[key] = visitors.person(self.world, tenant, name, code)
        return self._with[key]
