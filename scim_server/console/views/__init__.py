"""The pages, one module per subject; each declares a `Section` with its functions."""

from scim_server.console.views import (  # noqa: F401 declare pages of connections, settings and the operator
    api_tokens,
    clients,
    credentials,
    diagnoses,
    domains,
    mail_texts,
    operations,
    providers,
    sign_in_providers,
    streams,
    webhooks,
)
from scim_server.console.views.audits import audits
from scim_server.console.views.connections import connections
from scim_server.console.views.edits import edits
from scim_server.console.views.groups import groups
from scim_server.console.views.held_seats import held_seats
from scim_server.console.views.imports import imports
from scim_server.console.views.invitations import invitations
from scim_server.console.views.issues import issues
from scim_server.console.views.leavers import leavers
from scim_server.console.views.newcomers import newcomers
from scim_server.console.views.overviews import overviews
from scim_server.console.views.people import people
from scim_server.console.views.persons import persons
from scim_server.console.views.places import places
from scim_server.console.views.privileges import privileges
from scim_server.console.views.provisioning_logs import logs
from scim_server.console.views.reports import reports
from scim_server.console.views.roles import roles
from scim_server.console.views.rule_edits import rule_edits
from scim_server.console.views.rules import rules
from scim_server.console.views.selections import selections
from scim_server.console.views.settings import settings
from scim_server.console.views.settings_templates import settings_templates
from scim_server.console.views.subscriptions import subscriptions
from scim_server.console.views.tenants import tenants
from scim_server.console.views.transfers import transfers
from scim_server.console.views.undoing import changes
from scim_server.console.views.verifications import verifications

SECTIONS = (
    overviews,
    people,
    persons,
    edits,
    selections,
    privileges,
    transfers,
    newcomers,
    leavers,
    invitations,
    groups,
    rules,
    rule_edits,
    settings_templates,
    imports,
    subscriptions,
    places,
    held_seats,
    issues,
    reports,
    connections,
    roles,
    logs,
    audits,
    changes,
    verifications,
    settings,
    tenants,
)
"""Every section, in the order of the navigation."""
PAGES = tuple(page for section in SECTIONS for page in section)
