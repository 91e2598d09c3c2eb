"""A self-hosted SCIM 2.0 service provider that turns provisioning into seats."""
