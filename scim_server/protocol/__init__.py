"""RFC 7643 and RFC 7644 without I/O: values in, values out. Knows no product."""
