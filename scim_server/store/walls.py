"""The second wall between tenants on PostgreSQL: row-level security that the application cannot lift.

`raise_walls` runs after every upgrade of the schema. The application takes the role `scim_app`, which owns nothing, as
it connects (`store/databases.py`), and each of its transactions names the tenants it reaches in `scim.tenant`. A
transaction that names none sees no row, and neither does the owner of the tables.
"""

from sqlalchemy import Connection

from scim_server.domain.errors import Unprivileged

ROLE = "scim_app"
OPERATOR = "*"
"""Reaches every tenant."""

OPEN = frozenset({"addresses", "unique_values", "idempotent_requests"})
"""Tables with a tenant_id that no wall is in: what is unique across tenants, and what the operator asked for."""

_MAKE_ROLE = f"""
DO $$
DECLARE
    wanted text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
            CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF NOT pg_has_role(session_user, '{ROLE}', wanted) THEN
        EXECUTE format('GRANT {ROLE} TO %%I', session_user);
    END IF;
END $$
"""
"""Roles belong to the whole cluster, so another database's upgrade may have made it a moment ago."""

_IS_ALLOWED = """
SELECT pg_has_role(session_user, rolname, 'MEMBER') FROM pg_roles WHERE rolname = 'scim_app'
UNION ALL SELECT false LIMIT 1
"""
_MAY_MAKE_ROLES = "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = session_user"

_TO_DECLARE = """
SELECT format('ALTER FUNCTION %%s LEAKPROOF', oid::regprocedure) FROM pg_proc
WHERE oid = ANY ('{"jsonb_contains(jsonb,jsonb)","textlike(text,text)"}'::regprocedure[]) AND NOT proleakproof
    AND (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
"""
"""PostgreSQL looks at no row with a function that might tell of it before the wall has let the row pass, so an index
that needs one helps no filter. These two tell nothing of what they compare. Only a superuser may say so."""

_TABLES = """
SELECT relname,
    has_table_privilege('scim_app', oid, 'DELETE') OR relispartition AS is_settled,
    relforcerowsecurity AS is_walled,
    EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped
    ) AS has_tenant
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
"""

_GAPS = """
SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND (relname = 'tenants' OR EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'tenant_id' AND NOT attisdropped
    ))
    AND CASE WHEN relispartition THEN has_table_privilege('scim_app', oid, 'SELECT') ELSE true END
    AND NOT (relrowsecurity AND relforcerowsecurity AND (
        SELECT count(*) = 1 AND bool_and(polname = 'tenant_wall') FROM pg_policy WHERE polrelid = pg_class.oid
    ))
ORDER BY relname
"""
"""Tables without a wall, or with a second policy, by which rows may come that the first one keeps."""
_CLOSED = """
SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    AND NOT relispartition AND NOT (
        SELECT bool_and(has_table_privilege('scim_app', pg_class.oid, wanted))
        FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS wanted
    )
ORDER BY relname
"""


def gaps(connection: Connection) -> list[str]:
    """The tables in which nothing keeps one tenant from the rows of another, and should."""
    return [name for name in connection.exec_driver_sql(_GAPS).scalars() if name not in OPEN]


def closed(connection: Connection) -> list[str]:
    """The tables that the role of the application may not use."""
    return list(connection.exec_driver_sql(_CLOSED).scalars())


def raise_walls(connection: Connection) -> None:
    """Make the role and the policies, for all tables there are. Raises Unprivileged where the login may not.

    The schema's owner stays the login that migrates; nothing else of it goes to the application's role, which reaches
    partitions through their table alone: the wall that a query goes by is that of the table it names. Where that
    login is no superuser, filters on attributes that have no column of their own read the whole tenant.
    """
    if (
        not connection.exec_driver_sql(_IS_ALLOWED).scalar()
        and not connection.exec_driver_sql(_MAY_MAKE_ROLES).scalar()
    ):
        login = connection.exec_driver_sql("SELECT quote_ident(session_user)").scalar()
        raise Unprivileged(
            f"the login {login} may not make the role {ROLE}: CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {login}"
        )
    connection.exec_driver_sql(_MAKE_ROLE)
    for (statement,) in connection.exec_driver_sql(_TO_DECLARE).all():
        connection.exec_driver_sql(statement)
    schema = connection.exec_driver_sql("SELECT quote_ident(current_schema())").scalar()
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA {schema} TO {ROLE}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {ROLE}")
    for table in connection.exec_driver_sql(_TABLES).mappings().all():
        name = table["relname"]
        if not table["is_settled"]:
            connection.exec_driver_sql(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{name}" TO {ROLE}')
        column = "id" if name == "tenants" else "tenant_id" if table["has_tenant"] and name not in OPEN else None
        if column is not None and not table["is_walled"]:
            wall(connection, name, column)


def wall(connection: Connection, table: str, column: str) -> None:
    """Raise the wall in a table, whose rows the column says the tenant of.

    The setting is read once for a statement, not once for a row; it may name two tenants, for a crossing.
    """
    reached = "(SELECT current_setting('scim.tenant', true))"
    several = "(SELECT string_to_array(current_setting('scim.tenant', true), ','))"
    for statement in (
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY tenant_wall ON "{table}" USING '
        f"({column} = ANY ({several}::text[]) OR {reached} = '{OPERATOR}')",
    ):
        connection.exec_driver_sql(statement)
