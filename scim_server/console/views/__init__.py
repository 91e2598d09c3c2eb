"""The pages, one module per subject; each declares a `Section` with its functions."""

from scim_server.console.views.imports import imports
from scim_server.console.views.overviews import overviews
from scim_server.console.views.people import people
from scim_server.console.views.tenants import tenants

SECTIONS = (
    overviews,
    people,
    imports,
    tenants,
)
"""Every section, in the order of the navigation."""
PAGES = tuple(page for section in SECTIONS for page in section)
