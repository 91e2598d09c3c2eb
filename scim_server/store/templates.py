"""Settings templates: named sets of values per product."""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from scim_server.domain.rules import Template
from scim_server.store.scopes import Scope
from scim_server.store.tables import templates

_ALL = (
    select(templates.c.product, templates.c.name, templates.c["values"])
    .where(templates.c.tenant_id == bindparam("tenant"))
    .order_by(templates.c.product, templates.c.name)
)
_REMOVE = delete(templates).where(
    templates.c.tenant_id == bindparam("tenant"),
    templates.c.product == bindparam("of_product"),
    templates.c.name == bindparam("of_name"),
)


@dataclass(frozen=True, slots=True)
class Templates:
    """The templates of one tenant."""

    scope: Scope

    def all(self) -> list[Template]:
        return [Template(**row) for row in self.scope.rows(_ALL)]

    def put(self, template: Template) -> None:
        self.remove(template.product, template.name)
        row = {"product": template.product, "name": template.name, "values": dict(template.values)}
        self.scope.insert_by(insert(templates), [row])

    def remove(self, product: str, name: str) -> None:
        self.scope.run(_REMOVE, of_product=product, of_name=name)
