"""RFC 7643 sections 5 to 8 and RFC 7644 section 4: what the server says about itself, and whether it is true."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from scim_conformance.checks import Level, Section
from scim_conformance.clients import LIST_RESPONSE
from scim_conformance.fixtures import GROUP, USER, Probe
from scim_conformance.servers import ENTERPRISE, FEATURES
from scim_conformance.tables import rows
from scim_conformance.verdicts import CheckFailed, CheckSkipped, require, same, same_items

CONFIG = "/ServiceProviderConfig"
CONFIG_URN = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
TYPES = ("string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex")
MUTABILITY = ("readOnly", "readWrite", "immutable", "writeOnly")
RETURNED = ("always", "never", "default", "request")
UNIQUENESS = ("none", "server", "global")
AUTHENTICATION = ("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest")

config = Section("7643-5", "config", needs="")
resource_types = Section("7643-6", "resource-type", needs="")
schemas = Section("7643-7", "schema", needs="")
published = Section("7643-8.7", "published", needs="")
discovery = Section("7644-4", "discovery", needs="")


@config.must("one-object", "ServiceProviderConfig is one resource, not a list.", "R-7644-4-04 R-7643-5-01")
def one_object(scim: Probe) -> None:
    came = scim.get(CONFIG).expect(200).resource
    require(CONFIG_URN in (came.get("schemas") or ()), f"schemas do not name {CONFIG_URN}")
    require("Resources" not in came, "a list came")


def _feature(name: str, scim: Probe) -> None:
    block = scim.get(CONFIG).expect(200).resource.get(name)
    require(
        isinstance(block, dict) and type(block.get("supported")) is bool, f"{name}.supported is missing or no boolean"
    )


for feature in FEATURES:
    says = f"ServiceProviderConfig says whether {feature} is supported."
    config.add(Level.MUST, f"says-{feature.lower()}", says, partial(_feature, feature), "R-7643-5-01")


@config.must(
    "bulk-limits", "bulk has maxOperations and maxPayloadSize, as whole numbers.", "R-7643-5-01 R-7644-3.7.4-01"
)
def bulk_limits(scim: Probe) -> None:
    block = scim.get(CONFIG).expect(200).resource.get("bulk") or {}
    for name in ("maxOperations", "maxPayloadSize"):
        require(type(block.get(name)) is int, f"bulk.{name} is missing or no whole number")


@config.must("filter-limit", "filter has maxResults, as a whole number.", "R-7643-5-01 R-7643-5-04")
def filter_limit(scim: Probe) -> None:
    block = scim.get(CONFIG).expect(200).resource.get("filter") or {}
    require(type(block.get("maxResults")) is int, "filter.maxResults is missing or no whole number")


@config.must(
    "authentication", "authenticationSchemes lists schemes with type, name and description.", "R-7643-5-01 R-7644-2-02"
)
def authentication(scim: Probe) -> None:
    schemes = scim.get(CONFIG).expect(200).resource.get("authenticationSchemes") or []
    require(schemes, "authenticationSchemes is missing or empty")
    for scheme in schemes:
        require(scheme.get("type") in AUTHENTICATION, f"type is {scheme.get('type')!r}")
        require(scheme.get("name") and scheme.get("description"), "name or description is missing")


@config.must("read-only", "ServiceProviderConfig cannot be written: 405, or 404, 403 or 501.", "R-7643-5-03")
def config_read_only(scim: Probe) -> None:
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        scim.send(method, CONFIG, {"schemas": [CONFIG_URN]}).refused(403, 404, 405, 501)


@config.should("anonymous", "Whoever has no credential yet can read how to authenticate.", "R-7643-5-02")
def config_anonymous(scim: Probe) -> None:
    reply = scim.send("GET", CONFIG, anonymous=True)
    require(reply.resource.get("authenticationSchemes"), f"status {reply.status} came, without authenticationSchemes")


@config.must(
    "unsupported-bulk",
    "A bulk request to a server that denies bulk is answered with 501, or 404 or 403.",
    "R-7643-5-01 R-7644-3.12-06",
)
def unsupported_bulk(scim: Probe) -> None:
    if not scim.server.lacks("bulk"):
        raise CheckSkipped("the server supports bulk")
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []}
    scim.post("/Bulk", body).refused(501, 404, 403)


def _listed(scim: Probe, path: str) -> list[dict[str, Any]]:
    found = scim.get(path).resources
    require(found, f"{path} lists nothing")
    return found


@resource_types.must("listed", "/ResourceTypes is a ListResponse of all resource types.", "R-7644-4-01 R-7643-6-01")
def types_listed(scim: Probe) -> None:
    reply = scim.get("/ResourceTypes")
    same(reply.listed["totalResults"], len(reply.resources), "totalResults")
    require(reply.resources, "no resource type is listed")


@resource_types.must("members", "A resource type has name, endpoint and schema.", "R-7643-6-01")
def type_members(scim: Probe) -> None:
    for each in _listed(scim, "/ResourceTypes"):
        missing = [name for name in ("schemas", "name", "endpoint", "schema") if not each.get(name)]
        same(missing, [], f"missing in resource type {each.get('name')}")


@resource_types.should("id", "A resource type's id is its name.", "R-7643-6-02")
def type_id(scim: Probe) -> None:
    for each in _listed(scim, "/ResourceTypes"):
        same(each.get("id"), each.get("name"), "id")


@resource_types.must("one", "A resource type can be read by its name.", "R-7644-4-01")
def one_type(scim: Probe) -> None:
    for each in _listed(scim, "/ResourceTypes"):
        same(scim.get(f"/ResourceTypes/{each['name']}").expect(200).resource, each, f"resource type {each['name']}")


@resource_types.must("unknown", "A resource type that does not exist is answered with 404.", "R-7644-4-01")
def unknown_type(scim: Probe) -> None:
    scim.get("/ResourceTypes/Nothing").refused(404)


@resource_types.must("schemas", "Every schema that a resource type names is served.", "R-7643-6-01")
def type_schemas(scim: Probe) -> None:
    for each in _listed(scim, "/ResourceTypes"):
        extensions = [extension["schema"] for extension in each.get("schemaExtensions") or []]
        for urn in (each["schema"], *extensions):
            same(scim.get(f"/Schemas/{urn}").expect(200).resource.get("id"), urn, "id of the schema")


@resource_types.must("endpoints", "Every endpoint that is listed answers.", "R-7643-6-01 R-7644-3.2-01")
def type_endpoints(scim: Probe) -> None:
    for each in _listed(scim, "/ResourceTypes"):
        require(scim.get(each["endpoint"], count="1").listed, f"{each['endpoint']} gives no list")


@resource_types.must("extensions", "A resource type says of each extension whether it is required.", "R-7643-3.3-02")
def type_extensions(scim: Probe) -> None:
    for each in _listed(scim, "/ResourceTypes"):
        for extension in each.get("schemaExtensions") or []:
            require(type(extension.get("required")) is bool, f"required is missing for {extension.get('schema')}")


@schemas.must("listed", "/Schemas is a ListResponse of all schemas.", "R-7644-4-01 R-7643-7-01")
def schemas_listed(scim: Probe) -> None:
    reply = scim.get("/Schemas")
    same(reply.listed["totalResults"], len(reply.resources), "totalResults")
    require(reply.resources, "no schema is listed")


@schemas.must("one", "A schema can be read by its URN.", "R-7644-4-01")
def one_schema(scim: Probe) -> None:
    for each in _listed(scim, "/Schemas"):
        same(scim.get(f"/Schemas/{each['id']}").expect(200).resource, each, f"schema {each['id']}")


@schemas.should("any-case", "The URN in the address ignores case.", "R-7644-3.10-01 C-130")
def schema_any_case(scim: Probe) -> None:
    for each in _listed(scim, "/Schemas")[:1]:
        same(scim.get(f"/Schemas/{each['id'].upper()}").expect(200).resource["id"], each["id"], "id")


@schemas.must("unknown", "A schema that does not exist is answered with 404.", "R-7644-4-01")
def unknown_schema(scim: Probe) -> None:
    scim.get("/Schemas/urn:example:nothing:2.0:Nothing").refused(404)


@schemas.must(
    "attributes",
    "Every attribute has name, type, multiValued, and known words for its characteristics.",
    "R-7643-7-01 R-7643-2.2-01",
)
def schema_attributes(scim: Probe) -> None:
    for each in _listed(scim, "/Schemas"):
        require(each.get("attributes"), f"schema {each.get('id')} has no attributes")
        for attribute in _with_parts(each["attributes"]):
            _sound(attribute)


@schemas.must("not-nested", "A complex attribute has sub-attributes, and none of them is complex.", "R-7643-2.3.8-01")
def not_nested(scim: Probe) -> None:
    for each in _listed(scim, "/Schemas"):
        for attribute in each.get("attributes") or []:
            parts = attribute.get("subAttributes") or []
            same(attribute["type"] == "complex", bool(parts), f"{attribute['name']}: complex, and has sub-attributes")
            nested = [part["name"] for part in parts if part["type"] == "complex" and part["name"] != "subAttributes"]
            same(nested, [], f"complex sub-attributes of {attribute['name']}")


@schemas.must("reference-types", "A reference says what it may refer to.", "R-7643-2.2-15")
def reference_types(scim: Probe) -> None:
    for each in _listed(scim, "/Schemas"):
        for attribute in _with_parts(each.get("attributes") or []):
            if attribute["type"] == "reference":
                require(attribute.get("referenceTypes"), f"{attribute['name']} has no referenceTypes")


@schemas.must(
    "nothing-unlisted",
    "A user shows no attribute that its schemas do not list.",
    "R-7643-7-01 R-7643-2.1-03",
    needs="User User.userName",
)
def nothing_unlisted(scim: Probe) -> None:
    listed = {attribute["name"] for attribute in scim.server.schemas[USER.lower()]["attributes"]}
    came = {name for name in scim.read(scim.user(active=True)) if not name.lower().startswith("urn:")}
    same(sorted(came - listed - {"schemas", "id", "externalId", "meta"}), [], "attributes that no schema lists")


def _with_parts(attributes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for attribute in attributes for each in (attribute, *(attribute.get("subAttributes") or []))]


def _sound(attribute: dict[str, Any]) -> None:
    name = attribute.get("name")
    require(isinstance(name, str) and name, "an attribute has no name")
    require(attribute.get("type") in TYPES, f"{name}: type is {attribute.get('type')!r}")
    require(type(attribute.get("multiValued")) is bool, f"{name}: multiValued is missing or no boolean")
    for characteristic, words in (("mutability", MUTABILITY), ("returned", RETURNED), ("uniqueness", UNIQUENESS)):
        came = attribute.get(characteristic)
        require(came is None or came in words, f"{name}: {characteristic} is {came!r}")


def _as_published(urn: str, name: str, row: dict[str, Any], scim: Probe) -> None:
    """The definition in the server's schema agrees with the RFC's in what the row states."""
    came = scim.server.attribute(urn, name)
    if came is None:
        raise CheckFailed(f"{name} is not listed")
    for characteristic, expected in row.items():
        if characteristic == "parts":
            parts = {part["name"]: part["type"] for part in came.get("subAttributes") or [] if part["name"] in expected}
            same(parts, {part: expected[part] for part in expected if part in parts}, "types of sub-attributes")
            require(parts, f"{name} has none of the sub-attributes {', '.join(expected)}")
        else:
            actual = came.get("multiValued" if characteristic == "many" else characteristic)
            same(actual, expected, f"{characteristic} of {name}")


URNS = {"user": USER, "group": GROUP, "enterprise": ENTERPRISE}
OWNERS = {"user": "User", "group": "Group", "enterprise": "enterprise"}

for table, name, row in rows("characteristics"):
    published.add(
        Level.MUST,
        f"{table}-{name.lower()}",
        f"The schema of {OWNERS[table]} describes {name} as RFC 7643 does.",
        partial(_as_published, URNS[table], name, row),
        "R-7643-7-01",
        needs=f"{OWNERS[table]}.{name}",
    )


@discovery.should("no-filter", "A filter on discovery is refused with 403.", "R-7644-4-02 C-129")
def no_filter(scim: Probe) -> None:
    for path in ("/Schemas", "/ResourceTypes"):
        scim.get(path, filter='name eq "User"').refused(403)


@discovery.must("no-paging", "Paging, sorting and projection of discovery are ignored: all is answered.", "R-7644-4-02")
def no_paging(scim: Probe) -> None:
    for path in ("/Schemas", "/ResourceTypes"):
        whole = scim.get(path).resources
        came = scim.get(path, count="1", startIndex="2", sortBy="name", attributes="name").resources
        same_items(came, whole, f"resources of {path}")


@discovery.must("read-only", "Schemas and resource types cannot be written.", "R-7643-5-03 R-7644-3.2-02")
def discovery_read_only(scim: Probe) -> None:
    for path in ("/Schemas", "/ResourceTypes"):
        for method in ("POST", "DELETE", "PUT"):
            scim.send(method, path, {"schemas": []}).refused(403, 404, 405, 501)


@discovery.must("media-type", "Discovery is answered as application/scim+json, or application/json.", "R-7644-3.8-01")
def media_type(scim: Probe) -> None:
    for path in (CONFIG, "/Schemas", "/ResourceTypes"):
        came = scim.get(path).expect(200).headers.get("Content-Type", "").partition(";")[0]
        require(came in ("application/scim+json", "application/json"), f"Content-Type of {path} is {came}")


@discovery.must("meta", "Discovery resources have meta with resourceType and location.", "R-7643-3.1-01")
def discovery_meta(scim: Probe) -> None:
    for path, kind in (("/Schemas", "Schema"), ("/ResourceTypes", "ResourceType")):
        for each in _listed(scim, path):
            same(each.get("meta", {}).get("resourceType"), kind, "meta.resourceType")
            require(each["meta"].get("location"), "meta.location is missing")


@discovery.must("list-response", "Lists of discovery name the ListResponse schema.", "R-7644-4-01")
def discovery_lists(scim: Probe) -> None:
    for path in ("/Schemas", "/ResourceTypes"):
        same(scim.get(path).expect(200).resource.get("schemas"), [LIST_RESPONSE], f"schemas of {path}")


@discovery.should(
    "no-nulls",
    "What a discovery resource does not say is left out, not null: clients read it by type.",
    "R-7643-2.5-01",
)
def no_nulls(scim: Probe) -> None:
    for path in (CONFIG, "/Schemas", "/ResourceTypes"):
        for place in _nulls(scim.get(path).expect(200).resource):
            raise CheckFailed(f"{path}: {place} is null")


def _nulls(value: Any, place: str = "") -> Iterator[str]:
    """Where a JSON value holds null."""
    if value is None:
        yield place
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield from _nulls(inner, f"{place}.{name}".lstrip("."))
