"""Flask blueprint for SCIM: decode, call, encode."""
