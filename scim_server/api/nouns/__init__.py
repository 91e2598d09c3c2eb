"""The endpoints, one module per noun; each declares a `Noun` with its functions."""

from scim_server.api.nouns.applications import applications
from scim_server.api.nouns.groups import groups
from scim_server.api.nouns.histories import histories
from scim_server.api.nouns.imports import imports
from scim_server.api.nouns.mails import mails
from scim_server.api.nouns.me import me
from scim_server.api.nouns.products import products
from scim_server.api.nouns.reports import reports
from scim_server.api.nouns.seats import seats
from scim_server.api.nouns.sessions import sessions
from scim_server.api.nouns.tokens import tokens
from scim_server.api.nouns.undoing import undo
from scim_server.api.nouns.users import users

NOUNS = (products, users, groups, imports, seats, tokens, sessions, applications, mails, reports, undo, histories, me)
"""Every noun, in the order in which the document lists them."""
ENDPOINTS = tuple(endpoint for noun in NOUNS for endpoint in noun)
