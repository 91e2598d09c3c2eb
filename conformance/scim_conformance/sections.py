"""The sections that checks are grouped by, in report order: a document and a section of it, or a theme."""

from collections.abc import Mapping

SECTIONS: Mapping[str, str] = {
    "7643-2.1": "Attributes",
    "7643-2.2": "Attribute characteristics",
    "7643-2.3": "Attribute data types",
    "7643-2.4": "Multi-valued attributes",
    "7643-2.5": "Unassigned and null values",
    "7643-3": "Resources and the schemas attribute",
    "7643-3.1": "Common attributes",
    "7643-3.3": "Schema extensions",
    "7643-4.1": "User",
    "7643-4.2": "Group",
    "7643-4.3": "Enterprise user extension",
    "7643-5": "Service provider configuration",
    "7643-6": "Resource types",
    "7643-7": "Schemas",
    "7643-8.7": "Published characteristics",
    "7643-9": "Passwords",
    "7644-2": "Authentication",
    "7644-3.1": "Messages",
    "7644-3.2": "Endpoints and methods",
    "7644-3.3": "Creating",
    "7644-3.4.1": "Retrieving a resource",
    "7644-3.4.2": "Querying",
    "7644-3.4.2.1": "Query endpoints",
    "7644-3.4.2.2": "Filtering",
    "7644-3.4.2.3": "Sorting",
    "7644-3.4.2.4": "Paging by index",
    "7644-3.4.3": "Querying with POST",
    "7644-3.5.1": "Replacing with PUT",
    "7644-3.5.2": "Modifying with PATCH",
    "7644-3.5.2.1": "PATCH add",
    "7644-3.5.2.2": "PATCH remove",
    "7644-3.5.2.3": "PATCH replace",
    "7644-3.6": "Deleting",
    "7644-3.7": "Bulk",
    "7644-3.8": "Data formats",
    "7644-3.9": "Projection",
    "7644-3.10": "Attribute notation",
    "7644-3.11": "/Me",
    "7644-3.12": "Errors",
    "7644-3.13": "Protocol version",
    "7644-3.14": "Versions of resources",
    "7644-4": "Discovery",
    "7644-5": "Internationalised strings",
    "7644-6": "Multi-tenancy",
    "7644-7": "Security",
    "9865-2": "Cursor paging",
    "9865-3": "Cursors in POST queries",
    "9865-4": "Advertising cursors",
    "9967-2.5.1": "Asynchronous requests",
    "9967-4": "Advertising security events",
    "9110-9": "HTTP methods",
    "9110-13": "HTTP conditions",
    "roles-3": "Roles and entitlements (draft)",
    "hostile": "Hostile input",
}
"""Key to title. Keys are what a selection on the command line matches, by whole components."""


def name_of(section: str) -> str:
    """What people call it: `RFC 7644 section 3.3, Creating`."""
    document, dash, number = section.partition("-")
    if not dash:
        return SECTIONS[section]
    source = f"RFC {document}" if document.isdigit() else f"draft-ietf-scim-{document}-entitlements"
    return f"{source} section {number}, {SECTIONS[section]}"


def is_within(section: str, selected: str) -> bool:
    """Whether a section is the selected one or inside it: 7644-3.4.2 is within 7644-3.4 and 7644, not 7644-3.40."""
    return section == selected or section.startswith((f"{selected}.", f"{selected}-"))
