"""The endpoints, one module per noun; each declares a `Noun` with its functions."""

from scim_server.api.nouns.chores import chores
from scim_server.api.nouns.connections import connections
from scim_server.api.nouns.products import products
from scim_server.api.nouns.roles import roles
from scim_server.api.nouns.subscriptions import subscriptions
from scim_server.api.nouns.templates import templates
from scim_server.api.nouns.tenants import tenants
from scim_server.api.nouns.tokens import tokens

NOUNS = (tenants, connections, tokens, products, subscriptions, templates, roles, chores)
"""Every noun, in the order in which the document lists them."""
ENDPOINTS = tuple(endpoint for noun in NOUNS for endpoint in noun)
