"""The endpoints, one module per noun; each declares a `Noun` with its functions."""

from scim_server.api.nouns.invitations import invitations
from scim_server.api.nouns.leavers import leavers
from scim_server.api.nouns.pending_adds import pending_adds
from scim_server.api.nouns.people import people
from scim_server.api.nouns.products import products
from scim_server.api.nouns.rules import rules
from scim_server.api.nouns.tokens import tokens
from scim_server.api.nouns.transfers import transfers
from scim_server.api.nouns.users import users

NOUNS = (products, rules, users, people, leavers, pending_adds, invitations, transfers, tokens)
"""Every noun, in the order in which the document lists them."""
ENDPOINTS = tuple(endpoint for noun in NOUNS for endpoint in noun)
