"""RFC 7643 section 8.7: core schemas, errata applied, and the common attributes of section 3.1."""
