"""The vendor's catalogue of products."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from scim_server.domain.products import Catalogue, Product
from scim_server.store.rows import Row
from scim_server.store.scopes import Scope, taken
from scim_server.store.tables import product_includes, products

_PRODUCTS = select(products.c.code, products.c.name, product_includes.c.included).outerjoin(
    product_includes, product_includes.c.code == products.c.code
)


@dataclass
class Catalogues:
    """The vendor's products, the same for every tenant; one unit of work reads them once."""

    scope: Scope
    read: Catalogue | None = None

    def expect(self) -> None:
        if self.read is None:
            self.scope.expect(_PRODUCTS)

    def catalogue(self) -> Catalogue:
        if self.read is None:
            self.read = _catalogue(self.scope.expected(_PRODUCTS))
        return self.read


def catalogue(connection: Connection) -> Catalogue:
    """All products, as a transaction above the tenants reads them."""
    return _catalogue(connection.execute(_PRODUCTS).mappings())


def add(connection: Connection, product: Product) -> None:
    """Raises Taken where there is one of that code."""
    try:
        connection.execute(insert(products).values(code=product.code, name=product.name))
    except IntegrityError as error:
        raise taken(error, "products", f"There is a product '{product.code}' already.") from error
    for included in sorted(product.includes):
        connection.execute(insert(product_includes).values(code=product.code, included=included))


def _catalogue(found: Iterable[Row]) -> Catalogue:
    names: dict[str, str] = {}
    included: dict[str, set[str]] = {}
    for row in found:
        names[row["code"]] = row["name"]
        included.setdefault(row["code"], set()).update([row["included"]] if row["included"] else [])
    return Catalogue({code: Product(code, names[code], frozenset(included[code])) for code in names})
