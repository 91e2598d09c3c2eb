"""The pages, one module per subject; each declares a `Section` with its functions."""

from scim_server.console.views.groups import groups
from scim_server.console.views.overviews import overviews
from scim_server.console.views.people import people
from scim_server.console.views.roles import roles
from scim_server.console.views.rule_edits import rule_edits
from scim_server.console.views.rules import rules
from scim_server.console.views.settings_templates import settings_templates
from scim_server.console.views.tenants import tenants

SECTIONS = (
    overviews,
    people,
    groups,
    rules,
    rule_edits,
    settings_templates,
    roles,
    tenants,
)
"""Every section, in the order of the navigation."""
PAGES = tuple(page for section in SECTIONS for page in section)
