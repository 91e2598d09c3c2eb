"""Asynchronous requests that wait, and what came of them."""

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Table, UniqueConstraint, text

from scim_server.store.tables.columns import BYTES, DOCUMENT, metadata, of_tenant, required

async_requests = Table(
    "async_requests",
    metadata,
    *of_tenant("id"),
    required("actor"),
    required("number", Integer()),
    required("method"),
    required("path"),
    required("headers", DOCUMENT),
    required("body"),
    Column("operations", Integer()),
    required("accepted"),
    required("due"),
    required("attempts", Integer()),
    Column("trouble", BYTES),
    Column("lease", BYTES),
    Column("holder", BYTES),
    Column("finished", BYTES),
    Column("token_id", BYTES),
    Column("cancelled", BYTES),
    Column("size", Integer(), nullable=False, server_default=text("0")),
    UniqueConstraint("tenant_id", "actor", "number"),
    Index(
        "ix_async_requests_waiting",
        "tenant_id",
        "actor",
        "number",
        sqlite_where=text("finished IS NULL"),
        postgresql_where=text("finished IS NULL"),
    ),
)
"""Somebody carries it out, whose `holder` it says until `lease`. The body is empty where there was none, and once it is
finished; `size` is how many bytes it had, sealed."""

async_results = Table(
    "async_results",
    metadata,
    *of_tenant("request_id", "number", types={"number": Integer()}),
    required("data", DOCUMENT),
    ForeignKeyConstraint(["tenant_id", "request_id"], ["async_requests.tenant_id", "async_requests.id"]),
)
"""One for each request, or for each operation of a Bulk, written with the change: what has one is not done again."""
