"""The endpoints, one module per noun; each declares a `Noun` with its functions."""

from scim_server.api.nouns.audits import audits
from scim_server.api.nouns.differences import differences
from scim_server.api.nouns.issues import issues
from scim_server.api.nouns.logs import logs
from scim_server.api.nouns.products import products
from scim_server.api.nouns.removals import removals
from scim_server.api.nouns.tokens import tokens

NOUNS = (products, tokens, issues, removals, differences, audits, logs)
"""Every noun, in the order in which the document lists them."""
ENDPOINTS = tuple(endpoint for noun in NOUNS for endpoint in noun)
