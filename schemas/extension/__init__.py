"""Schema extensions: EnterpriseUser (RFC 7643 section 4.3) and this server's seats."""
