"""RFC 7644: the protocol messages, described in the same schema language."""
