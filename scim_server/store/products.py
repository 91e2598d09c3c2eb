"""The vendor's catalogue of products."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from scim_server.domain.products import Catalogue, Product
from scim_server.store.scopes import taken
from scim_server.store.tables import product_includes, products

_PRODUCTS = select(products.c.code, products.c.name, product_includes.c.included).outerjoin(
    product_includes, product_includes.c.code == products.c.code
)


@dataclass
class Catalogues:
    """The vendor's products, the same for every tenant; one unit of work reads them once."""

    connection: Connection
    answer: Callable[[], Any] | None = None
    """To the question for all of them, where it was asked beforehand."""

    def expect(self) -> None:
        ask = getattr(self.connection, "ask", None)
        if self.answer is None and ask is not None:  # SQLite is asked when somebody wants to know
            self.answer = ask(_PRODUCTS, {})

    def catalogue(self) -> Catalogue:
        return self._catalogue

    @cached_property
    def _catalogue(self) -> Catalogue:
        names: dict[str, str] = {}
        included: dict[str, set[str]] = {}
        found: Any = self.answer() if self.answer else self.connection.execute(_PRODUCTS)
        for row in found.mappings():
            names[row["code"]] = row["name"]
            included.setdefault(row["code"], set()).update([row["included"]] if row["included"] else [])
        return Catalogue({code: Product(code, names[code], frozenset(included[code])) for code in names})

    def add(self, product: Product) -> None:
        self.answer = None
        self.__dict__.pop("_catalogue", None)
        try:
            self.connection.execute(insert(products).values(code=product.code, name=product.name))
        except IntegrityError as error:
            raise taken(error, "products", f"There is a product '{product.code}' already.") from error
        for included in sorted(product.includes):
            self.connection.execute(insert(product_includes).values(code=product.code, included=included))
