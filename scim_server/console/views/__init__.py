"""The pages, one module per subject; each declares a `Section` with its functions."""

from scim_server.console.views.audits import audits
from scim_server.console.views.overviews import overviews
from scim_server.console.views.people import people
from scim_server.console.views.provisioning_logs import logs
from scim_server.console.views.tenants import tenants
from scim_server.console.views.undoing import changes
from scim_server.console.views.verifications import verifications

SECTIONS = (
    overviews,
    people,
    logs,
    audits,
    changes,
    verifications,
    tenants,
)
"""Every section, in the order of the navigation."""
PAGES = tuple(page for section in SECTIONS for page in section)
