"""The server behind a pooler of connections: Debian's pgbouncer, which prepares nothing."""
