"""The vendor's catalogue of products."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from scim_server.domain.products import Catalogue, Product
from scim_server.store.scopes import taken
from scim_server.store.tables import product_includes, products

_PRODUCTS = select(products)
_INCLUDES = select(product_includes)


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The vendor's products, the same for every tenant."""

    connection: Connection

    def catalogue(self) -> Catalogue:
        included: dict[str, set[str]] = {}
        for row in self.connection.execute(_INCLUDES).mappings():
            included.setdefault(row["code"], set()).add(row["included"])
        found = self.connection.execute(_PRODUCTS).mappings()
        return Catalogue(
            {row["code"]: Product(row["code"], row["name"], frozenset(included.get(row["code"], ()))) for row in found}
        )

    def add(self, product: Product) -> None:
        try:
            self.connection.execute(insert(products).values(code=product.code, name=product.name))
        except IntegrityError as error:
            raise taken(error, "products", f"There is a product '{product.code}' already.") from error
        for included in sorted(product.includes):
            self.connection.execute(insert(product_includes).values(code=product.code, included=included))
