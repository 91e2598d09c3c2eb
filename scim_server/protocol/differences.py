"""RFC 7644 section 3.5.2: what makes one document out of another, as paths and as operations of a PATCH."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from scim_server.protocol.paths import AttributePath
from scim_server.protocol.schemas import Attribute, ResourceType

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies at a path in one document and in another; None where nothing does."""

    path: AttributePath
    before: Any
    after: Any

    @property
    def leaves(self) -> Iterator["Difference"]:
        """The same by sub-attributes, where it is a complex value and not a list of them."""
        attribute = self.path.leaf
        if self.path.sub is not None or attribute.multi_valued or not attribute.is_complex:
            yield self
            return
        then, now = self.before or _NOTHING, self.after or _NOTHING
        for sub in attribute.sub_attributes:
            if then.get(sub.name) != now.get(sub.name):
                path = AttributePath(self.path.urn, attribute, sub)
                yield Difference(path, then.get(sub.name), now.get(sub.name))

    @property
    def operations(self) -> Iterator[dict[str, Any]]:
        """What a PATCH does to the one document so that it becomes the other."""
        parts = [self] if self.before is None or self.after is None else self.leaves
        for each in parts:
            path = str(each.path)
            if each.after is None:
                yield {"op": "remove", "path": path}
            else:
                yield {"op": "add" if each.before is None else "replace", "path": path, "value": each.after}


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], resource_type: ResourceType
) -> Iterator[Difference]:
    """By attribute, in the order of the schemas; `schemas` itself follows from the others."""
    for urn, attribute in resource_type.attributes():
        then, now = (_value(document, urn, attribute) for document in (before, after))
        if then != now and attribute.name != "schemas":
            yield Difference(AttributePath(urn, attribute), then, now)


def paths_between(before: Mapping[str, Any], after: Mapping[str, Any], resource_type: ResourceType) -> list[str]:
    """What is different, in the notation of PATCH: `name.familyName`, `emails`, `urn:...:User:department`."""
    return [str(leaf.path) for each in differences(before, after, resource_type) for leaf in each.leaves]


def operations_between(
    before: Mapping[str, Any], after: Mapping[str, Any], resource_type: ResourceType
) -> list[dict[str, Any]]:
    """The operations of a PATCH that makes the one out of the other; of a list that is another, all of it."""
    return [each for found in differences(before, after, resource_type) for each in found.operations]


def _value(document: Mapping[str, Any], urn: str | None, attribute: Attribute) -> Any:
    holder = document.get(urn, _NOTHING) if urn else document
    return holder.get(attribute.name)
