"""Conditions: filters that people write, not clients. An attribute of an extension needs no URN in them."""

from collections.abc import Iterator
from functools import lru_cache

from scim_server.protocol.filters import And, Comparison, Filter, Never, Not, Or, Present, Reader, ValuePath, syntax_of
from scim_server.protocol.paths import AttributePath, resolve_short
from scim_server.protocol.schemas import ResourceType


@lru_cache(maxsize=512)
def read_condition(text: str, resource_type: ResourceType) -> Filter:
    """The filter that a condition stands for. Raises InvalidFilter, as `parse_filter` does."""
    return _Reader(resource_type).read(syntax_of(text))


def paths_of(node: Filter) -> Iterator[AttributePath]:
    """Every attribute that a filter looks at."""
    match node:
        case Comparison(path) | Present(path):
            yield path
        case ValuePath(path, inner):
            yield path
            yield from paths_of(inner)
        case Not(inner):
            yield from paths_of(inner)
        case And(terms) | Or(terms):
            for term in terms:
                yield from paths_of(term)
        case Never():
            return


class _Reader(Reader):
    def _named(self, name: str) -> AttributePath:
        return resolve_short(name, self._resource_type)
