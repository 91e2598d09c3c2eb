"""The service provider: SCIM resource types served from the domain."""
