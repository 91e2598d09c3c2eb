"""RFC 7643 section 6: which schemas make up which resource type, and where it is served."""
