"""The endpoints, one module per noun; each declares a `Noun` with its functions."""

from scim_server.api.nouns.products import products
from scim_server.api.nouns.tokens import tokens

NOUNS = (products, tokens)
"""Every noun, in the order in which the document lists them."""
ENDPOINTS = tuple(endpoint for noun in NOUNS for endpoint in noun)
