"""The endpoints, one module per noun; each declares a `Noun` with its functions."""

from scim_server.api.nouns.applications import applications
from scim_server.api.nouns.async_requests import async_requests
from scim_server.api.nouns.audits import audits
from scim_server.api.nouns.cells import cells
from scim_server.api.nouns.chores import chores
from scim_server.api.nouns.connections import connections
from scim_server.api.nouns.credentials import credentials
from scim_server.api.nouns.differences import differences
from scim_server.api.nouns.domains import domains
from scim_server.api.nouns.events import events
from scim_server.api.nouns.groups import groups
from scim_server.api.nouns.histories import histories
from scim_server.api.nouns.imports import imports
from scim_server.api.nouns.invitations import invitations
from scim_server.api.nouns.issuers import issuers
from scim_server.api.nouns.issues import issues
from scim_server.api.nouns.leavers import leavers
from scim_server.api.nouns.logs import logs
from scim_server.api.nouns.mails import mails
from scim_server.api.nouns.me import me
from scim_server.api.nouns.oauth import oauth
from scim_server.api.nouns.oauth_grants import oauth_grants
from scim_server.api.nouns.pending_adds import pending_adds
from scim_server.api.nouns.people import people
from scim_server.api.nouns.products import products
from scim_server.api.nouns.receipts import receipts
from scim_server.api.nouns.removals import removals
from scim_server.api.nouns.reports import reports
from scim_server.api.nouns.roles import roles
from scim_server.api.nouns.rules import rules
from scim_server.api.nouns.seats import seats
from scim_server.api.nouns.secrets import secrets
from scim_server.api.nouns.sessions import sessions
from scim_server.api.nouns.sign_in_providers import sign_in_providers
from scim_server.api.nouns.streams import streams
from scim_server.api.nouns.subscriptions import subscriptions
from scim_server.api.nouns.templates import templates
from scim_server.api.nouns.tenants import tenants
from scim_server.api.nouns.tokens import tokens
from scim_server.api.nouns.transfers import transfers
from scim_server.api.nouns.undoing import undo
from scim_server.api.nouns.users import users
from scim_server.api.nouns.webhooks import webhooks

NOUNS = (
    tenants,
    cells,
    domains,
    connections,
    tokens,
    credentials,
    issuers,
    sign_in_providers,
    oauth,
    oauth_grants,
    products,
    subscriptions,
    rules,
    templates,
    roles,
    users,
    people,
    leavers,
    receipts,
    pending_adds,
    groups,
    seats,
    invitations,
    transfers,
    imports,
    sessions,
    applications,
    webhooks,
    streams,
    mails,
    reports,
    events,
    issues,
    removals,
    differences,
    audits,
    logs,
    async_requests,
    histories,
    undo,
    chores,
    secrets,
    me,
)
"""Every noun, in the order in which the document lists them."""
ENDPOINTS = tuple(endpoint for noun in NOUNS for endpoint in noun)
