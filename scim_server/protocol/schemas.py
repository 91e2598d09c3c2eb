"""RFC 7643 sections 2, 6 and 7: attributes with their characteristics, schemas, resource types.

Built once from the documents under `schemas/` and never changed. Names are compared without regard to case
(section 2.1), URNs likewise (RFC 7644 section 3.10). Being built once, they are equal only to themselves, so
what is compiled from them can be cached under them at no cost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Comparison = Literal["exact", "folded", "username"]

STRING_TYPES = frozenset({"string", "reference", "binary"})
CASE_EXACT_TYPES = frozenset({"reference", "binary"})
"""Types whose values are case exact whatever a schema says (RFC 7643 sections 2.3.6 and 2.3.7)."""


@dataclass(frozen=True, eq=False)
class Attribute:
    """One attribute or sub-attribute and its characteristics, with the defaults of RFC 7643 section 2.2."""

    name: str
    type: str = "string"
    multi_valued: bool = False
    description: str = ""
    required: bool = False
    canonical_values: tuple[str, ...] = ()
    case_exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    reference_types: tuple[str, ...] = ()
    sub_attributes: tuple["Attribute", ...] = ()

    @cached_property
    def _subs(self) -> Mapping[str, "Attribute"]:
        return {sub.name.lower(): sub for sub in self.sub_attributes}

    def sub(self, name: str) -> "Attribute | None":
        """The sub-attribute of that name, in any letter case."""
        return self._subs.get(name.lower())

    @property
    def is_complex(self) -> bool:
        return self.type == "complex"

    @property
    def names_resources(self) -> bool:
        """Whether the elements name other resources by an id that cannot be edited in place (`members`)."""
        value = self.sub("value")
        return self.multi_valued and value is not None and value.mutability == "immutable"

    @property
    def comparison(self) -> Comparison:
        """How two texts are compared: RFC 7643 section 2.2, and for user names RFC 7644 section 5."""
        if self.case_exact:
            return "exact"
        return "username" if self.name == "userName" and self.uniqueness == "server" else "folded"


@dataclass(frozen=True, eq=False)
class Schema:
    """A schema: its URN, its attributes, and the document it was read from (served as it is by discovery)."""

    urn: str
    name: str
    description: str
    attributes: tuple[Attribute, ...]
    document: Mapping[str, Any] = field(repr=False, default_factory=dict)

    @cached_property
    def _by_name(self) -> Mapping[str, Attribute]:
        return {attribute.name.lower(): attribute for attribute in self.attributes}

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name, in any letter case."""
        return self._by_name.get(name.lower())


@dataclass(frozen=True)
class SchemaExtension:
    """An extension of a resource type, and whether every resource must carry it.

    One that is not `listed` is found in discovery only under a tenant's switch `discovery.seats` (`"listed": false`
    in the resource type's document).
    """

    schema: Schema
    required: bool
    listed: bool = True


@dataclass(frozen=True, eq=False)
class ResourceType:
    """RFC 7643 section 6: a kind of resource, its endpoint (such as `/Users`), base schema and extensions.

    `common` are the attributes of section 3.1, which belong to every resource and to no schema. One that is not
    `listed` is found in discovery only under a tenant's switch `discovery.seats`.
    """

    name: str
    endpoint: str
    description: str
    schema: Schema
    extensions: tuple[SchemaExtension, ...]
    common: tuple[Attribute, ...]
    document: Mapping[str, Any] = field(repr=False, default_factory=dict)
    listed: bool = True

    @cached_property
    def is_read_only(self) -> bool:
        """Whether its schemas have nothing that clients could write, so that there is no writing at all."""
        schemas = (self.schema, *(extension.schema for extension in self.extensions))
        return all(attribute.mutability == "readOnly" for schema in schemas for attribute in schema.attributes)

    @cached_property
    def _core(self) -> Mapping[str, Attribute]:
        return {attribute.name.lower(): attribute for attribute in (*self.common, *self.schema.attributes)}

    @cached_property
    def _extensions(self) -> Mapping[str, Schema]:
        return {extension.schema.urn.lower(): extension.schema for extension in self.extensions}

    def attribute(self, name: str) -> Attribute | None:
        """The common or core attribute of that name, in any letter case."""
        return self._core.get(name.lower())

    def extension(self, urn: str) -> Schema | None:
        """The extension with that URN, in any letter case."""
        return self._extensions.get(urn.lower())

    def attributes(self) -> Iterator[tuple[str | None, Attribute]]:
        """Every attribute with the URN of its extension, None for common and core ones."""
        for attribute in self._core.values():
            yield None, attribute
        for extension in self.extensions:
            for attribute in extension.schema.attributes:
                yield extension.schema.urn, attribute
