"""What the vendor sells. A product may include others: who holds webinar has meeting as well."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scim_server.domain.errors import Invalid, Missing

CODE = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Product:
    """A product under its code, for example `webinar`, and the codes it includes directly."""

    code: str
    name: str
    includes: frozenset[str] = frozenset()


def check_code(code: str) -> str:
    """`code`, if it can name a product; raises Invalid."""
    if not CODE.fullmatch(code):
        raise Invalid(
            f"'{code}' cannot be a product's code: use 1 to 64 lower-case letters, digits, dots, hyphens and "
            "underscores, beginning and ending with a letter or digit."
        )
    return code


@dataclass(frozen=True)
class Catalogue:
    """All products and how they contain each other."""

    products: Mapping[str, Product] = field(default_factory=dict)

    def covers(self, code: str) -> frozenset[str]:
        """Every product that a seat of `code` covers, through any number of bundles, itself not counted."""
        return self._covers.get(code, frozenset())

    def covered_by(self, code: str) -> frozenset[str]:
        """The products whose seat covers `code`."""
        return self._covered_by.get(code, frozenset())

    def bundles_with(self, code: str) -> list[str]:
        """The products that include `code` directly, in code order."""
        return sorted(product.code for product in self.products.values() if code in product.includes)

    def related(self, codes: Iterable[str]) -> list[str]:
        """`codes` with all that include them or are included, in code order: what must be locked together."""
        found: set[str] = set()
        pending = list(codes)
        while pending:
            code = pending.pop()
            if code not in found:
                found.add(code)
                pending.extend(self.covers(code) | self.covered_by(code))
        return sorted(found)

    def bundles_first(self, codes: Iterable[str]) -> list[str]:
        """`codes` so that a bundle comes before what it includes; otherwise in code order."""
        return sorted(codes, key=lambda code: (-len(self.covers(code)), code))

    def find(self, value: str) -> str | None:
        """The code that `value` names, letter case ignored."""
        return value.casefold() if value.casefold() in self.products else None

    def named(self, values: Iterable[str]) -> list[str]:
        """The codes that `values` name, each once, in order; a value that names no product is passed over."""
        found = (self.find(value) for value in values)
        return list(dict.fromkeys(code for code in found if code is not None))

    def unknown(self, value: str) -> Missing:
        """The refusal of what names no product."""
        return Missing(
            f"There is no product '{value}'. Known products: {', '.join(sorted(self.products)) or 'none yet'}"
        )

    def names(self, codes: Iterable[str]) -> list[str]:
        """What those products are called, in the same order; one that is gone is left out."""
        return [self.products[code].name for code in codes if code in self.products]

    @cached_property
    def _covers(self) -> Mapping[str, frozenset[str]]:
        return {code: self._closure(code) for code in self.products}

    @cached_property
    def _covered_by(self) -> Mapping[str, frozenset[str]]:
        return {
            code: frozenset(bundle for bundle, covered in self._covers.items() if code in covered)
            for code in self.products
        }

    def _closure(self, code: str) -> frozenset[str]:
        found: set[str] = set()
        pending = list(self.products[code].includes)
        while pending:
            included = pending.pop()
            if included not in found:
                found.add(included)
                pending.extend(self.products[included].includes)
        return frozenset(found)
