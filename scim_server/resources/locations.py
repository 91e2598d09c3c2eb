"""`$ref` in filters: an address made on reading, so its comparison is read as one of the id it ends in.

RFC 7643 section 2.3.7: relative addresses are resolved first, and the version segment makes no difference.
"""

from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filters import And, Comparison, Filter, Never, Not, Or, Present, ValuePath
from scim_server.protocol.normalising import comparable
from scim_server.protocol.paths import AttributePath, resolve
from scim_server.protocol.registry import Registry
from scim_server.protocol.schemas import ResourceType
from scim_server.resources.representations import COMPUTED

NAMED_KIND = {"groups": "Group", "manager": "User"}
"""What kind of resource an attribute refers to, where its elements do not say so in `type`."""


def with_ids(filter: Filter, kind: ResourceType, base_url: str, registry: Registry) -> Filter:  # noqa: A002
    """`filter` over resources of `kind`, ids in place of the addresses that the server makes. Raises InvalidFilter."""
    made = {resolve(path, kind).keys for path in COMPUTED.get(kind.name, {}).values()}
    return _Rewriter(frozenset(made), base_url, registry).rewrite(filter) if made else filter


@dataclass(frozen=True, slots=True)
class _Rewriter:
    made: frozenset[tuple[str, ...]]
    base_url: str
    registry: Registry
    inside: bool = False
    """Within the brackets of a value path, where a test is of one element."""

    def rewrite(self, node: Filter) -> Filter:
        match node:
            case And(terms) | Or(terms):
                return type(node)(tuple(self.rewrite(term) for term in terms))
            case Not(inner):
                return Not(self.rewrite(inner))
            case ValuePath(path, inner):
                return ValuePath(path, replace(self, inside=True).rewrite(inner))
            case Present(path) if self._is_made(path):
                return Present(_beside(path, "value"))
            case Comparison(path) if self._is_made(path):
                return self._compared(node)
        return node

    def _is_made(self, path: AttributePath) -> bool:
        return path.sub is not None and path.sub.name == "$ref" and path.keys[:-1] in self.made

    def _compared(self, node: Comparison) -> Filter:
        if node.operator not in {"eq", "ne"}:
            raise InvalidFilter(f"'{node.path}' is made when it is read: compare whole addresses, with eq or ne.")
        same = self._names(node)
        attribute = node.path.attribute
        if self.inside or attribute is None or not attribute.multi_valued:
            return same if node.operator == "eq" else Not(same)
        whole = AttributePath(node.path.urn, attribute)
        if node.operator == "eq":
            return ValuePath(whole, same)
        return Or((Not(Present(whole)), ValuePath(whole, Not(same))))

    def _names(self, node: Comparison) -> Filter:
        """Whether an element refers to what the address is of."""
        attribute = node.path.attribute
        target = _target(str(node.value), self.base_url)
        kind = self.registry.at(target[0]) if target else None
        if attribute is None or target is None or kind is None:
            return Never()
        is_value = Comparison(_beside(node.path, "value"), "eq", target[1])
        named = NAMED_KIND.get(attribute.name)
        if named is not None:
            return is_value if kind.name == named else Never()
        path = _beside(node.path, "type")
        return And((is_value, Comparison(path, "eq", comparable(path.leaf, kind.name))))


def _beside(path: AttributePath, name: str) -> AttributePath:
    attribute = path.attribute
    return AttributePath(path.urn, attribute, attribute.sub(name) if attribute else None)


def _target(address: str, base_url: str) -> tuple[str, str] | None:
    """Endpoint and id of the resource of this tenant that `address` is of, relative ones from where resources lie."""
    unversioned = base_url.rpartition("/")[0]
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(base_url))
    try:
        absolute = {urljoin(f"{base_url}/", address), urljoin(f"{base_url}/endpoint/", address)}
    except ValueError:
        return None
    for prefix in (base_url, unversioned, origin):
        for candidate in absolute:
            endpoint, _, resource_id = candidate.removeprefix(prefix).rpartition("/")
            if candidate.startswith(f"{prefix}/") and resource_id and endpoint.count("/") == 1:
                return endpoint, resource_id
    return None
