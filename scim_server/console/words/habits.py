"""The habits of clients in words, by name, as docs/dialects.md has them."""

from collections.abc import Mapping

from flask_babel import LazyString, lazy_gettext

HABITS: Mapping[str, LazyString] = {
    "keyword-case": lazy_gettext("the keywords of a PATCH in other letter case"),
    "extra-keys": lazy_gettext("a PATCH or its operations with members that the RFC does not know"),
    "op-case": lazy_gettext("Add, Replace and Remove with a capital letter"),
    "null-path": lazy_gettext("a path of null in an operation that has none"),
    "empty-operations": lazy_gettext("a PATCH without operations, meant to change nothing"),
    "missing-schemas": lazy_gettext("a message or resource without schemas"),
    "unknown-schemas": lazy_gettext("unknown or mistyped URNs in schemas"),
    "parameter-case": lazy_gettext("query parameters in other letter case"),
    "projection-filter": lazy_gettext("a value filter in the list of attributes to return"),
    "dot-after-urn": lazy_gettext("a dot instead of a colon between the URN of a schema and the attribute"),
    "short-names": lazy_gettext("an attribute of an extension without the extension's URN, where only one has it"),
    "read-only-members": lazy_gettext("members that only the server sets in the value of a PATCH without path"),
    "dotted-keys": lazy_gettext("keys that are paths, such as name.givenName, in a value without path or in a body"),
    "bare-words": lazy_gettext("words without quotes in filters, True and Null with capital letters among them"),
    "boolean-literals": lazy_gettext('"True" and "False" as texts where a filter or path compares a boolean'),
    "trailing-sub-attribute": lazy_gettext("a sub-attribute behind the bracket of a filter, as in a PATCH path"),
    "boolean-text": lazy_gettext('"True" and "False" as text for a boolean attribute'),
    "bare-manager": lazy_gettext("the manager as bare text or in an array instead of an object"),
    "single-element": lazy_gettext("one object where a list of them is due"),
    "empty-text": lazy_gettext("empty texts in the value of a PATCH, meant to clear"),
    "bare-element": lazy_gettext("members, roles or entitlements as bare texts instead of objects"),
    "json-assignment": lazy_gettext("a role whose value is the JSON text of an object"),
    "display-alias": lazy_gettext("displayName instead of display in members, roles or entitlements"),
    "unknown-attributes": lazy_gettext("attributes that no schema of the resource type knows"),
    "remove-by-value": lazy_gettext("a remove that lists the values to remove beside the path"),
    "null-clears": lazy_gettext("null in an add or inside chosen elements, meant to clear what may not even be there"),
    "missing-element": lazy_gettext("a replace inside an element that may not be there yet"),
    "element-type": lazy_gettext("a replace of the element of a type by one that does not repeat the type"),
}
"""What the client writes otherwise than RFC 7644 has it."""
